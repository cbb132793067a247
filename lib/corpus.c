/*
 * corpus: reading labelled lines. It never repeats what a line says in an
 * error, since a member may have written it; but for a source or a label that
 * is none, where it looks like one.
 *
 * A label that is none stops whoever reads labels. A source that is none does
 * not: other people's files call a note "note" and a blog "blog", and an
 * answer to the line is worth more than none.
 */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <soundings/home.h>

#define LABEL_SHOWN_MAX 32
#define ALLOWED_SIZE 256

/* A field that says one of a closed list. */
struct closed {
	const char *key;
	const char *(*id)(int);
	int first, count;
};

static const struct closed SOURCE = { "source", sdg_source_id, 1,
				      SDG_SOURCE_COUNT };
static const struct closed KIND = { "kind", sdg_kind_id, 1, SDG_KIND_COUNT };
static const struct closed LABELS[] = {
	{ "region", sdg_region_id, 1, SDG_REGION_COUNT },
	{ "region_evidence", sdg_evidence_id, 0, SDG_EVIDENCE_COUNT },
	{ "stance", sdg_stance_id, 0, SDG_STANCE_COUNT },
	{ "role", sdg_role_id, 0, SDG_ROLE_COUNT },
};

static struct sdg_str string_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return (struct sdg_str){ 0 };
	return (struct sdg_str){ json_string_value(value),
				 json_string_length(value) };
}

static bool same_word(struct sdg_str a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.s, b, a.len) == 0;
}

/* Which source a line is of, by its own word or another for the same; 0:
 * none that there is. */
static int source_named(struct sdg_str word)
{
	static const struct {
		const char *word;
		enum sdg_source source;
	} others[] = {
		{ "email", SDG_SOURCE_MAIL },
		{ "e-mail", SDG_SOURCE_MAIL },
		{ "note", SDG_SOURCE_REP },
		{ "notes", SDG_SOURCE_REP },
		{ "rep-note", SDG_SOURCE_REP },
		{ "representative", SDG_SOURCE_REP },
		{ "form", SDG_SOURCE_SURVEY },
	};

	for (int i = 1; i < SDG_SOURCE_COUNT; i++) {
		if (same_word(word, sdg_source_id(i)))
			return i;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (same_word(word, others[i].word))
			return (int)others[i].source;
	}
	return 0;
}

/* Whose fields the line has, where it names no source that there is. */
static enum sdg_source source_by_fields(const json_t *object)
{
	if (string_of(object, "rep").len)
		return SDG_SOURCE_REP;
	if (json_object_get(object, "from"))
		return SDG_SOURCE_MAIL;
	if (string_of(object, "question").len ||
	    json_is_object(json_object_get(object, "respondent")))
		return SDG_SOURCE_SURVEY;
	return SDG_SOURCE_MAIL;
}

/* Nothing, null and "" are mail. */
static void read_source(const json_t *object, struct sdg_corpus *out)
{
	const json_t *value = json_object_get(object, "source");
	struct sdg_str word = string_of(object, "source");
	int named = source_named(word);
	bool silent = !value || json_is_null(value) ||
		      (json_is_string(value) && word.len == 0);

	out->source_guessed = !silent && named == 0;
	out->fb.source = named    ? (enum sdg_source)named
			 : silent ? SDG_SOURCE_MAIL
				  : source_by_fields(object);
}

static bool mentions_council(struct sdg_str s)
{
	static const char word[] = "council";
	size_t len = sizeof(word) - 1;

	for (size_t i = 0; i + len <= s.len; i++) {
		if (strncasecmp(s.s + i, word, len) == 0)
			return true;
	}
	return false;
}

/*
 * "Jane Doe, Council rep, Norfolk", "Jane Doe, Council (London South)",
 * "Jane Doe": the name is what stands before the first comma, the
 * constituency what stands in brackets or after the last comma, unless it
 * only says that she is on Council.
 */
