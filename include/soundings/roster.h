/*
 * roster: the Council's representatives, as the office knows them.
 *
 * What a note sent by mail, or with a key, is allowed to say of itself is
 * nothing: who sent it, for where, comes from here. An entry ties together
 * the address of notes by mail, the key of soundings-rep and the person. One
 * JSON file, $SOUNDINGS_HOME/roster.json, written whole, private; whom the mail
 * hook runs as must be able to read it.
 */
#ifndef SOUNDINGS_ROSTER_H
#define SOUNDINGS_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <time.h>

#include <soundings/clients.h>
#include <soundings/error.h>
#include <soundings/home.h>
#include <soundings/text.h>

#define SDG_ROSTER_MAX 5000

struct sdg_representative {
	char address[321]; /* normalised */
	char name[200];
	char constituency[200];
	int region;       /* enum sdg_region; 0: by the constituency */
	int32_t from, to; /* days since 1970, both included; 0: open */
	char key[SDG_CLIENT_NAME_SIZE]; /* the name of their key; "": none */
};

struct sdg_roster {
	struct sdg_representative *people; /* by address */
	size_t count;
	struct timespec changed; /* of the file, for sdg_roster_refresh() */
	uint64_t inode;
};

/** sdg_roster_load - none there is an empty one; released with
 *  sdg_roster_fini(). SDG_EINVAL: it is no roster */
int sdg_roster_load(const struct sdg_home *home, struct sdg_roster *out,
		    struct sdg_error *err);
/** sdg_roster_refresh - load it again if it has changed (one stat() if not);
 *  @roster begins as zeros. What cannot be read leaves it as it was */
int sdg_roster_refresh(const struct sdg_home *home, struct sdg_roster *roster,
		       struct sdg_error *err);
void sdg_roster_fini(struct sdg_roster *roster);

/** sdg_roster_save - whole and synced; the mode and group of a file that is
 *  there are kept (a hook of another user may read it by its group) */
int sdg_roster_save(const struct sdg_home *home,
		    const struct sdg_roster *roster, struct sdg_error *err);

/** sdg_roster_put - add @one, or change who has that address */
int sdg_roster_put(struct sdg_roster *roster,
		   const struct sdg_representative *one, struct sdg_error *err);
/** sdg_roster_remove - SDG_ENOTFOUND when nobody has @address */
int sdg_roster_remove(struct sdg_roster *roster, const char *address,
		      struct sdg_error *err);

/** sdg_roster_in_term - does @one's term cover @day? */
bool sdg_roster_in_term(const struct sdg_representative *one, int32_t day);
/** sdg_roster_by_key - who has the key @name, whatever the term; NULL */
const struct sdg_representative *
sdg_roster_by_key(const struct sdg_roster *roster, const char *name);
/** sdg_roster_by_any - by address, name of the person or of the key, in any
 *  case; NULL: nobody, or several */
const struct sdg_representative *
sdg_roster_by_any(const struct sdg_roster *roster, struct sdg_str word);
/** sdg_roster_find - whose term covers @day, by normalised @address; NULL.
 *  @day 0: whatever the term */
const struct sdg_representative *
sdg_roster_find(const struct sdg_roster *roster, struct sdg_str address,
		int32_t day);

#endif
