/*
 * identity: digests over raw bytes, by libsodium's BLAKE2b.
 *
 * Mail is read here only as far as its header names go; nothing is decoded,
 * so that nothing a parser learns later can change what a piece is.
 */
#include <soundings/identity.h>

#include <sodium.h>
#include <string.h>
#include <strings.h>

struct hash {
	crypto_generichash_state state;
};

/* Each kind of identity under its own name, so that none equals another. */
static void hash_begin(struct hash *hash, const char *domain)
{
	crypto_generichash_init(&hash->state, NULL, 0, SDG_DIGEST_SIZE);
	crypto_generichash_update(&hash->state, (const unsigned char *)domain,
				  strlen(domain) + 1);
}

static void hash_bytes(struct hash *hash, const void *data, size_t len)
{
	crypto_generichash_update(&hash->state, data, len);
}

static void hash_number(struct hash *hash, uint64_t number)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(number >> (56 - 8 * i));
	hash_bytes(hash, bytes, sizeof(bytes));
}

static void hash_part(struct hash *hash, struct sdg_str part)
{
	hash_number(hash, part.len);
	if (part.len)
		hash_bytes(hash, part.s, part.len);
}

static void hash_end(struct hash *hash, uint8_t digest[SDG_DIGEST_SIZE])
{
	crypto_generichash_final(&hash->state, digest, SDG_DIGEST_SIZE);
}

/* The line at @at, without its end; *next is where the following begins. */
static struct sdg_str line_at(const char *raw, size_t len, size_t at,
			      size_t *next)
{
	const char *end = memchr(raw + at, '\n', len - at);
	size_t stop = end ? (size_t)(end - raw) : len;

	*next = end ? stop + 1 : len;
	if (end && stop > at && raw[stop - 1] == '\r')
		stop--;
	return (struct sdg_str){ raw + at, stop - at };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

enum { MESSAGE_ID, DATE, FROM, HEADERS };
static const char *const header_names[HEADERS] = { "message-id", "date",
						   "from" };

struct mail_header {
	struct sdg_str
	    lines[HEADERS]; /* from the value's start, folds within */
	size_t start, body;
};

static int header_index(struct sdg_str line, size_t *value)
{
	const char *colon = memchr(line.s, ':', line.len);
	struct sdg_str name;

	if (!colon)
		return -1;
	name = sdg_str_trim(
	    (struct sdg_str){ line.s, (size_t)(colon - line.s) }, SDG_BLANKS);
	*value = (size_t)(colon - line.s) + 1;
	for (int i = 0; i < HEADERS; i++)
		if (name.len == strlen(header_names[i]) &&
		    strncasecmp(name.s, header_names[i], name.len) == 0)
			return i;
	return -1;
}

static void read_header(const char *raw, size_t len, struct mail_header *header)
{
	size_t at = 0, next, value = 0;
	int current = -1;

	memset(header, 0, sizeof(*header));
	if (len >= 3 && memcmp(raw, "\xef\xbb\xbf", 3) == 0)
		at = 3; /* an editor's, not the mail's */
	if (len - at >= 5 && memcmp(raw + at, "From ", 5) == 0)
		line_at(raw, len, at, &at); /* mbox, Postfix alias, Exim */
	header->start = at;
	for (; at < len; at = next) {
		struct sdg_str line = line_at(raw, len, at, &next);

		if (line.len == 0) {
			at = next;
			break;
		}
		if (is_blank(line.s[0])) {
			if (current >= 0) /* a folded value goes on */
				header->lines[current].len =
				    (size_t)(line.s + line.len -
					     header->lines[current].s);
			continue;
		}
		current = header_index(line, &value);
		if (current >= 0 && header->lines[current].s)
			current = -1; /* the first of each */
		if (current >= 0)
			header->lines[current] =
			    (struct sdg_str){ line.s + value,
					      line.len - value };
	}
	header->body = at;
	/* What has none of them is told from others by all of it. */
	for (int i = 0; i < HEADERS; i++)
		if (header->lines[i].s)
			return;
	header->body = header->start;
}

/* A header value unfolded and trimmed: runs of blanks and line ends are one
 * space, so that refolding on the way changes nothing. */
static void hash_value(struct hash *hash, struct sdg_str value)
{
	char chunk[256];
	size_t used = 0;
	bool gap = false, begun = false;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.s[i];

		if (is_blank(c) || c == '\r' || c == '\n') {
			gap = true;
			continue;
		}
		if (used + 2 > sizeof(chunk)) {
			hash_bytes(hash, chunk, used);
			used = 0;
		}
		if (gap && begun)
			chunk[used++] = ' ';
		chunk[used++] = c;
		gap = false;
		begun = true;
	}
	hash_bytes(hash, chunk, used);
	hash_bytes(hash, "", 1);
}

/* mbox writers put ">" before "From " and, some, before ">From " too. */
static struct sdg_str undo_from_quote(struct sdg_str line)
{
	size_t marks = 0;

	while (marks < line.len && line.s[marks] == '>')
		marks++;
	if (marks && line.len - marks >= 5 &&
	    memcmp(line.s + marks, "From ", 5) == 0)
		return (struct sdg_str){ line.s + marks, line.len - marks };
	return line;
}

static void hash_body(struct hash *hash, const char *raw, size_t len, size_t at)
{
	size_t next, blank = 0;

	for (; at < len; at = next) {
		struct sdg_str line = line_at(raw, len, at, &next);

		if (line.len == 0) {
			blank++;
			continue;
		}
		for (; blank; blank--)
			hash_bytes(hash, "\n", 1);
		line = undo_from_quote(line);
		hash_bytes(hash, line.s, line.len);
		hash_bytes(hash, "\n", 1);
	}
}

void sdg_identity_mail(const void *raw, size_t len,
		       uint8_t identity[SDG_DIGEST_SIZE])
{
	struct mail_header header;
	struct hash hash;

	hash_begin(&hash, "soundings mail 1");
	if (len) {
		read_header(raw, len, &header);
		for (int i = 0; i < HEADERS; i++)
			hash_value(&hash, header.lines[i]);
		hash_body(&hash, raw, len, header.body);
	}
	hash_end(&hash, identity);
}

void sdg_identity_survey(struct sdg_str survey, struct sdg_str response,
			 struct sdg_str question,
			 uint8_t identity[SDG_DIGEST_SIZE])
{
	struct hash hash;

	hash_begin(&hash, "soundings survey 1");
	hash_part(&hash, survey);
	hash_part(&hash, response);
	hash_part(&hash, question);
	hash_end(&hash, identity);
}

void sdg_identity_note(struct sdg_str representative, int64_t date,
		       struct sdg_str text, uint8_t identity[SDG_DIGEST_SIZE])
{
	struct hash hash;

	hash_begin(&hash, "soundings note 1");
	hash_part(&hash, representative);
	hash_number(&hash, (uint64_t)date);
	hash_part(&hash, text);
	hash_end(&hash, identity);
}

void sdg_identity_reference(struct sdg_str message_id,
			    uint8_t reference[SDG_REFERENCE_SIZE])
{
	crypto_generichash(reference, SDG_REFERENCE_SIZE,
			   (const uint8_t *)message_id.s, message_id.len, NULL,
			   0);
}

void sdg_identity_content(struct sdg_str subject, struct sdg_str text,
			  uint8_t content[SDG_DIGEST_SIZE])
{
	struct hash hash;

	hash_begin(&hash, "soundings content 1");
	hash_part(&hash, subject);
	hash_part(&hash, text);
	hash_end(&hash, content);
}
