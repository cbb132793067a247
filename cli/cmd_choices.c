/*
 * choices: the closed questions of surveys, by who answered and by what
 * they wrote.
 *
 * People are counted, once for each answer they gave to a question. A
 * row's open answers are pieces of their own and carry the same choices.
 */
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings choices\n"
    "  soundings choices --by region\n"
    "  soundings choices --by theme --grep \"How satisfied\"\n"
    "  soundings choices --role head --format csv\n"
    "\n"
    "Usage: soundings choices [--by region|role|phase|theme] [filters]\n"
    "  --by DIM      who chose what: across, each of its values\n"
    "  --grep WORDS  only questions that hold this\n"
    "  --format F    table json csv md xlsx      --output FILE\n"
    "  filters       as for 'soundings report'\n"
    "\n"
    "Respondents who gave an answer, and of those who answered the question\n"
    "per cent; where several may be ticked these add up to more than 100.\n"
    "Only rows with words of their own are kept, and so counted.\n";

#define KEYS_MAX 300

struct answer {
	char *text;
	uint64_t people;
	uint64_t by[KEYS_MAX];
};

struct question {
	char *text;
	struct answer *answers;
	size_t count, cap;
	uint64_t people;
	uint64_t by[KEYS_MAX];
};

struct choices {
	int by; /* a dimension, or -1 */
	const char *grep;
	struct question *questions;
	size_t count, cap;
	struct map people;
	struct map index; /* of question and answer → place + 1 */
	bool seen[KEYS_MAX];
	struct dim_names names;
};

static int take_by(void *arg, const char *value)
{
	struct choices *c = arg;

	c->by = dim_from_id(value);
	if (c->by != SDG_DIM_REGION && c->by != SDG_DIM_ROLE &&
	    c->by != SDG_DIM_PHASE && c->by != SDG_DIM_THEME) {
		warnx("--by wants region, role, phase or theme");
		return -1;
	}
	return 0;
}

static uint64_t hash_str(uint64_t h, struct sdg_str s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.s[i]) * 0x100000001b3u;
	return mix64(h);
}

static char *copy(struct sdg_str s)
{
	char *text = strndup(s.len ? s.s : "", s.len);

	if (!text)
		errx(EXIT_RETRY, "no memory");
	return text;
}

