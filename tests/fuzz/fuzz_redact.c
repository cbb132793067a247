/*
 * fuzz_redact: any words as a message that is quoted.
 *
 * Properties: no crash; sentences follow one another within the text and
 * neither begin nor end with a blank; no address with its @ between letters
 * or digits is left by redact(), and no telephone number written in one.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "redact.h"

static int is_word(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80);
}

static void check_redacted(const char *s)
{
	size_t len = strlen(s), digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '@' && i > 0 && i + 1 < len && is_word(s[i - 1]) &&
		    is_word(s[i + 1]))
			abort();
		/* A token of digits alone. */
		if (isdigit((unsigned char)s[i]) &&
		    (i == 0 || digits || s[i - 1] == ' '))
			digits++;
		else
			digits = 0;
		if (digits >= 11 && (i + 1 == len || s[i + 1] == ' '))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char clean[3 * 4096];
	static struct sentence_span spans[64];
	size_t len, n, past = 0;

	if (size > 4096)
		return 0;
	len = sdg_text_clean((const char *)data, size, clean, sizeof(clean));
	n = sentences_of((struct sdg_str){ clean, len }, spans, 64);
	for (size_t i = 0; i < n; i++) {
		char *redacted;

		if (spans[i].start < past || spans[i].end <= spans[i].start ||
		    spans[i].end > len || clean[spans[i].start] == ' ' ||
		    clean[spans[i].start] == '\n')
			abort();
		past = spans[i].end;
		redacted = redact((struct sdg_str){
		    clean + spans[i].start, spans[i].end - spans[i].start });
		if (!redacted)
			abort();
		check_redacted(redacted);
		free(redacted);
	}
	return 0;
}
