/*
 * soundings purge: what is older than its age goes, by the schedule in the
 * configuration. Words go by the key of their month, so that no free page
 * and no backup holds them any more; at the second age whose pieces they
 * were and their labels go, and the figures of whole months stay.
 */
#include "cli.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/config.h>
#include <soundings/outbox.h>
#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

#include "targets.h"

static const char HELP[] =
    "  soundings purge --dry-run    what would go today\n"
    "  soundings purge              by timer, every night\n"
    "  soundings purge --outbox     what waits for too long as well\n"
    "\n"
    "Usage: soundings purge [--dry-run] [--outbox] [--format table|json]\n"
    "\n"
    "retention.text-months: the key of each month so old is destroyed, and\n"
    "with it all words received in it, here, in running workers, and in\n"
    "every backup whose keys are kept by 'soundings backup --keys'; the\n"
    "copies out of reach today are named by 'soundings doctor'.\n"
    "retention.person-years: of months so old the figures stay, by region,\n"
    "theme and source, with how many members and respondents were behind\n"
    "each; whose pieces they were, labels and days go, for good.\n"
    "retention.quarantine-days: what could not be read.\n"
    "\n"
    "Nothing in the outbox goes by itself, since nobody has it yet: what is\n"
    "older than retention.outbox-days is named, and removed by --outbox.\n";

struct purge {
	bool dry_run, outbox;
	int64_t now;
	struct sdg_home home;
	struct sdg_config config;
	struct sdg_error *err;
	json_t *months;
	int dropped_before; /* every key of an older month went just now */
	char **held;        /* ids in quarantine that are old */
	size_t held_count;
	size_t raw, waiting, removed;
	struct sdg_frozen frozen;
	size_t old_stores;
};

