/*
 * clients: the list of authorised keys and key files, both plain text.
 *
 * It knows nothing of ZeroMQ: who may connect is asked by bus_curve.c, who
 * may send what by the worker. A list with one bad line lets nobody speak,
 * rather than those whose lines could be read.
 */
#include <soundings/clients.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include <soundings/home.h>

#define LIST_MAX (1024 * 1024)
#define KEY_FILE_MAX 4096

struct sdg_clients {
	char path[SDG_PATH_MAX];
	struct timespec changed;
	off_t size;
	ino_t inode;
	bool there;
	struct sdg_client *list;
	size_t count;
};

static const char *const ROLES[SDG_CLIENT_ROLES] = { "none",   "mail",
						     "rep",    "survey",
						     "report", "officer" };

const char *sdg_client_role_id(int role)
{
	return role >= 0 && role < SDG_CLIENT_ROLES ? ROLES[role] : "?";
}

int sdg_client_role_from_id(struct sdg_str id)
{
	for (int i = 1; i < SDG_CLIENT_ROLES; i++)
		if (sdg_str_eq(id, ROLES[i]))
			return i;
	return -1;
}

bool sdg_client_is_good(const struct sdg_client *client, int64_t now)
{
	return client->revoked == 0 || client->revoked > now;
}

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < SDG_CLIENT_NAME_SIZE &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-._@") == len;
}

static bool is_key(const char *key)
{
	/* Z85's alphabet: no blank, no quote, no backslash. */
	static const char z85[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  ".-:+=^!/*?&<>()[]{}@%$#";

	return strlen(key) == SDG_CURVE_SIZE - 1 &&
	       strspn(key, z85) == SDG_CURVE_SIZE - 1;
}

/* ------------------------------------------------------------- the list */

static int parse_line(char *line, struct sdg_client *out)
{
	char *save = NULL, *end;
	const char *name = strtok_r(line, " ", &save);
	const char *role = strtok_r(NULL, " ", &save);
	const char *key = strtok_r(NULL, " ", &save);
	const char *since = strtok_r(NULL, " ", &save);
	const char *revoked = strtok_r(NULL, " ", &save);

	if (!revoked || strtok_r(NULL, " ", &save) || !is_name(name) ||
	    !is_key(key) || sdg_client_role_from_id(sdg_str(role)) < 0)
		return -1;
	memset(out, 0, sizeof(*out));
	memcpy(out->name, name, strlen(name));
	memcpy(out->public_key, key, SDG_CURVE_SIZE);
	out->role =
	    (enum sdg_client_role)sdg_client_role_from_id(sdg_str(role));
	out->since = strtoll(since, &end, 10);
	if (*end)
		return -1;
	out->revoked = strtoll(revoked, &end, 10);
	return *end ? -1 : 0;
}

static int parse_list(char *text, const char *path, struct sdg_clients *to,
		      struct sdg_error *err)
{
	char *save = NULL;
	size_t line_no = 0;

	/* Lines cannot be empty, so that strtok may number them. */
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct sdg_client *more;

		line_no++;
		if (line[0] == '#')
			continue;
		more = reallocarray(to->list, to->count + 1, sizeof(*more));
		if (!more)
			return sdg_fail(err, SDG_ENOMEM,
					"no memory to read \"%s\"", path);
		to->list = more;
		if (parse_line(line, &more[to->count]) < 0)
			return sdg_fail(err, SDG_EINVAL,
					"read \"%s\" line %zu: not \"name role "
					"key since revoked\"",
					path, line_no);
		to->count++;
	}
	return 0;
}

static void empty(struct sdg_clients *clients)
{
	free(clients->list);
	clients->list = NULL;
	clients->count = 0;
	clients->there = false;
}

int sdg_clients_refresh(struct sdg_clients *clients, struct sdg_error *err)
{
	struct stat now;
	char *text = NULL;
	size_t len;
	int rc;

	if (stat(clients->path, &now) != 0) {
		empty(clients);
		if (errno == ENOENT)
			return 0;
		return sdg_fail_errno(err, "look at \"%s\"", clients->path);
	}
	/* It is replaced, never written over: another inode each time. */
	if (clients->there && now.st_ino == clients->inode &&
	    now.st_size == clients->size &&
	    now.st_mtim.tv_sec == clients->changed.tv_sec &&
	    now.st_mtim.tv_nsec == clients->changed.tv_nsec)
		return 0;
	empty(clients);
	rc = sdg_read_file(clients->path, LIST_MAX, &text, &len, err);
	if (rc == 0)
		rc = parse_list(text, clients->path, clients, err);
	free(text);
	if (rc < 0) {
		empty(clients);
		return rc;
	}
	clients->there = true;
	clients->inode = now.st_ino;
	clients->size = now.st_size;
	clients->changed = now.st_mtim;
	return 0;
}

