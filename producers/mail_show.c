/*
 * soundings-mail-show: what becomes of a message (--dry-run, --explain), the
 * taking in of a whole Maildir or mbox, and of a note to notes@.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <soundings/classify.h>

#include "mail.h"
#include "mail_notes.h"
#include "mail_read.h"

struct shower {
	struct sdg_classifier *classifier; /* NULL: headers alone tell */
	bool pieces;
};

/* In the child. What headers cannot tell, the words do; a dry run shows
 * both together. */
static char *show(void *arg, struct mail *mail)
{
	struct shower *shower = arg;
	struct sdg_labels labels = { 0 };
	struct sdg_feedback fb;

	if (shower->classifier && mail->kind == SDG_KIND_UNSET &&
	    !mail->unreadable) {
		mail_to_feedback(mail, &fb);
		sdg_classify(shower->classifier, &fb, NULL, &labels, NULL);
		mail->kind = labels.kind;
		if (labels.kind != SDG_KIND_FEEDBACK)
			mail->reason = "what it says";
	}
	return mail_to_json(mail, shower->pieces);
}

static int show_one(struct mail_options *opt, const struct mail_job *job,
		    struct sdg_error *err)
{
	struct mail_child *child = NULL;
	struct mail_reply reply;
	bool died;
	int rc;

	rc = mail_child_start(job, 1, &opt->settings, &child, err);
	if (rc < 0)
		return rc;
	rc = mail_child_next(child, mail_parse_ms(opt), &reply, &died, err);
	if (rc == 0 && reply.kind == MAIL_REPLY_JSON) {
		puts((const char *)reply.data);
	} else if (rc == 0) {
		/* Still an answer: what would become of it. */
		char *json = mail_unreadable_json((const char *)reply.data);

		if (json)
			puts(json);
		else
			rc = sdg_fail(err, SDG_ENOMEM, "no memory");
		free(json);
	}
	if (rc == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		rc = sdg_fail_errno(err, "write the answer");
	mail_child_stop(child);
	return rc;
}

int main(int argc, char *argv[])
{
	static struct mail_notes notes;
	struct sdg_error err = { 0 };
	struct shower shower = { 0 };
	struct mail_options opt;
	int status = mail_options_read(argc, argv, &opt);

	if (status >= 0)
		return status;
	if (opt.dry_run) {
		/* Without the data for it, what the headers tell. */
		sdg_classifier_open(&(struct sdg_classifier_options){ NULL },
				    &shower.classifier, NULL);
		shower.pieces = opt.pieces;
		opt.settings.show = show;
		opt.settings.show_arg = &shower;
	}
	if (mail_notes_open(&notes, &opt, &err) < 0) {
		syslog(LOG_WARNING, "not taken, to be tried again: %s",
		       err.message);
		fprintf(stderr, "soundings-mail: %s\n", err.message);
		status = EX_TEMPFAIL;
	} else if (opt.maildir || opt.mbox)
		status = mail_bulk(&opt);
	else
		status = mail_take(&opt, STDIN_FILENO,
				   opt.dry_run ? show_one : mail_send_one);
	mail_notes_close(&notes);
	sdg_classifier_close(shower.classifier);
	return status;
}
