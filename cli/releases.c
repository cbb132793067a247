/*
 * releases: folders that appear whole, by a rename, and never change but
 * for the mark of being withdrawn.
 */
#include "releases.h"

#include "erasures.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD "release.json"
#define RECORD_MAX ((size_t)16 << 20)

int releases_path(const struct sdg_home *home, const char *id, const char *file,
		  char out[SDG_PATH_MAX], struct sdg_error *err)
{
	int n = snprintf(out, SDG_PATH_MAX, "%s/releases%s%s%s%s", home->root,
			 *id ? "/" : "", id, *file ? "/" : "", file);

	if (n < 0 || n >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL, "path of release is too long");
	return 0;
}

static bool is_id(const char *name)
{
	return strspn(name, "0123456789-") == strlen(name) &&
	       strlen(name) > 11 && strlen(name) < 32;
}

int releases_find(const struct sdg_home *home, const char *id,
		  struct release *release, struct sdg_error *err)
{
	char path[SDG_PATH_MAX];
	json_error_t wrong;
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (!is_id(id))
		return sdg_fail(err, SDG_EINVAL,
				"'%.40s' is no release: they are named like "
				"2015-03-27-1 (soundings releases)",
				id);
	rc = releases_path(home, id, RECORD, path, err);
	if (rc == 0)
		rc = sdg_read_file(path, RECORD_MAX, &text, &len, err);
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_ENOTFOUND, "no release %s", id);
	if (rc < 0)
		return rc;
	release->json = json_loadb(text, len, 0, &wrong);
	free(text);
	if (!release->json)
		return sdg_fail(err, SDG_EDAMAGED,
				"release %s: its record is damaged (line %d)",
				id, wrong.line);
	snprintf(release->id, sizeof(release->id), "%s", id);
	return 0;
}

static int is_release(const struct dirent *entry)
{
	return is_id(entry->d_name);
}

int releases_each(const struct sdg_home *home,
		  int (*fn)(void *arg, const struct release *release),
		  void *arg, struct sdg_error *err)
{
	char path[SDG_PATH_MAX];
	struct dirent **names;
	struct release release = { 0 };
	int rc = releases_path(home, "", "", path, err);
	int n;

	if (rc < 0)
		return rc;
	n = scandir(path, &names, is_release, versionsort);
	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return sdg_fail_errno(err, "read \"%s\"", path);
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = releases_find(home, names[i]->d_name, &release,
					   err);
		if (rc == 0) {
			rc = fn(arg, &release);
			json_decref(release.json);
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

/* ----------------------------------------------------------------- scope */

static json_t *table_scope(const struct pub_table *t)
{
	json_t *cells = json_object();
	size_t w = t->cols.n + 1;

	/* "row/column" names a figure whatever else is in the table. */
	for (size_t i = 0; i < (t->rows.n + 1) * w; i++) {
		size_t r = i / w, c = i % w;
		char *key =
		    xformat("%s/%s", r < t->rows.n ? t->rows.ids[r] : "all",
			    c < t->cols.n ? t->cols.ids[c] : "any");

		json_object_set_new(
		    cells, key,
		    json_pack("{s:I, s:b}", "count", (json_int_t)t->counts[i],
			      "hidden", t->cells[i] != SDG_CELL_SHOWN));
		free(key);
	}
	return cells;
}

static json_t *filter_scope(const struct sdg_filter *f)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:[I,I,I,I], s:s}",
			 "sources", f->sources, "stances", f->stances, "roles",
			 f->roles, "phases", f->phases, "regions", f->regions,
			 "themes", (json_int_t)f->themes[0],
			 (json_int_t)f->themes[1], (json_int_t)f->themes[2],
			 (json_int_t)f->themes[3], "consultation",
			 f->consultation ? f->consultation : "");
}

/* Which quotes it used: a withdrawn one is found again. */
static json_t *quotes_scope(struct publication *p)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < p->quote_count; i++)
		json_array_append_new(ids, json_string(p->quotes[i].id));
	return ids;
}

json_t *release_scope(struct publication *p,
		      const struct publication_question *question,
		      const char *audience)
{
	struct pub_table *tables[PUB_TABLES];
	json_t *all = json_object();

	publication_tables(p, tables);
	for (size_t i = 0; i < PUB_TABLES; i++)
		json_object_set_new(all, tables[i]->id, table_scope(tables[i]));
	/* What stood in the books, to tell later why figures changed. */
	json_t *books = json_pack(
	    "{s:I, s:I, s:I, s:I}", "counted", (json_int_t)p->counted, "erased",
	    (json_int_t)p->erased, "replaced", (json_int_t)p->replaced,
	    "frame_version", (json_int_t)p->frame_version);

	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:o, s:o, "
	    "s:o, s:o}",
	    "schema", "soundings/release/1", "title", p->title, "made", p->made,
	    "audience", audience, "policy", p->policy->id, "since_day",
	    question->filter.since_day, "until_day", question->filter.until_day,
	    "members", p->members, "filter", filter_scope(&question->filter),
	    "quotes", quotes_scope(p), "tables", all, "books", books);
}

