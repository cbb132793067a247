/*
 * crew: labelling by several hands. Only labelling: what the store knows
 * of a piece is there before.
 */
#include "crew.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "portions.h"

/* Helpers step back for who commits and who answers: with a processor for each
 * of these two, it is a helper that the one coming from the disk finds in its
 * place. More (10, 19) is a little faster on a quiet machine, and slower by
 * half and more on a busy one, where a helper then keeps all waiting that wait
 * for its portion. */
#define STEP_BACK 5

struct crew {
	struct sdg_classifier *classifiers[PORTIONS_HANDS_MAX];
	struct portions *portions;
	struct sdg_item *items;
};

/* Once a thread. Where it may not, it goes on as it is. */
static void step_back(void)
{
	static _Thread_local bool stepped;

	if (!stepped)
		setpriority(PRIO_PROCESS, 0,
			    getpriority(PRIO_PROCESS, 0) + STEP_BACK);
	stepped = true;
}

static void label(void *arg, unsigned hand, size_t i)
{
	struct crew *crew = arg;
	struct sdg_item *item = &crew->items[i];

	if (hand > 0)
		step_back();
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
