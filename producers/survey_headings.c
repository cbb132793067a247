/*
 * survey_headings: what the heading of a column says that it is.
 */
#include <ctype.h>
#include <string.h>

#include "survey.h"
#include "survey_text.h"

/* Headings that tools write, as heading_key() gives them. */
static const struct {
	const char *key;
	enum column_kind kind;
} known[] = {
	{ "anonymousid", COLUMN_RESPONDENT },
	{ "browser", COLUMN_IGNORE },
	{ "collector", COLUMN_IGNORE },
	{ "collectorid", COLUMN_IGNORE },
	{ "completed", COLUMN_COMPLETED },
	{ "completedat", COLUMN_COMPLETED },
	{ "completiondate", COLUMN_COMPLETED },
	{ "completiontime", COLUMN_COMPLETED },
	{ "contactid", COLUMN_IGNORE },
	{ "created", COLUMN_STARTED },
	{ "createdat", COLUMN_STARTED },
	{ "customdata", COLUMN_IGNORE },
	{ "customdata1", COLUMN_IGNORE },
	{ "date", COLUMN_STARTED },
	{ "dateandtime", COLUMN_STARTED },
	{ "datecompleted", COLUMN_COMPLETED },
	{ "datelastaction", COLUMN_COMPLETED },
	{ "datemodified", COLUMN_COMPLETED },
	{ "dateofresponse", COLUMN_STARTED },
	{ "datestamp", COLUMN_COMPLETED },
	{ "datestarted", COLUMN_STARTED },
	{ "datesubmitted", COLUMN_COMPLETED },
	{ "datetime", COLUMN_STARTED },
	{ "dateupdated", COLUMN_COMPLETED },
	{ "device", COLUMN_IGNORE },
	{ "distributionchannel", COLUMN_STATUS },
	{ "duration", COLUMN_IGNORE },
	{ "durationinseconds", COLUMN_IGNORE },
	{ "edited", COLUMN_COMPLETED },
	{ "email", COLUMN_EMAIL },
	{ "emailaddress", COLUMN_EMAIL },
	{ "end", COLUMN_COMPLETED },
	{ "enddate", COLUMN_COMPLETED },
	{ "ended", COLUMN_COMPLETED },
	{ "endtime", COLUMN_COMPLETED },
	{ "entrydate", COLUMN_STARTED },
	{ "entryid", COLUMN_RESPONDENT },
	{ "extendedreferer", COLUMN_IGNORE },
	{ "externaldatareference", COLUMN_IGNORE },
	{ "externalreference", COLUMN_IGNORE },
	{ "finished", COLUMN_FINISHED },
	{ "firstname", COLUMN_IGNORE },
	{ "fullname", COLUMN_IGNORE },
	{ "id", COLUMN_RESPONDENT },
	{ "interviewtime", COLUMN_IGNORE },
	{ "ip", COLUMN_IGNORE },
	{ "ipaddr", COLUMN_IGNORE },
	{ "ipaddress", COLUMN_IGNORE },
	{ "la", COLUMN_REGION },
	{ "language", COLUMN_IGNORE },
	{ "lastedited", COLUMN_COMPLETED },
	{ "lastmodified", COLUMN_COMPLETED },
	{ "lastmodifiedtime", COLUMN_COMPLETED },
	{ "lastname", COLUMN_IGNORE },
	{ "lastpage", COLUMN_IGNORE },
	{ "lastupdated", COLUMN_COMPLETED },
	{ "latitude", COLUMN_IGNORE },
	{ "lea", COLUMN_REGION },
	{ "legacycomments", COLUMN_IGNORE },
	{ "locationlatitude", COLUMN_IGNORE },
	{ "locationlongitude", COLUMN_IGNORE },
	{ "longitude", COLUMN_IGNORE },
	{ "mobile", COLUMN_IGNORE },
	{ "modified", COLUMN_COMPLETED },
	{ "modifiedat", COLUMN_COMPLETED },
	{ "name", COLUMN_IGNORE },
	{ "networkid", COLUMN_IGNORE },
	{ "no", COLUMN_RESPONDENT },
	{ "number", COLUMN_RESPONDENT },
	{ "phone", COLUMN_IGNORE },
	{ "postal", COLUMN_IGNORE },
	{ "progress", COLUMN_IGNORE },
	{ "question", COLUMN_QUESTION },
	{ "questiontext", COLUMN_QUESTION },
	{ "recipientemail", COLUMN_EMAIL },
	{ "recipientfirstname", COLUMN_IGNORE },
	{ "recipientlastname", COLUMN_IGNORE },
	{ "recordeddate", COLUMN_COMPLETED },
	{ "recordid", COLUMN_RESPONDENT },
	{ "ref", COLUMN_RESPONDENT },
	{ "reference", COLUMN_RESPONDENT },
	{ "referer", COLUMN_IGNORE },
	{ "referrer", COLUMN_IGNORE },
	{ "referrerurl", COLUMN_IGNORE },
	{ "referringurl", COLUMN_IGNORE },
	{ "refurl", COLUMN_IGNORE },
	{ "respondent", COLUMN_RESPONDENT },
	{ "respondentid", COLUMN_RESPONDENT },
	{ "respondentno", COLUMN_RESPONDENT },
	{ "responsedate", COLUMN_STARTED },
	{ "responseid", COLUMN_RESPONDENT },
	{ "responseno", COLUMN_RESPONDENT },
	{ "responsenumber", COLUMN_RESPONDENT },
	{ "responsereference", COLUMN_RESPONDENT },
	{ "responseset", COLUMN_IGNORE },
	{ "responsetype", COLUMN_STATUS },
	{ "seed", COLUMN_IGNORE },
	{ "sessionid", COLUMN_IGNORE },
	{ "sourceurl", COLUMN_IGNORE },
	{ "stagedate", COLUMN_IGNORE },
	{ "start", COLUMN_STARTED },
	{ "startdate", COLUMN_STARTED },
	{ "started", COLUMN_STARTED },
	{ "startedat", COLUMN_STARTED },
	{ "startlanguage", COLUMN_IGNORE },
	{ "starttime", COLUMN_STARTED },
	{ "stateregion", COLUMN_IGNORE },
	{ "status", COLUMN_STATUS },
	{ "submissiondate", COLUMN_COMPLETED },
	{ "submissiontime", COLUMN_COMPLETED },
	{ "submissionid", COLUMN_RESPONDENT },
	{ "submitdate", COLUMN_COMPLETED },
	{ "submitted", COLUMN_COMPLETED },
	{ "submittedat", COLUMN_COMPLETED },
	{ "submittedon", COLUMN_COMPLETED },
	{ "surname", COLUMN_IGNORE },
	{ "tags", COLUMN_IGNORE },
	{ "telephone", COLUMN_IGNORE },
	{ "timestamp", COLUMN_STARTED },
	{ "timestarted", COLUMN_STARTED },
	{ "token", COLUMN_IGNORE },
	{ "totalpoints", COLUMN_IGNORE },
	{ "totaltime", COLUMN_IGNORE },
	{ "trackinglink", COLUMN_IGNORE },
	{ "uniqueid", COLUMN_RESPONDENT },
	{ "uniqueresponseid", COLUMN_RESPONDENT },
	{ "uniqueresponsenumber", COLUMN_RESPONDENT },
	{ "updated", COLUMN_COMPLETED },
	{ "updatedat", COLUMN_COMPLETED },
	{ "urn", COLUMN_RESPONDENT },
	{ "useragent", COLUMN_IGNORE },
	{ "userid", COLUMN_RESPONDENT },
	{ "userip", COLUMN_IGNORE },
	{ "userlanguage", COLUMN_IGNORE },
	{ "username", COLUMN_EMAIL },
	{ "userno", COLUMN_IGNORE },
	{ "when", COLUMN_STARTED },
	{ "yourname", COLUMN_IGNORE },
};

