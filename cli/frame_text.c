/*
 * frame_text: lines in, lines out. What a line means is for frame.c to say:
 * here it is only found where each theme begins, and that is held against
 * what frame.c read.
 */
#include "frame_text.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "words.h"

/* ------------------------------------------------------------------ lines */

static void insert_line(struct frame_lines *l, size_t at, char *line)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->lines = realloc(l->lines, l->cap * sizeof(*l->lines));
		if (!l->lines)
			errx(EXIT_RETRY, "no memory");
	}
	memmove(l->lines + at + 1, l->lines + at,
		(l->n - at) * sizeof(*l->lines));
	l->lines[at] = line;
	l->n++;
}

static void remove_lines(struct frame_lines *l, size_t first, size_t past)
{
	for (size_t i = first; i < past; i++)
		free(l->lines[i]);
	memmove(l->lines + first, l->lines + past,
		(l->n - past) * sizeof(*l->lines));
	l->n -= past - first;
}

static int read_lines(const char *dir, const char *name, struct frame_lines *l,
		      struct sdg_error *err)
{
	char *path = xformat("%s/%s", dir, name), *text = NULL, *rest;
	size_t len;
	int rc = sdg_read_file(path, SDG_FRAME_FILE_MAX, &text, &len, err);

	free(path);
	if (rc < 0)
		return rc;
	for (rest = text; rest && *rest;) {
		char *line = strsep(&rest, "\n");

		insert_line(l, l->n, xstrdup(line));
	}
	free(text);
	return 0;
}

static void free_lines(struct frame_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->lines[i]);
	free(l->lines);
}

char *frame_lines_text(const struct frame_lines *l)
{
	struct cli_text text;
	FILE *to = cli_text_open(&text);

	for (size_t i = 0; i < l->n; i++)
		fprintf(to, "%s\n", l->lines[i]);
	if (fclose(to) != 0)
		errx(EXIT_RETRY, "no memory");
	return text.data;
}

/* ---------------------------------------------------------------- reading */

static bool says_nothing(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\0' || *line == '#';
}

static bool begins_item(const char *line, size_t indent)
{
	return strspn(line, " ") == indent && line[indent] == '-' &&
	       (line[indent + 1] == ' ' || line[indent + 1] == '\0');
}

/* Where each theme stands; how many there are, or 0. */
static size_t find_themes(struct frame_text *t)
{
	const struct frame_lines *y = &t->yaml;
	size_t at = 0, n = 0;

	while (at < y->n && strncmp(y->lines[at], "themes:", 7) != 0)
		at++;
	if (at == y->n || !says_nothing(y->lines[at] + 7))
		return 0;
	t->themes = at++;
	while (at < y->n && says_nothing(y->lines[at]))
		at++;
	t->indent = at < y->n ? strspn(y->lines[at], " ") : 0;
	for (; at < y->n; at++) {
		if (says_nothing(y->lines[at]))
			continue;
		if (begins_item(y->lines[at], t->indent)) {
			if (n == SDG_FRAME_MAX)
				return 0;
			t->first[n++] = at;
		} else if (n == 0 || strspn(y->lines[at], " ") <= t->indent) {
			break;
		}
		t->past[n - 1] = at + 1;
	}
	return n;
}

int frame_text_read(const char *dir, struct frame_text *out,
		    struct sdg_error *err)
{
	int rc;

	*out = (struct frame_text){ 0 };
	rc = sdg_frame_read(dir, &out->frame, err);
	if (rc == 0)
		rc = read_lines(dir, "frame.yaml", &out->yaml, err);
	if (rc < 0)
		return rc;
	rc = read_lines(dir, "cues.tsv", &out->cues, err);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	if (find_themes(out) != out->frame->theme_count)
		return sdg_fail(err, SDG_EINVAL,
				"edit '%.200s/frame.yaml': its themes are not "
				"one below the other, each begun by '-': edit "
				"it by hand",
				dir);
	return 0;
}

void frame_text_fini(struct frame_text *t)
{
	sdg_frame_free(t->frame);
	free_lines(&t->yaml);
	free_lines(&t->cues);
}

