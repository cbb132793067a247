/*
 * roster: reading and writing the list of representatives.
 *
 * It refuses a file with one fault in it: whoever is missing from a roster
 * half read would have their notes held, and nobody would know why.
 */
#include <soundings/roster.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <soundings/labels.h>

#define FILE_MAX (8u << 20)
#define DAY 86400

static int path_of(const struct sdg_home *home, char path[SDG_PATH_MAX],
		   struct sdg_error *err)
{
	int n = snprintf(path, SDG_PATH_MAX, "%s/roster.json", home->root);

	return n < 0 || n >= SDG_PATH_MAX
		   ? sdg_fail(err, SDG_EINVAL, "the roster's path is too long")
		   : 0;
}

static bool read_text(const json_t *o, const char *key, char *out, size_t size)
{
	const json_t *value = json_object_get(o, key);
	const char *s = value ? json_string_value(value) : "";

	if (!s || strlen(s) >= size || !sdg_text_is_safe(s, strlen(s)) ||
	    strchr(s, '\n'))
		return false;
	snprintf(out, size, "%s", s);
	return true;
}

static bool read_day(const json_t *o, const char *key, int32_t *day)
{
	struct tm tm = { 0 };
	char date[16], *end;

	*day = 0;
	if (!read_text(o, key, date, sizeof(date)))
		return false;
	if (!*date)
		return true;
	end = strptime(date, "%Y-%m-%d", &tm);
	if (!end || *end)
		return false;
	*day = (int32_t)(timegm(&tm) / DAY);
	return true;
}

static bool read_one(const json_t *o, struct sdg_representative *one)
{
	char region[64], address[sizeof(one->address)];

	memset(one, 0, sizeof(*one));
	if (!json_is_object(o) ||
	    !read_text(o, "address", address, sizeof(address)) ||
	    !read_text(o, "name", one->name, sizeof(one->name)) ||
	    !read_text(o, "constituency", one->constituency,
		       sizeof(one->constituency)) ||
	    !read_text(o, "region", region, sizeof(region)) ||
	    !read_text(o, "key", one->key, sizeof(one->key)) ||
	    !read_day(o, "from", &one->from) || !read_day(o, "to", &one->to))
		return false;
	if (*region)
		one->region = sdg_region_from_id(sdg_str(region));
	return one->region >= 0 &&
	       sdg_address_normalise(sdg_str(address), one->address,
				     sizeof(one->address)) > 0;
}

int sdg_roster_load(const struct sdg_home *home, struct sdg_roster *out,
		    struct sdg_error *err)
{
	struct sdg_roster roster = { 0 };
	char path[SDG_PATH_MAX], *text = NULL;
	json_t *root = NULL, *people;
	size_t len = 0;
	int rc = path_of(home, path, err);

	if (rc == 0)
		rc = sdg_read_file(path, FILE_MAX, &text, &len, err);
	/* An empty file is the package's: made so that the hook may read it. */
	if (rc == SDG_ENOTFOUND || (rc == 0 && len == 0)) {
		*out = roster;
		free(text);
		return 0;
	}
	if (rc < 0)
		goto out;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	people = json_object_get(root, "representatives");
	if (!json_is_array(people) || json_array_size(people) > SDG_ROSTER_MAX)
		rc = sdg_fail(err, SDG_EINVAL, "\"%s\" is no roster", path);
	for (size_t i = 0; rc == 0 && i < json_array_size(people); i++) {
		struct sdg_representative one;

		if (!read_one(json_array_get(people, i), &one))
			rc = sdg_fail(err, SDG_EINVAL,
				      "read \"%s\": representative %zu is not "
				      "one",
				      path, i + 1);
		else
			rc = sdg_roster_put(&roster, &one, err);
	}
	if (rc == 0) {
		*out = roster;
		roster = (struct sdg_roster){ 0 };
	}
out:
	sdg_roster_fini(&roster);
	json_decref(root);
	free(text);
	return rc;
}

void sdg_roster_fini(struct sdg_roster *roster)
{
	free(roster->people);
	*roster = (struct sdg_roster){ 0 };
}

static void put_day(json_t *o, const char *key, int32_t day)
{
	time_t at = (time_t)day * DAY;
	struct tm tm;
	char date[16];

	if (!day)
		return;
	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	json_object_set_new(o, key, json_string(date));
}

static json_t *one_as_json(const struct sdg_representative *one)
{
	json_t *o = json_object();

	json_object_set_new(o, "address", json_string(one->address));
	json_object_set_new(o, "name", json_string(one->name));
	json_object_set_new(o, "constituency", json_string(one->constituency));
	if (one->region)
		json_object_set_new(o, "region",
				    json_string(sdg_region_id(one->region)));
	if (*one->key)
		json_object_set_new(o, "key", json_string(one->key));
	put_day(o, "from", one->from);
	put_day(o, "to", one->to);
	return o;
}

