/*
 * redact: sentences of a message, and the same without who said it.
 */
#include "redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- sentences */

/* A line this short that ends without a stop was ended on purpose; longer
 * ones were wrapped. */
#define SHORT_LINE 45

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

static bool is_stop(char c)
{
	return c == '.' || c == '!' || c == '?';
}

/* "Mr." and "e.g." end no sentence. */
static bool is_abbreviation(const char *s, size_t start, size_t at)
{
	static const char *const KNOWN[] = { "mr", "mrs", "ms",    "dr",
					     "st", "e.g", "i.e",   "etc",
					     "no", "vs",  "approx" };
	size_t word = at;

	while (word > start && !is_space(s[word - 1]))
		word--;
	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(*KNOWN); i++)
		if (strlen(KNOWN[i]) == at - word &&
		    strncasecmp(s + word, KNOWN[i], at - word) == 0)
			return true;
	return false;
}

/* Does a sentence end behind byte @at of one that began at @start? */
static bool ends_at(struct sdg_str t, size_t start, size_t at)
{
	size_t line = at;

	if (at + 1 == t.len)
		return true;
	if (is_stop(t.s[at]))
		return is_space(t.s[at + 1]) &&
		       !(t.s[at] == '.' && is_abbreviation(t.s, start, at));
	if (t.s[at + 1] != '\n')
		return false;
	while (line > 0 && t.s[line - 1] != '\n')
		line--;
	return at + 1 - line < SHORT_LINE ||
	       (at + 2 < t.len && (t.s[at + 2] == '\n' || t.s[at + 2] == '-' ||
				   t.s[at + 2] == '*'));
}

size_t sentences_of(struct sdg_str text, struct sentence_span *out, size_t cap)
{
	size_t n = 0, start = 0;

	while (start < text.len && n < cap) {
		size_t at;

		if (is_space(text.s[start])) {
			start++;
			continue;
		}
		for (at = start; at < text.len && !ends_at(text, start, at);)
			at++;
		if (at == text.len)
			at--;
		out[n].start = start;
		out[n++].end = at + 1;
		start = at + 1;
	}
	return n;
}

/* ---------------------------------------------------------------- tokens */

enum mark { PLAIN, NAME, SCHOOL, ADDRESS, NUMBER, POSTCODE, LINK };

static const char *const MARKS[] = { "",          "[name]",   "[school]",
				     "[address]", "[number]", "[postcode]",
				     "[link]" };

struct token {
	const char *s;
	size_t len;      /* without what stands around it */
	size_t lead;     /* punctuation before */
	size_t trail;    /* and behind */
	bool glued;      /* no space before it */
	bool possessive; /* 's behind the word itself */
	enum mark mark;
	bool same; /* goes on from the token before: one mark for both */
};

#define TOKENS_MAX 400

/* Capitals that name nobody. */
static const char *const PUBLIC[] = {
	"Ofsted",       "DfE",      "Council",    "Executive",  "English",
	"Maths",        "Science",  "Monday",     "Tuesday",    "Wednesday",
	"Thursday",     "Friday",   "Saturday",   "Sunday",     "January",
	"February",     "March",    "April",      "May",        "June",
	"July",         "August",   "September",  "October",    "November",
	"December",     "Year",     "Key",        "Stage",      "Progress",
	"Pupil",        "Premium",  "Government", "Parliament", "Minister",
	"Treasury",     "Brexit",   "Covid",      "Christmas",  "Easter",
	"Internet",     "Teaching", "Schools",    "England",    "Labour",
	"Conservative", "I",        "Future",     "Leaders",    "Latin",
	"French",       "German",   "Spanish",    "Attainment", "Level",
	"Levels",
};

/* What makes a run of capitals an institution. */
static const char *const INSTITUTIONS[] = {
	"School", "Academy", "College", "Primary",   "High",       "Grammar",
	"Trust",  "Junior",  "Infant",  "Infants",   "Federation", "Nursery",
	"Centre", "UTC",     "Sixth",   "Community", "Academies",  "Juniors",
};

static const char *const TITLES[] = { "Mr",   "Mrs",  "Ms",        "Miss",
				      "Dr",   "Sir",  "Dame",      "Lord",
				      "Lady", "Prof", "Professor", "Rev" };

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static bool is_one_of(const struct token *t, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == t->len &&
		    strncmp(list[i], t->s, t->len) == 0)
			return true;
	return false;
}

/* Bytes of the character at @s, of which @len are there. */
static size_t char_len(const char *s, size_t len)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n < len ? n : len;
}

