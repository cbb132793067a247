/* mail_bulk: what mail_bulk.c and mail_mbox.c share. */
#ifndef SOUNDINGS_MAIL_BULK_H
#define SOUNDINGS_MAIL_BULK_H

#include "mail_read.h"
#include "mail_resume.h"

struct bulk;

/** mail_bulk_add - one message; @owned (may be NULL) is freed when it has
 *  been dealt with, @raw lives until then; @mark: how far that is */
int mail_bulk_add(struct bulk *b, const void *raw, size_t len, void *owned,
		  const struct mail_mark *mark, struct sdg_error *err);
/** mail_bulk_resume - where the run before came to; NULL: nothing is kept */
struct mail_resume *mail_bulk_resume(struct bulk *b);
/** mail_bulk_skip - so many bytes were taken in by it */
void mail_bulk_skip(struct bulk *b, size_t bytes);

/** mail_mbox_each - every message of the mbox file @path */
int mail_mbox_each(struct bulk *b, const char *path, struct sdg_error *err);

#endif
