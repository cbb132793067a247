/*
 * words: folding and dividing. Most words are plain, and read many bytes at a
 * look; a few wait together while what is known of them (stems.h) is on its
 * way.
 */
#include "words.h"

#include <string.h>

#include <utf8proc.h>

#include "stems.h"

/* Words that wait together while their lines of the cache are on their way. */
#define WAITING 32

/* What a byte means: a folded letter or digit, or one of these; SPACE, too,
 * from 128 on, where it is looked at more closely. */
enum { SPACE = 0, JOIN = 1, CLAUSE = 2, STOP = 3, LINE = 4 };

static const uint8_t classes[256] = {
	['\n'] = LINE,  ['\''] = JOIN,  ['`'] = JOIN,   [','] = CLAUSE,
	[';'] = CLAUSE, [':'] = CLAUSE, ['('] = CLAUSE, [')'] = CLAUSE,
	['.'] = STOP,   ['!'] = STOP,   ['?'] = STOP,   ['0'] = '0',
	['1'] = '1',    ['2'] = '2',    ['3'] = '3',    ['4'] = '4',
	['5'] = '5',    ['6'] = '6',    ['7'] = '7',    ['8'] = '8',
	['9'] = '9',    ['A'] = 'a',    ['B'] = 'b',    ['C'] = 'c',
	['D'] = 'd',    ['E'] = 'e',    ['F'] = 'f',    ['G'] = 'g',
	['H'] = 'h',    ['I'] = 'i',    ['J'] = 'j',    ['K'] = 'k',
	['L'] = 'l',    ['M'] = 'm',    ['N'] = 'n',    ['O'] = 'o',
	['P'] = 'p',    ['Q'] = 'q',    ['R'] = 'r',    ['S'] = 's',
	['T'] = 't',    ['U'] = 'u',    ['V'] = 'v',    ['W'] = 'w',
	['X'] = 'x',    ['Y'] = 'y',    ['Z'] = 'z',    ['a'] = 'a',
	['b'] = 'b',    ['c'] = 'c',    ['d'] = 'd',    ['e'] = 'e',
	['f'] = 'f',    ['g'] = 'g',    ['h'] = 'h',    ['i'] = 'i',
	['j'] = 'j',    ['k'] = 'k',    ['l'] = 'l',    ['m'] = 'm',
	['n'] = 'n',    ['o'] = 'o',    ['p'] = 'p',    ['q'] = 'q',
	['r'] = 'r',    ['s'] = 's',    ['t'] = 't',    ['u'] = 'u',
	['v'] = 'v',    ['w'] = 'w',    ['x'] = 'x',    ['y'] = 'y',
	['z'] = 'z',
};

/* A word while it is read. */
struct reader {
	struct sdg_stemmer *stemmer;
	struct sdg_str text;
	struct sdg_word *out;
	uint8_t *marks; /* NULL: nobody wants them */
	size_t n, cap;
	uint32_t start, end; /* of the word so far */
	uint8_t before;
	uint8_t broken;              /* SDG_MARK_BROKEN for the next word */
	size_t len;                  /* 0: between words */
	char word[SDG_WORD_MAX + 1]; /* zero to SDG_STEMS_CACHED_MAX at least */
	/* The last words read; no line: their stem is known. */
	size_t waiting_count;
	struct waiting {
		uint64_t half[2];
		struct sdg_stem_line *line;
		uint8_t marks;
	} waiting[WAITING];
};

static void add_byte(struct reader *reader, uint8_t byte, size_t at)
{
	if (reader->len == 0)
		reader->start = (uint32_t)at;
	if (reader->len < SDG_WORD_MAX)
		reader->word[reader->len++] = (char)byte;
	reader->end = (uint32_t)at + 1;
}

static inline unsigned mark_of(uint8_t before)
{
	return (before & (unsigned)SDG_BREAK_SENTENCE) *
	       (SDG_MARK_SENTENCE / SDG_BREAK_SENTENCE);
}

