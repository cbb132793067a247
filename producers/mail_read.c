/*
 * soundings-mail-read: what soundings-mail runs for each message. It reads
 * the message from standard input and sees it acknowledged.
 *
 * It links as little as that takes, since most of its time is spent in
 * being linked; everything else is in soundings-mail-show. It answers 0 or
 * 75, whatever happens: to a mail system anything else means "return it to
 * its sender".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

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

int main(int argc, char *argv[])
{
	struct mail_options opt;
	int status = mail_options_read(argc, argv, &opt);
	char path[SDG_PATH_MAX];

	if (status >= 0)
		return status;
	if (opt.dry_run || opt.maildir || opt.mbox || opt.approved ||
	    may_be_note(&opt)) {
		if (sdg_program_path("soundings-mail-show", path, NULL) == 0)
			execv(path, argv);
		return EX_TEMPFAIL;
	}
	return mail_take(&opt, STDIN_FILENO, mail_send_one);
}
