/*
 * classify_machine: whether a machine speaks, by what only machines say.
 */
#ifndef CLASSIFY_MACHINE_H
#define CLASSIFY_MACHINE_H

#include <stdbool.h>

#include <soundings/text.h>

/** sdg_machine_subject - nobody but a machine writes this over a message */
bool sdg_machine_subject(struct sdg_str subject);

/** sdg_machine_speaks - @text is a machine's own statement from its first
 *  words on, and holds no view and no question */
bool sdg_machine_speaks(struct sdg_str text);

/** sdg_machine_opens - its first words might be a machine's */
bool sdg_machine_opens(struct sdg_str text);

#endif