/* Room for one more of @count things of @size. */
static void *room(void *list, size_t count, size_t *cap, size_t size)
{
	void *grown;

	if (count < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 8;
	grown = realloc(list, *cap * size);
	if (!grown)
		errx(EXIT_RETRY, "no memory");
	return grown;
}

static struct question *question_of(struct choices *c, struct sdg_str text,
				    uint64_t hash)
{
	struct map_entry *at = map_at(&c->index, hash);

	if (at->a)
		return &c->questions[at->a - 1];
	c->questions =
	    room(c->questions, c->count, &c->cap, sizeof(*c->questions));
	c->questions[c->count] = (struct question){ .text = copy(text) };
	at->a = (uint32_t)++c->count;
	return &c->questions[c->count - 1];
}

static struct answer *answer_of(struct choices *c, struct question *q,
				struct sdg_str text, uint64_t hash)
{
	struct map_entry *at = map_at(&c->index, hash);

	if (at->a)
		return &q->answers[at->a - 1];
	q->answers = room(q->answers, q->count, &q->cap, sizeof(*q->answers));
	q->answers[q->count] = (struct answer){ .text = copy(text) };
	at->a = (uint32_t)++q->count;
	return &q->answers[q->count - 1];
}

/* The keys of a piece in the dimension asked for. */
static size_t keys_of(const struct choices *c, const struct sdg_labels *l,
		      uint32_t keys[SDG_PHASE_COUNT])
{
	size_t n = 0;

	if (c->by == SDG_DIM_REGION)
		keys[n++] = l->region;
	else if (c->by == SDG_DIM_ROLE)
		keys[n++] = l->role;
	else if (c->by == SDG_DIM_THEME)
		for (int i = 0; i < l->theme_count && i < SDG_THEMES_MAX; i++)
			keys[n++] = l->themes[i];
	else if (c->by == SDG_DIM_PHASE)
		for (uint32_t bit = 0; bit < SDG_PHASE_COUNT; bit++)
			if (l->phases & 1u << bit)
				keys[n++] = 1u << bit;
	if (c->by == SDG_DIM_PHASE && n == 0)
		keys[n++] = 0;
	return n;
}

static void count(struct choices *c, uint64_t what, uint64_t who,
		  uint64_t *people, uint64_t *by, const uint32_t *keys,
		  size_t n)
{
	if (map_add(&c->people, mix64(what) ^ who))
		++*people;
	for (size_t i = 0; i < n; i++) {
		if (keys[i] >= KEYS_MAX)
			continue;
		c->seen[keys[i]] = true;
		if (map_add(&c->people, mix64(what + keys[i] + 1) ^ who))
			by[keys[i]]++;
	}
}

static int note_piece(void *arg, const struct sdg_stored *stored)
{
	const struct sdg_feedback *fb = &stored->fb;
	uint32_t keys[SDG_PHASE_COUNT];
	struct choices *c = arg;
	uint64_t who = stored->member;
	size_t n = keys_of(c, &stored->labels, keys);

	if (who == 0)
		memcpy(&who, stored->id + 8, sizeof(who));
	for (size_t i = 0; i < fb->choice_count; i++) {
		struct sdg_str asked = fb->choices[i].question;
		uint64_t hq = hash_str(0xcbf29ce484222325u, asked);
		uint64_t ha = hash_str(hq + 1, fb->choices[i].answer);
		struct question *q;
		struct answer *a;

		if (c->grep && asked.len &&
		    !memmem(asked.s, asked.len, c->grep, strlen(c->grep)))
			continue;
		q = question_of(c, asked, hq);
		a = answer_of(c, q, fb->choices[i].answer, ha);
		count(c, hq, who, &q->people, q->by, keys, n);
		count(c, ha, who, &a->people, a->by, keys, n);
	}
	return 0;
}

static int by_people(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;

	if (x->people != y->people)
		return x->people < y->people ? 1 : -1;
	return strcmp(x->text, y->text);
}

static void share(struct cell *cell, uint64_t part, uint64_t whole)
{
	if (whole)
		cell_number(cell, 100.0 * (double)part / (double)whole);
}

/* What machines get: a row a question, answer and key. */
static struct grid *long_grid(const struct choices *c)
{
	struct grid *grid = grid_new("choices");
	size_t extra = c->by >= 0;

	grid_column(grid, "question", "question", false);
	grid_column(grid, "answer", "answer", false);
	if (extra)
		grid_column(grid, dim_id((enum sdg_dim)c->by),
			    dim_title((enum sdg_dim)c->by), false);
	grid_column(grid, "respondents", "respondents", true);
	grid_column(grid, "of", "of", true);
	grid_column(grid, "percent", "%", true);
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->questions[i].count; k++) {
			const struct question *q = &c->questions[i];
			const struct answer *a = &q->answers[k];

			for (uint32_t key = 0; key < KEYS_MAX; key++) {
				struct cell *row;
				uint64_t part, whole;

				if (extra ? !c->seen[key] : key > 0)
					continue;
				part = extra ? a->by[key] : a->people;
				whole = extra ? q->by[key] : q->people;
				row = grid_row(grid);
				cell_str(&row[0], sdg_str(q->text));
				cell_str(&row[1], sdg_str(a->text));
				if (extra)
					dim_cell(&c->names, (enum sdg_dim)c->by,
						 key, &row[2]);
				cell_count(&row[2 + extra], part);
				cell_count(&row[3 + extra], whole);
				share(&row[4 + extra], part, whole);
			}
		}
	return grid;
}

/* One question for people: answers down, keys across. */
static void question_rows(const struct choices *c, const struct question *q,
			  struct grid *grid)
{
	struct cell *row = grid_row(grid);
	size_t at = 1;

