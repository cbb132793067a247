/*
 * faults_other_version: makes of a store one that says it is of another
 * layout, as an older or newer program would leave it.
 *
 *	faults_other_version STORE-FOLDER VERSION
 */
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

static void must(int rc)
{
	if (rc != 0)
		die("%s", mdb_strerror(rc));
}

int main(int argc, char *argv[])
{
	MDB_val key = { 7, (void *)(uintptr_t) "version" }, old;
	uint8_t value[64];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	if (argc != 3)
		die("usage: faults_other_version STORE-FOLDER VERSION");
	must(mdb_env_create(&env));
	must(mdb_env_set_maxdbs(env, 64));
	must(mdb_env_open(env, argv[1], 0, 0600));
	must(mdb_txn_begin(env, NULL, 0, &txn));
	must(mdb_dbi_open(txn, "meta", 0, &dbi));
	must(mdb_get(txn, dbi, &key, &old));
	if (old.mv_size < 4 || old.mv_size > sizeof(value))
		die("the version is not where it was");
	memcpy(value, old.mv_data, old.mv_size);
	value[0] = (uint8_t)atoi(argv[2]);
	old.mv_data = value;
	must(mdb_put(txn, dbi, &key, &old, 0));
	must(mdb_txn_commit(txn));
	mdb_env_close(env);
	return 0;
}
