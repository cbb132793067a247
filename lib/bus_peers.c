/*
 * bus_peers: the workers that a sender knows of, one socket each: found in a
 * folder or given by name, there or not, and which one is preferred. It
 * moves no events.
 */
#include "bus_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define RESCAN_MS 1000
/* While no worker at all is there. */
#define HURRY_MS 200

static void drop_peer(struct bus_peer *peer)
{
	if (peer->monitor)
		zmq_socket_monitor(peer->socket, NULL, 0);
	bus_socket_close(peer->monitor, 0);
	bus_socket_close(peer->socket, 0);
	peer->monitor = peer->socket = NULL;
}

/* What a socket does not say by itself: that its connection was lost, even
 * when another stands in its place by now, and that its key was refused. */
static int watch(struct bus_peers *peers, struct bus_peer *peer,
		 struct sdg_error *err)
{
	int rc =
	    peers->key ? bus_curve_connect(peer->socket, peers->key, err) : 0;

	if (rc < 0)
		return rc;
	peer->lost = false;
	peer->monitor = bus_monitor(
	    peer->socket,
	    ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, err);
	return peer->monitor ? 0 : SDG_EIO;
}

void bus_peers_listen(struct bus_peers *peers)
{
	int event;

	for (size_t i = 0; i < SDG_SLOT_MAX; i++) {
		struct bus_peer *peer = &peers->at[i];

		while (peer->monitor &&
		       (event = bus_monitor_next(peer->monitor)) != 0) {
			if (event == ZMQ_EVENT_DISCONNECTED)
				peer->lost = true;
			else
				peers->refused = true;
		}
	}
}

static int add_peer(struct bus_peers *peers, const char *endpoint, bool fixed,
		    struct sdg_error *err)
{
	struct bus_peer *peer = NULL;
	size_t i;
	int rc;

	for (i = 0; i < SDG_SLOT_MAX; i++) {
		if (peers->at[i].socket == NULL) {
			if (peer == NULL)
				peer = &peers->at[i];
		} else if (strcmp(peers->at[i].endpoint, endpoint) == 0) {
			peers->at[i].seen = true;
			return 0;
		}
	}
	if (peer == NULL)
		return sdg_fail(err, SDG_EINVAL, "more than %d workers",
				SDG_SLOT_MAX);
	peer->socket =
	    bus_socket(ZMQ_DEALER, BUS_RECEIPTS_MAX, peers->high_water, err);
	if (peer->socket == NULL)
		return SDG_EIO;
	/* Only a worker that is there may be given events. */
	bus_set_int(peer->socket, ZMQ_IMMEDIATE, 1);
	bus_set_int(peer->socket, ZMQ_RECONNECT_IVL, 50);
	bus_set_int(peer->socket, ZMQ_RECONNECT_IVL_MAX, 1000);
	rc = watch(peers, peer, err);
	if (rc < 0) {
		drop_peer(peer);
		return rc;
	}
	if (zmq_connect(peer->socket, endpoint) < 0) {
		drop_peer(peer);
		return sdg_fail(err, SDG_EINVAL, "connect to \"%s\": %s",
				endpoint, zmq_strerror(errno));
	}
	snprintf(peer->endpoint, sizeof(peer->endpoint), "%s", endpoint);
	peer->unanswered = 0;
	peer->connected = false;
	peer->fixed = fixed;
	peer->seen = true;
	return 0;
}

/* The slot in "worker-N.sock", or -1. */
static int slot_of(const char *name)
{
	long slot;
	char *end;

	if (strncmp(name, "worker-", 7) != 0 || name[7] < '0' || name[7] > '9')
		return -1;
	slot = strtol(name + 7, &end, 10);
	if (slot >= SDG_SLOT_MAX || strcmp(end, ".sock") != 0)
		return -1;
	return (int)slot;
}

/* A folder that is not there yet is a worker that is not there yet. */
int bus_peers_scan(struct bus_peers *peers, int64_t now, struct sdg_error *err)
{
	char path[BUS_PATH_MAX], endpoint[BUS_PATH_MAX + 8];
	struct dirent *item;
	struct bus_peer *peer;
	DIR *dir;
	int slot, rc = 0;

	if (!peers->scans || now < peers->next_scan)
		return 0;
	peers->next_scan =
	    now + (bus_peers_there(peers) > 0 ? RESCAN_MS : HURRY_MS);
	rc = bus_slot_path(peers->where, SDG_SLOT_MAX - 1, path, err);
	if (rc < 0)
		return rc;
	for (peer = peers->at; peer < peers->at + SDG_SLOT_MAX; peer++)
		peer->seen = false;
	dir = opendir(peers->where);
	while (dir != NULL && rc == 0 && (item = readdir(dir)) != NULL) {
		slot = slot_of(item->d_name);
		if (slot < 0)
			continue;
		bus_slot_path(peers->where, slot, path, NULL);
		snprintf(endpoint, sizeof(endpoint), "ipc://%s", path);
		rc = add_peer(peers, endpoint, false, err);
	}
	if (dir != NULL)
		closedir(dir);
	for (peer = peers->at; peer < peers->at + SDG_SLOT_MAX; peer++) {
		if (peer->socket == NULL || peer->seen || peer->fixed ||
		    peer->connected)
			continue;
		assert(peer->unanswered == 0); /* taken back when it was lost */
		drop_peer(peer);
	}
	return rc;
}

