/*
 * score_sum: the rows of a piece, added up column by column.
 *
 * In wide registers, sums stay there while all rows pass. Each column is
 * added up in the order of the rows whatever the registers' width, and by no
 * fused operations, which would round otherwise: every machine labels alike.
 */
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "theme.h"

static void sum_narrow(const struct sdg_model *model,
		       const struct sdg_use *uses, size_t n, float *sums)
{
	size_t columns = model->header->column_count;

	for (size_t i = 0; i < n; i++) {
		const int8_t *weights =
		    sdg_model_row(model, uses[i].row)->weights;

		for (size_t c = 0; c < columns; c++)
			sums[c] += uses[i].factor * (float)weights[c];
	}
}

#if defined(__x86_64__)
/* Eight columns from @first on, @eights times. */
static inline __attribute__((always_inline, target("avx2"))) void
sum_eights(const struct sdg_model *model, const struct sdg_use *uses, size_t n,
	   size_t first, const int eights, float *sums)
{
	__m256 so_far[3];

#pragma GCC unroll 3
	for (int k = 0; k < eights; k++)
		so_far[k] = _mm256_setzero_ps();
	for (size_t i = 0; i < n; i++) {
		const int8_t *weights =
		    sdg_model_row(model, uses[i].row)->weights + first;
		__m256 factor = _mm256_set1_ps(uses[i].factor);

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
}

/* Rows are padded to a multiple of eight columns. */
__attribute__((target("avx2"))) static void
sum_wide(const struct sdg_model *model, const struct sdg_use *uses, size_t n,
	 float *sums)
{
	size_t columns = model->header->column_count, first = 0;

	for (; first + 16 < columns; first += 24)
		sum_eights(model, uses, n, first, 3, sums);
	for (; first < columns; first += 8)
		sum_eights(model, uses, n, first, 1, sums);
}
#endif

void sdg_sum_columns(const struct sdg_model *model, const struct sdg_use *uses,
		     size_t n, float *sums)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2")) {
		sum_wide(model, uses, n, sums);
		return;
	}
#endif
	sum_narrow(model, uses, n, sums);
}

void sdg_sum_stances(const struct sdg_model *model, const struct sdg_use *uses,
		     size_t n, float sums[SDG_STANCE_COUNT])
{
	size_t first = model->header->theme_count;

	for (size_t i = 0; i < n; i++) {
		const int8_t *weights =
		    sdg_model_row(model, uses[i].row)->weights + first;

		for (int s = 0; s < SDG_STANCE_COUNT; s++)
			sums[s] += uses[i].factor * (float)weights[s];
	}
}
