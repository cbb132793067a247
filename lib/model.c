/*
 * model: checking a model file before anything believes what it says.
 */
#include "model.h"

#include <math.h>
#include <string.h>

#include <soundings/text.h>

/* No number of a model that was learnt comes near it, and sums of so many
 * stay finite whatever a piece is made of. */
#define NUMBER_MAX 1e6F

static bool fits(const struct sdg_model_header *header, uint64_t at,
		 uint64_t count, uint64_t each)
{
	return at % 16 == 0 && at >= sizeof(*header) && at <= header->size &&
	       count <= (header->size - at) / each;
}

static bool is_power_of_two(uint32_t n)
{
	return n && (n & (n - 1)) == 0;
}

static bool is_sound(const struct sdg_model_header *h)
{
	return h->theme_count >= 1 && h->theme_count <= SDG_FRAME_MAX &&
	       h->column_count == h->theme_count + SDG_BESIDE_COLUMNS &&
	       h->stride == sdg_model_stride(h->column_count) &&
	       (h->other == UINT32_MAX || h->other < h->theme_count) &&
	       is_power_of_two(h->slot_count) &&
	       is_power_of_two(h->cue_slot_count) &&
	       h->word_count < h->slot_count &&
	       h->word_count <= SDG_WORD_ROWS_MAX && h->cell_count >= 1 &&
	       h->pilot_count >= 1 && sdg_model_rows(h) < SDG_NO_ROW &&
	       fits(h, h->slots_at, h->slot_count,
		    sizeof(struct sdg_model_slot)) &&
	       fits(h, h->pilots_at, h->pilot_count, sizeof(uint16_t)) &&
	       fits(h, h->tags_at, h->cell_count, sizeof(uint32_t)) &&
	       fits(h, h->rows_at, sdg_model_rows(h), h->stride) &&
	       fits(h, h->cues_at, h->cue_slot_count,
		    sizeof(struct sdg_cue_slot)) &&
	       fits(h, h->heads_at, SDG_CUE_HEADS + SDG_CUE_BLOOM, 1) &&
	       fits(h, h->taught_at, h->taught_count, sizeof(uint64_t)) &&
	       fits(h, h->strings_at, h->string_bytes, 1);
}

static bool is_number(float x)
{
	return fabsf(x) < NUMBER_MAX; /* of what is none this is false */
}

static bool are_numbers(const float *numbers, size_t n)
{
	bool are = true;

	for (size_t i = 0; i < n; i++)
		are &= is_number(numbers[i]);
	return are;
}

static bool is_calibrated(const struct sdg_calibration *c, size_t themes)
{
	const float four[] = { c->score, c->lead, c->length, c->offset };
	bool is = are_numbers(four, 4) && are_numbers(c->theme, themes);

	for (int s = 0; s < SDG_STANCE_COUNT; s++)
		is &= are_numbers(c->stance[s], SDG_SIGN_COUNT + 1);
	for (size_t t = 0; t < themes; t++)
		is &= c->threshold[t] >= 0 && c->threshold[t] <= 1;
	return is;
}

/* One number that is none would make every score that it is part of none. */
static bool has_numbers(const struct sdg_model *model)
{
	const struct sdg_model_header *header = model->header;
	uint32_t rows = (uint32_t)sdg_model_rows(header);
	bool has = is_number(header->cue_weight) &&
		   are_numbers(header->bias, header->column_count) &&
		   is_calibrated(&header->calibration, header->theme_count);

	for (uint32_t i = 0; i < rows; i++) {
		const struct sdg_weights *row = sdg_model_row(model, i);

		has &= is_number(row->value) & is_number(row->factor);
	}
	return has;
}

/* An open-addressed table that is full would be searched for ever. */
static bool has_room(const struct sdg_model *model)
{
	const struct sdg_model_header *header = model->header;
	bool room = false;

	for (uint32_t i = 0; i < header->slot_count && !room; i++)
		room = model->slots[i].tag == 0;
	if (!room)
		return false;
	for (uint32_t i = 0; i < header->cue_slot_count; i++) {
		if (model->cues.slots[i].key == 0)
			return true;
	}
	return false;
}

/* Title, then id, name and definition of each theme, each ended by NUL. */
static bool read_strings(const char *at, size_t left, struct sdg_model *out)
{
	for (uint32_t i = 0; i < 1 + 3 * out->header->theme_count; i++) {
		const char *end = left ? memchr(at, '\0', left) : NULL;

		if (!end)
			return false;
		if (i == 0)
			out->title = at;
		else if (i % 3 == 1)
			out->ids[i / 3] = at;
		else if (i % 3 == 2)
			out->names[i / 3] = at;
		else
			out->definitions[i / 3 - 1] = at;
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	for (uint32_t t = 0; t < out->header->theme_count; t++)
		if (!sdg_is_id(out->ids[t]))
			return false;
	return true;
}

int sdg_model_view(const void *bytes, size_t size, struct sdg_model *out,
		   struct sdg_error *err)
{
	const struct sdg_model_header *header = bytes;
	const char *base = bytes;

	if (size < sizeof(*header) ||
	    memcmp(header->magic, "SDGMODEL", sizeof(header->magic)) != 0)
		return sdg_fail(err, SDG_EINVAL, "read model: not a model");
	if (header->layout != SDG_MODEL_LAYOUT ||
	    header->byte_order != SDG_MODEL_BYTE_ORDER)
		return sdg_fail(err, SDG_EVERSION,
				"read model: of another version; run soundings "
				"train");
	if (header->size != size || !is_sound(header))
		return sdg_fail(err, SDG_EINVAL, "read model: damaged");
	*out = (struct sdg_model){
		.header = header,
		.slots = (const void *)(base + header->slots_at),
		.pilots = (const void *)(base + header->pilots_at),
		.tags = (const void *)(base + header->tags_at),
		.rows = (const void *)(base + header->rows_at),
		.cues = { .slots = (const void *)(base + header->cues_at),
			  .slot_count = header->cue_slot_count,
			  .heads = (const void *)(base + header->heads_at),
			  .bloom = (const void *)(base + header->heads_at +
						  SDG_CUE_HEADS) },
		.taught = (const void *)(base + header->taught_at),
	};
	if (!has_room(out) || !has_numbers(out) ||
	    !read_strings(base + header->strings_at, header->string_bytes, out))
		return sdg_fail(err, SDG_EINVAL, "read model: damaged");
	return 0;
}