	cell_str(&row[0], sdg_str(q->text));
	cell_count(&row[at++], q->people);
	at++;
	for (uint32_t key = 0; key < KEYS_MAX && c->by >= 0; key++)
		if (c->seen[key])
			cell_count(&row[at++], q->by[key]);
	for (size_t k = 0; k < q->count; k++) {
		const struct answer *a = &q->answers[k];
		char *visible = xformat("  %s", a->text);

		row = grid_row(grid);
		cell_str(&row[0], sdg_str(visible));
		free(visible);
		at = 1;
		cell_count(&row[at++], a->people);
		share(&row[at++], a->people, q->people);
		for (uint32_t key = 0; key < KEYS_MAX && c->by >= 0; key++)
			if (c->seen[key])
				share(&row[at++], a->by[key], q->by[key]);
	}
}

static struct grid *people_grid(const struct choices *c)
{
	struct grid *grid = grid_new("choices");

	grid_truncate(grid,
		      grid_column(grid, "answer", "question, answer", false));
	grid_column(grid, "respondents", "all", true);
	grid_decimals(grid, grid_column(grid, "percent", "%", true), 0);
	for (uint32_t key = 0; key < KEYS_MAX && c->by >= 0; key++) {
		struct cell words = { 0 };
		const char *brief = dim_short((enum sdg_dim)c->by, key);

		if (!c->seen[key])
			continue;
		dim_cell(&c->names, (enum sdg_dim)c->by, key, &words);
		grid_decimals(grid,
			      grid_column(grid, words.text,
					  brief ? brief : words.text, true),
			      0);
		free(words.text);
		free(words.label);
	}
	for (size_t i = 0; i < c->count; i++)
		question_rows(c, &c->questions[i], grid);
	return grid;
}

static int emit(struct choices *c, const struct cli_args *args)
{
	struct grid *all, *shown;
	char *period = report_period(args);
	int status;

	for (size_t i = 0; i < c->count; i++)
		qsort(c->questions[i].answers, c->questions[i].count,
		      sizeof(struct answer), by_people);
	all = long_grid(c);
	shown = people_grid(c);
	grid_note(shown, false, "Closed questions: %s.", period);
	if (c->count == 0)
		grid_note(shown, false, "No closed question was answered.");
	else
		grid_note(shown, true,
			  "A question's line counts those who answered it; an "
			  "answer's line is per cent of them%s. Rows without a "
			  "word of their own are not kept. Exact internal "
			  "figures.",
			  c->by >= 0 ? ", in each column" : "");
	status = cli_emit(args, cli_envelope("choices"), all, shown);
	grid_free(all);
	grid_free(shown);
	free(period);
	return status;
}

/* Only surveys ask closed questions: the rest need not be opened. */
static int read_answers(struct choices *c, struct cli *cli)
{
	const uint32_t survey = UINT32_C(1) << SDG_SOURCE_SURVEY;
	struct sdg_filter filter = cli->args.filter;

	if (filter.sources && !(filter.sources & survey))
		return 0;
	filter.sources = survey;
	return sdg_store_each(cli->store, &filter, 0, NULL, note_piece, c,
			      &cli->err);
}

static void fini(struct choices *c)
{
	for (size_t i = 0; i < c->count; i++) {
		for (size_t k = 0; k < c->questions[i].count; k++)
			free(c->questions[i].answers[k].text);
		free(c->questions[i].answers);
		free(c->questions[i].text);
	}
	free(c->questions);
	map_fini(&c->people);
	map_fini(&c->index);
	dim_names_free(&c->names);
}

static const struct cli_option OPTIONS[] = {
	CLI_TAKEN("by", take_by),
	CLI_TEXT("grep", struct choices, grep),
	{ 0 },
};

int cmd_choices(int argc, char *argv[])
{
	struct choices c = { .by = -1 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = &c,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	status = dim_names_load(cli.store, &c.names, &cli.err);
	if (status == 0)
		status = read_answers(&c, &cli);
	if (status == 0)
		status = emit(&c, &cli.args);
	fini(&c);
	return cli_end(&cli, status);
}
