/*
 * process: what a worker asks of the system for itself: limits and signals.
 */
#include "process.h"

#include <sys/resource.h>

/* Memory it may have, all in all; as MemoryMax in its unit. */
#define MEMORY_BYTES (1024UL * 1024 * 1024)
/* Files and connections it may have open; as LimitNOFILE in its unit. */
#define CONNECTIONS 16384

volatile sig_atomic_t process_stopping;

static void stop(int signo)
{
	(void)signo;
	process_stopping = 1;
}

/*
 * libzmq takes a message in whole before it shows its first part, whatever
 * the limit of a part: one of twenty thousand parts is more than a gigabyte.
 * Past this the worker dies and is started again, and the machine lives. The
 * store's map is a file and does not count; a sanitizer's shadow would.
 */
static void limit_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	struct rlimit limit = { MEMORY_BYTES, MEMORY_BYTES };

	setrlimit(RLIMIT_DATA, &limit);
#endif
}

/* Every producer is a connection, and many shells hand on 1,024 at most: once
 * they are used up libzmq takes no more and says nothing. */
static void allow_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur =
	    limit.rlim_max > CONNECTIONS ? CONNECTIONS : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };
	struct rlimit none = { 0, 0 };

	/* Without SA_RESTART: waiting for events ends at once. */
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A core would hold members' words. */
	setrlimit(RLIMIT_CORE, &none);
}

void process_prepare(void)
{
	catch_signals();
	limit_memory();
	allow_connections();
}
