/*
 * survey_jsonl: see survey_jsonl.h. jansson decodes one line at a time, so
 * memory is bounded by the longest line.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "survey_jsonl.h"

enum { KEYS_MAX = 512, LIST_MAX = 256 };

struct jsonl_table {
	int fd;
	char *keys[KEYS_MAX];
	size_t key_count;
	const char *refused; /* static: a key that cannot be kept */
	uint64_t done;
};

/* One line's values, in the order of the keys. */
struct values {
	struct jsonl_table *jsonl;
	char *text[KEYS_MAX]; /* owned */
	struct sdg_str cells[KEYS_MAX];
};

typedef int line_fn(void *arg, uint64_t line, json_t *object);

/* As getline(), but never more than a record may have. Returns its length,
 * 0 at the end, -1: too long or no memory. */
static ssize_t read_line(FILE *file, char **text, size_t *cap)
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF) {
		if (len + 2 > *cap) {
			size_t room = *cap ? 2 * *cap : 4096;
			char *bigger = room > TABLE_RECORD_MAX
					   ? NULL
					   : realloc(*text, room);

			if (!bigger)
				return -1;
			*text = bigger;
			*cap = room;
		}
		(*text)[len++] = (char)c;
		if (c == '\n')
			break;
	}
	if (len > 0)
		(*text)[len] = '\0';
	return (ssize_t)len;
}

static int each_line(struct jsonl_table *jsonl, line_fn *fn, void *arg,
		     struct sdg_error *err)
{
	char *text = NULL;
	size_t cap = 0;
	uint64_t line = 0;
	json_t *object;
	ssize_t n;
	FILE *file;
	int rc = 0, fd = dup(jsonl->fd);

	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file || fseek(file, 0, SEEK_SET) != 0)
		rc = sdg_fail_errno(err, "read survey");
	jsonl->done = 0;
	while (rc == 0 && (n = read_line(file, &text, &cap)) != 0) {
		char *s = text;

		line++;
		if (n < 0) {
			rc = sdg_fail(err, SDG_EINVAL, "line %llu: too long",
				      (unsigned long long)line);
			break;
		}
		jsonl->done += (uint64_t)n;
		if (line == 1 && n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
			s += 3;
		if (s[strspn(s, " \t\r\n")] == '\0')
			continue;
		object = json_loads(s, 0, NULL);
		if (json_is_object(object))
			rc = fn(arg, line, object);
		else
			rc = sdg_fail(err, SDG_EINVAL,
				      "line %llu: not a JSON object",
				      (unsigned long long)line);
		json_decref(object);
	}
	free(text);
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return rc;
}

static void add_key(struct jsonl_table *jsonl, const char *key)
{
	for (size_t i = 0; i < jsonl->key_count; i++) {
		if (strcmp(jsonl->keys[i], key) == 0)
			return;
	}
	if (jsonl->key_count < KEYS_MAX)
		jsonl->keys[jsonl->key_count] = strdup(key);
	if (jsonl->key_count == KEYS_MAX)
		jsonl->refused = "too many different keys";
	else if (!jsonl->keys[jsonl->key_count])
		jsonl->refused = "no memory";
	else
		jsonl->key_count++;
}

/* Visit "key" and "outer.inner" of an object with their values; NULL: one
 * that is too long. */
static void each_member(json_t *object,
			void (*fn)(void *, const char *, json_t *), void *arg)
{
	const char *key, *inner;
	json_t *value, *inner_value;
	char name[512];

	json_object_foreach(object, key, value)
	{
		if (!json_is_object(value)) {
			fn(arg, key, value);
			continue;
		}
		json_object_foreach(value, inner, inner_value)
		{
			int n =
			    snprintf(name, sizeof(name), "%s.%s", key, inner);

			fn(arg, n > 0 && (size_t)n < sizeof(name) ? name : NULL,
			   inner_value);
		}
	}
}

static void meet_key(void *arg, const char *key, json_t *value)
{
	struct jsonl_table *jsonl = arg;

	(void)value;
	if (key)
		add_key(jsonl, key);
	else
		jsonl->refused = "a key is too long";
}

/* Of every line: what nobody answered is often left out, and a question may
 * have its first answer late. */
