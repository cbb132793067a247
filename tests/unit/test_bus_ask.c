/*
 * test_bus_ask: questions and answers over the real libzmq: what comes back
 * is what was said, what is no question or no answer is refused in words.
 */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/ask.h>
#include <soundings/bus.h>

#include "bus_internal.h"

static char dir[64], endpoint[64];
static struct sdg_curve_key key, server;

static int set_up(void **state)
{
	struct sdg_error err;

	(void)state;
	unsetenv("SOUNDINGS_KEY");
	snprintf(dir, sizeof(dir), "/tmp/soundings-ask-XXXXXX");
	assert_non_null(mkdtemp(dir));
	setenv("SOUNDINGS_HOME", dir, 1);
	snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%d",
		 10000 + (int)(getpid() * 16 % 20000));
	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	assert_ok(sdg_curve_key_make(&key, &err), err);
	snprintf(key.name, sizeof(key.name), "desk");
	memcpy(key.server, server.public_key, sizeof(key.server));
	assert_ok(sdg_clients_authorize(dir, key.name, SDG_CLIENT_REPORT,
					key.public_key, 1, &err),
		  err);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* ------------------------------------------------- one that repeats it all */

struct echo {
	struct sdg_answerer *answerer;
	pthread_t thread;
	atomic_bool stop;
	atomic_int asked;
};

static void *repeat(void *arg)
{
	struct sdg_question question;
	struct echo *echo = arg;
	struct sdg_error err;
	char text[SDG_ASK_MAX];
	int rc;

	while (!echo->stop) {
		struct sdg_answer answer = { .status = 7,
					     .out = text,
					     .talk = (char *)"said",
					     .talk_len = 4 };

		rc = sdg_answerer_next(echo->answerer, 20, &question, &err);
		assert_true(rc >= 0);
		if (rc == 0)
			continue;
		echo->asked++;
		assert_string_equal(question.client, key.public_key);
		text[0] = '\0';
		for (size_t i = 0; i < question.word_count; i++) {
			strcat(text, question.words[i]);
			strcat(text, "|");
		}
		answer.out_len = strlen(text);
		assert_ok(sdg_answerer_reply(echo->answerer, &answer, &err),
			  err);
	}
	return NULL;
}

static void start(struct echo *echo)
{
	struct sdg_error err;

	memset(echo, 0, sizeof(*echo));
	assert_ok(sdg_answerer_open(dir, endpoint, &echo->answerer, &err), err);
	assert_int_equal(pthread_create(&echo->thread, NULL, repeat, echo), 0);
}

static void stop(struct echo *echo)
{
	echo->stop = true;
	pthread_join(echo->thread, NULL);
	sdg_answerer_close(echo->answerer);
}

/* ----------------------------------------------------------------- asking */

static void test_bus_ask_answer_is_what_was_said(void **state)
{
	static const char *const words[] = { "report", "--by", "theme", NULL };
	static const char *const none[] = { NULL };
	struct sdg_answer answer;
	struct sdg_error err;
	struct echo echo;

	(void)state;
	start(&echo);
	assert_ok(sdg_ask(endpoint, &key, words, 5000, &answer, &err), err);
	assert_int_equal(answer.status, 7);
	assert_string_equal(answer.out, "report|--by|theme|");
	assert_int_equal(answer.out_len, strlen(answer.out));
	assert_string_equal(answer.talk, "said");
	sdg_answer_fini(&answer);
	/* No words are no question. */
	assert_ok(sdg_ask(endpoint, &key, none, 5000, &answer, &err), err);
	assert_int_equal(answer.status, 64);
	assert_string_equal(answer.talk, "not a question\n");
	sdg_answer_fini(&answer);
	assert_int_equal(echo.asked, 1);
	stop(&echo);
}

static void test_bus_ask_too_much_is_not_asked(void **state)
{
	static char word[SDG_ASK_MAX];
	const char *words[SDG_ASK_WORDS + 2] = { word, NULL };
	struct sdg_answer answer;
	struct sdg_error err;

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	assert_fails(sdg_ask(endpoint, &key, words, 5000, &answer, &err),
		     SDG_EINVAL, err);
	for (size_t i = 0; i <= SDG_ASK_WORDS; i++)
		words[i] = "w";
	assert_fails(sdg_ask(endpoint, &key, words, 5000, &answer, &err),
		     SDG_EINVAL, err);
	assert_string_equal(err.message, "the question is too long");
}

static void test_bus_ask_says_why_there_is_no_answer(void **state)
{
	static const char *const words[] = { "ledger", NULL };
	struct sdg_curve_key stranger = key;
	struct sdg_answer answer;
	struct sdg_error err;
	struct echo echo;

	(void)state;
	assert_fails(sdg_ask(endpoint, &key, words, 150, &answer, &err),
		     SDG_EAGAIN, err);
	assert_non_null(strstr(err.message, "nobody answers at"));
	start(&echo);
	assert_ok(sdg_curve_key_make(&stranger, &err), err);
	snprintf(stranger.name, sizeof(stranger.name), "stranger");
	memcpy(stranger.server, server.public_key, sizeof(stranger.server));
	assert_fails(sdg_ask(endpoint, &stranger, words, 5000, &answer, &err),
		     SDG_EAGAIN, err);
	assert_non_null(strstr(err.message, "refuses the key of \"stranger\""));
	stranger.server[0] = '\0';
	assert_fails(sdg_ask(endpoint, &stranger, words, 5000, &answer, &err),
		     SDG_EINVAL, err);
	assert_non_null(strstr(err.message, "which workers to trust"));
	stop(&echo);
}

