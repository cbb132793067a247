/*
 * classify_region_scan: text into sentences of tokens.
 *
 * Names and cue phrases of several words become one token. Nothing is copied.
 */
#include <string.h>

#include "classify_region_word.h"

bool region_abbreviated(const struct region_scan *scan,
			const struct region_token *last)
{
	static const char known[][8] = { "Mrs", "Rev", "Prof", "Gtr",
					 "Nth", "Sth", "Snr",  "Asst",
					 "Dep", "Jnr", "Revd", "approx" };
	size_t len = last->end - last->start;
	char word[sizeof(*known)] = { 0 };

	if (last->flags & TOKEN_DIGIT)
		return false;
	if (len <= 2)
		return (last->flags & TOKEN_CAPITAL) != 0;
	if (!(last->flags & TOKEN_CAPITAL) && scan->s[last->start] != 'a')
		return false;
	if (len >= sizeof(word))
		return false;
	memcpy(word, scan->s + last->start, len);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (memcmp(word, known[i], sizeof(word)) == 0)
			return true;
	return false;
}

/* What the character of @n bytes at @s, not ASCII and no letter, parts: double
 * quotation marks (U+201C, U+201D) more than others. */
static uint8_t wide_gap(enum character kind, const unsigned char *s, size_t n,
			unsigned char base)
{
	bool punctuation = n == 3 && s[0] == 0xe2 && s[1] == 0x80;

	if (kind != CHAR_OTHER)
		return GAP_SPACE;
	return punctuation && (base == 0x9c || base == 0x9d) ? GAP_BREAK
							     : GAP_COMMA;
}

/* What a character of one byte that ends no sentence is between words. */
static uint8_t narrow_gap(struct region_scan *scan, unsigned char c)
{
	/* joined, unless a dash with space before it */
	bool dash = scan->at > 0 && scan->s[scan->at - 1] == ' ';

	if (c == '"' || c == '\'' || c == '>')
		region_quote(scan, scan->at);
	if (c == '"' || c == ';' || c == ':')
		return GAP_BREAK;
	if (c == '-' || c == '\'')
		return dash ? GAP_COMMA : GAP_SPACE;
	return c == ' ' || c == '\t' ? GAP_SPACE : GAP_COMMA;
}

/* Passes what is between words; true when the sentence ends there. */
static bool read_gap(struct region_scan *scan, const struct region_token *last,
		     uint8_t *gap)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	unsigned lines = 0;

	*gap = GAP_SPACE;
	/* Most words stand one space apart. */
	if (scan->at + 1 < scan->len && s[scan->at] == ' ' &&
	    region_small[s[scan->at + 1]]) {
		scan->at++;
		return false;
	}
	for (; scan->at < scan->len; scan->at++) {
		unsigned char c = s[scan->at], base;
		uint8_t here = GAP_SPACE;
		size_t n = 1;

		if (is_letter(c) || is_digit(c) || c == '&')
			return false;
		if (c >= 0x80) {
			enum character kind = region_wide(
			    s + scan->at, scan->len - scan->at, &n, &base);

			if (kind == CHAR_LETTER)
				return false;
			here = wide_gap(kind, s + scan->at, n, base);
			region_quote(scan, scan->at);
			scan->at += n - 1;
		} else if (c == '\n') {
			here = GAP_LINE;
			if (++lines > 1 || scan->lines) {
				scan->at++;
				return true;
			}
		} else if (c == '.' && last && region_abbreviated(scan, last)) {
			here = GAP_SPACE;
		} else if (c == '.' || c == '!' || c == '?') {
			bool ends = scan->at + 1 == scan->len ||
				    !(is_letter(s[scan->at + 1]) ||
				      is_digit(s[scan->at + 1]));

			here = GAP_COMMA;
			if (ends && last && !scan->lines) {
				scan->at++;
				return true;
			}
		} else {
			here = narrow_gap(scan, c);
		}
		if (here > *gap)
			*gap = here;
	}
	return true;
}

