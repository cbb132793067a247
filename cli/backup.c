/*
 * backup: making, checking and finding backups. The keys are never in one:
 * whoever finds a backup finds no words.
 */
#include "backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include <soundings/store_copies.h>

#include "erasures.h"
#include "targets.h"

#define PREFIX "soundings-"
#define MANIFEST_MAX 65536
#define SCHEMA "soundings/backup/1"
#define CHUNK 65536

static int hash_file(const char *path, char hex[65], uint64_t *bytes,
		     struct sdg_error *err)
{
	static unsigned char buffer[CHUNK];
	unsigned char digest[32];
	crypto_generichash_state state;
	FILE *file = fopen(path, "re");
	size_t n;
	int rc = 0;

	if (!file)
		return sdg_fail_errno(err, "open \"%s\"", path);
	*bytes = 0;
	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	while ((n = fread(buffer, 1, sizeof(buffer), file)) > 0) {
		crypto_generichash_update(&state, buffer, n);
		*bytes += n;
	}
	if (ferror(file))
		rc = sdg_fail_errno(err, "read \"%s\"", path);
	fclose(file);
	crypto_generichash_final(&state, digest, sizeof(digest));
	sodium_bin2hex(hex, 65, digest, sizeof(digest));
	return rc;
}

static int write_manifest(const char *dir, const struct manifest *m,
			  struct sdg_error *err)
{
	json_t *json = json_pack(
	    "{s:s, s:s, s:I, s:s, s:I, s:I}", "schema", SCHEMA, "made", m->made,
	    "bytes", (json_int_t)m->bytes, "blake2b-256", m->blake2b, "events",
	    (json_int_t)m->events, "received", (json_int_t)m->received);
	char *text = json_dumps(json, JSON_INDENT(2));
	char *path = xformat("%s/manifest.json", dir);
	int rc = text ? sdg_write_file(path, text, strlen(text), 0600, err)
		      : sdg_fail(err, SDG_ENOMEM, "no memory for a manifest");

	free(path);
	free(text);
	json_decref(json);
	return rc;
}

static int fill(const struct sdg_home *home, const char *dir,
		struct manifest *m, struct sdg_error *err)
{
	struct sdg_store *store = NULL;
	struct sdg_store_stats stats;
	struct sdg_ledger ledger;
	char *data = xformat("%s/data.mdb", dir);
	int rc = sdg_store_open(home, SDG_STORE_READ, &store, err);

	if (rc == 0)
		rc = sdg_store_backup(store, dir, err);
	/* After the copy: what came meanwhile is only in the larger figure. */
	if (rc == 0)
		rc = sdg_store_stats(store, &stats, err);
	if (rc == 0)
		rc = sdg_store_ledger(store, &ledger, err);
	sdg_store_close(store);
	if (rc == 0)
		rc = hash_file(data, m->blake2b, &m->bytes, err);
	if (rc == 0) {
		m->events = stats.events;
		m->received = ledger.received;
		rc = write_manifest(dir, m, err);
	}
	free(data);
	return rc;
}

/* ------------------------------------------------- what is not the store */

/* Files of several names, and where the first of these was copied to. */
struct twins {
	struct twin {
		dev_t dev;
		ino_t ino;
		char *copy;
	} * at;
	size_t n;
};

static void twins_fini(struct twins *twins)
{
	for (size_t i = 0; i < twins->n; i++)
		free(twins->at[i].copy);
	free(twins->at);
}

/* Versions of a frame share most of their texts: so do their copies, where
 * the place takes links. */
static bool copied_already(struct twins *twins, const struct stat *st,
			   const char *copy)
{
	struct twin *more;

	if (st->st_nlink < 2)
		return false;
	for (size_t i = 0; i < twins->n; i++)
		if (twins->at[i].dev == st->st_dev &&
		    twins->at[i].ino == st->st_ino)
			return link(twins->at[i].copy, copy) == 0;
	more = realloc(twins->at, (twins->n + 1) * sizeof(*more));
	if (!more)
		return false;
	twins->at = more;
	more[twins->n++] =
	    (struct twin){ st->st_dev, st->st_ino, xstrdup(copy) };
	return false;
}

static int copy_entry(const char *from, const char *to, const char *name,
		      struct twins *twins, struct sdg_error *err);

static int copy_folder(const char *from, const char *to, struct twins *twins,
		       struct sdg_error *err)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	int rc;

	if (!dir)
		return sdg_fail_errno(err, "read folder \"%s\"", from);
	rc = sdg_make_dirs(to, 0700, err);
	while (rc == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			rc = copy_entry(from, to, entry->d_name, twins, err);
	closedir(dir);
	return rc;
}

