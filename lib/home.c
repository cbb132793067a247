/*
 * home: paths, and files that appear whole.
 */
#include <soundings/home.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define SERVICE_HOME "/var/lib/soundings"
#define SERVICE_RUN "/run/soundings"
#define SERVICE_KEYS "/var/lib/soundings-keys"

__attribute__((format(printf, 3, 4))) static int
path(char out[SDG_PATH_MAX], struct sdg_error *err, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out, SDG_PATH_MAX, fmt, args);
	va_end(args);
	if (n < 0 || n >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"a path is longer than %d bytes",
				SDG_PATH_MAX - 1);
	return 0;
}

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* A mail system gives its hooks no environment, so the service's own home
 * is looked at before any variable but ours. */
static bool is_service_user(void)
{
	struct passwd *pw;

	if (access(SERVICE_HOME, F_OK) != 0)
		return false;
	if (geteuid() == 0)
		return true;
	pw = getpwuid(geteuid());
	return pw && (strcmp(pw->pw_name, "soundings") == 0 ||
		      strcmp(pw->pw_name, "soundings-mail") == 0);
}

/* A place may be named from where one stands; a daemon does not stand there. */
static int absolute(char out[SDG_PATH_MAX], const char *dir,
		    struct sdg_error *err)
{
	char here[SDG_PATH_MAX];

	if (dir[0] == '/')
		return path(out, err, "%s", dir);
	if (!getcwd(here, sizeof(here)))
		return sdg_fail_errno(err, "tell where \"%s\" is", dir);
	return path(out, err, "%s/%s", here, dir);
}

int sdg_home_pin(struct sdg_error *err)
{
	static const char *const names[] = {
		"SOUNDINGS_HOME", "SOUNDINGS_RUN_DIR", "SOUNDINGS_KEYS_DIR",
		"SOUNDINGS_DATA", "SOUNDINGS_CONFIG",  "SOUNDINGS_KEY",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *dir = env(names[i]);
		char whole[SDG_PATH_MAX];
		int rc;

		if (!dir || dir[0] == '/')
			continue;
		rc = absolute(whole, dir, err);
		if (rc < 0)
			return rc;
		if (setenv(names[i], whole, 1) != 0)
			return sdg_fail(err, SDG_ENOMEM, "no memory");
	}
	return 0;
}

static int find_root(char root[SDG_PATH_MAX], struct sdg_error *err)
{
	const char *dir = env("SOUNDINGS_HOME");

	if (dir)
		return absolute(root, dir, err);
	if (is_service_user())
		return path(root, err, "%s", SERVICE_HOME);
	dir = env("XDG_STATE_HOME");
	if (dir && dir[0] == '/') /* as its specification has it */
		return path(root, err, "%s/soundings", dir);
	dir = env("HOME");
	if (dir)
		return path(root, err, "%s/.local/state/soundings", dir);
	return sdg_fail(err, SDG_EINVAL,
			"no home for soundings: set SOUNDINGS_HOME");
}

static int below(char out[SDG_PATH_MAX], const char *root, const char *name,
		 struct sdg_error *err)
{
	return path(out, err, "%s/%s", root, name);
}

/* What may lie elsewhere: where the variable says, or, for the service,
 * where its package has made a place. */
static int apart(char out[SDG_PATH_MAX], const char *variable, const char *root,
		 const char *name, const char *place, struct sdg_error *err)
{
	const char *dir = env(variable);

	if (!dir && strcmp(root, SERVICE_HOME) == 0 && access(place, F_OK) == 0)
		dir = place;
	return dir ? absolute(out, dir, err) : below(out, root, name, err);
}