/* A telephone's hand: it begins small, and hardly a name has a capital. */
static bool without_capitals(const struct region_scan *scan)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	size_t look = scan->len < 1024 ? scan->len : 1024;
	size_t words = 0, capitals = 0, at = 0;
	bool inside = false;

	while (at + 1 < look && !is_letter(s[at]))
		at++;
	if (at + 1 < look && s[at] <= 'Z')
		return false;
	/* Where a word begins cannot be foreseen: count, do not ask. */
	for (; at + 1 < look; at++) {
		bool letter = region_small[s[at]] > '9';
		bool starts = letter & !inside;

		words += starts;
		capitals += starts & (s[at] <= 'Z') & (s[at + 1] >= 'a') &
			    (s[at + 1] <= 'z');
		inside = letter | (s[at] == '\'') | (s[at] >= 0x80);
	}
	return capitals <= 8 && capitals * 15 <= words;
}

/* Few texts hold a name written small, so this is asked late, and once. */
bool region_is_loose(struct region_scan *scan)
{
	if (!scan->asked_loose) {
		scan->loose = !scan->lines && without_capitals(scan);
		scan->asked_loose = true;
	}
	return scan->loose;
}

bool region_may_be_small(const struct places_entry *entry, size_t words)
{
	if (entry->flags & PLACES_WORD)
		return false;
	return words > 1 ||
	       entry->size >= (entry->flags & PLACES_SURNAME ? 40 : 5);
}

/* A name counts when written as one. */
static bool written_as_name(struct region_scan *scan,
			    const struct region_token *word,
			    const struct places_entry *entry, size_t words)
{
	unsigned flags = word->flags | word[words - 1].flags;

	if (scan->form)
		return entry->kinds != 0;
	if ((entry->kinds & ~PLACES_FORM) == 0)
		return false;
	if (word->flags & TOKEN_CAPITALS && words == 1 && !scan->lines &&
	    entry->flags & PLACES_WORD)
		return false;      /* SEND */
	if (flags & TOKEN_CAPITAL) /* "north Norfolk" */
		return true;
	if (entry->kinds & PLACES_NOT)
		return true;
	return region_may_be_small(entry, words) && region_is_loose(scan);
}

/* The longest phrase that begins at word @i; its number of words. */
static size_t match(struct region_scan *scan, struct region_token *words,
		    size_t n, size_t i)
{
	const struct places_entry *best = NULL, *entry = words[i].entry;
	bool comma = false;
	uint64_t hash = 0;
	size_t taken = 1;

	for (size_t k = 0; k < REGION_PHRASE_WORDS_MAX && i + k < n; k++) {
		struct region_token *word = &words[i + k];

		/* "Sutton, Surrey", as people write addresses */
		comma |= k > 0 && word->gap == GAP_COMMA;
		if (k > 0 && word->gap > GAP_COMMA)
			break;
		if (k > 0)
			entry = places_find(places_hash_join(
			    hash, region_word_hash(scan, word)));
		/* "schools in" is of a signature's small print alone */
		if (entry && k > 0 && !scan->lines && !entry->kinds &&
		    places_cues(entry) == CUE_DISCLAIM)
			break;
		if (!(entry && entry->flags & PLACES_WHOLE) && word->stem &&
		    !comma) {
			const struct places_entry *owner =
			    places_find(places_hash_join(hash, word->stem));

			if (owner && owner->flags & PLACES_WHOLE) {
				best = owner;
				taken = k + 1;
			}
		}
		if (!entry)
			break;
		if (comma && (!(entry->kinds & ~PLACES_NOT) ||
			      entry->kinds & PLACES_NOT)) {
			if (!(entry->flags & PLACES_BEGINS))
				break;
		} else if (entry->flags & PLACES_WHOLE) {
			best = entry;
			taken = k + 1;
		}
		if (!(entry->flags & PLACES_BEGINS))
			break;
		hash = places_hash_join(hash, region_word_hash(scan, word));
	}
	words[i].entry = best;
	return taken;
}

