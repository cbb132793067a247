/*
 * stats: the few tests and intervals that reports lean on.
 */
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define Z95 1.959963984540054

/* Fewer say nothing. */
#define TREND_COUNTS 10
#define TREND_PERIODS 3

void stats_wilson(uint64_t hits, uint64_t n, double *low, double *high)
{
	const double z2 = Z95 * Z95;
	double p, centre, half;

	*low = 0;
	*high = 1;
	if (n == 0)
		return;
	p = (double)hits / (double)n;
	centre = 2 * (double)n * p + z2;
	half = Z95 * sqrt(z2 + 4 * (double)n * p * (1 - p));
	*low = hits == 0 ? 0 : (centre - half) / (2 * ((double)n + z2));
	*high = hits == n ? 1 : (centre + half) / (2 * ((double)n + z2));
}

/* Pearson's statistic about the fitted trend, by its degrees of freedom. */
static double dispersion(const uint64_t *counts, const double *exposure,
			 size_t n, double total, double all, double mean,
			 double slope)
{
	double sum = 0, weight = 0;

	for (size_t i = 0; i < n; i++)
		weight += exposure[i] / all * exp(slope * ((double)i - mean));
	for (size_t i = 0; i < n; i++) {
		double expected = total * exposure[i] / all *
				  exp(slope * ((double)i - mean)) / weight;
		double d = (double)counts[i] - expected;

		if (expected > 0)
			sum += d * d / expected;
	}
	return n > 2 ? sum / (double)(n - 2) : 1;
}

double stats_trend(const uint64_t *counts, const double *exposure, size_t n)
{
	double all = 0, total = 0, mean = 0, var = 0, score = 0, phi, slope;

	for (size_t i = 0; i < n; i++) {
		all += exposure[i];
		total += (double)counts[i];
	}
	if (n < TREND_PERIODS || total < TREND_COUNTS || all <= 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		mean += (double)i * exposure[i] / all;
	for (size_t i = 0; i < n; i++) {
		double d = (double)i - mean;

		var += d * d * exposure[i] / all;
		score += d * (double)counts[i];
	}
	if (var <= 0)
		return 0;
	/* One step of Newton from no trend: enough for the scatter. */
	slope = score / (total * var);
	if (slope > 1)
		slope = 1;
	if (slope < -1)
		slope = -1;
	phi = dispersion(counts, exposure, n, total, all, mean, slope);
	return score / sqrt(total * var * (phi > 1 ? phi : 1));
}

double stats_change(uint64_t before, double exposure_before, uint64_t after,
		    double exposure_after)
{
	double total = (double)before + (double)after;
	double share, expected;

	if (total < TREND_COUNTS || exposure_before <= 0 || exposure_after <= 0)
		return 0;
	share = exposure_after / (exposure_before + exposure_after);
	expected = total * share;
	return ((double)after - expected) / sqrt(total * share * (1 - share));
}

double stats_g2(double a, double n, double b, double m)
{
	double expected_a, expected_b, g = 0;

	if (n <= 0 || m <= 0 || a + b <= 0)
		return 0;
	expected_a = n * (a + b) / (n + m);
	expected_b = m * (a + b) / (n + m);
	if (a > 0)
		g += a * log(a / expected_a);
	if (b > 0)
		g += b * log(b / expected_b);
	g *= 2;
	if (g < 0)
		g = 0;
	return a / n >= b / m ? g : -g;
}

double stats_p_of_z(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

double stats_p_of_g2(double g2)
{
	return erfc(sqrt(fabs(g2) / 2));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double stats_fdr(const double *p, size_t n, double q)
{
	double *sorted = n ? malloc(n * sizeof(*sorted)) : NULL;
	double greatest = -1;

	if (!sorted)
		return -1;
	memcpy(sorted, p, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (size_t i = 0; i < n; i++)
		if (sorted[i] <= q * (double)(i + 1) / (double)n)
			greatest = sorted[i];
	free(sorted);
	return greatest;
}

void stats_sparkline(const uint64_t *values, size_t n, char *out)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++)
		if (values[i] > most)
			most = values[i];
	for (size_t i = 0; i < n; i++) {
		/* U+2581 to U+2588; nothing at all is a low dot. */
		unsigned step =
		    most ? (unsigned)((values[i] * 7 + most - 1) / most) : 0;

		if (values[i] == 0) {
			memcpy(out, "\xe2\x80\xa4", 3); /* U+2024 */
		} else {
			memcpy(out, "\xe2\x96\x81", 3);
			out[2] = (char)(0x81 + step);
		}
		out += 3;
	}
	*out = '\0';
}
