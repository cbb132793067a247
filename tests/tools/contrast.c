/*
 * contrast: the page's text can be read on every shade it stands on.
 *
 *	contrast PAGE.html
 *
 * Reads the colours of the page's first two ":root" blocks, light and dark,
 * and prints for each pair of background and text its contrast ratio (WCAG
 * 2.2, "relative luminance"). Leaves with 1 if one is under 4.5.
 */
#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>

static const char *const PAIRS[][2] = {
	{ "h1", "i1" }, { "h2", "i2" }, { "h3", "i3" },
	{ "h4", "i4" }, { "h5", "i5" }, { "paper", "ink" },
};

static double channel(unsigned value)
{
	double c = value / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* "--name:#rrggbb" or "#rgb" within @block; -1: not there. */
static double luminance(const char *block, const char *name)
{
	char wanted[32];
	const char *at;
	unsigned r, g, b;
	size_t digits;

	snprintf(wanted, sizeof(wanted), "--%s:#", name);
	at = strstr(block, wanted);
	if (!at)
		return -1;
	at += strlen(wanted);
	digits = strspn(at, "0123456789abcdefABCDEF");
	if (digits == 3 && sscanf(at, "%1x%1x%1x", &r, &g, &b) == 3) {
		r *= 17;
		g *= 17;
		b *= 17;
	} else if (digits != 6 || sscanf(at, "%2x%2x%2x", &r, &g, &b) != 3) {
		return -1;
	}
	return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
}

static bool check_block(const char *scheme, const char *block)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++) {
		double a = luminance(block, PAIRS[i][0]);
		double b = luminance(block, PAIRS[i][1]);
		double ratio =
		    a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);

		if (a < 0 || b < 0)
			errx(1, "%s: no colour %s or %s", scheme, PAIRS[i][0],
			     PAIRS[i][1]);
		printf("%s %s on %s %.2f\n", scheme, PAIRS[i][1], PAIRS[i][0],
		       ratio);
		good &= ratio >= 4.5;
	}
	return good;
}

int main(int argc, char *argv[])
{
	struct sdg_error error;
	char *page, *light, *dark, *end;
	size_t len;
	bool good;

	if (argc != 2)
		errx(64, "usage: contrast PAGE.html");
	if (sdg_read_file(argv[1], (size_t)16 << 20, &page, &len, &error) < 0)
		errx(1, "%s", error.message);
	light = strstr(page, ":root{");
	dark = light ? strstr(light + 1, ":root{") : NULL;
	end = dark ? strchr(dark, '}') : NULL;
	if (!end)
		errx(1, "%s: no two schemes of colour", argv[1]);
	*end = '\0';
	good = check_block("dark", dark);
	*strchr(light, '}') = '\0';
	good &= check_block("light", light);
	free(page);
	return good ? 0 : 1;
}
