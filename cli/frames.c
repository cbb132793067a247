/*
 * frames: finding, copying and putting into force.
 */
#include "frames.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "editions.h"
#include "frame.h"

#define FILE_MAX (256u * 1024 * 1024)

static const char *const FILES[] = { "frame.yaml", "cues.tsv", "model.bin",
				     FRAMES_CHOSEN, "quality.json" };
#define FILE_COUNT (sizeof(FILES) / sizeof(*FILES))
#define MODEL_FILE 2

__attribute__((format(printf, 2, 3))) static void put_path(char *out,
							   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out, SDG_PATH_MAX, fmt, args);
	va_end(args);
}

static bool is_frame(const char *dir)
{
	char *path = xformat("%s/frame.yaml", dir);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

/* Is @what the version of the frame that came with this release? */
static bool is_shipped(const char *what)
{
	char version[VERSION_SIZE];
	struct frame_ref ref = { 0 };
	struct sdg_classifier *shipped;

	if (strlen(what) != VERSION_SIZE - 1 ||
	    sdg_data_path("themes", ref.dir, NULL) < 0 ||
	    frames_open(&ref, &shipped, NULL) < 0)
		return false;
	version_hex(sdg_classifier_version(shipped), version);
	sdg_classifier_close(shipped);
	return strcmp(version, what) == 0;
}

int frames_find(const struct sdg_home *home, const char *what,
		struct frame_ref *out, struct sdg_error *err)
{
	struct stat st;

	*out = (struct frame_ref){ 0 };
	if (!what) {
		put_path(out->dir, "%s/frame/draft", home->root);
		return is_frame(out->dir)
			   ? 0
			   : sdg_fail(err, SDG_ENOTFOUND,
				      "there is no draft of a frame: "
				      "'soundings theme add' begins one, or "
				      "name a folder");
	}
	if (stat(what, &st) == 0 && S_ISREG(st.st_mode)) {
		put_path(out->model, "%s", what);
		return sdg_frame_dir(out->dir, err);
	}
	put_path(out->dir, "%s", what);
	if (is_frame(out->dir))
		return 0;
	/* What ships comes back with its texts, and follows upgrades again. */
	if (is_shipped(what)) {
		*out = (struct frame_ref){ 0 };
		return sdg_data_path("themes", out->dir, err);
	}
	put_path(out->dir, "%s/frame/versions/%s", home->root, what);
	if (strlen(what) == 8 && is_frame(out->dir))
		return 0;
	return sdg_fail(err, SDG_ENOTFOUND,
			"'%.200s' is no folder with a frame.yaml, no model, "
			"and no version that is kept here ('soundings frame "
			"versions' says which are)",
			what);
}

int frames_open(const struct frame_ref *ref, struct sdg_classifier **out,
		struct sdg_error *err)
{
	const struct sdg_classifier_options options = {
		.frame_dir = ref->dir,
		.model = *ref->model ? ref->model : NULL,
	};

	return sdg_classifier_open(&options, out, err);
}

/* ---------------------------------------------------------------- copying */

/* What is not there is no fault: a frame may do with few files. */
static int copy_file(const char *from, const char *to, struct sdg_error *err)
{
	char *data;
	size_t len;
	int rc = sdg_read_file(from, FILE_MAX, &data, &len, err);

	if (rc < 0)
		return rc == SDG_ENOTFOUND ? 0 : rc;
	rc = sdg_write_file(to, data, len, 0600, err);
	free(data);
	return rc;
}

/* Texts are most of a frame, and hardly change from one to the next: one that
 * a version has already, to the byte, is a link to it. Nothing writes there. */
static int keep_text(const char *from, const char *to, const char *twin,
		     struct sdg_error *err)
{
	char *data, *other = NULL;
	size_t len, other_len = 0;
	bool same;
	int rc = sdg_read_file(from, FILE_MAX, &data, &len, err);

	if (rc < 0)
		return rc;
	same = twin &&
	       sdg_read_file(twin, FILE_MAX, &other, &other_len, NULL) == 0 &&
	       other_len == len && memcmp(data, other, len) == 0;
	if (!same || link(twin, to) != 0)
		rc = sdg_write_file(to, data, len, 0600, err);
	free(data);
	free(other);
	return rc;
}

/* @like: a folder whose texts may be linked to, or NULL. */
static int copy_texts(const char *from, const char *to, const char *like,
		      struct sdg_error *err)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	int rc;

	if (!dir)
		return errno == ENOENT
			   ? 0
			   : sdg_fail_errno(err, "read folder \"%s\"", from);
	rc = sdg_make_dirs(to, 0700, err);
	while (rc == 0 && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		char *source, *copy, *twin = NULL;

		if (!dot || strcmp(dot, ".jsonl") != 0)
			continue;
		source = xformat("%s/%s", from, entry->d_name);
		copy = xformat("%s/%s", to, entry->d_name);
		if (like)
			twin = xformat("%s/training/%s", like, entry->d_name);
		rc = keep_text(source, copy, twin, err);
		free(source);
		free(copy);
		free(twin);
	}
	closedir(dir);
	return rc;
}

