/*
 * fuzz_model: any bytes as a model file, and the shipped one with bytes of
 * the input laid over its header and index.
 *
 * Properties: refused, or looked at without reading outside it; then every
 * look-up ends.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "model.h"
#include "taught.h"

static float say(const struct sdg_model *model, enum sdg_feature_what what,
		 uint64_t hash)
{
	struct sdg_feature feature = { .hash = hash,
				       .noted = sdg_model_noted(model, hash),
				       .how = { .what = (uint8_t)what } };
	uint32_t number = sdg_model_ask(model, &feature);
	const struct sdg_weights *row;

	if (number == SDG_NO_ROW)
		return 0;
	row = sdg_model_row(model, number);
	return (float)row->weights[model->header->column_count - 1];
}

static void look_up(const struct sdg_model *model)
{
	float sum = 0;

	for (uint64_t i = 0; i < 64; i++) {
		uint64_t hash = sdg_words_hash((const char *)&i, sizeof(i));

		for (int what = 0; what <= SDG_FEATURE_PAIR_BEGINS; what++)
			sum += say(model, (enum sdg_feature_what)what, hash);
	}
	if (sum > 64 * 5 * 128)
		abort();
	sdg_taught_has(model->taught, model->header->taught_count, 7);
	for (uint32_t t = 0; t < model->header->theme_count; t++)
		if (!memchr(model->ids[t], '\0',
			    (size_t)model->header->string_bytes))
			abort();
}

static void view(const uint8_t *data, size_t size)
{
	struct sdg_model model;
	uint8_t *copy = aligned_alloc(64, (size + 63) / 64 * 64 + 64);

	if (!copy)
		return;
	memcpy(copy, data, size);
	if (sdg_model_view(copy, size, &model, NULL) == 0)
		look_up(&model);
	free(copy);
}

/* A small model that is right but for the bytes of the input. */
static void view_changed(const uint8_t *data, size_t size)
{
	struct sdg_model_header header = {
		.magic = "SDGMODEL",
		.layout = SDG_MODEL_LAYOUT,
		.byte_order = SDG_MODEL_BYTE_ORDER,
		.theme_count = 2,
		.column_count = 2 + SDG_BESIDE_COLUMNS,
		.other = 1,
		.word_count = 3,
		.slot_count = 8,
		.cell_count = 4,
		.pilot_count = 2,
		.cue_slot_count = 8,
		.string_bytes = 14,
	};
	size_t at = (sizeof(header) + 63) / 64 * 64;
	uint8_t *bytes;

	header.stride = sdg_model_stride(header.column_count);
	header.slots_at = at;
	header.pilots_at = at + 64;
	header.tags_at = header.pilots_at + 16;
	header.rows_at = header.tags_at + 16;
	header.cues_at =
	    header.rows_at + sdg_model_rows(&header) * header.stride + 64;
	header.cues_at -= header.cues_at % 64;
	header.heads_at = header.cues_at + 8 * sizeof(struct sdg_cue_slot);
	header.taught_at = header.slots_at;
	header.taught_count = 8;
	header.strings_at = header.heads_at + SDG_CUE_HEADS + SDG_CUE_BLOOM;
	header.size = header.strings_at + header.string_bytes;
	bytes = calloc(1, header.size);
	if (!bytes)
		return;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + header.strings_at, "t\0a\0A\0\0b\0B\0\0\0\0", 14);
	for (size_t i = 0; i + 3 <= size; i += 3) {
		size_t where =
		    (size_t)(data[i] << 8 | data[i + 1]) % header.heads_at;

		bytes[where] = data[i + 2];
	}
	view(bytes, header.size);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	view(data, size);
	view_changed(data, size);
	return 0;
}
