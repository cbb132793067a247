/*
 * supervisor: keeps N workers running in the background, for people without
 * systemd. `soundings workers` starts, asks and ends it.
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <soundings/bus.h>
#include <soundings/error.h>
#include <soundings/home.h>

struct supervisor_plan {
	int count;
	int tcp_port; /* 0: none */
	bool classify;
};

/**
 * supervisor_start - start @plan's workers in the background
 *
 * Returns once all of them take events. 0, or SDG_EAGAIN: a supervisor runs
 * already (@running says how many workers it has), or the workers were not
 * ready within 10 s; else what kept a worker from starting, with the last
 * line of its log. Nothing is left running after a failure.
 */
int supervisor_start(const struct sdg_home *home,
		     const struct supervisor_plan *plan, int *running,
		     struct sdg_error *err);

/** supervisor_find - its pid and number of workers; SDG_ENOTFOUND */
int supervisor_find(const struct sdg_home *home, pid_t *pid, int *count,
		    struct sdg_error *err);

/** supervisor_stop - end it and its workers; returns when they have gone.
 *  SDG_ENOTFOUND: there was none; SDG_EAGAIN: still there after 20 s */
int supervisor_stop(const struct sdg_home *home, struct sdg_error *err);

/* What it says of each of its workers, for status. */
struct supervisor_worker {
	bool mine; /* it looks after this slot */
	unsigned restarts;
};

/** supervisor_read - by slot; all zero when none runs */
void supervisor_read(const struct sdg_home *home,
		     struct supervisor_worker workers[SDG_SLOT_MAX]);

/** worker_in_slot - the pid of the worker that holds @slot, or 0 */
pid_t worker_in_slot(const char *run_dir, int slot);

/* Beside the workers: a process that sends what waits in the outbox. */
struct supervisor_chores {
	pid_t pid; /* 0: none runs */
	int64_t next_ms;
};

/** supervisor_send_waiting - start one, where something waits and it is time;
 *  whoever reaps it sets pid to 0 */
void supervisor_send_waiting(struct supervisor_chores *chores,
			     const struct sdg_home *home, int64_t now_ms);

/** supervisor_run - the background process itself: look after the workers
 *  until SIGTERM. @report is told, once, how the start went */
int supervisor_run(const struct sdg_home *home,
		   const struct supervisor_plan *plan, int report);

#endif
