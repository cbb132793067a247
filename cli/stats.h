/*
 * stats: the few tests and intervals that reports lean on.
 */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <stddef.h>
#include <stdint.h>

/**
 * stats_wilson - the 95 % interval of a proportion, @hits of @n
 *
 * Wilson's score interval without continuity correction (Newcombe 1998,
 * method 3). @n 0 gives 0 to 1: nothing is known.
 */
void stats_wilson(uint64_t hits, uint64_t n, double *low, double *high);

/**
 * stats_trend - does a series of counts rise or fall by more than noise?
 * @counts, @exposure: @n periods; exposure is their length (days)
 *
 * The score test for a log-linear trend of Poisson counts, given their
 * sum; where the counts scatter more than Poisson's do, z shrinks by the
 * root of the dispersion about that trend. Returns z: positive rises.
 * 0 when there is too little to say (fewer than 3 periods or 10 counts).
 */
double stats_trend(const uint64_t *counts, const double *exposure, size_t n);

/**
 * stats_change - z of the difference of two Poisson counts with exposures
 *
 * Positive when the second rate is higher; 0 where nothing can be said.
 */
double stats_change(uint64_t before, double exposure_before, uint64_t after,
		    double exposure_after);

/**
 * stats_g2 - Dunning's log-likelihood ratio of @a in @n against @b in @m
 *
 * Signed: positive when @a / @n is the greater.
 */
double stats_g2(double a, double n, double b, double m);

/** stats_p_of_z - two-sided; stats_p_of_g2 - chi-square of one degree */
double stats_p_of_z(double z);
double stats_p_of_g2(double g2);

/**
 * stats_fdr - which of @n p-values stand at a false discovery rate of @q
 *
 * Benjamini and Hochberg (1995). Returns the greatest p that does, or -1.
 */
double stats_fdr(const double *p, size_t n, double q);

/** stats_sparkline - @n values as "▁▂▅█", into @out of 3 * @n + 1 bytes */
void stats_sparkline(const uint64_t *values, size_t n, char *out);

#endif
