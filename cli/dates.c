/*
 * dates: whole days and months as people write them. UTC, like the store.
 */
#include "cli.h"

#include <string.h>

/* Days from civil and back: the proleptic Gregorian calendar counted in
 * eras of 400 years from 1 March 0000 (Howard Hinnant's algorithm). */
int32_t date_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

void date_to_civil(int32_t day, int *year, int *month, int *mday)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*mday = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2);
}

int32_t date_day_of(int64_t seconds)
{
	int64_t day = seconds / 86400;

	return (int32_t)(seconds % 86400 < 0 ? day - 1 : day);
}

const char *date_format(int32_t day, char out[DATE_SIZE])
{
	int y, m, d;

	/* Bytes of a store may say anything: keep within four digits. */
	if (day < -719162 || day > 2932896) {
		memcpy(out, "?", sizeof("?"));
		return out;
	}
	date_to_civil(day, &y, &m, &d);
	snprintf(out, DATE_SIZE, "%04d-%02d-%02d", y, m, d);
	return out;
}

const char *date_format_month(uint32_t month, char out[DATE_SIZE])
{
	snprintf(out, DATE_SIZE, "%04u-%02u", month / 12 % 10000,
		 month % 12 + 1);
	return out;
}

const char *date_format_time(int64_t seconds, char out[DATE_SIZE])
{
	char day[DATE_SIZE];
	int32_t left;

	if (seconds == 0)
		return memcpy(out, "-", sizeof("-"));
	date_format(date_day_of(seconds), day);
	left = (int32_t)(seconds - (int64_t)date_day_of(seconds) * 86400);
	snprintf(out, DATE_SIZE, "%.10s %02d:%02d", day, left / 3600 % 24,
		 left / 60 % 60);
	return out;
}

const char *date_format_iso(int64_t seconds, char out[DATE_SIZE])
{
	char day[DATE_SIZE];
	int32_t left;

	date_format(date_day_of(seconds), day);
	left = (int32_t)(seconds - (int64_t)date_day_of(seconds) * 86400);
	snprintf(out, DATE_SIZE, "%.10sT%02d:%02d:%02dZ", day, left / 3600 % 24,
		 left / 60 % 60, left % 60);
	return out;
}

/* Exactly @n digits, as a number, or -1. */
static int digits(const char *s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

static int days_in_month(int year, int month)
{
	int next = month == 12 ? date_from_civil(year + 1, 1, 1)
			       : date_from_civil(year, month + 1, 1);

	return next - date_from_civil(year, month, 1);
}

int date_parse(const char *text, int32_t *first, int32_t *past)
{
	size_t len = strlen(text);
	int y, m, d;

	y = len >= 4 ? digits(text, 4) : -1;
	if (y < 1970 || (len != 4 && len != 7 && len != 10))
		return -1;
	if (len == 4) {
		*first = date_from_civil(y, 1, 1);
		*past = date_from_civil(y + 1, 1, 1);
		return 0;
	}
	m = text[4] == '-' ? digits(text + 5, 2) : -1;
	if (m < 1 || m > 12)
		return -1;
	if (len == 7) {
		*first = date_from_civil(y, m, 1);
		*past = *first + days_in_month(y, m);
		return 0;
	}
	d = text[7] == '-' ? digits(text + 8, 2) : -1;
	if (d < 1 || d > days_in_month(y, m))
		return -1;
	*first = date_from_civil(y, m, d);
	*past = *first + 1;
	return 0;
}
