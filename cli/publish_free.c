/*
 * publish_free: giving back what a publication holds.
 */
#include "publish.h"

#include <stdlib.h>

static void axis_free(struct pub_axis *axis)
{
	for (size_t i = 0; i < axis->n; i++) {
		free(axis->ids[i]);
		free(axis->labels[i]);
		free(axis->shorts[i]);
		if (axis->measured)
			free(axis->measured[i]);
	}
	free(axis->measured);
	free(axis->ids);
	free(axis->labels);
	free(axis->shorts);
	free(axis->regions);
	free(axis->not_asked);
}

static void table_free(struct pub_table *t)
{
	axis_free(&t->rows);
	axis_free(&t->cols);
	free(t->counts);
	free(t->cells);
}

void publication_free(struct publication *p)
{
	if (!p)
		return;
	table_free(&p->themes);
	levels_fini(&p->levels);
	table_free(&p->stances);
	table_free(&p->sources);
	table_free(&p->months);
	for (size_t i = 0; i < p->quote_count; i++) {
		free(p->quotes[i].text);
		free(p->quotes[i].theme);
		free(p->quotes[i].region);
		free(p->quotes[i].id);
		free(p->quotes[i].theme_id);
	}
	for (size_t i = 0; i < p->decision_count; i++) {
		free(p->decisions[i].theme);
		free(p->decisions[i].region);
		free(p->decisions[i].text);
		free(p->decisions[i].date);
	}
	for (size_t i = 0; i < p->move_count; i++)
		free(p->moves[i].theme);
	free(p->moves);
	free(p->quotes);
	free(p->decisions);
	free(p->title);
	free(p->period);
	free(p->unmeasured);
	free(p->consultation);
	free(p->made);
	free(p);
}
