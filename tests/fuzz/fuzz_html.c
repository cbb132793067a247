/*
 * fuzz_html: any bytes as an HTML body, to lines.
 *
 * Properties: no crash; every line is safe text and holds no line break;
 * the plain way out, when gumbo gives up, keeps the same promises.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mail.h"
#include "mail_html.h"

static struct mail_pool *pool;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	pool = mail_pool_new(MAIL_POOL_MAX);
	if (!pool)
		abort();
	return 0;
}

static void check(const struct mail_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		struct sdg_str text = lines->v[i].text;

		if (!sdg_text_is_safe(text.s, text.len) ||
		    (text.len && memchr(text.s, '\n', text.len))) {
			fprintf(stderr, "fuzz_html: line %zu is not safe\n", i);
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sdg_str html, bytes = { (const char *)data, size };
	struct mail_lines lines = { .pool = pool };
	struct mail_lines stripped = { .pool = pool };

	mail_pool_reset(pool);
	html = mail_decode(pool, bytes, sdg_str("utf-8"));
	mail_lines_html(&lines, html);
	check(&lines);
	mail_html_strip(&stripped, html);
	check(&stripped);
	return 0;
}