/* ------------------------------------------------------------------ keep */

static int write_in(const char *dir, const char *name, const void *data,
		    size_t len, json_t *digests, struct sdg_error *err)
{
	unsigned char digest[32];
	char hex[65], path[SDG_PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return sdg_fail(err, SDG_EINVAL, "path of release is too long");
	crypto_generichash(digest, sizeof(digest), data, len, NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	json_object_set_new(digests, name, json_string(hex));
	return sdg_write_file(path, data, len, 0600, err);
}

static int keep_csv(const char *dir, struct publication *p, json_t *digests,
		    struct sdg_error *err)
{
	struct pub_table *tables[PUB_TABLES];
	char *text = NULL;
	size_t len = 0;
	int rc = 0;

	publication_tables(p, tables);
	for (size_t i = 0; rc == 0 && i < PUB_TABLES; i++) {
		struct grid *grid = pub_grid(p, tables[i]);
		FILE *out = open_memstream(&text, &len);
		char *name = xformat("%s.csv", tables[i]->id);

		grid_write_csv(grid, out);
		fclose(out);
		rc = write_in(dir, name, text, len, digests, err);
		grid_free(grid);
		free(name);
		free(text);
	}
	return rc;
}

static int keep_xlsx(const char *dir, struct publication *p, json_t *digests,
		     struct sdg_error *err)
{
	struct pub_table *tables[PUB_TABLES];
	struct grid *sheets[PUB_TABLES];
	char *path = xformat("%s/data.xlsx", dir);
	char *data;
	size_t len;
	int rc;

	publication_tables(p, tables);
	for (size_t i = 0; i < PUB_TABLES; i++)
		sheets[i] = pub_grid(p, tables[i]);
	rc = grid_write_xlsx(sheets, PUB_TABLES, path, err);

	if (rc == 0)
		rc = sdg_read_file(path, RECORD_MAX, &data, &len, err);
	if (rc == 0) {
		rc = write_in(dir, "data.xlsx", data, len, digests, err);
		free(data);
	}
	for (size_t i = 0; i < PUB_TABLES; i++)
		grid_free(sheets[i]);
	free(path);
	return rc;
}

static int keep_record(const char *dir, json_t *scope, struct sdg_error *err)
{
	char *path = xformat("%s/%s", dir, RECORD);
	char *text = json_dumps(scope, JSON_INDENT(1) | JSON_SORT_KEYS);
	int rc = text ? sdg_write_file(path, text, strlen(text), 0600, err)
		      : sdg_fail(err, SDG_ENOMEM, "no memory for a release");

	free(text);
	free(path);
	return rc;
}

static int fill_folder(const char *dir, struct publication *p, json_t *scope,
		       struct sdg_error *err)
{
	json_t *digests = json_object();
	char *page = NULL;
	size_t len;
	int rc = publish_html(p, &page, &len, err);

	if (rc == 0)
		rc = write_in(dir, "page.html", page, len, digests, err);
	if (rc == 0)
		rc = keep_csv(dir, p, digests, err);
	if (rc == 0)
		rc = keep_xlsx(dir, p, digests, err);
	json_object_set_new(scope, "files", digests);
	if (rc == 0)
		rc = keep_record(dir, scope, err);
	free(page);
	return rc;
}

/* Of files alone. */
static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

/* What has gone out is to be known when the next is asked for. */
static int sync_folder(const char *path, struct sdg_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = sdg_fail_errno(err, "sync \"%s\"", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

int releases_keep(const struct sdg_home *home, struct publication *p,
		  json_t *scope, char id[32], struct sdg_error *err)
{
	char folder[SDG_PATH_MAX], temporary[SDG_PATH_MAX], path[SDG_PATH_MAX];
	int rc = releases_path(home, "", "", folder, err);

	if (rc == 0)
		rc = sdg_make_dirs(folder, 0700, err);
	if (rc < 0)
		return rc;
	if (snprintf(temporary, sizeof(temporary), "%s/.new-XXXXXX", folder) >=
		(int)sizeof(temporary) ||
	    !mkdtemp(temporary))
		return sdg_fail_errno(err, "make a folder in \"%s\"", folder);
	rc = fill_folder(temporary, p, scope, err);
	for (int n = 1; rc == 0; n++) {
		snprintf(id, 32, "%s-%d", p->made, n);
		rc = releases_path(home, id, "", path, err);
		if (rc < 0 || rename(temporary, path) == 0)
			break;
		if (errno != EEXIST && errno != ENOTEMPTY)
			rc = sdg_fail_errno(err, "keep release \"%s\"", path);
	}
	if (rc < 0)
		remove_folder(temporary);
	return rc < 0 ? rc : sync_folder(folder, err);
}

int releases_withdraw(const struct sdg_home *home, const char *id,
		      const char *why, struct sdg_error *err)
{
	char dir[SDG_PATH_MAX];
	struct release release = { 0 };
	int rc = releases_find(home, id, &release, err);

	if (rc < 0)
		return rc;
	json_object_set_new(release.json, "withdrawn", json_string(why));
	rc = releases_path(home, id, "", dir, err);
	if (rc == 0)
		rc = keep_record(dir, release.json, err);
	json_decref(release.json);
	return rc;
}

/* ---------------------------------------------------------------- quotes */

struct dropping {
	const struct sdg_home *home;
	const char *quote;    /* this one */
	const json_t *erased; /* or those of these messages */
	size_t count;
	struct sdg_error *err;
};

/* Takes "<blockquote id="q-ID">…</blockquote>" out of @page, if it is there:
 * a run that was broken off may have taken it out before. */
static void cut_quote(char *page, size_t *len, const char *id)
{
	static const char end[] = "</blockquote>\n";
	char *open = xformat("<blockquote id=\"q-%s\">", id);
	char *from = strstr(page, open);
	char *to = from ? strstr(from, end) : NULL;

	free(open);
	if (!to)
		return;
	to += strlen(end);
	memmove(from, to, *len - (size_t)(to - page) + 1);
	*len -= (size_t)(to - from);
}

/* Ids are those of messages, a hyphen and a number. */
static bool is_dropped(const struct dropping *d, const char *id)
{
	char *message;
	bool is;

	if (d->quote)
		return strcmp(id, d->quote) == 0;
	message = xformat("%.*s", (int)strcspn(id, "-"), id);
	is = json_object_get(d->erased, message) != NULL;
	free(message);
	return is;
}

/* Of the page and of the list of its quotes; whether there was one. */
static bool drop_quotes(const struct dropping *d, json_t *quotes, char *page,
			size_t *len)
{
	size_t before = json_array_size(quotes);

	for (size_t i = before; i-- > 0;) {
		const char *id = json_string_value(json_array_get(quotes, i));

		if (!id || !is_dropped(d, id))
			continue;
		if (page)
			cut_quote(page, len, id);
		json_array_remove(quotes, i);
	}
	return json_array_size(quotes) < before;
}

static int drop_from(void *arg, const struct release *release)
{
	struct dropping *d = arg;
	json_t *quotes = json_object_get(release->json, "quotes");
	json_t *all = json_copy(quotes);
	char dir[SDG_PATH_MAX], path[SDG_PATH_MAX], *page = NULL;
	bool any = drop_quotes(d, all, NULL, NULL);
	size_t len;
	int rc;

	json_decref(all);
	if (!any)
		return 0;
	rc = releases_path(d->home, release->id, "", dir, d->err);
	if (rc == 0)
		rc = releases_path(d->home, release->id, "page.html", path,
				   d->err);
	if (rc == 0)
		rc = sdg_read_file(path, RECORD_MAX, &page, &len, d->err);
	if (rc < 0)
		return rc;
	drop_quotes(d, quotes, page, &len);
	rc = write_in(dir, "page.html", page, len,
		      json_object_get(release->json, "files"), d->err);
	if (rc == 0)
		rc = keep_record(dir, release->json, d->err);
	d->count += rc == 0;
	free(page);
	return rc;
}

int releases_drop_quote(const struct sdg_home *home, const char *id,
			size_t *count, struct sdg_error *err)
{
	struct dropping d = { .home = home, .quote = id, .err = err };
	int rc = releases_each(home, drop_from, &d, err);

	*count = d.count;
	return rc;
}

int releases_drop_erased(const struct sdg_home *home, size_t *count,
			 struct sdg_error *err)
{
	struct dropping d = { .home = home, .err = err };
	json_t *erased = NULL;
	int rc = erasures_events(home, &erased, err);

	d.erased = erased;
	if (rc == 0)
		rc = releases_each(home, drop_from, &d, err);
	json_decref(erased);
	*count = d.count;
	return rc;
}
