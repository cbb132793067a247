/*
 * directory_rows: CSV by libcsv, and what was read so far.
 */
#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"

static int no_memory(struct sdg_error *err)
{
	sdg_fail(err, SDG_ENOMEM, "read the directory: no memory");
	return SDG_ENOMEM;
}

/* ---------------------------------------------------------- as safe text */

static bool is_utf8(const char *s, size_t len)
{
	iconv_t cd = iconv_open("UTF-32LE", "UTF-8");
	char sink[4096], *in = (char *)s;
	bool good = true;

	if (cd == (iconv_t)-1)
		return false;
	while (len > 0 && good) {
		char *out = sink;
		size_t room = sizeof(sink);

		if (iconv(cd, &in, &len, &out, &room) == (size_t)-1)
			good = errno == E2BIG;
	}
	iconv_close(cd);
	return good;
}

/* What means nothing (five bytes of windows-1252 do) becomes "?". */
static char *from(const char *charset, const char *s, size_t len,
		  size_t *out_len)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	size_t room = 3 * len + 1;
	char *buffer = malloc(room), *in = (char *)s, *out = buffer;

	if (cd == (iconv_t)-1 || !buffer) {
		if (cd != (iconv_t)-1)
			iconv_close(cd);
		free(buffer);
		return NULL;
	}
	while (len > 0) {
		if (iconv(cd, &in, &len, &out, &room) != (size_t)-1)
			continue;
		if (len == 0 || room == 0)
			break;
		*out++ = '?';
		room--;
		in++;
		len--;
	}
	iconv_close(cd);
	*out_len = (size_t)(out - buffer);
	return buffer;
}

/* What Excel writes beside UTF-8: UTF-16 with a mark, or windows-1252. */
static const char *charset_of(const char *bytes, size_t len)
{
	if (len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 ||
			 memcmp(bytes, "\xfe\xff", 2) == 0))
		return "UTF-16";
	return is_utf8(bytes, len) ? NULL : "WINDOWS-1252";
}

/* Lines end in LF afterwards, controls are gone. The caller frees it. */
static int to_text(const char *bytes, size_t len, char **text, size_t *text_len,
		   struct sdg_error *err)
{
	const char *charset = charset_of(bytes, len);
	char *converted = NULL;

	if (len > DIRECTORY_BYTES_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"read the directory: longer than %u MiB",
				DIRECTORY_BYTES_MAX >> 20);
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	if (charset) {
		converted = from(charset, bytes, len, &len);
		if (!converted)
			return no_memory(err);
		bytes = converted;
	}
	*text = malloc(3 * len + 1);
	if (*text)
		*text_len = sdg_text_clean(bytes, len, *text, 3 * len);
	free(converted);
	return *text ? 0 : no_memory(err);
}

/* ------------------------------------------------------------------- CSV */

/* What parts the headings: Excel writes ";" where a comma is the decimal
 * point, and tabs into what it calls Unicode text. */
static unsigned char separator_of(const char *text, size_t len)
{
	static const char candidates[] = ",;\t";
	size_t counts[sizeof(candidates) - 1] = { 0 }, best = 0;
	bool quoted = false;

	while (len > 0 && *text == '\n') {
		text++;
		len--;
	}
	for (size_t i = 0; i < len && (quoted || text[i] != '\n'); i++) {
		const char *c = strchr(candidates, text[i]);

		if (text[i] == '"')
			quoted = !quoted;
		else if (c && *c && !quoted)
			counts[c - candidates]++;
	}
	for (size_t i = 1; i < sizeof(candidates) - 1; i++) {
		if (counts[i] > counts[best])
			best = i;
	}
	return (unsigned char)candidates[best];
}

struct reading {
	directory_row_fn *fn;
	void *arg;
	struct sdg_error *err;
	struct sdg_str fields[DIRECTORY_COLUMNS_MAX];
	size_t offsets[DIRECTORY_COLUMNS_MAX];
	size_t n;
	char *row; /* the fields of one row, one after another */
	size_t len, cap;
	unsigned line, ends; /* where the row began; line ends within it */
	int rc;
};

/* libcsv's buffer moves as a row grows, so fields are copied. */
static void on_field(void *data, size_t len, void *arg)
{
	struct reading *r = arg;
	const char *s = data;

	if (r->rc != 0)
		return;
	if (r->n == DIRECTORY_COLUMNS_MAX) {
		r->rc = sdg_fail(r->err, SDG_EINVAL,
				 "line %u: more than %d columns", r->line,
				 DIRECTORY_COLUMNS_MAX);
		return;
	}
	if (r->len + len > r->cap) {
		size_t cap = (r->len + len) * 2 + 256;
		char *row = realloc(r->row, cap);

		if (!row) {
			r->rc = no_memory(r->err);
			return;
		}
		r->row = row;
		r->cap = cap;
	}
	if (len)
		memcpy(r->row + r->len, s, len);
	for (size_t i = 0; i < len; i++)
		r->ends += s[i] == '\n';
	r->offsets[r->n] = r->len;
	r->fields[r->n++].len = len;
	r->len += len;
}

static void on_row(int end, void *arg)
{
	struct reading *r = arg;
	bool empty = true;

	for (size_t i = 0; i < r->n; i++) {
		/* a row of empty fields alone needs no memory */
		r->fields[i].s = r->row ? r->row + r->offsets[i] : "";
		empty &= r->fields[i].len == 0;
	}
	if (r->rc == 0 && !empty)
		r->rc = r->fn(r->arg, r->fields, r->n, r->line, r->err);
	r->line += r->ends + (end == '\n');
	r->n = r->len = r->ends = 0;
}

