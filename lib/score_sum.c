/*
 * score_sum: the rows of a piece, added up column by column.
 *
 * In wide registers, sums stay there while all rows pass. Each column is
 * added up in the order of the rows whatever the registers' width, and by no
 * fused operations, which would round otherwise: every machine labels alike.
 */
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "theme.h"

/* 1 + log of how often. */
static const float logs[SDG_OFTEN_MAX] = {
	0.F,       1.F,       1.693147F, 2.098612F, 2.386294F, 2.609438F,
	2.791759F, 2.94591F,  3.079442F, 3.197225F, 3.302585F, 3.397895F,
	3.484907F, 3.564949F, 3.639057F, 3.70805F,  3.772589F, 3.833213F,
	3.890372F, 3.944439F, 3.995732F, 4.044522F, 4.091042F, 4.135494F,
	4.178054F, 4.218876F, 4.258097F, 4.295837F, 4.332205F, 4.367296F,
	4.401197F, 4.433987F
};

/* How often @row was met, as it counts; which is forgotten. */
static inline float take_often(uint8_t *counts, uint32_t row)
{
	unsigned count = counts[row];

	counts[row] = 0;
	return logs[count < SDG_OFTEN_MAX ? count : SDG_OFTEN_MAX - 1];
}

static float sum_narrow(const struct sdg_model *model, struct sdg_use *uses,
			size_t n, uint8_t *counts, float *sums)
{
	size_t columns = model->header->column_count;
	float square = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sdg_weights *row =
		    sdg_model_row(model, uses[i].row);
		float often = take_often(counts, uses[i].row);
		float value = row->value * often;

		square += value * value;
		uses[i].factor = row->factor * often;
		for (size_t c = 0; c < columns; c++)
			sums[c] += uses[i].factor * (float)row->weights[c];
	}
	return square;
}

#if defined(__x86_64__)
/* Eight columns from @first on, @eights times; with @counts, what each row
 * weighs is found on the way, and its squares are returned. */
static inline __attribute__((always_inline, target("avx2"))) float
sum_eights(const struct sdg_model *model, struct sdg_use *uses, size_t n,
	   uint8_t *counts, size_t first, const int eights, float *sums)
{
	/* Held here, since bytes are written on the way. */
	const uint8_t *rows = model->rows;
	size_t stride = model->header->stride;
	float square = 0;
	__m256 so_far[3];

#pragma GCC unroll 3
	for (int k = 0; k < eights; k++)
		so_far[k] = _mm256_setzero_ps();
	for (size_t i = 0; i < n; i++) {
		const struct sdg_weights *row =
		    (const void *)(rows + uses[i].row * stride);
		const int8_t *weights = row->weights + first;
		__m256 factor;

		if (counts) {
			float often = take_often(counts, uses[i].row);
			float value = row->value * often;

			square += value * value;
			uses[i].factor = row->factor * often;
		}
		factor = _mm256_set1_ps(uses[i].factor);
#pragma GCC unroll 3
		for (int k = 0; k < eights; k++) {
			__m128i eight = _mm_loadl_epi64(
			    (const __m128i *)(const void *)(weights + 8 * k));
			__m256 by =
			    _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight));

			so_far[k] =
			    _mm256_add_ps(so_far[k], _mm256_mul_ps(factor, by));
		}
	}
#pragma GCC unroll 3
	for (int k = 0; k < eights; k++)
		_mm256_storeu_ps(sums + first + 8 * k, so_far[k]);
	return square;
}

/* Rows are padded to a multiple of eight columns, and no further; the fewest
 * are nine. */
_Static_assert(SDG_BESIDE_COLUMNS >= 8, "two eights are of the row");

__attribute__((target("avx2"))) static float
sum_wide(const struct sdg_model *model, struct sdg_use *uses, size_t n,
	 uint8_t *counts, float *sums)
{
	size_t columns = model->header->column_count, first;
	float square;

	if (columns <= 16)
		square = sum_eights(model, uses, n, counts, 0, 2, sums);
	else
		square = sum_eights(model, uses, n, counts, 0, 3, sums);
	for (first = columns <= 16 ? 16 : 24; first + 16 < columns; first += 24)
		sum_eights(model, uses, n, NULL, first, 3, sums);
	for (; first < columns; first += 8)
		sum_eights(model, uses, n, NULL, first, 1, sums);
	return square;
}
#endif

float sdg_sum_columns(const struct sdg_model *model, struct sdg_use *uses,
		      size_t n, uint8_t *counts, float *sums)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return sum_wide(model, uses, n, counts, sums);
#endif
	return sum_narrow(model, uses, n, counts, sums);
}

float sdg_sum_stances(const struct sdg_model *model, const struct sdg_use *uses,
		      size_t n, uint8_t *counts, float sums[SDG_STANCE_COUNT])
{
	size_t first = model->header->theme_count;
	sdg_four sum = { 0 };
	float square = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sdg_weights *row =
		    sdg_model_row(model, uses[i].row);
		float often = take_often(counts, uses[i].row);
		float value = row->value * often;

		square += value * value;
		sum += sdg_model_stances(row, first) * (row->factor * often);
	}
	memcpy(sums, &sum, sizeof(sum));
	return square;
}
