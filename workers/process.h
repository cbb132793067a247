/*
 * process: limits of a worker's process, and the signals that end it.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <signal.h>

/* Set once it is to end. */
extern volatile sig_atomic_t process_stopping;

/** process_prepare - before anything else */
void process_prepare(void);

#endif
