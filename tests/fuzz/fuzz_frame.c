/*
 * fuzz_frame: any bytes as frame.yaml, and what follows a line "---" among
 * them as cues.tsv.
 *
 * Properties: no crash; an error with words, or a frame whose cues belong to
 * its themes and can be compiled or refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/home.h>

#include "cues.h"
#include "frame.h"
#include "fuzz.h"

static char dir[] = "/tmp/fuzz-frame-XXXXXX";

static void leave(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/frame.yaml", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/cues.tsv", dir);
	unlink(path);
	rmdir(dir);
}

static void put(const char *name, const uint8_t *data, size_t size)
{
	char path[64];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	to = fopen(path, "we");
	if (!to)
		abort();
	fwrite(data, 1, size, to);
	fclose(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sdg_stemmer *stemmer;
	const uint8_t *cut = NULL;
	struct sdg_error err = { 0 };
	struct sdg_frame *frame;
	struct sdg_cues cues;

	if (!stemmer) {
		if (!mkdtemp(dir) || sdg_stemmer_new(&stemmer, NULL) < 0)
			abort();
		atexit(leave);
	}
	if (size >= 4)
		cut = memmem(data, size, "---\n", 4);
	put("frame.yaml", data, cut ? (size_t)(cut - data) : size);
	put("cues.tsv", cut ? cut + 4 : data,
	    cut ? size - 4 - (size_t)(cut - data) : 0);
	if (sdg_frame_read(dir, &frame, &err) < 0) {
		if (!err.message[0] || strchr(err.message, '\n'))
			abort();
		return 0;
	}
	for (size_t i = 0; i < frame->cue_count; i++)
		if (frame->cues[i].theme >= frame->theme_count)
			abort();
	if (sdg_cues_compile(frame, stemmer, &cues, &err) == 0)
		sdg_cues_fini(&cues);
	sdg_frame_free(frame);
	return 0;
}
