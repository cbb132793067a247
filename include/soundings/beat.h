/*
 * beat: a worker's sign of life, RUN/worker-N.beat.
 *
 * A small file that the worker's own loop rewrites in place, at most ten
 * times a second: who it is, what it has done. A counter that stands still
 * means that the loop does, whatever heartbeats say. Only the holder of the
 * slot writes it; anybody may read.
 */
#ifndef SOUNDINGS_BEAT_H
#define SOUNDINGS_BEAT_H

#include <stdbool.h>
#include <stdint.h>

#include <soundings/error.h>

struct sdg_beat {
	int64_t pid;
	int64_t started; /* seconds since 1970-01-01 UTC */
	uint64_t turns;  /* of the loop, idle ones too */
	uint64_t batches, events;
	uint64_t quarantined;
	uint64_t refused; /* messages that were no event */
	uint64_t busy;    /* 1 while map or disk is full */
};

struct sdg_beat_file;

/** sdg_beat_open - make slot @slot's file in @run_dir; closing it leaves the
 *  last beat to be read */
int sdg_beat_open(const char *run_dir, int slot, struct sdg_beat_file **out,
		  struct sdg_error *err);
void sdg_beat_close(struct sdg_beat_file *file);

/** sdg_beat_write - @beat, when the last was a tenth of a second ago, or
 *  @now: at the end, say. A full disk is no error: the place is taken */
int sdg_beat_write(struct sdg_beat_file *file, const struct sdg_beat *beat,
		   bool now, struct sdg_error *err);

/** sdg_beat_read - the last beat of slot @slot; SDG_ENOTFOUND: there never
 *  was one; SDG_EDAMAGED: the file is something else */
int sdg_beat_read(const char *run_dir, int slot, struct sdg_beat *beat,
		  struct sdg_error *err);

#endif
