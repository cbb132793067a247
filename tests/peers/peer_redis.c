/*
 * Redis Streams, append-only file synced always or every second. Acks are
 * replies, in the order of what was sent. Its consumer counts within Redis:
 * a script adds the id to a set and, when it is new, the five sums, and
 * acknowledges; a script is applied whole or not at all.
 */
#include "peers.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct link {
	redisContext *redis;
	uint64_t *sent; /* numbers without reply, a ring */
	size_t first, n, cap;
};

static void socket_path(const struct place *place, char out[128])
{
	snprintf(out, 128, "%s/redis.sock", place->folder);
}

static void serve(const struct place *place, const char *fsync)
{
	char path[128];

	socket_path(place, path);
	peer_exec(place, (const char *const[]){
			     "redis-server", "--port", "0", "--unixsocket",
			     path, "--dir", place->folder, "--appendonly",
			     "yes", "--appendfsync", fsync, NULL });
}

static void serve_always(const struct place *place)
{
	serve(place, "always");
}

static void serve_everysec(const struct place *place)
{
	serve(place, "everysec");
}

static redisContext *redis_open(const struct place *place)
{
	redisContext *redis;
	redisReply *reply;
	char path[128];
	bool ready;

	socket_path(place, path);
	redis = redisConnectUnix(path);
	if (!redis || redis->err) {
		if (redis)
			redisFree(redis);
		return NULL;
	}
	/* Until its file is read in, it refuses. */
	reply = redisCommand(redis, "PING");
	ready = reply && reply->type == REDIS_REPLY_STATUS;
	if (reply)
		freeReplyObject(reply);
	if (ready)
		return redis;
	redisFree(redis);
	return NULL;
}

static void *open_link(const struct place *place)
{
	redisContext *redis = redis_open(place);
	struct link *link;

	if (!redis)
		return NULL;
	link = calloc(1, sizeof(*link));
	if (!link)
		peer_die("no memory");
	link->redis = redis;
	link->cap = 65536;
	link->sent = calloc(link->cap, sizeof(*link->sent));
	return link;
}

static bool push(void *arg, uint64_t number)
{
	struct link *link = arg;

	if (redisAppendCommand(link->redis, "XADD events * e %b",
			       peer_event(number),
			       (size_t)PEER_EVENT_BYTES) != REDIS_OK)
		return false;
	link->sent[(link->first + link->n++) % link->cap] = number;
	return true;
}

/* One reply; false when the connection has gone. */
static bool take_reply(struct link *link, peer_found_fn *acked, void *arg)
{
	redisReply *reply = NULL;
	uint64_t number = link->sent[link->first % link->cap];

	if (redisGetReply(link->redis, (void **)&reply) != REDIS_OK)
		return false;
	link->first++;
	link->n--;
	if (reply->type == REDIS_REPLY_STRING)
		acked(arg, number);
	freeReplyObject(reply);
	return true;
}

static bool acks(void *arg, peer_found_fn *acked, void *cookie)
{
	struct link *link = arg;
	redisReply *more;

	if (!take_reply(link, acked, cookie))
		return false;
	/* What else has been read from the socket already. */
	while (link->n > 0) {
		if (redisGetReplyFromReader(link->redis, (void **)&more) !=
		    REDIS_OK)
			return false;
		if (!more)
			break;
		if (more->type == REDIS_REPLY_STRING)
			acked(cookie, link->sent[link->first % link->cap]);
		link->first++;
		link->n--;
		freeReplyObject(more);
	}
	return true;
}

static void close_link(void *arg)
{
	struct link *link = arg;

	redisFree(link->redis);
	free(link->sent);
	free(link);
}

static void found_entry(const redisReply *entry, peer_found_fn *found,
			void *arg)
{
	const redisReply *fields = entry->element[1];

	found(arg, peer_number(fields->element[1]->str,
			       (size_t)fields->element[1]->len));
}

