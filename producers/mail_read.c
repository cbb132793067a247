/*
 * soundings-mail-read: what soundings-mail runs for each message. It reads
 * the message from standard input and sees it acknowledged.
 *
 * It links as little as that takes, since most of its time is spent in
 * being linked; everything else is in soundings-mail-show. It answers 0 or
 * 75, whatever happens: to a mail system anything else means "return it to
 * its sender".
 */
#include <sysexits.h>
#include <unistd.h>

#include "mail_read.h"

int main(int argc, char *argv[])
{
	struct mail_options opt;
	int status = mail_options_read(argc, argv, &opt);
	char path[SDG_PATH_MAX];

	if (status >= 0)
		return status;
	if (opt.dry_run || opt.maildir || opt.mbox) {
		if (sdg_program_path("soundings-mail-show", path, NULL) == 0)
			execv(path, argv);
		return EX_TEMPFAIL;
	}
	return mail_take(&opt, STDIN_FILENO, mail_send_one);
}
