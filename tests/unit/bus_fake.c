#include "bus_fake.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char fake_folder[32];

int fake_setup(void **state)
{
	(void)state;
	strcpy(fake_folder, "/tmp/sdg-bus-XXXXXX");
	return mkdtemp(fake_folder) ? 0 : -1;
}

int fake_teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", fake_folder);
	return system(command);
}

static void serve_once(struct fake *fake)
{
	struct sdg_frame *frames;
	struct sdg_error err;
	size_t n, i;

	assert_ok(
	    sdg_receiver_collect(fake->receiver, fake->intake, -1, 20, &err),
	    err);
	frames = sdg_intake_frames(fake->intake, &n);
	for (i = 0; i < n; i++) {
		frames[i].outcome = (enum sdg_outcome)fake->outcome;
		frames[i].reason = sdg_str(fake->reason);
	}
	fake->received += n;
	fake->batches += n > 0;
	assert_ok(sdg_receiver_acknowledge(fake->receiver, fake->intake, &err),
		  err);
	fake->refused = sdg_receiver_counts(fake->receiver)->refused;
}

static void *run_fake(void *arg)
{
	struct fake *fake = arg;
	struct sdg_receiver_options options = { .run_dir = fake_folder,
						.tcp_port = fake->tcp_port };
	struct sdg_error err;

	assert_ok(sdg_receiver_open(&options, &fake->receiver, &err), err);
	fake->intake = sdg_intake_new();
	assert_non_null(fake->intake);
	fake->listening = true;
	while (!fake->stop)
		serve_once(fake);
	sdg_intake_free(fake->intake);
	sdg_receiver_close(fake->receiver);
	return NULL;
}

void fake_start(struct fake *fake, enum sdg_outcome outcome)
{
	fake->outcome = (int)outcome;
	assert_int_equal(pthread_create(&fake->thread, NULL, run_fake, fake),
			 0);
	while (!fake->listening)
		usleep(1000);
}

void fake_stop(struct fake *fake)
{
	fake->stop = true;
	pthread_join(fake->thread, NULL);
}

pid_t fake_fork(void)
{
	struct sdg_receiver_options options = { .run_dir = fake_folder };
	struct fake fake = { .outcome = SDG_OUTCOME_COUNTED };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fake.intake = sdg_intake_new();
		if (!fake.intake ||
		    sdg_receiver_open(&options, &fake.receiver, NULL) < 0 ||
		    write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			serve_once(&fake);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

void fake_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void tally_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		   struct sdg_str reason)
{
	struct tally *tally = arg;

	tally->outcomes[outcome]++;
	tally->receipts++;
	tally->seen[(uintptr_t)cookie]++;
	snprintf(tally->reason, sizeof(tally->reason), "%.*s",
		 SDG_STR_ARG(reason));
}

struct sdg_sender *tally_open(struct tally *tally, size_t window, int resend_ms)
{
	struct sdg_sender_options options = {
		.run_dir = fake_folder,
		.window = window,
		.resend_ms = resend_ms,
		.receipt = tally_receipt,
		.arg = tally,
	};
	struct sdg_sender *sender;
	struct sdg_error err;

	memset(tally, 0, sizeof(*tally));
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	return sender;
}

void tally_push(struct sdg_sender *sender, size_t number)
{
	struct sdg_error err;
	uint8_t event[600];

	memset(event, 'x', sizeof(event));
	memcpy(event, &number, sizeof(number));
	assert_ok(sdg_sender_push(sender, event, sizeof(event),
				  (void *)(uintptr_t)number, 10000, &err),
		  err);
}

void tally_flush(struct sdg_sender *sender)
{
	struct sdg_error err;

	assert_ok(sdg_sender_flush(sender, 10000, &err), err);
	assert_int_equal(sdg_sender_pending(sender), 0);
}