/* ---------------------------------------------------------------- editing */

/* As a string of YAML in double quotes. */
static char *quoted(const char *s)
{
	struct cli_text text;
	FILE *to = cli_text_open(&text);

	fputc('"', to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', to);
		fputc(*s == '\n' ? ' ' : *s, to);
	}
	fputc('"', to);
	if (fclose(to) != 0)
		errx(EXIT_RETRY, "no memory");
	return text.data;
}

void frame_text_add(struct frame_text *t, size_t at, const char *id,
		    const char *name, const char *definition, const char *like)
{
	size_t n = t->frame->theme_count;
	size_t line = at < n ? t->first[at] : t->past[n - 1];
	char *q = quoted(name), *d = quoted(definition);
	int in = (int)t->indent;

	insert_line(&t->yaml, line++, xformat("%*s- id: %s", in, "", id));
	insert_line(&t->yaml, line++, xformat("%*s  name: %s", in, "", q));
	insert_line(&t->yaml, line++,
		    xformat("%*s  definition: %s", in, "", d));
	if (like)
		insert_line(&t->yaml, line,
			    xformat("%*s  like: %s", in, "", like));
	free(q);
	free(d);
}

/* Cues of frame.yaml that go with their theme's lines. */
static void keep_inline(struct frame_text *t, size_t theme, const char *into)
{
	for (size_t i = 0; i < t->frame->cue_count; i++) {
		const struct sdg_cue *cue = &t->frame->cues[i];

		if (cue->theme == theme && cue->line == 0)
			frame_text_cue(t, into, cue->phrase, cue->weight, NULL);
	}
}

static bool is_cue_of(const char *line, const char *theme)
{
	size_t n = strlen(theme);

	return strncmp(line, theme, n) == 0 && line[n] == '\t';
}

/* Has @theme the phrase of @cue (tab, phrase, tab …) already? */
static bool has_cue(const struct frame_text *t, const char *theme,
		    const char *cue)
{
	size_t n = strlen(theme), len = strcspn(cue + 1, "\t") + 2;

	for (size_t i = 0; i < t->cues.n; i++)
		if (is_cue_of(t->cues.lines[i], theme) &&
		    strncmp(t->cues.lines[i] + n, cue, len) == 0)
			return true;
	return false;
}

void frame_text_remove(struct frame_text *t, size_t theme, const char *into)
{
	const char *id = t->frame->themes[theme].id;
	size_t len = strlen(id);

	if (into)
		keep_inline(t, theme, into);
	for (size_t i = 0; i < t->cues.n;) {
		char *line = t->cues.lines[i];

		if (!is_cue_of(line, id)) {
			i++;
		} else if (into && !has_cue(t, into, line + len)) {
			t->cues.lines[i++] = xformat("%s%s", into, line + len);
			free(line);
		} else {
			remove_lines(&t->cues, i, i + 1);
		}
	}
	remove_lines(&t->yaml, t->first[theme], t->past[theme]);
}

/* What stands behind @key in @line, where an entry begins with it: at column
 * @indent, or within braces and no quotes. "It was: [sic]" in a definition is
 * none. */
static char *value_of(char *line, size_t indent, const char *key)
{
	char *at = line + strspn(line, " -"), before = '{', quote = '\0';
	size_t n = strlen(key);

	if (*at != '{')
		return at == line + indent && strncmp(at, key, n) == 0 ? at + n
								       : NULL;
	while (*++at) {
		if (quote && *at == '\\' && quote == '"' && at[1])
			at++;
		else if (quote)
			quote = *at == quote ? '\0' : quote;
		else if (strchr("{,", before) && strncmp(at, key, n) == 0)
			return at + n;
		else if (strchr("{,:[", before) && strchr("\"'", *at))
			quote = *at;
		if (*at != ' ')
			before = *at;
	}
	return NULL;
}

