/*
 * crew: labelling by several hands. Only labelling: what the store knows
 * of a piece is there before.
 */
#include "crew.h"

#include <stdlib.h>

#include "portions.h"

struct crew {
	struct sdg_classifier *classifiers[PORTIONS_HANDS_MAX];
	struct portions *portions;
	struct sdg_item *items;
};

static void label(void *arg, unsigned hand, size_t i)
{
	struct crew *crew = arg;
	struct sdg_item *item = &crew->items[i];

	if (item->fb && !item->seen)
		sdg_classify(crew->classifiers[hand], item->fb, &item->known,
			     &item->labels, NULL);
}

void crew_label(struct crew *crew, struct sdg_item *items, size_t n)
{
	crew->items = items;
	portions_do(crew->portions, n);
}

int crew_open(unsigned helpers, struct crew **out, struct sdg_error *err)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	int rc = 0;

	if (!crew)
		return sdg_fail(err, SDG_ENOMEM, "open the classifier");
	for (unsigned i = 0; rc == 0 && i <= helpers && i < PORTIONS_HANDS_MAX;
	     i++)
		rc = sdg_classifier_open(&(struct sdg_classifier_options){ 0 },
					 &crew->classifiers[i], err);
	if (rc == 0)
		rc = portions_open(helpers, label, crew, &crew->portions, err);
	if (rc < 0) {
		crew_close(crew);
		return rc;
	}
	*out = crew;
	return 0;
}

void crew_close(struct crew *crew)
{
	if (!crew)
		return;
	portions_close(crew->portions);
	for (unsigned i = 0; i < PORTIONS_HANDS_MAX; i++)
		sdg_classifier_close(crew->classifiers[i]);
	free(crew);
}

const struct sdg_classifier *crew_classifier(const struct crew *crew)
{
	return crew->classifiers[0];
}
