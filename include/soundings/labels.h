/*
 * labels: the closed lists of Soundings and their stable identifiers.
 *
 * Numbers are stored and travel; never reorder or reuse one. Regions are in
 * the order reports list them (the former government office regions in the
 * order of their ONS codes, then the nations). Themes are not here: they
 * come from the frame (classify.h).
 */
#ifndef SOUNDINGS_LABELS_H
#define SOUNDINGS_LABELS_H

#include <stdint.h>

#include <soundings/text.h>

enum sdg_region {
	SDG_REGION_ANY = 0, /* in queries: all; never on an event */
	SDG_REGION_NORTH_EAST,
	SDG_REGION_NORTH_WEST,
	SDG_REGION_YORKSHIRE_HUMBER,
	SDG_REGION_EAST_MIDLANDS,
	SDG_REGION_WEST_MIDLANDS,
	SDG_REGION_EAST_OF_ENGLAND,
	SDG_REGION_LONDON,
	SDG_REGION_SOUTH_EAST,
	SDG_REGION_SOUTH_WEST,
	SDG_REGION_WALES,
	SDG_REGION_SCOTLAND,
	SDG_REGION_NORTHERN_IRELAND,
	SDG_REGION_ISLANDS_OVERSEAS,
	SDG_REGION_UNKNOWN,
	SDG_REGION_COUNT
};

/* What decided the region, strongest first. */
enum sdg_evidence {
	SDG_EVIDENCE_NONE = 0,
	SDG_EVIDENCE_SURVEY_FIELD, /* what a form asked */
	SDG_EVIDENCE_STATEMENT,    /* "we are in …" */
	SDG_EVIDENCE_DIRECTORY,    /* the members' directory */
	SDG_EVIDENCE_POSTCODE,     /* the signature's */
	SDG_EVIDENCE_AUTHORITY,    /* a local authority named as theirs */
	SDG_EVIDENCE_PLACE,   /* the signature's place, a rep's constituency */
	SDG_EVIDENCE_DOMAIN,  /* x.lancs.sch.uk */
	SDG_EVIDENCE_CLAIMED, /* a place in the text claimed as theirs */
	SDG_EVIDENCE_PERSON,  /* corrected by a person */
	SDG_EVIDENCE_COUNT
};

enum sdg_source {
	SDG_SOURCE_ANY = 0,
	SDG_SOURCE_MAIL,
	SDG_SOURCE_REP,
	SDG_SOURCE_SURVEY,
	SDG_SOURCE_COUNT
};

enum sdg_kind {
	SDG_KIND_UNSET = 0, /* the producer does not say: classify */
	SDG_KIND_FEEDBACK,
	SDG_KIND_AUTO_REPLY,
	SDG_KIND_NOT_FEEDBACK,
	SDG_KIND_COUNT
};

enum sdg_stance {
	SDG_STANCE_NEUTRAL = 0,
	SDG_STANCE_POSITIVE,
	SDG_STANCE_NEGATIVE,
	SDG_STANCE_MIXED,
	SDG_STANCE_COUNT
};

enum sdg_role {
	SDG_ROLE_UNKNOWN = 0,
	SDG_ROLE_TRUST_LEADER,
	SDG_ROLE_HEAD,
	SDG_ROLE_DEPUTY,
	SDG_ROLE_ASSISTANT_HEAD,
	SDG_ROLE_BUSINESS_LEADER,
	SDG_ROLE_OTHER_LEADER,
	SDG_ROLE_GOVERNOR,
	SDG_ROLE_RETIRED,
	SDG_ROLE_OTHER,
	SDG_ROLE_COUNT
};

/* One or more a respondent; none set is unknown. */
enum sdg_phase {
	SDG_PHASE_PRIMARY = 1 << 0,
	SDG_PHASE_SECONDARY = 1 << 1,
	SDG_PHASE_ALL_THROUGH = 1 << 2,
	SDG_PHASE_POST_16 = 1 << 3,
	SDG_PHASE_SPECIAL_AP = 1 << 4,
	SDG_PHASE_INDEPENDENT = 1 << 5,
	SDG_PHASE_TRUST = 1 << 6,
};
#define SDG_PHASE_COUNT 7