static int copy_frame(const struct frame_ref *from, const char *to,
		      const char *like, struct sdg_error *err)
{
	char *texts = xformat("%s/training", from->dir);
	char *copies = xformat("%s/training", to);
	int rc = sdg_make_dirs(to, 0700, err);

	for (size_t i = 0; rc == 0 && i < FILE_COUNT; i++) {
		char *source = xformat("%s/%s", from->dir, FILES[i]);
		char *copy = xformat("%s/%s", to, FILES[i]);

		rc = copy_file(i == MODEL_FILE && *from->model ? from->model
							       : source,
			       copy, err);
		free(source);
		free(copy);
	}
	if (rc == 0)
		rc = copy_texts(texts, copies, like, err);
	free(texts);
	free(copies);
	return rc;
}

static void remove_files(const char *dir)
{
	char *texts = xformat("%s/training", dir);
	DIR *folder = opendir(texts);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char *path = xformat("%s/%s", texts, entry->d_name);

		unlink(path); /* a folder refuses, and stays */
		free(path);
	}
	if (folder)
		closedir(folder);
	rmdir(texts);
	free(texts);
	for (size_t i = 0; i < FILE_COUNT; i++) {
		char *path = xformat("%s/%s", dir, FILES[i]);

		unlink(path);
		free(path);
	}
	rmdir(dir);
}

/* A folder that appears whole. */
static int copy_whole(const struct frame_ref *from, const char *to,
		      const char *like, struct sdg_error *err)
{
	char *fresh = xformat("%s.new", to);
	int rc;

	remove_files(fresh);
	rc = copy_frame(from, fresh, like, err);
	if (rc == 0 && rename(fresh, to) != 0)
		rc = sdg_fail_errno(err, "make folder \"%s\"", to);
	free(fresh);
	return rc;
}

int frames_draft(const struct sdg_home *home, bool make, char dir[SDG_PATH_MAX],
		 struct sdg_error *err)
{
	struct frame_ref now = { 0 };
	char *parent;
	int rc;

	put_path(dir, "%s/frame/draft", home->root);
	if (is_frame(dir))
		return 0;
	if (!make)
		return sdg_frame_dir(dir, err);
	parent = xformat("%s/frame", home->root);
	rc = sdg_make_dirs(parent, 0700, err);
	if (rc == 0)
		rc = sdg_frame_dir(now.dir, err);
	if (rc == 0)
		rc = copy_whole(&now, dir, NULL, err);
	free(parent);
	return rc;
}

bool frames_kept(const struct sdg_home *home, const char *version)
{
	char dir[SDG_PATH_MAX];

	put_path(dir, "%s/frame/versions/%s", home->root, version);
	return is_frame(dir) || is_shipped(version);
}

size_t frames_texts(const char *dir)
{
	char *pattern = xformat("%s/training/*.jsonl", dir);
	glob_t found = { 0 };
	size_t n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;

	globfree(&found);
	free(pattern);
	return n;
}

/* What was in force stays, so that there is a way back: the shipped one, too,
 * which the next release may bring in another version. */
static int keep_present(const char *was, const char *versions, uint32_t now,
			struct sdg_error *err)
{
	struct frame_ref present = { 0 };
	char name[VERSION_SIZE];
	char *kept = xformat("%s/%s", versions, version_hex(now, name));
	int rc = 0;

	put_path(present.dir, "%s", was);
	if (!is_frame(kept))
		rc = copy_whole(&present, kept, NULL, err);
	free(kept);
	return rc;
}

int frames_adopt(const struct sdg_home *home, const struct frame_ref *ref,
		 uint32_t version, uint32_t now, struct sdg_error *err)
{
	char name[VERSION_SIZE], was[SDG_PATH_MAX];
	char *versions = xformat("%s/frame/versions", home->root);
	char *like = xformat("%s/%s", versions, version_hex(now, name));
	char *kept = xformat("%s/%s", versions, version_hex(version, name));
	char *current = xformat("%s/" SDG_FRAME_CURRENT, home->root);
	char line[VERSION_SIZE + 1];
	int rc = sdg_make_dirs(versions, 0700, err);

	if (rc == 0)
		rc = sdg_frame_dir(was, err);
	if (rc == 0)
		rc = keep_present(was, versions, now, err);
	/* One that comes back is there already. */
	if (rc == 0 && !is_frame(kept))
		rc = copy_whole(ref, kept, like, err);
	snprintf(line, sizeof(line), "%s\n", name);
	if (rc == 0 && is_shipped(name) && !*ref->model) {
		if (unlink(current) != 0 && errno != ENOENT)
			rc = sdg_fail_errno(err, "remove '%s'", current);
	} else if (rc == 0) {
		rc = sdg_write_file(current, line, strlen(line), 0600, err);
	}
	free(versions);
	free(like);
	free(kept);
	free(current);
	return rc;
}

/* ----------------------------------------------------------------- chosen */

int frames_each_chosen(const char *dir, frames_chosen_fn *fn, void *arg,
		       struct sdg_error *err)
{
	char *path = xformat("%s/" FRAMES_CHOSEN, dir), *text = NULL;
	char *save = NULL;
	size_t len;
	int rc = sdg_read_file(path, FILE_MAX, &text, &len, err);

	free(path);
	if (rc < 0)
		return rc == SDG_ENOTFOUND ? 0 : rc;
	for (char *line = strtok_r(text, "\n", &save); rc == 0 && line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *tab = strchr(line, '\t');

		if (!tab) {
			rc = sdg_fail(err, SDG_EINVAL,
				      "read '%.200s/" FRAMES_CHOSEN
				      "': a line is theme, tab, id",
				      dir);
			break;
		}
		*tab = '\0';
		rc = fn(arg, line, tab + 1, err);
	}
	free(text);
	return rc;
}
