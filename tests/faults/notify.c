/*
 * faults_notify: in systemd's place: starts a worker with NOTIFY_SOCKET and
 * a watchdog, and prints what it is told, ending it after the second sign of
 * life.
 *
 *	faults_notify WORKER-PROGRAM
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

int main(int argc, char *argv[])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 20 };
	char text[256], *line, *rest;
	int fd, alive = 0, status;
	ssize_t got;
	pid_t pid;

	if (argc != 2)
		die("usage: faults_notify WORKER-PROGRAM");
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!getcwd(text, 80))
		die("cannot tell the folder");
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/notify",
		 text);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die("cannot bind \"%s\": %s", address.sun_path,
		    strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	unsetenv("WATCHDOG_PID");
	pid = fork();
	if (pid == 0) {
		execl(argv[1], "soundings-worker", "--no-classify",
		      (char *)NULL);
		_exit(1);
	}
	while ((got = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[got] = '\0';
		for (line = strtok_r(text, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			puts(line);
			if (strcmp(line, "WATCHDOG=1") == 0 && ++alive == 2)
				kill(pid, SIGTERM);
			if (strcmp(line, "STOPPING=1") == 0)
				goto out;
		}
	}
	kill(pid, SIGKILL);
out:
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		die("the worker ended with status %x", (unsigned)status);
	return 0;
}
