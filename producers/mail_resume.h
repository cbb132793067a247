/*
 * mail_resume: how far an interrupted run over a Maildir or mbox came.
 *
 * A file in spool/backlog, of marks without a word of mail in them: for an
 * mbox an offset and a digest of what lies before it, for a Maildir a digest
 * of each file's name, and of its size and time. It counts for the same mail,
 * the same options and the same store only: one put back from a backup has
 * forgotten mail that was acknowledged once. A run that ends well removes it,
 * so that the next one looks at everything again.
 */
#ifndef SOUNDINGS_MAIL_RESUME_H
#define SOUNDINGS_MAIL_RESUME_H

#include "mail_read.h"

struct mail_mark {
	uint64_t at;    /* an offset, or a name's digest */
	uint64_t check; /* that it is still the same mail there */
};

struct mail_resume;

/** mail_resume_open - NULL when nothing can be kept: then all is read */
struct mail_resume *mail_resume_open(const struct mail_options *opt);
/** mail_resume_close - NULL allowed */
void mail_resume_close(struct mail_resume *resume);

/** mail_resume_last - the last mark of the run before; false: none */
bool mail_resume_last(const struct mail_resume *resume, struct mail_mark *mark);
/** mail_resume_has - whether the run before set @mark */
bool mail_resume_has(const struct mail_resume *resume,
		     const struct mail_mark *mark);
/** mail_resume_set - what lies at @mark is taken in; kept by the next save */
void mail_resume_set(struct mail_resume *resume, const struct mail_mark *mark);
void mail_resume_save(struct mail_resume *resume);
/** mail_resume_end - there is nothing left to resume */
void mail_resume_end(struct mail_resume *resume);

/** mail_resume_digest - of any bytes, for a mark */
uint64_t mail_resume_digest(const void *bytes, size_t len);

#endif
