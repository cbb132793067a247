/*
 * mail: one message through all the steps of reading it.
 */
#include <stdlib.h>
#include <string.h>

#include "mail.h"

struct mail *mail_new(void)
{
	struct mail *mail = calloc(1, sizeof(*mail));

	if (!mail)
		return NULL;
	mail->pool = mail_pool_new(MAIL_POOL_MAX);
	if (!mail->pool) {
		free(mail);
		return NULL;
	}
	mail_reset(mail);
	return mail;
}

void mail_free(struct mail *mail)
{
	if (!mail)
		return;
	mail_pool_free(mail->pool);
	free(mail);
}

void mail_reset(struct mail *mail)
{
	struct mail_pool *pool = mail->pool;

	mail_pool_reset(pool);
	memset(mail, 0, sizeof(*mail));
	mail->pool = pool;
	mail->lines.pool = pool;
}

struct sdg_str mail_header(const struct mail *mail, const char *name)
{
	for (size_t i = 0; i < mail->header_count; i++)
		if (mail_is(mail->headers[i].name, name))
			return mail->headers[i].value;
	return (struct sdg_str){ "", 0 };
}

bool mail_has_header(const struct mail *mail, const char *name)
{
	for (size_t i = 0; i < mail->header_count; i++)
		if (mail_is(mail->headers[i].name, name))
			return true;
	return false;
}

/* Editors on Windows save a message with a mark before its first header. */
static struct sdg_str without_mark(struct sdg_str raw)
{
	bool marked = raw.len >= 3 && memcmp(raw.s, "\xef\xbb\xbf", 3) == 0;

	return mail_sub(raw, marked ? 3 : 0, raw.len);
}

/* mbox and some deliveries put "From sender date" before the header. */
static struct sdg_str without_from_line(struct sdg_str raw)
{
	const char *nl;

	if (raw.len < 5 || memcmp(raw.s, "From ", 5) != 0)
		return raw;
	nl = memchr(raw.s, '\n', raw.len);
	return nl ? mail_sub(raw, (size_t)(nl - raw.s) + 1, raw.len)
		  : mail_sub(raw, 0, 0);
}

/* Lines that end with CR alone, as old Macintosh systems kept them. */
static struct sdg_str with_newlines(struct mail *mail, struct sdg_str raw)
{
	struct sdg_str copy;
	char *p;

	if (memchr(raw.s, '\n', raw.len) || !memchr(raw.s, '\r', raw.len))
		return raw;
	copy = mail_pool_copy(mail->pool, raw);
	p = (char *)(uintptr_t)copy.s;
	for (size_t i = 0; i < copy.len; i++)
		if (p[i] == '\r')
			p[i] = '\n';
	return copy.len ? copy : raw;
}

int mail_read(struct mail *mail, const void *raw, size_t len,
	      struct sdg_error *err)
{
	struct sdg_str bytes = { raw, len };
	int rc;

	if (bytes.len > MAIL_RAW_MAX) {
		bytes.len = MAIL_RAW_MAX;
		mail->flags |= SDG_FLAG_LIMIT;
		mail->truncated = true;
	}
	if (bytes.len)
		bytes =
		    without_from_line(without_mark(with_newlines(mail, bytes)));
	if (bytes.len == 0) {
		mail->unreadable = "empty";
		return 0;
	}
	rc = mail_mime(mail, bytes.s, bytes.len, err);
	if (rc < 0)
		return rc;
	mail->respondent_name = mail->from_name;
	mail->respondent_address = mail->from_address;
	mail_cut(mail);
	mail_kind(mail);
	return 0;
}
