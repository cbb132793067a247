/*
 * keys: key files, and libsodium for what is keyed.
 *
 * A key file appears whole and once: written under a temporary name, synced,
 * then linked to its name, which fails when another process was faster; its
 * key is then read instead. It never overwrites or deletes one, and where the
 * keys of a month were dropped it makes none again: what was sealed under them
 * would be damaged then, and not erased.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/home.h>
#include <soundings/keys.h>

#define KEY_SIZE 32
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define PREFIX_SIZE crypto_core_hchacha20_INPUTBYTES
/* Texts sealed under one prefix, and prefixes bought at a time. */
#define SEALS_A_PREFIX 1024
#define PREFIXES 16

static_assert(SDG_SEAL_EXTRA == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
				    crypto_aead_xchacha20poly1305_ietf_ABYTES,
	      "nonce and tag");
static_assert(NONCE_SIZE == PREFIX_SIZE + sizeof(uint64_t), "prefix, count");
static_assert(KEY_SIZE == crypto_core_hchacha20_OUTPUTBYTES, "subkey");
static_assert(KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

/* A month has one, or after a rotation several, the newest last. */
struct text_key {
	uint32_t month;
	uint8_t key[KEY_SIZE];
};

struct sdg_keys {
	char dir[SDG_PATH_MAX];
	uint8_t check[KEY_SIZE];
	uint8_t id[KEY_SIZE];
	uint8_t pseudonym[KEY_SIZE];
	struct text_key *text; /* of months that were asked for */
	size_t text_count;
	struct timespec looked; /* the folder's last change when they were */
	/* XChaCha20 is ChaCha20 under a subkey, made of the key and the first
	 * sixteen bytes of the nonce. Those are random and last for a run of
	 * texts, which are counted in the other eight: no nonce comes twice,
	 * and neither subkey nor random bytes are made anew for each. */
	struct {
		size_t at, left; /* of which text key; 0: none */
		uint64_t count;
		uint8_t prefix[PREFIX_SIZE];
		uint8_t subkey[KEY_SIZE];
	} run;
	uint8_t prefixes[PREFIXES][PREFIX_SIZE]; /* for runs to come */
	size_t prefixes_left;
};

static int key_path(const struct sdg_keys *keys, const char *name,
		    char out[SDG_PATH_MAX], struct sdg_error *err)
{
	int n;

	n = snprintf(out, SDG_PATH_MAX, "%s/%s", keys->dir, name);
	if (n < 0 || n >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"name a key in \"%.400s\": path too long",
				keys->dir);
	return 0;
}

static int read_key(const char *path, uint8_t key[KEY_SIZE],
		    struct sdg_error *err)
{
	uint8_t buf[KEY_SIZE + 1];
	ssize_t n;
	int fd;
	int rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return sdg_fail(err, SDG_ENOTFOUND, "read key \"%s\": missing",
				path);
	if (fd < 0 && errno == EACCES)
		return sdg_fail(err, SDG_EIO,
				"read key \"%s\": permission denied; keys are "
				"mode 0400 and belong to whoever runs workers "
				"and commands",
				path);
	if (fd < 0)
		return sdg_fail_errno(err, "read key \"%s\"", path);
	n = read(fd, buf, sizeof(buf));
	if (n < 0) {
		rc = sdg_fail_errno(err, "read key \"%s\"", path);
	} else if (n != KEY_SIZE) {
		rc = sdg_fail(err, SDG_EINVAL,
			      "read key \"%s\": not a key of %d bytes", path,
			      KEY_SIZE);
	} else {
		memcpy(key, buf, KEY_SIZE);
		rc = 0;
	}
	sodium_memzero(buf, sizeof(buf));
	close(fd);
	return rc;
}

static int sync_dir(const char *dir, struct sdg_error *err)
{
	int fd;
	int rc = 0;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", dir);
	if (fsync(fd) < 0)
		rc = sdg_fail_errno(err, "sync \"%s\"", dir);
	close(fd);
	return rc;
}

static int write_synced(int fd, const uint8_t *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return fsync(fd);
}

/* That there is no room passes; that there is no folder is not that there is
 * no key. */
static int cannot_make(const char *path, struct sdg_error *err)
{
	enum sdg_code code =
	    errno == ENOSPC || errno == EDQUOT ? SDG_EAGAIN : SDG_EIO;

	return sdg_fail(err, code, "make key \"%s\": %s", path,
			strerror(errno));
}

/* Make the key @path unless there is one; never replaces it. */
static int make_key(const struct sdg_keys *keys, const char *path,
		    struct sdg_error *err)
{
	char temporary[SDG_PATH_MAX + 16];
	uint8_t key[KEY_SIZE];
	int fd;
	int rc;

	snprintf(temporary, sizeof(temporary), "%s.new-XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC); /* O_EXCL, 0600 */
	if (fd < 0)
		return cannot_make(path, err);
	randombytes_buf(key, sizeof(key));
	if (fchmod(fd, 0400) < 0 || write_synced(fd, key, sizeof(key)) < 0 ||
	    (link(temporary, path) < 0 && errno != EEXIST)) {
		rc = cannot_make(path, err);
		goto out;
	}
	/* Also when another was faster: its name must last before we rely
	 * on its key. */
	rc = sync_dir(keys->dir, err);
out:
	sodium_memzero(key, sizeof(key));
	close(fd);
	unlink(temporary);
	return rc;
}

static int load_key(const struct sdg_keys *keys, const char *name, bool create,
		    uint8_t key[KEY_SIZE], struct sdg_error *err)
{
	char path[SDG_PATH_MAX];
	int rc;

	rc = key_path(keys, name, path, err);
	if (rc < 0)
		return rc;
	rc = read_key(path, key, err);
	if (rc != SDG_ENOTFOUND || !create)
		return rc;
	rc = make_key(keys, path, err);
	if (rc < 0)
		return rc;
	return read_key(path, key, err);
}

/* One of the three: as systemd handed it over, else from the folder. */
static int load_lasting(const struct sdg_keys *keys, const char *name,
			bool create, uint8_t key[KEY_SIZE],
			struct sdg_error *err)
{
	char path[SDG_PATH_MAX];

	if (sdg_credential_path(name, path) == 0)
		return read_key(path, key, err);
	return load_key(keys, name, create, key, err);
}

int sdg_keys_open(const char *dir, bool create, struct sdg_keys **out,
		  struct sdg_error *err)
{
	struct sdg_keys *keys;
	int n;
	int rc;

	if (sodium_init() < 0)
		return sdg_fail(err, SDG_EIO, "start libsodium");
	keys = calloc(1, sizeof(*keys));
	if (!keys)
		return sdg_fail(err, SDG_ENOMEM, "open keys: no memory");
	n = snprintf(keys->dir, sizeof(keys->dir), "%s", dir);
	if (n < 0 || (size_t)n >= sizeof(keys->dir)) {
		rc = sdg_fail(err, SDG_EINVAL, "open keys: path too long");
		goto out;
	}
	rc = create ? sdg_make_dirs(dir, 0700, err) : 0;
	if (rc == 0)
		rc = load_lasting(keys, "check.key", create, keys->check, err);
	if (rc == 0)
		rc = load_lasting(keys, "id.key", create, keys->id, err);
	if (rc == 0)
		rc = load_lasting(keys, "pseudonym.key", create,
				  keys->pseudonym, err);
	if (rc == 0) {
		*out = keys;
		keys = NULL;
	}
out:
	sdg_keys_close(keys);
	return rc;
}

static void forget_text_keys(struct sdg_keys *keys)
{
	if (keys->text)
		sodium_memzero(keys->text,
			       keys->text_count * sizeof(*keys->text));
	free(keys->text);
	keys->text = NULL;
	keys->text_count = 0;
	sodium_memzero(&keys->run, sizeof(keys->run));
}

void sdg_keys_close(struct sdg_keys *keys)
{
	if (!keys)
		return;
	forget_text_keys(keys);
	sodium_memzero(keys, sizeof(*keys));
	free(keys);
}

void sdg_keys_fingerprint(const struct sdg_keys *keys,
			  uint8_t out[SDG_FINGERPRINT_SIZE])
{
	uint8_t all[3 * KEY_SIZE];

	memcpy(all, keys->check, KEY_SIZE);
	memcpy(all + KEY_SIZE, keys->id, KEY_SIZE);
	memcpy(all + 2 * KEY_SIZE, keys->pseudonym, KEY_SIZE);
	crypto_generichash(out, SDG_FINGERPRINT_SIZE, all, sizeof(all), NULL,
			   0);
	sodium_memzero(all, sizeof(all));
}

uint64_t sdg_keys_check(const struct sdg_keys *keys, const void *data,
			size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t check;

	crypto_shorthash(hash, data, len, keys->check);
	memcpy(&check, hash, sizeof(check));
	return check;
}

void sdg_keys_event(const struct sdg_keys *keys, const uint8_t identity[32],
		    uint8_t out[12])
{
	uint8_t hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), identity, 32, keys->id,
			   KEY_SIZE);
	memcpy(out, hash, 12);
}

