/*
 * classify_stance: for or against the association, or what is proposed.
 *
 * Not for or against the world: a bitter message on inspection that says
 * nothing of the association is neutral. That is why words of sentences that
 * address the association are features of their own (signals.h).
 */
#include "classify_internal.h"
#include "decide.h"
#include "theme.h"

void sdg_stance_decide(struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, struct sdg_labels *labels,
		       struct sdg_explanation *why)
{
	labels->stance = SDG_STANCE_NEUTRAL;
	if (!classifier->modelled || !piece->known)
		return;
	labels->stance =
	    sdg_decide_stance(&classifier->calibration, piece->stances);
	sdg_score_explain(classifier, piece,
			  (int)classifier->model.header->theme_count +
			      (int)labels->stance,
			  SDG_LABEL_STANCE, 0, why);
}