int sdg_home_find(struct sdg_home *home, struct sdg_error *err)
{
	int rc = find_root(home->root, err);

	if (rc == 0)
		rc = below(home->store, home->root, "store", err);
	if (rc == 0)
		rc = apart(home->run, "SOUNDINGS_RUN_DIR", home->root, "run",
			   SERVICE_RUN, err);
	if (rc == 0)
		rc = apart(home->keys, "SOUNDINGS_KEYS_DIR", home->root, "keys",
			   SERVICE_KEYS, err);
	if (rc == 0)
		rc = below(home->outbox, home->root, "outbox", err);
	if (rc == 0)
		rc = below(home->quarantine, home->root, "quarantine", err);
	if (rc == 0)
		rc = below(home->incoming, home->root, "spool/incoming", err);
	return rc;
}

int sdg_credential_path(const char *name, char out[SDG_PATH_MAX])
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int n;

	if (!dir || !*dir)
		return SDG_ENOTFOUND;
	n = snprintf(out, SDG_PATH_MAX, "%s/keys_%s", dir, name);
	return n > 0 && n < SDG_PATH_MAX && access(out, R_OK) == 0
		   ? 0
		   : SDG_ENOTFOUND;
}

void sdg_fill_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) != fd)
			_exit(EX_TEMPFAIL);
	}
}

int sdg_make_dirs(const char *dir, unsigned mode, struct sdg_error *err)
{
	char partial[SDG_PATH_MAX];
	int rc = path(partial, err, "%s", dir);

	if (rc < 0)
		return rc;
	for (char *slash = partial + 1;; slash++) {
		if (*slash != '/' && *slash != '\0')
			continue;
		bool last = *slash == '\0';

		*slash = '\0';
		if (mkdir(partial, mode) != 0 && errno != EEXIST)
			return sdg_fail_errno(err, "make folder \"%s\"",
					      partial);
		if (last)
			return 0;
		*slash = '/';
	}
}

