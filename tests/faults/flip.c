/*
 * faults_flip: damages a store at random places, one at a time, and holds
 * what is printed of it against what was printed of it whole.
 *
 *	faults_flip [--count N] [--seed S] [--place BYTE:BIT] SOUNDINGS HOME
 *
 * --place damages that one place again (BIT -1: cut short there). Nine times in
 *ten one bit is flipped, else the file is cut short. Whatever the place, each
 *command may print what it printed before, or refuse with status 65, words and
 *no figure; other figures are wrong, and any other end is unexplained. The
 *store must be at rest; it is whole again at the end.
 */
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#define OUT_MAX (4 << 20)

static const char *const COMMANDS[][6] = {
	{ "report", "--by", "region,theme", "--format", "json" },
	{ "report", "--by", "month,source", "--format", "json" },
	{ "report", "--by", "role", "--format", "json" },
	{ "ledger", "--format", "json" },
	{ "messages", "--format", "json" },
	{ "verify", "--format", "json" },
};
#define COMMAND_COUNT (sizeof(COMMANDS) / sizeof(*COMMANDS))
#define VERIFY (COMMAND_COUNT - 1)

struct answer {
	char *out;
	size_t len;
	int status;
	bool words;
};

static uint64_t state;

static uint64_t number(uint64_t below) /* splitmix64 */
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

/* When it was asked is in an answer, and is no figure. */
static void drop_times(struct answer *a)
{
	char *at = strstr(a->out, "\"generated_at\"");
	size_t n = at ? strcspn(at, "\n") : 0;

	if (at)
		memset(at, ' ', n);
}

static void take(int fd, struct answer *a)
{
	ssize_t n;

	while (a->len < OUT_MAX &&
	       (n = read(fd, a->out + a->len, OUT_MAX - a->len)) > 0)
		a->len += (size_t)n;
	a->out[a->len] = '\0';
}

static void ask(const char *program, const char *const *command,
		struct answer *a)
{
	FILE *words = tmpfile();
	int pipes[2], status;
	struct stat st;
	pid_t pid;