/* Of the character of @n bytes at @s; 0 of what is none. */
static unsigned code_of(const char *s, size_t n)
{
	unsigned char c[3] = { (unsigned char)s[0] };

	if (n == 1)
		return c[0] < 0x80 ? c[0] : 0;
	c[1] = (unsigned char)s[1] & 0x3f;
	if (n == 2)
		return (c[0] & 0x1fU) << 6 | c[1];
	c[2] = (unsigned char)s[2] & 0x3f;
	return n == 3 ? (c[0] & 0xfU) << 12 | (unsigned)c[1] << 6 | c[2] : 0;
}

/* A letter or a digit. Of what is no ASCII: what is neither punctuation, nor
 * symbol, nor somebody's bullet (the private use area), nor a picture. */
static bool is_letter(const char *s, size_t n)
{
	unsigned code = code_of(s, n);

	if (code < 0x80)
		return isalnum((int)code);
	return code >= 0xc0 && code != 0xd7 && code != 0xf7 &&
	       !(code >= 0x2000 && code < 0x2c00) &&
	       !(code >= 0x3000 && code < 0x3040) &&
	       !(code >= 0xe000 && code < 0xf900) && code < 0xfe00;
}

/* Greek and Cyrillic have theirs together; Latin beyond Latin-1 has them in
 * turns, and a word that begins so is rather a name than not. */
static bool is_capital_letter(const char *s, size_t n)
{
	unsigned code = code_of(s, n);

	if (code < 0x80)
		return isupper((int)code);
	return (code >= 0xc0 && code <= 0xde && code != 0xd7) ||
	       (code >= 0x100 && code < 0x180) ||
	       (code >= 0x391 && code <= 0x3a9) ||
	       (code >= 0x400 && code <= 0x42f);
}

/* Bytes of the space at @s, 0: none. */
static size_t space_len(const char *s, size_t len)
{
	size_t n = char_len(s, len);
	unsigned code = code_of(s, n);

	return is_space(*s) || *s == '\r' || code == 0xa0 ||
		       (code >= 0x2000 && code <= 0x200b) || code == 0x202f ||
		       code == 0x3000
		   ? n
		   : 0;
}

static bool has(const char *s, size_t len, const char *what)
{
	return memmem(s, len, what, strlen(what)) != NULL;
}

/*
 * Where the token ends that begins @s. "and/or", "him,Jane" and a dash without
 * spaces are two, and so are "ex-Head" and a stop without one; not an address,
 * a name in itself ("O'Neill-Smith") or a number ("2014/15").
 */
static size_t token_end(const char *s, size_t len)
{
	bool small = !is_capital_letter(s, char_len(s, len)), letters = false;
	size_t end = 0, whole = 0;

	while (whole < len && !space_len(s + whole, len - whole))
		whole += char_len(s + whole, len - whole);
	if (memchr(s, '@', whole) || has(s, whole, "://") ||
	    has(s, whole, "www."))
		return whole;
	while (end < whole) {
		size_t n = char_len(s + end, whole - end), next = end + n;
		size_t m = next < whole ? char_len(s + next, whole - next) : 0;
		bool soft = strchr("'-.&", s[end]) != NULL ||
			    code_of(s + end, n) == 0x2019;

		if (is_letter(s + end, n))
			letters = true;
		else if (letters && m && is_letter(s + next, m) &&
			 !isdigit((unsigned char)s[next]) &&
			 (!soft || (small && is_capital_letter(s + next, m))))
			return next;
		end = next;
	}
	return whole;
}

/* The word itself, without what stands around it. */
static void trim(struct token *t)
{
	static const char *const OWN[] = { "'s", "\xe2\x80\x99s" };
	size_t word = 0;

	while (t->len && !is_letter(t->s, char_len(t->s, t->len))) {
		size_t n = char_len(t->s, t->len);

		t->lead += n;
		t->s += n;
		t->len -= n;
	}
	for (size_t at = 0; at < t->len;) {
		size_t n = char_len(t->s + at, t->len - at);

		if (is_letter(t->s + at, n))
			word = at + n;
		at += n;
	}
	t->trail = t->len - word;
	t->len = word;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(OWN[i]);

		if (t->len <= n || memcmp(t->s + t->len - n, OWN[i], n) != 0)
			continue;
		t->possessive = true;
		t->len -= n;
		t->trail += n;
		break;
	}
}

static size_t split(struct sdg_str in, struct token *out)
{
	size_t n = 0, at = 0;
	bool glued = false;

	while (at < in.len && n < TOKENS_MAX) {
		size_t space = space_len(in.s + at, in.len - at);

		if (space) {
			at += space;
			glued = false;
			continue;
		}
		out[n] = (struct token){
			.s = in.s + at,
			.len = token_end(in.s + at, in.len - at),
			.glued = glued,
		};
		at += out[n].len;
		trim(&out[n++]);
		glued = true;
	}
	return n;
}

