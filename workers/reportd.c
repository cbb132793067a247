/*
 * soundings-reportd: answers questions from other desks. It opens no store:
 * it checks who asks, whether their role may ask that, and runs the command
 * line, which does. What it cannot be made to do is write a file, read one
 * that it is pointed at, or change anything: commands and options are a
 * list, and what is not on it is refused.
 *
 * Every reading of members' words, and every table asked for under a policy,
 * is noted in access.jsonl, before it is answered.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <soundings/ask.h>
#include <soundings/clients.h>
#include <soundings/config.h>
#include <soundings/disclosure.h>
#include <soundings/home.h>

#include "asked.h"
#include "log.h"
#include "service.h"

#define EX_USAGE 64
#define EX_NOPERM 77
#define IDLE_MS 500
#define RUN_SECONDS 60
/* Under SDG_ANSWER_MAX with room for what it says. */
#define OUT_MAX (48u << 20)
#define TALK_MAX 65536

static volatile sig_atomic_t stopping;

static void stop(int signo)
{
	(void)signo;
	stopping = 1;
}

/* ------------------------------------------------------------- noting it */

/* What was asked for: the verb, ids and options. Words that are looked for, or
 * noted with a decision, may be a member's: of them only that there were some.
 */
static bool is_telling(const char *word, bool first)
{
	static const char id[] = "0123456789abcdef-",
			  verb[] = "abcdefghijklmnopqrstuvwxyz-";

	return strncmp(word, "--", 2) == 0 ||
	       strspn(word, id) == strlen(word) ||
	       (first && strspn(word, verb) == strlen(word));
}

static json_t *which(const struct sdg_question *q)
{
	json_t *list = json_array();
	bool made, first = true;
	char *word;

	for (size_t i = 1, n; i < q->word_count; i += n) {
		n = asked_next(q, i, &word, &made);
		if (n == 0)
			break;
		if (strncmp(word, "--grep=", 7) == 0)
			json_array_append_new(list, json_string("--grep=…"));
		else
			json_array_append_new(
			    list,
			    json_string(is_telling(word, first) ? word : "…"));
		first &= strncmp(word, "--", 2) == 0;
		if (made)
			free(word);
	}
	return list;
}

static int note_reading(const struct sdg_home *home,
			const struct sdg_client *client,
			const struct sdg_question *q)
{
	char path[SDG_PATH_MAX + 16], now[32];
	time_t seconds = time(NULL);
	struct tm tm;
	json_t *line;
	char *text;
	int fd, rc = -1;

	gmtime_r(&seconds, &tm);
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	line = json_pack("{s:s, s:s, s:s, s:o}", "what", q->words[0], "at", now,
			 "by", client->name, "which", which(q));
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	if (!text)
		return -1;
	snprintf(path, sizeof(path), "%s/access.jsonl", home->root);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0 &&
	    dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0)
		rc = 0;
	if (fd >= 0)
		close(fd);
	free(text);
	return rc;
}

/* ------------------------------------------------------------- running it */

struct stream {
	int fd;
	char *text;
	size_t len, max;
};

/* @policy: NULL, or what the role may see of small figures. */
static void run_child(struct sdg_question *q, const char *policy, int out,
		      int talk)
{
	char path[SDG_PATH_MAX];
	char *argv[SDG_ASK_WORDS + 2] = { (char *)"soundings" };
	int null = open("/dev/null", O_RDONLY);
	bool made;

	if (sdg_program_path("soundings", path, NULL) < 0)
		_exit(75);
	for (size_t i = 0, n = 1, some; i < q->word_count; n++, i += some) {
		some = asked_next(q, i, &argv[n], &made);
		if (some == 0)
			_exit(75);
	}
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(talk, 2) < 0)
		_exit(75);
	setenv("NO_COLOR", "1", 1);
	if (policy)
		setenv("SOUNDINGS_POLICY", policy, 1);
	else
		unsetenv("SOUNDINGS_POLICY");
	alarm(RUN_SECONDS);
	execv(path, argv);
	_exit(75);
}

/* False at its end. What is past the limit is read and dropped. */
static bool read_more(struct stream *s)
{
	char buffer[65536];
	ssize_t n = read(s->fd, buffer, sizeof(buffer));
	char *more;

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	if ((size_t)n > s->max - s->len)
		n = (ssize_t)(s->max - s->len);
	more = realloc(s->text, s->len + (size_t)n + 1);
	if (!more)
		return false;
	s->text = more;
	memcpy(s->text + s->len, buffer, (size_t)n);
	s->len += (size_t)n;
	return true;
}

static void read_both(struct stream *a, struct stream *b)
{
	struct pollfd fds[2] = { { .fd = a->fd, .events = POLLIN },
				 { .fd = b->fd, .events = POLLIN } };

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0)
			continue; /* a signal: the child has its own alarm */
		if (fds[0].revents && !read_more(a))
			fds[0].fd = -1;
		if (fds[1].revents && !read_more(b))
			fds[1].fd = -1;
	}
}

