/*
 * Every call of the system and every allocation that keeping, visiting and
 * sending items makes fails once, one after the other, or finds that another
 * process was faster. Keeping fails in words and leaves no half item, or the
 * item is there, whole; a visit that fails says so and takes nothing away;
 * what is sent leaves by its receipt alone.
 */
#include "test.h"

#include <pthread.h>
#include <stdlib.h>

#include <soundings/bus.h>
#include <soundings/clients.h>
#include <soundings/outbox.h>
#include <soundings/sealed.h>

#include "each_file.h"

static char root[64], dir[80], run[80], key[80];
static const uint8_t event[] = "an event, as bytes";
static size_t seen, aside;

static int see(void *arg, const char *name, int64_t kept, const uint8_t *data,
	       size_t len)
{
	(void)arg;
	(void)name;
	assert_true(kept > 0);
	if (sdg_is_sealed(data, len)) {
		assert_int_equal(len, sizeof(event) + SDG_SEALED_EXTRA);
	} else {
		assert_int_equal(len, sizeof(event));
		assert_memory_equal(data, event, len);
	}
	seen++;
	return 0;
}

static size_t count(void)
{
	struct sdg_error err;

	seen = 0;
	assert_ok(sdg_outbox_each(dir, see, NULL, &err), err);
	return seen;
}

static int keep(struct sdg_error *err)
{
	return sdg_outbox_keep(dir, event, sizeof(event), err);
}

static int each(struct sdg_error *err)
{
	seen = 0;
	return sdg_outbox_each(dir, see, NULL, err);
}

/* ------------------------------------------------------------------ damage */

/* An item that is not what its name says, and one that is too long. */
static void damage(void)
{
	static const char hex[] = "0123456789abcdef0123456789abcdef";
	static uint8_t data[SDG_SEALED_MAX + 1];
	char path[160];

	for (int i = 0; i < 2; i++) {
		struct sdg_error err;

		snprintf(path, sizeof(path), "%s/%010zu.000000000-%s.event",
			 dir, ++aside, hex);
		assert_ok(sdg_write_file(path, data, i ? sizeof(data) : 3, 0600,
					 &err),
			  err);
	}
}

static int each_damaged(struct sdg_error *err)
{
	int what = failing;

	failing = NOTHING;
	damage();
	failing = what;
	return each(err);
}

/* ----------------------------------------------------------------- sending */

struct worker {
	pthread_t thread;
	atomic_bool stop;
	struct sdg_receiver *receiver;
	struct sdg_intake *intake;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct sdg_frame *frames;
	struct sdg_error err;
	size_t n;

	while (!worker->stop) {
		assert_ok(sdg_receiver_collect(worker->receiver, worker->intake,
					       -1, 5, &err),
			  err);
		frames = sdg_intake_frames(worker->intake, &n);
		for (size_t i = 0; i < n; i++)
			frames[i].outcome = SDG_OUTCOME_COUNTED;
		assert_ok(sdg_receiver_acknowledge(worker->receiver,
						   worker->intake, &err),
			  err);
	}
	return NULL;
}

static int send(struct sdg_error *err)
{
	struct sdg_outbox_tally tally;

	return sdg_outbox_send(dir, run, 2000, &tally, err);
}

static int keep_and_send(struct sdg_error *err)
{
	int what = failing;
	struct sdg_error none;

	failing = NOTHING;
	assert_ok(keep(&none), none);
	failing = what;
	return send(err);
}

/* ------------------------------------------------------------------- tests */

static unsigned long each_call(int what, int (*run_it)(struct sdg_error *))
{
	struct sdg_error err;
	size_t before, after;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		before = count();
		memset(&err, 0, sizeof(err));
		each_begin(what, n);
		rc = run_it(&err);
		if (!each_end())
			break;
		if (rc < 0)
			assert_true(err.message[0]);
		after = count();
		/* Where only the folder's sync failed, the item is there. */
		if (run_it == keep)
			assert_true(rc < 0 ? after - before <= 1
					   : after == before + 1);
		else if (run_it == keep_and_send)
			/* What is said to have gone is still there. */
			assert_true(rc < 0 || after == 0 || what == GONE);
		else
			assert_true(after == before &&
				    (rc < 0 || seen == before));
	}
	assert_ok(rc, err);
	return n - 1;
}

