/*
 * soundings purge: what is older than its age goes, by the schedule in the
 * configuration. Words go by the key of their month, so that no free page
 * and no backup holds them any more; labels and tallies stay.
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

static const char HELP[] =
    "  soundings purge --dry-run    what would go today\n"
    "  soundings purge              by timer, every night\n"
    "\n"
    "Usage: soundings purge [--dry-run] [--format table|json]\n"
    "\n"
    "retention.text-months: the key of each month so old is destroyed, and\n"
    "with it all words received in it, here and in every backup whose keys\n"
    "are kept by 'soundings backup --keys'. retention.quarantine-days: what\n"
    "could not be read. Nothing in the outbox goes, since nobody has it yet:\n"
    "what is older than retention.outbox-days is named.\n";

struct purge {
	bool dry_run;
	int64_t now;
	struct sdg_home home;
	struct sdg_config config;
	struct sdg_error *err;
	json_t *months;
	char **held; /* ids in quarantine that are old */
	size_t held_count;
	size_t raw, waiting;
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

static int month_of(int64_t seconds)
{
	int year, month, day;

	date_to_civil(date_day_of(seconds), &year, &month, &day);
	return year * 12 + month - 1;
}

/* Months whose youngest words are old enough. */
static int purge_words(struct purge *p)
{
	int limit = month_of(p->now) - p->config.retention.text_months;
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
				rc = destroy(path, p->err);
		}
		free(path);
		free(entries[i]);
	}
	free(entries);
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

static int purge_quarantine(struct purge *p)
{
	struct sdg_store *store = NULL;
	int rc = sdg_store_open(&p->home,
				p->dry_run ? SDG_STORE_READ : SDG_STORE_WRITE,
				&store, p->err);

	if (rc == 0)
		rc = sdg_quarantine_each(store, note_old, p, p->err);
	for (size_t i = 0; i < p->held_count; i++) {
		if (rc == 0 && !p->dry_run)
			rc = sdg_quarantine_drop(store, p->held[i], p->err);
		if (rc == SDG_ENOTFOUND)
			rc = 0; /* somebody was faster */
		free(p->held[i]);
	}
	free(p->held);
	p->held = NULL;
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
		if (!p->dry_run && unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			rc = sdg_fail_errno(p->err, "remove \"%s/%s\"",
					    p->home.incoming, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return rc;
}

static int count_waiting(void *arg, const char *name, int64_t kept,
			 const uint8_t *event, size_t len)
{
	struct purge *p = arg;

	(void)name;
	(void)event;
	(void)len;
	p->waiting +=
	    p->now - kept > (int64_t)p->config.retention.outbox_days * 86400;
	return 0;
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
	text = xformat("%s: words of %zu month%s%s, %zu in quarantine, %zu raw "
		       "mail%s.\n",
		       p->dry_run ? "Would go" : "Gone",
		       json_array_size(p->months),
		       json_array_size(p->months) == 1 ? "" : "s", months,
		       p->held_count, p->raw, p->raw == 1 ? "" : "s");
	status = cli_emit_bytes(args, text, strlen(text));
	free(months);
	free(text);
	return status;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("dry-run", struct purge, dry_run),
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
		rc = purge_quarantine(&p);
	if (rc == 0)
		rc = purge_words(&p);
	if (rc == 0)
		rc = purge_raw(&p);
	if (rc == 0)
		rc = sdg_outbox_each(p.home.outbox, count_waiting, &p, &err);
	if (rc == 0 && p.waiting)
		warnx("%zu events wait in the outbox for longer than %d days: "
		      "see that a worker runs",
		      p.waiting, p.config.retention.outbox_days);
	status = rc < 0 ? cli_fail(&err) : emit(&p, &args);
	json_decref(p.months);
	return status;
}
