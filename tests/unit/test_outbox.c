#include "test.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/home.h>
#include <soundings/outbox.h>
#include <soundings/sealed.h>

static char folder[40], outbox[64], run[64];

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/sdg-outbox-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(outbox, sizeof(outbox), "%s/outbox", folder);
	snprintf(run, sizeof(run), "%s/run", folder);
	return mkdir(run, 0700);
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void keep(const char *event)
{
	struct sdg_error err;

	assert_ok(sdg_outbox_keep(outbox, (const uint8_t *)event, strlen(event),
				  &err),
		  err);
}

struct visits {
	size_t n, stop_at;
	char events[8][64];
	char names[8][80];
	int64_t kept[8];
};

static int visit(void *arg, const char *name, int64_t kept,
		 const uint8_t *event, size_t len)
{
	struct visits *visits = arg;

	snprintf(visits->events[visits->n], 64, "%.*s", (int)len,
		 (const char *)event);
	snprintf(visits->names[visits->n], 80, "%s", name);
	visits->kept[visits->n++] = kept;
	return visits->n == visits->stop_at ? 42 : 0;
}

static struct visits look(void)
{
	struct visits visits = { 0 };
	struct sdg_error err;

	assert_ok(sdg_outbox_each(outbox, visit, &visits, &err), err);
	return visits;
}

