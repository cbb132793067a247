/*
 * peers_bench: acked and counted events a second, ours beside what people
 * would otherwise use, on the loopback, in one interleaved run.
 *
 *	peers_bench [--rounds N] [--scale PERCENT] [--only PEER] [--json FILE]
 *		    WORKER
 *
 * Each round starts every server once in a fresh folder, with its consumer,
 * and pushes the same events (600 bytes) at windows of 1, 64 and 1,024.
 * "acked" is when the producer has its last ack, "counted" when the consumer
 * has committed the last event and its sums. Then a server is started under
 * strace, and its syncs are counted while 2,000 events are acked at window
 * 64: does it sync before it acks?
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peers.h"

#define PEERS_MAX 16
#define ROUNDS_MAX 9
#define WINDOWS 3
#define TRACED 2000

static const struct load {
	int window;
	uint64_t events;
} LOADS[WINDOWS] = { { 1, 1500 }, { 64, 30000 }, { 1024, 60000 } };

struct figures {
	double acked[WINDOWS], counted[WINDOWS]; /* events a second */
	double p50;                              /* window 1, microseconds */
};

static struct {
	int rounds, scale;
	const char *only, *json, *worker;
} opt = { .rounds = 3, .scale = 100 };
static struct figures all[PEERS_MAX][ROUNDS_MAX];
static double syncs[PEERS_MAX];
static atomic_ullong *counted;

struct flight {
	int open;
	uint64_t acked;
};