int directory_rows(const char *bytes, size_t len, directory_row_fn *fn,
		   void *arg, struct sdg_error *err)
{
	struct reading r = { .fn = fn, .arg = arg, .err = err, .line = 1 };
	struct csv_parser parser;
	size_t text_len = 0;
	char *text = NULL;
	int rc;

	rc = to_text(bytes, len, &text, &text_len, err);
	if (rc < 0)
		return rc;
	if (csv_init(&parser, CSV_REPALL_NL) != 0) {
		free(text);
		return no_memory(err);
	}
	csv_set_delim(&parser, separator_of(text, text_len));
	for (size_t at = 0; at < text_len && r.rc == 0;) {
		size_t n = text_len - at < 65536 ? text_len - at : 65536;

		if (csv_parse(&parser, text + at, n, on_field, on_row, &r) != n)
			r.rc = sdg_fail(err, SDG_EINVAL, "line %u: not CSV",
					r.line);
		at += n;
	}
	/* Lone quotes are taken as they stand; only one that is never closed,
	 * and so may have swallowed half the file, is refused. */
	if (r.rc == 0 &&
	    csv_set_opts(&parser,
			 CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) == 0 &&
	    csv_fini(&parser, on_field, on_row, &r) != 0)
		r.rc = sdg_fail(err, SDG_EINVAL,
				"line %u: a quote is opened here, or in this "
				"row, and never closed",
				r.line);
	csv_free(&parser);
	free(r.row);
	free(text);
	return r.rc;
}

/* --------------------------------------------------------------- entries */

void directory_fini(struct directory *directory)
{
	free(directory->entries);
	free(directory->slots);
	free(directory->problems);
	*directory = (struct directory){ 0 };
}

int directory_problem(struct directory *d, unsigned line, const char *what,
		      struct sdg_error *err)
{
	if (d->problem_count == d->problem_cap) {
		size_t cap = d->problem_cap * 2 + 64;
		struct directory_problem *more =
		    realloc(d->problems, cap * sizeof(*more));

		if (!more)
			return no_memory(err);
		d->problems = more;
		d->problem_cap = cap;
	}
	d->problems[d->problem_count++] =
	    (struct directory_problem){ line, what };
	return 0;
}

static size_t key_hash(const char *key)
{
	uint64_t hash = 14695981039346656037u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

static uint32_t *slot_of(const struct directory *d, const char *key)
{
	size_t at = key_hash(key) & (d->slot_count - 1);

	while (d->slots[at] &&
	       strcmp(d->entries[d->slots[at] - 1].key, key) != 0)
		at = (at + 1) & (d->slot_count - 1);
	return &d->slots[at];
}

static int grow(struct directory *d, struct sdg_error *err)
{
	size_t cap = 1024; /* a power of two, whatever was there: slot_of() */
	struct sdg_entry *entries;
	uint32_t *slots;

	while (cap <= d->count)
		cap *= 2;
	slots = calloc(cap * 2, sizeof(*slots));
	if (!slots)
		return no_memory(err);
	free(d->slots);
	d->slots = slots;
	d->slot_count = cap * 2;
	for (size_t i = 0; i < d->count; i++)
		*slot_of(d, d->entries[i].key) = (uint32_t)(i + 1);
	entries = realloc(d->entries, cap * sizeof(*entries));
	if (!entries)
		return no_memory(err);
	d->entries = entries;
	d->cap = cap;
	return 0;
}

struct sdg_entry *directory_get(const struct directory *d, const char *key)
{
	uint32_t slot = d->slot_count ? *slot_of(d, key) : 0;

	return slot ? &d->entries[slot - 1] : NULL;
}

static bool says_same(const struct sdg_entry *a, const struct sdg_entry *b)
{
	return a->known.region == b->known.region &&
	       a->known.authority == b->known.authority &&
	       a->known.role == b->known.role &&
	       a->known.phases == b->known.phases &&
	       strcmp(a->school, b->school) == 0;
}

/* What the later row does not say, or not so that it is understood, stays. */
static void later_wins(struct directory *d, struct sdg_entry *old,
		       const struct sdg_entry *entry)
{
	bool known = old->known.region != SDG_REGION_ANY;

	if (entry->known.region != SDG_REGION_ANY) {
		old->known.region = entry->known.region;
		old->known.authority = entry->known.authority;
		d->regions += !known;
	}
	if (entry->known.role != SDG_ROLE_UNKNOWN)
		old->known.role = entry->known.role;
	if (entry->known.phases)
		old->known.phases = entry->known.phases;
	if (entry->school[0])
		memcpy(old->school, entry->school, sizeof(old->school));
}

int directory_add(struct directory *d, const struct sdg_entry *entry,
		  unsigned line, struct sdg_error *err)
{
	struct sdg_entry *old = directory_get(d, entry->key);
	int rc = 0;

	if (old) {
		if (strcmp(old->membership, entry->membership) != 0 &&
		    entry->membership[0])
			return directory_problem(
			    d, line, "an address of another member's row", err);
		if (!says_same(old, entry)) {
			later_wins(d, old, entry);
			return directory_problem(
			    d, line,
			    "its address came before with other words: this "
			    "line counts",
			    err);
		}
		return 0;
	}
	if (!d->entries || d->count == d->cap)
		rc = grow(d, err);
	if (rc < 0)
		return rc;
	d->entries[d->count++] = *entry;
	*slot_of(d, entry->key) = (uint32_t)d->count;
	d->regions += entry->known.region != SDG_REGION_ANY;
	return 0;
}