/* Gives the words that wait what is known of them. */
static void settle(struct reader *reader)
{
	const struct waiting *waiting = reader->waiting;
	size_t count = reader->waiting_count, first = reader->n - count;
	struct sdg_word *out = reader->out + first, nobody = { 0 };
	struct sdg_word *before = first ? out - 1 : &nobody;

	for (size_t i = 0; i < count; i++) {
		if (waiting[i].line) {
			const struct sdg_stem_slot *slot = sdg_stems_known(
			    reader->stemmer, waiting[i].line, waiting[i].half);

			out[i].stem = slot->stem;
			out[i].note = slot->note;
		}
		before->pair = sdg_words_join(before->stem, out[i].stem);
		before = &out[i];
	}
	for (size_t i = 0; reader->marks && i < count; i++)
		reader->marks[first + i] =
		    (uint8_t)(waiting[i].marks | out[i].note.marks |
			      mark_of(out[i].before));
	reader->waiting_count = 0;
}

/* Stems a word at once: a long one, or where nothing is remembered. */
static void stem_now(struct reader *reader, const char *word, size_t len,
		     struct sdg_word *out)
{
	out->stem = sdg_stems_of(reader->stemmer, word, len);
	if (reader->stemmer && reader->stemmer->note)
		reader->stemmer->note(reader->stemmer->note_arg, NULL,
				      out->stem, &out->note);
}

/* The end of a word that is not plain, if there is one. */
static void end_word(struct reader *reader)
{
	struct waiting *waiting = &reader->waiting[reader->waiting_count];
	struct sdg_word *out = &reader->out[reader->n];

	if (reader->len == 0)
		return;
	*out = (struct sdg_word){ .start = reader->start,
				  .end = reader->end,
				  .before = reader->before };
	waiting->marks = SDG_MARK_GAP | SDG_MARK_ODD | reader->broken;
	waiting->line = NULL;
	if (reader->stemmer && reader->len <= SDG_STEMS_CACHED_MAX) {
		memcpy(waiting->half, reader->word, sizeof(waiting->half));
		waiting->line = sdg_stems_line(reader->stemmer, waiting->half);
		__builtin_prefetch(waiting->line);
	} else {
		stem_now(reader, reader->word, reader->len, out);
	}
	reader->before = reader->broken = 0;
	reader->len = 0;
	memset(reader->word, 0, SDG_STEMS_CACHED_MAX);
	reader->n++;
	if (++reader->waiting_count == WAITING)
		settle(reader);
}

static bool vanishes(utf8proc_int32_t c)
{
	return c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static uint8_t break_of(utf8proc_int32_t c)
{
	switch (c) {
	case 0x2013: /* en and em dash */
	case 0x2014:
		return SDG_BREAK_CLAUSE;
	case 0x2022: /* bullet */
	case 0x2028:
	case 0x2029:
		return SDG_BREAK_SENTENCE | SDG_BREAK_LINE;
	case 0x2026: /* ellipsis */
		return SDG_BREAK_SENTENCE;
	}
	return 0;
}

static bool is_letter(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
		return true;
	default:
		return false;
	}
}

/* One character outside ASCII at @at; returns its length in bytes. */
static size_t read_wide(struct reader *reader, struct sdg_str text, size_t at)
{
	utf8proc_int32_t c, folded[8];
	utf8proc_ssize_t used, n;
	int boundary = 0;
	utf8proc_uint8_t bytes[4];

	used = utf8proc_iterate((const utf8proc_uint8_t *)text.s + at,
				(utf8proc_ssize_t)(text.len - at), &c);
	if (used <= 0) {
		end_word(reader);
		reader->broken = SDG_MARK_BROKEN;
		return 1;
	}
	if (vanishes(c) || c == 0x2018 || c == 0x2019 || c == 0x2bc)
		return (size_t)used; /* as if it were not there */
	if (!is_letter(c)) {
		end_word(reader);
		reader->before |= break_of(c);
		return (size_t)used;
	}
	n = utf8proc_decompose_char(c, folded, 8,
				    UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
					UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD,
				    &boundary);
	for (utf8proc_ssize_t i = 0; i < n && i < 8; i++) {
		utf8proc_ssize_t len = utf8proc_encode_char(folded[i], bytes);

		for (utf8proc_ssize_t k = 0; k < len; k++)
			add_byte(reader, bytes[k], at);
	}
	if (reader->len)
		reader->end = (uint32_t)(at + (size_t)used);
	return (size_t)used;
}

