/*
 * keys: the secrets of an installation, and what is done with them.
 *
 * The keys directory holds
 *
 *	check.key	proves that a record is the one that was written
 *	id.key		turns an identity into an event's id
 *	pseudonym.key	turns an address into a pseudonym
 *	text-YYYY-MM.key	seals the text received in that month; after
 *				a rotation text-YYYY-MM-2.key does, and the
 *				older one still opens
 *
 * The first three, and the workers' CURVE pair, may come from systemd instead
 * (sdg_credential_path), so that the folder need not hold them.
 *
 * Each is random bytes, made whole (temporary name, fsync, link, fsync of
 * the folder) before its first use, mode 0400, never overwritten: two
 * processes that make the same key at once end with the same one. The first
 * three are never replaced, since a new pseudonym key would make every
 * member two; dropping a text key erases its month. A file dropped-YYYY-MM,
 * empty, says that this was done: no other key is made for that month.
 */
#ifndef SOUNDINGS_KEYS_H
#define SOUNDINGS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/text.h>

#define SDG_PSEUDONYM_SIZE 16
#define SDG_FINGERPRINT_SIZE 16
/* What sealing adds: a nonce in front, a tag behind. */
#define SDG_SEAL_EXTRA 40

struct sdg_keys;

/**
 * sdg_keys_open - read the three lasting keys in @dir
 * @create: make those that are missing, and the directory
 *
 * Return 0, or SDG_ENOTFOUND (a key is missing), SDG_EINVAL (a file that is
 * not a key), SDG_EIO. The caller closes with sdg_keys_close().
 */
int sdg_keys_open(const char *dir, bool create, struct sdg_keys **out,
		  struct sdg_error *err);
/** sdg_keys_close - forget the keys; NULL is allowed */
void sdg_keys_close(struct sdg_keys *keys);

/** sdg_keys_fingerprint - says which keys these are without giving them */
void sdg_keys_fingerprint(const struct sdg_keys *keys,
			  uint8_t out[SDG_FINGERPRINT_SIZE]);

/** sdg_keys_check - SipHash-2-4 of @data under check.key */
uint64_t sdg_keys_check(const struct sdg_keys *keys, const void *data,
			size_t len);

/** sdg_keys_event - the hash half of an event id, from its identity */
void sdg_keys_event(const struct sdg_keys *keys, const uint8_t identity[32],
		    uint8_t out[12]);

/**
 * sdg_keys_pseudonym - who @value is, without saying it
 * @kind: keeps an address from being mistaken for a number, and so on
 */
void sdg_keys_pseudonym(const struct sdg_keys *keys, char kind,
			struct sdg_str value, uint8_t out[SDG_PSEUDONYM_SIZE]);

/**
 * sdg_keys_seal - XChaCha20-Poly1305 under the text key of @month
 * @month: year * 12 + month (0 to 11); its key is made where there is none,
 *         and never was one that was dropped
 * @about: 16 bytes bound to the text but not part of it: the event's id
 * @out:   room for @len + SDG_SEAL_EXTRA bytes
 *
 * Return 0, or SDG_ENOTFOUND (its key was dropped), SDG_EAGAIN (no room
 * for a key), SDG_EIO, SDG_ENOMEM.
 */
int sdg_keys_seal(struct sdg_keys *keys, uint32_t month,
		  const uint8_t about[16], const void *text, size_t len,
		  uint8_t *out, struct sdg_error *err);

/**
 * sdg_keys_unseal - the reverse; @len counts SDG_SEAL_EXTRA
 *
 * Return 0, or SDG_ENOTFOUND (the month's key was dropped: what was sealed
 * under it is erased), SDG_EDAMAGED (not what was sealed), SDG_EIO.
 */
int sdg_keys_unseal(struct sdg_keys *keys, uint32_t month,
		    const uint8_t about[16], const uint8_t *sealed, size_t len,
		    uint8_t *out, struct sdg_error *err);

/**
 * sdg_keys_ready - read what opens the texts of @month
 *
 * Of months that are ready several threads may unseal at once, as long as
 * nobody asks anything else of @keys. Errors as sdg_keys_unseal().
 */
int sdg_keys_ready(struct sdg_keys *keys, uint32_t month,
		   struct sdg_error *err);
/** sdg_keys_at_hand - is @month ready? Then sdg_keys_ready() changes nothing,
 *  and may be asked while others unseal */
bool sdg_keys_at_hand(const struct sdg_keys *keys, uint32_t month);

/** sdg_keys_rotate - what is received in @month from now on is sealed under
 *  a new key; what was sealed before still opens */
int sdg_keys_rotate(struct sdg_keys *keys, uint32_t month,
		    struct sdg_error *err);
/** sdg_keys_refresh - follow what others made or dropped in the folder; one
 *  stat() when it is as it was */
void sdg_keys_refresh(struct sdg_keys *keys);
/** sdg_keys_note_dropped - before the keys of @month in @dir are dropped: no
 *  other is made for it */
int sdg_keys_note_dropped(const char *dir, uint32_t month,
			  struct sdg_error *err);
/** sdg_keys_month_of - the month of a text key by its file's name, or -1 */
int sdg_keys_month_of(const char *name);

#endif
