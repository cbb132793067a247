/*
 * remote: the same command, asked of another machine.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

/** remote_endpoint - where "--from ENDPOINT" before the command leads; it is
 *  taken out of @argv. NULL: it is asked here */
const char *remote_endpoint(int *argc, char *argv[]);

/** remote_run - ask there; what it prints is printed. Returns its status */
int remote_run(const char *endpoint, int argc, char *argv[]);

#endif