static void read_rep(struct sdg_str rep, struct sdg_note *note)
{
	const char *comma, *open;
	struct sdg_str rest;

	if (rep.len == 0)
		return;
	comma = memchr(rep.s, ',', rep.len);
	open = memchr(rep.s, '(', rep.len);
	if (comma && open && open < comma)
		comma = NULL;
	note->representative = rep;
	if (comma)
		note->representative.len = (size_t)(comma - rep.s);
	else if (open)
		note->representative.len = (size_t)(open - rep.s);
	note->representative = sdg_str_trim(note->representative, SDG_BLANKS);
	if (open) {
		rest.s = open + 1;
		rest.len = rep.len - (size_t)(rest.s - rep.s);
		if (memchr(rest.s, ')', rest.len))
			rest.len = (size_t)((const char *)memchr(rest.s, ')',
								 rest.len) -
					    rest.s);
	} else if (comma) {
		rest.s = comma + 1;
		rest.len = rep.len - (size_t)(rest.s - rep.s);
		/* "Council rep, Leicester, Leicestershire and Rutland" */
		comma = memchr(rest.s, ',', rest.len);
		if (comma && mentions_council((struct sdg_str){
				 rest.s, (size_t)(comma - rest.s) })) {
			rest.len -= (size_t)(comma + 1 - rest.s);
			rest.s = comma + 1;
		} else if (mentions_council(rest)) {
			/* "Council rep for Staffordshire & Stoke" */
			const char *of = memmem(rest.s, rest.len, " for ", 5);

			if (!of)
				return;
			rest.len -= (size_t)(of + 5 - rest.s);
			rest.s = of + 5;
		}
	} else {
		return;
	}
	note->constituency = sdg_str_trim(rest, SDG_BLANKS);
}

static void read_from(struct sdg_str from, struct sdg_corpus *out)
{
	struct sdg_str name = from;
	const char *open = from.len ? memchr(from.s, '<', from.len) : NULL;

	out->fb.respondent.address.len =
	    sdg_address_normalise(from, out->address, sizeof(out->address));
	out->fb.respondent.address.s = out->address;
	if (!open)
		return;
	name.len = (size_t)(open - from.s);
	name = sdg_str_trim(name, SDG_BLANKS);
	if (name.len >= 2 && name.s[0] == '"' && name.s[name.len - 1] == '"') {
		name.s++;
		name.len -= 2;
	}
	out->fb.respondent.name = name;
}

/* The strings of @list are marks like @mark; is it a list at all? More than
 * there is room for are counted, and refused by who reads labels. */
static bool read_marks(const json_t *list, struct sdg_rationale mark,
		       struct sdg_corpus *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *words = json_array_get(list, i);

		mark.words = (struct sdg_str){ json_string_value(words),
					       json_string_length(words) };
		if (out->mark_count < SDG_CORPUS_MARKS_MAX)
			out->marks[out->mark_count] = mark;
		out->mark_count++;
	}
	return json_is_array(list);
}

static void read_evidence(json_t *object, struct sdg_corpus *out)
{
	json_t *themes = json_object_get(object, "evidence"), *list;
	static const char *const tones[] = { "praise", "blame" };
	const char *id;

	out->themes_marked = json_is_object(themes);
	json_object_foreach(themes, id, list) read_marks(
	    list, (struct sdg_rationale){ .theme = sdg_str(id) }, out);
	for (int tone = 0; tone < SDG_TONE_COUNT; tone++)
		out->tones_marked |=
		    read_marks(json_object_get(object, tones[tone]),
			       (struct sdg_rationale){ .tone = tone }, out);
}

static void read_labels(const json_t *object, struct sdg_corpus *out)
{
	const json_t *themes = json_object_get(object, "themes");

	out->kind = string_of(object, "kind");
	out->region = string_of(object, "region");
	out->evidence = string_of(object, "region_evidence");
	out->stance = string_of(object, "stance");
	out->role = string_of(object, "role");
	out->labelled = json_is_array(themes);
	for (size_t i = 0; i < json_array_size(themes); i++) {
		const json_t *theme = json_array_get(themes, i);

		if (!json_is_string(theme) ||
		    out->theme_count == SDG_CORPUS_THEMES_MAX)
			continue;
		out->themes[out->theme_count++] =
		    (struct sdg_str){ json_string_value(theme),
				      json_string_length(theme) };
	}
}

