/*
 * mail_absent: what GMime and ZeroMQ can do and a mail hook never asks for.
 *
 * soundings-mail-read carries its libraries inside it (cmake/Hook.cmake),
 * since being linked at run time took most of a message's time. What they
 * in turn would need for decrypting, multicast or Kerberos is left out: the
 * linker gets these names, and a call, were there ever one, ends the
 * process. The hook answers that with 75, or by setting the message aside.
 */
#include <stdlib.h>

#define ABSENT(name)                                                           \
	void name(void);                                                       \
	void name(void)                                                        \
	{                                                                      \
		abort();                                                       \
	}

/* Asked at the start, whatever is done afterwards. */
const char *gpgme_check_version_internal(const char *wanted, size_t offset);
const char *gpgme_check_version_internal(const char *wanted, size_t offset)
{
	(void)wanted;
	(void)offset;
	return NULL;
}

int pgm_init(void *error);
int pgm_init(void *error)
{
	(void)error;
	return 1; /* done */
}

int pgm_shutdown(void);
int pgm_shutdown(void)
{
	return 1;
}

/* gpgme: encrypted and signed mail is flagged, never opened */
ABSENT(gpgme_data_new_from_cbs)
ABSENT(gpgme_data_release)
ABSENT(gpgme_engine_check_version)
ABSENT(gpgme_get_key)
ABSENT(gpgme_get_keylist_mode)
ABSENT(gpgme_get_protocol)
ABSENT(gpgme_key_unref)
ABSENT(gpgme_new)
ABSENT(gpgme_op_decrypt)
ABSENT(gpgme_op_decrypt_result)
ABSENT(gpgme_op_decrypt_verify)
ABSENT(gpgme_op_encrypt)
ABSENT(gpgme_op_encrypt_sign)
ABSENT(gpgme_op_export_ext)
ABSENT(gpgme_op_import)
ABSENT(gpgme_op_import_result)
ABSENT(gpgme_op_keylist_end)
ABSENT(gpgme_op_keylist_next)
ABSENT(gpgme_op_keylist_start)
ABSENT(gpgme_op_sign)
ABSENT(gpgme_op_sign_result)
ABSENT(gpgme_op_verify)
ABSENT(gpgme_op_verify_result)
ABSENT(gpgme_release)
ABSENT(gpgme_set_armor)
ABSENT(gpgme_set_ctx_flag)
ABSENT(gpgme_set_keylist_mode)
ABSENT(gpgme_set_offline)
ABSENT(gpgme_set_passphrase_cb)
ABSENT(gpgme_set_protocol)
ABSENT(gpgme_set_textmode)
ABSENT(gpgme_signers_add)
ABSENT(gpgme_signers_clear)
ABSENT(gpgme_strerror)

/* GLib's I/O library: GMime streams over its files */
ABSENT(g_file_append_to)
ABSENT(g_file_get_type)
ABSENT(g_file_read)
ABSENT(g_input_stream_close)
ABSENT(g_input_stream_read)
ABSENT(g_output_stream_close)
ABSENT(g_output_stream_flush)
ABSENT(g_output_stream_write_all)
ABSENT(g_seekable_get_type)
ABSENT(g_seekable_seek)
ABSENT(g_seekable_tell)

/* libidn2: host names in letters other than ours */
ABSENT(idn2_free)
ABSENT(idn2_to_ascii_8z)
ABSENT(idn2_to_unicode_8z8z)

/* GSSAPI: a way for ZeroMQ to know who is there */
ABSENT(gss_accept_sec_context)
ABSENT(gss_acquire_cred)
ABSENT(gss_delete_sec_context)
ABSENT(gss_display_name)
ABSENT(gss_import_name)
ABSENT(gss_init_sec_context)
ABSENT(gss_release_buffer)
ABSENT(gss_release_cred)
ABSENT(gss_release_name)
ABSENT(gss_unwrap)
ABSENT(gss_wrap)

/* libpgm and NORM: multicast */
ABSENT(pgm_bind3)
ABSENT(pgm_close)
ABSENT(pgm_connect)
ABSENT(pgm_error_free)
ABSENT(pgm_free)
ABSENT(pgm_freeaddrinfo)
ABSENT(pgm_getaddrinfo)
ABSENT(pgm_getsockopt)
ABSENT(pgm_gsi_create_from_data)
ABSENT(pgm_recvmsgv)
ABSENT(pgm_send)
ABSENT(pgm_setsockopt)
ABSENT(pgm_socket)
ABSENT(NormCreateInstance)
ABSENT(NormCreateSession)
ABSENT(NormDestroyInstance)
ABSENT(NormDestroySession)
ABSENT(NormGetDescriptor)
ABSENT(NormGetNextEvent)
ABSENT(NormGetRandomSessionId)
ABSENT(NormIsUnicastAddress)
ABSENT(NormNodeDelete)
ABSENT(NormObjectGetType)
ABSENT(NormObjectGetUserData)
ABSENT(NormObjectSetUserData)
ABSENT(NormSetCongestionControl)
ABSENT(NormSetDefaultSyncPolicy)
ABSENT(NormSetDefaultUnicastNack)
ABSENT(NormSetLoopback)
ABSENT(NormSetMulticastInterface)
ABSENT(NormSetRxPortReuse)
ABSENT(NormSetTTL)
ABSENT(NormStartReceiver)
ABSENT(NormStartSender)
ABSENT(NormStopInstance)
ABSENT(NormStopReceiver)
ABSENT(NormStopSender)
ABSENT(NormStreamFlush)
ABSENT(NormStreamOpen)
ABSENT(NormStreamRead)
ABSENT(NormStreamSeekMsgStart)
ABSENT(NormStreamWrite)

/* Their constants. */
extern const void *const GSS_C_NT_HOSTBASED_SERVICE;
const void *const GSS_C_NT_HOSTBASED_SERVICE = NULL;
extern const void *const GSS_C_NT_USER_NAME;
const void *const GSS_C_NT_USER_NAME = NULL;
extern const void *const NORM_INSTANCE_INVALID;
const void *const NORM_INSTANCE_INVALID = NULL;
extern const void *const NORM_NODE_ANY;
const void *const NORM_NODE_ANY = NULL;
extern const void *const NORM_OBJECT_INVALID;
const void *const NORM_OBJECT_INVALID = NULL;
extern const void *const NORM_SESSION_INVALID;
const void *const NORM_SESSION_INVALID = NULL;
