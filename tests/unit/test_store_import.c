/*
 * test_store_import: lines of an export that say something else: headers,
 * pieces and records with one thing changed, and a line that is not there.
 * Each is refused, with its code; what is left does not agree, and is said.
 */
#include "store_full.h"

#include <soundings/store_copies.h>

#include "store_internal.h"

static struct full *full;

static char *lines[600];
static size_t line_count;

static int keep_line(void *arg, const char *line)
{
	(void)arg;
	assert_true(line_count < 600);
	lines[line_count++] = strdup(line);
	return 0;
}

/* The first line that holds @word. */
static const char *line_of(const char *word)
{
	for (size_t i = 0; i < line_count; i++)
		if (strstr(lines[i], word))
			return lines[i];
	fail_msg("no line has %s", word);
	return NULL;
}

static struct sdg_import *begun(struct help *h, struct sdg_home *home)
{
	struct sdg_import *in;

	help_home(home);
	shell("cp -r %s %s", h->home.keys, home->root);
	if (sdg_import_open(home, &in, &h->err) < 0)
		fail_msg("%s", h->err.message);
	return in;
}

/* @from of @line in its first place as @to. */
static void line_refused(struct help *h, struct sdg_import *in,
			 const char *line, const char *from, const char *to,
			 int code)
{
	const char *at = strstr(line, from);
	char *changed;

	assert_non_null(at);
	changed = malloc(strlen(line) + strlen(to) + 1);
	sprintf(changed, "%.*s%s%s", (int)(at - line), line, to,
		at + strlen(from));
	refused(h, sdg_import_line(in, changed, strlen(changed), &h->err),
		code);
	free(changed);
}

static const char *const HEADERS[][2] = {
	{ "soundings/export/1", "soundings/export/9" },
	{ "\"layout\":2", "\"layout\":1" },
	{ "\"layout\":2", "\"layout\":3" },
	{ "\"keys\":\"", "\"keys\":\"00" },
	{ "\"keys\":\"", "\"keyes\":\"" },
	{ "\"keys\":\"", "\"keys\":\"x" },
};

static const char *const EVENTS[][2] = {
	{ "\"event\":\"", "\"event\":\"xyz" },
	{ "\"event\":\"", "\"event\":\"00" },
	{ "\"received\":", "\"day\":-1,\"received\":" },
	{ "\"received\":", "\"day\":70000,\"received\":" },
	{ "\"received\":", "\"member\":4294967295,\"received\":" },
	{ "\"received\":", "\"region\":200,\"received\":" },
	{ "\"received\":", "\"source\":200,\"received\":" },
	{ "\"received\":", "\"stance\":200,\"received\":" },
	{ "\"received\":", "\"role\":200,\"received\":" },
	{ "\"received\":", "\"outcome\":200,\"received\":" },
	{ "\"received\":", "\"kind\":200,\"received\":" },
	{ "\"received\":", "\"by_person\":2,\"received\":" },
};