int sdg_clients_open(const char *keys_dir, struct sdg_clients **out,
		     struct sdg_error *err)
{
	struct sdg_clients *clients = calloc(1, sizeof(*clients));
	int rc, n;

	if (!clients)
		return sdg_fail(err, SDG_ENOMEM, "no memory for clients");
	n = snprintf(clients->path, sizeof(clients->path), "%s/clients",
		     keys_dir);
	if (n < 0 || (size_t)n >= sizeof(clients->path))
		rc = sdg_fail(err, SDG_EINVAL, "path \"%s\" is too long",
			      keys_dir);
	else
		rc = sdg_clients_refresh(clients, err);
	if (rc == 0)
		*out = clients;
	else
		sdg_clients_close(clients);
	return rc;
}

void sdg_clients_close(struct sdg_clients *clients)
{
	if (!clients)
		return;
	empty(clients);
	free(clients);
}

size_t sdg_clients_count(const struct sdg_clients *clients)
{
	return clients->count;
}

const struct sdg_client *sdg_clients_at(const struct sdg_clients *clients,
					size_t i)
{
	return &clients->list[i];
}

const struct sdg_client *sdg_clients_find(const struct sdg_clients *clients,
					  const char *public_key)
{
	for (size_t i = 0; i < clients->count; i++)
		if (strcmp(clients->list[i].public_key, public_key) == 0)
			return &clients->list[i];
	return NULL;
}

/* ----------------------------------------------------------- changing it */

static int write_list(const struct sdg_clients *clients, struct sdg_error *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int rc;

	if (!to)
		return sdg_fail(err, SDG_ENOMEM, "no memory for clients");
	fputs("# name role key since revoked; by soundings keys\n", to);
	for (size_t i = 0; i < clients->count; i++) {
		const struct sdg_client *c = &clients->list[i];

		fprintf(to, "%s %s %s %lld %lld\n", c->name,
			sdg_client_role_id(c->role), c->public_key,
			(long long)c->since, (long long)c->revoked);
	}
	if (fclose(to) != 0)
		rc = sdg_fail(err, SDG_ENOMEM, "no memory for clients");
	else
		rc = sdg_write_file(clients->path, text, len, 0600, err);
	free(text);
	return rc;
}

/* Two changes at once would lose one: they take turns. */
static int lock_list(const char *keys_dir, struct sdg_error *err)
{
	char path[SDG_PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/clients.lock", keys_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR) {
			sdg_fail_errno(err, "lock \"%s\"", path);
			close(fd);
			return SDG_EIO;
		}
	return fd;
}

static int add(struct sdg_clients *clients, const struct sdg_client *new,
	       struct sdg_error *err)
{
	struct sdg_client *more;

	for (size_t i = 0; i < clients->count; i++) {
		if (strcmp(clients->list[i].public_key, new->public_key) == 0)
			return sdg_fail(err, SDG_EINVAL,
					"this key was given to \"%s\" already",
					clients->list[i].name);
		if (clients->list[i].revoked == 0 &&
		    strcmp(clients->list[i].name, new->name) == 0)
			return sdg_fail(err, SDG_EINVAL,
					"\"%s\" has a key: revoke or rotate it",
					new->name);
	}
	more = reallocarray(clients->list, clients->count + 1, sizeof(*more));
	if (!more)
		return sdg_fail(err, SDG_ENOMEM, "no memory for clients");
	clients->list = more;
	more[clients->count++] = *new;
	return 0;
}

/* Reads the list, has @fn change it, writes it; one at a time. */
static int change(const char *keys_dir,
		  int (*fn)(struct sdg_clients *clients,
			    const struct sdg_client *with,
			    struct sdg_error *err),
		  const struct sdg_client *with, struct sdg_error *err)
{
	struct sdg_clients *clients = NULL;
	int lock = lock_list(keys_dir, err), rc;

	if (lock < 0)
		return lock;
	rc = sdg_clients_open(keys_dir, &clients, err);
	if (clients)
		rc = fn(clients, with, err);
	if (clients && rc == 0)
		rc = write_list(clients, err);
	sdg_clients_close(clients);
	close(lock);
	return rc;
}

