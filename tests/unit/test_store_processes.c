/*
 * store: several processes at once. Two do the same at the same instant;
 * writers are killed between any two instructions; one has more room than
 * another.
 */
#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

#include "store_help.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "store_internal.h"

static void test_store_larger_map_elsewhere_is_followed(void **state)
{
	struct help *h = *state;
	struct piece_of *p = calloc(1000, sizeof(*p));
	int status;
	pid_t pid;

	sdg_store_close(h->store);
	h->store = NULL;
	pid = fork();
	if (pid == 0) {
		struct help other = { .home = h->home };

		setenv("SOUNDINGS_MAP_MB", "64", 1);
		help_open(&other);
		for (int round = 0; round < 3; round++) {
			for (unsigned i = 0; i < 1000; i++)
				help_mail(&p[i], (unsigned)round * 1000 + i + 1,
					  i + 1, TODAY);
			help_apply(&other, p, 1000);
		}
		sdg_store_close(other.store);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* Smaller than what is in it already. */
	setenv("SOUNDINGS_MAP_MB", "1", 1);
	help_open(h);
	assert_int_equal(help_totals(h).messages, 3000);
	unsetenv("SOUNDINGS_MAP_MB");
	free(p);
}

/* A child with a large map writes more than a small one holds. */
static void write_elsewhere(struct help *h)
{
	struct piece_of *p = calloc(1000, sizeof(*p));
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct help far = { .home = h->home };

		setenv("SOUNDINGS_MAP_MB", "64", 1);
		help_open(&far);
		for (unsigned n = 0; n < 4000; n += 1000) {
			for (unsigned i = 0; i < 1000; i++)
				help_mail(&p[i], 5000 + n + i, i + 1, TODAY);
			help_apply(&far, p, 1000);
		}
		sdg_store_close(far.store);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(p);
}

struct within {
	struct help *h;
	int rc;
	char words[64];
};

/* The map may not be moved under the walk that shows this. */
static int ask_within(void *arg, const struct sdg_stored *stored)
{
	struct within *w = arg;
	struct sdg_ledger ledger;

	write_elsewhere(w->h);
	w->rc = sdg_store_ledger(w->h->store, &ledger, &w->h->err);
	snprintf(w->words, sizeof(w->words), "%.*s",
		 SDG_STR_ARG(stored->fb.text));
	return 1;
}

static void test_store_larger_map_elsewhere_waits_for_a_walk(void **state)
{
	struct help *h = *state;
	struct within w = { .h = h };
	struct piece_of p;

	sdg_store_close(h->store);
	setenv("SOUNDINGS_MAP_MB", "1", 1);
	help_open(h);
	unsetenv("SOUNDINGS_MAP_MB");
	help_mail(&p, 1, 1, TODAY);
	help_take(h, &p);
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, NULL, ask_within, &w, &h->err),
	    1);
	assert_int_equal(w.rc, SDG_EAGAIN);
	assert_string_equal(w.words, "words of piece 1");
	assert_int_equal(help_totals(h).messages, 4001);
}

/* Takes pieces [from, to) in, in batches of 16; says on @fd which are. */
static void take_range(const struct sdg_home *home, unsigned from, unsigned to,
		       int fd)
{
	struct help h = { .home = *home };
	struct piece_of p[16];

	help_open(&h);
	for (unsigned n = from; n < to; n += 16) {
		for (unsigned i = 0; i < 16; i++) {
			help_mail(&p[i], n + i, 1 + (n + i) % 97,
				  TODAY - (int)((n + i) % 45));
			help_themes(&p[i], 1, (int)((n + i) % 5), 0, 0);
		}
		help_apply(&h, p, 16);
		if (write(fd, &n, sizeof(n)) != sizeof(n))
			_exit(1);
	}
	sdg_store_close(h.store);
	_exit(0);
}

static pid_t start_taking(struct help *h, unsigned from, unsigned to, int fd)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		take_range(&h->home, from, to, fd);
	return pid;
}

static void test_store_two_processes_count_once(void **state)
{
	struct help *h = *state;
	pid_t pids[3];
	int fds[2], status;

	sdg_store_close(h->store);
	h->store = NULL;
	assert_int_equal(pipe(fds), 0);
	for (int i = 0; i < 3; i++) /* the same pieces, all three */
		pids[i] = start_taking(h, 1, 1601, fds[1]);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	close(fds[0]);
	close(fds[1]);
	help_open(h);
	assert_int_equal(help_totals(h).messages, 1600);
	assert_int_equal(help_totals(h).respondents, 97);
	assert_int_equal(help_ledger(h).received, 4800);
	help_verify(h);
}

