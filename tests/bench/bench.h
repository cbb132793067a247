/*
 * bench: what the parts of bench_pipeline share: made-up events that cost
 * next to nothing to make, clocks, medians.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ROUNDS_MAX 15

/* ------------------------------------------------------------------ events */

/* Events of one length, encoded beforehand; each gets its own identity in
 * place when it is taken. */
struct event_pool;
/** event_pool_new - texts of about @bytes on the wire, cut from @texts (JSON
 *  lines with "body") */
struct event_pool *event_pool_new(const char *texts, size_t bytes);
void event_pool_free(struct event_pool *pool);
/** event_pool_take - event @number; borrowed until the next call */
const uint8_t *event_pool_take(struct event_pool *pool, uint64_t number,
			       size_t *len);

/* ----------------------------------------------------------------- figures */

double bench_now(void); /* seconds */
/** bench_cpu - processor seconds of this process so far, its threads too */
double bench_cpu(void);
/** bench_wait - for @pid, which must end; its processor seconds, and *status */
double bench_wait(pid_t pid, int *status);
double bench_median(const double *values, size_t n);
double bench_quantile(double *values, size_t n, double q);
/** bench_written - bytes @pid has passed to write() so far */
double bench_written(pid_t pid);
/** bench_vm - a line of /proc/PID/status ("VmHWM:"), kB; 0 when unknown */
long bench_vm(pid_t pid, const char *line);
void bench_die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));
/** bench_folder - a fresh folder under TMPDIR or /tmp; and gone again */
void bench_folder(char out[64]);
void bench_remove(const char *folder);

/* ---------------------------------------------------------------- measures */

struct measure {
	double rate;     /* events a second */
	double p50, p99; /* microseconds, where it was measured */
	long rss_kb;     /* of the worker, its highest */
	double cpu;      /* seconds of processor time of the worker */
	double sender;   /* and of who sends */
	double written;  /* bytes an event, by the worker */
	uint64_t resent;
};

/** raw_zeromq - DEALER to ROUTER, acked a drained batch: the transport */
struct measure raw_zeromq(size_t window, size_t bytes, uint64_t events,
			  bool tcp);
/** raw_fdatasync - 4 KiB over itself, synced: calls a second */
struct measure raw_fdatasync(unsigned calls);
/** raw_commit - what LMDB does for one small commit: pages here and there,
 *  one sync, its meta record synced by itself: commits a second */
struct measure raw_commit(unsigned commits);
/** raw_disk - @bytes an event appended and synced, @batch events at a time */
struct measure raw_disk(double bytes, size_t batch, uint64_t events);
/** raw_labels - the classifier on one core, decoded events of @pool */
struct measure raw_labels(struct event_pool *pool, uint64_t events);

struct pipeline {
	const char *worker; /* program */
	int workers;
	size_t window, bytes;
	uint64_t events, again; /* send the first @again once more */
	bool classify, tcp;
	bool curve; /* keys asked of all, by ipc, too */
	struct event_pool *pool;
};
/** run_pipeline - worker processes, one producer, a fresh store */
struct measure run_pipeline(const struct pipeline *pipeline);

#endif