static int set_up(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/soundings-each-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(dir, sizeof(dir), "%s/a/outbox", root);
	snprintf(run, sizeof(run), "%s/run", root);
	snprintf(key, sizeof(key), "%s/good.key", root);
	assert_int_equal(mkdir(run, 0700), 0);
	/* No keys here: what is kept is kept as it is. */
	setenv("SOUNDINGS_HOME", root, 1);
	unsetenv("SOUNDINGS_KEY");
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	unsetenv("SOUNDINGS_KEY");
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void test_outbox_each_call_of_keep(void **state)
{
	(void)state;
	assert_true(each_call(FILES, keep) >= 5);
	each_call(MEMORY, keep);
}

/* With a key that says which workers: sealed for them. */
static void test_outbox_each_call_of_keep_sealed(void **state)
{
	struct sdg_curve_key own = { .name = "good" }, server;
	struct sdg_error err;

	(void)state;
	assert_ok(sdg_curve_key_make(&server, &err), err);
	assert_ok(sdg_curve_key_make(&own, &err), err);
	memcpy(own.server, server.public_key, sizeof(own.server));
	assert_ok(sdg_curve_key_write(key, &own, &err), err);
	setenv("SOUNDINGS_KEY", key, 1);
	assert_true(each_call(FILES, keep) >= 5);
	assert_true(each_call(MEMORY, keep) >= 2);
	/* A key that is none seals nothing: said, and nothing is kept. */
	memset(own.server, '0', sizeof(own.server) - 1);
	assert_int_equal(unlink(key), 0);
	assert_ok(sdg_curve_key_write(key, &own, &err), err);
	assert_fails(keep(&err), SDG_EINVAL, err);
}

static void test_outbox_each_call_of_a_visit(void **state)
{
	struct sdg_error err;

	(void)state;
	assert_ok(keep(&err), err);
	assert_ok(keep(&err), err);
	assert_true(each_call(FILES, each) >= 3);
	assert_true(each_call(MEMORY, each) >= 2);
	/* A file that has gone meanwhile was sent by another. */
	each_begin(GONE, 2);
	assert_ok(each(&err), err);
	assert_true(each_end());
	assert_int_equal(seen, 1);
}

static void test_outbox_each_call_of_setting_aside(void **state)
{
	struct sdg_error err;

	(void)state;
	assert_ok(keep(&err), err);
	assert_true(each_call(FILES, each_damaged) >= 4);
	assert_true(each_call(MEMORY, each_damaged) >= 4);
	assert_true(each_call(GONE, each_damaged) >= 4);
}

static void test_outbox_each_call_of_sending(void **state)
{
	struct sdg_receiver_options options = { .run_dir = run };
	struct worker worker = { .intake = sdg_intake_new() };
	struct sdg_error err;

	(void)state;
	assert_non_null(worker.intake);
	assert_ok(sdg_receiver_open(&options, &worker.receiver, &err), err);
	assert_int_equal(pthread_create(&worker.thread, NULL, work, &worker),
			 0);
	assert_true(each_call(FILES, keep_and_send) >= 6);
	assert_true(each_call(MEMORY, keep_and_send) >= 6);
	assert_true(each_call(GONE, keep_and_send) >= 4);
	worker.stop = true;
	pthread_join(worker.thread, NULL);
	sdg_intake_free(worker.intake);
	sdg_receiver_close(worker.receiver);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_outbox_each_call_of_keep),
		ONE(test_outbox_each_call_of_keep_sealed),
		ONE(test_outbox_each_call_of_a_visit),
		ONE(test_outbox_each_call_of_setting_aside),
		ONE(test_outbox_each_call_of_sending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