static void test_store_killed_writer_leaves_whole_batches(void **state)
{
	struct help *h = *state;
	unsigned acked = 0, from = 1, n = 0;
	uint64_t seed = 3;

	for (int round = 0; round < 12; round++) {
		struct timespec wait = { 0, 0 };
		int fds[2], status;
		struct sdg_measures totals;
		pid_t pid;

		sdg_store_close(h->store);
		h->store = NULL;
		assert_int_equal(pipe(fds), 0);
		pid = start_taking(h, from, 1000000, fds[1]);
		close(fds[1]);
		/* Once it is at work, at some moment or other. */
		assert_int_equal(read(fds[0], &n, sizeof(n)), sizeof(n));
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		wait.tv_nsec = (long)(seed >> 33) % 30000000;
		nanosleep(&wait, NULL);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		acked = n + 16 - 1;
		while (read(fds[0], &n, sizeof(n)) == sizeof(n))
			acked = n + 16 - 1;
		close(fds[0]);
		help_open(h);
		totals = help_totals(h);
		/* All that was acknowledged, and at most the batch that was
		 * committed before it could be said. */
		assert_true(totals.messages == acked ||
			    totals.messages == acked + 16);
		help_verify(h);
		help_ledger(h);
		/* The next resends from the start of what was not said. */
		from = acked + 1;
	}
}

/* Another writer, who begins at a word and says when it is through. */
static struct {
	int go, done;
	bool asked;
} other = { -1, -1, false };
static bool killed_here;

int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length)
{
	struct pollfd wait = { .fd = other.done, .events = POLLIN };

	if (killed_here)
		kill(getpid(), SIGKILL);
	/* Between two looks at the file it may commit; or it waits for us. */
	if (other.go >= 0 && !other.asked) {
		other.asked = true;
		assert_int_equal(write(other.go, "", 1), 1);
		poll(&wait, 1, 500);
	}
	return __real_ftruncate(fd, length);
}

static char long_words[50000];

static void long_answer(struct piece_of *p, unsigned n)
{
	memset(long_words, 'w', sizeof(long_words));
	help_mail(p, n, 1, TODAY);
	help_themes(p, 1, 1, 0, 0);
	p->fb.source = SDG_SOURCE_SURVEY;
	p->fb.revision = 1;
	p->fb.text = (struct sdg_str){ long_words, sizeof(long_words) };
}

/* More than all pages that are free by then. */
static void take_more(struct help *h)
{
	struct piece_of p[60];

	for (unsigned i = 0; i < 60; i++)
		long_answer(&p[i], 100 + i);
	help_apply(h, p, 60);
}

static pid_t start_other(struct help *h)
{
	int go[2], done[2];
	pid_t pid;
	char word;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		help_open(h);
		if (write(done[1], "", 1) != 1 || read(go[0], &word, 1) != 1)
			_exit(1);
		take_more(h);
		_exit(write(done[1], "", 1) != 1);
	}
	close(go[0]);
	close(done[1]);
	/* It has opened the store, and writes nothing more until it is told. */
	assert_int_equal(read(done[0], &word, 1), 1);
	other.go = go[1];
	other.done = done[0];
	return pid;
}

/* Long answers, and that a later export holds none of them, in one batch:
 * LMDB leaves out the last pages of it, which are free again. */
static void take_and_empty(struct help *h, unsigned from)
{
	uint8_t emptied[20][SDG_DIGEST_SIZE];
	struct piece_of p[21];

	for (unsigned i = 0; i < 20; i++) {
		long_answer(&p[i], from + i);
		memcpy(emptied[i], p[i].fb.identity, SDG_DIGEST_SIZE);
	}
	long_answer(&p[20], from + 20);
	p[20].fb.text.len = 5;
	p[20].fb.revision = 2;
	p[20].fb.emptied = (const uint8_t(*)[SDG_DIGEST_SIZE])emptied;
	p[20].fb.emptied_count = 20;
	help_apply(h, p, 21);
}

/* In which order they are written is their ids', and so the keys': now and
 * then the last page is none of those. @tries: how often it took. */
static void take_and_empty_until(struct help *h, const bool *short_file,
				 unsigned *tries)
{
	struct txn reader;

	/* Whoever reads keeps all from the pages that are free again. */
	assert_int_equal(st_begin(h->store, false, &reader, &h->err), 0);
	for (*tries = 0; !*short_file && *tries < 20;) {
		++*tries;
		take_and_empty(h, 1000 * *tries);
	}
	st_abort(&reader);
}

static void test_store_covered_file_loses_no_other_writers_pages(void **state)
{
	struct help *h = *state;
	unsigned tries;
	int status;
	pid_t pid;

	sdg_store_close(h->store);
	pid = start_other(h);
	help_open(h);
	take_and_empty_until(h, &other.asked, &tries);
	assert_true(other.asked);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(help_totals(h).messages, 60 + tries);
	help_verify(h);
	close(other.go);
	close(other.done);
	other.go = -1;
}

static void test_store_writer_killed_before_it_covers_is_no_damage(void **state)
{
	struct help *h = *state;
	struct sdg_store *reader;
	char kept[SDG_PATH_MAX];
	bool never = false;
	unsigned *tries = mmap(NULL, sizeof(*tries), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1,
			       0); /* outlives who is killed */
	int status;
	pid_t pid;

	assert_ptr_not_equal(tries, MAP_FAILED);
	sdg_store_close(h->store);
	h->store = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		help_open(h);
		killed_here = true;
		take_and_empty_until(h, &never, tries);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(
	    sdg_store_open(&h->home, SDG_STORE_READ, &reader, &h->err),
	    SDG_EDAMAGED);
	assert_non_null(strstr(h->err.message, "start a worker"));
	/* As a worker that starts. */
	assert_int_equal(sdg_store_upgrade(&h->home, kept, &h->err), 0);
	help_open(h);
	assert_int_equal(help_totals(h).messages, *tries);
	help_verify(h);
	munmap(tries, sizeof(*tries));
}

