/*
 * survey_dates: times as survey tools and people write them.
 *
 * Handles ISO 8601, 2015/02/09 4:16:25 PM GMT, 2/2/15 13:38, 02.02.2015,
 * 2 Feb 2015, Feb 2, 2015 1:38 PM, Excel's day numbers and seconds or
 * milliseconds since 1970. Day or month first is the caller's decision.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "survey.h"

/* A time taken apart; -1 where it is not said. */
struct parts {
	int numbers[3]; /* of the date, as they come; month names as number */
	int digits[3];
	int count;
	int named; /* which of them was a month's name; -1 */
	int hour, minute, second;
	int pm; /* 0 am, 1 pm, -1 not said */
	bool has_zone;
	int zone_minutes; /* east of UTC */
};

static int month_from_name(const char *s, size_t len)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (len < 3)
		return 0;
	for (int i = 0; i < 12; i++) {
		if (strncasecmp(s, names + 3 * i, 3) == 0)
			return i + 1;
	}
	return 0;
}

static bool is_day_name(const char *s, size_t len)
{
	static const char names[] = "montuewedthufrisatsun";

	for (int i = 0; len >= 3 && i < 7; i++) {
		if (strncasecmp(s, names + 3 * i, 3) == 0)
			return true;
	}
	return false;
}

static bool word(const char *s, size_t len, const char *what)
{
	return strlen(what) == len && strncasecmp(s, what, len) == 0;
}

static bool take_word(struct parts *parts, const char *s, size_t len)
{
	int month = month_from_name(s, len);

	if (month > 0 && parts->count < 3 && parts->named < 0) {
		parts->named = parts->count;
		parts->digits[parts->count] = 2;
		parts->numbers[parts->count++] = month;
		return true;
	}
	if (word(s, len, "am") || word(s, len, "pm")) {
		parts->pm = tolower((unsigned char)*s) == 'p';
		return true;
	}
	if (word(s, len, "gmt") || word(s, len, "utc") || word(s, len, "z")) {
		parts->has_zone = true;
		return true;
	}
	if (word(s, len, "bst")) {
		parts->has_zone = true;
		parts->zone_minutes = 60;
		return true;
	}
	/* "2nd February", "2015-02-02T13:38", "at", "Monday" */
	return word(s, len, "t") || word(s, len, "st") || word(s, len, "nd") ||
	       word(s, len, "rd") || word(s, len, "th") || word(s, len, "at") ||
	       is_day_name(s, len);
}

static const char *number(const char *s, const char *end, int *value,
			  int *digits)
{
	*value = 0;
	*digits = 0;
	while (s < end && isdigit((unsigned char)*s) && *digits < 9) {
		*value = *value * 10 + (*s++ - '0');
		++*digits;
	}
	return s;
}

/* "13:38:10.250" from its first colon on; @s stands behind the hour. */
static const char *take_clock(struct parts *parts, int hour, const char *s,
			      const char *end)
{
	int digits;

	parts->hour = hour;
	s = number(s + 1, end, &parts->minute, &digits);
	if (s < end && *s == ':')
		s = number(s + 1, end, &parts->second, &digits);
	if (s < end && *s == '.' && parts->second >= 0) {
		do {
			s++;
		} while (s < end && isdigit((unsigned char)*s));
	}
	return s;
}

/* "+01:00", "-0530" behind the time of day. */
static const char *take_offset(struct parts *parts, const char *s,
			       const char *end, bool *ok)
{
	int sign = *s == '-' ? -1 : 1, value, digits, minutes = 0;

	s = number(s + 1, end, &value, &digits);
	if (digits == 4) {
		minutes = value % 100;
		value /= 100;
	} else if (s < end && *s == ':') {
		s = number(s + 1, end, &minutes, &digits);
	}
	*ok = value <= 14 && minutes <= 59; /* Kiribati */
	if (!*ok)
		return s;
	parts->has_zone = true;
	parts->zone_minutes = sign * (value * 60 + minutes);
	return s;
}

static bool take_apart(struct sdg_str text, struct parts *parts)
{
	const char *s = text.s, *end = text.s + text.len;
	int value, digits;
	bool ok = true;

	*parts = (struct parts){
		.named = -1, .hour = -1, .minute = -1, .second = -1, .pm = -1
	};
	while (s < end && ok) {
		if (isdigit((unsigned char)*s)) {
			s = number(s, end, &value, &digits);
			if (s < end && *s == ':' && parts->hour < 0) {
				s = take_clock(parts, value, s, end);
				continue;
			}
			if (parts->count == 3)
				return false;
			parts->digits[parts->count] = digits;
			parts->numbers[parts->count++] = value;
		} else if (isalpha((unsigned char)*s)) {
			const char *from = s;

			while (s < end && isalpha((unsigned char)*s))
				s++;
			if (!take_word(parts, from, (size_t)(s - from)))
				return false;
		} else if ((*s == '+' || *s == '-') && parts->hour >= 0) {
			s = take_offset(parts, s, end, &ok);
		} else if (strchr("/-., \t", *s) && *s) {
			s++;
		} else {
			return false;
		}
	}
	return ok && parts->count == 3;
}

