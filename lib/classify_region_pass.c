/*
 * classify_region_pass: which sentences need not be read at all.
 *
 * A place can only be claimed where one is named, and few sentences name
 * one. So a text that is split already is looked through word by word, by
 * what is noted of each, and only what stands between words is read, to see
 * where sentences end. Nothing is decided here: a sentence in which anything
 * might be otherwise than it looks is left to the scanner.
 */
#include "classify_region_word.h"

/* A word's hash where it stands plain in the text. */
static uint64_t plain_hash(const struct region_scan *scan,
			   const struct sdg_word *word)
{
	struct sdg_letters letters =
	    sdg_letters_at(scan->s + word->start, scan->len - word->start);

	return places_hash_short(letters.half);
}

/* Does an "&" follow the word, which is no word where the text was split? */
static bool has_and(const struct region_scan *scan, const struct sdg_word *word)
{
	size_t len = word[1].start - word->end;

	return len > 1 && memchr(scan->s + word->end, '&', len);
}

static uint8_t flag_of(uint8_t mark)
{
	return mark == SDG_MARK_PLACE ? PLACES_NAMED : PLACES_TITLED;
}

/* Is it what is looked for, and not only how that begins? */
static bool is_whole(const struct places_entry *entry, uint8_t mark)
{
	if (!(entry->flags & PLACES_WHOLE))
		return false;
	return mark == SDG_MARK_PLACE ? entry->kinds != 0
				      : (places_cues(entry) & CUE_ROLE) != 0;
}

/* Does a name, or a role, of several words begin with this one? */
static bool may_begin(const struct region_scan *scan,
		      const struct sdg_word *word,
		      const struct places_entry *entry, uint8_t mark)
{
	uint64_t hash = 0;

	for (size_t k = 1; k < REGION_PHRASE_WORDS_MAX; k++, word++) {
		if (!(entry->flags & PLACES_BEGINS) || word + 1 == scan->last)
			return false;
		if (!(word[1].shape & SDG_SHAPE_PLAIN) ||
		    word[1].end > scan->len || has_and(scan, word))
			return true;
		hash = places_hash_join(hash, plain_hash(scan, word));
		entry = places_find(
		    places_hash_join(hash, plain_hash(scan, word + 1)));
		if (!entry || !(entry->flags & flag_of(mark)))
			return false;
		if (is_whole(entry, mark))
			return true;
	}
	return false;
}

/* Will a plain word be read as a name? */
static bool may_be_name(struct region_scan *scan, const struct sdg_word *word,
			const struct places_entry *entry)
{
	bool sent = word->shape & SDG_SHAPE_CAPITALS &&
		    entry->flags & PLACES_WORD; /* SEND */

	if (!entry->kinds)
		return false;
	return word->shape & SDG_SHAPE_CAPITAL
		   ? !sent
		   : region_may_be_small(entry, 1) && region_is_loose(scan);
}

/* Will a plain word be read as what is looked for, or with those after it? */
static bool may_be(struct region_scan *scan, const struct sdg_word *word,
		   uint8_t mark)
{
	const struct places_entry *entry = places_entry_at(word->note.place);

	if (mark == SDG_MARK_PLACE ? may_be_name(scan, word, entry)
				   : is_whole(entry, mark))
		return true;
	return may_begin(scan, word, entry, mark);
}

static bool has_flag(const struct places_entry *entry, uint8_t mark)
{
	return entry && entry->flags & flag_of(mark);
}

/* The bytes of an apostrophe at @at, typed or printed; 0: there is none. */
static size_t apostrophe(const struct region_scan *scan, size_t at)
{
	const char *s = scan->s + at;

	if (at < scan->len && s[0] == '\'')
		return 1;
	return scan->len - at > 2 && (memcmp(s, "\xe2\x80\x99", 3) == 0 ||
				      memcmp(s, "\xe2\x80\x98", 3) == 0)
		   ? 3
		   : 0;
}

/* "don't", "school's": two runs of letters, which is all there is to it. What
 * the whole says was noted; @stem is what stands before the apostrophe. */
static bool is_owning(const struct region_scan *scan,
		      const struct sdg_word *word, uint64_t *stem)
{
	struct sdg_letters before =
	    sdg_letters_at(scan->s + word->start, scan->len - word->start);
	size_t at = word->start + before.count, n = apostrophe(scan, at);
	struct sdg_letters after;

	if (!before.count || !n || at + n >= scan->len ||
	    !is_letter((unsigned char)scan->s[at + n]))
		return false;
	after = sdg_letters_at(scan->s + at + n, scan->len - at - n);
	if (before.count + after.count >= SDG_LETTERS_MAX ||
	    at + n + after.count != word->end)
		return false;
	*stem = places_hash_short(before.half);
	return true;
}

/* Is a word that is not plain one word for the scanner, too, and says
 * nothing? */
static bool pass_odd(const struct region_scan *scan,
		     const struct sdg_word *word, uint8_t mark)
{
	struct region_scan part = *scan;
	struct region_token token = { 0 };

	if (is_owning(scan, word, &token.stem)) {
		if (word->note.marks & mark)
			return false;
	} else {
		part.at = word->start;
		part.next = part.last;
		region_read_word(&part, &token);
		if (part.at != word->end || has_flag(token.entry, mark))
			return false;
	}
	return !token.stem ||
	       !has_flag(places_find(places_hash_join(0, token.stem)), mark);
}

/* The bytes of a character that is no letter for the scanner either, though
 * not ASCII; 0: it may be one. */
