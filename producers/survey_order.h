/*
 * survey_order: answers on their way to the workers, by when they were said.
 *
 * The store keeps together what was said together, and takes a batch in two
 * to three times faster when its pieces are neighbours (docs/PERFORMANCE.md).
 * Exports come by time, newest first, by surname or in no order. A heap of
 * bounded memory puts them in runs: Knuth's replacement selection (TAOCP 3,
 * 5.4.1), whose runs are twice as long as what the heap holds; a file that
 * fits, or is nearly in order, comes out sorted as a whole. Of one time, what
 * came first goes first.
 */
#ifndef SURVEY_ORDER_H
#define SURVEY_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>

struct order;

/** Takes an event that is due; non-zero stops and is returned. */
typedef int order_fn(void *arg, const uint8_t *event, size_t len, void *cookie);

/** order_open - one that holds @bytes of events at most; 0: none, each goes
 *  on as it comes */
int order_open(size_t bytes, order_fn *fn, void *arg, struct order **out,
	       struct sdg_error *err);
/** order_close - NULL allowed; what it still holds is forgotten */
void order_close(struct order *order);

/** order_add - hold one event (copied), passing on what is due for it */
int order_add(struct order *order, int64_t said, const uint8_t *event,
	      size_t len, void *cookie, struct sdg_error *err);
/** order_drain - pass on all that is held */
int order_drain(struct order *order);

#endif