static void test_store_made_by_four_at_once_is_one(void **state)
{
	struct sdg_home home;
	struct help h;
	pid_t pids[4];
	int fds[2], status;

	(void)state;
	for (int round = 0; round < 5; round++) {
		help_home(&home);
		h = (struct help){ .home = home };
		assert_int_equal(pipe(fds), 0);
		for (unsigned i = 0; i < 4; i++)
			pids[i] =
			    start_taking(&h, 1 + i * 16, 17 + i * 16, fds[1]);
		for (int i = 0; i < 4; i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		close(fds[0]);
		close(fds[1]);
		help_open(&h);
		assert_int_equal(help_totals(&h).messages, 64);
		help_verify(&h); /* opens every text, each by its key */
		sdg_store_close(h.store);
		help_remove(&home);
	}
}

static void test_store_handle_is_not_for_a_child(void **state)
{
	struct help *h = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct sdg_ledger l;

		_exit(sdg_store_ledger(h->store, &l, NULL) == SDG_EINVAL ? 0
									 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Compacts the store whenever it is told to, and says when it has. */
static void swap_when_told(const struct sdg_home *home, int fd)
{
	struct help h = { .home = *home };
	char c;

	help_open(&h);
	while (read(fd, &c, 1) == 1)
		if (sdg_store_compact(h.store, &h.err) < 0 ||
		    write(fd, &c, 1) != 1)
			_exit(1);
	sdg_store_close(h.store);
	_exit(0);
}

struct applying {
	struct help *h;
	atomic_uint applied; /* pieces, whole batches of 16 */
	atomic_bool stop;
};

static void *apply_on(void *arg)
{
	struct applying *a = arg;
	struct piece_of p[16];

	while (!atomic_load(&a->stop)) {
		unsigned n = atomic_load(&a->applied);

		for (unsigned i = 0; i < 16; i++)
			help_mail(&p[i], n + i, 1 + i, TODAY);
		help_apply(a->h, p, 16);
		atomic_store(&a->applied, n + 16);
	}
	return NULL;
}

/* Whether the piece @n is seen by who looks beside; -1: not just now. */
static int seen_beside(struct help *h, unsigned n)
{
	struct piece_of p;
	struct sdg_item item;
	struct sdg_error err;
	int rc;

	help_mail(&p, n, 1, TODAY);
	item = p.item;
	item.fb = &p.fb;
	rc = sdg_store_look_beside(h->store, &item, 1, &err);
	if (rc < 0)
		assert_int_equal(rc, SDG_EAGAIN);
	return rc < 0 ? -1 : item.seen;
}

/*
 * A worker's two threads: what was applied is seen, what was not is not,
 * while the store is swapped for another file four times beneath both.
 */
static void test_store_is_looked_at_beside_a_writer(void **state)
{
	struct help *h = *state;
	struct applying a = { .h = h };
	unsigned looks = 0, seen = 0;
	pthread_t thread;
	int fd[2], status;
	pid_t pid;
	char c;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		swap_when_told(&h->home, fd[1]);
	}
	close(fd[1]);
	assert_int_equal(pthread_create(&thread, NULL, apply_on, &a), 0);
	for (int swap = 0; swap < 4; swap++) {
		unsigned until = looks + 100;
		ssize_t told = 0;

		assert_int_equal(write(fd[0], "s", 1), 1);
		while (told != 1 || looks < until) {
			unsigned before = atomic_load(&a.applied);
			int rc = seen_beside(h, before / 2);

			if (before == 0)
				continue;
			looks += rc >= 0;
			seen += rc == 1;
			assert_int_not_equal(seen_beside(h, before + 1000000),
					     1);
			if (told != 1)
				told = recv(fd[0], &c, 1, MSG_DONTWAIT);
			assert_int_not_equal(told, 0); /* it has gone */
		}
	}
	atomic_store(&a.stop, true);
	pthread_join(thread, NULL);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(seen, looks);
	for (unsigned n = 0; n < atomic_load(&a.applied); n += 7)
		assert_int_equal(seen_beside(h, n), 1);
	assert_int_equal(help_totals(h).messages, atomic_load(&a.applied));
	help_verify(h);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_larger_map_elsewhere_is_followed),
		TEST(test_store_larger_map_elsewhere_waits_for_a_walk),
		TEST(test_store_two_processes_count_once),
		TEST(test_store_killed_writer_leaves_whole_batches),
		TEST(test_store_covered_file_loses_no_other_writers_pages),
		TEST(test_store_writer_killed_before_it_covers_is_no_damage),
		cmocka_unit_test(test_store_made_by_four_at_once_is_one),
		TEST(test_store_handle_is_not_for_a_child),
		TEST(test_store_is_looked_at_beside_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