static size_t wide_gap(const unsigned char *s, size_t left)
{
	size_t n = s[0] == 0xe2 ? 3 : s[0] == 0xc2 ? 2 : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Does a word that its marks set apart say nothing after all? */
static bool pass_word(struct region_scan *scan, const struct sdg_word *word,
		      uint8_t mark)
{
	uint8_t marks = scan->split->marks[word - scan->split->words];

	if (marks & SDG_MARK_BROKEN)
		return false;
	if (!(word->shape & SDG_SHAPE_PLAIN) || word->end > scan->len)
		return pass_odd(scan, word, mark);
	return !may_be(scan, word, mark);
}

/* A text while sentences of it are passed. */
struct passing {
	struct region_scan *scan;
	const struct sdg_word *words;
	size_t count; /* of those that begin before its end */
	size_t first; /* word of the sentence at hand */
	size_t from;  /* where that begins */
	size_t passed;
	size_t quoted_from, quoted_to; /* as it was known there */
};

/* A sentence ends before word @next, and its rest, or another, goes on
 * @from. */
static void end_sentence(struct passing *passing, size_t next, size_t from)
{
	passing->passed += next > passing->first;
	passing->first = next;
	passing->from = from;
	passing->quoted_from = passing->scan->quoted_from;
	passing->quoted_to = passing->scan->quoted_to;
}

/* Longer sentences are read as several. */
static void pass_long(struct passing *passing, size_t i)
{
	while (i - passing->first >= REGION_TOKENS_MAX) {
		size_t next = passing->first + REGION_TOKENS_MAX;

		end_sentence(passing, next, passing->words[next - 1].end);
	}
}

/* How the scanner sees the word before a gap. */
static struct region_token as_token(const struct region_scan *scan,
				    const struct sdg_word *word)
{
	struct region_token token = { .start = word->start, .end = word->end };
	unsigned char c = (unsigned char)scan->s[word->start];

	token.flags = is_digit(c) ? TOKEN_DIGIT : 0;
	if (c >= 0x80 || (c >= 'A' && c <= 'Z'))
		token.flags |= TOKEN_CAPITAL;
	return token;
}

/* What stands before word @next, as far as it is of the text; false: it may
 * be anything. */
static bool pass_gap(struct passing *passing, size_t next)
{
	const struct region_scan *scan = passing->scan;
	const unsigned char *s = (const unsigned char *)scan->s;
	size_t at = next ? passing->words[next - 1].end : 0, n;
	size_t to =
	    next < passing->count ? passing->words[next].start : scan->len;
	unsigned lines = 0;

	if (at < passing->from)
		at = passing->from;
	for (; at < to; at += n) {
		unsigned char c = s[at];
		bool ends = false;

		n = c < 0x80 ? 1 : wide_gap(s + at, to - at);
		if (n == 0 || c == '&' || is_letter(c) || is_digit(c))
			return false;
		if (c == '"' || c == '\'' || c == '>' || c == 0xe2)
			region_quote(passing->scan, at);
		if (c == '\n')
			ends = ++lines > 1;
		else if (c == '.' || c == '!' || c == '?')
			ends = at + 1 == scan->len ||
			       !(is_letter(s[at + 1]) || is_digit(s[at + 1]));
		if (!ends || next == passing->first)
			continue;
		if (c == '.') {
			struct region_token last =
			    as_token(scan, &passing->words[next - 1]);

			if (region_abbreviated(scan, &last))
				continue;
		}
		end_sentence(passing, next, at + 1);
	}
	return true;
}

/* The next word from @at on by which a place may be named or a role said. */
static size_t find_candidate(struct region_scan *scan, size_t at, size_t count,
			     uint8_t mark)
{
	const struct sdg_word *words = scan->split->words;

	for (; at < count; at += 64) {
		uint64_t look =
		    sdg_marks_at(scan->split->marks + at,
				 SDG_MARK_ODD | SDG_MARK_BROKEN | mark);

		for (; look; look &= look - 1) {
			size_t i = at + (size_t)__builtin_ctzll(look);

			if (i >= count)
				return count;
			if (!pass_word(scan, &words[i], mark))
				return i;
		}
	}
	return count;
}

/* Passes the sentences that end before word @last begins, as far as what
 * stands between words is plain. */
static void pass_until(struct passing *passing, size_t last)
{
	const uint8_t *marks = passing->scan->split->marks;

	for (size_t at = passing->first; at <= last; at += 64) {
		uint64_t look = sdg_marks_at(marks + at, SDG_MARK_GAP);

		for (; look; look &= look - 1) {
			size_t i = at + (size_t)__builtin_ctzll(look);

			if (i > last)
				break;
			pass_long(passing, i);
			if (!pass_gap(passing, i))
				return;
		}
	}
	pass_long(passing, last);
}

size_t region_scan_pass(struct region_scan *scan, uint8_t mark)
{
	struct passing passing = { .scan = scan,
				   .from = scan->at,
				   .quoted_from = scan->quoted_from,
				   .quoted_to = scan->quoted_to };

	if (!scan->split)
		return 0;
	passing.words = scan->split->words;
	passing.count = (size_t)(scan->last - passing.words);
	while (scan->next < scan->last && scan->next->start < scan->at)
		scan->next++;
	passing.first = (size_t)(scan->next - passing.words);
	if (passing.first > 0 &&
	    passing.words[passing.first - 1].end > scan->at)
		return 0; /* within what was one word there */
	if (scan->candidate < passing.first || !scan->sought)
		scan->candidate =
		    find_candidate(scan, passing.first, passing.count, mark);
	scan->sought = true;
	if (scan->candidate == passing.count) {
		scan->at = scan->len;
		return 0;
	}
	pass_until(&passing, scan->candidate);
	scan->quoted_from = passing.quoted_from;
	scan->quoted_to = passing.quoted_to;
	scan->at = passing.from;
	scan->next = passing.words + passing.first;
	return passing.passed;
}
