/*
 * classify_kind: is it a member's word at all?
 *
 * Kind is asked of mail alone. A survey's answer and a representative's note
 * are somebody's word to us, whatever it is about: no machine sends them, and
 * they are feedback unless nothing is said in them, or a person, or whoever
 * read the form, says otherwise.
 *
 * Of mail, what the headers told the producer stands. Where it says nothing
 * the text decides: the model's view, leant on by phrases that only machines
 * and sellers use, and by who wrote; and it is an automatic reply only where
 * a machine is heard to speak (classify_machine.c). When that is not sure it
 * is feedback: losing a member's voice is worse than counting a circular.
 */
#include <string.h>
#include <strings.h>

#include "classify_internal.h"
#include "classify_machine.h"
#include "decide.h"
#include "phrases.h"
#include "theme.h"

/* Beyond this a piece is about something, whatever phrase is in it. */
#define LONG_WORDS 120
/* Up to this it must say so itself. */
#define SHORT_WORDS 5
#define NEVER (-100)
#define LONE_PHRASE 1.0F
/* A phrase of this weight or more is kept as a reason. */
#define PHRASE_REASON 2

/* A survey's cell that says nothing, as people fill it in. */
static const char *const NOTHING[] = {
	"n/a",
	"na",
	"n a",
	"none",
	"nil",
	"nothing",
	"no comment",
	"no comments",
	"nothing to add",
	"none at present",
	"no answer",
	"not applicable",
	"nothing at all",
	"no reply",
	"blank",
	"x",
	"xx",
	"xxx",
	"test",
	"testing",
	"test test",
	"ignore",
	"no response",
	"nothing further",
	"no thanks",
	"no thank you",
	"none thank you",
	"nothing to report",
	"nothing more to add",
};
#define NOTHING_MAX 20 /* bytes; none of them is as long */
#define TRIAL_WORDS 9

/* "Your conference costs £249 plus VAT, and that's the early bird": a seller's
 * words are no seller's where they are held against us. */
static bool buys(const struct sdg_piece *piece)
{
	for (size_t i = 0; i < piece->hit_count; i++)
		if (piece->hits[i].group == SDG_PHRASE_BUYER)
			return true;
	return false;
}

/* Anybody may happen to say one thing that sellers say: the first phrase
 * weighs less, until there is a second. */
static float lone(size_t before)
{
	return before == 0 ? -LONE_PHRASE : before == 1 ? LONE_PHRASE : 0;
}

static void lean(const struct sdg_piece *piece, float kinds[SDG_KIND_COLUMNS],
		 struct sdg_explanation *why)
{
	bool buyer = buys(piece);
	size_t sold = 0;

	for (size_t i = 0; i < piece->hit_count; i++) {
		const struct sdg_phrase_hit *hit = &piece->hits[i];
		struct sdg_reason reason = { .label = SDG_LABEL_KIND,
					     .weight = hit->weight,
					     .rule = "phrase" };

		if (hit->group == SDG_PHRASE_AUTO)
			kinds[SDG_KIND_AUTO_REPLY - SDG_KIND_FIRST] +=
			    hit->weight;
		else if (hit->group == SDG_PHRASE_ADMIN && !buyer)
			kinds[SDG_KIND_NOT_FEEDBACK - SDG_KIND_FIRST] +=
			    hit->weight + lone(sold++);
		else
			continue;
		if (!why || hit->weight < PHRASE_REASON)
			continue;
		sdg_piece_quote(piece, hit->first, hit->count, &reason);
		sdg_explain_add(why, &reason);
	}
}

/* Without what stands around it: "N/A.", "- none -". */
static struct sdg_str bare(struct sdg_str text)
{
	while (text.len && !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
				   "RSTUVWXYZ0123456789\xc2\xc3\xe2",
				   text.s[0])) {
		text.s++;
		text.len--;
	}
	while (text.len &&
	       strchr(" \t\r\n.,;:!-_*/?()\"'", text.s[text.len - 1]))
		text.len--;
	return text;
}

static bool has_prefix(struct sdg_str s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && strncasecmp(s.s, prefix, len) == 0;
}

static bool is(struct sdg_str s, const char *word)
{
	return has_prefix(s, word) && s.len == strlen(word);
}

static bool holds(struct sdg_str s, const char *word)
{
	for (; s.len; s.s++, s.len--)
		if (has_prefix(s, word))
			return true;
	return false;
}

/* "No" to "Anything else?" says nothing, to "Should we stay?" it says all. */
static bool declines(struct sdg_str text, struct sdg_str question)
{
	static const char *const more[] = { "any", "else", "further" };

	if (!is(text, "no") && !is(text, "nope"))
		return false;
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (holds(question, more[i]))
			return true;
	return question.len == 0;
}

/* Whoever tries a form out says so at once. */
static bool tries_out(const struct sdg_piece *piece, struct sdg_str text)
{
	return piece->fb->source == SDG_SOURCE_SURVEY &&
	       piece->text_words < TRIAL_WORDS && has_prefix(text, "test test");
}

static bool says_nothing(const struct sdg_piece *piece)
{
	struct sdg_str text = bare(piece->text);

	if (bare(piece->subject).len)
		return false;
	if (text.len == 0)
		return true;
	for (size_t i = 0;
	     text.len < NOTHING_MAX && i < sizeof(NOTHING) / sizeof(*NOTHING);
	     i++) {
		if (strlen(NOTHING[i]) == text.len &&
		    strncasecmp(NOTHING[i], text.s, text.len) == 0)
			return true;
	}
	if (declines(text, piece->fb->question) || tries_out(piece, text))
		return true;
	/* "asdfgh": one word that nobody ever wrote to us */
	return piece->fb->source == SDG_SOURCE_SURVEY && !piece->known &&
	       piece->text_words == 1;
}

