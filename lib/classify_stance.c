/*
 * classify_stance: for or against the association, or what is proposed.
 */
#include "theme.h"

void sdg_stance_decide(const struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, struct sdg_labels *labels,
		       struct sdg_explanation *why)
{
	(void)classifier;
	(void)piece;
	(void)why;
	labels->stance = SDG_STANCE_NEUTRAL;
}
