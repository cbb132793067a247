/*
 * mail_docx: the paragraphs of a Word document, with limits.
 *
 * The only file of this program that knows libzip and expat. One entry is
 * read, "word/document.xml", never more of it than a letter can need, and
 * its size is counted as it comes out: what the archive claims is not
 * believed.
 */
#include <string.h>

#include <expat.h>
#include <zip.h>

#include "mail.h"

#define DOCX_XML_MAX (4u << 20)
#define DOCX_TEXT_MAX (128u << 10)

struct docx {
	XML_Parser parser;
	char *text;
	size_t len;
	bool bomb;    /* more came out than any letter has */
	bool in_text; /* between <w:t> and </w:t> */
};

static void put(struct docx *d, const char *s, size_t n)
{
	if (n > DOCX_TEXT_MAX - d->len) {
		d->bomb = true;
		XML_StopParser(d->parser, XML_FALSE);
		return;
	}
	memcpy(d->text + d->len, s, n);
	d->len += n;
}

static void XMLCALL start(void *arg, const char *name, const char **attrs)
{
	struct docx *d = arg;

	(void)attrs;
	if (strcmp(name, "w:t") == 0)
		d->in_text = true;
	else if (strcmp(name, "w:br") == 0)
		put(d, "\n", 1);
	else if (strcmp(name, "w:tab") == 0)
		put(d, " ", 1);
}

static void XMLCALL end(void *arg, const char *name)
{
	struct docx *d = arg;

	if (strcmp(name, "w:t") == 0)
		d->in_text = false;
	else if (strcmp(name, "w:p") == 0)
		put(d, "\n", 1);
}

static void XMLCALL words(void *arg, const char *s, int n)
{
	struct docx *d = arg;

	if (d->in_text)
		put(d, s, (size_t)n);
}

/* Word writes no document type; one is an attack. */
static void XMLCALL doctype(void *arg, const char *name, const char *system,
			    const char *public, int internal)
{
	struct docx *d = arg;

	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	XML_StopParser(d->parser, XML_FALSE);
}

static void read_xml(struct docx *d, zip_file_t *file)
{
	size_t total = 0;
	char buf[16384];

	XML_SetUserData(d->parser, d);
	XML_SetElementHandler(d->parser, start, end);
	XML_SetCharacterDataHandler(d->parser, words);
	XML_SetStartDoctypeDeclHandler(d->parser, doctype);
	for (;;) {
		zip_int64_t n = zip_fread(file, buf, sizeof(buf));

		if (n <= 0)
			break;
		total += (size_t)n;
		d->bomb |= total > DOCX_XML_MAX;
		if (d->bomb ||
		    XML_Parse(d->parser, buf, (int)n, 0) != XML_STATUS_OK)
			break;
	}
}

bool mail_docx_text(struct mail_lines *lines, struct sdg_str bytes)
{
	struct docx d = { 0 };
	zip_source_t *source = NULL;
	zip_file_t *file = NULL;
	zip_t *zip = NULL;
	bool found = false;

	source = zip_source_buffer_create(bytes.s, bytes.len, 0, NULL);
	if (!source)
		return false;
	zip = zip_open_from_source(source, ZIP_RDONLY, NULL);
	if (!zip) {
		zip_source_free(source);
		return false;
	}
	d.parser = XML_ParserCreate(NULL);
	d.text = mail_pool_alloc(lines->pool, DOCX_TEXT_MAX + 1);
	file = zip_fopen(zip, "word/document.xml", 0);
	if (d.parser && d.text && file) {
		struct sdg_str text;

		read_xml(&d, file);
		text =
		    mail_decode(lines->pool, (struct sdg_str){ d.text, d.len },
				sdg_str("utf-8"));
		found = !d.bomb && mail_words(text) > 0;
		if (found && lines->n)
			mail_lines_add(lines, sdg_str(""), 0, 0);
		if (found)
			mail_lines_plain(lines, text, false, false);
	}
	if (file)
		zip_fclose(file);
	if (d.parser)
		XML_ParserFree(d.parser);
	zip_discard(zip);
	return found;
}