static void read_break(struct reader *reader, uint8_t class, bool spaced)
{
	switch (class) {
	case CLAUSE:
		reader->before |= SDG_BREAK_CLAUSE;
		break;
	case STOP: /* "Q.3" and "10.30" are no ends of sentences */
		if (spaced)
			reader->before |= SDG_BREAK_SENTENCE;
		break;
	case LINE: /* mail is wrapped: only a blank line ends a sentence */
		if (reader->before & SDG_BREAK_LINE)
			reader->before |= SDG_BREAK_SENTENCE;
		reader->before |= SDG_BREAK_LINE;
		break;
	}
}

/* Letters and digits from @start to @end as part of a longer word. A capital
 * differs from its small letter in one bit, which digits have, too. */
static void read_letters(struct reader *reader, size_t start, size_t end)
{
	if (reader->len == 0)
		reader->start = (uint32_t)start;
	reader->end = (uint32_t)end;
	for (; start < end && reader->len < SDG_WORD_MAX; start++)
		reader->word[reader->len++] =
		    (char)(reader->text.s[start] | 0x20);
}

/* What stands from @at to @to, where no ASCII letter or digit does. */
static void read_between(struct reader *reader, size_t at, size_t to)
{
	struct sdg_str text = reader->text;

	while (at < to && reader->n < reader->cap) {
		uint8_t byte = (uint8_t)text.s[at], class = classes[byte];

		if (byte >= 128) {
			at += read_wide(reader, text, at);
			continue;
		}
		if (class != JOIN || reader->len == 0) {
			end_word(reader);
			read_break(reader, class,
				   at + 1 >= text.len ||
				       (uint8_t)text.s[at + 1] <= ' ');
		}
		at++;
	}
}

/* May a word go on after letters, with this? */
static bool goes_on(uint8_t byte)
{
	return byte >= 128 || classes[byte] == JOIN;
}

/* Of gaps of one byte, and of two whose second is a space, as nearly all are,
 * what they divide, and one more; 0: something else. */
static const uint8_t gaps[2][256] = {
	{ [' '] = 1, ['\n'] = 1 + SDG_BREAK_LINE },
	{ [','] = 1 + SDG_BREAK_CLAUSE,
	  [';'] = 1 + SDG_BREAK_CLAUSE,
	  [':'] = 1 + SDG_BREAK_CLAUSE,
	  ['('] = 1 + SDG_BREAK_CLAUSE,
	  [')'] = 1 + SDG_BREAK_CLAUSE,
	  ['.'] = 1 + SDG_BREAK_SENTENCE,
	  ['!'] = 1 + SDG_BREAK_SENTENCE,
	  ['?'] = 1 + SDG_BREAK_SENTENCE },
};

/* What stands in the @size bytes between two words, which cannot be foreseen:
 * one branch at most asks. */
static inline unsigned gap_of(const char *s, size_t size)
{
	unsigned gap;

	if (size > 2)
		return 0;
	gap = gaps[size - 1][(uint8_t)s[0]];
	return gap & (0 - (unsigned)(size == 1 || s[1] == ' '));
}

/*
 * Words from @start on, as long as they are plain: most are a few letters and
 * nothing else. Then one that is not, as far as its
 * letters go. Returns where the next letters begin; @at is where these end.
 */
