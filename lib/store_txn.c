/*
 * Transactions: the books and the state that every one begins with and ends
 * with, and following the store when another is put in its place.
 */
#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "store_internal.h"

#define READER_CHECK_SECONDS 60
#define STATE_SIZE 34
#define STATE_SIZE_ONCE 20 /* in layout 1, before there were editions */
#define BOOKS_SIZE (16 * DB_COUNT)

static int write_books(struct txn *t, struct sdg_error *err)
{
	uint8_t state[STATE_SIZE], books[BOOKS_SIZE];
	int rc;

	put_le(state, t->state.next_member, 4);
	put_le(state + 4, t->state.next_consultation, 2);
	put_le(state + 6, t->state.theme_count, 2);
	put_le(state + 8, (uint64_t)t->state.last_received, 8);
	put_le(state + 16, t->state.matched, 4);
	put_le(state + 20, t->state.edition, 2);
	put_le(state + 22, (uint64_t)t->state.edition_began, 8);
	put_le(state + 30, t->state.edition_version, 4);
	rc = st_put(t, DB_META, META_STATE, strlen(META_STATE), state,
		    sizeof(state), err);
	if (rc < 0)
		return rc;
	for (int db = 0; db < DB_COUNT; db++) {
		put_le(books + 16 * db, t->books[db].count, 8);
		put_le(books + 16 * db + 8, t->books[db].sum, 8);
	}
	/* The record of the books is not in the books. */
	return st_put(t, DB_META, META_BOOKS, strlen(META_BOOKS), books,
		      sizeof(books), err);
}

int state_decode(struct bytes in, struct state *state, struct sdg_error *err)
{
	if (in.n != STATE_SIZE && in.n != STATE_SIZE_ONCE)
		return sdg_fail(err, SDG_EDAMAGED,
				"read the store: its state is gone");
	*state = (struct state){
		.next_member = (uint32_t)get_le(in.p, 4),
		.next_consultation = (uint16_t)get_le(in.p + 4, 2),
		.theme_count = (uint16_t)get_le(in.p + 6, 2),
		.last_received = (int64_t)get_le(in.p + 8, 8),
		.matched = (uint32_t)get_le(in.p + 16, 4),
	};
	if (in.n < STATE_SIZE)
		return 0;
	state->edition = (uint16_t)get_le(in.p + 20, 2);
	state->edition_began = (int64_t)get_le(in.p + 22, 8);
	state->edition_version = (uint32_t)get_le(in.p + 30, 4);
	return 0;
}

int txn_read_books(struct txn *t, struct sdg_error *err)
{
	struct bytes v;
	int rc;

	rc = st_get(t, DB_META, META_BOOKS, strlen(META_BOOKS), &v, err);
	if (rc == 0 && v.n != BOOKS_SIZE)
		rc = SDG_ENOTFOUND;
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_EDAMAGED,
				"read the store: its books are gone");
	if (rc < 0)
		return rc;
	for (int db = 0; db < DB_COUNT; db++) {
		t->books[db].count = get_le(v.p + 16 * db, 8);
		t->books[db].sum = get_le(v.p + 16 * db + 8, 8);
	}
	rc = st_get(t, DB_META, META_STATE, strlen(META_STATE), &v, err);
	if (rc == SDG_ENOTFOUND)
		return state_decode((struct bytes){ 0 }, &t->state, err);
	return rc < 0 ? rc : state_decode(v, &t->state, err);
}

int st_usable(struct sdg_store *store, bool write, struct sdg_error *err)
{
	if (store->pid != (int)getpid())
		return sdg_fail(err, SDG_EINVAL,
				"use the store: its handle is another "
				"process's; open it after fork");
	if (write && store->mode != SDG_STORE_WRITE)
		return sdg_fail(err, SDG_EINVAL,
				"write to the store: it was opened to read");
	if (store->broken)
		return sdg_fail(err, SDG_EIO,
				"use the store: a commit has failed; end the "
				"process and run \"soundings verify\"");
	return 0;
}

void txn_check_readers(struct sdg_store *store)
{
	int64_t now = store_now();
	int dead;

	if (now - store->readers_checked < READER_CHECK_SECONDS &&
	    now >= store->readers_checked)
		return;
	store->readers_checked = now;
	/* A reader that was killed would keep old pages for ever. */
	mdb_reader_check(store->env, &dead);
}

