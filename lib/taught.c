/*
 * taught: digests of texts, and looking for one.
 */
#include "taught.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

uint64_t sdg_taught_digest(struct sdg_str text, struct sdg_str subject)
{
	struct sdg_str of = text.len ? text : subject;
	crypto_generichash_state hash;
	unsigned char part[256], out[16];
	uint64_t digest;
	size_t n = 0;

	crypto_generichash_init(&hash, NULL, 0, sizeof(out));
	for (size_t i = 0; i < of.len; i++) {
		unsigned char c = (unsigned char)of.s[i];

		if (c <= ' ')
			continue;
		part[n++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
		if (n < sizeof(part))
			continue;
		crypto_generichash_update(&hash, part, n);
		n = 0;
	}
	crypto_generichash_update(&hash, part, n);
	crypto_generichash_final(&hash, out, sizeof(out));
	memcpy(&digest, out, sizeof(digest));
	return digest;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool sdg_taught_has(const uint64_t *sorted, size_t n, uint64_t digest)
{
	return n && bsearch(&digest, sorted, n, sizeof(*sorted), ascending);
}

size_t sdg_taught_sort(uint64_t *digests, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(digests, n, sizeof(*digests), ascending);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || digests[kept - 1] != digests[i])
			digests[kept++] = digests[i];
	}
	return kept;
}