static int refuse(struct sdg_corpus_place at, struct sdg_error *err,
		  enum sdg_code code, const char *what)
{
	return sdg_fail(err, code, "read '%s': line %zu: %s", at.file, at.line,
			what);
}

/* @value in quotes, where it may have been meant as a label: short, and of
 * letters, digits and the like. */
static void show(struct sdg_str value, char out[LABEL_SHOWN_MAX + 3])
{
	bool label = value.len <= LABEL_SHOWN_MAX;

	for (size_t i = 0; i < value.len && label; i++)
		label =
		    value.s[i] == ' ' || value.s[i] == '-' ||
		    value.s[i] == '_' ||
		    (value.s[i] >= '0' && value.s[i] <= '9') ||
		    ((value.s[i] | 0x20) >= 'a' && (value.s[i] | 0x20) <= 'z');
	if (label)
		snprintf(out, LABEL_SHOWN_MAX + 3, "'%.*s'",
			 SDG_STR_ARG(value));
	else
		snprintf(out, LABEL_SHOWN_MAX + 3, "of %zu bytes", value.len);
}

/* Nothing, null and "" say nothing; anything else is one of the list. */
static int check(const struct sdg_corpus *piece, const struct closed *closed,
		 struct sdg_error *err)
{
	const json_t *value = json_object_get(piece->json, closed->key);
	struct sdg_str id = string_of(piece->json, closed->key);
	char shown[LABEL_SHOWN_MAX + 3], allowed[ALLOWED_SIZE] = "";
	char what[ALLOWED_SIZE + 96];
	size_t len = 0;

	if (!value || json_is_null(value) ||
	    (json_is_string(value) && id.len == 0))
		return 0;
	for (int i = closed->first; i < closed->count; i++) {
		if (sdg_str_eq(id, closed->id(i)))
			return 0;
		len += (size_t)snprintf(allowed + len, sizeof(allowed) - len,
					"%s%s", len ? ", " : "", closed->id(i));
	}
	show(id, shown);
	snprintf(what, sizeof(what), "%s %s is none of %s", closed->key,
		 json_is_string(value) ? shown : "that is no string", allowed);
	return refuse(piece->at, err, SDG_EINVAL, what);
}

static int check_themes(const struct sdg_corpus *piece, struct sdg_error *err)
{
	const json_t *themes = json_object_get(piece->json, "themes");
	size_t n = json_array_size(themes);

	if (!themes || json_is_null(themes))
		return 0;
	if (json_is_array(themes) && n > SDG_CORPUS_THEMES_MAX)
		return sdg_fail(
		    err, SDG_EINVAL, "read '%s': line %zu: more than %d themes",
		    piece->at.file, piece->at.line, SDG_CORPUS_THEMES_MAX);
	if (!json_is_array(themes) || piece->theme_count != n)
		return refuse(piece->at, err, SDG_EINVAL,
			      "themes is no list of strings");
	return 0;
}

/* What is said to show a label is words of the text. */
static int check_marks(const struct sdg_corpus *piece, struct sdg_error *err)
{
	struct sdg_str text = piece->fb.text;

	if (piece->mark_count > SDG_CORPUS_MARKS_MAX)
		return refuse(piece->at, err, SDG_EINVAL,
			      "too many stretches in evidence, praise, blame");
	for (size_t i = 0; i < piece->mark_count; i++) {
		struct sdg_str words = piece->marks[i].words;

		if (words.len == 0 || text.len == 0 ||
		    !memmem(text.s, text.len, words.s, words.len))
			return refuse(piece->at, err, SDG_EINVAL,
				      "a stretch in evidence, praise or blame "
				      "is not in the text");
	}
	return 0;
}