static const char *const RECORDS[][2] = {
	{ "\"db\":\"members\"", "\"db\":\"nowhere\"" },
	{ "\"db\":\"members\"", "\"db\":\"events\"" },
	{ "\"db\":\"members\"", "\"db\":\"chunks\"" },
	{ "\"db\":", "\"dp\":" },
	{ "\"key\":\"", "\"key\":\"0" },
	{ "\"key\":\"", "\"key\":\"0G" },
	{ "\"key\":\"", "\"key\":\"\",\"k\":\"" },
	{ "\"value\":\"", "\"value\":7,\"v\":\"" },
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static int set_up(void **state)
{
	struct help *h = full_setup(state, &full);

	line_count = 0;
	refused(h, sdg_store_export(h->store, false, keep_line, NULL, &h->err),
		0);
	return 0;
}

static int tear_down(void **state)
{
	while (line_count > 0)
		free(lines[--line_count]);
	free(full);
	return help_teardown(state);
}

static void ended(struct help *h, struct sdg_import *in, struct sdg_home *home,
		  int code)
{
	refused(h, sdg_import_finish(in, NULL, NULL, &h->err), code);
	sdg_import_close(in);
	help_remove(home);
}

static void test_store_import_headers_that_are_none(void **state)
{
	struct help *h = *state;
	struct sdg_home home;
	struct sdg_import *in = begun(h, &home);

	refused(h, sdg_import_line(in, "[]", 2, &h->err), SDG_EINVAL);
	refused(h, sdg_import_line(in, "{", 1, &h->err), SDG_EINVAL);
	refused(h, sdg_import_finish(in, NULL, NULL, &h->err), SDG_EINVAL);
	for (size_t i = 0; i < COUNT(HEADERS); i++)
		line_refused(h, in, lines[0], HEADERS[i][0], HEADERS[i][1],
			     strstr(HEADERS[i][0], "layout") ? SDG_EVERSION
							     : SDG_EINVAL);
	ended(h, in, &home, SDG_EINVAL);
	help_home(&home); /* without keys */
	refused(h, sdg_import_open(&home, &in, &h->err), SDG_EINVAL);
	help_remove(&home);
	sdg_import_close(NULL);
}

/* A key or a value of more digits than there may be. */
static void too_long(struct help *h, struct sdg_import *in, const char *member)
{
	char many[4200];

	memset(many, '0', sizeof(many));
	strcpy(many, "\"value\":\"");
	many[strlen(many)] = '0';
	many[sizeof(many) - 1] = '\0';
	line_refused(h, in, member, "\"value\":\"", many, SDG_EINVAL);
	memcpy(many, "\"key\":\"00", 9);
	many[801] = '\0';
	line_refused(h, in, member, "\"key\":\"", many, SDG_EINVAL);
}

static void test_store_import_lines_that_are_none(void **state)
{
	const char *member = line_of("\"db\":\"members\"");
	struct help *h = *state;
	struct sdg_home home;
	struct sdg_import *in = begun(h, &home);

	refused(h, sdg_import_line(in, lines[0], strlen(lines[0]), &h->err), 0);
	refused(h, sdg_import_line(in, "{}", 2, &h->err), SDG_EINVAL);
	for (size_t i = 0; i < COUNT(EVENTS); i++)
		line_refused(h, in, line_of("\"event\":"), EVENTS[i][0],
			     EVENTS[i][1], SDG_EINVAL);
	for (size_t i = 0; i < COUNT(RECORDS); i++)
		line_refused(h, in, member, RECORDS[i][0], RECORDS[i][1],
			     SDG_EINVAL);
	too_long(h, in, member);
	ended(h, in, &home, SDG_EINVAL);
}

/* Whole, but for one member: what it makes does not agree. */
static void test_store_import_without_a_member(void **state)
{
	struct help *h = *state;
	struct sdg_home home;
	struct sdg_import *in = begun(h, &home);

	for (size_t i = 0; i < line_count; i++)
		if (lines[i] != line_of("\"db\":\"members\""))
			refused(h,
				sdg_import_line(in, lines[i], strlen(lines[i]),
						&h->err),
				0);
	ended(h, in, &home, SDG_EDAMAGED);
}

static void export_open(struct help *h, struct sdg_store *store)
{
	while (line_count > 0)
		free(lines[--line_count]);
	refused(h, sdg_store_export(store, true, keep_line, NULL, &h->err), 0);
}

static size_t keep_events(char *events[600])
{
	size_t n = 0;

	for (size_t i = 0; i < line_count; i++)
		if (strncmp(lines[i], "{\"event\"", 8) == 0)
			events[n++] = strdup(lines[i]);
	return n;
}

/* A mail is told by its reference from what the mail server's log names. */
static void test_store_import_has_all_that_was_open(void **state)
{
	struct help *h = *state;
	char *was[600], *is[600];
	struct sdg_store *other;
	struct sdg_import *in;
	struct sdg_home home;
	struct piece_of p;
	size_t n;

	help_mail(&p, 900, 900, TODAY);
	help_themes(&p, 1, 1, 0, 0);
	p.fb.reference = (struct sdg_str){ "0123456789abcde\xff", 16 };
	help_take(h, &p);
	export_open(h, h->store);
	assert_non_null(line_of("\"reference\":\"30313233343536373839616263646"
				"5ff\""));
	in = begun(h, &home);
	for (size_t i = 0; i < line_count; i++)
		refused(
		    h, sdg_import_line(in, lines[i], strlen(lines[i]), &h->err),
		    0);
	refused(h, sdg_import_finish(in, NULL, NULL, &h->err), 0);
	sdg_import_close(in);
	n = keep_events(was);
	refused(h, sdg_store_open(&home, SDG_STORE_READ, &other, &h->err), 0);
	export_open(h, other);
	sdg_store_close(other);
	assert_int_equal(keep_events(is), n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(is[i], was[i]);
		free(is[i]);
		free(was[i]);
	}
	help_remove(&home);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_store_import_headers_that_are_none),
		ONE(test_store_import_lines_that_are_none),
		ONE(test_store_import_without_a_member),
		ONE(test_store_import_has_all_that_was_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