	if (!words || pipe2(pipes, O_CLOEXEC) < 0)
		die("no pipe");
	a->len = 0;
	pid = fork();
	if (pid == 0) {
		const char *args[8] = { program };

		for (int i = 0; i < 6 && command[i]; i++)
			args[i + 1] = command[i];
		dup2(pipes[1], STDOUT_FILENO);
		dup2(fileno(words), STDERR_FILENO);
		execv(program, (char **)(uintptr_t)args);
		_exit(127);
	}
	close(pipes[1]);
	take(pipes[0], a);
	close(pipes[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("cannot run %s", program);
	a->status = WIFEXITED(status) ? WEXITSTATUS(status) : 256;
	a->words = fstat(fileno(words), &st) == 0 && st.st_size > 0;
	fclose(words);
	drop_times(a);
}

struct place {
	uint64_t at; /* of the byte, or the new length */
	int bit;     /* -1: cut short */
};

static void damage(int fd, const struct place *p, uint8_t *byte)
{
	uint8_t other;

	if (p->bit < 0) {
		if (ftruncate(fd, (off_t)p->at) < 0)
			die("cannot cut the store short");
		return;
	}
	if (pread(fd, byte, 1, (off_t)p->at) != 1)
		die("cannot read the store");
	other = (uint8_t)(*byte ^ 1u << p->bit);
	if (pwrite(fd, &other, 1, (off_t)p->at) != 1)
		die("cannot damage the store");
}

static void mend(int fd, const struct place *p, uint8_t byte,
		 const uint8_t *whole, size_t len)
{
	ssize_t n = p->bit < 0 ? pwrite(fd, whole, len, 0)
			       : pwrite(fd, &byte, 1, (off_t)p->at);

	if (n != (p->bit < 0 ? (ssize_t)len : 1))
		die("cannot mend the store");
}

struct sums {
	unsigned same, refused, wrong, unexplained, found;
};

static bool is_same(const struct answer *a, const struct answer *before)
{
	return a->status == before->status && a->len == before->len &&
	       memcmp(a->out, before->out, a->len) == 0;
}

/* What came of one place: every command's answer counts. */
static void judge(const char *program, const struct answer *before,
		  const struct place *p, struct answer *a, struct sums *sums)
{
	bool refused = false;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		ask(program, COMMANDS[i], a);
		if (is_same(a, &before[i]))
			continue;
		if (a->status == 65 && (i == VERIFY || a->len == 0) &&
		    (i == VERIFY || a->words)) {
			refused |= i != VERIFY;
			sums->found += i == VERIFY;
			continue;
		}
		if (a->status == 0)
			sums->wrong++;
		else
			sums->unexplained++;
		printf("%s: %s %s, --place %llu:%d: status %d, %zu bytes\n",
		       a->status ? "unexplained" : "wrong", COMMANDS[i][0],
		       COMMANDS[i][2] ? COMMANDS[i][2] : "",
		       (unsigned long long)p->at, p->bit, a->status, a->len);
	}
	if (refused)
		sums->refused++;
	else
		sums->same++;
}

static uint8_t *read_whole(int fd, size_t *len)
{
	struct stat st;
	uint8_t *whole;

	if (fstat(fd, &st) < 0)
		die("cannot look at the store");
	*len = (size_t)st.st_size;
	whole = malloc(*len);
	if (!whole || pread(fd, whole, *len, 0) != (ssize_t)*len)
		die("cannot read the store");
	return whole;
}

static void ask_whole(const char *program, struct answer *before,
		      struct answer *a)
{
	for (size_t i = 0; i <= COMMAND_COUNT; i++) {
		struct answer *to = i < COMMAND_COUNT ? &before[i] : a;

		to->out = malloc(OUT_MAX + 1);
		if (!to->out)
			die("no memory");
		if (i < COMMAND_COUNT)
			ask(program, COMMANDS[i], to);
		if (i < COMMAND_COUNT && to->status != 0)
			die("%s does not answer of the whole store",
			    COMMANDS[i][0]);
	}
}

/* @one: that place alone; NULL: @count at random. */
static void campaign(const char *program, int fd, unsigned count,
		     const struct place *one, struct sums *sums)
{
	struct answer before[COMMAND_COUNT] = { 0 }, a = { 0 };
	uint8_t byte = 0, *whole;
	size_t len;

	whole = read_whole(fd, &len);
	ask_whole(program, before, &a);
	for (unsigned i = 0; i < count; i++) {
		struct place p = { number(len), (int)number(8) };

		if (number(10) == 0)
			p.bit = -1;
		if (one)
			p = *one;
		if (p.at >= len)
			die("the store has no byte %llu",
			    (unsigned long long)p.at);
		damage(fd, &p, &byte);
		judge(program, before, &p, &a, sums);
		mend(fd, &p, byte, whole, len);
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		free(before[i].out);
	free(a.out);
	free(whole);
}

static bool read_place(const char *text, struct place *p)
{
	char *end;

	p->at = strtoull(text, &end, 10);
	if (*end != ':')
		die("a place is BYTE:BIT");
	p->bit = (int)strtol(end + 1, NULL, 10);
	if (p->bit > 7)
		die("a byte has bits 0 to 7");
	return true;
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "place", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned count = 150;
	struct sums sums = { 0 };
	struct place place;
	bool one = false;
	char path[4096];
	int opt, fd;

	state = (uint64_t)getpid();
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'c')
			count = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 'p')
			one = read_place(optarg, &place);
		else if (opt == 's')
			state = strtoull(optarg, NULL, 10);
		else
			return 64;
	}
	if (argc - optind != 2)
		die("usage: faults_flip [--count N] [--seed S] "
		    "[--place BYTE:BIT] SOUNDINGS HOME");
	/* Asked about the very store that is damaged, and no other. */
	setenv("SOUNDINGS_HOME", argv[optind + 1], 1);
	snprintf(path, sizeof(path), "%.4000s/store/data.mdb",
		 argv[optind + 1]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("cannot open %s", path);
	if (one)
		count = 1;
	else
		printf("seed %llu\n", (unsigned long long)state);
	campaign(argv[optind], fd, count, one ? &place : NULL, &sums);
	close(fd);
	printf("%u places: %u answered as before, %u refused in words; verify "
	       "found %u; wrong figures %u, unexplained exits %u\n",
	       count, sums.same, sums.refused, sums.found, sums.wrong,
	       sums.unexplained);
	return sums.wrong || sums.unexplained ? 1 : 0;
}