static float sender_leans_to_auto(struct sdg_str address)
{
	static const char *const machines[] = {
		"mailer-daemon@", "postmaster@",   "noreply@", "no-reply@",
		"donotreply@",    "do-not-reply@", "bounce"
	};

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		if (has_prefix(address, machines[i]))
			return 3;
	}
	return 0;
}

/* Without this no score makes an automatic reply. */
static bool machine_is_heard(const struct sdg_piece *piece)
{
	const struct sdg_feedback *fb = piece->fb;

	if (sdg_str_eq(fb->kind_reason, SDG_REASON_PERSON))
		return false;
	return sender_leans_to_auto(fb->respondent.address) > 0 ||
	       sdg_machine_subject(piece->subject) ||
	       sdg_machine_speaks(piece->text);
}

/* "Please help": too few words for the model to say what they are about, and
 * none that only sellers and offices use. */
static bool is_cry(const struct sdg_piece *piece)
{
	if (piece->text_words > SHORT_WORDS)
		return false;
	for (size_t i = 0; i < piece->hit_count; i++)
		if (piece->hits[i].group == SDG_PHRASE_ADMIN ||
		    piece->hits[i].group == SDG_PHRASE_UNSUBSCRIBE)
			return false;
	return true;
}

static void decide_by_text(const struct sdg_classifier *classifier,
			   const struct sdg_piece *piece,
			   struct sdg_labels *labels,
			   struct sdg_explanation *why)
{
	float most = piece->text_words > LONG_WORDS ? 2 : 5;
	float kinds[SDG_KIND_COLUMNS] = { 0 }, doubt;

	lean(piece, kinds, why);
	kinds[SDG_KIND_AUTO_REPLY - SDG_KIND_FIRST] +=
	    sender_leans_to_auto(piece->fb->respondent.address);
	if (has_prefix(piece->subject, "read:"))
		kinds[SDG_KIND_AUTO_REPLY - SDG_KIND_FIRST] += 3;
	for (int k = 0; k < SDG_KIND_COLUMNS; k++) {
		if (kinds[k] > most)
			kinds[k] = most;
		kinds[k] += classifier->modelled ? piece->kinds[k] : -3;
	}
	labels->kind = sdg_decide_kind(kinds, &labels->kind_score);
	if (labels->kind == SDG_KIND_FEEDBACK)
		return;
	/* Who thinks otherwise and may not say so is a reason to look. */
	doubt = 1 - labels->kind_score;
	if (is_cry(piece))
		kinds[SDG_KIND_NOT_FEEDBACK - SDG_KIND_FIRST] = NEVER;
	if (!machine_is_heard(piece))
		kinds[SDG_KIND_AUTO_REPLY - SDG_KIND_FIRST] = NEVER;
	labels->kind = sdg_decide_kind(kinds, &labels->kind_score);
	if (labels->kind == SDG_KIND_FEEDBACK)
		labels->kind_score = doubt;
}

static bool is_mail(const struct sdg_feedback *fb)
{
	return fb->source != SDG_SOURCE_SURVEY && fb->source != SDG_SOURCE_REP;
}

enum sdg_kind sdg_kind_said(const struct sdg_feedback *fb)
{
	return fb->kind == SDG_KIND_AUTO_REPLY && !is_mail(fb) ? SDG_KIND_UNSET
							       : fb->kind;
}

/* Feedback is what neither of the others is: what speaks against the one that
 * is nearer speaks for it. */
static void explain_by_model(struct sdg_classifier *classifier,
			     const struct sdg_piece *piece, enum sdg_kind kind,
			     struct sdg_explanation *why)
{
	size_t first, column = sdg_decide_best(piece->kinds, SDG_KIND_COLUMNS);

	if (!classifier->modelled)
		return;
	first = classifier->model.header->theme_count + SDG_KINDS_AT;
	if (kind >= SDG_KIND_FIRST)
		column = kind - SDG_KIND_FIRST;
	sdg_score_explain(classifier, piece, (int)(first + column),
			  SDG_LABEL_KIND, kind == SDG_KIND_FEEDBACK ? -1 : 1, 0,
			  why);
}

void sdg_kind_decide(struct sdg_classifier *classifier,
		     const struct sdg_piece *piece, struct sdg_labels *labels,
		     struct sdg_explanation *why)
{
	static const struct sdg_reason nothing = { .label = SDG_LABEL_KIND,
						   .weight = 1,
						   .field = SDG_FIELD_MODEL,
						   .rule = "says nothing" };
	static const struct sdg_reason answer = { .label = SDG_LABEL_KIND,
						  .weight = 1,
						  .field = SDG_FIELD_FORM,
						  .rule = "answer or note" };

	labels->kind = sdg_kind_said(piece->fb);
	labels->kind_score = 1;
	if (labels->kind != SDG_KIND_UNSET)
		return;
	if (says_nothing(piece)) {
		labels->kind = SDG_KIND_NOT_FEEDBACK;
		sdg_explain_add(why, &nothing);
		return;
	}
	if (!is_mail(piece->fb)) {
		labels->kind = SDG_KIND_FEEDBACK;
		sdg_explain_add(why, &answer);
		return;
	}
	decide_by_text(classifier, piece, labels, why);
	explain_by_model(classifier, piece, labels->kind, why);
}