static int check_labels(const struct sdg_corpus *piece, struct sdg_error *err)
{
	int rc = check(piece, &KIND, err);

	for (size_t i = 0; i < sizeof(LABELS) / sizeof(*LABELS) && rc == 0; i++)
		rc = check(piece, &LABELS[i], err);
	if (rc == 0)
		rc = check_themes(piece, err);
	return rc < 0 ? rc : check_marks(piece, err);
}

int sdg_corpus_no_theme(const struct sdg_corpus *piece, size_t i,
			struct sdg_error *err)
{
	char shown[LABEL_SHOWN_MAX + 3];
	char what[LABEL_SHOWN_MAX + 64];

	show(piece->themes[i], shown);
	snprintf(what, sizeof(what), "theme %s is not in the frame", shown);
	return refuse(piece->at, err, SDG_EINVAL, what);
}

bool sdg_corpus_remark(const struct sdg_corpus *piece, struct sdg_error *err)
{
	struct sdg_error found = { 0 };

	if (!piece->source_guessed)
		return false;
	check(piece, &SOURCE, &found);
	sdg_fail(err, SDG_EINVAL, "%s: taken as %s", found.message,
		 sdg_source_id((int)piece->fb.source));
	return true;
}

/*
 * A line of the hook's: the sender is an object, with name and address
 * apart, and what headers said of the kind binds, as it does in a worker.
 */
static void read_hook(const json_t *object, const json_t *from,
		      struct sdg_corpus *out)
{
	int kind = sdg_kind_from_id(string_of(object, "kind"));
	const json_t *who = json_object_get(object, "respondent");

	/* Of what was forwarded, whose words they are. */
	if (!json_is_string(json_object_get(who, "address")))
		who = from;
	read_from(string_of(who, "address"), out);
	out->fb.respondent.name = string_of(who, "name");
	out->fb.kind_reason = string_of(object, "reason");
	/* Its "feedback" only says that no header spoke against it. */
	if (kind > 0 && kind != SDG_KIND_FEEDBACK)
		out->fb.kind = (enum sdg_kind)kind;
}

static void read_feedback(const json_t *object, struct sdg_corpus *out)
{
	const json_t *respondent = json_object_get(object, "respondent");
	const json_t *from = json_object_get(object, "from");
	struct sdg_feedback *fb = &out->fb;

	read_source(object, out);
	fb->text = string_of(object, "body");
	if (!fb->text.s)
		fb->text = string_of(object, "text");
	fb->subject = string_of(object, "subject");
	fb->signature = string_of(object, "signature");
	fb->question = string_of(object, "question");
	fb->respondent.role = string_of(respondent, "role");
	fb->respondent.phase = string_of(respondent, "phase");
	fb->respondent.region = string_of(respondent, "region");
	fb->respondent.postcode = string_of(respondent, "postcode");
	fb->respondent.school = string_of(respondent, "school");
	read_rep(string_of(object, "rep"), &fb->note);
	if (json_is_object(from))
		read_hook(object, from, out);
	else
		read_from(string_of(object, "from"), out);
}

/* The library's own words repeat the line's. */
static const char *what_is_wrong(const json_error_t *wrong)
{
	if (json_error_code(wrong) == json_error_premature_end_of_input)
		return "not a JSON object: it ends too early";
	return "not a JSON object";
}

/* The four digits behind "\\u" at @s; -1: it is no such escape. */
static long escaped(const char *s, size_t len)
{
	char digits[5] = "", *end;
	long value;

	if (len < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	memcpy(digits, s + 2, 4);
	value = strtol(digits, &end, 16);
	return *end == '\0' && digits[0] != '-' && digits[0] != '+' &&
		       digits[0] != ' '
		   ? value
		   : -1;
}

/* Half a character, as programs leave that cut a text in the middle of an
 * emoji: the escape becomes U+FFFD's. */
static void mend_surrogates(char *s, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		long value = escaped(s + i, len - i);
		long next = value < 0 ? -1 : escaped(s + i + 6, len - i - 6);

		if (s[i] != '\\')
			continue;
		if (value >= 0xd800 && value < 0xdc00 && next >= 0xdc00 &&
		    next < 0xe000)
			i += 11;
		else if (value >= 0xd800 && value < 0xe000)
			memcpy(s + i + 2, "fffd", sizeof("fffd") - 1);
		else
			i++; /* what it escapes */
	}
}

