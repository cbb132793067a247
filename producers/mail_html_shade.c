/*
 * mail_html_shade: how HTML sets words off: what colour, bold, italics.
 *
 * Only what somebody would call red, green, blue or coloured at all; black,
 * greys and whatever is too near to them say nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "mail.h"
#include "mail_html.h"

/* Between the strongest and the weakest of its parts: a colour, no grey. */
#define COLOURED 60

static const struct {
	const char *name;
	unsigned hint;
} names[] = {
	{ "red", MAIL_HINT_RED },       { "darkred", MAIL_HINT_RED },
	{ "maroon", MAIL_HINT_RED },    { "crimson", MAIL_HINT_RED },
	{ "blue", MAIL_HINT_BLUE },     { "navy", MAIL_HINT_BLUE },
	{ "darkblue", MAIL_HINT_BLUE }, { "green", MAIL_HINT_GREEN },
	{ "lime", MAIL_HINT_GREEN },    { "darkgreen", MAIL_HINT_GREEN },
	{ "purple", MAIL_HINT_COLOUR }, { "fuchsia", MAIL_HINT_COLOUR },
	{ "orange", MAIL_HINT_COLOUR }, { "magenta", MAIL_HINT_COLOUR },
	{ "teal", MAIL_HINT_COLOUR },   { "brown", MAIL_HINT_COLOUR },
};

static unsigned hue(int r, int g, int b)
{
	int most = r > g ? (r > b ? r : b) : (g > b ? g : b);
	int least = r < g ? (r < b ? r : b) : (g < b ? g : b);

	if (most - least < COLOURED)
		return 0;
	if (b == most && b - r >= COLOURED / 2 && b - g >= COLOURED / 2)
		return MAIL_HINT_BLUE;
	if (r == most && r - g >= COLOURED && r - b >= COLOURED)
		return MAIL_HINT_RED;
	if (g == most && g - r >= COLOURED / 2 && g - b >= COLOURED / 2)
		return MAIL_HINT_GREEN;
	return MAIL_HINT_COLOUR;
}

/* "#f00" or "#ff0000", the # passed */
static unsigned hue_of_digits(struct sdg_str s)
{
	char digits[7] = "";
	size_t n = 0;
	long value;

	while (n < s.len && n < 6 && strchr("0123456789abcdefABCDEF", s.s[n]))
		n++;
	if (n < 3)
		return 0;
	for (size_t i = 0; i < 6; i++)
		digits[i] = s.s[n < 6 ? i / 2 : i];
	value = strtol(digits, NULL, 16);
	return hue((int)(value >> 16), (int)(value >> 8 & 255),
		   (int)(value & 255));
}

/* "rgb(255,0,0)" or "rgba(…", its name passed */
static unsigned hue_of_numbers(struct sdg_str s)
{
	int parts[3] = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < s.len && i < 24 && at < 3; i++) {
		if (s.s[i] >= '0' && s.s[i] <= '9') {
			parts[at] = (parts[at] * 10 + s.s[i] - '0') % 1000;
		} else if (s.s[i] == ',') {
			at++;
		}
	}
	return hue(parts[0], parts[1], parts[2]);
}

static bool colour(struct sdg_str value, unsigned *hint)
{
	size_t end = 0;

	*hint = 0;
	if (mail_starts(value, "#")) {
		*hint = hue_of_digits(mail_sub(value, 1, value.len));
		return true;
	}
	if (mail_starts(value, "rgb")) {
		*hint = hue_of_numbers(mail_sub(value, 3, value.len));
		return true;
	}
	if (mail_starts(value, "inherit"))
		return false;
	while (end < value.len && value.s[end] != ';' && value.s[end] != '!')
		end++;
	value = mail_sub(value, 0, end);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mail_is(value, names[i].name))
			*hint = names[i].hint;
	return value.len > 0;
}

/* What stands behind @property, at the beginning of @css or after a ";". */
static bool property(struct sdg_str css, const char *name,
		     struct sdg_str *value)
{
	for (;;) {
		ptrdiff_t semicolon = mail_find(css, ";");

		if (mail_starts(css, name)) {
			*value = mail_sub(css, strlen(name), css.len);
			return true;
		}
		if (semicolon < 0)
			return false;
		css = mail_sub(css, (size_t)semicolon + 1, css.len);
	}
}

unsigned mail_html_shade(struct sdg_str css, struct sdg_str font, unsigned now)
{
	struct sdg_str value;
	unsigned hint;

	if (font.len && colour(font, &hint))
		now = (now & ~(unsigned)MAIL_HINT_COLOURS) | hint;
	if (!css.len)
		return now;
	if (property(css, "color:", &value) && colour(value, &hint))
		now = (now & ~(unsigned)MAIL_HINT_COLOURS) | hint;
	if (property(css, "font-weight:", &value)) {
		if (mail_starts(value, "bold") || mail_starts(value, "7"))
			now |= MAIL_HINT_BOLD;
		else
			now &= ~(unsigned)MAIL_HINT_BOLD;
	}
	if (property(css, "font-style:", &value) &&
	    mail_starts(value, "italic"))
		now |= MAIL_HINT_ITALIC;
	return now;
}
