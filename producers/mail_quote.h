/* mail_quote: what its parts share. */
#ifndef SOUNDINGS_MAIL_QUOTE_H
#define SOUNDINGS_MAIL_QUOTE_H

#include "mail.h"

struct mail_block {
	size_t end; /* the line after it */
	unsigned labels;
	struct sdg_str from; /* what stands after From: */
};

/** mail_block_at - the block of labels that starts at line @i; false: none */
bool mail_block_at(const struct mail_lines *lines, size_t i,
		   struct mail_block *block);
/** mail_block_counts - enough labels to be one; fewer when @marked */
bool mail_block_counts(const struct mail_block *block, bool marked);
/** mail_is_marker - "-----Original Message-----" and its like */
bool mail_is_marker(struct sdg_str line, bool *forwarded);
/** mail_is_rule - a line of underscores or dashes, or a rule of HTML */
bool mail_is_rule(const struct mail_line *line);
/** mail_next_full - the first line from @i on that is not blank */
size_t mail_next_full(const struct mail_lines *lines, size_t i);

/**
 * mail_attribution_at - how many lines "On … wrote:" takes from @i, 0: none
 * @strong: it looks like one even if nothing below it is marked as quoted
 */
size_t mail_attribution_at(const struct mail_lines *lines, size_t i,
			   bool *strong);

/** mail_keep_answers - what the sender wrote into what is quoted, where they
 *  say so; mail_answers.c */
void mail_keep_answers(struct mail *mail);

#endif
