/*
 * survey_xlsx_part: one XML part of a workbook, unpacked and parsed piece
 * by piece, within limits. For survey_xlsx.c alone; nothing of libzip and
 * expat is seen beyond the two.
 */
#ifndef SURVEY_XLSX_PART_H
#define SURVEY_XLSX_PART_H

#include <expat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zip.h>

#include <soundings/error.h>

/* Bytes that grow; failed once there was no memory or a limit was met. */
struct bytes {
	char *s;
	size_t len, cap, max;
	bool failed;
};

void xlsx_bytes_add(struct bytes *bytes, const char *s, size_t len);

struct xlsx_table;

/* What a part's parser is given, beside its own state. */
struct part {
	struct xlsx_table *xlsx;
	XML_Parser parser;
	const char *why; /* set when the part is refused */
	int rc;          /* a row callback's answer that ended the reading */
};

/** xlsx_refuse - end the parsing of @part, because of @why (static) */
void xlsx_refuse(struct part *part, const char *why);

struct xlsx_handlers {
	XML_StartElementHandler start;
	XML_EndElementHandler end;
	XML_CharacterDataHandler text;
};

/**
 * xlsx_parse_part - unpack and parse the part @path of @zip
 * @max:  bytes it may have
 * @part: begins the handlers' own struct, which they are given
 * @done: counts the bytes read; or NULL
 *
 * Return 0, a handler's part->rc, SDG_ENOTFOUND, SDG_EINVAL, SDG_ENOMEM.
 */
int xlsx_parse_part(zip_t *zip, const char *path, uint64_t max,
		    struct part *part, const struct xlsx_handlers *handlers,
		    uint64_t *done, struct sdg_error *err);

/** xlsx_is - "x:row" and "row" are the same element to us */
bool xlsx_is(const char *name, const char *local);
const char *xlsx_attribute(const XML_Char **attributes, const char *local);

#endif
