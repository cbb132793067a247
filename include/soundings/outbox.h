/*
 * outbox: events a producer could not hand to a worker, kept whole on disk.
 *
 * One file an event, named by the time it was kept and the digest of its
 * frame ("SECONDS.NANOSECONDS-DIGEST.event"), private (0600), written whole
 * (sdg_write_file). An item leaves only when a worker has acknowledged it.
 * Several processes may keep and send at once: what is sent twice is
 * counted once.
 *
 * What is kept is sealed to the workers where it is known who they are
 * (sealed.h): on a laptop with a key, and on the machine with the store.
 */
#ifndef SOUNDINGS_OUTBOX_H
#define SOUNDINGS_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/bus.h>
#include <soundings/error.h>

/** sdg_outbox_keep - keep one encoded event; 0 only once it is on disk */
int sdg_outbox_keep(const char *dir, const uint8_t *event, size_t len,
		    struct sdg_error *err);

/** Called for each item, oldest first, sealed or not; non-zero stops and is
 * returned. */
typedef int sdg_outbox_fn(void *arg, const char *name, int64_t kept,
			  const uint8_t *event, size_t len);

/** sdg_outbox_each - visit the items; damaged ones are renamed "*.bad". A
 *  folder that is not there holds none */
int sdg_outbox_each(const char *dir, sdg_outbox_fn *fn, void *arg,
		    struct sdg_error *err);

struct sdg_outbox_tally {
	size_t waiting; /* before */
	size_t sent;    /* acknowledged, and so removed */
	size_t kept;    /* still there */
};

/**
 * sdg_outbox_send - offer every item to the workers found in @run_dir
 * @timeout_ms: without any progress
 * @tally: filled whatever is returned
 *
 * Return 0 when none is left, SDG_EAGAIN when some are, SDG_EIO.
 */
int sdg_outbox_send(const char *dir, const char *run_dir, int timeout_ms,
		    struct sdg_outbox_tally *tally, struct sdg_error *err);

#endif