static void test_outbox_keeps_items_oldest_first(void **state)
{
	struct visits visits;
	struct sdg_error err;
	char path[160];
	struct stat st;

	(void)state;
	assert_int_equal(look().n, 0); /* no folder: nothing kept */
	keep("first");
	keep("second");
	keep("third");
	visits = look();
	assert_int_equal(visits.n, 3);
	assert_string_equal(visits.events[0], "first");
	assert_string_equal(visits.events[1], "second");
	assert_string_equal(visits.events[2], "third");
	assert_true(llabs(visits.kept[0] - time(NULL)) < 60);
	snprintf(path, sizeof(path), "%s/%s", outbox, visits.names[0]);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(outbox, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	memset(&visits, 0, sizeof(visits));
	visits.stop_at = 2;
	assert_int_equal(sdg_outbox_each(outbox, visit, &visits, &err), 42);
	assert_int_equal(visits.n, 2);
}

static void test_outbox_refuses_too_long_an_event(void **state)
{
	static uint8_t event[SDG_EVENT_MAX + 1];
	struct sdg_error err;

	(void)state;
	assert_fails(sdg_outbox_keep(outbox, event, sizeof(event), &err),
		     SDG_EINVAL, err);
	assert_ok(sdg_outbox_keep(outbox, event, SDG_EVENT_MAX, &err), err);
}

/* Sealed, it is longer; past that nothing is an event. */
static void test_outbox_takes_a_sealed_event_as_it_is(void **state)
{
	static uint8_t event[SDG_SEALED_MAX + 1] = "SDGSEAL1";
	char deep[SDG_PATH_MAX + 8];
	struct sdg_outbox_tally tally;
	struct sdg_error err;

	(void)state;
	assert_ok(sdg_outbox_keep(outbox, event, SDG_SEALED_MAX, &err), err);
	assert_fails(sdg_outbox_keep(outbox, event, SDG_SEALED_MAX + 1, &err),
		     SDG_EINVAL, err);
	memset(deep, 'd', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_fails(sdg_outbox_keep(deep, event, 8, &err), SDG_EINVAL, err);
	assert_fails(sdg_outbox_each(deep, visit, NULL, &err), SDG_EINVAL, err);
	assert_fails(sdg_outbox_send(deep, run, 1, &tally, &err), SDG_EINVAL,
		     err);
}

static void damage(const char *name, const char *with)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", outbox, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(with, file);
	fclose(file);
}

static void test_outbox_sets_damaged_items_aside(void **state)
{
	static const char *const strangers[] = {
		"0000000001.000000000-xyz.event",
		"000000000x.000000000-0123456789abcdef0123456789abcdef.event",
		"0000000001-000000000-0123456789abcdef0123456789abcdef.event",
		"0000000001.00000000x-0123456789abcdef0123456789abcdef.event",
		"0000000001.000000000.0123456789abcdef0123456789abcdef.event",
		"0000000001.000000000-0123456789abcdef0123456789abcdeg.event",
		"0000000001.000000000-0123456789abcdef0123456789abcdef.evens",
	};
	struct visits visits;
	char bad[200];

	(void)state;
	keep("first");
	keep("second");
	visits = look();
	damage(visits.names[0], "fir");
	damage("notes.txt", "not an item");
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		damage(strangers[i], "not an item either");
	snprintf(bad, sizeof(bad), "%s/%s.bad", outbox, visits.names[0]);
	visits = look();
	assert_int_equal(visits.n, 1);
	assert_string_equal(visits.events[0], "second");
	assert_int_equal(access(bad, F_OK), 0);
	visits = look();
	assert_int_equal(visits.n, 1);
}

/* A worker that answers @outcome until told to stop. */
struct fake {
	pthread_t thread;
	atomic_bool stop;
	enum sdg_outcome outcome;
};

static void *run_fake(void *arg)
{
	struct sdg_receiver_options options = { .run_dir = run };
	struct sdg_receiver *receiver;
	struct sdg_intake *intake = sdg_intake_new();
	struct sdg_frame *frames;
	struct fake *fake = arg;
	struct sdg_error err;
	size_t n, i;

	assert_non_null(intake);
	assert_ok(sdg_receiver_open(&options, &receiver, &err), err);
	while (!fake->stop) {
		assert_ok(sdg_receiver_collect(receiver, intake, -1, 20, &err),
			  err);
		frames = sdg_intake_frames(intake, &n);
		for (i = 0; i < n; i++)
			frames[i].outcome =
			    memcmp(frames[i].data, "mute", 4) == 0
				? SDG_OUTCOME_NONE
				: fake->outcome;
		assert_ok(sdg_receiver_acknowledge(receiver, intake, &err),
			  err);
	}
	sdg_intake_free(intake);
	sdg_receiver_close(receiver);
	return NULL;
}

static void test_outbox_without_worker_loses_nothing(void **state)
{
	struct sdg_outbox_tally tally;
	struct sdg_error err;

	(void)state;
	keep("first");
	assert_fails(sdg_outbox_send(outbox, run, 100, &tally, &err),
		     SDG_EAGAIN, err);
	assert_int_equal(tally.waiting, 1);
	assert_int_equal(tally.sent, 0);
	assert_int_equal(tally.kept, 1);
	assert_int_equal(look().n, 1);
}

static void test_outbox_nothing_kept_needs_no_worker(void **state)
{
	struct sdg_outbox_tally tally;
	struct sdg_error err;

	(void)state;
	assert_ok(sdg_outbox_send(outbox, run, 100, &tally, &err), err);
	assert_int_equal(tally.waiting, 0);
}

static void send_with(enum sdg_outcome outcome, int wanted,
		      struct sdg_outbox_tally *tally)
{
	struct fake fake = { .outcome = outcome };
	struct sdg_error err;

	pthread_create(&fake.thread, NULL, run_fake, &fake);
	assert_int_equal(sdg_outbox_send(outbox, run,
					 wanted == 0 ? 10000 : 1500, tally,
					 &err),
			 wanted);
	fake.stop = true;
	pthread_join(fake.thread, NULL);
}

static void test_outbox_item_leaves_by_its_receipt_alone(void **state)
{
	struct sdg_outbox_tally tally;
	struct visits visits;

	(void)state;
	keep("first");
	keep("mute");
	keep("third");
	send_with(SDG_OUTCOME_DUPLICATE, SDG_EAGAIN, &tally);
	assert_int_equal(tally.waiting, 3);
	assert_int_equal(tally.sent, 2);
	assert_int_equal(tally.kept, 1);
	visits = look();
	assert_int_equal(visits.n, 1);
	assert_string_equal(visits.events[0], "mute");
}

static void test_outbox_sends_all(void **state)
{
	struct sdg_outbox_tally tally;
	char event[32];
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		snprintf(event, sizeof(event), "event %d", i);
		keep(event);
	}
	send_with(SDG_OUTCOME_COUNTED, 0, &tally);
	assert_int_equal(tally.waiting, 300);
	assert_int_equal(tally.sent, 300);
	assert_int_equal(tally.kept, 0);
}

#define OUTBOX_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OUTBOX_TEST(test_outbox_keeps_items_oldest_first),
		OUTBOX_TEST(test_outbox_refuses_too_long_an_event),
		OUTBOX_TEST(test_outbox_takes_a_sealed_event_as_it_is),
		OUTBOX_TEST(test_outbox_sets_damaged_items_aside),
		OUTBOX_TEST(test_outbox_without_worker_loses_nothing),
		OUTBOX_TEST(test_outbox_nothing_kept_needs_no_worker),
		OUTBOX_TEST(test_outbox_item_leaves_by_its_receipt_alone),
		OUTBOX_TEST(test_outbox_sends_all),
	};

	/* Or what is kept is sealed to the workers of whoever runs this. */
	setenv("SOUNDINGS_HOME", "/nonexistent/soundings", 1);
	unsetenv("SOUNDINGS_KEY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
