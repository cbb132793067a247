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

/* The features that have rows, where they will stand. */
struct placed {
	uint32_t *words, *pairs; /* features, those said most first */
	uint64_t *hashes;        /* of the pairs */
	uint32_t word_count, pair_count;
	struct cells cells; /* of the pairs */
};

static void lay_out(const struct set *set, const struct fit *fit,
		    const struct placed *placed,
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
	header->word_count = placed->word_count;
	header->cell_count = placed->cells.count;
	header->pilot_count = placed->cells.pilot_count;
	header->slot_count = 1024;
	while (header->slot_count < 2 * (uint64_t)header->word_count)
		header->slot_count *= 2;
	header->cue_slot_count = (uint32_t)set->cues.slot_count;
	header->string_bytes = (uint32_t)strings_size(set->frame);
	header->pair_value = PAIR_VALUE;
	header->cue_weight = CUE_WEIGHT;
	header->slots_at = at;
	at = round_up(at + header->slot_count * sizeof(struct sdg_model_slot));
	header->pilots_at = at;
	at = round_up(at + header->pilot_count * sizeof(uint16_t));
	header->tags_at = at;
	at = round_up(at + header->cell_count * sizeof(uint32_t));
	header->rows_at = at;
	at = round_up(at + sdg_model_rows(header) * header->stride);
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
		     struct sdg_model_slot *slots, uint64_t stem,
		     uint32_t noted)
{
	uint32_t mask = header->slot_count - 1, at = (uint32_t)stem & mask;

	while (slots[at].tag)
		at = (at + 1) & mask;
	slots[at] = (struct sdg_model_slot){ sdg_model_tag(stem), noted };
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

/* Row @row of the model; what no text taught stays zero. */
static void put_feature(const struct fit *fit,
			const struct sdg_model_header *header, uint8_t *base,
			uint32_t feature, uint64_t row)
{
	put_row(fit, fit->row_of[feature],
		(struct sdg_weights *)(void *)(base + header->rows_at +
					       row * header->stride));
}

/* A word that has something to say where a sentence addresses the association
 * or begins is known by itself, too: it was said in the same texts. */
static void put_words(const struct set *set, const struct fit *fit,
		      const struct placed *placed,
		      const struct sdg_model_header *header, uint8_t *base)
{
	struct sdg_model_slot *slots =
	    (struct sdg_model_slot *)(void *)(base + header->slots_at);
	uint32_t part = sdg_model_part(header);

	for (uint32_t i = 0; i < placed->word_count; i++) {
		uint64_t stem = set->features[placed->words[i]].hash;
		uint32_t more[] = {
			set_find(set, sdg_feature_addressed(stem)),
			set_find(set, sdg_feature_begins(stem)),
		};
		uint32_t row = i + 1, noted = row << SDG_NOTED_BITS;

		put_feature(fit, header, base, placed->words[i], row);
		for (uint32_t k = 0; k < 2; k++) {
			if (more[k] == NO_FEATURE ||
			    fit->row_of[more[k]] == NO_FEATURE)
				continue;
			put_feature(fit, header, base, more[k],
				    row + (k + 1) * part);
			noted |= k ? SDG_NOTED_BEGINS : SDG_NOTED_ADDRESSED;
		}
		put_slot(header, slots, stem, noted);
	}
}

static void put_pairs(const struct fit *fit, const struct placed *placed,
		      const struct sdg_model_header *header, uint8_t *base)
{
	uint32_t *tags = (uint32_t *)(void *)(base + header->tags_at);
	uint32_t part = sdg_model_part(header);

	memcpy(base + header->pilots_at, placed->cells.pilots,
	       placed->cells.pilot_count * sizeof(*placed->cells.pilots));
	for (uint32_t i = 0; i < placed->pair_count; i++) {
		uint32_t cell = placed->cells.cell_of[i];

		tags[cell] = sdg_model_tag(placed->hashes[i]);
		put_feature(fit, header, base, placed->pairs[i],
			    (uint64_t)3 * part + cell);
	}
}

static void placed_fini(struct placed *placed)
{
	cells_fini(&placed->cells);
	free(placed->words);
	free(placed->pairs);
	free(placed->hashes);
}

/* Features are compared by how many texts have them. */
static int by_use(const void *a, const void *b, void *arg)
{
	const struct feature_info *features = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (features[x].seen != features[y].seen)
		return features[x].seen > features[y].seen ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int place(const struct set *set, const struct fit *fit,
		 struct placed *out, struct sdg_error *err)
{
	size_t n = fit->row_count + 1;

	out->words = calloc(n, sizeof(*out->words));
	out->pairs = calloc(n, sizeof(*out->pairs));
	out->hashes = calloc(n, sizeof(*out->hashes));
	if (!out->words || !out->pairs || !out->hashes)
		return sdg_fail(err, SDG_ENOMEM, "train: no memory");
	for (uint32_t i = 0; i < set->feature_count; i++) {
		if (fit->row_of[i] == NO_FEATURE)
			continue;
		switch ((enum sdg_feature_what)set->features[i].what) {
		case SDG_FEATURE_WORD:
			out->words[out->word_count++] = i;
			break;
		case SDG_FEATURE_PAIR:
		case SDG_FEATURE_PAIR_BEGINS:
			out->pairs[out->pair_count++] = i;
			break;
		case SDG_FEATURE_ADDRESSED:
		case SDG_FEATURE_BEGINS: /* with their words */
			break;
		}
	}
	qsort_r(out->words, out->word_count, sizeof(*out->words), by_use,
		set->features);
	qsort_r(out->pairs, out->pair_count, sizeof(*out->pairs), by_use,
		set->features);
	for (uint32_t i = 0; i < out->pair_count; i++)
		out->hashes[i] = set->features[out->pairs[i]].hash;
	return cells_find(out->hashes, out->pair_count, &out->cells, err);
}

int write_model(const struct set *set, const struct fit *fit,
		const struct sdg_calibration *calibration, void **out,
		size_t *len, struct sdg_error *err)
{
	struct sdg_model_header header = { .calibration = *calibration };
	struct placed placed = { 0 };
	uint8_t *base = NULL;
	int rc = place(set, fit, &placed, err);

	if (rc < 0)
		goto out;
	lay_out(set, fit, &placed, &header);
	if (header.size > SDG_MODEL_FILE_MAX ||
	    header.word_count > SDG_WORD_ROWS_MAX) {
		rc = sdg_fail(err, SDG_EINVAL,
			      "train: the model would be larger than %u MiB",
			      SDG_MODEL_FILE_MAX >> 20);
		goto out;
	}
	base = calloc(1, header.size);
	if (!base) {
		rc = sdg_fail(err, SDG_ENOMEM, "train: no memory");
		goto out;
	}
	memcpy(header.bias, fit->bias, sizeof(header.bias));
	put_words(set, fit, &placed, &header, base);
	put_pairs(fit, &placed, &header, base);
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
out:
	placed_fini(&placed);
	return rc;
}
