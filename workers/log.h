/*
 * log: one line a thing worth telling, on stderr. Never a member's words:
 * sizes, codes, counts and times alone.
 */
#ifndef LOG_H
#define LOG_H

/** log_start - what stands before each line from now on; borrowed */
void log_start(const char *name);
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
