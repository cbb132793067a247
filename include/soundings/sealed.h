/*
 * sealed: an event that only the workers can open, for what waits on a
 * laptop.
 *
 * "SDGSEAL1" and a sealed box (X25519, XSalsa20-Poly1305: libsodium's
 * crypto_box_seal) to the public half of the workers' CURVE pair. Whoever
 * sealed it cannot open it again. It travels in the place of an event.
 */
#ifndef SOUNDINGS_SEALED_H
#define SOUNDINGS_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/feedback.h>
#include <soundings/home.h>

#define SDG_SEALED_EXTRA 56
#define SDG_SEALED_MAX (SDG_EVENT_MAX + SDG_SEALED_EXTRA)

/** sdg_is_sealed - no encoded event begins so */
bool sdg_is_sealed(const uint8_t *event, size_t len);

/**
 * sdg_seal_event - @event for the workers whose public key (Z85) is @server
 * @out: room for @len + SDG_SEALED_EXTRA bytes, which it then holds
 *
 * Return 0, or SDG_EINVAL (not a key).
 */
int sdg_seal_event(const char *server, const uint8_t *event, size_t len,
		   uint8_t *out, struct sdg_error *err);

/**
 * sdg_seal_key - to whom this machine seals what waits
 *
 * The workers of one's own key (clients.h); on the machine with the store,
 * the pair there, made where there is none. SDG_ENOTFOUND: to nobody.
 */
int sdg_seal_key(char server[41], struct sdg_error *err);

/* The workers' pairs: the one in use and those before it. */
struct sdg_opener;

/** sdg_opener_new - reads no key yet; NULL when there is no memory */
struct sdg_opener *sdg_opener_new(const char *keys_dir);
void sdg_opener_free(struct sdg_opener *opener);

/**
 * sdg_opener_open - the event in @sealed
 * @out: room for @len bytes; @out_len is set
 *
 * Return 0, or SDG_ENOTFOUND: none of the pairs in the folder opens it.
 */
int sdg_opener_open(struct sdg_opener *opener, const uint8_t *sealed,
		    size_t len, uint8_t *out, size_t *out_len,
		    struct sdg_error *err);

#endif
