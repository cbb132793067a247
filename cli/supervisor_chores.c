/*
 * supervisor_chores: what systemd's outbox timer does where it runs. What
 * producers kept while no worker answered is sent, soon after the workers are
 * ready and then once a minute where something waits.
 */
#include "supervisor.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CHORES_MS 60000

static bool something_waits(const char *outbox)
{
	static const char end[] = ".event";
	DIR *dir = opendir(outbox);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		found =
		    len >= sizeof(end) &&
		    strcmp(entry->d_name + len - (sizeof(end) - 1), end) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void exec_sender(pid_t parent)
{
	char program[SDG_PATH_MAX];
	char *argv[] = { program, (char *)"--send", (char *)"--quiet", NULL };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == parent &&
	    sdg_program_path("soundings-rep", program, NULL) == 0)
		execv(program, argv);
	_exit(75);
}

void supervisor_send_waiting(struct supervisor_chores *chores,
			     const struct sdg_home *home, int64_t now_ms)
{
	pid_t parent = getpid(), pid;

	if (chores->pid != 0 || now_ms < chores->next_ms)
		return;
	chores->next_ms = now_ms + CHORES_MS;
	if (!something_waits(home->outbox))
		return;
	pid = fork();
	if (pid == 0)
		exec_sender(parent);
	if (pid > 0)
		chores->pid = pid;
}