enum sdg_note_kind {
	SDG_NOTE_POINT = 0, /* a member's point, passed on */
	SDG_NOTE_MEETING,   /* attendance, topics wanted next */
	SDG_NOTE_INTERVIEW,
	SDG_NOTE_COUNT
};

/*
 * What became of a piece received. Every piece received stands under
 * exactly one of them at any time; a retry or a correction moves it.
 */
enum sdg_outcome {
	SDG_OUTCOME_NONE = 0, /* no answer yet; never stored */
	SDG_OUTCOME_COUNTED,
	SDG_OUTCOME_REPLACED,  /* an earlier revision, since edited */
	SDG_OUTCOME_DUPLICATE, /* seen before */
	SDG_OUTCOME_AUTOMATIC,
	SDG_OUTCOME_NOT_FEEDBACK,
	SDG_OUTCOME_QUARANTINED,
	SDG_OUTCOME_DROPPED, /* by a person, from quarantine */
	SDG_OUTCOME_TEST,    /* a marked test message */
	SDG_OUTCOME_BUSY,    /* not taken; try again; never stored */
	SDG_OUTCOME_REFUSED, /* not taken: this key may not; never stored */
	SDG_OUTCOME_EMPTIED, /* it only took earlier answers away; likewise */
	SDG_OUTCOME_COUNT
};

/* Why a person should look at a piece; a set. */
enum sdg_flag {
	SDG_FLAG_ATTACHMENT = 1 << 0, /* an attachment nobody has read */
	SDG_FLAG_CASEWORK = 1 << 1,   /* casework that cannot wait */
	SDG_FLAG_SAFEGUARDING = 1 << 2,
	SDG_FLAG_UNSUBSCRIBE = 1 << 3,
	SDG_FLAG_ENCRYPTED = 1 << 4,    /* S/MIME, PGP: nothing to read */
	SDG_FLAG_WHOLE_QUOTED = 1 << 5, /* all of it stood in quote marks */
	SDG_FLAG_FORWARDED = 1 << 6,    /* sent on for somebody else */
	SDG_FLAG_LIST = 1 << 7,         /* came through a mailing list */
	SDG_FLAG_LIMIT = 1 << 8,        /* a limit was met: not all was read */
	SDG_FLAG_SENDER = 1 << 9,       /* more than one From, or a group */
	SDG_FLAG_WEAK_AUTO = 1 << 10,   /* automatic by its words alone */
};
#define SDG_FLAG_COUNT 11

/*
 * id ↔ number. The id functions return a static string for every number in
 * range ("unknown" where that is the sense of 0), and "?" outside it: bytes
 * from a store may say anything. The *_from_id functions return the number,
 * or -1.
 */
const char *sdg_region_id(int region);
const char *sdg_region_name(int region); /* "Yorkshire and the Humber" */
int sdg_region_from_id(struct sdg_str id);
const char *sdg_evidence_id(int evidence);
const char *sdg_source_id(int source);
int sdg_source_from_id(struct sdg_str id);
const char *sdg_kind_id(int kind);
int sdg_kind_from_id(struct sdg_str id);
const char *sdg_stance_id(int stance);
int sdg_stance_from_id(struct sdg_str id);
const char *sdg_role_id(int role);
int sdg_role_from_id(struct sdg_str id);
const char *sdg_phase_id(int bit);        /* 0 to SDG_PHASE_COUNT - 1 */
int sdg_phase_from_id(struct sdg_str id); /* an enum sdg_phase */
const char *sdg_note_kind_id(int kind);
int sdg_note_kind_from_id(struct sdg_str id);
const char *sdg_outcome_id(int outcome);
const char *sdg_flag_id(int bit); /* 0 to SDG_FLAG_COUNT - 1 */

#endif
