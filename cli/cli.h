/*
 * cli: what the commands of soundings share.
 */
#ifndef CLI_H
#define CLI_H

/* Exit statuses (DESIGN: 0, 64 usage, 65 data, 75 try again). */
enum { EXIT_USAGE = 64, EXIT_DATA = 65, EXIT_RETRY = 75 };

/* One command a file, cmd_<name>.c. argv[0] is the command's name. */
int cmd_classify(int argc, char *argv[]);

#endif
