/*
 * bus_internal: what the two ends of the bus share. Only bus*.c include it.
 */
#ifndef SOUNDINGS_BUS_INTERNAL_H
#define SOUNDINGS_BUS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/bus.h>
#include <soundings/home.h>

/* First byte of a frame: what kind it is (proto/feedback.proto). */
#define BUS_EVENT 'E'
#define BUS_RECEIPTS 'A'

/* A frame of receipts: 1,024 of them with a short reason each. */
#define BUS_REASON_MAX 160
#define BUS_RECEIPTS_MAX (512 * 1024)

/* Heartbeats prove that a process runs, not that its loop or disk does: the
 * receipt's own time limit is what decides. */
#define BUS_HEARTBEAT_MS 500
#define BUS_SILENCE_MS 1500

/* The bytes of a socket path in struct sockaddr_un, NUL included. */
#define BUS_PATH_MAX 108

/**
 * bus_socket - a socket of the process's one context, with what both ends
 * need set
 * @max_frame: longest frame it takes
 *
 * Every socket is closed with bus_socket_close(), which takes the context
 * down with the last one. Return NULL and fill @err on failure.
 */
void *bus_socket(int type, int64_t max_frame, int high_water,
		 struct sdg_error *err);
void bus_socket_close(void *socket, int linger_ms);
/** bus_set_int - an option that a sound libzmq cannot refuse */
void bus_set_int(void *socket, int option, int value);

/** bus_slot_path - "RUN/worker-N.sock"; SDG_EINVAL when no socket can have
 *  so long a name */
int bus_slot_path(const char *run_dir, int slot, char out[BUS_PATH_MAX],
		  struct sdg_error *err);

/** bus_now_ms - the monotonic clock */
int64_t bus_now_ms(void);

/* As libzmq's own, but a signal does not end them; bus_msg_send() waits for
 * nobody. */
struct zmq_msg_t;
int bus_msg_send(struct zmq_msg_t *part, void *socket, int flags);
int bus_send(void *socket, const void *bytes, size_t len, int flags);

/** bus_drain - drop the rest of a message; the number of frames dropped */
size_t bus_drain(void *socket);

/* ------------------------------------------------------------------ CURVE */

struct sdg_curve_key;
struct bus_zap;

/* The User-Id of who came by a socket that the file system guards; a key
 * is never so short. */
#define BUS_LOCAL "local"

/**
 * bus_zap_open - answer libzmq's questions about new connections
 *
 * One a process, and before any socket of it is bound: without it libzmq
 * lets in whom it does not know. SDG_EIO when there is one already.
 */
int bus_zap_open(const char *keys_dir, struct bus_zap **out,
		 struct sdg_error *err);
void bus_zap_close(struct bus_zap *zap);
/** bus_refuse_old_peers - what @socket binds next takes ZMTP 3 alone */
int bus_refuse_old_peers(void *socket, struct sdg_error *err);

/** bus_curve_local - what @socket binds next takes all, as BUS_LOCAL */
int bus_curve_local(void *socket, struct sdg_error *err);
/** bus_curve_serve - what @socket binds next wants keys of the list */
int bus_curve_serve(void *socket, const struct bus_zap *zap,
		    struct sdg_error *err);
/** bus_curve_connect - what @socket connects to next is told who we are */
int bus_curve_connect(void *socket, const struct sdg_curve_key *key,
		      struct sdg_error *err);
/** bus_curve_try - the endpoint that @server bound last must refuse a key
 *  that nobody was given */
int bus_curve_try(void *server, const struct bus_zap *zap,
		  struct sdg_error *err);
/** bus_monitor - where @events of @socket's connections can be read */
void *bus_monitor(void *socket, int events, struct sdg_error *err);
/** bus_monitor_next - the next event, 0 when none is there */
int bus_monitor_next(void *monitor);

/* ------------------------------------------------ the workers of a sender */

#define BUS_NO_PEER (-1)

/* One worker's endpoint. */
struct bus_peer {
	void *socket;  /* NULL: a free place */
	void *monitor; /* tells when the connection is lost, the key refused */
	bool lost;     /* what was sent before has gone */
	char endpoint[BUS_PATH_MAX + 8];
	size_t unanswered;
	bool connected;
	bool fixed; /* given by name: never dropped */
	bool seen;  /* by the scan that is under way */
};

struct bus_peers {
	struct bus_peer at[SDG_SLOT_MAX];
	char where[SDG_PATH_MAX];        /* the folder, or the endpoints */
	const struct sdg_curve_key *key; /* the sender's; NULL: none */
	bool refused;                    /* a worker refused it */
	bool scans;
	int high_water;
	int preferred;
	int64_t next_scan;
};

/** bus_peers_init - those of @options; bus_peers_fini() also after failure,
 *  and on a zeroed struct */
int bus_peers_init(struct bus_peers *peers,
		   const struct sdg_sender_options *options,
		   struct sdg_error *err);
void bus_peers_fini(struct bus_peers *peers);
/** bus_peers_scan - look at the folder again when it is time */
int bus_peers_scan(struct bus_peers *peers, int64_t now, struct sdg_error *err);
/** bus_peers_listen - what the monitors say: peer->lost, peers->refused. To
 *  be called again and again: libzmq's thread waits for a full monitor */
void bus_peers_listen(struct bus_peers *peers);
/** bus_peers_there - how many are connected */
size_t bus_peers_there(const struct bus_peers *peers);
/** bus_peer_is_there - asks its socket, which there is */
bool bus_peer_is_there(struct bus_peer *peer);
/** bus_peers_choose - the preferred one while it is there, unless @another
 *  is wanted; else the next that is; BUS_NO_PEER when none is */
int bus_peers_choose(struct bus_peers *peers, bool another);

#endif
