/*
 * standalone_driver: runs a fuzz target over files and folders of files,
 * once each, with any compiler. What libFuzzer finds is added to
 * corpora/<parser>/ and stays tested from then on.
 *
 * An empty or missing corpus is a failure: a test that ran nothing must not
 * pass.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <soundings/error.h>
#include <soundings/home.h>

#include "fuzz.h"

#define INPUT_MAX (64 << 20)

#pragma weak LLVMFuzzerInitialize

static size_t ran;

static void run_file(const char *path)
{
	struct sdg_error error = { 0 };
	char *data = NULL;
	uint8_t *exact;
	size_t len;

	if (sdg_read_file(path, INPUT_MAX, &data, &len, &error) < 0)
		errx(1, "%s", error.message);
	/* Without the NUL behind it, so that reading past the end shows. */
	exact = malloc(len > 0 ? len : 1);
	if (!exact)
		errx(1, "no memory for \"%s\"", path);
	memcpy(exact, data, len);
	free(data);
	fprintf(stderr, "%s\n", path); /* which one, should it crash */
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	ran++;
}

static void run_path(const char *path)
{
	char name[SDG_PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) != 0)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	dir = opendir(path);
	if (!dir)
		err(1, "%s", path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path,
			     entry->d_name) >= (int)sizeof(name))
			errx(1, "too long a path in \"%s\"", path);
		run_path(name);
	}
	closedir(dir);
}

int main(int argc, char *argv[])
{
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	if (ran == 0)
		errx(1, "no inputs: give files or folders");
	printf("%zu inputs\n", ran);
	return 0;
}
