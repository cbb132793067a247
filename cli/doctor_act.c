/*
 * doctor_act: the parts of doctor that do something when asked to: a test
 * message from end to end, and a warning to whoever is to be warned.
 */
#include "doctor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <soundings/clients.h>

#define DAY 86400

/* ---------------------------------------------------------------- a pipe */

/* Run @argv with @text on its standard input; its exit status, or -1. */
static int feed(char *const argv[], const char *text)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	size_t len = strlen(text);
	int fds[2], status = -1;
	pid_t pid;

	if (pipe(fds) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fds[0], 0);
		close(fds[0]);
		close(fds[1]);
		signal(SIGPIPE, SIG_DFL);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[0]);
	while (pid > 0 && len > 0) {
		ssize_t n = write(fds[1], text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break; /* it does not read: its status says why */
		text += n;
		len -= (size_t)n;
	}
	close(fds[1]);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	signal(SIGPIPE, before);
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int command_feed(const char *command, const char *text)
{
	char *const argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)command,
			       NULL };

	return feed(argv, text);
}

/* ---------------------------------------------------------- test message */

static int tests_counted(const struct sdg_home *home, uint64_t *n)
{
	struct sdg_store *store = NULL;
	struct sdg_ledger ledger;
	int rc = sdg_store_open(home, SDG_STORE_READ, &store, NULL);

	if (rc == 0)
		rc = sdg_store_ledger(store, &ledger, NULL);
	sdg_store_close(store);
	if (rc == 0)
		*n = ledger.outcomes[SDG_OUTCOME_TEST];
	return rc;
}

void doctor_test(struct findings *f, const struct health *h)
{
	char path[SDG_PATH_MAX], when[64];
	char *const argv[] = { path, (char *)"--test", NULL };
	uint64_t before = 0, after = 0;
	time_t now = time(NULL);
	struct tm tm;
	int status;
	char *text;

	if (sdg_program_path("soundings-mail", path, NULL) < 0)
		return; /* said already */
	tests_counted(&h->home, &before);
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	/* Of its own time and process: never a duplicate of the last one. */
	text = xformat("Message-ID: <doctor.%lld.%ld@soundings.invalid>\n"
		       "Date: %s\nFrom: doctor@soundings.invalid\n"
		       "Subject: Soundings test message\n\n"
		       "A test: it is counted apart.\n",
		       (long long)now, (long)getpid(), when);
	status = feed(argv, text);
	free(text);
	if (status != 0)
		found(f, "test message", WRONG,
		      xformat("the hook answered %d: no worker took it; see "
			      "'soundings workers status'",
			      status));
	else if (tests_counted(&h->home, &after) < 0 || after != before + 1)
		found(f, "test message", WRONG,
		      xstrdup("the hook took it, but it is not in the ledger: "
			      "'soundings ledger', 'soundings quarantine "
			      "list'"));
	else
		found(f, "test message", FINE,
		      xstrdup("went through hook and worker and was counted "
			      "apart"));
}

/* ------------------------------------------------------------------ keys */

void doctor_keys(struct findings *f, const struct sdg_home *home)
{
	char *path = xformat("%s/client.key", home->keys);
	struct sdg_clients *clients = NULL;
	struct sdg_error err = { 0 };
	struct stat st;
	size_t good = 0;

	if (sdg_clients_open(home->keys, &clients, &err) < 0) {
		found(f, "clients", WRONG,
		      xformat("%s: nobody with a key can send", err.message));
	} else {
		for (size_t i = 0; i < sdg_clients_count(clients); i++)
			good += sdg_client_is_good(sdg_clients_at(clients, i),
						   time(NULL));
		if (sdg_clients_count(clients))
			found(f, "clients", FINE,
			      xformat("%zu keys may connect, %zu were revoked",
				      good, sdg_clients_count(clients) - good));
	}
	if (stat(path, &st) == 0 && st.st_mode & 077)
		found(f, "client.key", WRONG,
		      xformat("others can read %s: chmod 400 it, and have "
			      "another made",
			      path));
	sdg_clients_close(clients);
	free(path);
}

/* -------------------------------------------------------------- a warning */

/* The same warning again only after a day, or it would not be read. */
static bool said_lately(const char *path, const char *warnings)
{
	char *last = NULL;
	struct stat st;
	size_t len;
	bool same;

	if (stat(path, &st) != 0 || time(NULL) - st.st_mtime >= DAY ||
	    sdg_read_file(path, 1 << 20, &last, &len, NULL) < 0)
		return false;
	same = strcmp(last, warnings) == 0;
	free(last);
	return same;
}

int doctor_warn(const struct findings *f, const struct sdg_home *home,
		const char *command, struct sdg_error *err)
{
	char *path = xformat("%s/warned", home->root);
	int rc = 0, status;

	if (!*f->warnings) {
		unlink(path); /* the next one is news */
	} else if (!said_lately(path, f->warnings)) {
		status = command_feed(command, f->warnings);
		if (status != 0)
			rc = sdg_fail(err, SDG_EIO,
				      "nobody was warned: warn.command left "
				      "with %d",
				      status);
		else
			rc = sdg_write_file(path, f->warnings,
					    strlen(f->warnings), 0600, err);
	}
	free(path);
	return rc;
}
