/*
 * classify_region_word: one word of a text, as the region resolvers know it.
 *
 * Words are hashed as they are read, lower-cased, accents and apostrophes
 * dropped, zero-width characters passed over. Nearly every one is a few ASCII
 * letters, read at a look or not at all, where the text was split before.
 */
#include <string.h>

#include "classify_region_word.h"

/* U+00C0 to U+00FF without their accents; 0 for the two signs there. */
static const char folded[65] = "aaaaaaaceeeeiiiidnooooo\0ouuuuytsaaaaaaac"
			       "eeeeiiiidnooooo\0ouuuuyty";

enum character region_wide(const unsigned char *s, size_t len, size_t *n,
			   unsigned char *base)
{
	*n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 1;
	if (*n > len)
		*n = len;
	*base = s[*n - 1];
	if (*n == 2 && s[0] == 0xc3 && folded[s[1] & 63]) {
		*base = (unsigned char)folded[s[1] & 63];
		return CHAR_LETTER;
	}
	if (*n == 2 && s[0] == 0xc5 && (s[1] & 0xfe) == 0xb4)
		*base = 'w';
	if (*n == 2 && s[0] == 0xc5 && (s[1] & 0xfe) == 0xb6)
		*base = 'y';
	if (*n == 2 && s[0] == 0xc2)
		return s[1] == 0xa0   ? CHAR_SPACE
		       : s[1] == 0xad ? CHAR_NOTHING
				      : CHAR_OTHER;
	if (*n == 3 && s[0] == 0xe2 && s[1] == 0x80) {
		if (s[2] == 0x98 || s[2] == 0x99)
			return CHAR_APOSTROPHE;
		if (s[2] >= 0x8b && s[2] <= 0x8f)
			return CHAR_NOTHING;
		return s[2] <= 0x8a || s[2] == 0xaf ? CHAR_SPACE : CHAR_OTHER;
	}
	if (*n == 3 && s[0] == 0xe2 && s[1] == 0x81 && s[2] == 0xa0)
		return CHAR_NOTHING;
	if (*n == 3 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf)
		return CHAR_NOTHING;
	return s[0] >= 0xc3 && s[0] != 0xe2 ? CHAR_LETTER : CHAR_OTHER;
}