int sdg_home_prepare(const struct sdg_home *home, struct sdg_error *err)
{
	const char *const dirs[] = { home->root,       home->run,
				     home->keys,       home->outbox,
				     home->quarantine, home->incoming };
	int rc = 0;

	/* Not store/: it appears whole, by the store itself. */
	for (size_t i = 0; rc == 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rc = sdg_make_dirs(dirs[i], 0700, err);
	return rc;
}

/* The folder of the running program. */
static int program_dir(char out[SDG_PATH_MAX], struct sdg_error *err)
{
	char exe[SDG_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return sdg_fail_errno(err, "read \"/proc/self/exe\"");
	exe[n] = '\0';
	return path(out, err, "%s", dirname(exe));
}

int sdg_data_path(const char *name, char out[SDG_PATH_MAX],
		  struct sdg_error *err)
{
	static const char *const beside[] = { "../share/soundings",
					      "../../share/soundings" };
	const char *dir = env("SOUNDINGS_DATA");
	char bin[SDG_PATH_MAX];
	int rc;

	if (dir)
		return path(out, err, "%s/%s", dir, name);
	rc = program_dir(bin, err);
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		rc = path(out, err, "%s/%s", bin, beside[i]);
		if (rc == 0 && access(out, F_OK) == 0)
			return path(out, err, "%s/%s/%s", bin, beside[i], name);
	}
	return rc < 0 ? rc : path(out, err, "%s/%s", SDG_DATA_BUILD, name);
}

int sdg_frame_dir(char out[SDG_PATH_MAX], struct sdg_error *err)
{
	struct sdg_home home;
	char *version = NULL;
	size_t len;
	int rc;

	/* Without a home nothing was ever adopted. */
	if (sdg_home_find(&home, NULL) < 0 ||
	    below(out, home.root, SDG_FRAME_CURRENT, NULL) < 0 ||
	    access(out, F_OK) != 0)
		return sdg_data_path("themes", out, err);
	rc = sdg_read_file(out, 64, &version, &len, err);
	if (rc < 0 || !version)
		return rc;
	version[strcspn(version, "\n")] = '\0';
	rc = path(out, err, "%s/frame/versions/%s", home.root, version);
	free(version);
	return rc;
}

int sdg_program_path(const char *name, char out[SDG_PATH_MAX],
		     struct sdg_error *err)
{
	static const char *const beside[] = { "", "/../libexec/soundings",
					      "/../../bin" };
	char bin[SDG_PATH_MAX], dir[SDG_PATH_MAX];
	int rc = program_dir(bin, err);

	for (size_t i = 0; rc == 0 && i < 3; i++) {
		char *plain;

		rc = path(dir, err, "%s%s", bin, beside[i]);
		/* It stands in configurations and unit files: without "..". */
		plain = rc == 0 ? realpath(dir, NULL) : NULL;
		if (!plain)
			continue;
		rc = path(out, err, "%s/%s", plain, name);
		free(plain);
		if (rc == 0 && access(out, X_OK) == 0)
			return 0;
	}
	return rc < 0
		   ? rc
		   : sdg_fail(err, SDG_ENOTFOUND,
			      "program \"%s\" is not installed beside this one",
			      name);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_dir(const char *dir, struct sdg_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = sdg_fail_errno(err, "sync folder \"%s\"", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Never one that is there: what a crash has left may be open to others, and
 * a link that somebody put into a shared folder leads elsewhere. */
static int create_fresh(const char *name, unsigned mode)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = open(name, flags, mode);

	if (fd < 0 && errno == EEXIST && unlink(name) == 0)
		fd = open(name, flags, mode);
	return fd;
}

int sdg_write_file(const char *name, const void *data, size_t len,
		   unsigned mode, struct sdg_error *err)
{
	char temporary[SDG_PATH_MAX], dir[SDG_PATH_MAX];
	int fd = -1;
	int rc = path(dir, err, "%s", name);

	if (rc == 0)
		rc = path(temporary, err, "%s.%ld.tmp", name, (long)getpid());
	if (rc < 0)
		return rc;
	fd = create_fresh(temporary, mode);
	if (fd < 0)
		return sdg_fail_errno(err, "create \"%s\"", temporary);
	if (write_all(fd, data, len) != 0 || fsync(fd) != 0) {
		rc = sdg_fail_errno(err, "write \"%s\"", temporary);
		goto out;
	}
	if (rename(temporary, name) != 0) {
		rc = sdg_fail_errno(err, "rename to \"%s\"", name);
		goto out;
	}
	rc = sync_dir(dirname(dir), err);
out:
	close(fd);
	if (rc < 0)
		unlink(temporary);
	return rc;
}

int sdg_read_file(const char *name, size_t max, char **out, size_t *len,
		  struct sdg_error *err)
{
	FILE *file = fopen(name, "re");
	char *data = NULL;
	size_t used = 0, room = 0;
	int rc = 0;

	if (!file)
		return sdg_fail_errno(err, "open \"%s\"", name);
	do {
		if (used + 1 >= room) {
			char *more;

			room = room ? room * 2 : 8192;
			if (room > max + 2)
				room = max + 2;
			more = realloc(data, room);
			if (!more) {
				rc = sdg_fail(err, SDG_ENOMEM,
					      "no memory to read \"%s\"", name);
				goto out;
			}
			data = more;
		}
		used += fread(data + used, 1, room - 1 - used, file);
		if (used > max) {
			rc = sdg_fail(err, SDG_EINVAL,
				      "\"%s\" is longer than %zu bytes", name,
				      max);
			goto out;
		}
	} while (!feof(file) && !ferror(file));
	if (ferror(file)) {
		/* A folder will be one tomorrow, too. */
		rc = errno == EISDIR
			 ? sdg_fail(err, SDG_EINVAL,
				    "read \"%s\": Is a directory", name)
			 : sdg_fail_errno(err, "read \"%s\"", name);
		goto out;
	}
	data[used] = '\0';
	*out = data;
	*len = used;
	data = NULL;
out:
	free(data);
	fclose(file);
	return rc;
}