void sdg_keys_pseudonym(const struct sdg_keys *keys, char kind,
			struct sdg_str value, uint8_t out[SDG_PSEUDONYM_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, keys->pseudonym, KEY_SIZE,
				SDG_PSEUDONYM_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)&kind, 1);
	if (value.len)
		crypto_generichash_update(&state, (const uint8_t *)value.s,
					  value.len);
	crypto_generichash_final(&state, out, SDG_PSEUDONYM_SIZE);
}

static void text_name(uint32_t month, unsigned number, char out[40])
{
	int n = snprintf(out, 40, "text-%04u-%02u", month / 12, month % 12 + 1);

	if (number > 1)
		n += snprintf(out + n, 40 - (size_t)n, "-%u", number);
	snprintf(out + n, 40 - (size_t)n, ".key");
}

static void dropped_path(const char *dir, uint32_t month,
			 char out[SDG_PATH_MAX + 32])
{
	snprintf(out, SDG_PATH_MAX + 32, "%s/dropped-%04u-%02u", dir,
		 month / 12, month % 12 + 1);
}

static bool was_dropped(const struct sdg_keys *keys, uint32_t month)
{
	char path[SDG_PATH_MAX + 32];

	dropped_path(keys->dir, month, path);
	return access(path, F_OK) == 0;
}

