/*
 * fuzz_outbox: any bytes as an item of an outbox, under the name that fits
 * them and under one that does not, sealed or not.
 *
 * Properties: no crash; under its own name an item comes back to the byte;
 * under another it is set aside and does not come up again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/home.h>
#include <soundings/outbox.h>
#include <soundings/sealed.h>

#include "fuzz.h"

struct expected {
	const uint8_t *data;
	size_t size, seen;
};

static int take(void *arg, const char *name, int64_t kept, const uint8_t *event,
		size_t len)
{
	struct expected *expected = arg;

	if (kept < 0 || len != expected->size ||
	    (len > 0 && memcmp(event, expected->data, len) != 0))
		abort();
	(void)name;
	expected->seen++;
	return 0;
}

static char folder[64];

static void remove_folder(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		_exit(1);
}

static size_t count(const uint8_t *data, size_t size)
{
	struct expected expected = { .data = data, .size = size };

	if (sdg_outbox_each(folder, take, &expected, NULL) < 0)
		abort();
	return expected.seen;
}

static int forget(void *arg, const char *name, int64_t kept,
		  const uint8_t *event, size_t len)
{
	char path[256];

	(void)arg;
	(void)kept;
	(void)event;
	(void)len;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char wrong[] =
	    "0000000001.000000001-00112233445566778899aabbccddeeff.event";
	char path[256], bad[300];

	if (!folder[0]) {
		/* In memory where there is such a place: every item is synced.
		 */
		strcpy(folder, access("/dev/shm", W_OK) == 0
				   ? "/dev/shm/fuzz-outbox-XXXXXX"
				   : "/tmp/fuzz-outbox-XXXXXX");
		setenv("SOUNDINGS_HOME", "/nonexistent/soundings", 1);
		if (!mkdtemp(folder))
			abort();
		atexit(remove_folder);
	}
	if (sdg_outbox_keep(folder, data, size, NULL) == 0) {
		if (count(data, size) != 1)
			abort();
		sdg_outbox_each(folder, forget, NULL, NULL);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, wrong);
	if (sdg_write_file(path, data, size, 0600, NULL) < 0)
		abort();
	if (count(data, size) != 0 || count(data, size) != 0)
		abort();
	snprintf(bad, sizeof(bad), "%s.bad", path);
	if (unlink(bad) < 0)
		abort();
	return 0;
}
