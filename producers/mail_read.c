/*
 * soundings-mail-read: what soundings-mail runs for each message. It reads
 * the message from standard input and sees it acknowledged.
 *
 * It links as little as that takes, since most of its time would be spent in
 * being linked; everything else is in soundings-mail-show, and a message
 * that wants it (a note, a letter as a Word document) is handed on to it. It
 * answers 0 or 75, whatever happens: to a mail system anything else means
 * "return it to its sender".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "mail.h"
#include "mail_read.h"

/* Whether it may have come to the address for notes: the configuration says,
 * and reading that properly, and then a note, is more than we link. */
static bool may_be_note(const struct mail_options *opt)
{
	const char *recipient = opt->settings.recipient;
	const char *named = getenv("SOUNDINGS_CONFIG");
	char path[SDG_PATH_MAX + 32], *text = NULL;
	size_t local = recipient ? strcspn(recipient, "+@") : 0, len;
	bool may;

	if (local == 0)
		return false;
	if (local == 5 && strncasecmp(recipient, "notes", 5) == 0)
		return true;
	snprintf(path, sizeof(path), "%s/soundings.yaml", opt->home.root);
	if (sdg_read_file(named && *named ? named : path, 65536, &text, &len,
			  NULL) < 0 &&
	    sdg_read_file("/etc/soundings/soundings.yaml", 65536, &text, &len,
			  NULL) < 0)
		return false;
	may = strstr(text, "notes-address:") != NULL;
	free(text);
	return may;
}

/* Returns only when it cannot be had. */
static int hand_on(const struct mail_options *opt)
{
	char path[SDG_PATH_MAX];

	if (sdg_program_path("soundings-mail-show", path, NULL) == 0)
		execv(path, opt->argv);
	return EX_TEMPFAIL;
}

/* A .docx is an archive, and opening one more than we link. Its first bytes
 * are told in every encoding that mail has; its name may be in many. */
static bool has_archive(const struct mail_job *job)
{
	static const char *const begins[] = { "UEsDB", "PK\003\004", "PK=03=04",
					      "M4$L#!" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (memmem(job->raw, job->len, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static int send_or_hand_on(struct mail_options *opt, const struct mail_job *job,
			   struct sdg_error *err)
{
	/* Who comes after us reads it again, where it can be read again. */
	if (!has_archive(job) || lseek(STDIN_FILENO, 0, SEEK_SET) != 0)
		return mail_send_one(opt, job, err);
	hand_on(opt);
	return sdg_fail(err, SDG_EAGAIN, "soundings-mail-show is not there");
}

/* Not here: the child of a program that could, in mail_docx.c, reads it. */
bool mail_docx_text(struct mail_lines *lines, struct sdg_str bytes)
{
	(void)lines;
	(void)bytes;
	return false;
}

int main(int argc, char *argv[])
{
	struct mail_options opt;
	int status = mail_options_read(argc, argv, &opt);

	if (status >= 0)
		return status;
	if (opt.dry_run || opt.maildir || opt.mbox || opt.approved ||
	    may_be_note(&opt))
		return hand_on(&opt);
	opt.last = true;
	return mail_take(&opt, STDIN_FILENO, send_or_hand_on);
}
