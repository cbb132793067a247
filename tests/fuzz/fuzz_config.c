/*
 * fuzz_config: soundings.yaml and key files, as a person may have left them.
 * Whatever stands in them, they are read whole and in range, or refused in
 * words.
 */
#include <soundings/clients.h>
#include <soundings/config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static void check_config(const char *path)
{
	struct sdg_config config;
	struct sdg_error err = { 0 };

	if (sdg_config_read(path, &config, &err) < 0) {
		if (!err.message[0])
			abort();
		return;
	}
	for (const struct sdg_setting *s = sdg_config_settings(); s->section;
	     s++) {
		int n;

		if (s->kind != SDG_SETTING_NUMBER)
			continue;
		n = sdg_config_number(&config, s);
		if (n < s->min || n > s->max)
			abort();
	}
}

static void check_key(const char *path)
{
	struct sdg_curve_key key;
	struct sdg_error err = { 0 };

	if (sdg_curve_key_read(path, &key, &err) < 0) {
		if (!err.message[0])
			abort();
		return;
	}
	if (strlen(key.public_key) != SDG_CURVE_SIZE - 1 ||
	    strlen(key.secret_key) != SDG_CURVE_SIZE - 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_config(path);
	check_key(path);
	close(fd);
	return 0;
}
