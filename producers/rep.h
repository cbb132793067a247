/*
 * rep: a representative's note on its way: shown, sent, or kept.
 */
#ifndef REP_H
#define REP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/home.h>

#include "note.h"

struct rep_options {
	/* What is given wins over what the note says. NULL, 0: not given. */
	const char *representative, *constituency, *branch, *member;
	const char *text;
	int64_t date;
	bool has_date, has_kind;
	enum sdg_note_kind kind;
	uint32_t voices, attendance;
	bool own, second_hand;

	const char *consultation, *endpoints;
	struct sdg_home home;
	int wait_ms;
	bool dry_run, json, quiet, yes, test;
};

/** rep_apply - what the options give, over what @note says */
void rep_apply(struct note *note, const struct rep_options *options);

/* rep_show.c */
void rep_show(const struct note *note, const struct rep_options *options);
void rep_show_json(const struct note *note);
/** rep_list - what waits in the outbox. Return 0 or an error */
int rep_list(const struct rep_options *options, struct sdg_error *err);

/* rep_send.c */
/**
 * rep_send - each point to a worker, or into the outbox
 *
 * Return 0 only when every point is acknowledged or on disk; *kept says how
 * many are there.
 */
int rep_send(const struct note *note, const struct rep_options *options,
	     size_t *kept, struct sdg_error *err);
/** rep_send_waiting - what earlier notes left; SDG_EAGAIN when some stay */
int rep_send_waiting(const struct rep_options *options, struct sdg_error *err);

/* rep_edit.c */
/**
 * rep_edit - a note from $EDITOR, begun from a template
 * @path: set to the file that holds it, in whatever encoding the editor wrote
 *        it, for the caller to take away once the note is safe; empty when
 *        there is none, and so when nothing was written
 */
int rep_edit(const struct rep_options *options, char path[SDG_PATH_MAX],
	     struct sdg_error *err);
/** rep_ask - a note from questions on a terminal; NULL when it was broken
 *  off. Freed with note_free() */
struct note *rep_ask(const struct rep_options *options);
/** rep_confirm - whether a person on a terminal agrees */
bool rep_confirm(size_t points);

#endif
