/*
 * clients: whose CURVE keys may speak to this installation, and as what.
 *
 * The keys directory holds the workers' own pair (curve.key) and the list
 * of clients (clients): a name, a role and a public key each. A key is
 * revoked, never removed: what came with it can be told later. Keys are in
 * Z85 (ZeroMQ's RFC 32), 40 characters.
 *
 * A client's own key file is one text file that it can be handed: its name,
 * the workers' public key and its pair. Whoever holds it is that client.
 */
#ifndef SOUNDINGS_CLIENTS_H
#define SOUNDINGS_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/text.h>

#define SDG_CURVE_SIZE 41 /* Z85 and its NUL */
#define SDG_CLIENT_NAME_SIZE 64

/* What a key is for; numbers stay in this installation. */
enum sdg_client_role {
	SDG_CLIENT_NONE = 0,
	SDG_CLIENT_MAIL,    /* sends mail, nothing else */
	SDG_CLIENT_REP,     /* sends notes in its own name */
	SDG_CLIENT_SURVEY,  /* sends survey answers */
	SDG_CLIENT_REPORT,  /* asks for figures */
	SDG_CLIENT_OFFICER, /* asks for figures and members' words */
	SDG_CLIENT_ROLES
};

const char *sdg_client_role_id(int role);       /* "rep"; "?" out of range */
int sdg_client_role_from_id(struct sdg_str id); /* or -1 */

struct sdg_client {
	char name[SDG_CLIENT_NAME_SIZE]; /* a-z 0-9 - . _ @ */
	enum sdg_client_role role;
	char public_key[SDG_CURVE_SIZE];
	int64_t since;   /* seconds */
	int64_t revoked; /* from then on; 0: it is good. After a rotation it
			    may lie ahead */
};

/** sdg_client_is_good - may @client speak at @now? */
bool sdg_client_is_good(const struct sdg_client *client, int64_t now);

struct sdg_clients;

/**
 * sdg_clients_open - the list in @keys_dir; none there is an empty one
 *
 * Return 0, or SDG_EINVAL (a line that is not one), SDG_ENOMEM, SDG_EIO.
 */
int sdg_clients_open(const char *keys_dir, struct sdg_clients **out,
		     struct sdg_error *err);
void sdg_clients_close(struct sdg_clients *clients);

/** sdg_clients_refresh - read it again if it has changed (one stat() if
 *  not); on failure the list is empty: nobody may speak */
int sdg_clients_refresh(struct sdg_clients *clients, struct sdg_error *err);

size_t sdg_clients_count(const struct sdg_clients *clients);
/* Borrowed until the next refresh. */
const struct sdg_client *sdg_clients_at(const struct sdg_clients *clients,
					size_t i);
/** sdg_clients_find - by public key, revoked or not; NULL: nobody's */
const struct sdg_client *sdg_clients_find(const struct sdg_clients *clients,
					  const char *public_key);

/**
 * sdg_clients_authorize - let @public_key speak as @name from now on
 *
 * Return 0, or SDG_EINVAL (no name or key, or either is in use).
 */
int sdg_clients_authorize(const char *keys_dir, const char *name,
			  enum sdg_client_role role, const char *public_key,
			  int64_t now, struct sdg_error *err);
/**
 * sdg_clients_rotate - @name speaks with @public_key from now on, too
 * @until: from when on with it alone
 *
 * Return 0, or SDG_ENOTFOUND (no good key of that name), SDG_EINVAL.
 */
int sdg_clients_rotate(const char *keys_dir, const char *name,
		       const char *public_key, int64_t now, int64_t until,
		       struct sdg_error *err);
/** sdg_clients_revoke - cut @name off; SDG_ENOTFOUND: no such good key */
int sdg_clients_revoke(const char *keys_dir, const char *name, int64_t now,
		       struct sdg_error *err);

/* ------------------------------------------------------------- key files */

/* One side's pair, and whom it expects at the other. */
struct sdg_curve_key {
	char name[SDG_CLIENT_NAME_SIZE];
	char server[SDG_CURVE_SIZE]; /* of a client: the workers' key */
	char workers[256]; /* of a client: "tcp://host:5600 …", or empty */
	char public_key[SDG_CURVE_SIZE];
	char secret_key[SDG_CURVE_SIZE];
};

/** sdg_curve_key_read - SDG_ENOTFOUND, SDG_EINVAL (not a key file) */
int sdg_curve_key_read(const char *path, struct sdg_curve_key *out,
		       struct sdg_error *err);
/** sdg_curve_key_write - whole, 0400; never over one that is there
 *  (SDG_EINVAL) */
int sdg_curve_key_write(const char *path, const struct sdg_curve_key *key,
			struct sdg_error *err);
/**
 * sdg_curve_key_own - the key this person or machine is to use, if any
 *
 * $SOUNDINGS_KEY, which must then be one, else client.key in the keys
 * directory. SDG_ENOTFOUND: none, so that events stay on this machine.
 */
int sdg_curve_key_own(struct sdg_curve_key *out, struct sdg_error *err);
/** sdg_curve_key_make - a fresh pair (bus_curve.c) */
int sdg_curve_key_make(struct sdg_curve_key *out, struct sdg_error *err);
/** sdg_curve_key_server - the workers' own, made where there is none */
int sdg_curve_key_server(const char *keys_dir, struct sdg_curve_key *out,
			 struct sdg_error *err);
/** sdg_curve_key_bytes - the 32 bytes of a key in Z85 (bus_curve.c); -1: it
 *  is none */
int sdg_curve_key_bytes(const char *z85, uint8_t out[32]);
/** sdg_curve_key_forget - wipe it */
void sdg_curve_key_forget(struct sdg_curve_key *key);

#endif
