/*
 * train_write: the model as the bytes of its file. Nothing of time, place or
 * memory goes in: the same weights make the same file.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "taught.h"
#include "train_internal.h"

static uint64_t round_up(uint64_t n)
{
	return (n + 63) & ~(uint64_t)63;
}

static size_t strings_size(const struct sdg_frame *frame)
{
	size_t size = strlen(frame->title) + 1;

	for (size_t i = 0; i < frame->theme_count; i++)
		size += strlen(frame->themes[i].id) +
			strlen(frame->themes[i].name) +
			strlen(frame->themes[i].definition) + 3;
	return size;
}

static char *put_string(char *at, const char *s)
{
	return stpcpy(at, s) + 1;
}

static void put_strings(const struct sdg_frame *frame, char *at)
{
	at = put_string(at, frame->title);
	for (size_t i = 0; i < frame->theme_count; i++) {
		at = put_string(at, frame->themes[i].id);
		at = put_string(at, frame->themes[i].name);
		at = put_string(at, frame->themes[i].definition);
	}
}

static size_t count_texts(const struct set *set, uint32_t texts[SDG_FRAME_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];

		n += !text->cue;
		if (!text->cue && text->main != NO_THEME)
			texts[text->main]++;
	}
	return n;
}

/* Of all texts, in room for as many; how many differ. */
static size_t put_taught(const struct set *set, uint64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < set->text_count; i++) {
		if (!set->texts[i].cue)
			out[n++] = set->texts[i].digest;
	}
	return sdg_taught_sort(out, n);
}

static void lay_out(const struct set *set, const struct fit *fit,
		    struct sdg_model_header *header)
{
	uint64_t at = round_up(sizeof(*header));

	memcpy(header->magic, "SDGMODEL", sizeof(header->magic));
	header->layout = SDG_MODEL_LAYOUT;
	header->byte_order = SDG_MODEL_BYTE_ORDER;
	memcpy(header->frame_digest, set->frame->digest,
	       sizeof(header->frame_digest));
	header->theme_count = (uint32_t)set->frame->theme_count;
	header->column_count = (uint32_t)fit->columns;
	header->stride = sdg_model_stride(fit->columns);
	header->other =
	    set->frame->other < 0 ? UINT32_MAX : (uint32_t)set->frame->other;
	header->row_count = (uint32_t)fit->row_count;
	header->slot_count = 1024;
	while (header->slot_count < 2 * fit->row_count)
		header->slot_count *= 2;
	header->cue_slot_count = (uint32_t)set->cues.slot_count;
	header->string_bytes = (uint32_t)strings_size(set->frame);
	header->pair_value = PAIR_VALUE;
	header->cue_weight = CUE_WEIGHT;
	header->slots_at = at;
	at = round_up(at + header->slot_count * sizeof(struct sdg_model_slot));
	header->rows_at = at;
	at = round_up(at + (uint64_t)header->row_count * header->stride);
	header->cues_at = at;
	at =
	    round_up(at + header->cue_slot_count * sizeof(struct sdg_cue_slot));
	header->heads_at = at;
	at = round_up(at + SDG_CUE_HEADS + SDG_CUE_BLOOM);
	header->taught_at = at;
	header->taught_count = count_texts(set, header->texts);
	at = round_up(at + header->taught_count * sizeof(uint64_t));
	header->strings_at = at;
	header->size = at + header->string_bytes;
}

static void put_slot(const struct sdg_model_header *header,
		     struct sdg_model_slot *slots, uint64_t hash, uint32_t row)
{
	uint32_t mask = header->slot_count - 1, at = (uint32_t)hash & mask;
	uint32_t tag = (uint32_t)(hash >> 32);

	while (slots[at].tag)
		at = (at + 1) & mask;
	slots[at] = (struct sdg_model_slot){ tag | (tag == 0), row };
}

/* A row's greatest weight is 127, so that none of it is coarse. */
static void put_row(const struct fit *fit, size_t row, struct sdg_weights *out)
{
	const float *weights = fit->weights + row * fit->columns;
	float most = 1e-9F;

	for (size_t c = 0; c < fit->columns; c++)
		most = fmaxf(most, fabsf(weights[c]));
	out->value = fit->values[row];
	out->factor = out->value * most / 127;
	for (size_t c = 0; c < fit->columns; c++)
		out->weights[c] = (int8_t)lrintf(weights[c] / most * 127);
}

/* A feature that has a row, and how many texts have it. */
struct placed {
	uint32_t feature, seen;
};

static int by_use(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->seen != y->seen)
		return x->seen > y->seen ? -1 : 1;
	return x->feature < y->feature ? -1 : 1;
}

/* What is said most stands together, so that few lines of memory hold what
 * most messages ask for. */
static int put_rows(const struct set *set, const struct fit *fit,
		    const struct sdg_model_header *header, uint8_t *base)
{
	struct sdg_model_slot *slots =
	    (struct sdg_model_slot *)(void *)(base + header->slots_at);
	struct placed *placed = calloc(fit->row_count + 1, sizeof(*placed));
	size_t n = 0;

	if (!placed)
		return -1;
	for (size_t i = 0; i < set->feature_count; i++) {
		if (fit->row_of[i] != NO_FEATURE)
			placed[n++] = (struct placed){ (uint32_t)i,
						       set->features[i].seen };
	}
	qsort(placed, n, sizeof(*placed), by_use);
	for (size_t row = 0; row < n; row++) {
		size_t i = placed[row].feature;
		struct sdg_weights *out =
		    (struct sdg_weights *)(void *)(base + header->rows_at +
						   row * header->stride);

		put_slot(header, slots, set->features[i].hash, (uint32_t)row);
		put_row(fit, fit->row_of[i], out);
	}
	free(placed);
	return 0;
}

int write_model(const struct set *set, const struct fit *fit,
		const struct sdg_calibration *calibration, void **out,
		size_t *len, struct sdg_error *err)
{
	struct sdg_model_header header = { .calibration = *calibration };
	uint8_t *base;

	lay_out(set, fit, &header);
	if (header.size > SDG_MODEL_FILE_MAX || header.row_count > SDG_ROWS_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"train: the model would be larger than %u MiB",
				SDG_MODEL_FILE_MAX >> 20);
	base = calloc(1, header.size);
	if (!base)
		return sdg_fail(err, SDG_ENOMEM, "train: no memory");
	memcpy(header.bias, fit->bias, sizeof(header.bias));
	if (put_rows(set, fit, &header, base) < 0) {
		free(base);
		return sdg_fail(err, SDG_ENOMEM, "train: no memory");
	}
	memcpy(base + header.cues_at, set->cues.slots,
	       set->cues.slot_count * sizeof(*set->cues.slots));
	memcpy(base + header.heads_at, set->cues.heads,
	       SDG_CUE_HEADS + SDG_CUE_BLOOM);
	header.taught_count =
	    put_taught(set, (uint64_t *)(void *)(base + header.taught_at));
	put_strings(set->frame, (char *)base + header.strings_at);
	memcpy(base, &header, sizeof(header));
	crypto_generichash(header.digest, sizeof(header.digest), base,
			   header.size, NULL, 0);
	memcpy(base, &header, sizeof(header));
	*out = base;
	*len = header.size;
	return 0;
}