/* Without keys an event may travel inside this machine only. */
static bool is_local(const char *endpoint)
{
	static const char *const local[] = { "tcp://127.0.0.1:",
					     "tcp://localhost:", "tcp://[::1]:",
					     "ipc:///" };
	size_t i;

	/* "tcp://source;destination" would lead anywhere. */
	if (strchr(endpoint, ';') != NULL)
		return false;
	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (strncmp(endpoint, local[i], strlen(local[i])) == 0)
			return true;
	return false;
}

static int add_endpoints(struct bus_peers *peers, const char *endpoints,
			 struct sdg_error *err)
{
	char endpoint[sizeof(peers->at[0].endpoint)];
	size_t len;
	int rc;

	for (;;) {
		endpoints += strspn(endpoints, " \t\n");
		len = strcspn(endpoints, " \t\n");
		if (len == 0)
			return 0;
		if (len >= sizeof(endpoint))
			return sdg_fail(err, SDG_EINVAL,
					"endpoint \"%.40s…\" is too long",
					endpoints);
		memcpy(endpoint, endpoints, len);
		endpoint[len] = '\0';
		if (peers->key == NULL && !is_local(endpoint))
			return sdg_fail(
			    err, SDG_EINVAL,
			    "endpoint \"%s\" is not on this machine:"
			    " that wants keys",
			    endpoint);
		rc = add_peer(peers, endpoint, true, err);
		if (rc < 0)
			return rc;
		endpoints += len;
	}
}

/* With IMMEDIATE a socket can be written to only while it is connected, and
 * its mark lies above the window: so "writable" is "there". */
bool bus_peer_is_there(struct bus_peer *peer)
{
	size_t size = sizeof(int);
	int events = 0;

	if (zmq_getsockopt(peer->socket, ZMQ_EVENTS, &events, &size) < 0)
		return peer->connected; /* interrupted: look again later */
	return (events & ZMQ_POLLOUT) != 0;
}

/* Keep to the preferred worker, or turn to the next one that is there. */
int bus_peers_choose(struct bus_peers *peers, bool another)
{
	int i, at;

	for (i = another ? 1 : 0; i < SDG_SLOT_MAX + 1; i++) {
		at = (peers->preferred + i) % SDG_SLOT_MAX;
		if (peers->at[at].socket != NULL && peers->at[at].connected) {
			peers->preferred = at;
			return at;
		}
	}
	return BUS_NO_PEER;
}

/* Hooks that come together must not all turn to the first worker. */
static int any_slot(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)(((unsigned long)getpid() * 2654435761UL ^
		      (unsigned long)now.tv_nsec >> 10) %
		     SDG_SLOT_MAX);
}

size_t bus_peers_there(const struct bus_peers *peers)
{
	size_t i, n = 0;

	for (i = 0; i < SDG_SLOT_MAX; i++)
		n += peers->at[i].socket != NULL && peers->at[i].connected;
	return n;
}

int bus_peers_init(struct bus_peers *peers,
		   const struct sdg_sender_options *options,
		   struct sdg_error *err)
{
	int rc = 0;

	*peers = (struct bus_peers){
		.scans = options->run_dir != NULL,
		/* A resent event may lie in the queue twice. */
		.high_water = (int)options->window * 2 + 64,
		.preferred = any_slot(),
		.key = options->key,
	};
	snprintf(peers->where, sizeof(peers->where), "%s",
		 options->run_dir != NULL ? options->run_dir
					  : options->endpoints);
	if (options->endpoints != NULL)
		rc = add_endpoints(peers, options->endpoints, err);
	if (rc == 0)
		rc = bus_peers_scan(peers, bus_now_ms(), err);
	return rc;
}

void bus_peers_fini(struct bus_peers *peers)
{
	size_t i;

	for (i = 0; i < SDG_SLOT_MAX; i++)
		drop_peer(&peers->at[i]);
}