int sdg_roster_save(const struct sdg_home *home,
		    const struct sdg_roster *roster, struct sdg_error *err)
{
	json_t *root = json_object(), *people = json_array();
	char path[SDG_PATH_MAX], *text = NULL;
	struct stat st = { .st_mode = 0600 };
	bool there;
	int rc = path_of(home, path, err);

	for (size_t i = 0; i < roster->count; i++)
		json_array_append_new(people, one_as_json(&roster->people[i]));
	json_object_set_new(root, "schema", json_string("soundings/roster/1"));
	json_object_set_new(root, "representatives", people);
	text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (rc == 0 && !text)
		rc = sdg_fail(err, SDG_ENOMEM, "no memory for the roster");
	if (rc < 0)
		goto out;
	there = stat(path, &st) == 0;
	rc = sdg_write_file(path, text, strlen(text), 0600, err);
	/* The group first: its old one is to read no more than before. */
	if (rc == 0 && there &&
	    ((st.st_gid != getegid() &&
	      chown(path, (uid_t)-1, st.st_gid) < 0) ||
	     chmod(path, st.st_mode & 0640) < 0))
		rc = sdg_fail_errno(err, "give \"%s\" its group", path);
out:
	free(text);
	return rc;
}

static int find(const struct sdg_roster *roster, struct sdg_str address,
		size_t *at)
{
	for (*at = 0; *at < roster->count; ++*at)
		if (sdg_str_eq(address, roster->people[*at].address))
			return 0;
	return SDG_ENOTFOUND;
}

int sdg_roster_put(struct sdg_roster *roster,
		   const struct sdg_representative *one, struct sdg_error *err)
{
	struct sdg_representative *people;
	size_t at = 0;

	if (!roster->people || find(roster, sdg_str(one->address), &at) < 0) {
		if (roster->count == SDG_ROSTER_MAX)
			return sdg_fail(err, SDG_EINVAL,
					"more than %d representatives",
					SDG_ROSTER_MAX);
		people = realloc(roster->people,
				 (roster->count + 1) * sizeof(*people));
		if (!people)
			return sdg_fail(err, SDG_ENOMEM,
					"no memory for the roster");
		roster->people = people;
		roster->count++;
	}
	roster->people[at] = *one;
	return 0;
}

int sdg_roster_remove(struct sdg_roster *roster, const char *address,
		      struct sdg_error *err)
{
	size_t at;

	if (find(roster, sdg_str(address), &at) < 0)
		return sdg_fail(err, SDG_ENOTFOUND,
				"\"%.320s\" is not on the roster", address);
	roster->count--;
	memmove(roster->people + at, roster->people + at + 1,
		(roster->count - at) * sizeof(*roster->people));
	return 0;
}

int sdg_roster_refresh(const struct sdg_home *home, struct sdg_roster *roster,
		       struct sdg_error *err)
{
	struct sdg_roster fresh = { 0 };
	char path[SDG_PATH_MAX];
	struct stat st = { 0 };
	int rc = path_of(home, path, err);

	if (rc < 0)
		return rc;
	/* It is replaced, never written over. None there is an empty one. */
	if (stat(path, &st) == 0 && st.st_ino == roster->inode &&
	    st.st_mtim.tv_sec == roster->changed.tv_sec &&
	    st.st_mtim.tv_nsec == roster->changed.tv_nsec)
		return 0;
	rc = sdg_roster_load(home, &fresh, err);
	if (rc < 0)
		return rc;
	sdg_roster_fini(roster);
	*roster = fresh;
	roster->inode = st.st_ino;
	roster->changed = st.st_mtim;
	return 0;
}

bool sdg_roster_in_term(const struct sdg_representative *one, int32_t day)
{
	return (!one->from || day >= one->from) && (!one->to || day <= one->to);
}

const struct sdg_representative *
sdg_roster_by_key(const struct sdg_roster *roster, const char *name)
{
	for (size_t i = 0; i < roster->count; i++)
		if (*name && strcmp(roster->people[i].key, name) == 0)
			return &roster->people[i];
	return NULL;
}

static bool is_word(struct sdg_str word, const char *name)
{
	return *name && word.len == strlen(name) &&
	       strncasecmp(word.s, name, word.len) == 0;
}

const struct sdg_representative *
sdg_roster_by_any(const struct sdg_roster *roster, struct sdg_str word)
{
	const struct sdg_representative *found = NULL;

	for (size_t i = 0; i < roster->count; i++) {
		const struct sdg_representative *one = &roster->people[i];

		if (!is_word(word, one->address) && !is_word(word, one->name) &&
		    !is_word(word, one->key))
			continue;
		if (found)
			return NULL;
		found = one;
	}
	return found;
}

const struct sdg_representative *
sdg_roster_find(const struct sdg_roster *roster, struct sdg_str address,
		int32_t day)
{
	const struct sdg_representative *one;
	size_t at;

	if (!address.len || find(roster, address, &at) < 0)
		return NULL;
	one = &roster->people[at];
	return day && !sdg_roster_in_term(one, day) ? NULL : one;
}
