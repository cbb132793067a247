/*
 * theme_list: what 'theme list' prints.
 */
#ifndef THEME_LIST_H
#define THEME_LIST_H

#include "cli.h"

/** theme_list_frame - of folder @dir: name and cues of each, in force or not */
int theme_list_frame(struct cli *cli, const char *dir);
/** theme_list_store - of the store: in force or not, since and until when */
int theme_list_store(struct cli *cli);

#endif
