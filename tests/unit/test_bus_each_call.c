/*
 * Every call of libzmq, of the system and every allocation that an exchange
 * makes fails once, or is interrupted once, or (options) is said to be set
 * and is not: opening says so, or the event gets its one receipt all the
 * same, the question its answer; nobody waits for ever, and nothing leaks.
 */
#include "test.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <zmq.h>

#include <soundings/ask.h>
#include <soundings/bus.h>
#include <soundings/clients.h>

#include "bus_internal.h"
/* An eventfd has room: its write can be interrupted alone. */
#define EACH_WRITE INTERRUPTED
#include "each_file.h"

/* ------------------------------------------------------- what is made fail */

#define EACH_ZMQ(type, bad, name, parameters, arguments)                       \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return fails(CALL) || fails(INTERRUPTED)                       \
			   ? (bad)                                             \
			   : __real_##name arguments;                          \
	}
EACH_ZMQ(void *, NULL, zmq_ctx_new, (void), ())
EACH_ZMQ(void *, NULL, zmq_socket, (void *c, int t), (c, t))
EACH_ZMQ(int, -1, zmq_getsockopt, (void *s, int o, void *v, size_t *n),
	 (s, o, v, n))
EACH_ZMQ(int, -1, zmq_bind, (void *s, const char *e), (s, e))
EACH_ZMQ(int, -1, zmq_connect, (void *s, const char *e), (s, e))
EACH_ZMQ(int, -1, zmq_socket_monitor, (void *s, const char *e, int m),
	 (s, e, m))
EACH_ZMQ(int, -1, zmq_msg_init_size, (zmq_msg_t * m, size_t n), (m, n))
EACH_ZMQ(int, -1, zmq_msg_send, (zmq_msg_t * m, void *s, int f), (m, s, f))
EACH_ZMQ(int, -1, zmq_msg_recv, (zmq_msg_t * m, void *s, int f), (m, s, f))
EACH_ZMQ(int, -1, zmq_send, (void *s, const void *b, size_t n, int f),
	 (s, b, n, f))
EACH_ZMQ(int, -1, zmq_recv, (void *s, void *b, size_t n, int f), (s, b, n, f))
EACH_WRAP(CALL, const char *, NULL, zmq_msg_gets,
	  (const zmq_msg_t *m, const char *p), (m, p))
EACH_WRAP(CALL, char *, NULL, zmq_z85_encode,
	  (char *d, const uint8_t *b, size_t n), (d, b, n))
EACH_WRAP(CALL, int, -1, zmq_curve_keypair, (char *p, char *s), (p, s))
EACH_WRAP(CALL, int, -1, sodium_init, (void), ())
EACH_WRAP(FILES, int, -1, eventfd, (unsigned n, int f), (n, f))
EACH_WRAP(FILES, ssize_t, -1, pwrite, (int d, const void *b, size_t n, off_t o),
	  (d, b, n, o))
EACH_WRAP(FILES, int, EAGAIN, pthread_create,
	  (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *x),
	  (t, a, f, x))

/* Interrupted alone: there is no other way for it to fail. */
EACH_WRAP(INTERRUPTED, int, -1, zmq_ctx_term, (void *c), (c))

int __real_zmq_poll(zmq_pollitem_t *items, int n, long timeout);
int __wrap_zmq_poll(zmq_pollitem_t *items, int n, long timeout);
int __wrap_zmq_poll(zmq_pollitem_t *items, int n, long timeout)
{
	if (fails(CALL) || fails(INTERRUPTED))
		return -1;
	if (!fails(IGNORED))
		return __real_zmq_poll(items, n, timeout);
	for (int i = 0; i < n; i++)
		items[i].revents = 0;
	return 0;
}

/* What bus_set_int() sets no sound libzmq refuses: it is asserted. */
static bool is_checked(int option)
{
	return option == ZMQ_ZAP_DOMAIN || option == 93 ||
	       option == ZMQ_CURVE_SERVER || option == ZMQ_CURVE_SECRETKEY ||
	       option == ZMQ_CURVE_PUBLICKEY || option == ZMQ_CURVE_SERVERKEY;
}

static bool keeps_out(int option)
{
	return option == ZMQ_ZAP_DOMAIN || option == 93 ||
	       option == ZMQ_CURVE_SERVER;
}

int __real_zmq_setsockopt(void *s, int option, const void *v, size_t n);
int __wrap_zmq_setsockopt(void *s, int option, const void *v, size_t n);
int __wrap_zmq_setsockopt(void *s, int option, const void *v, size_t n)
{
	if (keeps_out(option) && fails(IGNORED))
		return 0;
	if (is_checked(option) && fails(CALL))
		return -1;
	return __real_zmq_setsockopt(s, option, v, n);
}