/* @id into the list that follows @key in @line; false: there is none. */
static bool add_to_list(char **line, size_t indent, const char *key,
			const char *id)
{
	char *at = value_of(*line, indent, key), *grown;

	if (!at || at[strspn(at, " ")] != '[')
		return false;
	at += strspn(at, " ");
	grown = xformat("%.*s%s%s%s", (int)(at - *line + 1), *line, id,
			at[1 + strspn(at + 1, " ")] == ']' ? "" : ", ", at + 1);
	free(*line);
	*line = grown;
	return true;
}

void frame_text_was(struct frame_text *t, size_t theme, const char *id)
{
	size_t at = t->first[theme];
	char *line = t->yaml.lines[at], *brace, *grown;

	for (size_t i = at; i < t->past[theme]; i++)
		if (add_to_list(&t->yaml.lines[i], t->indent + 2, "was:", id))
			return;
	brace = line + t->indent + 1;
	brace += strspn(brace, " ");
	if (*brace != '{') {
		insert_line(&t->yaml, at + 1,
			    xformat("%*s  was: [%s]", (int)t->indent, "", id));
		return;
	}
	grown = xformat("%.*swas: [%s], %s", (int)(brace - line + 1), line, id,
			brace + 1);
	free(line);
	t->yaml.lines[at] = grown;
}

void frame_text_retired(struct frame_text *t, const char *id)
{
	for (size_t i = 0; i < t->themes; i++)
		if (add_to_list(&t->yaml.lines[i], 0, "retired:", id))
			return;
	insert_line(&t->yaml, t->themes, xformat("retired: [%s]", id));
}

void frame_text_cue(struct frame_text *t, const char *theme, const char *phrase,
		    int weight, const char *from)
{
	size_t at = t->cues.n;
	char *own = xformat("\t%s\t", phrase);

	for (size_t i = 0; from && i < t->cues.n; i++) {
		if (!is_cue_of(t->cues.lines[i], from) ||
		    strncmp(t->cues.lines[i] + strlen(from), own,
			    strlen(own)) != 0)
			continue;
		remove_lines(&t->cues, i, i + 1);
		at = i;
		break;
	}
	if (!has_cue(t, theme, own))
		insert_line(&t->cues, at,
			    xformat("%s\t%s\t%d", theme, phrase, weight));
	free(own);
}

/* A cue's words by their stems, as cues.c has them; 0: no words. */
static uint64_t key_of(struct sdg_stemmer *stemmer, const char *line)
{
	struct sdg_word words[SDG_CUE_WORDS_MAX + 1];
	const char *phrase = strchr(line, '\t') + 1;
	struct sdg_str str = { phrase, strcspn(phrase, "\t") };
	size_t n = sdg_words_split(stemmer, str, words, SDG_CUE_WORDS_MAX + 1);
	uint64_t key = n ? words[0].stem : 0;

	for (size_t i = 1; i < n; i++)
		key = sdg_words_join(key, words[i].stem);
	return key;
}

static bool is_exclusion(const char *line)
{
	return strrchr(line, '\t')[1] == '-';
}

/* Is line @at of cues.tsv, an exclusion of @theme, a cue of it elsewhere? */
static bool is_cue_too(const struct frame_text *t, struct sdg_stemmer *stemmer,
		       const char *theme, size_t at)
{
	uint64_t key = key_of(stemmer, t->cues.lines[at]);

	for (size_t i = 0; i < t->cues.n; i++)
		if (is_cue_of(t->cues.lines[i], theme) &&
		    !is_exclusion(t->cues.lines[i]) &&
		    key_of(stemmer, t->cues.lines[i]) == key)
			return true;
	return false;
}

int frame_text_settle(struct frame_text *t, const char *theme, size_t *dropped,
		      struct sdg_error *err)
{
	struct sdg_stemmer *stemmer = NULL;
	int rc = sdg_stemmer_new(&stemmer, err);

	for (size_t i = 0; rc == 0 && i < t->cues.n;) {
		if (is_cue_of(t->cues.lines[i], theme) &&
		    is_exclusion(t->cues.lines[i]) &&
		    is_cue_too(t, stemmer, theme, i)) {
			remove_lines(&t->cues, i, i + 1);
			++*dropped;
		} else {
			i++;
		}
	}
	sdg_stemmer_free(stemmer);
	return rc;
}
