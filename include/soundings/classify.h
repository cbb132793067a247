/*
 * classify: which region and themes, what kind, which stance, and why.
 *
 * A classifier is read-only once opened, and deterministic: the same
 * feedback gives the same labels, whenever and wherever. It looks at text,
 * subject and signature, at what a form said, and at what the directory
 * knows; a survey's question is context, never evidence.
 *
 * Behind it: classify_region.c (resolvers in a fixed order of trust),
 * classify_role.c, classify_theme.c (linear model plus cues),
 * classify_kind.c.
 */
#ifndef SOUNDINGS_CLASSIFY_H
#define SOUNDINGS_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/feedback.h>
#include <soundings/labels.h>

#define SDG_THEMES_MAX 3 /* a message */
#define SDG_FRAME_MAX 64 /* themes in a frame */

/* What the directory knows of a respondent; zero means it does not say. */
struct sdg_known {
	bool matched;           /* the address is a member's */
	enum sdg_region region; /* of work; SDG_REGION_ANY: not said */
	uint16_t authority;
	enum sdg_role role;
	uint8_t phases;
};

/* The labels of one piece. Themes are positions in the frame, main first. */
struct sdg_labels {
	enum sdg_kind kind; /* never UNSET */
	enum sdg_region region;
	enum sdg_evidence region_evidence;
	uint16_t
	    authority; /* DfE code, or 1000 and up (data/regions); 0 none */
	enum sdg_role role;
	uint8_t phases; /* set of enum sdg_phase */
	enum sdg_stance stance;
	uint8_t theme_count;
	uint8_t themes[SDG_THEMES_MAX];
	float scores[SDG_THEMES_MAX]; /* 0 to 1 */
	float kind_score;             /* 0 to 1: how sure of the kind */
	uint32_t flags; /* what the words add: casework, safeguarding … */
};

/* Which label a piece of evidence is for. */
enum sdg_label {
	SDG_LABEL_REGION,
	SDG_LABEL_THEME,
	SDG_LABEL_KIND,
	SDG_LABEL_STANCE,
	SDG_LABEL_ROLE,
	SDG_LABEL_PHASE,
};

/* Where in the feedback a piece of evidence stands. */
enum sdg_field {
	SDG_FIELD_TEXT,
	SDG_FIELD_SUBJECT,
	SDG_FIELD_SIGNATURE,
	SDG_FIELD_ADDRESS,
	SDG_FIELD_FORM,      /* a survey's or a note's field */
	SDG_FIELD_DIRECTORY, /* no place in the message */
	SDG_FIELD_MODEL,     /* a bias or prior: no place either */
};

struct sdg_reason {
	enum sdg_label label;
	uint8_t theme; /* for SDG_LABEL_THEME: position in the frame */
	enum sdg_field field;
	uint32_t start, end; /* bytes within that field; end exclusive */
	float weight;        /* signed; region: 1 when it decided, else 0 */
	const char *rule; /* static: "cue", "word", "signature postcode" … */
	char text[64];    /* what stood there, cut at a character */
};

#define SDG_REASONS_MAX 256

/* Filled on request; the strongest reasons of each label, no more. */
struct sdg_explanation {
	size_t count;
	struct sdg_reason reasons[SDG_REASONS_MAX];
};

struct sdg_classifier;

struct sdg_classifier_options {
	const char *frame_dir; /* NULL: sdg_frame_dir() */
	const char *model;     /* a file in place of the folder's model.bin */
};

/**
 * sdg_classifier_open - load frame, model and tables
 *
 * Return 0, or SDG_ENOTFOUND (no such frame or data), SDG_EINVAL (a frame
 * or model that is not one; the message names file and line).
 */
int sdg_classifier_open(const struct sdg_classifier_options *options,
			struct sdg_classifier **out, struct sdg_error *err);
void sdg_classifier_close(struct sdg_classifier *classifier);

/* The frame: themes in report order. Borrowed until close. */
size_t sdg_classifier_theme_count(const struct sdg_classifier *classifier);
const char *sdg_classifier_theme_id(const struct sdg_classifier *classifier,
				    size_t theme);
const char *sdg_classifier_theme_name(const struct sdg_classifier *classifier,
				      size_t theme);
/** sdg_classifier_version - changes whenever frame or model does; never 0 */
uint32_t sdg_classifier_version(const struct sdg_classifier *classifier);

/**
 * sdg_classify - label @fb
 * @known: from the directory, or NULL
 * @why:   filled when not NULL (slower)
 *
 * Never fails on account of what the text is. Linear in its length.
 */
void sdg_classify(struct sdg_classifier *classifier,
		  const struct sdg_feedback *fb, const struct sdg_known *known,
		  struct sdg_labels *labels, struct sdg_explanation *why);

/**
 * sdg_classifier_taught - was the model taught these very words?
 *
 * Where so, being right about them says nothing. White space and case do not
 * tell texts apart, nor does the subject of one that has a text.
 */
bool sdg_classifier_taught(const struct sdg_classifier *classifier,
			   const struct sdg_feedback *fb);

/** sdg_kind_said - what the producer said of the kind, UNSET where it said
 *  nothing, or what cannot be: no survey's answer and no note is automatic */
enum sdg_kind sdg_kind_said(const struct sdg_feedback *fb);

/** sdg_authority_name - of an authority code, or "" */
const char *sdg_authority_name(uint16_t authority);
/** sdg_authority_from_name - its code, by any alias; 0 when unknown */
uint16_t sdg_authority_from_name(struct sdg_str name);
/** sdg_authority_region - the region it lies in; UNKNOWN when unknown */
enum sdg_region sdg_authority_region(uint16_t authority);
/** sdg_postcode_region - of a full UK postcode, spaces optional; ANY when
 *  it is not one */
enum sdg_region sdg_postcode_region(struct sdg_str postcode);

/** sdg_outward_region - of the first half of one ("B15"), all that many forms
 *  ask for: where most of its postcodes lie; ANY when there is no such */
enum sdg_region sdg_outward_region(struct sdg_str outward);
/** sdg_domain_is_shared - is @host a provider's of private mail or web
 *  pages, or an end below which only the name is somebody's ("org.uk",
 *  "lancs.sch.uk")? Such a domain is nobody's school. Any case. */
bool sdg_domain_is_shared(struct sdg_str host);
/** sdg_region_from_words - what a form's answer ("SE", "Oxfordshire",
 *  "London - Westminster", "Prefer not to say") says of the region;
 *  authority is set when it says that much. ANY when it says nothing */
enum sdg_region sdg_region_from_words(struct sdg_str words,
				      uint16_t *authority);
/** sdg_role_from_words - "DHT", "Vice Principal", "SBM" … or UNKNOWN */
enum sdg_role sdg_role_from_words(struct sdg_str words);
/** sdg_phases_from_words - "11-18", "Special", "Junior" … a set, or 0 */
uint8_t sdg_phases_from_words(struct sdg_str words);

#endif
