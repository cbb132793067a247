/*
 * survey_xlsx_part: see survey_xlsx_part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "survey_xlsx_part.h"

void xlsx_bytes_add(struct bytes *bytes, const char *s, size_t len)
{
	size_t cap = bytes->cap ? bytes->cap : 4096;
	char *bigger;

	if (bytes->failed || len > bytes->max - bytes->len) {
		bytes->failed = true;
		return;
	}
	while (cap < bytes->len + len)
		cap *= 2;
	if (cap > bytes->cap) {
		bigger = realloc(bytes->s, cap);
		if (!bigger) {
			bytes->failed = true;
			return;
		}
		bytes->s = bigger;
		bytes->cap = cap;
	}
	memcpy(bytes->s + bytes->len, s, len);
	bytes->len += len;
}

void xlsx_refuse(struct part *part, const char *why)
{
	if (!part->why)
		part->why = why;
	XML_StopParser(part->parser, XML_FALSE);
}

/* No workbook has a document type, and entities only serve to hurt. */
static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int has_internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_internal;
	xlsx_refuse(arg, "it declares a document type");
}

static int feed_part(zip_file_t *file, struct part *part, uint64_t max,
		     uint64_t *done)
{
	uint64_t total = 0;
	zip_int64_t n;
	void *buf;

	do {
		buf = XML_GetBuffer(part->parser, 65536);
		if (!buf) {
			part->why = "no memory";
			return -1;
		}
		n = zip_fread(file, buf, 65536);
		if (n < 0) {
			part->why = "a part cannot be unpacked";
			return -1;
		}
		total += (uint64_t)n;
		if (done)
			*done = total;
		if (total > max) {
			part->why = "a part is larger than allowed";
			return -1;
		}
		if (XML_ParseBuffer(part->parser, (int)n, n == 0) !=
		    XML_STATUS_OK) {
			if (!part->why)
				part->why = "a part is not well-formed XML";
			return -1;
		}
	} while (n > 0);
	return 0;
}

int xlsx_parse_part(zip_t *zip, const char *path, uint64_t max,
		    struct part *part, const struct xlsx_handlers *handlers,
		    uint64_t *done, struct sdg_error *err)
{
	zip_file_t *file = zip_fopen(zip, path, 0);
	int rc;

	if (!file)
		return sdg_fail(err, SDG_ENOTFOUND,
				"not a workbook: it has no \"%s\"", path);
	part->parser = XML_ParserCreate(NULL);
	if (!part->parser) {
		zip_fclose(file);
		return sdg_fail(err, SDG_ENOMEM, "read workbook: no memory");
	}
	XML_SetUserData(part->parser, part);
	XML_SetElementHandler(part->parser, handlers->start, handlers->end);
	XML_SetCharacterDataHandler(part->parser, handlers->text);
	XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
	rc = feed_part(file, part, max, done);
	XML_ParserFree(part->parser);
	zip_fclose(file);
	if (part->rc != 0)
		return part->rc;
	if (rc != 0)
		return sdg_fail(err, SDG_EINVAL,
				"the workbook cannot be read: %s", part->why);
	return 0;
}

bool xlsx_is(const char *name, const char *local)
{
	const char *colon = strrchr(name, ':');

	return strcmp(colon ? colon + 1 : name, local) == 0;
}

const char *xlsx_attribute(const XML_Char **attributes, const char *local)
{
	for (size_t i = 0; attributes[i]; i += 2) {
		if (xlsx_is(attributes[i], local))
			return attributes[i + 1];
	}
	return NULL;
}