static int name_client(struct sdg_client *client, const char *name,
		       const char *public_key, struct sdg_error *err)
{
	if (!is_name(name))
		return sdg_fail(err, SDG_EINVAL,
				"a name is made of a-z, 0-9 and -._@ (at most "
				"%d)",
				SDG_CLIENT_NAME_SIZE - 1);
	if (!is_key(public_key))
		return sdg_fail(err, SDG_EINVAL,
				"a public key is 40 characters of Z85");
	memcpy(client->name, name, strlen(name) + 1);
	memcpy(client->public_key, public_key, SDG_CURVE_SIZE);
	return 0;
}

int sdg_clients_authorize(const char *keys_dir, const char *name,
			  enum sdg_client_role role, const char *public_key,
			  int64_t now, struct sdg_error *err)
{
	struct sdg_client new = { .role = role, .since = now };
	int rc = name_client(&new, name, public_key, err);

	return rc < 0 ? rc : change(keys_dir, add, &new, err);
}

static struct sdg_client *find_lasting(struct sdg_clients *clients,
				       const char *name)
{
	for (size_t i = 0; i < clients->count; i++)
		if (clients->list[i].revoked == 0 &&
		    strcmp(clients->list[i].name, name) == 0)
			return &clients->list[i];
	return NULL;
}

/* @with is the new one; its time of revocation is the old one's. */
static int rotate(struct sdg_clients *clients, const struct sdg_client *with,
		  struct sdg_error *err)
{
	struct sdg_client *old = find_lasting(clients, with->name);
	struct sdg_client new = *with;

	if (!old)
		return sdg_fail(err, SDG_ENOTFOUND,
				"nobody of that name has a key");
	old->revoked = with->revoked;
	new.role = old->role;
	new.revoked = 0;
	return add(clients, &new, err);
}

int sdg_clients_rotate(const char *keys_dir, const char *name,
		       const char *public_key, int64_t now, int64_t until,
		       struct sdg_error *err)
{
	struct sdg_client new = { .since = now, .revoked = until };
	int rc = name_client(&new, name, public_key, err);

	return rc < 0 ? rc : change(keys_dir, rotate, &new, err);
}

static int cut_off(struct sdg_clients *clients, const struct sdg_client *with,
		   struct sdg_error *err)
{
	bool found = false;

	for (size_t i = 0; i < clients->count; i++) {
		struct sdg_client *c = &clients->list[i];

		if (strcmp(c->name, with->name) != 0 ||
		    !sdg_client_is_good(c, with->revoked))
			continue;
		c->revoked = with->revoked;
		found = true;
	}
	return found ? 0
		     : sdg_fail(err, SDG_ENOTFOUND,
				"nobody of that name has a key");
}

int sdg_clients_revoke(const char *keys_dir, const char *name, int64_t now,
		       struct sdg_error *err)
{
	struct sdg_client with = { .revoked = now };

	if (!is_name(name))
		return sdg_fail(err, SDG_ENOTFOUND,
				"nobody of that name has a key");
	memcpy(with.name, name, strlen(name) + 1);
	return change(keys_dir, cut_off, &with, err);
}

/* ------------------------------------------------------------- key files */

static int take_line(char *line, struct sdg_curve_key *key)
{
	char *value = strchr(line, ' ');
	const char *word = line;

	if (line[0] == '#')
		return 0;
	if (!value)
		return -1;
	*value++ = '\0';
	if (strcmp(word, "name") == 0 && is_name(value))
		memcpy(key->name, value, strlen(value) + 1);
	else if (strcmp(word, "server") == 0 && is_key(value))
		memcpy(key->server, value, SDG_CURVE_SIZE);
	else if (strcmp(word, "workers") == 0 &&
		 strlen(value) < sizeof(key->workers))
		memcpy(key->workers, value, strlen(value) + 1);
	else if (strcmp(word, "public") == 0 && is_key(value))
		memcpy(key->public_key, value, SDG_CURVE_SIZE);
	else if (strcmp(word, "secret") == 0 && is_key(value))
		memcpy(key->secret_key, value, SDG_CURVE_SIZE);
	else
		return -1;
	return 0;
}

int sdg_curve_key_read(const char *path, struct sdg_curve_key *out,
		       struct sdg_error *err)
{
	struct sdg_curve_key key = { 0 };
	char *text = NULL, *save = NULL;
	size_t len;
	int rc = sdg_read_file(path, KEY_FILE_MAX, &text, &len, err);

