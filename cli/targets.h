/*
 * targets: every place that backups, or copies of the keys, were ever made
 * in. What was erased or dropped here has to reach each of them, also those
 * that are not within reach on that day: a stick in a drawer comes back.
 */
#ifndef CLI_TARGETS_H
#define CLI_TARGETS_H

#include "cli.h"

enum target_state {
	TARGET_CURRENT, /* all that was erased is in its register; or it has
			   the keys that are here, and no others */
	TARGET_BEHIND,  /* there, and not current */
	TARGET_AWAY,    /* not there, or without what is in every target */
};

struct target {
	char *path;
	bool keys; /* copies of the keys; else backups */
	enum target_state state;
	char why[200]; /* unless current; names the path */
};

struct targets {
	struct target *list;
	size_t count;
};

/** targets_note - remember that backups, or copies of @keys, are made in the
 *  folder @path */
int targets_note(const struct sdg_home *home, const char *path, bool keys,
		 struct sdg_error *err);

/** targets_gone - what was in @path is no more: forget about it.
 *  SDG_ENOTFOUND: it is not one of them */
int targets_gone(const struct sdg_home *home, const char *path,
		 struct sdg_error *err);

/**
 * targets_look - all of them and @configured ("": none), each with how it
 * stands
 * @text_months: retention.text-months
 * @spread: first bring what was erased to those within reach (the register,
 *          to @configured also where there is no folder yet; of keys, only
 *          that months dropped here are dropped there)
 *
 * A month was dropped here when its key is not here, it is older than every
 * one that is, and it is so old. Any other key that is not here was lost: the
 * copy keeps it, and says so.
 *
 * The caller ends it with targets_fini(), also after failure.
 */
int targets_look(const struct sdg_home *home, const char *configured,
		 int text_months, bool spread, struct targets *out,
		 struct sdg_error *err);

/** targets_drop - months before @before were dropped here just now: also from
 *  the copies within reach, whatever keys are left here */
int targets_drop(const struct sdg_home *home, int before,
		 struct sdg_error *err);

/** targets_month_limit - months before this one, counted as the keys do, are
 *  too old at @now */
int targets_month_limit(int64_t now, int text_months);

/** targets_apart - is @path, where backups or @keys are to go, neither in the
 *  installation (of backups: nor with its keys) nor with the other of the two,
 *  by the journal, by @configured ("": none) and by what lies there?
 *  SDG_EINVAL says what it is in */
int targets_apart(const struct sdg_home *home, const char *configured,
		  const char *path, bool keys, struct sdg_error *err);

void targets_fini(struct targets *targets);

#endif