static int64_t days_from_civil(int y, int m, int d)
{
	int64_t year = y - (m <= 2), era = year / 400, yoe = year - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int days_in(int year, int month)
{
	return (int)(month == 12 ? 31
				 : days_from_civil(year, month + 1, 1) -
				       days_from_civil(year, month, 1));
}

static int64_t make_time(const struct parts *parts, int year, int month,
			 int day)
{
	int hour = parts->hour < 0 ? 0 : parts->hour;
	int minute = parts->minute < 0 ? 0 : parts->minute;
	int second = parts->second < 0 ? 0 : parts->second;
	struct tm tm;
	time_t t;

	if (year < 100)
		year += year < 70 ? 2000 : 1900;
	if (year < 1971 || year > 2105 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return 0;
	if (parts->pm >= 0 && (hour < 1 || hour > 12))
		return 0;
	if (parts->pm >= 0)
		hour = hour % 12 + 12 * parts->pm;
	if (hour > 23 || minute > 59 || second > 60)
		return 0;
	if (parts->has_zone)
		return days_from_civil(year, month, day) * 86400 + hour * 3600 +
		       minute * 60 + second - parts->zone_minutes * 60;
	tm = (struct tm){ .tm_year = year - 1900,
			  .tm_mon = month - 1,
			  .tm_mday = day,
			  .tm_hour = hour,
			  .tm_min = minute,
			  .tm_sec = second,
			  .tm_isdst = -1 };
	t = mktime(&tm);
	return t > 0 ? (int64_t)t : 0;
}

/* Which of the three numbers is the year; -1 when none can be. */
static int year_at(const struct parts *parts)
{
	for (int i = 0; i < 3; i++) {
		if (parts->digits[i] == 4)
			return i;
	}
	return parts->digits[2] == 2 && parts->named != 2 ? 2 : -1;
}

/* Excel's days, seconds or milliseconds since 1970: a number alone. */
static int64_t plain_number(struct sdg_str text)
{
	char buf[32], *end;
	double value;

	if (text.len < 5 || text.len >= sizeof(buf))
		return 0;
	memcpy(buf, text.s, text.len);
	buf[text.len] = '\0';
	if (strspn(buf, "0123456789.") != text.len)
		return 0;
	value = strtod(buf, &end);
	if (*end != '\0')
		return 0;
	if (value > 25569 && value < 60000) {
		struct parts none = { .second = -1 };
		int64_t seconds = (int64_t)((value - 25569) * 86400 + 0.5);
		time_t t = seconds;
		struct tm tm;

		/* Excel knows no zone: the day number is local time. */
		gmtime_r(&t, &tm);
		none.hour = tm.tm_hour;
		none.minute = tm.tm_min;
		none.second = tm.tm_sec;
		none.pm = -1;
		return make_time(&none, tm.tm_year + 1900, tm.tm_mon + 1,
				 tm.tm_mday);
	}
	if (value >= 1e8 && value < 4.2e9)
		return (int64_t)value;
	if (value >= 1e11 && value < 4.2e12)
		return (int64_t)(value / 1000);
	return 0;
}

int64_t survey_date(struct sdg_str text, enum date_order order, bool *ambiguous,
		    int64_t *swapped)
{
	struct parts parts;
	int year, a, b;
	bool day_first = order == DATES_DAY_FIRST;
	const int *n = parts.numbers;

	if (ambiguous)
		*ambiguous = false;
	text = sdg_str_trim(text, SDG_SPACES);
	if (text.len == 0 || text.len > 64)
		return 0;
	if (!take_apart(text, &parts))
		return plain_number(text);
	year = year_at(&parts);
	if (year == 0) /* 2015-02-09, always month then day */
		return make_time(&parts, n[0], n[1], n[2]);
	if (year != 2)
		return 0;
	a = n[0];
	b = n[1];
	if (parts.named >= 0)
		return parts.named == 0 ? make_time(&parts, n[2], a, b)
					: make_time(&parts, n[2], b, a);
	if (a > 12 || b > 12) /* only one reading is possible */
		day_first = a > 12;
	else if (ambiguous && a != b) {
		*ambiguous = true;
		*swapped = day_first ? make_time(&parts, n[2], a, b)
				     : make_time(&parts, n[2], b, a);
	}
	return day_first ? make_time(&parts, n[2], b, a)
			 : make_time(&parts, n[2], a, b);
}

bool survey_date_parts(struct sdg_str text, int *first, int *second)
{
	struct parts parts;

	text = sdg_str_trim(text, SDG_SPACES);
	if (text.len == 0 || text.len > 64 || !take_apart(text, &parts) ||
	    year_at(&parts) != 2 || parts.named >= 0)
		return false;
	*first = parts.numbers[0];
	*second = parts.numbers[1];
	return true;
}