/* The keeper of keys ends the process, here in one of its own. */
enum { ENDED = 99 };
void __wrap_abort(void);
void __wrap_abort(void)
{
	each_dump();
	_exit(ENDED);
}

/* ---------------------------------------------------------------- exchange */

#define PATIENCE_MS 2000

static char dir[64], tcp[64];
static struct sdg_curve_key key;
static int receipts;

static void take_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	(void)arg;
	(void)cookie;
	(void)reason;
	receipts += outcome == SDG_OUTCOME_COUNTED;
}

static int answer(struct sdg_receiver *receiver, struct sdg_intake *intake,
		  struct sdg_error *err)
{
	struct sdg_frame *frames;
	size_t n;
	int rc;

	rc = sdg_receiver_collect(receiver, intake, -1, 5, err);
	frames = sdg_intake_frames(intake, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		frames[i].outcome = SDG_OUTCOME_COUNTED;
	return rc < 0 ? rc : sdg_receiver_acknowledge(receiver, intake, err);
}

static int carry(const struct sdg_receiver_options *worker,
		 const struct sdg_sender_options *options, bool early,
		 struct sdg_error *err)
{
	struct sdg_intake *intake = sdg_intake_new();
	struct sdg_receiver *receiver = NULL;
	struct sdg_sender *sender = NULL;
	int64_t deadline = bus_now_ms() + PATIENCE_MS;
	int rc;

