/*
 * keys rotate: a new key where the old one may be known to somebody. What
 * the old one locked it still opens; nobody has to do anything at once.
 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <soundings/keys.h>

static int32_t month_now(void)
{
	int year, month, day;

	date_to_civil(date_day_of(time(NULL)), &year, &month, &day);
	return year * 12 + month - 1;
}

static int rotate_text(const struct sdg_home *home)
{
	struct sdg_keys *keys = NULL;
	struct sdg_error err = { 0 };
	int rc = sdg_keys_open(home->keys, false, &keys, &err);

	if (rc == 0)
		rc = sdg_keys_rotate(keys, (uint32_t)month_now(), &err);
	sdg_keys_close(keys);
	if (rc < 0)
		return cli_fail(&err);
	fprintf(stderr,
		"words received from now on are sealed under a new key, also "
		"by workers that run;\nwhat is there still opens. Take the new "
		"key along: 'soundings backup --keys PLACE'\n");
	return 0;
}

/* The old pair stays beside the new one: outboxes were sealed to it. */
static int replace_pair(const struct sdg_home *home,
			struct sdg_curve_key *fresh, struct sdg_error *err)
{
	char *path = xformat("%s/curve.key", home->keys);
	char *next = xformat("%s/curve.next", home->keys);
	char *old =
	    xformat("%s/curve-%lld.key", home->keys, (long long)time(NULL));
	struct sdg_curve_key now;
	int rc = sdg_curve_key_server(home->keys, &now, err);

	sdg_curve_key_forget(&now);
	if (rc == 0)
		rc = sdg_curve_key_make(fresh, err);
	if (rc == 0) {
		snprintf(fresh->name, sizeof(fresh->name), "workers");
		unlink(next); /* of a run that was broken off */
		rc = sdg_curve_key_write(next, fresh, err);
	}
	if (rc == 0 && link(path, old) != 0)
		rc = sdg_fail_errno(err, "keep \"%s\"", old);
	if (rc == 0 && rename(next, path) != 0)
		rc = sdg_fail_errno(err, "replace \"%s\"", path);
	free(path);
	free(next);
	free(old);
	return rc;
}

static int rotate_workers(const struct sdg_home *home)
{
	struct sdg_curve_key fresh = { 0 };
	struct sdg_error err = { 0 };
	int rc = replace_pair(home, &fresh, &err);

	if (rc == 0)
		fprintf(stderr,
			"workers and soundings-reportd take their new key at "
			"the next start. Then each client\nneeds, on its own "
			"machine, once:\n  soundings keys trust '%s'\nUntil "
			"then they keep what they have to send.\n",
			fresh.public_key);
	sdg_curve_key_forget(&fresh);
	return rc < 0 ? cli_fail(&err) : 0;
}

static int rotate_client(const struct cli_args *args,
			 const struct sdg_home *home, const char *name,
			 const char *workers, int64_t overlap_days)
{
	char *path =
	    args->output ? xstrdup(args->output) : xformat("%s.key", name);
	struct sdg_curve_key key = { 0 };
	struct sdg_error err = { 0 };
	int64_t now = time(NULL);
	int rc = keys_make_file(home, name, workers, path, &key, &err);

	if (rc == 0) {
		rc = sdg_clients_rotate(home->keys, name, key.public_key, now,
					now + overlap_days * 86400, &err);
		if (rc < 0)
			unlink(path);
	}
	if (rc == 0)
		fprintf(stderr,
			"hand over %s by a safe way, then remove it here; the "
			"old key of %s is good for %lld more day%s\n",
			path, name, (long long)overlap_days,
			overlap_days == 1 ? "" : "s");
	sdg_curve_key_forget(&key);
	free(path);
	return rc < 0 ? cli_fail(&err) : 0;
}

int keys_rotate(const struct cli_args *args, const struct sdg_home *home,
		const char *what, const char *workers, int64_t overlap_days)
{
	if (strcmp(what, "text") == 0)
		return rotate_text(home);
	if (strcmp(what, "workers") == 0)
		return rotate_workers(home);
	if (strcmp(what, "pseudonym") == 0)
		return cli_usage(
		    "the pseudonym key never rotates: under "
		    "another key every member would be two people, "
		    "and none could be found or forgotten");
	if (strcmp(what, "id") == 0)
		return cli_usage("the id key never rotates: under another key "
				 "whatever is sent again would count again");
	if (strcmp(what, "check") == 0)
		return cli_usage("the check key never rotates: under another "
				 "key every record would look damaged");
	return rotate_client(args, home, what, workers, overlap_days);
}
