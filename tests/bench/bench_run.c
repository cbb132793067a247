/*
 * bench_run: the pipeline as it is: worker processes, the real bus, a fresh
 * store, one producer; every event durable before its receipt.
 */
#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <soundings/bus.h>
#include <soundings/clients.h>
#include <soundings/home.h>

#define WORKERS_MAX 4

struct flight {
	double *sent; /* at window 1: when; else NULL */
	double *took;
	size_t n;
	uint64_t outcomes[SDG_OUTCOME_COUNT];
};

static void take_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	struct flight *flight = arg;

	(void)reason;
	flight->outcomes[outcome]++;
	if (flight->took)
		flight->took[flight->n++] =
		    (bench_now() - flight->sent[(uintptr_t)cookie]) * 1e6;
}

static pid_t start_worker(const struct pipeline *p, int slot,
			  const char *folder)
{
	char number[16], line[16], log[96];
	const char *argv[6] = { "soundings-worker", "--slot", number };
	int ends[2], argc = 3, fd;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", slot);
	if (!p->classify)
		argv[argc++] = "--no-classify";
	if (pipe2(ends, O_CLOEXEC) < 0)
		bench_die("cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(log, sizeof(log), "%s/worker.log", folder);
		fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, STDERR_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execv(p->worker, (char *const *)(uintptr_t)argv);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], line, sizeof(line)) < 5)
		bench_die("no worker: see \"%s\"", folder);
	close(ends[0]);
	return pid;
}

static void push(struct sdg_sender *sender, const struct pipeline *p,
		 struct flight *flight, uint64_t number)
{
	struct sdg_error error;
	const uint8_t *event;
	size_t len;

	event = event_pool_take(p->pool, number, &len);
	if (flight->sent)
		flight->sent[number] = bench_now();
	if (sdg_sender_push(sender, event, len, (void *)(uintptr_t)number,
			    20000, &error) < 0)
		bench_die("%s", error.message);
}

/* Keys asked of all, by ipc, too; and one that may send mail. */
static void make_key(const struct sdg_home *home, struct sdg_curve_key *key)
{
	static const char config[] = "network:\n  keys-on-ipc: yes\n";
	struct sdg_curve_key server;
	struct sdg_error error;
	char path[SDG_PATH_MAX];

	snprintf(path, sizeof(path), "%.900s/soundings.yaml", home->root);
	if (sdg_home_prepare(home, &error) < 0 ||
	    sdg_write_file(path, config, strlen(config), 0600, &error) < 0 ||
	    sdg_curve_key_server(home->keys, &server, &error) < 0 ||
	    sdg_curve_key_make(key, &error) < 0 ||
	    sdg_clients_authorize(home->keys, "bench", SDG_CLIENT_MAIL,
				  key->public_key, 1, &error) < 0)
		bench_die("%s", error.message);
	snprintf(key->name, sizeof(key->name), "bench");
	memcpy(key->server, server.public_key, sizeof(key->server));
}

static double deliver(const struct pipeline *p, const struct sdg_home *home,
		      const struct sdg_curve_key *key, struct flight *flight,
		      struct measure *measure)
{
	struct sdg_sender_options options = {
		.run_dir = home->run,
		.key = key,
		.window = p->window,
		.receipt = take_receipt,
		.arg = flight,
	};
	struct sdg_sender *sender;
	struct sdg_error error;
	double start, took;

	if (sdg_sender_open(&options, &sender, &error) < 0)
		bench_die("%s", error.message);
	start = bench_now();
	for (uint64_t i = 0; i < p->events; i++)
		push(sender, p, flight, i);
	if (sdg_sender_flush(sender, 20000, &error) < 0)
		bench_die("%s", error.message);
	took = bench_now() - start;
	if (p->again > 0) { /* only these count then */
		start = bench_now();
		for (uint64_t i = 0; i < p->again; i++)
			push(sender, p, flight, i);
		if (sdg_sender_flush(sender, 20000, &error) < 0)
			bench_die("%s", error.message);
		took = bench_now() - start;
	}
	measure->resent = sdg_sender_resent(sender);
	sdg_sender_close(sender);
	return took;
}

static void check_outcomes(const struct pipeline *p,
			   const struct flight *flight)
{
	uint64_t once = flight->outcomes[SDG_OUTCOME_COUNTED] +
			flight->outcomes[SDG_OUTCOME_AUTOMATIC] +
			flight->outcomes[SDG_OUTCOME_NOT_FEEDBACK];

	/* A resent event may have been told "duplicate" first. */
	if (once + flight->outcomes[SDG_OUTCOME_DUPLICATE] !=
	    p->events + p->again)
		bench_die("%llu events, %llu counted, %llu duplicates",
			  (unsigned long long)p->events,
			  (unsigned long long)once,
			  (unsigned long long)
			      flight->outcomes[SDG_OUTCOME_DUPLICATE]);
}

static void end_workers(const pid_t *workers, int n, struct measure *measure)
{
	int status;

	for (int i = 0; i < n; i++) {
		long kb = bench_vm(workers[i], "VmHWM:") -
			  bench_vm(workers[i], "RssFile:") -
			  bench_vm(workers[i], "RssShmem:");

		if (kb > measure->rss_kb)
			measure->rss_kb = kb;
		measure->written += bench_written(workers[i]);
		kill(workers[i], SIGTERM);
		measure->cpu += bench_wait(workers[i], &status);
		if (status != 0)
			bench_die("a worker ended with status %x",
				  (unsigned)status);
	}
}

struct measure run_pipeline(const struct pipeline *p)
{
	struct measure measure = { 0 };
	struct flight flight = { 0 };
	pid_t workers[WORKERS_MAX];
	struct sdg_curve_key key;
	struct sdg_error error;
	struct sdg_home home;
	char folder[64];
	double took, cpu;
	int i;

	bench_folder(folder);
	setenv("SOUNDINGS_HOME", folder, 1);
	if (sdg_home_find(&home, &error) < 0)
		bench_die("%s", error.message);
	if (p->curve)
		make_key(&home, &key);
	if (p->window == 1) {
		flight.sent = calloc(p->events, sizeof(double));
		flight.took = calloc(p->events, sizeof(double));
	}
	for (i = 0; i < p->workers; i++)
		workers[i] = start_worker(p, i, folder);
	cpu = bench_cpu();
	took = deliver(p, &home, p->curve ? &key : NULL, &flight, &measure);
	measure.sender = bench_cpu() - cpu;
	end_workers(workers, p->workers, &measure);
	check_outcomes(p, &flight);
	measure.rate = (double)(p->again ? p->again : p->events) / took;
	if (flight.took) {
		measure.p50 = bench_quantile(flight.took, flight.n, 0.5);
		measure.p99 = bench_quantile(flight.took, flight.n, 0.99);
	}
	free(flight.sent);
	free(flight.took);
	bench_remove(folder);
	return measure;
}
