/*
 * fuzz_mail: any bytes as a message, to an event and to JSON.
 *
 * Properties: no crash; what comes out is safe text that encodes and
 * decodes again, whatever the bytes were; the dry run's answer is valid
 * JSON; reading the same bytes again gives the same.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/identity.h>

#include "fuzz.h"
#include "mail.h"

static struct mail *mail;
static struct sdg_arena *arena;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	mail_init(NULL, 0);
	mail = mail_new();
	arena = sdg_arena_new(SDG_ARENA_EVENT);
	if (!mail || !arena)
		abort();
	return 0;
}

static void must(int holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "fuzz_mail: %s\n", what);
		abort();
	}
}

static size_t read_event(const uint8_t *data, size_t size, uint8_t *event)
{
	struct sdg_error err = { 0 };
	struct sdg_feedback fb;
	size_t len = 0;

	mail_reset(mail);
	must(mail_read(mail, data, size, &err) == 0, "a message was refused");
	mail_to_feedback(mail, &fb);
	sdg_identity_mail(data, size, fb.identity);
	sdg_identity_content(fb.subject, fb.text, fb.content);
	if (sdg_feedback_encode(&fb, event, &len, &err) < 0) {
		fprintf(stderr, "fuzz_mail: %s\n", err.message);
		abort();
	}
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t event[SDG_EVENT_MAX], again[SDG_EVENT_MAX];
	struct sdg_error err = { 0 };
	struct sdg_feedback fb;
	size_t len, len2;
	json_t *root;
	char *json;

	len = read_event(data, size, event);
	sdg_arena_reset(arena);
	must(sdg_feedback_decode(event, len, arena, &fb, &err) == 0,
	     "an event does not decode");
	json = mail_to_json(mail, true);
	must(json != NULL, "no JSON");
	root = json_loads(json, 0, NULL);
	must(root != NULL, "JSON that is none");
	json_decref(root);
	free(json);
	len2 = read_event(data, size, again);
	must(len == len2 && memcmp(event, again, len) == 0,
	     "the same bytes read differently");
	return 0;
}