static inline __attribute__((always_inline)) size_t
read_row(struct reader *reader, struct sdg_runs *runs, size_t start, size_t *at)
{
	struct sdg_runs left = *runs;
	struct sdg_word *out = reader->out + reader->n;
	struct waiting *waiting = reader->waiting + reader->waiting_count;
	size_t room = WAITING - reader->waiting_count, n = 0, end;
	uint8_t before = reader->before;
	uint8_t marks = SDG_MARK_GAP | reader->broken;

	if (room > reader->cap - reader->n)
		room = reader->cap - reader->n;
	for (;;) {
		struct sdg_letters letters;
		unsigned gap;

		end = sdg_runs_edge(&left);
		if (reader->len || end - start >= SDG_LETTERS_MAX ||
		    (end < left.len && goes_on((uint8_t)left.s[end]))) {
			read_letters(reader, start, end);
			start = sdg_runs_edge(&left);
			break;
		}
		letters = sdg_letters_first(left.s + start, left.len - start,
					    (unsigned)(end - start));
		out[n].start = (uint32_t)start;
		out[n].end = (uint32_t)end;
		out[n].note = (struct sdg_word_note){ 0 };
		out[n].before = before;
		out[n].shape = SDG_SHAPE_PLAIN | sdg_letters_shape(&letters);
		memcpy(waiting[n].half, letters.half, sizeof(letters.half));
		waiting[n].marks = marks;
		waiting[n].line = NULL;
		if (reader->stemmer) {
			waiting[n].line =
			    sdg_stems_line(reader->stemmer, letters.half);
			__builtin_prefetch(waiting[n].line);
		} else {
			stem_now(reader, (const char *)letters.half,
				 letters.count, &out[n]);
		}
		before = marks = 0;
		start = sdg_runs_edge(&left);
		if (++n == room || start == left.len)
			break;
		gap = gap_of(left.s + end, start - end);
		if (gap == 0)
			break;
		before = (uint8_t)(gap - 1);
		marks = before == SDG_BREAK_SENTENCE ? SDG_MARK_GAP : 0;
	}
	*runs = left;
	*at = end;
	reader->before = before;
	reader->broken = n ? 0 : reader->broken;
	reader->n += n;
	reader->waiting_count += n;
	if (reader->waiting_count == WAITING)
		settle(reader);
	return start;
}

static inline __attribute__((always_inline)) size_t split(struct reader *reader)
{
	struct sdg_runs runs = { .s = reader->text.s, .len = reader->text.len };
	size_t at = 0, start;

	sdg_runs_start(&runs);
	start = sdg_runs_edge(&runs);
	while (reader->n < reader->cap) {
		read_between(reader, at, start);
		if (start == runs.len || reader->n == reader->cap)
			break;
		start = read_row(reader, &runs, start, &at);
	}
	if (reader->n < reader->cap)
		end_word(reader);
	settle(reader);
	if (reader->n)
		reader->out[reader->n - 1].pair = 0;
	return reader->n;
}

#if defined(__x86_64__)
/* The same with instructions that most machines have. */
__attribute__((target("avx2,bmi,bmi2"))) static size_t
split_wide(struct reader *reader)
{
	return split(reader);
}
#endif

static size_t split_plain(struct reader *reader)
{
	return split(reader);
}

size_t sdg_words_split(struct sdg_stemmer *stemmer, struct sdg_str text,
		       struct sdg_word *out, size_t cap)
{
	return sdg_words_split_marked(stemmer, text, out, NULL, cap);
}

size_t sdg_words_split_marked(struct sdg_stemmer *stemmer, struct sdg_str text,
			      struct sdg_word *out, uint8_t *marks, size_t cap)
{
	struct reader reader;

	reader.stemmer = stemmer;
	reader.text = text;
	reader.out = out;
	reader.marks = marks;
	reader.n = 0;
	reader.cap = cap;
	reader.before = SDG_BREAK_SENTENCE;
	reader.broken = 0;
	reader.len = 0;
	memset(reader.word, 0, SDG_STEMS_CACHED_MAX);
	reader.waiting_count = 0;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return split_wide(&reader);
#endif
	return split_plain(&reader);
}