int sdg_keys_note_dropped(const char *dir, uint32_t month,
			  struct sdg_error *err)
{
	char path[SDG_PATH_MAX + 32];
	int fd;

	dropped_path(dir, month, path);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0400);
	if (fd < 0)
		return sdg_fail_errno(err, "make \"%s\"", path);
	close(fd);
	return sync_dir(dir, err);
}

int sdg_keys_month_of(const char *name)
{
	unsigned year, month, number;
	int used = 0;

	if (sscanf(name, "text-%4u-%2u.key%n", &year, &month, &used) != 2 ||
	    !used) {
		used = 0;
		if (sscanf(name, "text-%4u-%2u-%5u.key%n", &year, &month,
			   &number, &used) != 3)
			used = 0;
	}
	if (!used || name[used] || month < 1 || month > 12)
		return -1;
	return (int)(year * 12 + month - 1);
}

/* Anew, so that no copy of a key is left where realloc() was. */
static int remember_key(struct sdg_keys *keys, uint32_t month,
			const uint8_t key[KEY_SIZE], struct sdg_error *err)
{
	struct text_key *grown = calloc(keys->text_count + 1, sizeof(*grown));

	if (!grown)
		return sdg_fail(err, SDG_ENOMEM, "read a text key: no memory");
	if (keys->text) {
		memcpy(grown, keys->text, keys->text_count * sizeof(*grown));
		sodium_memzero(keys->text, keys->text_count * sizeof(*grown));
		free(keys->text);
	}
	keys->text = grown;
	grown[keys->text_count].month = month;
	memcpy(grown[keys->text_count++].key, key, KEY_SIZE);
	return 0;
}

/* Where in the list the newest of @month stands; all of them are there. */
static int find_text_key(struct sdg_keys *keys, uint32_t month, bool create,
			 size_t *at, struct sdg_error *err)
{
	uint8_t key[KEY_SIZE];
	char name[40];
	int rc = 0;

	for (size_t i = keys->text_count; i-- > 0;) {
		if (keys->text[i].month == month) {
			*at = i;
			return 0;
		}
	}
	for (unsigned number = 1; rc == 0; number++) {
		text_name(month, number, name);
		rc =
		    load_key(keys, name,
			     create && number == 1 && !was_dropped(keys, month),
			     key, err);
		if (rc == SDG_ENOTFOUND && number > 1)
			break; /* that was all */
		if (rc == 0)
			rc = remember_key(keys, month, key, err);
	}
	sodium_memzero(key, sizeof(key));
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	*at = keys->text_count - 1;
	return keys->text_count && keys->text[*at].month == month
		   ? 0
		   : SDG_ENOTFOUND;
}