	if (rc < 0)
		return rc;
	for (char *line = strtok_r(text, "\n", &save); rc == 0 && line;
	     line = strtok_r(NULL, "\n", &save))
		rc = take_line(line, &key);
	if (rc < 0 || !key.public_key[0] || !key.secret_key[0])
		rc =
		    sdg_fail(err, SDG_EINVAL, "\"%s\" is not a key file", path);
	else
		*out = key;
	sodium_memzero(text, len);
	free(text);
	sdg_curve_key_forget(&key);
	return rc;
}

static int key_text(const struct sdg_curve_key *key, char *to, size_t size)
{
	const char *const lines[][2] = { { "name", key->name },
					 { "server", key->server },
					 { "workers", key->workers },
					 { "public", key->public_key },
					 { "secret", key->secret_key } };
	int n = snprintf(to, size,
			 "# A Soundings key: whoever holds this file is its "
			 "owner.\n");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i][1][0])
			n += snprintf(to + n, size - (size_t)n, "%s %s\n",
				      lines[i][0], lines[i][1]);
	return n;
}

int sdg_curve_key_write(const char *path, const struct sdg_curve_key *key,
			struct sdg_error *err)
{
	char text[KEY_FILE_MAX], fresh[SDG_PATH_MAX];
	int n, rc;

	n = snprintf(fresh, sizeof(fresh), "%s.%ld.new", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(fresh))
		return sdg_fail(err, SDG_EINVAL, "path \"%s\" is too long",
				path);
	n = key_text(key, text, sizeof(text));
	rc = sdg_write_file(fresh, text, (size_t)n, 0400, err);
	sodium_memzero(text, sizeof(text));
	if (rc < 0)
		return rc;
	/* link() refuses what is there; rename() would replace a key. */
	if (link(fresh, path) != 0)
		rc = errno == EEXIST ? sdg_fail(err, SDG_EINVAL,
						"\"%s\" is there already", path)
				     : sdg_fail_errno(err, "make \"%s\"", path);
	unlink(fresh);
	return rc;
}

int sdg_curve_key_own(struct sdg_curve_key *out, struct sdg_error *err)
{
	const char *named = getenv("SOUNDINGS_KEY");
	char path[SDG_PATH_MAX + 16];
	struct sdg_home home;
	int rc;

	if (named && *named) {
		rc = sdg_curve_key_read(named, out, err);
		/* Asked for and not there is no "none". */
		return rc == SDG_ENOTFOUND
			   ? sdg_fail(err, SDG_EINVAL, "no key file \"%s\"",
				      named)
			   : rc;
	}
	rc = sdg_home_find(&home, err);
	if (rc < 0)
		return sdg_fail(err, SDG_ENOTFOUND, "no keys directory");
	snprintf(path, sizeof(path), "%s/client.key", home.keys);
	/* A hook that may not look into the folder has none either. */
	if (access(path, F_OK) != 0)
		return sdg_fail(err, SDG_ENOTFOUND, "no \"%s\"", path);
	return sdg_curve_key_read(path, out, err);
}

int sdg_curve_key_server(const char *keys_dir, struct sdg_curve_key *out,
			 struct sdg_error *err)
{
	char path[SDG_PATH_MAX], handed[SDG_PATH_MAX];
	struct sdg_error there;
	int n = snprintf(path, sizeof(path), "%s/curve.key", keys_dir);
	int rc;

	if (n < 0 || (size_t)n >= sizeof(path))
		return sdg_fail(err, SDG_EINVAL, "path \"%s\" is too long",
				keys_dir);
	if (sdg_credential_path("curve.key", handed) == 0)
		return sdg_curve_key_read(handed, out, err);
	rc = sdg_curve_key_read(path, out, err);
	if (rc != SDG_ENOTFOUND)
		return rc;
	rc = sdg_make_dirs(keys_dir, 0700, err);
	if (rc == 0)
		rc = sdg_curve_key_make(out, err);
	if (rc < 0)
		return rc;
	memcpy(out->name, "workers", sizeof("workers"));
	rc = sdg_curve_key_write(path, out, &there);
	if (rc < 0 && rc != SDG_EINVAL)
		return sdg_fail(err, (enum sdg_code)rc, "%s", there.message);
	/* Whoever was first: its key is the key. */
	return sdg_curve_key_read(path, out, err);
}

void sdg_curve_key_forget(struct sdg_curve_key *key)
{
	sodium_memzero(key, sizeof(*key));
}
