/*
 * nearest: an id that is none, in words: which one is near, or which there
 * are. It is misuse (64), whether a closed list or the store knows the ids.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* More than these and a list helps nobody. */
#define LISTED_MAX 24

/* Levenshtein's distance; names are short, longer ones are far apart. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], la = strlen(a), lb = strlen(b);

	if (la > 60 || lb > 60)
		return 60;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[lb];
}

const char *cli_nearest(const char *word, const char *const *names, size_t n)
{
	const char *nearest = NULL;
	size_t least = strlen(word) / 2 + 1;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		/* "reports", "regional": what was typed goes on, or stops. */
		if (*word && strncmp(word, names[i], strlen(word)) == 0)
			d = d < 1 ? d : 1;
		if (d < least) {
			least = d;
			nearest = names[i];
		}
	}
	return nearest;
}

/* "no such region 'nort-east' (did you mean 'north-east'?)", or, where none
 * is near, with all there are; an option's are many, and in --help. */
static char *in_words(const char *what, const char *value,
		      const char *const *names, size_t n)
{
	const char *nearest = cli_nearest(value, names, n);
	char *safe = sdg_text_visible(sdg_str(value), false);
	char *words = xformat("no such %s '%.60s'", what, safe ? safe : ""),
	     *next;

	free(safe);
	if (nearest) {
		next = xformat("%s (did you mean '%s'?)", words, nearest);
		free(words);
		return next;
	}
	if (n > LISTED_MAX)
		return words;
	for (size_t i = 0; i < n; i++) {
		next = xformat("%s%s%s", words, i ? ", " : ": ", names[i]);
		free(words);
		words = next;
	}
	return words;
}

int cli_no_such(const char *what, const char *value, const char *const *names,
		size_t n)
{
	char *words = in_words(what, value, names, n);

	warnx("%s", words);
	free(words);
	return -1;
}

int cli_no_such_label(const char *what, const char *value,
		      const char *(*id)(int), int first, int count)
{
	const char *names[32];
	size_t n = 0;

	for (int i = first; i < count && n < 32; i++)
		names[n++] = id(i);
	return cli_no_such(what, value, names, n);
}

int cli_no_such_theme(struct sdg_store *store, const char *value,
		      struct sdg_error *err)
{
	const char *names[256];
	size_t n = 0;
	char *words;

	for (size_t t = 1; t <= sdg_store_theme_count(store) && n < 256; t++)
		names[n++] = sdg_store_theme_id(store, (uint32_t)t);
	words = in_words("theme", value, names, n);
	sdg_fail(err, SDG_EINVAL, "%s", words);
	free(words);
	return cli_misuse(err);
}

struct ids {
	char (*ids)[sizeof(((struct sdg_consultation *)0)->id)];
	size_t n;
};

static int keep_id(void *arg, const struct sdg_consultation *c)
{
	struct ids *list = arg;
	void *grown = realloc(list->ids, (list->n + 1) * sizeof(*list->ids));

	if (!grown)
		errx(EXIT_RETRY, "no memory");
	list->ids = grown;
	memcpy(list->ids[list->n++], c->id, sizeof(c->id));
	return 0;
}

int cli_no_such_consultation(struct sdg_store *store, const char *value,
			     struct sdg_error *err)
{
	struct ids list = { 0 };
	const char **names;
	int rc = sdg_consultation_each(store, keep_id, &list, err);

	if (rc == 0) {
		char *words;

		names = xcalloc(list.n + 1, sizeof(*names));
		for (size_t i = 0; i < list.n; i++)
			names[i] = list.ids[i];
		words = in_words("consultation", value, names, list.n);
		sdg_fail(err, SDG_EINVAL, "%s", words);
		rc = cli_misuse(err);
		free(words);
		free(names);
	}
	free(list.ids);
	return rc;
}

int cli_misuse(struct sdg_error *err)
{
	err->code = CLI_EUSAGE;
	return CLI_EUSAGE;
}