void sdg_keys_refresh(struct sdg_keys *keys)
{
	struct timespec now;
	struct stat st;

	if (stat(keys->dir, &st) != 0)
		return;
	/* The clock of files ticks slowly: what changed a moment ago may have
	 * changed again without its looking so. */
	clock_gettime(CLOCK_REALTIME, &now);
	if (st.st_mtim.tv_sec == keys->looked.tv_sec &&
	    st.st_mtim.tv_nsec == keys->looked.tv_nsec &&
	    st.st_mtim.tv_sec < now.tv_sec - 1)
		return;
	forget_text_keys(keys);
	keys->looked = st.st_mtim;
}

int sdg_keys_rotate(struct sdg_keys *keys, uint32_t month,
		    struct sdg_error *err)
{
	char name[40], path[SDG_PATH_MAX];
	int rc;

	for (unsigned number = 1;; number++) {
		text_name(month, number, name);
		rc = key_path(keys, name, path, err);
		if (rc < 0)
			return rc;
		if (access(path, F_OK) != 0)
			break;
	}
	forget_text_keys(keys);
	return make_key(keys, path, err);
}

static void begin_run(struct sdg_keys *keys, size_t at)
{
	if (keys->prefixes_left == 0) {
		randombytes_buf(keys->prefixes, sizeof(keys->prefixes));
		keys->prefixes_left = PREFIXES;
	}
	memcpy(keys->run.prefix, keys->prefixes[--keys->prefixes_left],
	       PREFIX_SIZE);
	crypto_core_hchacha20(keys->run.subkey, keys->run.prefix,
			      keys->text[at].key, NULL);
	keys->run.at = at;
	keys->run.count = 0;
	keys->run.left = SEALS_A_PREFIX;
}

int sdg_keys_seal(struct sdg_keys *keys, uint32_t month,
		  const uint8_t about[16], const void *text, size_t len,
		  uint8_t *out, struct sdg_error *err)
{
	/* What is left of the nonce, in the form that ChaCha20 takes. */
	uint8_t rest[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };
	size_t at;
	int rc;

	rc = find_text_key(keys, month, true, &at, err);
	if (rc < 0)
		return rc;
	if (keys->run.left == 0 || keys->run.at != at)
		begin_run(keys, at);
	keys->run.left--;
	keys->run.count++;
	memcpy(rest + 4, &keys->run.count, sizeof(keys->run.count));
	memcpy(out, keys->run.prefix, PREFIX_SIZE);
	memcpy(out + PREFIX_SIZE, rest + 4, sizeof(keys->run.count));
	crypto_aead_chacha20poly1305_ietf_encrypt(out + NONCE_SIZE, NULL, text,
						  len, about, 16, NULL, rest,
						  keys->run.subkey);
	return 0;
}

int sdg_keys_ready(struct sdg_keys *keys, uint32_t month, struct sdg_error *err)
{
	size_t at;

	return find_text_key(keys, month, false, &at, err);
}

bool sdg_keys_at_hand(const struct sdg_keys *keys, uint32_t month)
{
	for (size_t i = keys->text_count; i-- > 0;)
		if (keys->text[i].month == month)
			return true;
	return false;
}

int sdg_keys_unseal(struct sdg_keys *keys, uint32_t month,
		    const uint8_t about[16], const uint8_t *sealed, size_t len,
		    uint8_t *out, struct sdg_error *err)
{
	size_t at;
	int rc;

	if (len < SDG_SEAL_EXTRA)
		return sdg_fail(err, SDG_EDAMAGED,
				"open a sealed text: too short");
	rc = find_text_key(keys, month, false, &at, err);
	if (rc < 0)
		return rc;
	for (;; at--) {
		if (crypto_aead_xchacha20poly1305_ietf_decrypt(
			out, NULL, NULL, sealed + NONCE_SIZE, len - NONCE_SIZE,
			about, 16, sealed, keys->text[at].key) == 0)
			return 0;
		if (at == 0 || keys->text[at - 1].month != month)
			break;
	}
	return sdg_fail(err, SDG_EDAMAGED,
			"open a sealed text: not what was sealed");
}
