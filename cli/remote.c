/*
 * remote: the same command, asked of another machine's soundings-reportd.
 * Files are written here, by this side alone: --output does not travel.
 *
 * With --ssh the question is what ssh was given (a forced command): whoever
 * sits there is trusted with the answer and not with this account, so that
 * no file is written at all.
 */
#include "remote.h"

#include "review_screen.h"

#include <stdlib.h>
#include <string.h>

#include <soundings/ask.h>

/* The server lets a question run for a minute. */
#define TIMEOUT_MS 65000

/* Take "--NAME VALUE" or "--NAME=VALUE" out; its value, or NULL. */
static const char *take_out(int *argc, char *argv[], const char *name)
{
	size_t len = strlen(name);

	for (int i = 1; i < *argc; i++) {
		const char *value = NULL;
		int n = 0;

		if (strcmp(argv[i], "--") == 0)
			break;
		if (strcmp(argv[i], name) == 0 && i + 1 < *argc) {
			value = argv[i + 1];
			n = 2;
		} else if (strncmp(argv[i], name, len) == 0 &&
			   argv[i][len] == '=') {
			value = argv[i] + len + 1;
			n = 1;
		}
		if (n == 0)
			continue;
		memmove(&argv[i], &argv[i + n],
			(size_t)(*argc - i - n + 1) * sizeof(*argv));
		*argc -= n;
		return value;
	}
	return NULL;
}

const char *remote_endpoint(int *argc, char *argv[])
{
	/* Before the command alone: commands have options of their own. */
	if (*argc < 2 || strncmp(argv[1], "--from", 6) != 0)
		return NULL;
	return take_out(argc, argv, "--from");
}

/* One word of a command line into @to: quotes hold it together, nothing
 * expands. */
static char *next_word(const char **at, char **to)
{
	char *word = *to, quote = 0;

	*at += strspn(*at, " \t");
	if (!**at)
		return NULL;
	for (; **at && (quote || !strchr(" \t", **at)); ++*at) {
		char c = **at;

		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else if (c == '\\' && quote != '\'' && (*at)[1])
			*(*to)++ = *++*at;
		else
			*(*to)++ = c;
	}
	*(*to)++ = '\0';
	return word;
}

/* -1: more words than can be asked. */
static int from_ssh(char *argv[SDG_ASK_WORDS + 2])
{
	static char name[] = "soundings", *text;
	const char *line = getenv("SSH_ORIGINAL_COMMAND");
	char *to;
	int n = 1;

	argv[0] = name;
	to = text = xcalloc(line ? strlen(line) + 2 : 1, 1);
	while (line && n <= SDG_ASK_WORDS && (argv[n] = next_word(&line, &to)))
		n++;
	if (n > SDG_ASK_WORDS && next_word(&line, &to))
		return -1;
	/* "soundings report" is what somebody types who read the manual. */
	if (n > 1 && strcmp(argv[1], name) == 0)
		memmove(&argv[1], &argv[2], (size_t)(--n) * sizeof(*argv));
	return n;
}

static int ask(const char *endpoint, int argc, char *argv[],
	       const char *output);

int remote_run(const char *endpoint, int argc, char *argv[])
{
	static char *words[SDG_ASK_WORDS + 2];
	const char *output;

	if (argc == 2 && strcmp(argv[1], "--ssh") == 0) {
		argc = from_ssh(words);
		if (argc < 0)
			return cli_usage("that is more than %d words",
					 SDG_ASK_WORDS);
		if (take_out(&argc, words, "--output"))
			return cli_usage("over ssh nothing is written here: "
					 "'ssh … report >report.txt' writes it "
					 "there");
		return ask(endpoint, argc, words, NULL);
	}
	output = take_out(&argc, argv, "--output");
	return ask(endpoint, argc, argv, output);
}

/* A person is asked, unless it is only to be listed or explained. */
static bool is_review(int argc, char *argv[])
{
	static const char *const ELSE[] = { "--list", "--conflicts", "--blind",
					    "--help", "-h" };

	if (strcmp(argv[1], "review") != 0)
		return false;
	for (int i = 2; i < argc; i++)
		for (size_t j = 0; j < sizeof(ELSE) / sizeof(*ELSE); j++)
			if (strncmp(argv[i], ELSE[j], strlen(ELSE[j])) == 0)
				return false;
	return true;
}

static int ask(const char *endpoint, int argc, char *argv[], const char *output)
{
	const struct cli_args args = { .output = output };
	struct sdg_answer answer = { 0 };
	struct sdg_error err = { 0 };
	struct sdg_curve_key key;
	int status;

	if (argc < 2)
		return cli_usage("--from wants a command to ask there");
	if (sdg_curve_key_own(&key, &err) < 0)
		return cli_usage("to ask elsewhere wants a key (%s): "
				 "'soundings keys use FILE'",
				 err.message);
	if (is_review(argc, argv)) {
		status = review_remote(endpoint, &key, argc - 1, argv + 1);
		sdg_curve_key_forget(&key);
		return status;
	}
	if (sdg_ask(endpoint, &key, (const char *const *)argv + 1, TIMEOUT_MS,
		    &answer, &err) < 0) {
		sdg_curve_key_forget(&key);
		return cli_fail(&err);
	}
	sdg_curve_key_forget(&key);
	fputs(answer.talk, stderr);
	status = answer.status;
	if (answer.out_len > 0 || status == 0) {
		int wrote = cli_emit_bytes(&args, answer.out, answer.out_len);

		status = status ? status : wrote;
	}
	sdg_answer_fini(&answer);
	return status;
}
