/*
 * follow: a worker does not start again for another frame. What was labelled
 * by the last and not yet counted is the caller's to label anew.
 */
#include "follow.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

/* All zero where none was adopted. */
static void look_at_frame(const struct sdg_home *home, struct stat *out)
{
	char path[SDG_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/" SDG_FRAME_CURRENT, home->root);
	if (stat(path, out) != 0)
		memset(out, 0, sizeof(*out));
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void follow_begin(struct follow *follow, const struct sdg_home *home)
{
	*follow = (struct follow){ 0 };
	look_at_frame(home, &follow->frame);
}

int follow_use(struct sdg_store *store, const struct crew *crew,
	       struct sdg_error *err)
{
	const char *ids[SDG_FRAME_MAX] = { "other" };
	const struct sdg_classifier *classifier;
	size_t n;

	if (!crew)
		return sdg_store_use_frame(store, ids, 1, 1, err);
	classifier = crew_classifier(crew);
	n = sdg_classifier_theme_count(classifier);
	for (size_t i = 0; i < n; i++)
		ids[i] = sdg_classifier_theme_id(classifier, i);
	return sdg_store_use_frame(store, ids, n,
				   sdg_classifier_version(classifier), err);
}

static int change(struct sdg_store *store, unsigned helpers, struct crew **crew,
		  struct sdg_error *err)
{
	struct crew *another;
	int rc = crew_open(helpers, &another, err);

	if (rc < 0)
		return rc;
	rc = follow_use(store, another, err);
	if (rc < 0) {
		crew_close(another);
		return rc;
	}
	crew_close(*crew);
	*crew = another;
	return 0;
}

bool follow_look(struct follow *follow, const struct sdg_home *home,
		 struct sdg_store *store, unsigned helpers, struct crew **crew)
{
	time_t now = time(NULL);
	struct sdg_error err = { 0 };
	struct stat frame;
	int rc;

	if (!*crew || now == follow->looked)
		return false;
	follow->looked = now;
	look_at_frame(home, &frame);
	if (same(&frame, &follow->frame))
		return false;
	rc = change(store, helpers, crew, &err);
	if (rc != SDG_EAGAIN)
		follow->frame = frame;
	if (rc == 0)
		log_line("labels by version %08x from now on",
			 sdg_classifier_version(crew_classifier(*crew)));
	else if (rc != SDG_EAGAIN || !follow->waits)
		log_line("the frame that was adopted is not used%s: %s",
			 rc == SDG_EAGAIN ? " yet" : "", err.message);
	follow->waits = rc == SDG_EAGAIN;
	return rc == 0;
}
