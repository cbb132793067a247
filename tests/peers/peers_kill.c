/*
 * peers_kill: what has a server acknowledged that cannot be read after it
 * was killed?
 *
 *	peers_kill [--kills N] [--window N] [--seed N] [--delay MS]
 *		   [--settle MS] [--power-cut] PEER WORKER
 *
 * A producer keeps a window of events un-acked. The server is killed with
 * SIGKILL at random moments under that load and started again; what has no
 * ack is sent again. In the end everything is read: each number that was
 * acked must be there. Prints one line of JSON. --power-cut: once, and what
 * the server had not synced by then is gone from its files (cut_power.py).
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peers.h"

/* Events between two kills, at most: a bound on disk and time. */
#define EVENTS_A_KILL 20000
#define RESEND_SECONDS 60

struct run {
	const struct peer *peer;
	struct place place;
	int kills, window, delay_ms, settle_ms;
	bool power, dead;
	uint64_t seed;
	uint64_t cap, sent, acked, readable, lost, again, foreign;
	uint8_t *ack;    /* by number */
	uint8_t *stored; /* by number, how often */
	uint64_t *open;  /* numbers in flight */
	int in_flight;
	double worst; /* from a kill to the next ack */
};

static uint64_t dice(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void take_ack(void *arg, uint64_t number)
{
	struct run *run = arg;

	for (int i = 0; i < run->in_flight; i++) {
		if (run->open[i] != number)
			continue;
		run->open[i] = run->open[--run->in_flight];
		break;
	}
	run->acked += !run->ack[number];
	run->ack[number] = 1;
}

static void take_found(void *arg, uint64_t number)
{
	struct run *run = arg;

	if (number >= run->sent) {
		run->foreign++;
		return;
	}
	run->readable += run->stored[number] == 0;
	run->again += run->stored[number] > 0;
	if (run->stored[number] < 255)
		run->stored[number]++;
}

/* Until @until, or until enough were sent. False: the way broke by itself. */
static bool load(struct run *run, void *link, double until)
{
	uint64_t most = run->sent + EVENTS_A_KILL;

	if (most > run->cap)
		most = run->cap;
	while (peer_now() < until) {
		while (run->in_flight < run->window && run->sent < most) {
			run->open[run->in_flight++] = run->sent;
			if (!run->peer->push(link, run->sent++))
				return false;
		}
		if (run->in_flight == 0)
			return true;
		if (!run->peer->acks(link, take_ack, run))
			return false;
	}
	return true;
}

/* One try to get what has no ack through @link. */
static bool resend_once(struct run *run, void *link, double deadline)
{
	int n = run->in_flight;

	for (int i = 0; i < n; i++)
		if (!run->peer->push(link, run->open[i]))
			return false;
	while (run->in_flight > 0 && peer_now() < deadline)
		if (!run->peer->acks(link, take_ack, run))
			return false;
	return run->in_flight == 0;
}

/* After a crash: what has no ack goes again, by new ways if need be. */
static void resend(struct run *run, void **link)
{
	double deadline = peer_now() + RESEND_SECONDS;

	while (!resend_once(run, *link, deadline) && peer_now() < deadline) {
		run->peer->close(*link);
		while (!(*link = run->peer->open(&run->place)))
			if (peer_now() > deadline)
				peer_die("%s came up and went again",
					 run->peer->id);
			else
				usleep(10000);
	}
	if (run->in_flight > 0)
		fprintf(stderr, "%s: %d are not acked again within %d s\n",
			run->peer->id, run->in_flight, RESEND_SECONDS);
}

/* RabbitMQ's quorum queue does not survive being killed in the seconds
 * after it was declared: that is not what is asked here. */
static void settle(const struct run *run)
{
	usleep((useconds_t)run->settle_ms * 1000);
}

/* All that a file's last state is made of. */
#define FILE_CALLS                                                             \
	"trace=open,openat,creat,lseek,write,pwrite64,writev,pwritev,"         \
	"pwritev2,ftruncate,link,linkat,rename,renameat,renameat2,fsync,"      \
	"fdatasync"

static void cut_power(const struct run *run)
{
	char trace[128], command[512];

	snprintf(trace, sizeof(trace), "%s/trace", run->place.folder);
	snprintf(command, sizeof(command), "python3 %s/cut_power.py %s %s",
		 PEERS_SOURCE, trace, run->place.folder);
	if (system(command) != 0)
		peer_die("the files cannot be cut");
}

/* Once: some thousand events acked, then the machine is without power. What
 * was not synced is gone; the server gets to see what is left. */
static void lose_power(struct run *run)
{
	void *link;
	pid_t pid;

	run->place.trace = FILE_CALLS;
	pid = peer_start(run->peer, &run->place, &link);
	if (!link)
		peer_die("%s does not start traced", run->peer->id);
	settle(run);
	load(run, link, peer_now() + (double)run->delay_ms / 1e3);
	peer_kill(pid);
	run->peer->close(link);
	/* strace writes its last lines when there is nobody left to trace. */
	usleep(500000);
	run->place.trace = NULL;
	cut_power(run);
	pid = peer_start(run->peer, &run->place, &link);
	if (!link) {
		run->dead = true;
		return;
	}
	run->peer->close(link);
	if (!run->peer->read(&run->place, take_found, run))
		run->dead = true;
	peer_kill(pid);
}

static void torment(struct run *run)
{
	uint64_t state = run->seed;
	double killed;
	void *link;
	pid_t pid = peer_start(run->peer, &run->place, &link);

	settle(run);
	for (int i = 0; link && i < run->kills; i++) {
		uint64_t ms = 1 + dice(&state) % (uint64_t)run->delay_ms;

		load(run, link, peer_now() + (double)ms / 1e3);
		killed = peer_now();
		peer_kill(pid);
		run->peer->close(link);
		pid = peer_start(run->peer, &run->place, &link);
		if (!link)
			break;
		resend(run, &link);
		if (peer_now() - killed > run->worst)
			run->worst = peer_now() - killed;
	}
	if (!link)
		peer_die("%s does not start; see %s/server.log", run->peer->id,
			 run->place.folder);
	run->peer->close(link);
	if (!run->peer->read(&run->place, take_found, run))
		peer_die("%s cannot be read", run->peer->id);
	peer_kill(pid);
}

static void judge(struct run *run)
{
	for (uint64_t i = 0; i < run->sent; i++)
		run->lost += run->ack[i] && !run->stored[i];
	printf("{\"fault\":\"%s\",\"starts\":%s,",
	       run->power ? "power cut" : "kill -9",
	       run->dead ? "false" : "true");
	printf("\"peer\":\"%s\",\"promise\":\"%s\",\"seed\":%" PRIu64
	       ",\"kills\":%d,\"window\":%d,\"sent\":%" PRIu64
	       ",\"acked\":%" PRIu64 ",\"readable\":%" PRIu64
	       ",\"lost\":%" PRIu64 ",\"twice\":%" PRIu64
	       ",\"foreign\":%" PRIu64 ",\"worst_recovery_s\":%.2f}\n",
	       run->peer->id, run->peer->promise, run->seed, run->kills,
	       run->window, run->sent, run->acked, run->readable, run->lost,
	       run->again, run->foreign, run->worst);
}

int main(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "kills", required_argument, NULL, 'k' },
		{ "window", required_argument, NULL, 'w' },
		{ "seed", required_argument, NULL, 's' },
		{ "delay", required_argument, NULL, 'd' },
		{ "settle", required_argument, NULL, 'S' },
		{ "power-cut", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct run run = {
		.kills = 20, .window = 256, .delay_ms = 300, .seed = 1
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'k')
			run.kills = atoi(optarg);
		else if (c == 'w')
			run.window = atoi(optarg);
		else if (c == 's')
			run.seed = strtoull(optarg, NULL, 10);
		else if (c == 'p')
			run.power = true;
		else if (c == 'S')
			run.settle_ms = atoi(optarg);
		else if (c == 'd')
			run.delay_ms = atoi(optarg);
		else
			optind = argc;
	}
	if (optind + 2 != argc || run.kills < 1 || run.window < 1 ||
	    run.window > 4096 || run.delay_ms < 1)
		peer_die("usage: peers_kill [--kills N] [--window N] "
			 "[--seed N] [--delay MS] [--settle MS] [--power-cut] "
			 "PEER WORKER");
	run.peer = peer_find(argv[optind]);
	peer_place(&run.place, argv[optind + 1]);
	run.cap = (uint64_t)(run.kills + 1) * EVENTS_A_KILL;
	run.ack = calloc(run.cap, 1);
	run.stored = calloc(run.cap, 1);
	run.open = calloc((size_t)run.window, sizeof(*run.open));
	if (!run.ack || !run.stored || !run.open)
		peer_die("no memory");
	if (run.power)
		lose_power(&run);
	else
		torment(&run);
	judge(&run);
	peer_place_remove(run.peer, &run.place);
	return 0;
}
