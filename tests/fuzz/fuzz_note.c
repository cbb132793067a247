/*
 * fuzz_note: any safe text as a representative's note.
 *
 * Properties: no crash; every point is safe text within the note, the
 * points' lines ascend and do not overlap, and no line is both a point and
 * left out.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "note.h"

static void check(const struct note *note)
{
	size_t before = 0;

	for (size_t i = 0; i < note->point_count; i++) {
		const struct note_point *point = &note->points[i];

		if (point->first_line <= before ||
		    point->last_line < point->first_line ||
		    point->voices > NOTE_VOICES_MAX ||
		    !sdg_text_is_safe(point->text, strlen(point->text)))
			abort();
		before = point->last_line;
		for (size_t j = 0; j < note->rest_count; j++) {
			if (note->rest[j].first_line <= point->last_line &&
			    note->rest[j].last_line >= point->first_line)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(3 * size + 1);
	struct sdg_error err = { 0 };
	struct note *note = NULL;
	size_t len;

	if (!text)
		abort();
	len = sdg_text_clean((const char *)data, size, text, 3 * size);
	/* The parser must not lean on a NUL behind. */
	text = realloc(text, len > 0 ? len : 1);
	if (text && note_parse(text, len, 1425600000, &note, &err) == 0)
		check(note);
	note_free(note);
	free(text);
	return 0;
}