/* Plain files and folders; what @to has already stays as it is. */
static int copy_entry(const char *from, const char *to, const char *name,
		      struct twins *twins, struct sdg_error *err)
{
	char *source = xformat("%s/%s", from, name);
	char *copy = xformat("%s/%s", to, name);
	struct stat st;
	int rc = 0;

	if (lstat(source, &st) != 0)
		rc = errno == ENOENT
			 ? 0
			 : sdg_fail_errno(err, "look at \"%s\"", source);
	else if (S_ISDIR(st.st_mode))
		rc = copy_folder(source, copy, twins, err);
	else if (S_ISREG(st.st_mode) && access(copy, F_OK) != 0 &&
		 !copied_already(twins, &st, copy))
		rc = backup_copy_file(source, copy, 0600, err);
	free(source);
	free(copy);
	return rc;
}

int backup_files(const char *from, const char *to, struct sdg_error *err)
{
	static const char *const NAMES[] = { "frame", "releases", "roster.json",
					     "soundings.yaml",
					     "membership.csv" };
	DIR *dir = opendir(from);
	struct twins twins = { 0 };
	struct dirent *entry;
	int rc;

	if (!dir) /* an older backup has none */
		return 0;
	rc = sdg_make_dirs(to, 0700, err);
	while (rc == 0 && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len > 6 && strcmp(entry->d_name + len - 6, ".jsonl") == 0 &&
		    strcmp(entry->d_name, ERASURES) != 0)
			rc = copy_entry(from, to, entry->d_name, &twins, err);
	}
	closedir(dir);
	for (size_t i = 0; rc == 0 && i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		rc = copy_entry(from, to, NAMES[i], &twins, err);
	twins_fini(&twins);
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_backup(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Its name says when; a second one within a second gets a number. */
static int move_in(const char *fresh, const char *target, time_t now,
		   char **out, struct sdg_error *err)
{
	char stamp[32];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	for (int i = 0; i < 100; i++) {
		char *path =
		    i ? xformat("%s/" PREFIX "%s-%02d", target, stamp, i)
		      : xformat("%s/" PREFIX "%s", target, stamp);

		if (rename(fresh, path) == 0) {
			*out = path;
			return 0;
		}
		free(path);
		if (errno != EEXIST && errno != ENOTEMPTY)
			break;
	}
	return sdg_fail_errno(err, "put the backup into \"%s\"", target);
}

static int sync_folder(const char *dir, struct sdg_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = sdg_fail_errno(err, "sync \"%s\"", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}

int backup_make(const struct sdg_home *home, const char *target,
		struct manifest *manifest, char **out, struct sdg_error *err)
{
	char *fresh = xformat("%s/.new-XXXXXX", target);
	time_t now = time(NULL);
	int rc = sdg_make_dirs(target, 0700, err);

	*manifest = (struct manifest){ 0 };
	date_format_iso(now, manifest->made);
	if (rc == 0 && !mkdtemp(fresh))
		rc = sdg_fail_errno(err, "make a folder in \"%s\"", target);
	if (rc == 0) {
		char *files = xformat("%s/files", fresh);

		rc = fill(home, fresh, manifest, err);
		if (rc == 0)
			rc = backup_files(home->root, files, err);
		free(files);
		if (rc == 0)
			rc = sync_folder(fresh, err);
		/* The register first: a backup is never without it. */
		if (rc == 0)
			rc = erasures_merge(home->root, target, err);
		if (rc == 0)
			rc = targets_note(home, target, false, err);
		if (rc == 0)
			rc = move_in(fresh, target, now, out, err);
		if (rc < 0)
			remove_backup(fresh);
		else
			rc = sync_folder(target, err);
	}
	free(fresh);
	return rc;
}

/* As move_in() names them: what else lies there, "soundings-2025-minutes",
 * is somebody's, and not to be pruned. */
static int is_backup(const struct dirent *entry)
{
	static const char FORM[] = PREFIX "dddddddd"
					  "T"
					  "dddddd"
					  "Z";
	const char *name = entry->d_name;
	size_t n = 0;

	for (; FORM[n]; n++)
		if (FORM[n] == 'd' && n >= strlen(PREFIX)
			? name[n] < '0' || name[n] > '9'
			: name[n] != FORM[n])
			return 0;
	return !name[n] || (name[n] == '-' && strlen(name + n) == 3 &&
			    strspn(name + n + 1, "0123456789") == 2);
}

/* Names sort by time. */
static int list(const char *target, struct dirent ***entries,
		struct sdg_error *err)
{
	int n = scandir(target, entries, is_backup, alphasort);

	return n >= 0 ? n : sdg_fail_errno(err, "read folder \"%s\"", target);
}

int backup_prune(const char *target, int keep, struct sdg_error *err)
{
	struct dirent **entries = NULL;
	int n = list(target, &entries, err);

	for (int i = 0; i < n; i++) {
		char *dir = xformat("%s/%s", target, entries[i]->d_name);

		if (i < n - keep)
			remove_backup(dir);
		free(dir);
		free(entries[i]);
	}
	free(entries);
	return n < 0 ? n : 0;
}

int backup_newest(const char *target, char **out, struct sdg_error *err)
{
	struct dirent **entries = NULL;
	char *manifest = xformat("%s/manifest.json", target);
	bool itself = access(manifest, F_OK) == 0;
	int n;

	free(manifest);
	if (itself) {
		*out = xstrdup(target);
		return 0;
	}
	n = list(target, &entries, err);
	if (n > 0)
		*out = xformat("%s/%s", target, entries[n - 1]->d_name);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	if (n == 0)
		return sdg_fail(err, SDG_ENOTFOUND, "no backup in \"%s\"",
				target);
	return n < 0 ? n : 0;
}

static int read_manifest(const char *dir, struct manifest *m,
			 struct sdg_error *err)
{
	char *path = xformat("%s/manifest.json", dir), *text = NULL;
	const char *schema, *made, *hash;
	json_int_t bytes, events, received;
	json_t *json = NULL;
	size_t len;
	int rc = sdg_read_file(path, MANIFEST_MAX, &text, &len, err);

	if (rc == 0) {
		json = json_loads(text, 0, NULL);
		if (json_unpack(json, "{s:s, s:s, s:I, s:s, s:I, s:I}",
				"schema", &schema, "made", &made, "bytes",
				&bytes, "blake2b-256", &hash, "events", &events,
				"received", &received) != 0 ||
		    strlen(hash) != 64)
			rc = sdg_fail(err, SDG_EDAMAGED,
				      "\"%s\" is not a manifest", path);
		else if (strcmp(schema, SCHEMA) != 0)
			rc = sdg_fail(err, SDG_EVERSION,
				      "\"%s\" is of another version: %.40s",
				      path, schema);
	}
	if (rc == 0) {
		snprintf(m->made, sizeof(m->made), "%.23s", made);
		snprintf(m->blake2b, sizeof(m->blake2b), "%s", hash);
		m->bytes = (uint64_t)bytes;
		m->events = (uint64_t)events;
		m->received = (uint64_t)received;
	}
	json_decref(json);
	free(text);
	free(path);
	return rc;
}

int backup_check(const char *dir, struct manifest *manifest,
		 struct sdg_error *err)
{
	char *data = xformat("%s/data.mdb", dir), hex[65];
	uint64_t bytes = 0;
	int rc = read_manifest(dir, manifest, err);

	if (rc == 0)
		rc = hash_file(data, hex, &bytes, err);
	if (rc == 0 &&
	    (bytes != manifest->bytes || strcmp(hex, manifest->blake2b) != 0))
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "\"%s\" is not what was backed up: its checksum "
			      "is another",
			      data);
	free(data);
	return rc;
}

int backup_copy_file(const char *from, const char *to, unsigned mode,
		     struct sdg_error *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = 0;
	bool any = false;
	ssize_t n = 1;

	if (in < 0)
		return sdg_fail_errno(err, "open \"%s\"", from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	while (out >= 0 && n > 0) {
		n = copy_file_range(in, NULL, out, NULL, 1 << 30, 0);
		any |= n > 0;
		if (n < 0 && errno == EINTR)
			n = 1;
	}
	/* Not between these file systems, not by this kernel, or not allowed:
	 * they have many ways to say so. */
	if (out >= 0 && n < 0 && !any) {
		char buffer[CHUNK];

		while ((n = read(in, buffer, sizeof(buffer))) > 0)
			if (write(out, buffer, (size_t)n) != n) {
				n = -1;
				break;
			}
	}
	if (out < 0 || n < 0 || fsync(out) != 0)
		rc = sdg_fail_errno(err, "write \"%s\"", to);
	if (out >= 0)
		close(out);
	close(in);
	return rc;
}
