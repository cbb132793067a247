/*
 * faults: what the fault drivers share: known events, a log of what was
 * attempted and what was acknowledged, workers to be killed, and the set
 * checker that compares the log with a full read of the store.
 *
 * An event is known by its number. Its identity, its time, its respondent
 * and its text come from the number alone, so that the checker can say of
 * every stored piece which attempt it came from.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <soundings/feedback.h>
#include <soundings/home.h>

#include "fault_fork.h"

/* ----------------------------------------------------------- known events */

/** event_encode - event @number into @out (SDG_EVENT_MAX); its length */
size_t event_encode(uint64_t seed, uint64_t number, uint8_t *out);
/** event_number - of a stored piece's subject and text, or -1: not ours, or
 *  not as it was sent */
int64_t event_number(uint64_t seed, const struct sdg_feedback *fb);

/* -------------------------------------------------------------- the log */

enum log_what { LOG_ATTEMPT = 1, LOG_ACK = 2, LOG_GAVE_UP = 3 };

struct log_record {
	uint64_t number;
	int64_t at_ms;
	uint32_t what;
	uint32_t outcome;
};

/* One file a producer, appended to; synced every so many records, and
 * always before its writer ends. */
struct log_file;
struct log_file *log_file_open(const char *path);
void log_file_add(struct log_file *log, enum log_what what, uint64_t number,
		  uint32_t outcome);
void log_file_close(struct log_file *log);

/* ------------------------------------------------------------- the checker */

struct verdict {
	uint64_t attempted, acked, gave_up;
	uint64_t stored;        /* pieces found by a full read */
	uint64_t lost;          /* acknowledged, not stored */
	uint64_t doubled;       /* stored more than once */
	uint64_t unattempted;   /* stored, never attempted, or altered */
	uint64_t unacked;       /* stored, without acknowledgement: allowed */
	uint64_t half_applied;  /* faults that verify found, and totals that
				   are not the sum of their cells */
	uint64_t counted_twice; /* acknowledged as counted more than once */
	int64_t worst_gap_ms;   /* longest time without any acknowledgement */
};

/** check_all - @logs against the store of @home; dies with words when the
 *  store cannot be read */
void check_all(const struct sdg_home *home, uint64_t seed, uint64_t highest,
	       const char *const *logs, size_t n, struct verdict *out);
/** check_snapshot - in one read: do totals, cells, pieces and ledger agree?
 *  The number of faults */
uint64_t check_snapshot(const struct sdg_home *home);
/** verdict_holds - nothing lost, doubled, unattempted or half applied */
bool verdict_holds(const struct verdict *verdict);
void verdict_print(const struct verdict *verdict);

/* --------------------------------------------------------------- processes */

int64_t fault_now_ms(void);
/** worker_start - slot @slot; returns once it is ready; its words go to
 *  worker.log */
pid_t worker_start(const char *program, int slot, bool classify);
/** worker_launch - as worker_start(), without waiting */
pid_t worker_launch(const char *program, int slot, bool classify);
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/** fault_number - @text as a number, or die */
uint64_t fault_number(const char *text);

/** random numbers that depend on the seed alone */
uint64_t fault_random(uint64_t *state);

#endif