static int meet_line(void *arg, uint64_t line, json_t *object)
{
	struct jsonl_table *jsonl = arg;

	(void)line;
	each_member(object, meet_key, jsonl);
	return jsonl->refused != NULL;
}

static void append(char **text, const char *s, size_t len, bool join)
{
	size_t old = *text ? strlen(*text) : 0;
	char *bigger = realloc(*text, old + len + 2);

	if (!bigger)
		return;
	if (join && old > 0)
		bigger[old++] = ';';
	memcpy(bigger + old, s, len);
	bigger[old + len] = '\0';
	*text = bigger;
}

static void append_scalar(char **text, json_t *value, bool join)
{
	char number[64];

	if (json_is_string(value)) {
		append(text, json_string_value(value),
		       json_string_length(value), join);
		return;
	}
	if (json_is_integer(value))
		snprintf(number, sizeof(number), "%lld",
			 (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(number, sizeof(number), "%.15g",
			 json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(number, sizeof(number), "%s",
			 json_is_true(value) ? "true" : "false");
	else
		return;
	append(text, number, strlen(number), join);
}

static void take_value(void *arg, const char *key, json_t *value)
{
	struct values *values = arg;
	struct jsonl_table *jsonl = values->jsonl;
	json_t *item;
	size_t i, at;

	for (i = 0; key && i < jsonl->key_count; i++) {
		if (strcmp(jsonl->keys[i], key) == 0)
			break;
	}
	if (!key || i == jsonl->key_count)
		return;
	if (!json_is_array(value)) {
		append_scalar(&values->text[i], value, false);
		return;
	}
	json_array_foreach(value, at, item)
	{
		if (at == LIST_MAX)
			break;
		append_scalar(&values->text[i], item, true);
	}
}

struct handing {
	struct values values;
	table_row_fn *fn;
	void *arg;
};

static int hand_line(void *arg, uint64_t line, json_t *object)
{
	struct handing *handing = arg;
	struct values *values = &handing->values;
	size_t n = values->jsonl->key_count;
	struct table_row row = { .line = line,
				 .count = n,
				 .cells = values->cells };
	int rc;

	each_member(object, take_value, values);
	for (size_t i = 0; i < n; i++)
		values->cells[i] = sdg_str(values->text[i]);
	rc = handing->fn(handing->arg, &row);
	for (size_t i = 0; i < n; i++) {
		free(values->text[i]);
		values->text[i] = NULL;
	}
	return rc;
}

int jsonl_table_open(int fd, struct jsonl_table **out, struct sdg_error *err)
{
	struct jsonl_table *jsonl = calloc(1, sizeof(*jsonl));
	int rc;

	if (!jsonl)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	jsonl->fd = fd;
	rc = each_line(jsonl, meet_line, jsonl, err);
	if (rc >= 0 && jsonl->refused)
		rc = sdg_fail(err, SDG_EINVAL, "the JSON lines: %s",
			      jsonl->refused);
	else if (rc >= 0 && jsonl->key_count == 0)
		rc = sdg_fail(err, SDG_EINVAL, "no keys in the JSON lines");
	if (rc < 0) {
		jsonl_table_close(jsonl);
		return rc;
	}
	*out = jsonl;
	return 0;
}

void jsonl_table_close(struct jsonl_table *jsonl)
{
	if (!jsonl)
		return;
	for (size_t i = 0; i < jsonl->key_count; i++)
		free(jsonl->keys[i]);
	free(jsonl);
}

int jsonl_table_each(struct jsonl_table *jsonl, table_row_fn *fn, void *arg,
		     struct sdg_error *err)
{
	struct handing *handing = calloc(1, sizeof(*handing));
	struct table_row head = { .line = 0, .count = jsonl->key_count };
	int rc;

	if (!handing)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	handing->values.jsonl = jsonl;
	handing->fn = fn;
	handing->arg = arg;
	for (size_t i = 0; i < jsonl->key_count; i++)
		handing->values.cells[i] = sdg_str(jsonl->keys[i]);
	head.cells = handing->values.cells;
	rc = fn(arg, &head);
	if (rc == 0)
		rc = each_line(jsonl, hand_line, handing, err);
	free(handing);
	return rc;
}

uint64_t jsonl_table_done(const struct jsonl_table *jsonl)
{
	return jsonl->done;
}
