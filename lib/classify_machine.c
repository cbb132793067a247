/*
 * classify_machine: is it a machine that speaks?
 *
 * An answering machine begins with what it has to say, of itself or of who is
 * away, in the first person; a member who writes about replies, or about
 * being away, says it somewhere else and with a view of their own. So a
 * subject counts that only machines write, or a text whose first words are a
 * machine's, followed by a second sign, with no question and no view. It
 * never says yes of doubt: the price is a circular counted, not a voice lost.
 */
#include "classify_machine.h"
#include "classify_machine_words.h"

#include <string.h>

/* Longer texts are letters. */
#define TEXT_MAX 1200
/* Whatever a machine has to say, it says so early. */
#define EARLY 160
#define SUBJECT_MAX 160

/* Lower case, one space between words, "I am" for "I'm"; a space before and
 * behind. */
struct plain {
	char s[TEXT_MAX + 256];
	size_t len;
};

static void put(struct plain *to, const char *s)
{
	size_t n = strlen(s);

	if (to->len + n + 2 < sizeof(to->s)) {
		memcpy(to->s + to->len, s, n);
		to->len += n;
	}
}

static void put_byte(struct plain *to, char c)
{
	if (to->len + 3 < sizeof(to->s))
		to->s[to->len++] = c;
}

/* What may be drawn together behind an apostrophe; "n't" is made by itself. */
static const char *const DRAWN[][2] = {
	{ "m ", " am" },   { "ll ", " will" },       { "ve ", " have" },
	{ "re ", " are" }, { "ll be ", " will be" },
};

/* Returns how many bytes behind the apostrophe were read. */
static size_t put_drawn(struct plain *to, const char *rest, size_t len)
{
	for (size_t i = 0; i < sizeof(DRAWN) / sizeof(*DRAWN); i++) {
		size_t n = strlen(DRAWN[i][0]) - 1;

		if (len >= n && strncasecmp(rest, DRAWN[i][0], n) == 0 &&
		    (len == n || rest[n] == ' ')) {
			put(to, DRAWN[i][1]);
			return n;
		}
	}
	if (len && (rest[0] | 0x20) == 't' && to->len > 1 &&
	    to->s[to->len - 1] == 'n') {
		to->len--;
		put(to, " not");
		return 1;
	}
	put(to, "'");
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '*' ||
	       c == '_' || c == '"' || c == '\0';
}

static void make_plain(struct sdg_str in, size_t max, struct plain *to)
{
	size_t len = in.len < max ? in.len : max;

	to->len = 0;
	put(to, " ");
	for (size_t i = 0; i < len; i++) {
		char c = in.s[i];

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (is_blank(c))
			c = ' ';
		if (c == ' ' && to->s[to->len - 1] == ' ')
			continue;
		if (c == '\'') {
			i += put_drawn(to, in.s + i + 1, len - i - 1);
		} else if (c == '\xe2' && len - i >= 3 &&
			   memcmp(in.s + i, "\xe2\x80\x99", 3) == 0) {
			i += 2;
			i += put_drawn(to, in.s + i + 1, len - i - 1);
		} else {
			put_byte(to, c);
		}
	}
	put(to, " ");
	to->s[to->len] = '\0';
}

static const char *after(const char *s, const char *begins)
{
	size_t n = strlen(begins);

	return strncmp(s, begins, n) == 0 ? s + n : NULL;
}

/* What stands behind the first of @list that @s begins with, or NULL. */
static const char *after_any(const char *s, const char *const *list)
{
	const char *rest = NULL;

	while (!rest && *list)
		rest = after(s, *list++);
	return rest;
}

static bool has_any(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strstr(s, *list))
			return true;
	return false;
}

/* The same, only in the beginning of @s. */
static bool has_early(const char *s, const char *const *list)
{
	for (; *list; list++) {
		const char *at = strstr(s, *list);

		if (at && at - s < EARLY)
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------- subjects */

bool sdg_machine_subject(struct sdg_str subject)
{
	struct plain plain;
	const char *s, *rest;

	make_plain(subject, SUBJECT_MAX, &plain);
	s = plain.s + 1;
	if (after_any(s, sdg_machine_subject_starts) ||
	    has_any(s, sdg_machine_subject_has))
		return true;
	for (size_t i = 0; sdg_machine_subjects[i]; i++) {
		rest = after(s, sdg_machine_subjects[i]);
		if (rest &&
		    (strchr(":.,;!-([", *rest) || !rest[1] ||
		     after(rest, " re:") || after(rest, " re ") ||
		     after(rest, " (") || after(rest, " [") ||
		     after(rest, " - ") || after(rest, " \xe2\x80\x93")))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------- texts */

static const char *const GREETINGS[] = { "hello",          "hi",
					 "dear sender",    "dear colleague",
					 "dear all",       "good morning",
					 "good afternoon", NULL };

static const char *const FILLERS[] = { " now ", " currently ", " also ",
				       " presently ", NULL };

/* "I am now on leave" is "I am on leave". */
static void drop_fillers(struct plain *plain)
{
	for (size_t i = 0; FILLERS[i]; i++) {
		size_t n = strlen(FILLERS[i]) - 1;
		char *at = strstr(plain->s, FILLERS[i]);

		if (!at || at - plain->s > 40)
			continue;
		memmove(at, at + n,
			plain->len - (size_t)(at - plain->s) - n + 1);
		plain->len -= n;
	}
}

/* Behind the end of the sentence that @s is in the midst of, or NULL. */
static const char *next_sentence(const char *s)
{
	const char *end = strpbrk(s, ".!");

	if (!end)
		return NULL;
	end += strspn(end, ".! ");
	return *end ? end : NULL;
}

static const char *without_greeting(const char *s)
{
	const char *rest = after_any(s, GREETINGS);

	if (!rest || !strchr(",!. ", *rest))
		return s;
	return rest + strspn(rest, ",!.- ");
}

/* Where what it has to say begins. */
static const char *beginning(struct sdg_str text, struct plain *plain)
{
	make_plain(text, TEXT_MAX, plain);
	drop_fillers(plain);
	return without_greeting(plain->s + 1);
}

bool sdg_machine_opens(struct sdg_str text)
{
	struct plain plain;
	const char *s = beginning(text, &plain);

	return after_any(s, sdg_machine_itself) ||
	       after_any(s, sdg_machine_yours) ||
	       after_any(s, sdg_machine_thanks) ||
	       after_any(s, sdg_machine_away_starts);
}

bool sdg_machine_speaks(struct sdg_str text)
{
	struct plain plain;
	const char *s, *rest;

	if (text.len > TEXT_MAX)
		return false;
	s = beginning(text, &plain);
	if (after_any(s, sdg_machine_itself))
		return true;
	if (has_any(plain.s, sdg_machine_views))
		return false;
	if (after_any(s, sdg_machine_yours) &&
	    has_early(s, sdg_machine_its_fate))
		return true;
	rest = after_any(s, sdg_machine_thanks);
	if (rest) {
		/* "Thank you for your email which has been passed to …" */
		if (has_early(rest, sdg_machine_its_fate))
			return true;
		s = next_sentence(rest);
		if (!s)
			return false;
		/* "We aim to reply in five days" */
		if (after(s, "we aim to ") || after(s, "we try to ") ||
		    after(s, "this is an auto"))
			return true;
	}
	return after_any(s, sdg_machine_away_starts) &&
	       has_early(s - 1, sdg_machine_away) &&
	       has_any(s, sdg_machine_second);
}
