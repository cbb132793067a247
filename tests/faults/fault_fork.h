/* fault_fork: children that do not outlive who began them. */
#ifndef FAULT_FORK_H
#define FAULT_FORK_H

#include <sys/types.h>

/** fault_fork - fork(), but the child is killed with its parent; 0 in it.
 *  Ends the process when there can be no child */
pid_t fault_fork(void);

#endif
