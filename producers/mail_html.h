/* mail_html: what its two halves share. */
#ifndef SOUNDINGS_MAIL_HTML_H
#define SOUNDINGS_MAIL_HTML_H

#include "mail.h"

/** mail_html_strip - text of HTML that is no tree: tags taken out, no more */
void mail_html_strip(struct mail_lines *lines, struct sdg_str html);

#endif
