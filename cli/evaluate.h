/*
 * evaluate: labels that people gave beside those that the classifier, or a
 * second person, gives.
 */
#ifndef EVALUATE_H
#define EVALUATE_H

#include <stdint.h>

#include <soundings/classify.h>
#include <soundings/error.h>

/* A share with its 95 % interval. */
struct share {
	uint32_t right, of;
	double value, low, high;
};

/** share_count - one more, right or not; share_finish - Wilson's interval */
void share_count(struct share *share, bool right);
void share_finish(struct share *share);

/* Labels of one piece, whoever gave them. */
struct verdict {
	enum sdg_kind kind;
	enum sdg_region region;
	enum sdg_evidence evidence; /* given: what decides the region */
	enum sdg_stance stance;
	enum sdg_role role;
	/* Whoever it was said what it is. */
	bool has_kind, has_region, has_evidence, has_stance, has_role;
	uint64_t themes; /* set */
	uint8_t main;    /* 255: none */
};

struct pair {
	struct verdict given, found;
	size_t line; /* of the file, and of the second coder's or 0 */
	size_t other_line;
};

struct theme_figures {
	uint32_t right, wrong, missed;
	struct share precision, recall;
	double f1, low, high, alpha; /* of F1 */
};

struct evaluation {
	size_t count; /* pieces */
	struct pair *pairs;
	size_t cap;

	size_t theme_count;
	struct theme_figures themes[SDG_FRAME_MAX];
	double micro_f1, micro_low, micro_high;
	double macro_f1, macro_low, macro_high;
	double micro_precision, micro_recall;
	struct share main, kind, stance, region, role;
	struct share role_guesses; /* role found where none was given */
	struct share guesses;      /* region found where none was given */
	struct share by_evidence[SDG_EVIDENCE_COUNT];
	uint32_t confusion[SDG_FRAME_MAX][SDG_FRAME_MAX];
	uint32_t stances[SDG_STANCE_COUNT][SDG_STANCE_COUNT];
	/* Krippendorff's alpha, nominal, two coders. */
	double alpha_main, alpha_kind, alpha_stance, alpha_region, alpha_role;
};

/** evaluation_add - NULL when there is no memory; then fill the pair */
struct pair *evaluation_add(struct evaluation *evaluation);
void evaluation_fini(struct evaluation *evaluation);
/** evaluation_count - fill every figure from the pairs */
void evaluation_count(struct evaluation *evaluation);

#endif
