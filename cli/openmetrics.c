/*
 * openmetrics: how an installation stands, for Prometheus' text format. No
 * label ever names a person, nor a region or theme: what monitoring keeps
 * is kept for years, by others.
 */
#include "health.h"

#include <err.h>
#include <stdlib.h>
#include <time.h>

static void metric(FILE *to, const char *name, const char *type,
		   const char *help, double value)
{
	fprintf(to, "# TYPE soundings_%s %s\n# HELP soundings_%s %s\n", name,
		type, name, help);
	fprintf(to, "soundings_%s%s %.17g\n", name,
		type[0] == 'c' ? "_total" : "", value);
}

static void gauge(FILE *to, const char *name, const char *help, double value)
{
	metric(to, name, "gauge", help, value);
}

static void write_came(FILE *to, const struct health *h)
{
	fputs("# TYPE soundings_pieces counter\n"
	      "# HELP soundings_pieces pieces received, by outcome\n",
	      to);
	for (int i = SDG_OUTCOME_COUNTED; i < SDG_OUTCOME_BUSY; i++)
		fprintf(to, "soundings_pieces_total{outcome=\"%s\"} %llu\n",
			sdg_outcome_id(i),
			(unsigned long long)h->ledger.outcomes[i]);
	metric(to, "received", "counter", "pieces received",
	       (double)h->ledger.received);
	gauge(to, "held", "counted pieces that are held",
	      (double)h->ledger.held);
	gauge(to, "last_received_seconds", "when the last piece was received",
	      (double)h->stats.last_received);
}

static void write_store(FILE *to, const struct health *h)
{
	if (!h->reserved)
		write_came(to, h);
	gauge(to, "ledger_balanced", "1 while the books balance",
	      h->ledger.balanced);
	gauge(to, "quarantine", "pieces in quarantine",
	      (double)h->stats.quarantine);
	gauge(to, "map_bytes", "size of the store's map",
	      (double)h->stats.map_bytes);
	gauge(to, "map_used_bytes", "of it in use",
	      (double)h->stats.used_bytes);
	gauge(to, "disk_free_bytes", "left on the store's disk",
	      (double)h->stats.free_disk_bytes);
	gauge(to, "readers", "places of readers in use",
	      (double)h->stats.readers);
}

char *health_openmetrics(const struct health *h, size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	if (!to)
		errx(EXIT_RETRY, "no memory");
	gauge(to, "up", "1 when the store could be read", h->store == 0);
	gauge(to, "workers_found", "worker sockets there are",
	      (double)h->workers_found);
	gauge(to, "workers_answering", "workers that answer",
	      (double)h->workers_answering);
	gauge(to, "outbox", "events that wait for a worker", (double)h->outbox);
	gauge(to, "outbox_oldest_age_seconds", "how long the oldest waits",
	      h->outbox ? (double)(time(NULL) - h->outbox_oldest) : 0);
	if (h->store == 0)
		write_store(to, h);
	fputs("# EOF\n", to);
	if (fclose(to) != 0)
		errx(EXIT_RETRY, "no memory");
	return text;
}
