/*
 * test_journal: lines that only ever grow, also where one was broken off.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../cli/erasures.h"
#include "../../cli/journal.h"

static struct sdg_home home;
static struct sdg_error err;

static int setup(void **state)
{
	char root[] = "/tmp/test-journal-XXXXXX";

	(void)state;
	if (!mkdtemp(root))
		return -1;
	setenv("SOUNDINGS_HOME", root, 1);
	return sdg_home_find(&home, &err);
}

static int teardown(void **state)
{
	char *command = xformat("rm -r '%s'", home.root);
	int status = system(command);

	(void)state;
	free(command);
	return status;
}

static void holds(const char *name, const char *text)
{
	char *path = xformat("%s/%s", home.root, name);

	assert_ok(sdg_write_file(path, text, strlen(text), 0600, &err), err);
	free(path);
}

static void append(const char *name, const char *what)
{
	assert_ok(
	    journal_append(&home, name, json_pack("{s:s}", "what", what), &err),
	    err);
}

static void lines_are(const char *name, size_t n, const char *last)
{
	json_t *lines;

	assert_ok(journal_read(&home, name, &lines, &err), err);
	assert_int_equal(json_array_size(lines), n);
	if (last)
		assert_string_equal(json_string_value(json_object_get(
					json_array_get(lines, n - 1), "what")),
				    last);
	json_decref(lines);
}

static void lines_of_child_are(size_t n)
{
	json_t *lines, *line;
	size_t i, found = 0;

	assert_ok(journal_read(&home, ERASURES, &lines, &err), err);
	json_array_foreach(lines, i, line) found +=
	    json_object_get(line, "n") != NULL;
	json_decref(lines);
	assert_int_equal(found, n);
}

/* A crash in the middle of a line: it was never acknowledged. */
static void test_a_broken_line_is_none(void **state)
{
	(void)state;
	holds("a", "{\"what\": \"first\"}\n{\"what\": \"sec");
	lines_are("a", 1, "first");
	append("a", "third");
	lines_are("a", 2, "third");
	holds("a", "{\"wh");
	lines_are("a", 0, NULL);
	append("a", "only");
	lines_are("a", 1, "only");
}

/* An editor that leaves the end of the last line off. */
static void test_a_line_without_its_end_is_one(void **state)
{
	(void)state;
	holds("a", "{\"what\": \"first\"}\n{\"what\": \"second\"}");
	lines_are("a", 2, "second");
	append("a", "third");
	lines_are("a", 3, "third");
}

static void test_a_line_that_is_none_is_named(void **state)
{
	json_t *lines;

	(void)state;
	holds("a", "{\"what\": \"first\"}\nnot JSON\n{\"what\": \"third\"}\n");
	assert_fails(journal_read(&home, "a", &lines, &err), SDG_EINVAL, err);
	assert_non_null(strstr(err.message, "line 2"));
}

/* A disk that is full in the middle of a line. */
static void test_half_a_line_is_taken_back(void **state)
{
	struct rlimit before, limit;
	char *path = xformat("%s/a", home.root), *text;
	size_t len;

	(void)state;
	append("a", "first");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit = before;
	limit.rlim_cur = 80;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_fails(journal_append(&home, "a",
				    json_pack("{s:s}", "what", "second"), &err),
		     SDG_EIO, err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_ok(sdg_read_file(path, 4096, &text, &len, &err), err);
	assert_true(len && text[len - 1] == '\n');
	free(text);
	free(path);
	append("a", "third");
	lines_are("a", 2, "third");
}

/* Nor does one of the register spoil that of a backup. */
static void test_a_broken_line_is_not_merged(void **state)
{
	char *there = xformat("%s/backup", home.root);
	bool all;

	(void)state;
	assert_ok(sdg_make_dirs(there, 0700, &err), err);
	holds("erasures.jsonl", "{\"kind\": \"a\"}\n{\"kind\": \"b\"}");
	holds("backup/erasures.jsonl", "{\"kind\": \"c\"}\n{\"ki");
	assert_ok(erasures_merge(home.root, there, &err), err);
	lines_are("backup/erasures.jsonl", 3, NULL);
	assert_ok(erasures_within(home.root, there, &all, &err), err);
	assert_true(all);
	free(there);
}

#define APPENDED 200

/* Whoever is erased meanwhile is not forgotten of. */
static void test_what_is_noted_while_merging_stays(void **state)
{
	char *there = xformat("%s/backup", home.root);
	int status;
	pid_t pid;

	(void)state;
	assert_ok(sdg_make_dirs(there, 0700, &err), err);
	pid = fork();
	assert_true(pid >= 0);
	for (int i = 0; pid == 0 && i < APPENDED; i++)
		if (journal_append(&home, ERASURES, json_pack("{s:i}", "n", i),
				   NULL) < 0)
			_exit(1);
	if (pid == 0)
		_exit(0);
	for (int i = 0; waitpid(pid, &status, WNOHANG) == 0; i++) {
		char *line = xformat("{\"there\":%d}\n", i);

		holds("backup/" ERASURES, line);
		free(line);
		assert_ok(erasures_merge(there, home.root, &err), err);
	}
	assert_int_equal(status, 0);
	lines_of_child_are(APPENDED);
	free(there);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_broken_line_is_none),
		TEST(test_a_line_without_its_end_is_one),
		TEST(test_a_line_that_is_none_is_named),
		TEST(test_half_a_line_is_taken_back),
		TEST(test_a_broken_line_is_not_merged),
		TEST(test_what_is_noted_while_merging_stays),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