static const char *const open_cues[] = { "why",
					 "comment",
					 "comments",
					 "tell us",
					 "anything else",
					 "any other",
					 "further",
					 "describe",
					 "explain",
					 "what would",
					 "what could",
					 "what should",
					 "how could",
					 "how can",
					 "how should",
					 "how has",
					 "how have",
					 "what do you",
					 "views",
					 "thoughts",
					 "suggestion",
					 "suggestions",
					 "feedback",
					 "opinion",
					 "opinions",
					 "reason",
					 "reasons",
					 "concern",
					 "concerns",
					 "own words",
					 "elaborate",
					 "details",
					 "message",
					 "answer",
					 "response",
					 "text",
					 "body",
					 "what are the",
					 "what is the one",
					 "if you could",
					 "what one thing",
					 "sylwadau",
					 NULL };

static const char *const closed_cues[] = { "how did you hear",
					   "which of",
					   "tick",
					   "select all",
					   "how satisfied",
					   "how likely",
					   "to what extent",
					   "how often",
					   "rate",
					   "scale of",
					   "do you agree",
					   "are you",
					   "have you",
					   "did you",
					   "how many",
					   "how long",
					   "which do you",
					   "choose",
					   NULL };

bool heading_is_closed(const char *heading)
{
	return has_any(heading, closed_cues);
}

