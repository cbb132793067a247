/*
 * NATS JetStream, file storage. An ack is the server's answer to a publish
 * that carries a reply address, as its own clients do it; asked for here by
 * hand, since this version of the library shows errors alone. Debian's
 * server (2.9) has no setting that would sync before it answers.
 */
#include "peers.h"

#include <inttypes.h>
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct link {
	natsConnection *nats;
	natsSubscription *answers;
};

static void serve(const struct place *place)
{
	char port[16];

	snprintf(port, sizeof(port), "%d", place->port);
	peer_exec(place, (const char *const[]){ "nats-server", "-a",
						"127.0.0.1", "-p", port, "-js",
						"-sd", place->folder, NULL });
}

static natsConnection *nats_open(const struct place *place)
{
	natsConnection *nats = NULL;
	natsOptions *options = NULL;
	char url[64];

	snprintf(url, sizeof(url), "nats://127.0.0.1:%d", place->port);
	natsOptions_Create(&options);
	natsOptions_SetURL(options, url);
	natsOptions_SetAllowReconnect(options, false);
	natsConnection_Connect(&nats, options);
	natsOptions_Destroy(options);
	return nats;
}

/* The stream is there already after a crash: that is as good. */
static bool have_stream(natsConnection *nats)
{
	const char *subjects[] = { "e" };
	jsStreamConfig config;
	jsErrCode code = 0;
	natsStatus status;
	jsCtx *js = NULL;

	jsStreamConfig_Init(&config);
	config.Name = "events";
	config.Subjects = subjects;
	config.SubjectsLen = 1;
	config.Storage = js_FileStorage;
	if (natsConnection_JetStream(&js, nats, NULL) != NATS_OK)
		return false;
	status = js_AddStream(NULL, js, &config, NULL, &code);
	jsCtx_Destroy(js);
	return status == NATS_OK || code == JSStreamNameExistErr;
}

static void close_link(void *arg)
{
	struct link *link = arg;

	natsSubscription_Destroy(link->answers);
	natsConnection_Destroy(link->nats);
	free(link);
}

static void *open_link(const struct place *place)
{
	natsConnection *nats = nats_open(place);
	struct link *link;

	if (!nats)
		return NULL;
	link = calloc(1, sizeof(*link));
	if (!link)
		peer_die("no memory");
	link->nats = nats;
	if (have_stream(nats) &&
	    natsConnection_SubscribeSync(&link->answers, nats, "a.*") ==
		NATS_OK &&
	    natsSubscription_SetPendingLimits(link->answers, -1, -1) == NATS_OK)
		return link;
	close_link(link);
	return NULL;
}

static bool push(void *arg, uint64_t number)
{
	struct link *link = arg;
	char reply[32];

	snprintf(reply, sizeof(reply), "a.%" PRIu64, number);
	return natsConnection_PublishRequest(link->nats, "e", reply,
					     peer_event(number),
					     PEER_EVENT_BYTES) == NATS_OK;
}

static bool take_answer(struct link *link, int64_t wait_ms,
			peer_found_fn *acked, void *arg)
{
	natsMsg *msg = NULL;
	const char *body;

	if (natsSubscription_NextMsg(&msg, link->answers, wait_ms) != NATS_OK)
		return false;
	body = natsMsg_GetData(msg);
	if (body && strstr(body, "\"seq\""))
		acked(arg, strtoull(natsMsg_GetSubject(msg) + 2, NULL, 10));
	natsMsg_Destroy(msg);
	return true;
}

static bool acks(void *arg, peer_found_fn *acked, void *cookie)
{
	struct link *link = arg;
	uint64_t more = 0;
	int waiting;

	if (!take_answer(link, PEER_PATIENCE_MS, acked, cookie))
		return false;
	natsSubscription_QueuedMsgs(link->answers, &more);
	for (waiting = (int)more; waiting > 0; waiting--)
		take_answer(link, 0, acked, cookie);
	return true;
}

static bool read_all(const struct place *place, peer_found_fn *found, void *arg)
{
	natsConnection *nats = nats_open(place);
	jsStreamInfo *info = NULL;
	jsCtx *js = NULL;
	natsMsg *msg;

	if (!nats)
		return false;
	if (natsConnection_JetStream(&js, nats, NULL) != NATS_OK)
		return false;
	/* That there is no stream is an answer: nothing is left. */
	if (js_GetStreamInfo(&info, js, "events", NULL, NULL) == NATS_OK) {
		for (uint64_t i = info->State.FirstSeq;
		     i > 0 && i <= info->State.LastSeq; i++) {
			if (js_GetMsg(&msg, js, "events", i, NULL, NULL) !=
			    NATS_OK)
				continue;
			found(arg,
			      peer_number(natsMsg_GetData(msg),
					  (size_t)natsMsg_GetDataLength(msg)));
			natsMsg_Destroy(msg);
		}
		jsStreamInfo_Destroy(info);
	}
	jsCtx_Destroy(js);
	natsConnection_Destroy(nats);
	return true;
}

static void count_batch(struct sink *sink, natsSubscription *events,
			atomic_ullong *counted)
{
	natsMsgList list = { 0 };

	if (natsSubscription_Fetch(&list, events, PEER_BATCH, 200, NULL) !=
	    NATS_OK)
		return;
	for (int i = 0; i < list.Count; i++)
		sink_add(sink, natsMsg_GetData(list.Msgs[i]),
			 (size_t)natsMsg_GetDataLength(list.Msgs[i]));
	*counted = sink_commit(sink);
	for (int i = 0; i < list.Count; i++)
		natsMsg_Ack(list.Msgs[i], NULL);
	natsMsgList_Destroy(&list);
}

static void consume(const struct place *place, uint64_t total,
		    atomic_ullong *counted)
{
	natsConnection *nats = nats_open(place);
	struct sink *sink = sink_open(place->folder);
	natsSubscription *events = NULL;
	jsSubOptions options;
	jsCtx *js = NULL;

	jsSubOptions_Init(&options);
	options.Config.MaxAckPending = 65536;
	if (!nats || natsConnection_JetStream(&js, nats, NULL) != NATS_OK ||
	    js_PullSubscribe(&events, js, "e", "counter", NULL, &options,
			     NULL) != NATS_OK)
		peer_die("no way to nats-server");
	while (*counted < total)
		count_batch(sink, events, counted);
	natsSubscription_Destroy(events);
	jsCtx_Destroy(js);
	natsConnection_Destroy(nats);
	sink_close(sink);
}

const struct peer peer_nats = {
	.id = "nats-jetstream",
	.promise = "in the file storage, not synced (every two minutes)",
	.serve = serve,
	.open = open_link,
	.push = push,
	.acks = acks,
	.close = close_link,
	.read = read_all,
	.consume = consume,
};
