/*
 * The 40 complete messages of the corpus, against what their writer says
 * they hold: text, signature and kind. Text is compared as words: how a
 * client wrapped its lines is no part of what somebody wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* before cmocka, which needs them */
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>

#include "mail.h"

#define ROWS_MAX 64

struct row {
	char file[128];
	char id[16];
	char kind[32];
};

static struct row rows[ROWS_MAX];
static size_t row_count;
static json_t *labelled[1000]; /* by the number in "d001" */
static struct mail *mail;

static int read_labels(void)
{
	FILE *file = fopen(TEST_CORPUS "/feedback.jsonl", "r");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return -1;
	while (getline(&line, &size, file) > 0) {
		json_t *item = json_loads(line, 0, NULL);
		const char *id = json_string_value(json_object_get(item, "id"));

		labelled[atoi(id + 1) % 1000] = item;
	}
	free(line);
	fclose(file);
	return 0;
}

static int setup(void **state)
{
	FILE *file = fopen(TEST_CORPUS "/mail/MANIFEST.csv", "r");
	char line[512];

	(void)state;
	if (!file || read_labels() < 0)
		return -1;
	while (fgets(line, sizeof(line), file) && row_count < ROWS_MAX) {
		struct row *row = &rows[row_count];

		if (sscanf(line, "%127[^,],%15[^,],%31[^,],", row->file,
			   row->id, row->kind) == 3 &&
		    row->id[0] == 'd')
			row_count++;
	}
	fclose(file);
	mail_init(NULL, 0);
	mail = mail_new();
	return mail ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < 1000; i++)
		json_decref(labelled[i]);
	mail_free(mail);
	return 0;
}

static void parse(const struct row *row)
{
	struct sdg_error err = { 0 };
	char path[256], *raw;
	size_t len;

	snprintf(path, sizeof(path), TEST_CORPUS "/mail/%s", row->file);
	assert_int_equal(sdg_read_file(path, 1 << 20, &raw, &len, &err), 0);
	mail_reset(mail);
	assert_int_equal(mail_read(mail, raw, len, &err), 0);
	free(raw);
}

static struct sdg_str label(const struct row *row, const char *field)
{
	return sdg_str(json_string_value(
	    json_object_get(labelled[atoi(row->id + 1)], field)));
}

/* Typographic apostrophes are straight in the labels. */
static size_t plain(struct sdg_str token, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < token.len && n + 1 < cap; i++) {
		if (i + 2 < token.len && token.s[i] == '\xe2' &&
		    token.s[i + 1] == '\x80') {
			unsigned char c = (unsigned char)token.s[i + 2];

			out[n++] = c == 0x98 || c == 0x99   ? '\''
				   : c == 0x9c || c == 0x9d ? '"'
							    : '-';
			i += 2;
		} else {
			out[n++] = token.s[i];
		}
	}
	out[n] = '\0';
	return n;
}

static bool same_words(struct sdg_str a, struct sdg_str b)
{
	struct sdg_str x, y;

	for (;;) {
		bool more = mail_token(&a, &x);
		char p[512], q[512];

		if (more != mail_token(&b, &y))
			return false;
		if (!more)
			return true;
		plain(x, p, sizeof(p));
		plain(y, q, sizeof(q));
		if (strcmp(p, q) != 0)
			return false;
	}
}

static void test_text_is_what_the_sender_wrote(void **state)
{
	size_t exact = 0, feedback = 0;

	(void)state;
	for (size_t i = 0; i < row_count; i++) {
		struct sdg_str want = label(&rows[i], "body");

		if (strcmp(rows[i].kind, "feedback") != 0)
			continue;
		parse(&rows[i]);
		/* d361 has no body: its subject is the message. */
		if (!want.len)
			want = label(&rows[i], "subject");
		feedback++;
		if (same_words(mail->text, want))
			exact++;
		else
			print_message("differs: %s\n", rows[i].file);
	}
	/* 36, a PA's forward, is labelled with the header it came under,
	 * which is no word of anybody's. */
	assert_int_equal(feedback, 32);
	assert_int_equal(exact, 31);
}

static bool has_line(struct sdg_str text, struct sdg_str line)
{
	while (text.len) {
		const char *nl = memchr(text.s, '\n', text.len);
		size_t n = nl ? (size_t)(nl - text.s) : text.len;

		if (same_words(mail_sub(text, 0, n), line))
			return true;
		text = mail_sub(text, n + 1, text.len);
	}
	return false;
}

/* How many of @lines stand in @other, and how many there are. */
static void compare_lines(struct sdg_str lines, struct sdg_str other,
			  size_t *all, size_t *there)
{
	while (lines.len) {
		const char *nl = memchr(lines.s, '\n', lines.len);
		size_t n = nl ? (size_t)(nl - lines.s) : lines.len;
		struct sdg_str line = mail_sub(lines, 0, n);

		lines = mail_sub(lines, n + 1, lines.len);
		if (!mail_trim(line).len)
			continue;
		(*all)++;
		*there += has_line(other, line);
	}
}

static void test_signature_lines_are_found_and_few_others(void **state)
{
	size_t wanted = 0, found = 0, given = 0, right = 0;

	(void)state;
	for (size_t i = 0; i < row_count; i++) {
		struct sdg_str want = label(&rows[i], "signature");

		if (strcmp(rows[i].kind, "feedback") != 0)
			continue;
		parse(&rows[i]);
		compare_lines(want, mail->signature, &wanted, &found);
		compare_lines(mail->signature, want, &given, &right);
	}
	print_message("signature lines: %zu of %zu found, %zu of %zu right\n",
		      found, wanted, right, given);
	assert_true(found * 100 >= wanted * 85);
	assert_true(right * 100 >= given * 98);
}

static void test_automatic_mail_is_told_by_its_headers(void **state)
{
	size_t automatic = 0;

	(void)state;
	for (size_t i = 0; i < row_count; i++) {
		parse(&rows[i]);
		if (strcmp(rows[i].kind, "auto-reply") == 0) {
			automatic++;
			if (mail->kind != SDG_KIND_AUTO_REPLY)
				fail_msg("%s is automatic", rows[i].file);
		} else if (strcmp(rows[i].kind, "feedback") == 0 &&
			   mail->kind != SDG_KIND_UNSET) {
			fail_msg("%s was written by a person", rows[i].file);
		}
	}
	assert_int_equal(automatic, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_what_the_sender_wrote),
		cmocka_unit_test(test_signature_lines_are_found_and_few_others),
		cmocka_unit_test(test_automatic_mail_is_told_by_its_headers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