/* ------------------------------------------------------ what is no question */

static void *asker(void)
{
	void *socket = bus_socket(ZMQ_REQ, -1, 10, NULL);
	struct sdg_error err;

	assert_ok(bus_curve_connect(socket, &key, &err), err);
	bus_set_int(socket, ZMQ_RCVTIMEO, 10000);
	assert_int_equal(zmq_connect(socket, endpoint), 0);
	return socket;
}

static void is_refused(const void *bytes, size_t len, int parts)
{
	void *socket = asker();
	char answer[64];
	int n;

	while (--parts > 0)
		assert_true(zmq_send(socket, "Qmore", 6, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(socket, bytes, len, 0) >= 0);
	n = zmq_recv(socket, answer, sizeof(answer), 0);
	assert_int_equal(n, 6 + 15);
	assert_memory_equal(answer, "R\x40\0\0\0\0not a question\n", (size_t)n);
	bus_socket_close(socket, 0);
}

static void test_bus_ask_what_is_no_question_is_told_so(void **state)
{
	char many[2 * SDG_ASK_WORDS + 4] = "Q";
	struct echo echo;

	(void)state;
	start(&echo);
	is_refused("", 0, 1);
	is_refused("Q", 1, 1);
	is_refused("Xledger", 8, 1);
	is_refused("Qledger", 7, 1); /* no end */
	is_refused("Qledger", 8, 2);
	for (int i = 0; i <= SDG_ASK_WORDS; i++)
		memcpy(many + 1 + 2 * i, "w", 2);
	is_refused(many, 1 + 2 * (SDG_ASK_WORDS + 1), 1);
	assert_int_equal(echo.asked, 0);
	stop(&echo);
}

/* Who has gone gets no answer, and that is no error. */
static void test_bus_ask_asker_that_has_gone(void **state)
{
	const struct sdg_answer answer = { .out = (char *)"",
					   .talk = (char *)"" };
	struct sdg_answerer *answerer;
	struct sdg_question question;
	struct sdg_error err;
	void *socket;

	(void)state;
	assert_ok(sdg_answerer_open(dir, endpoint, &answerer, &err), err);
	socket = asker();
	assert_true(zmq_send(socket, "Qledger", 8, 0) >= 0);
	assert_int_equal(sdg_answerer_next(answerer, 5000, &question, &err), 1);
	bus_socket_close(socket, 0);
	assert_ok(sdg_answerer_reply(answerer, &answer, &err), err);
	assert_int_equal(sdg_answerer_next(answerer, 10, &question, &err), 0);
	sdg_answerer_close(answerer);
	sdg_answerer_close(NULL);
}

/* -------------------------------------------------------- what is no answer */

struct liar {
	const void *bytes;
	size_t len;
};

/* One question, one false answer; with the key of those who are trusted. */
static void *lie(void *arg)
{
	const struct liar *liar = arg;
	struct bus_zap *zap;
	struct sdg_error err;
	char question[64];
	void *socket;

	assert_ok(bus_zap_open(dir, &zap, &err), err);
	socket = bus_socket(ZMQ_REP, -1, 10, NULL);
	assert_ok(bus_curve_serve(socket, zap, &err), err);
	bus_set_int(socket, ZMQ_RCVTIMEO, 10000);
	assert_int_equal(zmq_bind(socket, endpoint), 0);
	assert_true(zmq_recv(socket, question, sizeof(question), 0) > 0);
	assert_true(zmq_send(socket, liar->bytes, liar->len, 0) >= 0);
	bus_socket_close(socket, 1000);
	bus_zap_close(zap);
	return NULL;
}

static void is_no_answer(const void *bytes, size_t len)
{
	static const char *const words[] = { "ledger", NULL };
	struct liar liar = { bytes, len };
	struct sdg_answer answer;
	struct sdg_error err;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, lie, &liar), 0);
	assert_fails(sdg_ask(endpoint, &key, words, 10000, &answer, &err),
		     SDG_EINVAL, err);
	assert_string_equal(err.message, "this is no answer");
	pthread_join(thread, NULL);
}

static void test_bus_ask_what_is_no_answer_is_refused(void **state)
{
	(void)state;
	is_no_answer("R", 1);
	is_no_answer("X\0\0\0\0\0", 6);
	is_no_answer("R\0\0\0\0\2x", 7);
	is_no_answer("R\0\xff\xff\xff\xffx", 7);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_bus_ask_answer_is_what_was_said),
		ONE(test_bus_ask_too_much_is_not_asked),
		ONE(test_bus_ask_says_why_there_is_no_answer),
		ONE(test_bus_ask_what_is_no_question_is_told_so),
		ONE(test_bus_ask_asker_that_has_gone),
		ONE(test_bus_ask_what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