static size_t digits_in(const struct token *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		n += isdigit((unsigned char)t->s[i]) != 0;
	return n;
}

static bool is_capital(const struct token *t)
{
	return t->len > 0 && is_capital_letter(t->s, char_len(t->s, t->len));
}

/* GCSE, SEND, KS3: no names. A name in capitals is still one if a title or
 * another name stands beside it. */
static bool is_acronym(const struct token *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (islower((unsigned char)t->s[i]) || t->s[i] & 0x80)
			return t->len <= 5 && i == t->len - 1 &&
			       t->s[i] == 's'; /* MATs */
	return t->len > 0 && t->len <= 6;
}

static bool has_char(const struct token *t, char c)
{
	return memchr(t->s, c, t->len) != NULL;
}

/* SW1A, M1, CA11 … then 4ZQ; or both in one. */
static bool is_outward(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && isupper((unsigned char)s[i]))
		i++;
	if (i < 1 || i > 2 || i >= len || !isdigit((unsigned char)s[i]))
		return false;
	return len - i == 1 ||
	       (len - i == 2 && isalnum((unsigned char)s[i + 1]));
}

static bool is_inward(const char *s, size_t len)
{
	return len == 3 && isdigit((unsigned char)s[0]) &&
	       isupper((unsigned char)s[1]) && isupper((unsigned char)s[2]);
}

/* ----------------------------------------------------------------- marks */

/* "stmary.leeds.sch.uk" names the school as well as its name does. */
static bool is_link(const struct token *t)
{
	static const char *const LAST[] = { "uk", "com", "org", "net", "info" };

	if (t->len >= 4 && (strncasecmp(t->s, "http", 4) == 0 ||
			    strncasecmp(t->s, "www.", 4) == 0))
		return true;
	for (size_t at = 1; at < t->len; at++) {
		size_t n = 0;

		while (at + 1 + n < t->len &&
		       isalnum((unsigned char)t->s[at + 1 + n]))
			n++;
		for (size_t i = 0; t->s[at] == '.' && i < COUNT(LAST); i++)
			if (n == strlen(LAST[i]) &&
			    strncasecmp(t->s + at + 1, LAST[i], n) == 0)
				return true;
	}
	return false;
}

static void mark_addresses(struct token *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (has_char(&t[i], '@'))
			t[i].mark = ADDRESS;
		else if (is_link(&t[i]))
			t[i].mark = LINK;
		else if (t[i].len > 4 && is_outward(t[i].s, t[i].len - 3) &&
			 is_inward(t[i].s + t[i].len - 3, 3))
			t[i].mark = POSTCODE;
		else if (i + 1 < n && is_outward(t[i].s, t[i].len) &&
			 is_inward(t[i + 1].s, t[i + 1].len)) {
			t[i].mark = t[i + 1].mark = POSTCODE;
			t[i + 1].same = true;
		}
	}
}

/* A school or financial year: "2010-11", "2014/15", with any dash. */
static bool is_year(const struct token *t)
{
	const char *s = t->s, *end = t->s + t->len;

	return t->len >= 7 && digits_in(t) == 6 &&
	       (strncmp(s, "19", 2) == 0 || strncmp(s, "20", 2) == 0) &&
	       isdigit((unsigned char)s[3]) && !isdigit((unsigned char)s[4]) &&
	       isdigit((unsigned char)end[-1]) &&
	       isdigit((unsigned char)end[-2]) &&
	       (end[-2] - '0') * 10 + (end[-1] - '0') ==
		   ((s[2] - '0') * 10 + (s[3] - '0') + 1) % 100;
}

/* Telephone and membership numbers: 6 digits or more, in one or several
 * tokens of digits alone. Money and counts ("£120,000") stay. */
static void mark_numbers(struct token *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t digits = 0, j = i;

		while (j < n && t[j].mark == PLAIN && !is_year(&t[j]) &&
		       digits_in(&t[j]) >= 3 &&
		       digits_in(&t[j]) + 2 >= t[j].len &&
		       !has_char(&t[j], ',') && !has_char(&t[j], '.') &&
		       !(t[j].lead && (t[j].s[-1] == '\xa3')))
			digits += digits_in(&t[j++]);
		/* "2014 2015" are years. */
		if (digits < 6 ||
		    (digits == 8 && j - i == 2 && digits_in(&t[i]) == 4))
			continue;
		for (size_t k = i; k < j; k++) {
			t[k].mark = NUMBER;
			t[k].same = k > i;
		}
		i = j - 1;
	}
}

