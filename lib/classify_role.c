/*
 * classify_role: who speaks, and from what kind of school.
 *
 * Of a form, the directory, the signature, and last of what the writer says
 * of themselves: stamped when the piece comes in.
 */
#include <string.h>

#include "classify_region.h"
#include "classify_role.h"

/* Of a text: where people say who they are. */
#define OPENING_BYTES 300
#define SENTENCES 4

static void explain(struct sdg_explanation *why, enum sdg_label label,
		    enum sdg_field field, struct sdg_str text, size_t start,
		    size_t end, const char *rule)
{
	struct sdg_reason reason = { .label = label,
				     .field = field,
				     .start = (uint32_t)start,
				     .end = (uint32_t)end,
				     .weight = 1,
				     .rule = rule };
	size_t len;

	if (!why)
		return;
	if (end > text.len)
		end = text.len;
	len =
	    sdg_text_cut(text.s + start, end - start, sizeof(reason.text) - 1);
	if (len > 0)
		memcpy(reason.text, text.s + start, len);
	sdg_explain_add(why, &reason);
}

static void role_of_signature(struct sdg_str signature,
			      struct sdg_labels *labels,
			      struct sdg_explanation *why)
{
	struct role_words words;
	size_t at, taken;

	role_split(signature, &words);
	if (labels->role == SDG_ROLE_UNKNOWN) {
		labels->role = role_first(&words, 0, &at, &taken);
		if (labels->role != SDG_ROLE_UNKNOWN)
			explain(why, SDG_LABEL_ROLE, SDG_FIELD_SIGNATURE,
				signature, words.start[at],
				words.end[at + taken - 1], "signature title");
	}
	if (labels->phases == 0) {
		labels->phases = role_phases(&words);
		if (labels->phases)
			explain(why, SDG_LABEL_PHASE, SDG_FIELD_SIGNATURE,
				signature, 0, signature.len,
				"signature school");
	}
}

/* "I'm a deputy head at …", "as a head …", "Headteacher in Newham": of the
 * first sentences, where people say who they are. */
static bool title_begins(const struct region_token *tokens, size_t n, size_t i,
			 bool opens)
{
	size_t k = i;

	if (!(tokens[i].cues & CUE_ROLE) || tokens[i].cues & CUE_ROLES)
		return false;
	if (i + 1 < n && tokens[i].flags & TOKEN_OWNS)
		return false;
	while (k > 0 && tokens[k].gap <= GAP_LINE &&
	       tokens[k - 1].cues & (CUE_ARTICLE | CUE_MODIFIER | CUE_NOW))
		k--;
	if (k == 0) /* "A deputy told me", "Dear Bursar": of another */
		return opens &&
		       !(tokens[0].cues & (CUE_ARTICLE | CUE_MODIFIER));
	if (tokens[k - 1].cues & CUE_AS)
		return true;
	return tokens[k - 1].cues & CUE_BE &&
	       (tokens[k - 1].cues & CUE_FIRST ||
		(k > 1 && tokens[k - 2].cues & (CUE_FIRST | CUE_HAVE)));
}

static void role_of_text(const struct sdg_feedback *fb,
			 const struct sdg_split *split,
			 struct sdg_labels *labels, struct sdg_explanation *why)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	struct sdg_str text = fb->text;
	struct region_scan scan;
	size_t n;

	if (text.len > OPENING_BYTES)
		text.len = sdg_text_cut(text.s, text.len, OPENING_BYTES);
	region_scan_start_split(&scan, text, split);
	for (size_t sentence = 0;; sentence++) {
		sentence += region_scan_pass(&scan, SDG_MARK_TITLE);
		if (sentence >= SENTENCES)
			return;
		n = region_scan_next(&scan, tokens);
		if (n == 0)
			return;
		for (size_t i = 0; i < n; i++) {
			struct sdg_str rest = { text.s + tokens[i].start,
						text.len - tokens[i].start };

			if (!title_begins(tokens, n, i, sentence < 2))
				continue;
			if (rest.len > 48)
				rest.len = sdg_text_cut(rest.s, rest.len, 48);
			labels->role = sdg_role_from_words(rest);
			if (labels->role == SDG_ROLE_UNKNOWN)
				continue;
			explain(why, SDG_LABEL_ROLE, SDG_FIELD_TEXT, fb->text,
				tokens[i].start, tokens[i].end,
				"says who they are");
			return;
		}
	}
}

void sdg_role_resolve(const struct sdg_feedback *fb,
		      const struct sdg_known *known,
		      const struct sdg_split *split, struct sdg_labels *labels,
		      struct sdg_explanation *why)
{
	const struct sdg_respondent *who = &fb->respondent;

	labels->role = sdg_role_from_words(who->role);
	labels->phases = sdg_phases_from_words(who->phase);
	if (labels->role != SDG_ROLE_UNKNOWN)
		explain(why, SDG_LABEL_ROLE, SDG_FIELD_FORM, who->role, 0,
			who->role.len, "form field");
	if (labels->phases)
		explain(why, SDG_LABEL_PHASE, SDG_FIELD_FORM, who->phase, 0,
			who->phase.len, "form field");
	if (known && labels->role == SDG_ROLE_UNKNOWN && known->role) {
		labels->role = known->role;
		explain(why, SDG_LABEL_ROLE, SDG_FIELD_DIRECTORY,
			(struct sdg_str){ 0 }, 0, 0, "members' directory");
	}
	if (known && labels->phases == 0 && known->phases) {
		labels->phases = known->phases;
		explain(why, SDG_LABEL_PHASE, SDG_FIELD_DIRECTORY,
			(struct sdg_str){ 0 }, 0, 0, "members' directory");
	}
	if (fb->signature.len &&
	    (labels->role == SDG_ROLE_UNKNOWN || labels->phases == 0))
		role_of_signature(fb->signature, labels, why);
	if (labels->role == SDG_ROLE_UNKNOWN)
		role_of_text(fb, split, labels, why);
}
