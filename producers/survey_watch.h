/*
 * survey_watch: every export that is put into a folder.
 */
#ifndef SURVEY_WATCH_H
#define SURVEY_WATCH_H

#include "survey_import.h"

/**
 * watch_folder - take in what is in @dir, then what is written or moved
 * there, until a signal
 *
 * Files stay where they are: one that is read again changes nothing.
 * Hidden files and unfinished downloads are left alone. Returns the exit
 * status: 0 after a signal, 65 when @dir cannot be watched.
 */
int watch_folder(const char *dir, const struct import_options *options);

#endif
