/*
 * store_directory: who the members are, and where schools lie, as an import
 * or a person says it. What it says is stamped on a piece when it comes in;
 * nothing here changes a figure of the past.
 *
 * Addresses and membership numbers are kept as pseudonyms alone.
 */
#ifndef SOUNDINGS_STORE_DIRECTORY_H
#define SOUNDINGS_STORE_DIRECTORY_H

#include <soundings/store.h>

/* What an import or a person says of an address, a mail domain or a
 * membership number. */
/* What of an entry an import gave, and the next one may change; a set. */
enum sdg_lent {
	SDG_LENT_REGION = 1 << 0, /* and authority */
	SDG_LENT_ROLE = 1 << 1,
	SDG_LENT_PHASES = 1 << 2,
	SDG_LENT_MEMBERSHIP = 1 << 3,
	SDG_LENT_SCHOOL = 1 << 4,
	SDG_LENT_ALL = (1 << 5) - 1,
};

struct sdg_entry {
	char key[320];       /* normalised address; or "@domain" */
	char membership[64]; /* several addresses may share one; may be empty */
	char school[200];
	struct sdg_known known;
	bool by_hand; /* outlives imports, but for what is lent */
	uint8_t lent; /* enum sdg_lent; of an import's own entry, all */
	bool keyed;   /* membership is what a look-up gave, not the number */
};

/** sdg_directory_replace - all entries of @origin ("members", "schools")
 *  that are not by hand give way to @entries, in one transaction */
int sdg_directory_replace(struct sdg_store *store, const char *origin,
			  const struct sdg_entry *entries, size_t n,
			  struct sdg_error *err);
/** sdg_directory_set - one entry, by hand: what entry->lent names stays the
 *  import's, and what it leaves empty the next import may fill */
int sdg_directory_set(struct sdg_store *store, const struct sdg_entry *entry,
		      struct sdg_error *err);
/** sdg_directory_lookup - by address (then its domain) or "@domain";
 *  SDG_ENOTFOUND. out->key is "@" and what follows the address's @ where
 *  the domain answered; the membership number is kept keyed alone */
int sdg_directory_lookup(struct sdg_store *store, struct sdg_str key,
			 struct sdg_entry *out, struct sdg_error *err);
/** Non-zero stops the walk and is returned by it. */
typedef int sdg_directory_fn(void *arg, const struct sdg_entry *entry);
/** sdg_directory_each - every entry; the key of an address is "", since
 *  only its pseudonym is kept */
int sdg_directory_each(struct sdg_store *store, sdg_directory_fn *fn, void *arg,
		       struct sdg_error *err);

/** sdg_directory_of_member - how many addresses bear the membership number
 *  @number, as an import or a person gave it; 0: nobody has said it */
int sdg_directory_of_member(struct sdg_store *store, struct sdg_str number,
			    size_t *addresses, struct sdg_error *err);

/** What the directory knows of the one whose pieces bear @member. */
typedef int sdg_known_fn(void *arg, uint32_t member,
			 const struct sdg_known *known);
/** sdg_directory_members - those of its entries that have written; a member
 *  of several addresses comes several times */
int sdg_directory_members(struct sdg_store *store, sdg_known_fn *fn, void *arg,
			  struct sdg_error *err);

#endif
