/* mail_html: what its parts share. */
#ifndef SOUNDINGS_MAIL_HTML_H
#define SOUNDINGS_MAIL_HTML_H

#include "mail.h"

/** mail_html_strip - text of HTML that is no tree: tags taken out, no more */
void mail_html_strip(struct mail_lines *lines, struct sdg_str html);

/** mail_html_shade - how words are set off (MAIL_HINT_SET_OFF) below an
 *  element with the style @css, without blanks, and the colour @font, where
 *  they were set off as @now above it */
unsigned mail_html_shade(struct sdg_str css, struct sdg_str font, unsigned now);

#endif
