/*
 * fuzz_filter: any lines as the arguments of a report, and as dates.
 *
 * Properties: no crash; what is taken is in range (days in order, labels
 * that exist), what is not is misuse (64); a date that is taken and printed
 * is taken again as the same day.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fuzz.h"

#define WORDS_MAX 40

static void check_date(const char *text)
{
	char printed[DATE_SIZE];
	int32_t first, past, again, after;

	if (date_parse(text, &first, &past) != 0)
		return;
	if (first >= past)
		abort();
	date_format(first, printed);
	if (date_parse(printed, &again, &after) != 0 || again != first ||
	    after != first + 1)
		abort();
}

static void check_filter(const struct cli_args *args)
{
	const struct sdg_filter *f = &args->filter;

	if (args->theme_count > CLI_THEMES_MAX ||
	    (args->has_since && args->has_until &&
	     f->since_day > f->until_day + 1))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cli_spec spec = {
		.help = "",
		.formats = CLI_FORMATS_TEXT | CLI_FORMAT_BIT(CLI_CSV),
		.filters = true,
		.rest_max = 2,
	};
	static char name[] = "report";
	char *words[WORDS_MAX + 2] = { name }, *text, *at;
	struct cli_args args = { 0 };
	int n = 1, rc;

	if (size > 4096)
		return 0;
	text = malloc(size + 1);
	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	for (at = strtok(text, "\n"); at && n <= WORDS_MAX;
	     at = strtok(NULL, "\n")) {
		check_date(at);
		words[n++] = at;
	}
	rc = cli_parse(n, words, &spec, &args);
	if (rc == -1)
		check_filter(&args);
	else if (rc != 0 && rc != EXIT_USAGE)
		abort();
	free(text);
	return 0;
}
