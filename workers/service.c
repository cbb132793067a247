/*
 * service: readiness and watchdog. The watchdog is fed from the worker's
 * loop, never from a thread of its own, which would outlive a stuck loop.
 */
#include "service.h"

#ifdef HAVE_SYSTEMD

#include <stdint.h>
#include <systemd/sd-daemon.h>
#include <time.h>

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void service_ready(void)
{
	sd_notify(0, "READY=1");
}

void service_alive(void)
{
	static uint64_t interval, next;
	static int asked;
	uint64_t now;

	if (!asked) {
		asked = 1;
		if (sd_watchdog_enabled(0, &interval) <= 0)
			interval = 0;
	}
	if (interval == 0)
		return;
	now = now_us();
	if (now < next)
		return;
	next = now + interval / 4;
	sd_notify(0, "WATCHDOG=1");
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

#else

void service_ready(void)
{
}

void service_alive(void)
{
}

void service_stopping(void)
{
}

#endif
