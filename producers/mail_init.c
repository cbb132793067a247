/*
 * mail_init: what must be loaded before the parser may open nothing more.
 *
 * iconv loads a converter the first time a character set is asked for. The
 * child that parses cannot open files, so the names a message mentions are
 * asked for beforehand, and the few that GMime falls back on.
 */
#include <gmime/gmime.h>
#include <iconv.h>
#include <string.h>

#include "mail.h"

#define NAMES_MAX 16

/* For a run over many messages, whose names nobody knows yet. */
static const char *const common[] = {
	"iso-8859-1",   "iso-8859-2",   "iso-8859-5",   "iso-8859-7",
	"iso-8859-8",   "iso-8859-9",   "iso-8859-13",  "iso-8859-14",
	"iso-8859-15",  "windows-1250", "windows-1251", "windows-1252",
	"windows-1253", "windows-1254", "windows-1255", "windows-1256",
	"windows-1257", "koi8-r",       "koi8-u",       "big5",
	"gb2312",       "gb18030",      "gbk",          "shift_jis",
	"euc-jp",       "iso-2022-jp",  "euc-kr",       "utf-16",
	"utf-16le",     "utf-16be",     "utf-7",        "macintosh",
	"tis-620",      "ibm850",       "ibm437",       NULL
};

/* Descriptors are kept, and with them the converters, while we live. */
static iconv_t kept[64];
static size_t kept_count;

static void load(const char *name)
{
	iconv_t cd;

	if (kept_count == sizeof(kept) / sizeof(*kept))
		return;
	cd = iconv_open("UTF-8", name);
	if (cd != (iconv_t)-1)
		kept[kept_count++] = cd;
}

/* The name at @s, which ends at anything a charset's name cannot hold. */
static bool load_name(struct sdg_str s, struct sdg_str *done, size_t *n)
{
	char name[40];
	size_t len = 0;

	while (len < s.len && len < sizeof(name) - 1 &&
	       (g_ascii_isalnum(s.s[len]) || strchr("-_.:+", s.s[len])))
		len++;
	s = mail_sub(s, 0, len);
	memcpy(name, s.s, len);
	name[len] = '\0';
	if (len < 2 || mail_is(s, "utf-8") || mail_is(s, "us-ascii"))
		return true;
	for (size_t i = 0; i < *n; i++)
		if (mail_is(done[i], name))
			return true;
	if (*n == NAMES_MAX)
		return false;
	done[(*n)++] = s;
	load(name);
	return true;
}

static void load_mentioned(struct sdg_str raw)
{
	struct sdg_str done[NAMES_MAX];
	const char *p = raw.s, *end = raw.s + raw.len;
	size_t n = 0;

	/* Every name follows a "=": charset="name" or =?name?Q?…?= */
	while (p < end && (p = memchr(p, '=', (size_t)(end - p)))) {
		struct sdg_str rest = { p + 1, (size_t)(end - p - 1) };
		struct sdg_str before = { p - 7, 7 };

		p++;
		if (rest.len && rest.s[0] == '?')
			rest = mail_sub(rest, 1, 42);
		else if (p - raw.s > 8 && mail_is(before, "charset"))
			rest = mail_sub(rest, rest.len && rest.s[0] == '"', 42);
		else
			continue;
		if (!load_name(rest, done, &n))
			return;
	}
}

static bool has_8bit_header(struct sdg_str raw)
{
	for (size_t i = 0; i + 1 < raw.len && i < 65536; i++) {
		if ((unsigned char)raw.s[i] >= 0x80)
			return true;
		if (raw.s[i] == '\n' &&
		    (raw.s[i + 1] == '\n' || raw.s[i + 1] == '\r'))
			return false;
	}
	return false;
}

void mail_init(const void *raw, size_t len)
{
	struct sdg_str bytes = { raw, len };

	g_mime_init();
	if (!raw) {
		for (const char *const *name = common; *name; name++)
			load(*name);
		return;
	}
	if (has_8bit_header(bytes))
		load("windows-1252");
	load_mentioned(bytes);
}
