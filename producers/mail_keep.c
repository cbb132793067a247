/*
 * mail_keep: the original of a message nobody could read.
 *
 * It is kept before anything is said of it, whole, synced, named by its
 * identity, so that a retry of the mail system writes the same file again.
 * Beside it lies the event that says so: were we killed in between, or the
 * store put back to what it was before, a worker still learns why it is here
 * (workers/adopt.c). Both go by age ('soundings purge').
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <soundings/feedback.h>
#include <soundings/identity.h>

#include "mail_read.h"

void mail_identify(struct mail_job *job)
{
	sdg_identity_mail(job->raw, job->len, job->identity);
}

static int write_kept(const struct mail_options *opt,
		      const struct mail_job *job, const char *suffix,
		      const void *data, size_t len, struct sdg_error *err)
{
	char path[SDG_PATH_MAX + 80], name[2 * SDG_DIGEST_SIZE + 1];
	struct stat st;
	int rc;

	for (size_t i = 0; i < SDG_DIGEST_SIZE; i++)
		snprintf(name + 2 * i, 3, "%02x", job->identity[i]);
	snprintf(path, sizeof(path), "%s/%s%s", opt->home.incoming, name,
		 suffix);
	rc = sdg_write_file(path, data, len, 0600, err);
	/* Installed, the hook's group is shared with the command line, which
	 * shows what is held and lets it through; else it is its owner's. */
	if (rc == 0 && stat(opt->home.incoming, &st) == 0 &&
	    (st.st_mode & S_ISGID) && chmod(path, 0640) < 0)
		rc = sdg_fail_errno(err, "share \"%s\"", path);
	return rc;
}

int mail_keep_raw(const struct mail_options *opt, const struct mail_job *job,
		  const uint8_t *event, size_t len, struct sdg_error *err)
{
	int rc = sdg_make_dirs(opt->home.incoming, 0700, err);

	/* The reason first: a worker looks for originals. */
	if (rc == 0)
		rc = write_kept(opt, job, ".event", event, len, err);
	if (rc == 0)
		rc = write_kept(opt, job, ".eml", job->raw, job->len, err);
	return rc;
}

int mail_unreadable_event(const struct mail_options *opt,
			  const struct mail_job *job, const char *why,
			  uint8_t *event, size_t *len, struct sdg_error *err)
{
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.received = opt->settings.received,
		.consultation = sdg_str(opt->settings.consultation),
		.recipient = sdg_str(opt->settings.recipient),
		.unreadable = sdg_str(why),
		.test = opt->settings.test,
	};

	memcpy(fb.identity, job->identity, sizeof(fb.identity));
	memcpy(fb.content, job->identity, sizeof(fb.content));
	return sdg_feedback_encode(&fb, event, len, err);
}
