/*
 * health: how an installation stands, for status and doctor.
 */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include "cli.h"

struct health {
	struct sdg_home home;
	int store; /* 0: opened and read; else the code why not */
	struct sdg_error store_error;
	struct sdg_store_stats stats;
	struct sdg_ledger ledger;
	struct sdg_measures said; /* what is counted, all of it */
	bool directory;
	bool reserved; /* under a policy: how much came, and when, is not told
			*/
	size_t workers_found;     /* sockets in the run folder */
	size_t workers_answering; /* of them, those that greet */
	size_t outbox;            /* events that wait for a worker */
	int64_t outbox_oldest;    /* when the oldest was kept; 0: none */
};

/** health_check - look at everything; fails only where no home can be told */
int health_check(struct health *health, struct sdg_error *err);

/** health_sentence - how things stand and what to do next; caller frees */
char *health_sentence(const struct health *health);

/** health_next - what most needs doing, with how many pieces wait and no
 *  other figure; caller frees */
char *health_next(const struct health *health);

/** health_openmetrics - in the OpenMetrics text format; caller frees */
char *health_openmetrics(const struct health *health, size_t *len);

#endif
