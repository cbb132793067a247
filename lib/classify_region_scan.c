/*
 * classify_region_scan: text into sentences of tokens.
 *
 * Words are hashed as they are read, lower-cased, accents and apostrophes
 * dropped, zero-width characters passed over; names and cue phrases of
 * several words become one token. Nothing is copied.
 */
#include <string.h>

#include "classify_region.h"
#include "letters.h"

/* A word as read, before phrases are joined. */
struct word {
	uint32_t start, end;
	uint64_t hash; /* whole */
	uint64_t stem; /* before the apostrophe, or 0 */
	uint64_t cues; /* from the ending: "'re" */
	uint8_t gap, flags;
};

#define PHRASE_WORDS_MAX 6

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* U+00C0 to U+00FF without their accents; 0 for the two signs there. */
static const char folded[65] = "aaaaaaaceeeeiiiidnooooo\0ouuuuytsaaaaaaac"
			       "eeeeiiiidnooooo\0ouuuuyty";

enum character {
	CHAR_LETTER, /* part of a word; *base is what to hash */
	CHAR_APOSTROPHE,
	CHAR_NOTHING, /* zero width: as if it were not there */
	CHAR_SPACE,
	CHAR_OTHER,
};

/* One character beyond ASCII; *n is set to its bytes. */
static enum character wide(const unsigned char *s, size_t len, size_t *n,
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

/* The ending after an apostrophe: what it says of the word before. */
static void note_ending(struct word *word, const char *ending, size_t len)
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

/* ASCII letters and digits as they are hashed; 0: part of no word. */
static const unsigned char small[256] = {
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
		     struct word *word)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	enum character kind = CHAR_OTHER;
	unsigned char base = 0;
	size_t n = 1;

	if (s[r->at] == '\'')
		kind = CHAR_APOSTROPHE;
	else if (s[r->at] >= 0x80)
		kind = wide(s + r->at, scan->len - r->at, &n, &base);
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
static void read_any_word(struct region_scan *scan, struct word *word)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	struct reading r = { .at = scan->at };

	if (is_digit(s[r.at]))
		word->flags |= TOKEN_DIGIT;
	else if (is_letter(s[r.at]) && s[r.at] <= 'Z')
		word->flags |= TOKEN_CAPITAL;
	do {
		while (r.at < scan->len && small[s[r.at]]) {
			unsigned char base = small[s[r.at]];

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

static uint8_t flags_of(const struct sdg_letters *letters)
{
	unsigned all = (1u << letters->count) - 1;
	unsigned flags = 0;

	if ((letters->half[0] & 0xff) <= '9')
		flags = TOKEN_DIGIT;
	else if (letters->capitals & 1)
		flags = TOKEN_CAPITAL;
	if (letters->capitals == all && letters->count > 1)
		flags |= TOKEN_CAPITALS;
	return (uint8_t)flags;
}

/* The word that begins at scan->at. Nearly every one is a few letters and
 * nothing else. */
static void read_word(struct region_scan *scan, struct word *word)
{
	const char *s = scan->s + scan->at;
	size_t left = scan->len - scan->at;
	struct sdg_letters letters = sdg_letters_at(s, left);
	unsigned char next =
	    letters.count < left ? (unsigned char)s[letters.count] : 0;

	*word = (struct word){ .start = (uint32_t)scan->at };
	if (letters.count == 0 && s[0] == '&') {
		word->hash = places_hash_word("and", 3);
		word->end = (uint32_t)++scan->at;
	} else if (letters.count == 0 || letters.count == SDG_LETTERS_MAX ||
		   next == '\'' || next >= 0x80) {
		read_any_word(scan, word);
	} else {
		scan->at += letters.count;
		word->end = (uint32_t)scan->at;
		word->hash = places_hash_short(letters.half);
		word->flags = flags_of(&letters);
	}
}

/* A dot after "St", "Mr", an initial: no sentence ends there. */
static bool abbreviated(const struct region_scan *scan, const struct word *last)
{
	static const char *const known[] = { "Mrs", "Rev", "Prof", "Gtr",
					     "Nth", "Sth", "Snr",  "Asst",
					     "Dep", "Jnr", "Revd", "approx" };
	size_t len = last->end - last->start;

	if (last->flags & TOKEN_DIGIT)
		return false;
	if (len <= 2)
		return (last->flags & TOKEN_CAPITAL) != 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == len &&
		    memcmp(scan->s + last->start, known[i], len) == 0)
			return true;
	return false;
}

/* What the character of @n bytes at @s, not ASCII and no letter, parts. Double
 * quotation marks (U+201C, U+201D) open and close what is quoted. */
static uint8_t wide_gap(enum character kind, const unsigned char *s, size_t n,
			unsigned char base, bool *quoted)
{
	bool punctuation = n == 3 && s[0] == 0xe2 && s[1] == 0x80;
	bool opens = punctuation && base == 0x9c;
	bool closes = punctuation && base == 0x9d;

	if (opens || closes)
		*quoted = opens;
	if (kind != CHAR_OTHER)
		return GAP_SPACE;
	return opens || closes ? GAP_BREAK : GAP_COMMA;
}

/* Passes what is between words; true when the sentence ends there. */
static bool read_gap(struct region_scan *scan, const struct word *last,
		     uint8_t *gap, bool *quoted)
{
	const unsigned char *s = (const unsigned char *)scan->s;
	unsigned lines = 0;

	*gap = GAP_SPACE;
	/* Most words stand one space apart. */
	if (scan->at + 1 < scan->len && s[scan->at] == ' ' &&
	    small[s[scan->at + 1]]) {
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
			enum character kind =
			    wide(s + scan->at, scan->len - scan->at, &n, &base);

			if (kind == CHAR_LETTER)
				return false;
			here = wide_gap(kind, s + scan->at, n, base, quoted);
			scan->at += n - 1;
		} else if (c == '\n') {
			here = GAP_LINE;
			if (++lines > 1 || scan->lines) {
				scan->at++;
				return true;
			}
		} else if (c == '.' && last && abbreviated(scan, last)) {
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
		} else if (c == '"') {
			*quoted = !*quoted;
			here = GAP_BREAK;
		} else if (c == ';' || c == ':') {
			here = GAP_BREAK;
		} else if (c == '-' || c == '\'') {
			/* joined, unless a dash with space before it */
			bool dash = scan->at > 0 && s[scan->at - 1] == ' ';

			here = dash ? GAP_COMMA : GAP_SPACE;
		} else if (c != ' ' && c != '\t') {
			here = GAP_COMMA;
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
		bool letter = small[s[at]] > '9';
		bool starts = letter & !inside;

		words += starts;
		capitals += starts & (s[at] <= 'Z') & (s[at + 1] >= 'a') &
			    (s[at + 1] <= 'z');
		inside = letter | (s[at] == '\'') | (s[at] >= 0x80);
	}
	return capitals <= 8 && capitals * 15 <= words;
}

/* Few texts hold a name written small, so this is asked late, and once. */
static bool is_loose(struct region_scan *scan)
{
	if (!scan->asked_loose) {
		scan->loose = !scan->lines && without_capitals(scan);
		scan->asked_loose = true;
	}
	return scan->loose;
}

/* A name counts when written as one. */
static bool written_as_name(struct region_scan *scan, const struct word *word,
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
	if (entry->flags & PLACES_WORD || !is_loose(scan))
		return false;
	return words > 1 ||
	       entry->size >= (entry->flags & PLACES_SURNAME ? 40 : 5);
}

/* The longest phrase that begins at word @i; its number of words. */
static size_t match(struct region_scan *scan, const struct word *words,
		    size_t n, size_t i, struct region_token *token)
{
	const struct places_entry *best = NULL;
	uint64_t hash = 0;
	size_t taken = 1;

	for (size_t k = 0; k < PHRASE_WORDS_MAX && i + k < n; k++) {
		const struct word *word = &words[i + k];
		const struct places_entry *entry;

		if (k > 0 && word->gap > GAP_LINE)
			break;
		entry = places_find(places_hash_join(hash, word->hash));
		/* "schools in" is of a signature's small print alone */
		if (entry && k > 0 && !scan->lines && !entry->kinds &&
		    places_cues(entry) == CUE_DISCLAIM)
			break;
		if (!(entry && entry->flags & PLACES_WHOLE) && word->stem) {
			const struct places_entry *owner =
			    places_find(places_hash_join(hash, word->stem));

			if (owner && owner->flags & PLACES_WHOLE) {
				best = owner;
				taken = k + 1;
			}
		}
		if (!entry)
			break;
		hash = places_hash_join(hash, word->hash);
		if (entry->flags & PLACES_WHOLE) {
			best = entry;
			taken = k + 1;
		}
		if (!(entry->flags & PLACES_BEGINS))
			break;
	}
	if (best) {
		token->cues |= places_cues(best);
		if (written_as_name(scan, &words[i], best, taken)) {
			token->place = best;
			scan->places++;
		}
	}
	return taken;
}

/* Most words are no part of any phrase: one look tells. */
static bool is_plain(const struct word *word)
{
	return !word->stem && !places_maybe(places_hash_join(0, word->hash));
}

static size_t join_phrases(struct region_scan *scan, const struct word *words,
			   size_t n, struct region_token *tokens)
{
	size_t count = 0, i = 0;

	while (i < n) {
		struct region_token *token = &tokens[count++];
		size_t taken = 1;

		token->start = words[i].start;
		token->end = words[i].end;
		token->cues = words[i].cues;
		token->gap = words[i].gap;
		token->flags = words[i].flags;
		token->place = NULL;
		if (is_plain(&words[i])) {
			i++;
			continue;
		}
		taken = match(scan, words, n, i, token);
		token->end = words[i + taken - 1].end;
		token->flags |= words[i + taken - 1].flags & TOKEN_OWNS;
		for (size_t k = 1; k < taken; k++)
			token->cues |= words[i + k].cues;
		i += taken;
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

size_t region_scan_next(struct region_scan *scan,
			struct region_token tokens[REGION_TOKENS_MAX])
{
	struct word words[REGION_TOKENS_MAX];
	bool quoted = false, ended = false;
	size_t n = 0;

	scan->places = 0;
	while (!ended && n < REGION_TOKENS_MAX) {
		uint8_t gap = GAP_START;

		ended = read_gap(scan, n ? &words[n - 1] : NULL, &gap, &quoted);
		if (ended && n == 0 && scan->at < scan->len) {
			ended = false; /* empty lines before it */
			continue;
		}
		if (ended)
			break;
		read_word(scan, &words[n]);
		words[n].gap = n ? gap : GAP_START;
		if (quoted)
			words[n].flags |= TOKEN_QUOTED;
		n++;
	}
	return join_phrases(scan, words, n, tokens);
}
