/*
 * classify_kind: is it a member's word at all?
 *
 * What the headers told the producer stands. Where it says nothing the text
 * decides, and when that is not sure it is feedback: losing a member's
 * voice is worse than counting a circular.
 */
#include "classify_internal.h"
#include "decide.h"
#include "theme.h"

void sdg_kind_decide(struct sdg_classifier *classifier,
		     const struct sdg_piece *piece, struct sdg_labels *labels,
		     struct sdg_explanation *why)
{
	labels->kind = piece->fb->kind;
	labels->kind_score = 1;
	if (labels->kind != SDG_KIND_UNSET)
		return;
	labels->kind = SDG_KIND_FEEDBACK;
	if (!classifier->modelled || !piece->known)
		return;
	labels->kind = sdg_decide_kind(piece->kinds, &labels->kind_score);
	sdg_score_explain(classifier, piece,
			  (int)classifier->model.header->theme_count +
			      SDG_STANCE_COUNT + (int)labels->kind - 1,
			  SDG_LABEL_KIND, 0, why);
}