static void take_ack(void *arg, uint64_t number)
{
	struct flight *flight = arg;

	(void)number;
	flight->open--;
	flight->acked++;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Numbers from @from; the median time to an ack, when they go one by one. */
static double deliver(const struct peer *peer, void *link, uint64_t from,
		      uint64_t events, int window)
{
	double *took = calloc(events, sizeof(*took)), sent, p50;
	struct flight flight = { 0 };
	uint64_t next = 0;

	while (flight.acked < events) {
		sent = peer_now();
		while (next < events && flight.open < window) {
			flight.open++;
			if (!peer->push(link, from + next++))
				peer_die("%s: the way broke", peer->id);
		}
		if (!peer->acks(link, take_ack, &flight))
			peer_die("%s: no ack", peer->id);
		took[flight.acked - 1] = peer_now() - sent;
	}
	p50 = median(took, events) * 1e6;
	free(took);
	return p50;
}

static void wait_counted(const struct peer *peer, uint64_t total)
{
	double deadline = peer_now() + 120;

	while (*counted < total && peer_now() < deadline)
		usleep(500);
	if (*counted < total)
		peer_die("%s counts too slowly", peer->id);
}

static uint64_t scaled(const struct load *load)
{
	uint64_t n = load->events * (uint64_t)opt.scale / 100;

	return n < 50 ? 50 : n;
}

static void run_loads(const struct peer *peer, void *link,
		      struct figures *figures)
{
	uint64_t done = 0;

	for (int i = 0; i < WINDOWS; i++) {
		uint64_t events = scaled(&LOADS[i]);
		double start = peer_now(), p50;

		p50 = deliver(peer, link, done, events, LOADS[i].window);
		figures->acked[i] = (double)events / (peer_now() - start);
		if (LOADS[i].window == 1)
			figures->p50 = p50;
		done += events;
		if (!peer->counts)
			wait_counted(peer, done);
		figures->counted[i] = (double)events / (peer_now() - start);
	}
}

static void run_peer(const struct peer *peer, struct figures *figures)
{
	pid_t server, consumer = 0;
	struct place place;
	uint64_t total = 0;
	void *link;

	peer_place(&place, opt.worker);
	server = peer_start(peer, &place, &link);
	if (!link)
		peer_die("%s does not start: see %s", peer->id, place.folder);
	*counted = 0;
	for (int i = 0; i < WINDOWS; i++)
		total += scaled(&LOADS[i]);
	if (!peer->counts && (consumer = fault_fork()) == 0) {
		peer->consume(&place, total, counted);
		_exit(0);
	}
	run_loads(peer, link, figures);
	peer->close(link);
	if (consumer > 0) {
		kill(consumer, SIGKILL);
		waitpid(consumer, NULL, 0);
	}
	peer_kill(server);
	peer_place_remove(peer, &place);
}

/* ------------------------------------------------------- do they sync? */

static uint64_t count_syncs(const struct place *place)
{
	char path[128], line[4096];
	uint64_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/trace", place->folder);
	file = fopen(path, "r");
	/* A call that another thread interrupts stands on two lines. */
	while (file && fgets(line, sizeof(line), file))
		n += strstr(line, "sync") && !strstr(line, "resumed");
	if (file)
		fclose(file);
	return n;
}

static double run_traced(const struct peer *peer)
{
	uint64_t before, after;
	struct place place;
	pid_t server;
	void *link;

	peer_place(&place, opt.worker);
	place.trace = "trace=fsync,fdatasync,sync_file_range,msync";
	server = peer_start(peer, &place, &link);
	if (!link)
		peer_die("%s does not start traced", peer->id);
	deliver(peer, link, 0, 64, 64);
	before = count_syncs(&place);
	deliver(peer, link, 64, TRACED, 64);
	after = count_syncs(&place);
	peer->close(link);
	peer_kill(server);
	peer_place_remove(peer, &place);
	return (double)(after - before) * 1000 / TRACED;
}

/* ---------------------------------------------------------------- output */

struct row {
	double acked[WINDOWS], counted[WINDOWS], p50;
	double low, high; /* counted at the largest window */
};

static struct row summarise(const struct figures *rounds)
{
	double values[ROUNDS_MAX];
	struct row row;
	int n = opt.rounds;

	for (int w = 0; w < WINDOWS; w++) {
		for (int r = 0; r < n; r++)
			values[r] = rounds[r].acked[w];
		row.acked[w] = median(values, (size_t)n);
		for (int r = 0; r < n; r++)
			values[r] = rounds[r].counted[w];
		row.counted[w] = median(values, (size_t)n);
	}
	row.low = values[0]; /* sorted by median() */
	row.high = values[n - 1];
	for (int r = 0; r < n; r++)
		values[r] = rounds[r].p50;
	row.p50 = median(values, (size_t)n);
	return row;
}

static bool wanted(const struct peer *peer)
{
	return !opt.only || strstr(peer->id, opt.only);
}

static void print_table(void)
{
	printf("| | ack, window 1, us | acked/s, 64 | acked/s, 1,024 | "
	       "counted/s, 1,024 (range) | ours, of it | syncs a 1,000 acks | "
	       "an ack means |\n|---|---|---|---|---|---|---|---|\n");
	for (int i = 0; peer_all[i]; i++) {
		struct row row, ours;

		if (!wanted(peer_all[i]))
			continue;
		row = summarise(all[i]);
		ours = summarise(all[0]);
		printf("| %s | %.0f | %.0f | %.0f | %.0f (%.0f to %.0f) | "
		       "%.1f | %.0f | %s |\n",
		       peer_all[i]->id, row.p50, row.acked[1], row.acked[2],
		       row.counted[2], row.low, row.high,
		       ours.counted[2] / row.counted[2], syncs[i],
		       peer_all[i]->promise);
	}
}

static void write_json(void)
{
	FILE *file = opt.json ? fopen(opt.json, "w") : NULL;
	const char *comma = "";

	if (!file)
		return;
	fprintf(file,
		"{\"schema\":\"soundings/peers/1\",\"rounds\":%d,"
		"\"peers\":{",
		opt.rounds);
	for (int i = 0; peer_all[i]; i++) {
		struct row row;

		if (!wanted(peer_all[i]))
			continue;
		row = summarise(all[i]);
		fprintf(file,
			"%s\n\"%s\":{\"ack_us\":%.1f,\"acked_64\":%.0f,"
			"\"acked_1024\":%.0f,\"counted_1024\":%.0f,"
			"\"low\":%.0f,\"high\":%.0f,\"syncs_per_1000\":%.1f}",
			comma, peer_all[i]->id, row.p50, row.acked[1],
			row.acked[2], row.counted[2], row.low, row.high,
			syncs[i]);
		comma = ",";
	}
	fprintf(file, "\n}}\n");
	fclose(file);
}

static void parse(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "scale", required_argument, NULL, 's' },
		{ "only", required_argument, NULL, 'o' },
		{ "json", required_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'r')
			opt.rounds = atoi(optarg);
		else if (c == 's')
			opt.scale = atoi(optarg);
		else if (c == 'o')
			opt.only = optarg;
		else if (c == 'j')
			opt.json = optarg;
		else
			optind = argc;
	}
	if (optind + 1 != argc || opt.rounds < 1 || opt.rounds > ROUNDS_MAX ||
	    opt.scale < 1)
		peer_die("usage: peers_bench [--rounds N] [--scale PERCENT] "
			 "[--only PEER] [--json FILE] WORKER");
	opt.worker = argv[optind];
}

int main(int argc, char *argv[])
{
	parse(argc, argv);
	counted = mmap(NULL, sizeof(*counted), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counted == MAP_FAILED)
		peer_die("no memory");
	for (int round = 0; round < opt.rounds; round++)
		for (int i = 0; peer_all[i]; i++) {
			if (!wanted(peer_all[i]) && i > 0)
				continue;
			fprintf(stderr, "\rround %d of %d: %-20s", round + 1,
				opt.rounds, peer_all[i]->id);
			run_peer(peer_all[i], &all[i][round]);
		}
	for (int i = 0; peer_all[i]; i++)
		if (wanted(peer_all[i]))
			syncs[i] = run_traced(peer_all[i]);
	fprintf(stderr, "\r%50s\r", "");
	print_table();
	write_json();
	return 0;
}
