/*
 * store: several processes at once. Two do the same at the same instant;
 * writers are killed between any two instructions; one has more room than
 * another.
 */
#include "store_help.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

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

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_larger_map_elsewhere_is_followed),
		TEST(test_store_two_processes_count_once),
		TEST(test_store_killed_writer_leaves_whole_batches),
		cmocka_unit_test(test_store_made_by_four_at_once_is_one),
		TEST(test_store_handle_is_not_for_a_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
