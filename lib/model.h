/*
 * model: what training found out, as one file that is mapped and read as it
 * lies.
 *
 * A row is a word or a pair of words that stand together, known by a 64-bit
 * hash of stems; a column is a theme, a stance or a kind. A row holds how
 * much the feature says at all (its value) and what it says for each column.
 *
 * Rows stand in four parts. First the words, by how often they are said: few
 * lines of memory hold what most messages ask for, and whoever splits a text
 * has each word's row noted. Then, twice more in the same order, what a word
 * says for the stance where its sentence addresses the association, and where
 * it begins one: no other look-up is needed for these. Last the pairs, in
 * cells: a pair's hash and the pilot of its bucket give the one cell where it
 * stands if it is known at all, so that one tag tells (train_cells.c).
 *
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

#include "corpus.h"
#include "cues.h"
#include "signals.h"
#include "words.h"

/* Columns: the frame's themes, then stances, the tones of sentences, and the
 * kinds that are no feedback. */
#define SDG_KIND_FIRST SDG_KIND_AUTO_REPLY
#define SDG_KIND_COLUMNS (SDG_KIND_COUNT - SDG_KIND_FIRST)
#define SDG_KINDS_AT (SDG_STANCE_COUNT + SDG_TONE_COUNT) /* behind themes */
#define SDG_BESIDE_COLUMNS (SDG_KINDS_AT + SDG_KIND_COLUMNS)
#define SDG_COLUMNS_MAX (SDG_FRAME_MAX + SDG_BESIDE_COLUMNS)
#define SDG_MODEL_LAYOUT 8
#define SDG_MODEL_BYTE_ORDER 0x01020304u
#define SDG_MODEL_FILE_MAX (256u * 1024 * 1024)