const unsigned char region_small[256] = {
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
	['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
	['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e',
	['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j',
	['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o',
	['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
	['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y',
	['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',
	['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i',
	['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n',
	['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's',
	['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x',
	['Y'] = 'y', ['Z'] = 'z',
};

/* The ending after an apostrophe: what it says of the word before. */
static void note_ending(struct region_token *word, const char *ending,
			size_t len)
{
	char a = len > 0 ? (char)(ending[0] | 0x20) : 0;
	char b = len > 1 ? (char)(ending[1] | 0x20) : 0;

	if (len == 1 && a == 's') {
		word->flags |= TOKEN_OWNS;
		return;
	}
	if ((len == 1 && a == 'm') || (len == 2 && a == 'r' && b == 'e'))
		word->cues = CUE_BE;
	else if (len == 2 && a == 'v' && b == 'e')
		word->cues = CUE_HAVE;
	else if (len == 1 && a == 'd')
		word->cues = CUE_WOULD;
	else if (!(len == 2 && a == 'l' && b == 'l'))
		return;
	/* "we're" is "we", never "were" */
	word->hash = word->stem;
	word->stem = 0;
}

/* What of a word is being read. */
struct reading {
	char bytes[PLACES_WORD_MAX]; /* as they are hashed */
	size_t len, at, letters, capitals, ending;
};

/* No byte of a word is zero. */
static void add_byte(struct reading *r, unsigned char byte)
{
	if (r->len < sizeof(r->bytes))
		r->bytes[r->len++] = (char)(byte ? byte : 1);
	r->letters++;
}

/* The rest of a word from its first character that is no ASCII letter or
 * digit; false when the word ends there. */
static bool read_odd(const struct region_scan *scan, struct reading *r,
		     struct region_token *word)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	enum character kind = CHAR_OTHER;
	unsigned char base = 0;
	size_t n = 1;

	if (s[r->at] == '\'')
		kind = CHAR_APOSTROPHE;
	else if (s[r->at] >= 0x80)
		kind = region_wide(s + r->at, scan->len - r->at, &n, &base);
	switch (kind) {
	case CHAR_APOSTROPHE:
		if (r->at + n >= scan->len || !is_letter(s[r->at + n]))
			return false;
		word->stem = places_hash_word(r->bytes, r->len);
		r->ending = r->at + n;
		break;
	case CHAR_LETTER:
		if (r->letters == 0)
			word->flags |= TOKEN_CAPITAL;
		add_byte(r, base);
		break;
	case CHAR_NOTHING:
		break;
	case CHAR_SPACE:
	case CHAR_OTHER:
		return false;
	}
	r->at += n;
	return true;
}

/* The word that begins at scan->at, whatever it is made of. */
static void read_any_word(struct region_scan *scan, struct region_token *word)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	struct reading r = { .at = scan->at };

	if (is_digit(s[r.at]))
		word->flags |= TOKEN_DIGIT;
	else if (is_letter(s[r.at]) && s[r.at] <= 'Z')
		word->flags |= TOKEN_CAPITAL;
	do {
		while (r.at < scan->len && region_small[s[r.at]]) {
			unsigned char base = region_small[s[r.at]];

			r.capitals += base != s[r.at++];
			add_byte(&r, base);
		}
	} while (r.at < scan->len && read_odd(scan, &r, word));
	word->hash = places_hash_word(r.bytes, r.len);
	word->end = (uint32_t)r.at;
	if (r.capitals > 1 && r.capitals == r.letters)
		word->flags |= TOKEN_CAPITALS;
	if (r.ending)
		note_ending(word, scan->s + r.ending, r.at - r.ending);
	scan->at = r.at;
}

static const struct places_entry *entry_of(uint64_t hash)
{
	return places_find(places_hash_join(0, hash));
}

void region_note(const uint64_t half[2], struct sdg_word_note *out)
{
	const struct places_entry *entry = entry_of(places_hash_short(half));

	out->place = places_number(entry);
	if (entry && entry->flags & PLACES_NAMED)
		out->marks |= SDG_MARK_PLACE;
	if (entry && entry->flags & PLACES_TITLED)
		out->marks |= SDG_MARK_TITLE;
}

/* The word at scan->at, where it was split already and is the same here. */
static bool take_word(struct region_scan *scan, struct region_token *word)
{
	while (scan->next < scan->last && scan->next->start < scan->at)
		scan->next++;
	if (scan->next == scan->last || scan->next->start != scan->at ||
	    !(scan->next->shape & SDG_SHAPE_PLAIN) ||
	    scan->next->end > scan->len)
		return false;
	word->flags = scan->next->shape & TOKEN_SHAPE;
	word->entry = places_entry_at(scan->next->note.place);
	scan->at = word->end = scan->next++->end;
	return true;
}

/* The same where nobody has: nearly every word is a few letters. */
static bool read_plain_word(struct region_scan *scan, struct region_token *word)
{
	const char *s = scan->s + scan->at;
	size_t left = scan->len - scan->at;
	struct sdg_letters letters = sdg_letters_at(s, left);
	unsigned char next =
	    letters.count < left ? (unsigned char)s[letters.count] : 0;

	if (letters.count == 0 || letters.count == SDG_LETTERS_MAX ||
	    next == '\'' || next >= 0x80)
		return false;
	word->flags = sdg_letters_shape(&letters);
	word->hash = places_hash_short(letters.half);
	word->entry = entry_of(word->hash);
	scan->at += letters.count;
	word->end = (uint32_t)scan->at;
	return true;
}

/* The word that begins at scan->at. */
void region_read_word(struct region_scan *scan, struct region_token *word)
{
	*word = (struct region_token){ .start = (uint32_t)scan->at };
	if (take_word(scan, word) || read_plain_word(scan, word))
		return;
	if (scan->s[scan->at] == '&') {
		word->hash = places_hash_word("and", 3);
		word->end = (uint32_t)++scan->at;
	} else {
		read_any_word(scan, word);
	}
	word->entry = entry_of(word->hash);
}

uint64_t region_word_hash(const struct region_scan *scan,
			  struct region_token *word)
{
	if (word->hash == 0)
		word->hash =
		    places_hash_short(sdg_letters_at(scan->s + word->start,
						     scan->len - word->start)
					  .half);
	return word->hash;
}

/* ------------------------------------------------------------- quotations */

#define QUOTATION_MAX 1000 /* bytes; a mark is not looked for further on */

/* The apostrophe, typed or printed, or its other half, at @s; 0: none. */
static size_t single_mark(const unsigned char *s, size_t left,
			  unsigned char printed)
{
	if (left > 0 && s[0] == '\'')
		return 1;
	return left > 2 && s[0] == 0xe2 && s[1] == 0x80 && s[2] == printed ? 3
									   : 0;
}

/* Where "'…'" ends, or 0: another begins before, or none does. */
static size_t single_end(const unsigned char *s, size_t at, size_t end)
{
	for (size_t k = at + 1; k < end; k++) {
		size_t n = single_mark(s + k, end - k, 0x99);
		bool inside, after;

		if (s[k] == '\n' && k + 1 < end && s[k + 1] == '\n')
			return 0;
		if (n == 0)
			continue;
		after = k + n < end && is_letter(s[k + n]);
		inside = !strchr(" \n(\t", s[k - 1]);
		if (inside && !after)
			return k + n;
		if (!inside)
			return 0;
	}
	return 0;
}

/* Where '"…"' or what is printed so ends: with its paragraph at the latest. */
static size_t double_end(const unsigned char *s, size_t at, size_t end)
{
	bool typed = s[at] == '"';
	size_t k = at + 1;

	for (; k < end; k++) {
		if (s[k] == '\n' && k + 1 < end && s[k + 1] == '\n')
			break;
		if (typed ? s[k] == '"'
			  : s[k] == 0x9d && s[k - 1] == 0x80 && k > at + 2 &&
				s[k - 2] == 0xe2)
			return k + 1;
	}
	return k;
}

static size_t line_end(const unsigned char *s, size_t at, size_t end)
{
	const unsigned char *line = memchr(s + at, '\n', end - at);

	return line ? (size_t)(line - s) : end;
}

/* Does nothing but blanks stand before @at in its line? */
static bool begins_line(const unsigned char *s, size_t at)
{
	while (at > 0 && (s[at - 1] == ' ' || s[at - 1] == '\t'))
		at--;
	return at == 0 || s[at - 1] == '\n';
}

void region_quote(struct region_scan *scan, size_t at)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	size_t end =
	    scan->len - at > QUOTATION_MAX ? at + QUOTATION_MAX : scan->len;
	bool opens = at == 0 || strchr(" \n(\t\"", s[at - 1]);
	size_t n = single_mark(s + at, end - at, 0x98), to = 0;

	if (at < scan->quoted_to)
		return;
	if (n) {
		if (opens && at + n < end && is_letter(s[at + n]))
			to = single_end(s, at + n - 1, end);
	} else if (s[at] == '>') {
		/* However long: mail programs write a paragraph in one. */
		if (begins_line(s, at))
			to = line_end(s, at, scan->len);
	} else if (s[at] == '"' ||
		   (end - at > 2 && memcmp(s + at, "\xe2\x80\x9c", 3) == 0)) {
		to = double_end(s, at, end);
	}
	if (to) {
		scan->quoted_from = at;
		scan->quoted_to = to;
	}
}
