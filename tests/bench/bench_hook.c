/*
 * bench_hook: the mail hook as a mail system sees it: a process a message,
 * from its start to its exit with 0, the event durable. Beside it, in turn: a
 * program that does nothing, and bench_floor: an empty program that loads the
 * parser's libraries, and the same with one event acknowledged.
 *
 *	bench_hook [--rounds N] HOOK WORKER
 */
#include "bench.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 200

extern char **environ;

struct series {
	const char *about;
	const char *argv[4];
	double took[2000];
};

static int rounds = ROUNDS;

static void write_message(const char *path, int number)
{
	FILE *file = fopen(path, "w");

	if (!file)
		bench_die("cannot write \"%s\"", path);
	fprintf(file,
		"From: Jane Doe <jane.doe@school.example>\n"
		"To: future@association.example\n"
		"Date: Tue, 10 Mar 2015 09:%02d:%02d +0000\n"
		"Message-ID: <bench-%d-%ld@school.example>\n"
		"Subject: What we want\n\n"
		"We cannot recruit a maths teacher, and the budget will be in "
		"deficit by the summer.\nThe inspection told us nothing that "
		"we did not know.\n\nJane Doe\nHead, Example School, Norwich "
		"NR1 1AA\n",
		number / 60 % 60, number % 60, number, (long)getpid());
	fclose(file);
}

/* Milliseconds from spawn to exit. */
static double run(const struct series *series, const char *message)
{
	posix_spawn_file_actions_t actions;
	double start;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, message, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	start = bench_now();
	if (posix_spawnp(&pid, series->argv[0], &actions, NULL,
			 (char *const *)(uintptr_t)series->argv, environ) != 0)
		bench_die("cannot run \"%s\"", series->argv[0]);
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		bench_die("\"%s\" left with status %x", series->argv[0],
			  (unsigned)status);
	posix_spawn_file_actions_destroy(&actions);
	return (bench_now() - start) * 1e3;
}

static pid_t start_worker(const char *program)
{
	char line[16];
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		bench_die("cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execl(program, "soundings-worker", (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], line, sizeof(line)) < 5)
		bench_die("the worker does not become ready");
	close(ends[0]);
	return pid;
}

static void print(struct series *series, size_t n)
{
	double p50[4], p99[4];

	printf("%-46s %9s %9s\n", "a process, ms", "p50", "p99");
	for (size_t i = 0; i < n; i++) {
		p50[i] = bench_quantile(series[i].took, (size_t)rounds, 0.5);
		p99[i] = bench_quantile(series[i].took, (size_t)rounds, 0.99);
		printf("%-46s %9.2f %9.2f\n", series[i].about, p50[i], p99[i]);
	}
	printf("%-46s %9.2f %9.2f\n", "the hook, of the libraries and one ack",
	       p50[3] / p50[2], p99[3] / p99[2]);
	printf("%-46s %9.2f\n", "the hook, of an empty program",
	       p50[3] / p50[0]);
}

/* bench_floor lies beside us. */
static const char *floor_program(char path[4096])
{
	ssize_t n = readlink("/proc/self/exe", path, 4096 - 16);
	char *slash;

	if (n <= 0)
		bench_die("cannot tell where we are");
	path[n] = '\0';
	slash = strrchr(path, '/');
	memcpy(slash + 1, "bench_floor", sizeof("bench_floor"));
	return path;
}

int main(int argc, char *argv[])
{
	static struct series series[] = {
		{ .about = "nothing at all", .argv = { "true" } },
		{ .about = "the parser's libraries, loaded" },
		{ .about = "the same, and one event acknowledged" },
		{ .about = "the hook: a message, acknowledged" },
	};
	char folder[64], message[96], floor[4096];
	pid_t worker;

	if (argc == 5 && strcmp(argv[1], "--rounds") == 0)
		rounds = atoi(argv[2]);
	else if (argc != 3)
		bench_die("usage: bench_hook [--rounds N] HOOK WORKER");
	if (rounds < 1 || rounds > 2000)
		bench_die("1 to 2000 rounds");
	series[1].argv[0] = series[2].argv[0] = floor_program(floor);
	series[2].argv[1] = "ack";
	series[3].argv[0] = argv[argc - 2];
	series[3].argv[1] = "--hook";
	bench_folder(folder);
	setenv("SOUNDINGS_HOME", folder, 1);
	snprintf(message, sizeof(message), "%s/message", folder);
	worker = start_worker(argv[argc - 1]);
	for (int i = 0; i < rounds; i++) {
		write_message(message, i);
		for (size_t k = 0; k < 4; k++)
			series[k].took[i] = run(&series[k], message);
	}
	kill(worker, SIGTERM);
	waitpid(worker, NULL, 0);
	bench_remove(folder);
	print(series, 4);
	return 0;
}