/* A word, found once and then noted. */
struct sdg_model_slot {
	uint32_t tag;   /* high half of the hash; 0: empty */
	uint32_t noted; /* sdg_model_noted() */
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
	SDG_SIGN_TONE_MOST = SDG_SIGN_LAST + SDG_STANCE_COUNT,
	SDG_SIGN_TONE_SUM = SDG_SIGN_TONE_MOST + SDG_TONE_COUNT,
	SDG_SIGN_TONE_ANY = SDG_SIGN_TONE_SUM + SDG_TONE_COUNT,
	SDG_SIGN_TONE_FIRST = SDG_SIGN_TONE_ANY + SDG_TONE_COUNT,
	SDG_SIGN_TONE_LAST = SDG_SIGN_TONE_FIRST + SDG_TONE_COUNT,
	SDG_SIGN_WORDS = SDG_SIGN_TONE_LAST + SDG_TONE_COUNT,
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
	uint32_t word_count, slot_count, cell_count, pilot_count;
	uint32_t cue_slot_count, string_bytes;
	uint64_t slots_at, pilots_at, tags_at, rows_at;
	uint64_t cues_at, heads_at, taught_at, strings_at;
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
	const uint16_t *pilots; /* of buckets of pairs */
	const uint32_t *tags;   /* of cells; 0: empty */
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
 * Every length and number in it is checked, so that a damaged file is an error
 * here or gives wrong labels, but never reads outside it, and no score is none.
 * SDG_EVERSION: of another layout or byte order; SDG_EINVAL: no model.
 */
int sdg_model_view(const void *bytes, size_t size, struct sdg_model *out,
		   struct sdg_error *err);

#define SDG_NO_ROW UINT32_MAX

/* As a word is noted (struct sdg_word_note): its row, from 1 on, above what
 * else there is of it; 0: it is not known. */
#define SDG_NOTED_BITS 2
#define SDG_NOTED_ADDRESSED 1u
#define SDG_NOTED_BEGINS 2u
#define SDG_NOTED_MAX 0xffffffu
#define SDG_WORD_ROWS_MAX (SDG_NOTED_MAX >> SDG_NOTED_BITS)

/* What is between a word's row and the same word's in the next part; the first
 * row is nobody's. */
static inline uint32_t sdg_model_part(const struct sdg_model_header *header)
{
	return header->word_count + 1;
}

/** sdg_model_rows - how many rows a model has */
static inline uint64_t sdg_model_rows(const struct sdg_model_header *header)
{
	return 3 * ((uint64_t)header->word_count + 1) + header->cell_count;
}

/* The high half of a hash, which is never 0. */
static inline uint32_t sdg_model_tag(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	return tag | (tag == 0);
}

/** sdg_model_noted - what is to be noted of a word; 0: it is not known */
static inline uint32_t sdg_model_noted(const struct sdg_model *model,
				       uint64_t stem)
{
	uint32_t mask = model->header->slot_count - 1;
	uint32_t tag = sdg_model_tag(stem), at = (uint32_t)stem & mask;

	/* At least one slot is empty: the view made sure. */
	for (; model->slots[at].tag; at = (at + 1) & mask) {
		uint32_t noted = model->slots[at].noted;

		if (model->slots[at].tag == tag &&
		    noted >> SDG_NOTED_BITS <= model->header->word_count)
			return noted;
	}
	return 0;
}

/* Where in @count @hash falls, by its low half. */
static inline uint32_t sdg_model_bucket(uint64_t hash, uint32_t count)
{
	return (uint32_t)((uint64_t)(uint32_t)hash * count >> 32);
}

/* Which of @count cells, by the pilot of its bucket. */
static inline uint32_t sdg_model_place(uint64_t hash, uint16_t pilot,
				       uint32_t count)
{
	uint64_t mixed =
	    (hash ^ pilot * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;

	return (uint32_t)((mixed >> 32) * count >> 32);
}

/** sdg_model_cell - the one cell where a pair can stand */
static inline uint32_t sdg_model_cell(const struct sdg_model *model,
				      uint64_t hash)
{
	const struct sdg_model_header *header = model->header;
	uint32_t bucket = sdg_model_bucket(hash, header->pilot_count);

	return sdg_model_place(hash, model->pilots[bucket], header->cell_count);
}

/** sdg_model_pair - the number of a pair's row, or SDG_NO_ROW */
static inline uint32_t sdg_model_pair(const struct sdg_model *model,
				      uint64_t hash)
{
	uint32_t cell = sdg_model_cell(model, hash);

	return model->tags[cell] == sdg_model_tag(hash)
		   ? 3 * sdg_model_part(model->header) + cell
		   : SDG_NO_ROW;
}

/** sdg_model_ask - the number of a feature's row, or SDG_NO_ROW */
static inline uint32_t sdg_model_ask(const struct sdg_model *model,
				     const struct sdg_feature *feature)
{
	uint32_t part = sdg_model_part(model->header);
	uint32_t row = feature->noted >> SDG_NOTED_BITS;

	switch (feature->how.what) {
	case SDG_FEATURE_WORD:
		return row ? row : SDG_NO_ROW;
	case SDG_FEATURE_ADDRESSED:
		return feature->noted & SDG_NOTED_ADDRESSED ? part + row
							    : SDG_NO_ROW;
	case SDG_FEATURE_BEGINS:
		return feature->noted & SDG_NOTED_BEGINS ? 2 * part + row
							 : SDG_NO_ROW;
	case SDG_FEATURE_PAIR:
	case SDG_FEATURE_PAIR_BEGINS:
		return sdg_model_pair(model, feature->hash);
	}
	return SDG_NO_ROW;
}

/** sdg_model_row - row @number, which is below the row count */
static inline const struct sdg_weights *
sdg_model_row(const struct sdg_model *model, uint32_t number)
{
	return (const void *)(model->rows +
			      (size_t)number * model->header->stride);
}

/* What one row says of four columns, all at once. */
typedef float sdg_four __attribute__((vector_size(16)));

_Static_assert(SDG_STANCE_COUNT == 4, "a row's stances are read at once");
_Static_assert(SDG_BESIDE_COLUMNS >= 8, "and so are tones and what follows");

/** sdg_model_stances - @row's weights from column @first on */
static inline sdg_four sdg_model_stances(const struct sdg_weights *row,
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
	return (sdg_four)_mm_cvtepi32_ps(spread);
#else
	sdg_four weights;

	for (size_t s = 0; s < 4; s++)
		weights[s] = row->weights[first + s];
	return weights;
#endif
}

/** sdg_model_tones - behind the stances, which begin at @first; the last two
 *  of the four are no tones */
static inline sdg_four sdg_model_tones(const struct sdg_weights *row,
				       size_t first)
{
	return sdg_model_stances(row, first + SDG_STANCE_COUNT);
}

/** sdg_model_stride - bytes a row of @columns takes; a multiple of 16 */
static inline uint32_t sdg_model_stride(size_t columns)
{
	return (uint32_t)((sizeof(struct sdg_weights) + columns + 15) &
			  ~(size_t)15);
}

#endif