static bool read_all(const struct place *place, peer_found_fn *found, void *arg)
{
	redisContext *redis = redis_open(place);
	char from[64] = "-";
	redisReply *reply;
	size_t n;

	if (!redis)
		return false;
	do {
		reply =
		    redisCommand(redis, "XRANGE events %s + COUNT 1000", from);
		if (!reply || reply->type != REDIS_REPLY_ARRAY)
			return false;
		n = reply->elements;
		for (size_t i = 0; i < n; i++)
			found_entry(reply->element[i], found, arg);
		if (n > 0)
			snprintf(from, sizeof(from), "(%.60s",
				 reply->element[n - 1]->element[0]->str);
		freeReplyObject(reply);
	} while (n > 0);
	redisFree(redis);
	return true;
}

static const char SCRIPT[] =
    "if redis.call('SADD', 'seen', ARGV[2]) == 1 then "
    "for i = 3, 6 do redis.call('HINCRBY', 'cells', ARGV[i], 1) end "
    "redis.call('SADD', 'members', ARGV[7]) end "
    "return redis.call('XACK', 'events', 'g', ARGV[1])";

static void count_one(redisContext *redis, const char *sha,
		      const redisReply *entry)
{
	const redisReply *body = entry->element[1]->element[1];
	uint64_t number = peer_number(body->str, (size_t)body->len);

	redisAppendCommand(redis,
			   "EVALSHA %s 0 %s %" PRIu64 " d%" PRIu64 " r%" PRIu64
			   " t%" PRIu64 " c%" PRIu64 " %" PRIu64,
			   sha, entry->element[0]->str, number,
			   number / 1000 % 365, number % 9, number % 16,
			   number % 144, number * 7919 % 20000);
}

static void command(redisContext *redis, const char *text)
{
	redisReply *reply = redisCommand(redis, text);

	if (!reply)
		peer_die("redis: %s", redis->errstr);
	freeReplyObject(reply);
}

static uint64_t count_batch(redisContext *redis, const char *sha)
{
	redisReply *reply, *done, *entries;
	uint64_t n = 0;

	reply = redisCommand(redis,
			     "XREADGROUP GROUP g c COUNT %d BLOCK 1000 "
			     "STREAMS events >",
			     PEER_BATCH);
	if (!reply)
		peer_die("redis: %s", redis->errstr);
	if (reply->type == REDIS_REPLY_ARRAY) {
		entries = reply->element[0]->element[1];
		n = entries->elements;
		for (size_t i = 0; i < n; i++)
			count_one(redis, sha, entries->element[i]);
		for (size_t i = 0; i < n; i++) {
			if (redisGetReply(redis, (void **)&done) != REDIS_OK ||
			    done->type != REDIS_REPLY_INTEGER)
				peer_die("redis does not count");
			freeReplyObject(done);
		}
	}
	freeReplyObject(reply);
	return n;
}

static void consume(const struct place *place, uint64_t total,
		    atomic_ullong *counted)
{
	redisContext *redis = redis_open(place);
	redisReply *loaded;
	char sha[64];

	if (!redis)
		peer_die("no way to redis");
	command(redis, "XGROUP CREATE events g 0 MKSTREAM");
	loaded = redisCommand(redis, "SCRIPT LOAD %s", SCRIPT);
	snprintf(sha, sizeof(sha), "%s", loaded->str);
	freeReplyObject(loaded);
	while (*counted < total)
		*counted += count_batch(redis, sha);
	redisFree(redis);
}

#define REDIS                                                                  \
	.open = open_link, .push = push, .acks = acks, .close = close_link,    \
	.read = read_all, .consume = consume

const struct peer peer_redis_always = {
	.id = "redis-always",
	.promise = "in the append-only file, synced",
	.serve = serve_always,
	REDIS,
};
const struct peer peer_redis_everysec = {
	.id = "redis-everysec",
	.promise = "in the append-only file, synced within a second or two",
	.serve = serve_everysec,
	REDIS,
};