static int run(struct sdg_question *q, const char *policy,
	       struct sdg_answer *answer)
{
	int out[2] = { -1, -1 }, talk[2] = { -1, -1 }, status;
	struct stream from_out, from_talk;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(talk, O_CLOEXEC) != 0)
		goto fail;
	pid = fork();
	if (pid < 0)
		goto fail;
	if (pid == 0)
		run_child(q, policy, out[1], talk[1]);
	close(out[1]);
	close(talk[1]);
	from_out = (struct stream){ out[0], calloc(1, 1), 0, OUT_MAX };
	from_talk = (struct stream){ talk[0], calloc(1, 1), 0, TALK_MAX };
	read_both(&from_out, &from_talk);
	close(out[0]);
	close(talk[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*answer = (struct sdg_answer){
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 75,
		.out = from_out.text,
		.out_len = from_out.len,
		.talk = from_talk.text,
		.talk_len = from_talk.len,
	};
	return answer->out && answer->talk ? 0 : -1;
fail:
	for (int i = 0; i < 2; i++) {
		if (out[i] >= 0)
			close(out[i]);
		if (talk[i] >= 0)
			close(talk[i]);
	}
	return -1;
}

/* ---------------------------------------------------------------- serving */

struct server {
	const char *listen;
	struct sdg_home home;
	struct sdg_config config;
	struct sdg_clients *clients;
	struct sdg_answerer *answerer;
};

static void say(struct sdg_answer *answer, int status, const char *why)
{
	size_t size = strlen(why) + 16;

	*answer = (struct sdg_answer){ .status = status,
				       .out = calloc(1, 1),
				       .talk = calloc(1, size) };
	if (answer->talk)
		answer->talk_len = (size_t)snprintf(answer->talk, size,
						    "soundings: %s\n", why);
}

/* Readings of words; and what is asked under a policy, since many questions
 * together may tell what none of them does. */
static bool is_noted(const struct sdg_client *client,
		     const struct sdg_question *q)
{
	return asked_words(q) || (client->role == SDG_CLIENT_REPORT &&
				  strcmp(q->words[0], "status") != 0);
}

static int answer(struct server *s, struct sdg_question *q,
		  struct sdg_error *err)
{
	const struct sdg_client *client;
	struct sdg_answer a = { 0 };
	const char *why;
	int rc = 0;

	/* For each question, so that a revoked key is cut off at once. */
	sdg_clients_refresh(s->clients, NULL);
	client = sdg_clients_find(s->clients, q->client);
	why = asked_refusal(client, q, time(NULL));
	if (why)
		say(&a, EX_NOPERM, why);
	else if (is_noted(client, q) && note_reading(&s->home, client, q) < 0)
		say(&a, 75, "the reading could not be noted");
	else if (run(q,
		     client->role == SDG_CLIENT_REPORT
			 ? s->config.network.report_policy
			 : NULL,
		     &a) < 0) {
		sdg_answer_fini(&a);
		say(&a, 75, "the question could not be answered now");
	}
	if (!a.out || !a.talk)
		rc = sdg_fail(err, SDG_ENOMEM, "no memory to answer");
	else
		rc = sdg_answerer_reply(s->answerer, &a, err);
	log_line("%s asked %s: %d", client ? client->name : "a key unknown",
		 why ? "what it may not" : q->words[0], a.status);
	sdg_answer_fini(&a);
	return rc;
}

static int serve(struct server *s, struct sdg_error *err)
{
	struct sdg_question question;
	int rc = 0;

	while (rc >= 0 && !stopping) {
		rc = sdg_answerer_next(s->answerer, IDLE_MS, &question, err);
		if (rc == 1)
			rc = answer(s, &question, err);
		service_alive();
	}
	return rc;
}

static const char HELP[] =
    "  soundings-reportd --listen tcp://0.0.0.0:5700\n"
    "\n"
    "Usage: soundings-reportd --listen ENDPOINT\n"
    "\n"
    "Answers 'soundings --from ENDPOINT report …' from other desks, for keys\n"
    "of the roles report and officer ('soundings keys new'). In the\n"
    "foreground, until SIGTERM; prints \"ready\" once it answers.\n";

static void parse_options(int argc, char *argv[], struct server *s)
{
	static const struct option known[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "listen", required_argument, NULL, 'l' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		if (c == 'h') {
			fputs(HELP, stdout);
			exit(fflush(stdout) == 0 ? 0 : 75);
		}
		if (c == 'v') {
			puts("soundings-reportd " SOUNDINGS_VERSION);
			exit(0);
		}
		if (c != 'l')
			errx(EX_USAGE, "try 'soundings-reportd --help'");
		s->listen = optarg;
	}
	if (optind < argc || !s->listen)
		errx(EX_USAGE, "try 'soundings-reportd --help'");
}

int main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = stop };
	const struct rlimit none = { 0, 0 };
	struct server s = { 0 };
	struct sdg_error err = { 0 };
	int rc;

	parse_options(argc, argv, &s);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	setrlimit(RLIMIT_CORE, &none);
	log_start("reportd");
	rc = sdg_home_find(&s.home, &err);
	if (rc == 0)
		rc = sdg_config_load(&s.home, &s.config, &err);
	if (rc == 0 && !sdg_policy_find(s.config.network.report_policy))
		rc = sdg_fail(&err, SDG_EINVAL,
			      "network.report-policy: no policy \"%s\"",
			      s.config.network.report_policy);
	if (rc == 0)
		rc = sdg_clients_open(s.home.keys, &s.clients, &err);
	if (rc == 0)
		rc =
		    sdg_answerer_open(s.home.keys, s.listen, &s.answerer, &err);
	if (rc == 0) {
		puts("ready");
		fflush(stdout);
		service_ready();
		rc = serve(&s, &err);
		service_stopping();
	}
	if (rc < 0)
		log_line("%s", err.message);
	sdg_answerer_close(s.answerer);
	sdg_clients_close(s.clients);
	return sdg_exit_code(rc < 0 ? rc : 0);
}
