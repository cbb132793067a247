/*
 * yaml_complaint: reading libcyaml's own words.
 */
#include "yaml_complaint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sdg_yaml_listen(cyaml_log_t level, void *arg, const char *fmt,
		     va_list args)
{
	struct sdg_yaml_complaint *complaint = arg;
	char line[SDG_ERROR_SIZE];
	const char *where;

	if (level < CYAML_LOG_ERROR)
		return;
		/* libcyaml's own formats, with the arguments it gives them. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(line, sizeof(line), fmt, args);
#pragma GCC diagnostic pop
	line[strcspn(line, "\n")] = '\0';
	if (!complaint->what[0])
		snprintf(complaint->what, sizeof(complaint->what), "%s",
			 strncmp(line, "Load: ", 6) == 0 ? line + 6 : line);
	where = strstr(line, "line: ");
	if (where && complaint->line == 0)
		complaint->line = (unsigned)strtoul(where + 6, NULL, 10);
}

unsigned sdg_yaml_line_of(const char *text, const char *key)
{
	unsigned line = 1;

	for (const char *p = text; *p; line++) {
		const char *word = p + strspn(p, " \t");
		size_t len = strlen(key);

		if (strncmp(word, key, len) == 0 && word[len] == ':')
			return line;
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return 0;
}

/* libcyaml places a key that it does not know at the one before it. */
unsigned sdg_yaml_line(const struct sdg_yaml_complaint *complaint,
		       const char *text)
{
	static const char unknown[] = "Unexpected key: ";
	unsigned line = 0;

	if (strncmp(complaint->what, unknown, strlen(unknown)) == 0)
		line =
		    sdg_yaml_line_of(text, complaint->what + strlen(unknown));
	return line ? line : complaint->line;
}