/* Words @i and on, @taken of them, as one token of what their entry says. */
static void join(struct region_scan *scan, struct region_token *words, size_t i,
		 size_t taken)
{
	const struct region_token *last = &words[i + taken - 1];
	struct region_token *token = &words[i];

	if (token->entry) {
		if (written_as_name(scan, token, token->entry, taken)) {
			token->place = token->entry;
			scan->places++;
		}
		token->cues |= places_cues(token->entry);
	}
	for (size_t k = 1; k < taken; k++)
		token->cues |= words[i + k].cues;
	token->end = last->end;
	token->flags |= last->flags & TOKEN_OWNS;
}

/* Most words are no part of any phrase, or a cue word by themselves; which of
 * these is all one here, for it cannot be foreseen. */
static bool stands_alone(const struct region_token *word,
			 const struct places_entry *entry)
{
	return !(word->stem | entry->kinds | (entry->flags & PLACES_BEGINS));
}

/* Phrases become one token each, where the words stand; how many remain. */
static size_t join_phrases(struct region_scan *scan, struct region_token *words,
			   size_t n)
{
	static const struct places_entry nothing; /* of no cue */
	size_t count = 0, i = 0, taken;

	for (; i < n; i += taken, count++) {
		const struct places_entry *entry =
		    words[i].entry ? words[i].entry : &nothing;

		taken = 1;
		if (!stands_alone(&words[i], entry)) {
			taken = match(scan, words, n, i);
			join(scan, words, i, taken);
		} else {
			words[i].cues |= places_cues(entry);
		}
		if (count != i)
			words[count] = words[i];
	}
	return count;
}

void region_scan_start(struct region_scan *scan, struct sdg_str text,
		       bool lines)
{
	*scan = (struct region_scan){ .s = text.s,
				      .len = text.len,
				      .lines = lines };
	if (scan->len > UINT32_MAX)
		scan->len = UINT32_MAX;
}

/* The words that begin in the first @len bytes. */
static size_t words_within(const struct sdg_split *split, size_t len)
{
	size_t low = 0, n = split->count;

	if (n == 0 || split->words[n - 1].start < len)
		return n;
	while (n > 0) {
		size_t half = n / 2;

		if (split->words[low + half].start < len) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

void region_scan_start_split(struct region_scan *scan, struct sdg_str text,
			     const struct sdg_split *split)
{
	region_scan_start(scan, text, false);
	if (split) {
		scan->split = split;
		scan->next = split->words;
		scan->last = split->words + words_within(split, scan->len);
	}
}

void region_scan_start_lines(struct region_scan *scan, struct sdg_str text,
			     const struct sdg_split *split, size_t from,
			     size_t to)
{
	region_scan_start_split(
	    scan, (struct sdg_str){ text.s, to < text.len ? to : text.len },
	    split);
	scan->lines = true;
	scan->at = from;
	if (split)
		scan->next += words_within(split, from);
}

size_t region_scan_next(struct region_scan *scan,
			struct region_token tokens[REGION_TOKENS_MAX])
{
	bool ended = false;
	size_t n = 0;

	scan->places = 0;
	while (!ended && n < REGION_TOKENS_MAX) {
		uint8_t gap = GAP_START;

		ended = read_gap(scan, n ? &tokens[n - 1] : NULL, &gap);
		if (ended && n == 0 && scan->at < scan->len) {
			ended = false; /* empty lines before it */
			continue;
		}
		if (ended)
			break;
		region_read_word(scan, &tokens[n]);
		tokens[n].gap = n ? gap : GAP_START;
		if (tokens[n].start < scan->quoted_to &&
		    tokens[n].start > scan->quoted_from)
			tokens[n].flags |= TOKEN_QUOTED;
		n++;
	}
	return join_phrases(scan, tokens, n);
}