static const char *const consent_cues[] = { "may we quote",
					    "quote you",
					    "quote me",
					    "quoted",
					    "quotation",
					    "consent",
					    "permission to",
					    "publish your response",
					    "publish my response",
					    "use my comments",
					    "use your comments",
					    "use my answers",
					    "share my",
					    NULL };

static const char *const region_cues[] = { "region",
					   "area you work",
					   "local authority",
					   "your area",
					   "where do you work",
					   "county",
					   "where is your school",
					   "part of the country",
					   "area",
					   "rhanbarth",
					   NULL };

static const char *const role_cues[] = { "role",     "job title", "position",
					 "your job", "your post", "job",
					 NULL };

static const char *const phase_cues[] = { "phase",
					  "type of school",
					  "school type",
					  "type of institution",
					  "sector",
					  "type of setting",
					  "kind of school",
					  "phase or type",
					  "type of provider",
					  NULL };

static const char *const school_cues[] = { "name of school",
					   "name of your school",
					   "school name",
					   "name of institution",
					   "name of your institution",
					   "school or college name",
					   "organisation",
					   "organization",
					   "name of your school or college",
					   NULL };

static const char *const postcode_cues[] = { "postcode", "post code", NULL };

/* Nothing that Soundings answers needs them. */
static const char *const private_cues[] = { "your name",
					    "contact name",
					    "name of head",
					    "name of headteacher",
					    "name of principal",
					    "headteacher's name",
					    "head's name",
					    "name (optional)",
					    "print name",
					    "full name",
					    "first name",
					    "last name",
					    "surname",
					    "telephone",
					    "phone",
					    "phone number",
					    "mobile",
					    "mobile number",
					    "date of birth",
					    "home address",
					    "your address",
					    "postal address",
					    "membership number",
					    NULL };

/* "Why did you join?" asks for words, though it holds "did you". */
static const char *const asking_words[] = { "why",
					    "please explain",
					    "please describe",
					    "please tell us",
					    "in your own words",
					    NULL };

static const char *const asking_to_choose[] = { "tick",     "select", "choose",
						"which of", "rank",   NULL };

bool heading_is_open(const char *heading)
{
	if (has_any(heading, asking_words))
		return !has_any(heading, asking_to_choose);
	return has_any(heading, open_cues) && !has_any(heading, closed_cues);
}

enum column_kind heading_attribute(const char *heading, const char **why)
{
	static const struct {
		const char *const *cues;
		enum column_kind kind;
		const char *why;
	} attributes[] = {
		{ private_cues, COLUMN_IGNORE, "personal, dropped" },
		{ consent_cues, COLUMN_CONSENT, "the heading asks to quote" },
		{ postcode_cues, COLUMN_POSTCODE, "the heading" },
		{ school_cues, COLUMN_SCHOOL, "the heading" },
		{ region_cues, COLUMN_REGION, "the heading" },
		{ phase_cues, COLUMN_PHASE, "the heading" },
		{ role_cues, COLUMN_ROLE, "the heading" },
	};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		if (!has_any(heading, attributes[i].cues))
			continue;
		/* "As an individual, or for an organisation?" names none. */
		if (attributes[i].kind == COLUMN_SCHOOL &&
		    (has_phrase(heading, "individual") ||
		     has_phrase(heading, "behalf")))
			continue;
		*why = attributes[i].why;
		/* Where people live says nothing of where they work. */
		if (attributes[i].kind == COLUMN_POSTCODE &&
		    has_phrase(heading, "home"))
			return COLUMN_IGNORE;
		return attributes[i].kind;
	}
	*why = "few different answers";
	return COLUMN_CHOICE;
}

size_t heading_number(const char *heading)
{
	size_t at = *heading == 'Q' || *heading == 'q', from = at;

	while (isdigit((unsigned char)heading[at]))
		at++;
	if (at == from || heading[at] != '.')
		return 0;
	/* ".1.", ".a.", ".iii." */
	while (heading[at] == '.') {
		size_t part = strspn(heading + at + 1, "0123456789");

		if (part == 0)
			part = strspn(heading + at + 1,
				      "abcdefghijklmnopqrstuvwxyz");
		if (part == 0 || part > 4 || heading[at + 1 + part] != '.')
			break;
		at += 1 + part;
	}
	return heading[at + 1] == ' ' ? at + 2 : 0;
}

int heading_known(const char *key)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].key, key) == 0)
			return known[i].kind;
	}
	return -1;
}
