/*
 * sealed: boxes to the workers, by libsodium. A key that opens nothing is
 * looked for again in the folder: pairs rotate while workers run.
 */
#include <soundings/sealed.h>

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include <soundings/clients.h>

#define MAGIC "SDGSEAL1"
#define MAGIC_LEN (sizeof(MAGIC) - 1)

static_assert(SDG_SEALED_EXTRA == MAGIC_LEN + crypto_box_SEALBYTES, "seal");
static_assert(SDG_CURVE_SIZE == 41, "a key in Z85");

struct pair {
	uint8_t public_key[crypto_box_PUBLICKEYBYTES];
	uint8_t secret_key[crypto_box_SECRETKEYBYTES];
};

struct sdg_opener {
	char dir[SDG_PATH_MAX];
	struct pair *pairs;
	size_t count;
};

bool sdg_is_sealed(const uint8_t *event, size_t len)
{
	return len > SDG_SEALED_EXTRA && memcmp(event, MAGIC, MAGIC_LEN) == 0;
}

int sdg_seal_event(const char *server, const uint8_t *event, size_t len,
		   uint8_t *out, struct sdg_error *err)
{
	uint8_t key[crypto_box_PUBLICKEYBYTES];

	if (sodium_init() < 0 || sdg_curve_key_bytes(server, key) < 0)
		return sdg_fail(err, SDG_EINVAL, "seal an event: not a key");
	memcpy(out, MAGIC, MAGIC_LEN);
	if (crypto_box_seal(out + MAGIC_LEN, event, len, key) != 0)
		return sdg_fail(err, SDG_EINVAL, "seal an event: not a key");
	return 0;
}

/* Only where the store is are the workers this machine's own. */
static bool has_store(const struct sdg_home *home)
{
	char path[SDG_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/data.mdb", home->store);
	return access(path, F_OK) == 0;
}

int sdg_seal_key(char server[SDG_CURVE_SIZE], struct sdg_error *err)
{
	struct sdg_curve_key key = { 0 };
	struct sdg_home home;
	int rc = sdg_curve_key_own(&key, err);

	if (rc == 0) {
		memcpy(server, key.server, SDG_CURVE_SIZE);
	} else {
		rc = sdg_home_find(&home, err);
		if (rc < 0 || !has_store(&home))
			return sdg_fail(err, SDG_ENOTFOUND,
					"no workers are known to seal for");
		rc = sdg_curve_key_server(home.keys, &key, err);
		if (rc == 0)
			memcpy(server, key.public_key, SDG_CURVE_SIZE);
	}
	sdg_curve_key_forget(&key);
	if (rc == 0 && !server[0])
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "the key does not say which workers to trust");
	return rc;
}

/* ---------------------------------------------------------------- opening */

struct sdg_opener *sdg_opener_new(const char *keys_dir)
{
	struct sdg_opener *opener = calloc(1, sizeof(*opener));

	if (opener)
		snprintf(opener->dir, sizeof(opener->dir), "%s", keys_dir);
	return opener;
}

static void forget(struct sdg_opener *opener)
{
	if (opener->pairs)
		sodium_memzero(opener->pairs,
			       opener->count * sizeof(*opener->pairs));
	free(opener->pairs);
	opener->pairs = NULL;
	opener->count = 0;
}

void sdg_opener_free(struct sdg_opener *opener)
{
	if (!opener)
		return;
	forget(opener);
	free(opener);
}

static int is_pair(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return strncmp(entry->d_name, "curve", 5) == 0 && len > 4 &&
	       strcmp(entry->d_name + len - 4, ".key") == 0;
}

static void take_pair(struct sdg_opener *opener, const char *path)
{
	struct pair *pair = &opener->pairs[opener->count];
	struct sdg_curve_key key;

	if (sdg_curve_key_read(path, &key, NULL) < 0)
		return;
	if (sdg_curve_key_bytes(key.public_key, pair->public_key) == 0 &&
	    sdg_curve_key_bytes(key.secret_key, pair->secret_key) == 0)
		opener->count++;
	sdg_curve_key_forget(&key);
}

static void read_pairs(struct sdg_opener *opener)
{
	char path[SDG_PATH_MAX + 256];
	struct dirent **names = NULL;
	int n = scandir(opener->dir, &names, is_pair, alphasort);

	forget(opener);
	opener->pairs =
	    calloc((size_t)(n > 0 ? n : 0) + 1, sizeof(*opener->pairs));
	if (opener->pairs && sdg_credential_path("curve.key", path) == 0)
		take_pair(opener, path);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", opener->dir,
			 names[i]->d_name);
		if (opener->pairs)
			take_pair(opener, path);
		free(names[i]);
	}
	free(names);
}

static bool try_pairs(const struct sdg_opener *opener, const uint8_t *sealed,
		      size_t len, uint8_t *out)
{
	for (size_t i = 0; i < opener->count; i++)
		if (crypto_box_seal_open(out, sealed + MAGIC_LEN,
					 len - MAGIC_LEN,
					 opener->pairs[i].public_key,
					 opener->pairs[i].secret_key) == 0)
			return true;
	return false;
}

int sdg_opener_open(struct sdg_opener *opener, const uint8_t *sealed,
		    size_t len, uint8_t *out, size_t *out_len,
		    struct sdg_error *err)
{
	if (sodium_init() < 0 || !sdg_is_sealed(sealed, len))
		return sdg_fail(err, SDG_EINVAL, "open an event: not sealed");
	if (!try_pairs(opener, sealed, len, out)) {
		read_pairs(opener);
		if (!try_pairs(opener, sealed, len, out))
			return sdg_fail(err, SDG_ENOTFOUND,
					"it is sealed to another key than the "
					"workers' own");
	}
	*out_len = len - SDG_SEALED_EXTRA;
	return 0;
}