	receipts = 0;
	rc = intake ? 0 : sdg_fail(err, SDG_ENOMEM, "make room for a batch");
	if (rc == 0 && early)
		rc = sdg_sender_open(options, &sender, err);
	if (rc == 0)
		rc = sdg_receiver_open(worker, &receiver, err);
	if (rc == 0 && !early)
		rc = sdg_sender_open(options, &sender, err);
	if (rc == 0)
		rc = sdg_sender_push(sender, (const uint8_t *)"piece", 5, NULL,
				     PATIENCE_MS, err);
	while (rc == 0 && receipts == 0 && bus_now_ms() < deadline) {
		rc = answer(receiver, intake, err);
		if (rc == 0)
			rc = sdg_sender_wait(sender, 5, err);
	}
	if (rc == 0)
		rc = sdg_sender_flush(sender, 5, err);
	sdg_sender_close(sender);
	sdg_intake_free(intake);
	sdg_receiver_close(receiver);
	return rc;
}

static int by_folder(struct sdg_error *err)
{
	struct sdg_receiver_options worker = { .run_dir = dir };
	struct sdg_sender_options options = { .run_dir = dir,
					      .window = 4,
					      .receipt = take_receipt,
					      .resend_ms = 50 };

	return carry(&worker, &options, false, err);
}

/* The producer is there first. */
static int found_late(struct sdg_error *err)
{
	struct sdg_receiver_options worker = { .run_dir = dir };
	struct sdg_sender_options options = { .run_dir = dir,
					      .window = 4,
					      .receipt = take_receipt,
					      .resend_ms = 50 };

	return carry(&worker, &options, true, err);
}

static int by_tcp(struct sdg_error *err)
{
	struct sdg_receiver_options worker = {
		.run_dir = dir, .tcp_port = atoi(strrchr(tcp, ':') + 1)
	};
	struct sdg_sender_options options = { .endpoints = tcp,
					      .window = 4,
					      .receipt = take_receipt,
					      .resend_ms = 50 };

	return carry(&worker, &options, false, err);
}

static int by_keys(struct sdg_error *err)
{
	struct sdg_receiver_options worker = { .run_dir = dir,
					       .keys_dir = dir,
					       .curve_ipc = true };
	struct sdg_sender_options options = { .run_dir = dir,
					      .window = 4,
					      .receipt = take_receipt,
					      .resend_ms = 50,
					      .key = &key };

	return carry(&worker, &options, false, err);
}

/* Keys by tcp, the guarded socket beside it; the key is the person's own. */
static int by_network(struct sdg_error *err)
{
	struct sdg_receiver_options worker = { .run_dir = dir,
					       .keys_dir = dir,
					       .listen = tcp };
	struct sdg_sender_options options = { .run_dir = "/nowhere",
					      .window = 4,
					      .receipt = take_receipt,
					      .resend_ms = 50 };
	char path[80];
	int rc;

	snprintf(path, sizeof(path), "%s/good.key", dir);
	setenv("SOUNDINGS_KEY", path, 1);
	rc = carry(&worker, &options, false, err);
	unsetenv("SOUNDINGS_KEY");
	return rc;
}

static void *ask_beside(void *arg)
{
	static const char *const words[] = { "report", "--by", "theme", NULL };
	struct sdg_answerer *answerer = arg;
	struct sdg_answer *out = calloc(1, sizeof(*out));

	(void)answerer;
	if (out && sdg_ask(tcp, &key, words, PATIENCE_MS, out, NULL) == 0)
		return out;
	free(out);
	return NULL;
}

/* Answered here, where calls fail; asked beside it, where none does. */
static int answered(struct sdg_error *err)
{
	const struct sdg_answer reply = { .status = 3,
					  .out = (char *)"figures",
					  .out_len = 7,
					  .talk = (char *)"words",
					  .talk_len = 5 };
	int64_t deadline = bus_now_ms() + PATIENCE_MS;
	struct sdg_question question;
	struct sdg_answerer *answerer = NULL;
	struct sdg_answer *answer = NULL;
	pthread_t thread;
	int rc;

	receipts = 0;
	rc = sdg_answerer_open(dir, tcp, &answerer, err);
	if (rc < 0)
		return rc;
	if (__real_pthread_create(&thread, NULL, ask_beside, NULL) != 0)
		abort();
	do
		rc = sdg_answerer_next(answerer, 10, &question, err);
	while (rc == 0 && bus_now_ms() < deadline);
	if (rc == 1)
		rc = sdg_answerer_reply(answerer, &reply, err);
	/* Closing waits for the answer to have gone, not for its reader. */
	if (rc < 0)
		sdg_answerer_close(answerer);
	pthread_join(thread, (void **)&answer);
	if (rc == 0)
		sdg_answerer_close(answerer);
	if (answer) {
		/* Who asked without a name was told "not a question". */
		receipts = answer->status == 64 ||
			   (answer->status == 3 &&
			    memcmp(answer->out, "figures", 8) == 0);
		sdg_answer_fini(answer);
		free(answer);
	}
	return rc;
}

struct beside {
	struct sdg_answerer *answerer;
	atomic_bool stop;
};

static void *answer_beside(void *arg)
{
	const struct sdg_answer reply = { .out = (char *)"figures",
					  .out_len = 7,
					  .talk = (char *)"" };
	struct sdg_question question;
	struct beside *beside = arg;

	while (!beside->stop)
		if (sdg_answerer_next(beside->answerer, 5, &question, NULL) ==
		    1)
			sdg_answerer_reply(beside->answerer, &reply, NULL);
	return NULL;
}

/* The other way round. */
static int asked(struct sdg_error *err)
{
	static const char *const words[] = { "ledger", NULL };
	struct sdg_answer out = { 0 };
	struct beside beside = { 0 };
	int what = failing, rc;
	pthread_t thread;

	receipts = 0;
	failing = NOTHING; /* opened unharmed */
	assert_ok(sdg_answerer_open(dir, tcp, &beside.answerer, err), *err);
	assert_int_equal(pthread_create(&thread, NULL, answer_beside, &beside),
			 0);
	failing = what;
	rc = sdg_ask(tcp, &key, words, PATIENCE_MS, &out, err);
	what = failing;
	failing = NOTHING;
	receipts = rc == 0 && memcmp(out.out, "figures", 8) == 0;
	sdg_answer_fini(&out);
	beside.stop = true;
	pthread_join(thread, NULL);
	sdg_answerer_close(beside.answerer);
	failing = what;
	return rc;
}

static unsigned long each_call(int what, int (*run)(struct sdg_error *))
{
	struct sdg_error err;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		memset(&err, 0, sizeof(err));
		each_begin(what, n);
		rc = run(&err);
		if (!each_end())
			break;
		if (rc < 0 ? !err.message[0] : receipts != 1)
			fail_msg("call %lu: %d, %d receipts, \"%s\"", n, rc,
				 receipts, err.message);
		/* It has left nothing that is in the way. */
		assert_ok(run(&err), err);
		assert_int_equal(receipts, 1);
	}
	assert_ok(rc, err);
	assert_int_equal(receipts, 1);
	print_message("%lu calls failed, one after the other\n", n - 1);
	return n - 1;
}

