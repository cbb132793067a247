/* mail_bulk: what mail_bulk.c and mail_mbox.c share. */
#ifndef SOUNDINGS_MAIL_BULK_H
#define SOUNDINGS_MAIL_BULK_H

#include "mail_read.h"

struct bulk;

/** mail_bulk_add - one message; @owned (may be NULL) is freed when it has
 *  been dealt with, @raw lives until then */
int mail_bulk_add(struct bulk *b, const void *raw, size_t len, void *owned,
		  struct sdg_error *err);

/** mail_mbox_each - every message of the mbox file @path */
int mail_mbox_each(struct bulk *b, const char *path, struct sdg_error *err);

#endif
