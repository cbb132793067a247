/*
 * faults: known events, logs, processes. The checker is in check.c.
 */
#include "faults.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <soundings/identity.h>

#define SYNC_EVERY 512
#define RESPONDENTS 400

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	exit(1);
}

int64_t fault_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t fault_number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		die("\"%s\" is no number", text);
	return value;
}

/* splitmix64: any seed will do. */
uint64_t fault_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* ----------------------------------------------------------- known events */

static const char *const SENTENCES[] = {
	"We cannot appoint a maths teacher at any price. ",
	"Our budget will be in deficit by the summer. ",
	"Marking takes every evening of the week. ",
	"The inspection told us nothing that we did not know. ",
	"There is no help for children with special needs here. ",
	"Assessment without levels has left us alone. ",
	"The new curriculum came too fast for us to plan it. ",
	"Parents expect an answer within the hour. ",
};

static size_t event_text(uint64_t seed, uint64_t number, char *out, size_t cap)
{
	uint64_t state = seed ^ number * 0x2545f4914f6cdd1dULL;
	size_t sentences = 1 + fault_random(&state) % 12, used;

	used = (size_t)snprintf(out, cap, "Piece %" PRIu64 ". ", number);
	while (sentences-- > 0)
		used += (size_t)snprintf(out + used, cap - used, "%s",
					 SENTENCES[fault_random(&state) % 8]);
	return used;
}

size_t event_encode(uint64_t seed, uint64_t number, uint8_t *out)
{
	char text[2048], subject[64], address[64], response[64];
	struct sdg_feedback fb = {
		.source = number % 3 ? SDG_SOURCE_MAIL : SDG_SOURCE_SURVEY,
		.said = 1420070400 + (int64_t)(number * 977 % (400 * 86400)),
		.received = 1456790400,
	};
	struct sdg_error error;
	size_t len;

	fb.text = (struct sdg_str){ text, event_text(seed, number, text,
						     sizeof(text)) };
	snprintf(subject, sizeof(subject), "fault %" PRIu64, number);
	fb.subject = sdg_str(subject);
	snprintf(address, sizeof(address), "r%" PRIu64 "@school.example",
		 number * 7919 % RESPONDENTS);
	fb.respondent.address = sdg_str(address);
	snprintf(response, sizeof(response), "%" PRIu64 "-%" PRIu64, seed,
		 number);
	sdg_identity_survey(sdg_str("fault"), sdg_str(response), sdg_str("q"),
			    fb.identity);
	sdg_identity_content(fb.subject, fb.text, fb.content);
	if (sdg_feedback_encode(&fb, out, &len, &error) < 0)
		die("%s", error.message);
	return len;
}

int64_t event_number(uint64_t seed, const struct sdg_feedback *fb)
{
	char text[2048], subject[64];
	uint64_t number;
	size_t len;

	snprintf(subject, sizeof(subject), "%.*s", SDG_STR_ARG(fb->subject));
	if (sscanf(subject, "fault %" SCNu64, &number) != 1)
		return -1;
	len = event_text(seed, number, text, sizeof(text));
	if (fb->text.len != len || memcmp(fb->text.s, text, len) != 0)
		return -1;
	return (int64_t)number;
}

/* -------------------------------------------------------------- the log */

struct log_file {
	int fd;
	unsigned pending;
};

struct log_file *log_file_open(const char *path)
{
	struct log_file *log = calloc(1, sizeof(*log));

	if (!log)
		die("no memory");
	log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log->fd < 0)
		die("cannot open log \"%s\"", path);
	return log;
}

void log_file_add(struct log_file *log, enum log_what what, uint64_t number,
		  uint32_t outcome)
{
	struct log_record record = {
		.number = number,
		.at_ms = fault_now_ms(),
		.what = what,
		.outcome = outcome,
	};

	if (write(log->fd, &record, sizeof(record)) != sizeof(record))
		die("cannot write the log");
	if (++log->pending < SYNC_EVERY)
		return;
	log->pending = 0;
	if (fdatasync(log->fd) < 0)
		die("cannot sync the log");
}

void log_file_close(struct log_file *log)
{
	if (fsync(log->fd) < 0)
		die("cannot sync the log");
	close(log->fd);
	free(log);
}

/* --------------------------------------------------------------- processes */

static pid_t spawn_worker(const char *program, int slot, bool classify,
			  int output)
{
	pid_t pid = fault_fork();
	char number[16];
	int log;

	if (pid > 0)
		return pid;
	log = open("worker.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(log, STDERR_FILENO);
	if (output < 0)
		output = open("/dev/null", O_WRONLY);
	dup2(output, STDOUT_FILENO);
	snprintf(number, sizeof(number), "%d", slot);
	execl(program, "soundings-worker", "--slot", number,
	      classify ? (char *)NULL : "--no-classify", (char *)NULL);
	_exit(1);
}

pid_t worker_launch(const char *program, int slot, bool classify)
{
	return spawn_worker(program, slot, classify, -1);
}

pid_t worker_start(const char *program, int slot, bool classify)
{
	char line[16];
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("cannot make a pipe");
	pid = spawn_worker(program, slot, classify, ends[1]);
	close(ends[1]);
	if (read(ends[0], line, sizeof(line)) < 5 ||
	    memcmp(line, "ready", 5) != 0)
		die("worker %d does not become ready: see worker.log", slot);
	close(ends[0]);
	return pid;
}
