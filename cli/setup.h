/* setup: its parts. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "health.h"

/** setup_show_mail_system - the lines for the mail server of this machine */
void setup_show_mail_system(const struct sdg_home *home);

#endif
