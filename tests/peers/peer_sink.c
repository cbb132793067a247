/*
 * sink: where the consumers of RabbitMQ and NATS count: SQLite, an event's
 * id once, its tallies in the same transaction, synced before the commit
 * returns. Prepared statements, as somebody who cares would.
 */
#include "peers.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

struct sink {
	sqlite3 *db;
	sqlite3_stmt *add, *tally, *begin, *commit;
	bool open;
	uint64_t counted;
};

static const char SCHEMA[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS event(id INTEGER PRIMARY KEY, body BLOB);"
    "CREATE TABLE IF NOT EXISTS tally(cell INTEGER PRIMARY KEY, n INTEGER);";

static void check(struct sink *sink, int rc, const char *what)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		peer_die("sqlite, %s: %s", what, sqlite3_errmsg(sink->db));
}

static sqlite3_stmt *prepare(struct sink *sink, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	check(sink, sqlite3_prepare_v2(sink->db, sql, -1, &statement, NULL),
	      sql);
	return statement;
}

struct sink *sink_open(const char *folder)
{
	struct sink *sink = calloc(1, sizeof(*sink));
	char path[128];

	if (!sink)
		peer_die("no memory");
	snprintf(path, sizeof(path), "%s/sink.db", folder);
	check(sink, sqlite3_open(path, &sink->db), "open");
	check(sink, sqlite3_exec(sink->db, SCHEMA, NULL, NULL, NULL), "make");
	sink->add = prepare(sink, "INSERT OR IGNORE INTO event VALUES(?, ?)");
	sink->tally = prepare(sink, "INSERT INTO tally VALUES(?, 1) ON CONFLICT"
				    " (cell) DO UPDATE SET n = n + 1");
	sink->begin = prepare(sink, "BEGIN IMMEDIATE");
	sink->commit = prepare(sink, "COMMIT");
	return sink;
}

static void step(struct sink *sink, sqlite3_stmt *statement)
{
	check(sink, sqlite3_step(statement), "step");
	sqlite3_reset(statement);
}

void sink_add(struct sink *sink, const void *event, size_t len)
{
	uint64_t number = peer_number(event, len);
	/* A day, a region, a theme, both, and a member: five sums. */
	const uint64_t cells[] = { 1000000 + number / 1000 % 365,
				   2000000 + number % 9, 3000000 + number % 16,
				   4000000 + number % 144,
				   5000000 + number * 7919 % 20000 };

	if (!sink->open)
		step(sink, sink->begin);
	sink->open = true;
	sqlite3_bind_int64(sink->add, 1, (sqlite3_int64)number);
	sqlite3_bind_blob(sink->add, 2, event, (int)len, SQLITE_STATIC);
	step(sink, sink->add);
	if (sqlite3_changes(sink->db) == 0)
		return;
	sink->counted++;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		sqlite3_bind_int64(sink->tally, 1, (sqlite3_int64)cells[i]);
		step(sink, sink->tally);
	}
}

uint64_t sink_commit(struct sink *sink)
{
	if (sink->open)
		step(sink, sink->commit);
	sink->open = false;
	return sink->counted;
}

void sink_close(struct sink *sink)
{
	sqlite3_finalize(sink->add);
	sqlite3_finalize(sink->tally);
	sqlite3_finalize(sink->begin);
	sqlite3_finalize(sink->commit);
	sqlite3_close(sink->db);
	free(sink);
}
