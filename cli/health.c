/*
 * health: how an installation stands. Looks, and changes nothing.
 */
#include "health.h"

#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A worker that lives sends its ZMTP greeting as soon as one connects. */
#define GREETING_MS 500

static bool greets(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct pollfd wait = { .events = POLLIN };
	bool greeted = false;
	char byte;

	if (strlen(path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	wait.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wait.fd < 0)
		return false;
	if (connect(wait.fd, (struct sockaddr *)&address, sizeof(address)) ==
		0 &&
	    poll(&wait, 1, GREETING_MS) == 1)
		greeted = read(wait.fd, &byte, 1) == 1;
	close(wait.fd);
	return greeted;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n >= s && strcmp(name + n - s, suffix) == 0;
}

static void find_workers(struct health *health)
{
	DIR *dir = opendir(health->home.run);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *path;

		if (strncmp(entry->d_name, "worker-", 7) != 0 ||
		    !ends_with(entry->d_name, ".sock"))
			continue;
		path = xformat("%s/%s", health->home.run, entry->d_name);
		health->workers_found++;
		health->workers_answering += greets(path);
		free(path);
	}
	if (dir)
		closedir(dir);
}

static void look_at_outbox(struct health *health)
{
	DIR *dir = opendir(health->home.outbox);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		if (!ends_with(entry->d_name, ".event"))
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		health->outbox++;
		if (!health->outbox_oldest ||
		    st.st_mtime < health->outbox_oldest)
			health->outbox_oldest = st.st_mtime;
	}
	if (dir)
		closedir(dir);
}

static int look_at_store(struct health *health, struct sdg_error *err)
{
	const struct sdg_query query = { .dims = { SDG_DIM_SOURCE },
					 .dim_count = 1 };
	struct sdg_result result = { 0 };
	struct sdg_store *store = NULL;
	int rc;

	rc = sdg_store_open(&health->home, SDG_STORE_READ, &store, err);
	if (rc == 0)
		rc = sdg_store_stats(store, &health->stats, err);
	if (rc == 0)
		rc = sdg_store_ledger(store, &health->ledger, err);
	if (rc == 0)
		rc = sdg_store_report(store, &query, &result, err);
	health->said = result.totals;
	health->directory = result.directory;
	sdg_result_fini(&result);
	sdg_store_close(store);
	return rc;
}

int health_check(struct health *health, struct sdg_error *err)
{
	int rc;

	*health = (struct health){ .reserved = report_policy() != NULL };
	rc = sdg_home_find(&health->home, err);
	if (rc < 0)
		return rc;
	find_workers(health);
	look_at_outbox(health);
	health->store = look_at_store(health, &health->store_error);
	return 0;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* "400 messages from 312 members are counted, the last received …" */
static char *what_is_there(const struct health *h)
{
	uint64_t people = h->directory ? h->said.members : h->said.respondents;
	char when[DATE_SIZE];

	if (h->ledger.received == 0)
		return xstrdup("Nothing has been received yet");
	if (h->reserved)
		return xstrdup("Feedback is counted");
	return xformat("%llu message%s and %llu %s%s counted, the last "
		       "received %s UTC",
		       (unsigned long long)h->said.messages,
		       plural(h->said.messages), (unsigned long long)people,
		       h->directory ? "member" : "respondent", plural(people),
		       date_format_time(h->stats.last_received, when));
}

/* What most needs doing, worst first. */
char *health_next(const struct health *h)
{
	uint64_t held = h->ledger.outcomes[SDG_OUTCOME_QUARANTINED];
	uint64_t used = h->stats.used_bytes, map = h->stats.map_bytes;

	if (!h->ledger.balanced)
		return xstrdup("the books do not balance: run 'soundings "
			       "verify'");
	if (h->workers_answering == 0)
		return xstrdup("no worker is running: start them with "
			       "'soundings workers start'");
	if (h->workers_answering < h->workers_found)
		return xformat("%zu of %zu workers do not answer: see "
			       "'soundings workers status'",
			       h->workers_found - h->workers_answering,
			       h->workers_found);
	if ((map && used > map / 10 * 9) ||
	    h->stats.free_disk_bytes < UINT64_C(256) << 20)
		return xstrdup("space is nearly used up: see 'soundings "
			       "status'");
	if (h->outbox)
		return xformat("%zu event%s wait%s in the outbox: 'soundings-"
			       "rep --send' sends them",
			       h->outbox, plural(h->outbox),
			       h->outbox == 1 ? "s" : "");
	if (held)
		return xformat("%llu piece%s wait%s in quarantine: see "
			       "'soundings quarantine list'",
			       (unsigned long long)held, plural(held),
			       held == 1 ? "s" : "");
	if (h->ledger.received == 0)
		return xstrdup("workers are ready: pipe a message into "
			       "'soundings-mail'");
	return xformat("%zu worker%s answer%s and nothing waits: ask with "
		       "'soundings report'",
		       h->workers_answering, plural(h->workers_answering),
		       h->workers_answering == 1 ? "s" : "");
}

char *health_sentence(const struct health *health)
{
	char *there, *next, *sentence;

	if (health->store == SDG_ENOTFOUND)
		return xformat("Nothing is here yet (no store in '%s'): "
			       "'soundings setup' takes you through, or start "
			       "with 'soundings workers start' and pipe a "
			       "message into 'soundings-mail'%s.",
			       health->home.store,
			       cli_service_hint(&health->home));
	if (health->store < 0)
		return xformat("The store cannot be read (%s): run 'soundings "
			       "doctor'.",
			       health->store_error.message);
	there = what_is_there(health);
	next = health_next(health);
	sentence = xformat("%s; %s.", there, next);
	free(there);
	free(next);
	return sentence;
}