/* Another store may stand where the open one stood. Its themes must be
 * those known here, for labels carry their numbers. */
static int reopen(struct sdg_store *store, struct sdg_error *err)
{
	struct sdg_error e = { 0 };
	char *themes[THEME_MAX + 1];
	uint16_t count = store->theme_count;
	struct txn t = { .store = store };
	int rc;

	memcpy(themes, store->themes, sizeof(themes));
	memset(store->themes, 0, sizeof(store->themes));
	store->theme_count = 0;
	store->consultation_book = (struct book){ 0 };
	store->frozen_book = (struct book){ 0 };
	store->frozen_count = 0;
	env_hold_still();
	mdb_env_close(store->env);
	store->env = NULL;
	rc = store_open_files(store, NULL, &e);
	env_let_move();
	if (rc == 0)
		rc = env_begin(store, false, &t.mdb, &e);
	if (rc == 0)
		rc = txn_read_books(&t, &e);
	if (rc == 0)
		rc = themes_load(&t, &e);
	st_abort(&t);
	for (uint16_t i = 1; rc == 0 && i <= count; i++)
		if (i > store->theme_count ||
		    strcmp(themes[i], store->themes[i]) != 0)
			rc = sdg_fail(&e, SDG_EIO,
				      "the store was replaced by another: "
				      "start again");
	/* Callers may have borrowed the old ones. */
	for (uint16_t i = 1; i <= count; i++) {
		free(store->themes[i]);
		store->themes[i] = themes[i];
	}
	if (rc < 0) {
		store->broken = true;
		return sdg_fail(err, (enum sdg_code)rc, "%s", e.message);
	}
	return 0;
}

/* To the store that is there now; not under an open transaction. */
static int follow(struct sdg_store *store, bool write, struct sdg_error *err)
{
	int rc;

	if (!hold_swapped(store))
		return 0;
	if (store->active > 0)
		return write ? sdg_fail(err, SDG_EAGAIN,
					"write to the store: it was swapped "
					"while it is being read")
			     : 0;
	if (write)
		return reopen(store, err); /* its lock is held already */
	rc = hold_share(store, err);
	if (rc < 0)
		return 0; /* the next swap is under way: the old one does */
	rc = reopen(store, err);
	hold_unshare(store);
	return rc;
}

static int begin(struct sdg_store *store, bool write, struct txn *t,
		 struct sdg_error *err)
{
	int rc = follow(store, write, err);

	if (rc == 0)
		rc = env_begin(store, write, &t->mdb, err);
	if (rc < 0)
		return rc;
	store->active++;
	rc = txn_read_books(t, err);
	if (rc == 0 && store->theme_count < t->state.theme_count)
		rc = themes_load(t, err);
	return rc;
}

int st_begin(struct sdg_store *store, bool write, struct txn *t,
	     struct sdg_error *err)
{
	int rc;

	*t = (struct txn){ .store = store, .write = write };
	rc = st_usable(store, write, err);
	if (rc < 0)
		return rc;
	if (write) {
		rc = hold_share(store, err);
		if (rc < 0)
			return rc;
		t->shared = true;
		txn_check_readers(store);
	}
	rc = begin(store, write, t, err);
	if (rc < 0)
		st_abort(t);
	return rc;
}

/* Its end, whichever way: others may swap and write again. */
static void leave(struct txn *t)
{
	if (t->mdb) {
		t->mdb = NULL;
		if (t->store->active > 0)
			t->store->active--;
	}
	if (t->shared)
		hold_unshare(t->store);
	t->shared = false;
}

int st_commit(struct txn *t, struct sdg_error *err)
{
	int rc;

	rc = write_books(t, err);
	if (rc < 0) {
		st_abort(t);
		return rc;
	}
	rc = mdb_txn_commit(t->mdb); /* it is gone even when it failed */
	if (rc == 0)
		env_cover_file(t->store);
	leave(t);
	if (rc == 0)
		return 0;
	rc = st_from_mdb(rc, "commit to the store", err);
	if (rc != SDG_EAGAIN && rc != SDG_ENOMEM) {
		/* What reached the disk is unknown, and the kernel may by now
		 * call pages clean that never did. */
		t->store->broken = true;
		if (err)
			err->code = SDG_EIO;
		rc = SDG_EIO;
	}
	return rc;
}

void st_abort(struct txn *t)
{
	if (t->mdb)
		mdb_txn_abort(t->mdb);
	leave(t);
}