static int set_up(void **state)
{
	struct sdg_curve_key server;
	struct sdg_error err;
	char path[80];

	(void)state;
	unsetenv("SOUNDINGS_KEY");
	snprintf(dir, sizeof(dir), "/tmp/soundings-each-XXXXXX");
	assert_non_null(mkdtemp(dir));
	setenv("SOUNDINGS_HOME", dir, 1);
	snprintf(tcp, sizeof(tcp), "tcp://127.0.0.1:%d",
		 10000 + (int)(getpid() * 16 % 20000));
	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	assert_ok(sdg_curve_key_make(&key, &err), err);
	snprintf(key.name, sizeof(key.name), "good");
	memcpy(key.server, server.public_key, sizeof(key.server));
	assert_ok(sdg_clients_authorize(dir, key.name, SDG_CLIENT_REP,
					key.public_key, 1, &err),
		  err);
	snprintf(key.workers, sizeof(key.workers), "%s", tcp);
	snprintf(path, sizeof(path), "%s/good.key", dir);
	assert_ok(sdg_curve_key_write(path, &key, &err), err);
	key.workers[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* ------------------------------------------------------------------- tests */

static void test_bus_each_call_that_fails_is_said_or_mended(void **state)
{
	(void)state;
	assert_true(each_call(CALL, by_folder) > 20);
	assert_true(each_call(CALL, by_tcp) > 20);
	assert_true(each_call(CALL, found_late) > 20);
	assert_true(each_call(FILES, by_folder) > 3);
}

static void test_bus_each_call_with_keys(void **state)
{
	(void)state;
	assert_true(each_call(CALL, by_keys) > 30);
	assert_true(each_call(CALL, by_network) > 30);
	assert_true(each_call(FILES, by_network) > 3);
}

static void test_bus_each_call_of_a_question(void **state)
{
	(void)state;
	assert_true(each_call(CALL, answered) > 20);
	assert_true(each_call(FILES, answered) > 2);
	assert_true(each_call(MEMORY, answered) > 2);
	assert_true(each_call(CALL, asked) > 5);
	assert_true(each_call(MEMORY, asked) >= 2);
}

static void test_bus_each_interruption(void **state)
{
	(void)state;
	assert_true(each_call(INTERRUPTED, by_folder) > 20);
	assert_true(each_call(INTERRUPTED, by_keys) > 20);
	assert_true(each_call(INTERRUPTED, answered) > 20);
	assert_true(each_call(INTERRUPTED, asked) > 5);
}

/* What waits when waiting itself fails is given back. */
static void test_bus_flush_that_fails_gives_back(void **state)
{
	struct sdg_receiver_options worker = { .run_dir = dir };
	struct sdg_sender_options options = { .run_dir = dir,
					      .window = 4,
					      .receipt = take_receipt };
	struct sdg_receiver *receiver;
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	assert_ok(sdg_receiver_open(&worker, &receiver, &err), err);
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	for (int flushed = 0; flushed < 2; flushed++) {
		assert_ok(sdg_sender_push(sender, (const uint8_t *)"piece", 5,
					  NULL, PATIENCE_MS, &err),
			  err);
		each_begin(CALL, 1);
		assert_fails(flushed ? sdg_sender_flush(sender, 1000, &err)
				     : sdg_sender_wait(sender, 1000, &err),
			     SDG_EIO, err);
		assert_true(each_end());
		assert_int_equal(sdg_sender_pending(sender), flushed ? 0 : 1);
	}
	sdg_sender_close(sender);
	sdg_receiver_close(receiver);
}

static void test_bus_each_allocation(void **state)
{
	(void)state;
	assert_true(each_call(MEMORY, by_folder) > 5);
	assert_true(each_call(MEMORY, by_keys) > 5);
}

/* A libzmq that takes an option and does nothing: whoever was to be kept out
 * is kept out, or nothing is opened. */
static void test_bus_each_option_without_effect(void **state)
{
	(void)state;
	assert_true(each_call(IGNORED, by_keys) > 5);
	assert_true(each_call(IGNORED, by_network) > 5);
}

/* The thread that judges keys: should it fail, the process ends, since
 * libzmq would let in whom nobody judges. */
static void each_call_of_the_keeper(int what, unsigned long at_least)
{
	struct sdg_error err;
	unsigned long n;
	int status;

	for (n = 1;; n++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			bool right;

			others_fail = true;
			each_begin(what, n);
			right = by_keys(&err) < 0 || receipts == 1;
			right = each_end() ? right : receipts == 1;
			each_dump();
			_exit(!right ? 1 : failed ? 2 : 0);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 0)
			break;
		if (WEXITSTATUS(status) != 2 && WEXITSTATUS(status) != ENDED)
			fail_msg("call %lu: %d", n, WEXITSTATUS(status));
	}
	assert_true(n - 1 >= at_least);
}

static void test_bus_keeper_of_keys_that_fails_ends_the_process(void **state)
{
	(void)state;
	each_call_of_the_keeper(CALL, 20);
	each_call_of_the_keeper(INTERRUPTED, 20);
	each_call_of_the_keeper(IGNORED, 1);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_bus_each_call_that_fails_is_said_or_mended),
		ONE(test_bus_each_call_with_keys),
		ONE(test_bus_each_call_of_a_question),
		ONE(test_bus_each_interruption),
		ONE(test_bus_each_allocation),
		ONE(test_bus_flush_that_fails_gives_back),
		ONE(test_bus_each_option_without_effect),
		ONE(test_bus_keeper_of_keys_that_fails_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
