/*
 * model: what training found out, as one file that is mapped and read as it
 * lies.
 *
 * A row is a word or a pair of words that stand together, known by a 64-bit
 * hash of stems; a column is a theme, a stance or a kind. A row holds how
 * much the feature says at all (its value) and what it says for each column.
 * The file also carries the compiled cues and the frame's names, so that
 * opening it parses nothing. It is of this machine's byte order, and made
 * anew by whoever builds or trains; it is no format for exchange.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <soundings/classify.h>
#include <soundings/error.h>

#include "cues.h"
#include "words.h"

/* Columns: the frame's themes, then stances, then kinds (without UNSET). */
#define SDG_KIND_COLUMNS (SDG_KIND_COUNT - 1)
#define SDG_COLUMNS_MAX (SDG_FRAME_MAX + SDG_STANCE_COUNT + SDG_KIND_COLUMNS)
#define SDG_MODEL_LAYOUT 6
#define SDG_MODEL_BYTE_ORDER 0x01020304u
#define SDG_MODEL_FILE_MAX (256u * 1024 * 1024)

struct sdg_model_slot {
	uint32_t tag; /* high half of the hash; 0: empty */
	uint32_t row;
};

struct sdg_weights {
	float value;      /* how much the feature says at all */
	float factor;     /* value times what a weight of 1 is worth */
	int8_t weights[]; /* one a column, zero up to the stride */
};

/* What a piece's stance is read from: the stances' scores of the whole, of its
 * sentences (on average, pressed between -1 and 1; of that which has most), of
 * the first and of the last of them; then how many words and sentences there
 * are. */
enum sdg_sign {
	SDG_SIGN_WHOLE = 0,
	SDG_SIGN_MEAN = SDG_SIGN_WHOLE + SDG_STANCE_COUNT,
	SDG_SIGN_MOST = SDG_SIGN_MEAN + SDG_STANCE_COUNT,
	SDG_SIGN_FIRST = SDG_SIGN_MOST + SDG_STANCE_COUNT,
	SDG_SIGN_LAST = SDG_SIGN_FIRST + SDG_STANCE_COUNT,
	SDG_SIGN_WORDS = SDG_SIGN_LAST + SDG_STANCE_COUNT,
	SDG_SIGN_SENTENCES,
	SDG_SIGN_COUNT
};

/* How a theme's score and its lead over the others become a probability, and
 * the signs of the stances one. */
struct sdg_calibration {
	float score, lead, length, offset;
	float theme[SDG_FRAME_MAX];     /* added for each theme */
	float threshold[SDG_FRAME_MAX]; /* for second and third themes */
	/* of stance, by sign; the last is added */
	float stance[SDG_STANCE_COUNT][SDG_SIGN_COUNT + 1];
};

struct sdg_model_header {
	char magic[8];
	uint32_t layout, byte_order;
	uint64_t size;
	uint8_t frame_digest[16], digest[16]; /* of the frame; of the rest */
	uint32_t theme_count, column_count, stride, other;
	uint32_t row_count, slot_count, cue_slot_count, string_bytes;
	uint64_t slots_at, rows_at, cues_at, heads_at, taught_at, strings_at;
	uint64_t taught_count; /* digests of texts (taught.h), ascending */
	float pair_value;      /* how much less a pair counts than a word */
	float cue_weight;
	uint32_t texts[SDG_FRAME_MAX]; /* taught, by main theme */
	float bias[SDG_COLUMNS_MAX];
	struct sdg_calibration calibration;
};

/* A view of a file in memory; the strings live in it. */
struct sdg_model {
	const struct sdg_model_header *header;
	const struct sdg_model_slot *slots;
	const uint8_t *rows;
	struct sdg_cues cues;
	const uint64_t *taught; /* read by those who ask only */
	const char *title;
	const char *ids[SDG_FRAME_MAX];
	const char *names[SDG_FRAME_MAX];
	const char *definitions[SDG_FRAME_MAX];
};

/**
 * sdg_model_view - look at @size bytes as a model
 *
 * Every length in it is checked, so that a damaged file is an error here or
 * gives wrong labels, but never reads outside it. SDG_EVERSION: of another
 * layout or byte order; SDG_EINVAL: no model.
 */
int sdg_model_view(const void *bytes, size_t size, struct sdg_model *out,
		   struct sdg_error *err);

#define SDG_NO_ROW UINT32_MAX

/** sdg_model_find - the number of a feature's row, or SDG_NO_ROW */
static inline uint32_t sdg_model_find(const struct sdg_model *model,
				      uint64_t hash)
{
	const struct sdg_model_header *header = model->header;
	uint32_t mask = header->slot_count - 1, tag = (uint32_t)(hash >> 32);
	uint32_t at = (uint32_t)hash & mask;

	tag |= tag == 0;
	/* At least one slot is empty: the view made sure. */
	for (; model->slots[at].tag; at = (at + 1) & mask) {
		if (model->slots[at].tag == tag &&
		    model->slots[at].row < header->row_count)
			return model->slots[at].row;
	}
	return SDG_NO_ROW;
}

/* A row as it is noted of a word (struct sdg_word_note): 0 when nobody asked
 * yet. */
#define SDG_ROWS_MAX 0xfffffeu
#define SDG_NOTED_NONE 0xffffffu

static inline uint32_t sdg_model_note(uint32_t row)
{
	return row == SDG_NO_ROW ? SDG_NOTED_NONE : row + 1;
}

/** sdg_model_ask - a feature's row, of which @noted is known, or SDG_NO_ROW */
static inline uint32_t sdg_model_ask(const struct sdg_model *model,
				     uint64_t hash, uint32_t noted)
{
	if (noted == SDG_NOTED_NONE)
		return SDG_NO_ROW;
	return noted ? noted - 1 : sdg_model_find(model, hash);
}

/** sdg_model_row - row @number, which is below the row count */
static inline const struct sdg_weights *
sdg_model_row(const struct sdg_model *model, uint32_t number)
{
	return (const void *)(model->rows +
			      (size_t)number * model->header->stride);
}

/* What one row says of the stances, all at once. */
typedef float sdg_stances __attribute__((vector_size(16)));

_Static_assert(SDG_STANCE_COUNT == 4, "a row's stances are read at once");

/** sdg_model_stances - @row's weights from column @first on */
static inline sdg_stances sdg_model_stances(const struct sdg_weights *row,
					    size_t first)
{
#if defined(__SSE2__)
	int32_t bytes;
	__m128i spread;

	memcpy(&bytes, row->weights + first, sizeof(bytes));
	/* Each byte to the top of a number, and down again with its sign. */
	spread = _mm_cvtsi32_si128(bytes);
	spread = _mm_unpacklo_epi8(spread, spread);
	spread = _mm_srai_epi32(_mm_unpacklo_epi16(spread, spread), 24);
	return (sdg_stances)_mm_cvtepi32_ps(spread);
#else
	sdg_stances weights;

	for (size_t s = 0; s < SDG_STANCE_COUNT; s++)
		weights[s] = row->weights[first + s];
	return weights;
#endif
}

/** sdg_model_stride - bytes a row of @columns takes; a multiple of 16 */
static inline uint32_t sdg_model_stride(size_t columns)
{
	return (uint32_t)((sizeof(struct sdg_weights) + columns + 15) &
			  ~(size_t)15);
}

#endif
