/*
 * A test a trap: tests/data/mail/<trap>.eml and what must be made of it in
 * <trap>.json. Only what a trap is about stands there; text and signature
 * are compared as words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* before cmocka, which needs them */
#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>

#include "mail.h"

#define DIR_NAME TEST_DATA "/mail"
#define TRAPS_MAX 500

static struct mail *mail;

static int setup(void **state)
{
	(void)state;
	mail_init(NULL, 0);
	mail = mail_new();
	return mail ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	mail_free(mail);
	return 0;
}

static bool same_words(struct sdg_str a, const char *wanted)
{
	struct sdg_str b = sdg_str(wanted), x, y;

	for (;;) {
		bool more = mail_token(&a, &x);

		if (more != mail_token(&b, &y))
			return false;
		if (!more)
			return true;
		if (x.len != y.len || memcmp(x.s, y.s, x.len) != 0)
			return false;
	}
}

static void check_words(const char *what, struct sdg_str got,
			const char *wanted)
{
	if (!same_words(got, wanted))
		fail_msg("%s is \"%.*s\", not \"%s\"", what, SDG_STR_ARG(got),
			 wanted);
}

static void check_flag(const char *name, bool wanted)
{
	for (int bit = 0; bit < SDG_FLAG_COUNT; bit++)
		if (strcmp(sdg_flag_id(bit), name) == 0) {
			assert_int_equal(wanted, (mail->flags >> bit) & 1);
			return;
		}
	fail_msg("no flag is called %s", name);
}

static void check_attachment(const char *name)
{
	for (size_t i = 0; i < mail->attachment_count; i++)
		if (sdg_str_eq(mail->attachments[i].name, name))
			return;
	fail_msg("no attachment is called %s", name);
}

/* The keys that are plain strings of the message. */
static bool check_string(const char *key, const char *value)
{
	const struct {
		const char *key;
		struct sdg_str got;
	} strings[] = {
		{ "text", mail->text },
		{ "signature", mail->signature },
		{ "signature_words", mail->signature },
		{ "subject", mail->subject },
		{ "name", mail->respondent_name },
		{ "address", mail->respondent_address },
		{ "message_id", mail->message_id },
		{ "reason", sdg_str(mail->reason) },
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		if (strcmp(key, strings[i].key) == 0) {
			check_words(key, strings[i].got, value);
			return true;
		}
	return false;
}

static void check_kind(const char *wanted)
{
	int kind =
	    mail->kind == SDG_KIND_UNSET ? SDG_KIND_FEEDBACK : (int)mail->kind;

	if (strcmp(sdg_kind_id(kind), wanted) != 0)
		fail_msg("kind is %s (%s), not %s", sdg_kind_id(kind),
			 mail->reason, wanted);
}

static void check_date(const char *wanted)
{
	char *json = mail_to_json(mail, true);
	json_t *root = json_loads(json, 0, NULL);

	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "date")),
			    wanted);
	json_decref(root);
	free(json);
}

static void check(const char *key, const char *value)
{
	if (check_string(key, value) || strcmp(key, "recipient") == 0)
		return;
	if (strcmp(key, "kind") == 0)
		check_kind(value);
	else if (strcmp(key, "flag") == 0)
		check_flag(value, true);
	else if (strcmp(key, "noflag") == 0)
		check_flag(value, false);
	else if (strcmp(key, "quoted_has") == 0)
		assert_true(mail_has(mail->quoted, value));
	else if (strcmp(key, "text_has") == 0)
		assert_true(mail_has(mail->text, value));
	else if (strcmp(key, "attachment") == 0)
		check_attachment(value);
	else if (strcmp(key, "date") == 0)
		check_date(value);
	else
		fail_msg("nothing is known of %s", key);
}

static void test_trap(void **state)
{
	const char *name = *state, *key, *recipient;
	struct sdg_error err = { 0 };
	char path[512], *raw;
	json_t *want, *value;
	size_t len;

	snprintf(path, sizeof(path), DIR_NAME "/%s.json", name);
	want = json_load_file(path, 0, NULL);
	assert_non_null(want);
	snprintf(path, sizeof(path), DIR_NAME "/%s.eml", name);
	assert_int_equal(sdg_read_file(path, 1 << 22, &raw, &len, &err), 0);
	mail_reset(mail);
	recipient = json_string_value(json_object_get(want, "recipient"));
	mail->recipient = sdg_str(recipient);
	assert_int_equal(mail_read(mail, raw, len, &err), 0);
	/* Who does not say what kind it is means a person's letter. */
	if (!json_object_get(want, "kind"))
		check_kind("feedback");
	json_object_foreach(want, key, value)
	    check(key, json_string_value(value));
	json_decref(want);
	free(raw);
}

static int is_message(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".eml") == 0;
}

int main(void)
{
	static struct CMUnitTest tests[TRAPS_MAX];
	static char names[TRAPS_MAX][64];
	struct dirent **found;
	int n = scandir(DIR_NAME, &found, is_message, alphasort), failed;
	size_t count = 0;

	for (int i = 0; i < n; i++) {
		if (count < TRAPS_MAX) {
			snprintf(names[count], sizeof(names[count]), "%.*s",
				 (int)strlen(found[i]->d_name) - 4,
				 found[i]->d_name);
			tests[count] = (struct CMUnitTest){
				.name = names[count],
				.test_func = test_trap,
				.initial_state = names[count],
			};
			count++;
		}
		free(found[i]);
	}
	free(found);
	/* A run over nothing would pass. */
	if (count < 230) {
		fprintf(stderr, "only %zu traps in " DIR_NAME "\n", count);
		return 1;
	}
	failed = _cmocka_run_group_tests("mail traps", tests, count, setup,
					 teardown);
	return failed != 0;
}
