/*
 * releases: what was published, kept whole, so that it can be shown again,
 * explained, and held against what is published next.
 *
 * One folder a release below HOME/releases: page.html, data.csv, data.xlsx
 * as they went out, and release.json: scope, policy, exact counts (private:
 * mode 0600), which were hidden, and the digest of each file.
 */
#ifndef CLI_RELEASES_H
#define CLI_RELEASES_H

#include "publish.h"

struct release {
	char id[32]; /* "2015-03-27-1" */
	json_t *json;
};

/** releases_each - oldest first; non-zero from @fn stops and is returned */
int releases_each(const struct sdg_home *home,
		  int (*fn)(void *arg, const struct release *release),
		  void *arg, struct sdg_error *err);
/** releases_find - SDG_ENOTFOUND; json_decref(release->json) when done */
int releases_find(const struct sdg_home *home, const char *id,
		  struct release *release, struct sdg_error *err);
/** releases_path - of a file of a release */
int releases_path(const struct sdg_home *home, const char *id, const char *file,
		  char out[SDG_PATH_MAX], struct sdg_error *err);

/** release_scope - what a publication is about, before it is disclosed:
 *  question, exact counts; a new reference */
json_t *release_scope(struct publication *p,
		      const struct publication_question *question,
		      const char *audience);

/* How what one publication asked for lies to what another did. */
enum scopes {
	SCOPES_APART, /* neither in the other, or never to be compared */
	SCOPES_EQUAL,
	SCOPES_PART,  /* the one is within the other */
	SCOPES_WHOLE, /* the other within the one */
};

/** releases_scopes - how scope @a lies to the release @b; with @regions
 *  false as if both had asked for the same of them */
enum scopes releases_scopes(const json_t *a, const json_t *b, bool regions);
/** releases_same_fold - were the same themes folded in the tables @a, @b? */
bool releases_same_fold(const json_t *a, const json_t *b);

/* The first release that speaks against a publication. */
struct release_conflict {
	char id[32];
	char period[2 * DATE_SIZE + 8];
	bool nested; /* it counts a part of it, or it a part of that */
	size_t few;  /* figures that differ by a few people; releases_groups */
};
/** releases_note - that @earlier does, unless another was first */
void releases_note(struct release_conflict *with, const struct release *earlier,
		   enum scopes scopes);

/**
 * releases_conflicts - figures that would give a few people away
 *
 * For each table figure of @p (exact) that an earlier, not withdrawn
 * release of the same audience showed, which asked for all of what @p does or
 * for a part of it (of the time, the sources, the regions …), and that differs
 * from it by 1 to threshold - 1 people: the difference would describe just
 * those. With @carry the figure is set back to the released one. Returns
 * how many.
 */
size_t releases_conflicts(const struct sdg_home *home, struct publication *p,
			  const json_t *scope, bool carry,
			  struct release_conflict *with, struct sdg_error *err);

/**
 * releases_groups - figures that regions and groups of them give away
 * @scope: of @p, with what is hidden decided
 *
 * Where an earlier release as above has regions and @p groups of them, or the
 * other way round. Of one scope: hidden regions of a group that its figure
 * less those shown tells. Where one is a part of the other: those of which
 * bounds leave too little unknown; where there are none, with->few groups
 * that differ by 1 to threshold - 1 people from all their regions together.
 */
size_t releases_groups(const struct sdg_home *home, struct publication *p,
		       const json_t *scope, struct release_conflict *with,
		       struct sdg_error *err);

/**
 * releases_derived - small figures that @p and what was released give away
 *
 * To somebody who has all pages for its audience that were not withdrawn, and
 * could not have had them without @p: releases_derive.c. @with->id: the last
 * of those pages.
 */
size_t releases_derived(const struct sdg_home *home,
			const struct publication *p, const json_t *scope,
			struct release_conflict *with, struct sdg_error *err);

/** releases_keep - write the files and remember them, whole or not at all;
 *  @id is set */
int releases_keep(const struct sdg_home *home, struct publication *p,
		  json_t *scope, char id[32], struct sdg_error *err);

/**
 * releases_drop_quote - make the pages that used quote @id again, without it
 * @count: set to how many pages were made again
 */
int releases_drop_quote(const struct sdg_home *home, const char *id,
			size_t *count, struct sdg_error *err);

/** releases_drop_erased - the same of all quotes from messages that the
 *  register of erasures names */
int releases_drop_erased(const struct sdg_home *home, size_t *count,
			 struct sdg_error *err);

/** releases_withdraw - mark it; its files stay */
int releases_withdraw(const struct sdg_home *home, const char *id,
		      const char *why, struct sdg_error *err);

#endif
