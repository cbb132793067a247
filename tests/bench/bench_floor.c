/*
 * bench_floor: what a mail hook cannot do without, linked as the rest is: a
 * process that loads the parser's libraries, and, asked for "ack", has one
 * event acknowledged. bench_hook runs it beside the hook.
 */
#include "bench.h"

#include <expat.h>
#include <gmime/gmime.h>
#include <gumbo.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <ytnef.h>
#include <zip.h>

#include <soundings/bus.h>
#include <soundings/feedback.h>
#include <soundings/home.h>

#define PATIENCE_MS 5000

/* So that they are loaded. */
void (*const bench_floor_loads[])(void) = {
	(void (*)(void))g_mime_init,    (void (*)(void))gumbo_parse,
	(void (*)(void))TNEFInitialize, (void (*)(void))zip_discard,
	(void (*)(void))XML_ParserFree,
};

static void heard(void *arg, void *cookie, enum sdg_outcome outcome,
		  struct sdg_str reason)
{
	(void)arg;
	(void)cookie;
	(void)outcome;
	(void)reason;
}

static void acknowledge(void)
{
	static uint8_t event[SDG_EVENT_MAX];
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.consultation = sdg_str("future"),
		.text = sdg_str("We cannot recruit a maths teacher, and the "
				"budget will be in deficit by the summer."),
	};
	struct sdg_sender_options to = { .window = 1, .receipt = heard };
	struct sdg_sender *sender = NULL;
	struct sdg_error err = { 0 };
	struct sdg_home home;
	struct timespec now;
	size_t len;
	int rc;

	clock_gettime(CLOCK_REALTIME, &now);
	fb.said = fb.received = now.tv_sec;
	memcpy(fb.identity, &now, sizeof(now));
	rc = sdg_home_find(&home, &err);
	if (rc == 0)
		rc = sdg_feedback_encode(&fb, event, &len, &err);
	to.run_dir = home.run;
	if (rc == 0)
		rc = sdg_sender_open(&to, &sender, &err);
	if (rc == 0)
		rc = sdg_sender_push(sender, event, len, NULL, PATIENCE_MS,
				     &err);
	if (rc == 0)
		rc = sdg_sender_flush(sender, PATIENCE_MS, &err);
	sdg_sender_close(sender);
	if (rc < 0)
		bench_die("%s", err.message);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "ack") == 0)
		acknowledge();
	return 0;
}
