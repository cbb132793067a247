/*
 * note_dates: the day a note speaks of, as people write it: "Wed 28 January
 * 2015", "3/2/15", "26 feb".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "note.h"

int note_month_at(const char *s, size_t *len)
{
	static const char *const months[] = {
		"january",   "february", "march",    "april",
		"may",       "june",     "july",     "august",
		"september", "october",  "november", "december"
	};

	for (int i = 0; i < 12; i++) {
		size_t n = strlen(months[i]);

		if (strncasecmp(s, months[i], n) == 0)
			*len = n;
		else if (strncasecmp(s, "sept", 4) == 0 && i == 8)
			*len = 4;
		else if (strncasecmp(s, months[i], 3) == 0)
			*len = 3;
		else
			continue;
		if (!isalpha((unsigned char)s[*len]))
			return i + 1;
	}
	return 0;
}

static int64_t day_time(int year, int month, int day)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day };
	int64_t t = timegm(&tm);

	return tm.tm_mday == day && tm.tm_mon == month - 1 ? t : -1;
}

/* Without a year: the last such day before @now. */
static bool finish_date(int year, int month, int day, int64_t now,
			int64_t *date)
{
	time_t today = now;
	struct tm tm;

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (year < 0) {
		gmtime_r(&today, &tm);
		year = tm.tm_year + 1900;
		/* A 29 February may be eight years ago (1904, 1896). */
		for (int i = 0; i < 8; i++, year--) {
			int64_t t = day_time(year, month, day);

			if (t >= 0 && t <= now)
				break;
		}
	} else if (year < 100) {
		year += 2000;
	}
	*date = year < 1971 || year > 2105 ? -1 : day_time(year, month, day);
	return *date >= 0;
}

/* "28 January 2015", "5th Feb", "February 13, 2015" with the digits at @s. */
static bool named_date(const char *s, int64_t now, int64_t *date)
{
	size_t len;
	char *end;
	long day, year = -1;
	int month;

	month = note_month_at(s, &len);
	if (month > 0) {
		s = note_skip_space(s + len);
		if (!isdigit((unsigned char)*s))
			return false;
		day = strtol(s, &end, 10);
	} else {
		if (!isdigit((unsigned char)*s))
			return false;
		day = strtol(s, &end, 10);
		if (strncasecmp(end, "st", 2) == 0 ||
		    strncasecmp(end, "nd", 2) == 0 ||
		    strncasecmp(end, "rd", 2) == 0 ||
		    strncasecmp(end, "th", 2) == 0)
			end += 2;
		s = note_skip_space(end);
		if (strncasecmp(s, "of ", 3) == 0)
			s = note_skip_space(s + 3);
		month = note_month_at(s, &len);
		if (month == 0)
			return false;
		end = (char *)(uintptr_t)(s + len);
	}
	while (*end && strchr(", .'", *end))
		end++;
	if (isdigit((unsigned char)end[0]) && isdigit((unsigned char)end[1])) {
		year = strtol(end, &end, 10);
		if (year < 1971 && year > 99)
			year = -1;
		/* "26 Feb 10am", "26 Feb 10.30" have no year */
		if (year < 100 && (isalpha((unsigned char)*end) ||
				   *end == '.' || *end == ':'))
			year = -1;
	}
	return day <= 31 && finish_date((int)year, month, (int)day, now, date);
}

/* "3/2/15", "03.02.2015", "2015-02-03" */
static bool plain_date(const char *s, int64_t now, int64_t *date)
{
	long n[3];
	char *end, mark = '\0';

	for (int i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)*s))
			return false;
		n[i] = strtol(s, &end, 10);
		if (end - s > 4)
			return false;
		if (i == 0)
			mark = *end;
		if (i < 2 && (*end != mark || !strchr("/.-", mark) || !mark))
			return false;
		s = end + 1;
	}
	if (isalnum((unsigned char)*end))
		return false;
	if (n[0] > 31)
		return finish_date((int)n[0], (int)n[1], (int)n[2], now, date);
	return finish_date((int)n[2], (int)n[1], (int)n[0], now, date);
}

bool note_date(const char *text, int64_t now, int64_t *date)
{
	bool fresh = true;

	for (const char *s = text; *s; s++) {
		if (fresh &&
		    (plain_date(s, now, date) || named_date(s, now, date)))
			return true;
		fresh = !isalnum((unsigned char)*s);
	}
	return false;
}