/* A run of capitals from @i: its end; @from: it may hold "of the" inside. */
static size_t run_end(const struct token *t, size_t n, size_t i)
{
	size_t end = i + 1;

	/* Punctuation behind a word ends the run it stands in. */
	while (end < n && !t[end - 1].possessive && t[end - 1].trail == 0 &&
	       t[end].mark == PLAIN) {
		if (is_capital(&t[end]) && t[end].lead == 0) {
			end++;
			continue;
		}
		if (end + 1 < n && is_capital(&t[end + 1]) &&
		    ((t[end].len == 2 && strncmp(t[end].s, "of", 2) == 0) ||
		     (t[end].len == 3 && strncmp(t[end].s, "the", 3) == 0) ||
		     (t[end].len == 0 && t[end].lead == 1))) {
			end += 2;
			continue;
		}
		break;
	}
	return end;
}

static bool is_public(const struct token *t)
{
	return is_one_of(t, PUBLIC, COUNT(PUBLIC)) || is_acronym(t) ||
	       /* "I'm", "I've" */
	       (t->len > 1 && t->s[0] == 'I' &&
		!isalpha((unsigned char)t->s[1]));
}

/* What a run of capitals is, when @first begins a sentence or does not. */
static enum mark judge_run(const struct token *t, size_t i, size_t end,
			   bool first)
{
	bool institution = false, title = false;
	size_t unknown = 0;

	for (size_t k = i; k < end; k++) {
		if (is_one_of(&t[k], INSTITUTIONS, COUNT(INSTITUTIONS)))
			institution = true;
		else if (is_one_of(&t[k], TITLES, COUNT(TITLES)))
			title = true;
		else if (is_capital(&t[k]) && !is_public(&t[k]))
			unknown++;
	}
	if (first && unknown && !title)
		unknown--; /* the word that begins the sentence */
	if (institution && unknown)
		return SCHOOL;
	return unknown || (title && end - i > 1) ? NAME : PLAIN;
}

static void mark_names(struct token *t, size_t n)
{
	for (size_t i = 0; i < n;) {
		bool first = i == 0;
		enum mark mark;
		size_t end, from = i;

		if (t[i].mark != PLAIN || !is_capital(&t[i])) {
			i++;
			continue;
		}
		end = run_end(t, n, i);
		/* "Mr." has its stop, the name goes on. */
		if (end == i + 1 && end < n && is_capital(&t[end]) &&
		    is_one_of(&t[i], TITLES, COUNT(TITLES)))
			end = run_end(t, n, end);
		mark = judge_run(t, i, end, first);
		/* The sentence's first word stays when only it is plain. */
		if (first && end - i > 1 && mark == NAME &&
		    !is_one_of(&t[i], TITLES, COUNT(TITLES)) && end - i < 3 &&
		    is_public(&t[i]))
			from++;
		for (size_t k = from; k < end && mark != PLAIN; k++) {
			t[k].mark = mark;
			t[k].same = k > from;
		}
		i = end;
	}
}

/* "RB (business manager, Leeds):" as representatives note it: initials
 * that begin a note, with who they are in brackets. */
static void mark_initials(struct token *t, size_t n)
{
	if (n > 1 && t[0].mark == PLAIN && is_acronym(&t[0]) && t[0].len <= 3 &&
	    t[1].lead && t[1].s[-1] == '(')
		t[0].mark = NAME;
}

static void write_token(FILE *out, const struct token *t, bool more)
{
	fwrite(t->s - t->lead, 1, t->lead, out);
	if (t->mark == PLAIN)
		fwrite(t->s, 1, t->len, out);
	else
		fputs(MARKS[t->mark], out);
	/* Of a marked run only what stands behind its end. */
	if (!more)
		fwrite(t->s + t->len, 1, t->trail, out);
}

char *redact(struct sdg_str sentence)
{
	struct token *t = calloc(TOKENS_MAX, sizeof(*t));
	char *text = NULL;
	size_t size = 0, n;
	FILE *out = open_memstream(&text, &size);

	if (!t || !out) {
		if (out)
			fclose(out);
		free(text);
		free(t);
		return NULL;
	}
	n = split(sentence, t);
	mark_addresses(t, n);
	mark_numbers(t, n);
	mark_names(t, n);
	mark_initials(t, n);
	for (size_t i = 0; i < n; i++) {
		size_t last = i;

		while (last + 1 < n && t[last + 1].same)
			last++;
		if (i && !t[i].glued)
			fputc(' ', out);
		write_token(out, &t[i], last > i);
		if (last > i)
			fwrite(t[last].s + t[last].len, 1, t[last].trail, out);
		i = last;
	}
	free(t);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