/* Overwritten first: an unlinked key may lie on the disk for long. */
static int destroy(const char *path, struct sdg_error *err)
{
	static const char zeros[64];
	int fd, rc = 0;

	if (chmod(path, 0600) != 0)
		return sdg_fail_errno(err, "destroy \"%s\"", path);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || write(fd, zeros, sizeof(zeros)) < 0 || fsync(fd) != 0 ||
	    unlink(path) != 0)
		rc = sdg_fail_errno(err, "destroy \"%s\"", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Months whose youngest words are old enough. */
static int purge_words(struct purge *p)
{
	int limit =
	    targets_month_limit(p->now, p->config.retention.text_months);
	struct dirent **entries = NULL;
	int n = scandir(p->home.keys, &entries, NULL, alphasort), rc = 0;

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		int month = sdg_keys_month_of(name);
		char *path = xformat("%s/%s", p->home.keys, name);

		if (rc == 0 && month >= 0 && month < limit) {
			json_array_append_new(p->months,
					      json_stringn(name + 5, 7));
			if (!p->dry_run)
				rc = sdg_keys_note_dropped(
				    p->home.keys, (uint32_t)month, p->err);
			if (rc == 0 && !p->dry_run)
				rc = destroy(path, p->err);
			if (month >= p->dropped_before)
				p->dropped_before = month + 1;
		}
		free(path);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* A month that is dropped here is dropped from the copies of the keys, too,
 * where they are within reach; doctor names the others. */
static int purge_copies(struct purge *p)
{
	struct targets targets;
	int rc = targets_drop(&p->home, p->dropped_before, p->err);

	if (rc == 0) {
		rc = targets_look(&p->home, "", p->config.retention.text_months,
				  true, &targets, p->err);
		targets_fini(&targets);
	}
	return rc;
}

static int note_old(void *arg, const struct sdg_quarantined *q)
{
	struct purge *p = arg;
	int64_t age = p->now - q->received;
	char **more, hex[33];

	if (age < (int64_t)p->config.retention.quarantine_days * 86400)
		return 0;
	id_hex(q->digest, sizeof(q->digest), hex);
	more = xcalloc(p->held_count + 1, sizeof(*more));
	if (p->held_count)
		memcpy(more, p->held, p->held_count * sizeof(*more));
	more[p->held_count++] = xstrdup(hex);
	free(p->held);
	p->held = more;
	return 0;
}

static int purge_quarantine(struct purge *p, struct sdg_store *store)
{
	int rc = sdg_quarantine_each(store, note_old, p, p->err);

	for (size_t i = 0; i < p->held_count; i++) {
		if (rc == 0 && !p->dry_run)
			rc = sdg_quarantine_drop(store, p->held[i], p->err);
		if (rc == SDG_ENOTFOUND)
			rc = 0; /* somebody was faster */
		free(p->held[i]);
	}
	free(p->held);
	p->held = NULL;
	return rc;
}

/* Months that ended so many years ago: whose pieces they were goes. */
static int purge_persons(struct purge *p, struct sdg_store *store)
{
	int month =
	    targets_month_limit(p->now, 12 * p->config.retention.person_years);

	return sdg_store_freeze(store,
				date_from_civil(month / 12, month % 12 + 1, 1),
				p->dry_run, &p->frozen, p->err);
}

static int purge_pieces(struct purge *p, struct sdg_store *store)
{
	int rc = purge_quarantine(p, store);

	return rc < 0 ? rc : purge_persons(p, store);
}

/* Out of the free pages, too; with it what an earlier purge, or a forget, was
 * killed before, or had no room for. */
static int purge_pages(struct purge *p, struct sdg_store *store)
{
	bool owed;
	int rc = sdg_store_owe_compaction(store, &owed, p->err);

	if (rc == 0)
		rc = purge_pieces(p, store);
	if (rc < 0)
		return rc;
	return owed || p->held_count || p->frozen.months
		   ? sdg_store_compact(store, p->err)
		   : sdg_store_owe_nothing(store, p->err);
}

static int purge_store(struct purge *p)
{
	struct sdg_store *store = NULL;
	int rc = sdg_store_open(&p->home,
				p->dry_run ? SDG_STORE_READ : SDG_STORE_CHANGE,
				&store, p->err);

	/* Before the first event there is nothing in it to go. */
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc == 0)
		rc =
		    p->dry_run ? purge_pieces(p, store) : purge_pages(p, store);
	sdg_store_close(store);
	return rc;
}

/* The originals of what could not be read: as old as the quarantine. */
static int purge_raw(struct purge *p)
{
	int64_t limit =
	    p->now - (int64_t)p->config.retention.quarantine_days * 86400;
	DIR *dir = opendir(p->home.incoming);
	struct dirent *entry;
	struct stat st;
	int rc = 0;

	while (dir && rc == 0 && (entry = readdir(dir))) {
		if (fstatat(dirfd(dir), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode) || st.st_mtime > limit)
			continue;
		/* Each has what was said of it beside it. */
		p->raw += strstr(entry->d_name, ".event") == NULL;
		if (!p->dry_run &&
		    unlinkat(dirfd(dir), entry->d_name, 0) != 0 &&
		    errno != ENOENT) /* a worker took it meanwhile */
			rc = sdg_fail_errno(p->err, "remove \"%s/%s\"",
					    p->home.incoming, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return rc;
}

/* What an upgrade kept: as long as the quarantine. */
static int purge_old_stores(struct purge *p)
{
	int64_t limit =
	    p->now - (int64_t)p->config.retention.quarantine_days * 86400;

	return sdg_store_drop_kept(&p->home, limit, p->dry_run, &p->old_stores,
				   p->err);
}

static int purge_waiting(void *arg, const char *name, int64_t kept,
			 const uint8_t *event, size_t len)
{
	struct purge *p = arg;
	char *path;
	int rc = 0;

	(void)event;
	(void)len;
	if (p->now - kept <= (int64_t)p->config.retention.outbox_days * 86400)
		return 0;
	p->waiting++;
	if (!p->outbox || p->dry_run)
		return 0;
	path = xformat("%s/%s", p->home.outbox, name);
	if (unlink(path) == 0)
		p->removed++;
	else if (errno != ENOENT)
		rc = sdg_fail_errno(p->err, "remove \"%s\"", path);
	free(path);
	return rc;
}

static json_t *frozen_json(const struct sdg_frozen *f)
{
	char first[16], last[16];

	snprintf(first, sizeof(first), "%04u-%02u", f->first / 12,
		 f->first % 12 + 1);
	snprintf(last, sizeof(last), "%04u-%02u", f->last / 12,
		 f->last % 12 + 1);
	return json_pack("{s:I, s:I, s:I, s:o, s:o}", "months",
			 (json_int_t)f->months, "pieces", (json_int_t)f->pieces,
			 "members", (json_int_t)f->members, "first",
			 f->months ? json_string(first) : json_null(), "last",
			 f->months ? json_string(last) : json_null());
}

static int emit(const struct purge *p, const struct cli_args *args)
{
	char *months, *text;
	json_t *json;
	int status;

	if (args->format == CLI_JSON) {
		json = cli_envelope("purge");
		json_object_set_new(json, "dry_run", json_boolean(p->dry_run));
		json_object_set(json, "months", p->months);
		json_object_set_new(json, "quarantine",
				    json_integer((json_int_t)p->held_count));
		json_object_set_new(json, "raw_mail",
				    json_integer((json_int_t)p->raw));
		json_object_set_new(json, "outbox_overdue",
				    json_integer((json_int_t)p->waiting));
		json_object_set_new(json, "outbox_removed",
				    json_integer((json_int_t)p->removed));
		json_object_set_new(json, "frozen", frozen_json(&p->frozen));
		json_object_set_new(json, "older_stores",
				    json_integer((json_int_t)p->old_stores));
		return cli_emit_json(args, json);
	}
	months = xstrdup("");
	for (size_t i = 0; i < json_array_size(p->months); i++) {
		char *more =
		    xformat("%s %s", months,
			    json_string_value(json_array_get(p->months, i)));

		free(months);
		months = more;
	}
	text = xformat(
	    "%s: words of %zu month%s%s, %zu in quarantine, %zu raw "
	    "mail%s; whose they were, of %zu pieces in %zu "
	    "month%s.\n",
	    p->dry_run ? "Would go" : "Gone", json_array_size(p->months),
	    json_array_size(p->months) == 1 ? "" : "s", months, p->held_count,
	    p->raw, p->raw == 1 ? "" : "s", p->frozen.pieces, p->frozen.months,
	    p->frozen.months == 1 ? "" : "s");
	status = cli_emit_bytes(args, text, strlen(text));
	free(months);
	free(text);
	return status;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("dry-run", struct purge, dry_run),
	CLI_FLAG("outbox", struct purge, outbox),
	{ 0 },
};

int cmd_purge(int argc, char *argv[])
{
	struct sdg_error err = { 0 };
	struct purge p = { .now = time(NULL), .err = &err };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &p };
	struct cli_args args;
	int rc, status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	p.months = json_array();
	rc = sdg_home_find(&p.home, &err);
	if (rc == 0)
		rc = sdg_config_load(&p.home, &p.config, &err);
	if (rc == 0)
		rc = purge_store(&p);
	if (rc == 0)
		rc = purge_words(&p);
	if (rc == 0 && !p.dry_run)
		rc = purge_copies(&p);
	if (rc == 0)
		rc = purge_raw(&p);
	if (rc == 0)
		rc = purge_old_stores(&p);
	if (rc == 0)
		rc = sdg_outbox_each(p.home.outbox, purge_waiting, &p, &err);
	if (rc == 0 && p.waiting > p.removed)
		warnx("%zu events wait in the outbox for longer than %d days: "
		      "see that a worker runs",
		      p.waiting - p.removed, p.config.retention.outbox_days);
	status = rc < 0 ? cli_fail(&err) : emit(&p, &args);
	json_decref(p.months);
	return status;
}