/* Bytes that are not UTF-8 become U+FFFD, as any reader would have it, and
 * so does half a character. */
static json_t *load_cleaned(const char *line, size_t len, json_error_t *wrong)
{
	char *clean = malloc(3 * len + 1);
	json_t *json = NULL;

	if (clean) {
		len = sdg_text_clean(line, len, clean, 3 * len);
		mend_surrogates(clean, len);
		json = json_loadb(clean, len, JSON_ALLOW_NUL, wrong);
	}
	free(clean);
	return json;
}

int sdg_corpus_parse(const char *line, size_t len, struct sdg_corpus_place at,
		     struct sdg_corpus *out, struct sdg_error *err)
{
	json_error_t wrong = { 0 };
	json_t *json;
	int rc;

	if (len > SDG_CORPUS_LINE_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"read '%s': line %zu: longer than %d MiB",
				at.file, at.line, SDG_CORPUS_LINE_MAX >> 20);
	/* Windows puts a byte order mark before the first line. */
	if (len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	json = json_loadb(line, len, JSON_ALLOW_NUL, &wrong);
	if (!json && (!sdg_text_is_safe(line, len) ||
		      strncmp(wrong.text, "invalid Unicode", 15) == 0))
		json = load_cleaned(line, len, &wrong);
	if (!json_is_object(json)) {
		json_decref(json);
		return refuse(at, err, SDG_ENOTFOUND, what_is_wrong(&wrong));
	}
	*out = (struct sdg_corpus){ .json = json, .at = at };
	rc = json_is_object(json_object_get(json, "from"))
		 ? check(out, &KIND, err)
		 : 0;
	if (rc < 0) {
		sdg_corpus_fini(out);
		return rc;
	}
	out->id = string_of(json, "id");
	read_feedback(json, out);
	read_labels(json, out);
	read_evidence(json, out);
	return 0;
}

void sdg_corpus_fini(struct sdg_corpus *corpus)
{
	json_decref(corpus->json);
	corpus->json = NULL;
}

static bool is_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return false;
	}
	return true;
}

int sdg_corpus_each(const char *text, size_t len, const char *name,
		    sdg_corpus_fn *fn, void *arg, struct sdg_error *err)
{
	struct sdg_corpus_place at = { .file = name };
	const char *end = text + len;
	int rc = 0;

	while (text < end && rc == 0) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		struct sdg_corpus piece = { 0 };

		if (!stop)
			stop = end;
		at.line++;
		if (!is_blank(text, (size_t)(stop - text))) {
			rc = sdg_corpus_parse(text, (size_t)(stop - text), at,
					      &piece, err);
			if (rc == SDG_ENOTFOUND && err)
				err->code = SDG_EINVAL; /* the file is there */
			if (rc < 0)
				return SDG_EINVAL;
			rc = check_labels(&piece, err);
			if (rc == 0)
				rc = fn(arg, &piece, err);
			sdg_corpus_fini(&piece);
		}
		text = stop + 1;
	}
	return rc;
}

int sdg_corpus_read(const char *path, sdg_corpus_fn *fn, void *arg,
		    struct sdg_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	char *text;
	size_t len;
	int rc = sdg_read_file(is_stdin ? "/dev/stdin" : path,
			       SDG_CORPUS_FILE_MAX, &text, &len, err);

	if (rc < 0)
		return rc;
	rc = sdg_corpus_each(text, len, path, fn, arg, err);
	free(text);
	return rc;
}
