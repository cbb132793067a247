/*
 * classify_role_words: titles are phrases; the longest that begins at a word
 * counts, and the first in reading order wins: "Deputy Head and SENDCo" is a
 * deputy, "PA to the Headteacher" is none of ours.
 */
#include <stdlib.h>
#include <string.h>

#include "classify_role.h"

static void push_bar(struct role_words *words, size_t at)
{
	if (words->n == 0 || words->n == ROLE_WORDS_MAX ||
	    words->word[words->n - 1][0] == '|')
		return;
	words->start[words->n] = words->end[words->n] = (uint16_t)at;
	memcpy(words->word[words->n++], "|", 2);
}

static char lower_alnum(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

void role_split(struct sdg_str text, struct role_words *words)
{
	size_t i = 0,
	       len = text.len < ROLE_LOOK_BYTES ? text.len : ROLE_LOOK_BYTES;

	words->n = 0;
	while (i < len && words->n < ROLE_WORDS_MAX) {
		char *word = words->word[words->n];
		size_t n = 0;

		words->start[words->n] = (uint16_t)i;
		for (; i < len; i++) {
			char c = lower_alnum(text.s[i]);

			if (c && n < ROLE_WORD_SIZE - 1)
				word[n++] = c;
			else if (!c && text.s[i] != '\'' && text.s[i] != '.')
				break;
		}
		word[n] = '\0';
		words->end[words->n] = (uint16_t)i;
		if (n > 0)
			words->n++;
		if (i == len)
			break;
		if (text.s[i] == '&' && words->n < ROLE_WORDS_MAX) {
			words->start[words->n] = (uint16_t)i;
			words->end[words->n] = (uint16_t)(i + 1);
			memcpy(words->word[words->n++], "and", 4);
		} else if (text.s[i] != ' ' && text.s[i] != '-' &&
			   text.s[i] != '\t') {
			push_bar(words, i);
		}
		i++;
	}
}

/* ----------------------------------------------------------------- roles */

struct title {
	const char *first, *rest;
	enum sdg_role role;
};

/* By first word, then the longest rest first. SDG_ROLE_UNKNOWN: no title,
 * though it reads like one. */
static const struct title titles[] = {
	{ "acting", "executive", SDG_ROLE_TRUST_LEADER },
	{ "acting", "deputy", SDG_ROLE_DEPUTY },
	{ "acting", "vice", SDG_ROLE_DEPUTY },
	{ "acting", "assistant", SDG_ROLE_ASSISTANT_HEAD },
	{ "administrator", "", SDG_ROLE_OTHER },
	{ "adviser", "", SDG_ROLE_OTHER },
	{ "advisor", "", SDG_ROLE_OTHER },
	{ "ah", "", SDG_ROLE_ASSISTANT_HEAD },
	{ "aht", "", SDG_ROLE_ASSISTANT_HEAD },
	{ "ap", "head", SDG_ROLE_HEAD }, /* alternative provision */
	{ "ap", "", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "business manager", SDG_ROLE_BUSINESS_LEADER },
	{ "assistant", "to", SDG_ROLE_OTHER },
	{ "assistant", "head of", SDG_ROLE_OTHER_LEADER },
	{ "assistant", "headteacher", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "headteachers", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "headmaster", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "principal", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "principle", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "head", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "vice", SDG_ROLE_ASSISTANT_HEAD },
	{ "assistant", "ht", SDG_ROLE_ASSISTANT_HEAD },
	{ "assoc", "", SDG_ROLE_ASSISTANT_HEAD },
	{ "associate", "principal", SDG_ROLE_ASSISTANT_HEAD },
	{ "associate", "headteacher", SDG_ROLE_ASSISTANT_HEAD },
	{ "associate", "head", SDG_ROLE_ASSISTANT_HEAD },
	{ "associate", "member", SDG_ROLE_ASSISTANT_HEAD },
	{ "associate", "assistant", SDG_ROLE_ASSISTANT_HEAD },
	{ "asst", "", SDG_ROLE_ASSISTANT_HEAD },
	{ "avp", "", SDG_ROLE_ASSISTANT_HEAD },
	{ "bursar", "", SDG_ROLE_BUSINESS_LEADER },
	{ "business", "", SDG_ROLE_BUSINESS_LEADER },
	{ "ceo", "", SDG_ROLE_TRUST_LEADER },
	{ "cfo", "", SDG_ROLE_BUSINESS_LEADER },
	{ "chair", "", SDG_ROLE_GOVERNOR },
	{ "chairman", "", SDG_ROLE_GOVERNOR },
	{ "chief", "financial", SDG_ROLE_BUSINESS_LEADER },
	{ "chief", "finance", SDG_ROLE_BUSINESS_LEADER },
	{ "chief", "operating", SDG_ROLE_BUSINESS_LEADER },
	{ "chief", "operations", SDG_ROLE_BUSINESS_LEADER },
	{ "chief", "executive", SDG_ROLE_TRUST_LEADER },
	{ "chief", "education", SDG_ROLE_TRUST_LEADER },
	{ "chief", "officer", SDG_ROLE_TRUST_LEADER },
	{ "clerk", "to", SDG_ROLE_GOVERNOR },
	{ "cog", "", SDG_ROLE_GOVERNOR },
	{ "consultant", "", SDG_ROLE_OTHER },
	{ "coo", "", SDG_ROLE_BUSINESS_LEADER },
	{ "coordinator", "", SDG_ROLE_OTHER_LEADER },
	{ "dean", "of", SDG_ROLE_OTHER_LEADER },
	{ "dep", "", SDG_ROLE_DEPUTY },
	{ "depute", "", SDG_ROLE_DEPUTY },
	{ "deputy", "chief executive", SDG_ROLE_TRUST_LEADER },
	{ "deputy", "ceo", SDG_ROLE_TRUST_LEADER },
	{ "deputy", "head of", SDG_ROLE_OTHER_LEADER },
	{ "deputy", "director", SDG_ROLE_OTHER_LEADER },
	{ "deputy", "", SDG_ROLE_DEPUTY },
	{ "dh", "", SDG_ROLE_DEPUTY },
	{ "dht", "", SDG_ROLE_DEPUTY },
	{ "director", "of finance", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "of resources", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "of operations", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "of business", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "of estates", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "of hr", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "of human", SDG_ROLE_BUSINESS_LEADER },
	{ "director", "", SDG_ROLE_OTHER_LEADER },
	{ "dsl", "", SDG_ROLE_OTHER_LEADER },
	{ "ect", "", SDG_ROLE_OTHER },
	{ "eht", "", SDG_ROLE_TRUST_LEADER },
	{ "estates", "", SDG_ROLE_BUSINESS_LEADER },
	{ "ex", "head", SDG_ROLE_RETIRED },
	{ "ex", "headteacher", SDG_ROLE_RETIRED },
	{ "ex", "principal", SDG_ROLE_RETIRED },
	{ "ex", "deputy", SDG_ROLE_RETIRED },
	{ "exec", "vice", SDG_ROLE_DEPUTY },
	{ "exec", "deputy", SDG_ROLE_DEPUTY },
	{ "exec", "", SDG_ROLE_TRUST_LEADER },
	{ "executive", "assistant", SDG_ROLE_OTHER },
	{ "executive", "pa", SDG_ROLE_OTHER },
	{ "executive", "vice", SDG_ROLE_DEPUTY },
	{ "executive", "deputy", SDG_ROLE_DEPUTY },
	{ "executive", "business", SDG_ROLE_BUSINESS_LEADER },
	{ "executive", "finance", SDG_ROLE_BUSINESS_LEADER },
	{ "executive", "operations", SDG_ROLE_BUSINESS_LEADER },
	{ "executive", "", SDG_ROLE_TRUST_LEADER },
	{ "finance", "", SDG_ROLE_BUSINESS_LEADER },
	{ "first", "deputy", SDG_ROLE_DEPUTY },
	{ "former", "", SDG_ROLE_RETIRED },
	{ "formerly", "head", SDG_ROLE_RETIRED },
	{ "formerly", "headteacher", SDG_ROLE_RETIRED },
	{ "formerly", "principal", SDG_ROLE_RETIRED },
	{ "formerly", "deputy", SDG_ROLE_RETIRED },
	{ "governor", "", SDG_ROLE_GOVERNOR },
	{ "head", "and executive", SDG_ROLE_TRUST_LEADER },
	{ "head", "boy", SDG_ROLE_UNKNOWN },
	{ "head", "girl", SDG_ROLE_UNKNOWN },
	{ "head", "student", SDG_ROLE_UNKNOWN },
	{ "head", "of school improvement", SDG_ROLE_OTHER_LEADER },
	{ "head", "of school", SDG_ROLE_HEAD },
	{ "head", "of academy", SDG_ROLE_HEAD },
	{ "head", "of college", SDG_ROLE_HEAD },
	{ "head", "of campus", SDG_ROLE_HEAD },
	{ "head", "of centre", SDG_ROLE_HEAD },
	{ "head", "of primary", SDG_ROLE_HEAD },
	{ "head", "of pru", SDG_ROLE_HEAD },
	{ "head", "of secondary", SDG_ROLE_HEAD },
	{ "head", "of upper", SDG_ROLE_OTHER_LEADER },
	{ "head", "of lower", SDG_ROLE_OTHER_LEADER },
	{ "head", "of a", SDG_ROLE_HEAD },
	{ "head", "of an", SDG_ROLE_HEAD },
	{ "head", "of the", SDG_ROLE_HEAD },
	{ "head", "of two", SDG_ROLE_TRUST_LEADER },
	{ "head", "of three", SDG_ROLE_TRUST_LEADER },
	{ "head", "of", SDG_ROLE_OTHER_LEADER },
	{ "head", "office", SDG_ROLE_UNKNOWN },
	{ "head", "", SDG_ROLE_HEAD },
	{ "headmaster", "", SDG_ROLE_HEAD },
	{ "headmistress", "", SDG_ROLE_HEAD },
	{ "heads", "pa", SDG_ROLE_OTHER },
	{ "headship", "", SDG_ROLE_UNKNOWN },
	{ "headteacher", "and executive", SDG_ROLE_TRUST_LEADER },
	{ "headteacher", "", SDG_ROLE_HEAD },
	{ "headteachers", "pa", SDG_ROLE_OTHER },
	{ "hlta", "", SDG_ROLE_OTHER },
	{ "hos", "", SDG_ROLE_HEAD },
	{ "hr", "", SDG_ROLE_BUSINESS_LEADER },
	{ "ht", "", SDG_ROLE_HEAD },
	{ "human", "resources", SDG_ROLE_BUSINESS_LEADER },
	{ "interim", "executive", SDG_ROLE_TRUST_LEADER },
	{ "lead", "", SDG_ROLE_OTHER_LEADER },
	{ "leader", "of", SDG_ROLE_OTHER_LEADER },
	{ "lecturer", "", SDG_ROLE_OTHER },
	{ "manager", "", SDG_ROLE_OTHER_LEADER },
	{ "middle", "leader", SDG_ROLE_OTHER_LEADER },
	{ "national", "leader of", SDG_ROLE_UNKNOWN },
	{ "nqt", "", SDG_ROLE_OTHER },
	{ "officer", "", SDG_ROLE_OTHER },
	{ "operations", "", SDG_ROLE_BUSINESS_LEADER },
	{ "pa", "", SDG_ROLE_OTHER },
	{ "pennaeth", "", SDG_ROLE_HEAD },
	{ "personal", "assistant", SDG_ROLE_OTHER },
	{ "premises", "", SDG_ROLE_BUSINESS_LEADER },
	{ "principal", "and executive", SDG_ROLE_TRUST_LEADER },
	{ "principal", "examiner", SDG_ROLE_UNKNOWN },
	{ "principal", "moderator", SDG_ROLE_UNKNOWN },
	{ "principal", "teacher", SDG_ROLE_OTHER_LEADER },
	{ "principal", "", SDG_ROLE_HEAD },
	{ "principals", "pa", SDG_ROLE_OTHER },
	{ "principle", "", SDG_ROLE_HEAD },
	{ "provost", "", SDG_ROLE_HEAD },
	{ "receptionist", "", SDG_ROLE_OTHER },
	{ "rector", "", SDG_ROLE_HEAD },
	{ "regional", "director", SDG_ROLE_TRUST_LEADER },
	{ "resources", "director", SDG_ROLE_BUSINESS_LEADER },
	{ "resources", "manager", SDG_ROLE_BUSINESS_LEADER },
	{ "retd", "", SDG_ROLE_RETIRED },
	{ "retired", "", SDG_ROLE_RETIRED },
	{ "sbl", "", SDG_ROLE_BUSINESS_LEADER },
	{ "sbm", "", SDG_ROLE_BUSINESS_LEADER },
	{ "school", "business", SDG_ROLE_BUSINESS_LEADER },
	{ "school", "secretary", SDG_ROLE_OTHER },
	{ "second", "deputy", SDG_ROLE_DEPUTY },
	{ "second", "master", SDG_ROLE_DEPUTY },
	{ "second", "mistress", SDG_ROLE_DEPUTY },
	{ "secretary", "to", SDG_ROLE_OTHER },
	{ "senco", "", SDG_ROLE_OTHER_LEADER },
	{ "sendco", "", SDG_ROLE_OTHER_LEADER },
	{ "senior", "deputy", SDG_ROLE_DEPUTY },
	{ "senior", "vice", SDG_ROLE_DEPUTY },
	{ "senior", "assistant", SDG_ROLE_ASSISTANT_HEAD },
	{ "senior", "leader", SDG_ROLE_OTHER_LEADER },
	{ "senior", "teacher", SDG_ROLE_OTHER_LEADER },
	{ "student", "", SDG_ROLE_OTHER },
	{ "subject", "leader", SDG_ROLE_OTHER_LEADER },
	{ "svp", "", SDG_ROLE_DEPUTY },
	{ "teacher", "", SDG_ROLE_OTHER },
	{ "trainee", "", SDG_ROLE_OTHER },
	{ "trust", "leader", SDG_ROLE_TRUST_LEADER },
	{ "trust", "principal", SDG_ROLE_TRUST_LEADER },
	{ "trustee", "", SDG_ROLE_GOVERNOR },
	{ "vice", "chair", SDG_ROLE_GOVERNOR },
	{ "vice", "principal", SDG_ROLE_DEPUTY },
	{ "vice", "principle", SDG_ROLE_DEPUTY },
	{ "vice", "head", SDG_ROLE_DEPUTY },
	{ "vp", "", SDG_ROLE_DEPUTY },
	{ "warden", "", SDG_ROLE_HEAD },
};
#define TITLES (sizeof(titles) / sizeof(titles[0]))

/* How many words of @rest follow word @i; -1: they do not. */
static int follows(const struct role_words *words, size_t i, const char *rest)
{
	int taken = 0;

	while (*rest) {
		size_t len = strcspn(rest, " ");

		i++;
		if (i >= words->n || strlen(words->word[i]) != len ||
		    memcmp(words->word[i], rest, len) != 0)
			return -1;
		taken++;
		rest += len + (rest[len] == ' ');
	}
	return taken;
}

static const struct title *title_at(const struct role_words *words, size_t i,
				    size_t *taken)
{
	size_t low = 0, n = TITLES;

	while (n > 0) {
		size_t half = n / 2;

		if (strcmp(titles[low + half].first, words->word[i]) < 0) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	for (; low < TITLES && strcmp(titles[low].first, words->word[i]) == 0;
	     low++) {
		int rest = follows(words, i, titles[low].rest);

		if (rest >= 0) {
			*taken = (size_t)rest + 1;
			return &titles[low];
		}
	}
	return NULL;
}

/* "Head of Creg Lea High School", not "Head of Sixth Form": of a whole one. */
static bool of_a_school(const struct role_words *words, size_t i)
{
	static const char *const parts[] = { "sixth",   "year",    "lower",
					     "upper",   "middle",  "department",
					     "faculty", "key",     "junior",
					     "senior",  "teaching" };

	if (i + 2 >= words->n)
		return false;
	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
		if (strcmp(words->word[i + 2], parts[k]) == 0)
			return false;
	for (size_t k = i + 2; k < words->n && words->word[k][0] != '|'; k++)
		if (strcmp(words->word[k], "school") == 0 ||
		    strcmp(words->word[k], "academy") == 0 ||
		    strcmp(words->word[k], "college") == 0)
			return true;
	return false;
}

static bool is_vague(const struct title *title)
{
	return title->rest[0] == '\0' &&
	       (strcmp(title->first, "manager") == 0 ||
		strcmp(title->first, "lead") == 0 ||
		strcmp(title->first, "coordinator") == 0);
}

/* "Cover Manager / Associate Member of SLT": the second says more. */
static bool outweighs(enum sdg_role role)
{
	return role == SDG_ROLE_ASSISTANT_HEAD || role == SDG_ROLE_DEPUTY;
}

/* "Headteacher (retired 2011)", "Principal, now retired": no longer */
static bool is_over(const struct role_words *words, size_t k)
{
	if (k < words->n && words->word[k][0] == '|')
		k++;
	if (k < words->n && strcmp(words->word[k], "now") == 0)
		k++;
	return k < words->n && (strcmp(words->word[k], "retired") == 0 ||
				strcmp(words->word[k], "retd") == 0);
}

/* The first title in reading order, from word @from on. */
enum sdg_role role_first(const struct role_words *words, size_t from,
			 size_t *at, size_t *taken)
{
	for (size_t i = from; i < words->n; i++) {
		const struct title *title = title_at(words, i, taken);

		if (!title)
			continue;
		if (title->role == SDG_ROLE_UNKNOWN) {
			i += *taken - 1;
			continue;
		}
		*at = i;
		if (is_over(words, i + *taken))
			return SDG_ROLE_RETIRED;
		if (strcmp(title->first, "head") == 0 &&
		    strcmp(title->rest, "of") == 0 && of_a_school(words, i))
			return SDG_ROLE_HEAD;
		if (is_vague(title)) {
			size_t later, length;
			enum sdg_role role =
			    role_first(words, i + 1, &later, &length);

			if (!outweighs(role))
				return title->role;
			*at = later;
			*taken = length;
			return role;
		}
		return title->role;
	}
	return SDG_ROLE_UNKNOWN;
}

enum sdg_role sdg_role_from_words(struct sdg_str text)
{
	struct role_words words;
	enum sdg_role role;
	size_t at, taken;

	role_split(text, &words);
	for (size_t i = 0; i + 1 < words.n; i++)
		if (strcmp(words.word[i], "prefer") == 0 &&
		    strcmp(words.word[i + 1], "not") == 0)
			return SDG_ROLE_UNKNOWN;
	role = role_first(&words, 0, &at, &taken);
	/* "Other", "Other (please specify)" */
	if (role == SDG_ROLE_UNKNOWN && words.n > 0 &&
	    strcmp(words.word[0], "other") == 0)
		return SDG_ROLE_OTHER;
	return role;
}

/* ---------------------------------------------------------------- phases */

struct phase_word {
	const char *first, *rest;
	uint8_t phases;
};

/* By first word, then the longest rest first; 0: says nothing so. */
static const struct phase_word phase_words[] = {
	{ "alternative", "provision", SDG_PHASE_SPECIAL_AP },
	{ "ap", "", SDG_PHASE_SPECIAL_AP },
	{ "boarding", "", SDG_PHASE_INDEPENDENT },
	{ "comp", "", SDG_PHASE_SECONDARY },
	{ "comprehensive", "", SDG_PHASE_SECONDARY },
	{ "cynradd", "", SDG_PHASE_PRIMARY },
	{ "early", "years", SDG_PHASE_PRIMARY },
	{ "eyfs", "", SDG_PHASE_PRIMARY },
	{ "fe", "", SDG_PHASE_POST_16 },
	{ "first", "school", SDG_PHASE_PRIMARY },
	{ "further", "education", SDG_PHASE_POST_16 },
	{ "general", "further", SDG_PHASE_POST_16 },
	{ "grammar", "", SDG_PHASE_SECONDARY },
	{ "high", "school", SDG_PHASE_SECONDARY },
	{ "hospital", "", SDG_PHASE_SPECIAL_AP },
	{ "independent", "", SDG_PHASE_INDEPENDENT },
	{ "infant", "", SDG_PHASE_PRIMARY },
	{ "infants", "", SDG_PHASE_PRIMARY },
	{ "junior", "", SDG_PHASE_PRIMARY },
	{ "lower", "school", SDG_PHASE_PRIMARY },
	{ "mat", "", SDG_PHASE_TRUST },
	{ "middle", "deemed secondary", SDG_PHASE_SECONDARY },
	{ "middle", "deemed primary", SDG_PHASE_PRIMARY },
	{ "middle", "school", SDG_PHASE_PRIMARY | SDG_PHASE_SECONDARY },
	{ "mld", "", SDG_PHASE_SPECIAL_AP },
	{ "multi", "academy", SDG_PHASE_TRUST },
	{ "nursery", "", SDG_PHASE_PRIMARY },
	{ "pmld", "", SDG_PHASE_SPECIAL_AP },
	{ "prep", "", SDG_PHASE_INDEPENDENT },
	{ "preparatory", "", SDG_PHASE_INDEPENDENT },
	{ "primaries", "", SDG_PHASE_PRIMARY },
	{ "primary", "", SDG_PHASE_PRIMARY },
	{ "pru", "", SDG_PHASE_SPECIAL_AP },
	{ "public", "school", SDG_PHASE_INDEPENDENT },
	{ "pupil", "referral", SDG_PHASE_SPECIAL_AP },
	{ "secondaries", "", SDG_PHASE_SECONDARY },
	{ "secondary", "", SDG_PHASE_SECONDARY },
	{ "semh", "", SDG_PHASE_SPECIAL_AP },
	{ "sfc", "", SDG_PHASE_POST_16 },
	{ "sixth", "form college", SDG_PHASE_POST_16 },
	{ "sld", "", SDG_PHASE_SPECIAL_AP },
	{ "special", "educational", 0 },
	{ "special", "", SDG_PHASE_SPECIAL_AP },
	{ "studio", "school", SDG_PHASE_SECONDARY },
	{ "tertiary", "", SDG_PHASE_POST_16 },
	{ "trust", "", SDG_PHASE_TRUST },
	{ "upper", "school", SDG_PHASE_SECONDARY },
	{ "utc", "", SDG_PHASE_SECONDARY },
	{ "uwchradd", "", SDG_PHASE_SECONDARY },
};
#define PHASE_WORDS (sizeof(phase_words) / sizeof(phase_words[0]))

/* Ages "11", "18" as two words in a row (the hyphen parts them), or with a
 * "to" between. */
static uint8_t ages(const struct role_words *words, size_t i)
{
	unsigned long from, to;
	size_t last = i + 1;
	char *end;

	if (last < words->n && strcmp(words->word[last], "to") == 0)
		last++;
	if (last >= words->n)
		return 0;
	from = strtoul(words->word[i], &end, 10);
	if (*end || end == words->word[i])
		return 0;
	to = strtoul(words->word[last], &end, 10);
	if (*end || end == words->word[last] || from < 2 || to > 25 ||
	    to <= from)
		return 0;
	if (from <= 7 && to >= 16)
		return SDG_PHASE_ALL_THROUGH;
	if (from >= 16)
		return SDG_PHASE_POST_16;
	if (to <= 13 && from <= 8)
		return SDG_PHASE_PRIMARY;
	if (from >= 9 && to >= 13)
		return SDG_PHASE_SECONDARY;
	return 0;
}

/* Ages say nothing of a special or independent school. */
static uint8_t settle(uint8_t named, uint8_t aged)
{
	if (named & SDG_PHASE_SPECIAL_AP)
		return SDG_PHASE_SPECIAL_AP |
		       (named & (SDG_PHASE_TRUST | SDG_PHASE_INDEPENDENT));
	if (named & SDG_PHASE_ALL_THROUGH)
		return named & ~(SDG_PHASE_PRIMARY | SDG_PHASE_SECONDARY);
	if (named & ~(unsigned)SDG_PHASE_TRUST)
		return named;
	return named | aged;
}

/* The first row not before @word. */
static size_t first_phase(const char *word)
{
	size_t low = 0, n = PHASE_WORDS;

	while (n > 0) {
		size_t half = n / 2;

		if (strcmp(phase_words[low + half].first, word) < 0) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

uint8_t role_phases(const struct role_words *words)
{
	uint8_t named = 0, aged = 0;

	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->word[i];

		aged |= ages(words, i);
		if ((strcmp(word, "all") == 0 || strcmp(word, "post") == 0) &&
		    i + 1 < words->n) {
			if (strcmp(words->word[i + 1], "through") == 0)
				named |= SDG_PHASE_ALL_THROUGH;
			if (strcmp(words->word[i + 1], "16") == 0)
				named |= SDG_PHASE_POST_16;
			continue;
		}
		/* "Hilltop High" */
		if (i > 0 && strcmp(word, "high") == 0 &&
		    words->word[i - 1][0] != '|' &&
		    (i + 1 == words->n || words->word[i + 1][0] == '|'))
			named |= SDG_PHASE_SECONDARY;
		for (size_t k = first_phase(word); k < PHASE_WORDS; k++) {
			if (strcmp(phase_words[k].first, word) != 0)
				break;
			if (follows(words, i, phase_words[k].rest) >= 0) {
				named |= phase_words[k].phases;
				break;
			}
		}
	}
	return settle(named, aged);
}

/* What is a kind of school where a form asked for one, and a word elsewhere;
 * key stages are of a school on a form, of a post in a signature. */
static uint8_t phases_of_form(const struct role_words *words)
{
	static const struct phase_word alone[] = {
		{ "first", "", SDG_PHASE_PRIMARY },
		{ "high", "", SDG_PHASE_SECONDARY },
		{ "lower", "", SDG_PHASE_PRIMARY },
		{ "middle", "", SDG_PHASE_PRIMARY | SDG_PHASE_SECONDARY },
		{ "upper", "", SDG_PHASE_SECONDARY },
	};
	uint8_t phases = 0;

	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
		if (words->n == 1 &&
		    strcmp(words->word[0], alone[i].first) == 0)
			return alone[i].phases;
	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->word[i];

		if (word[0] != 'k' || word[1] != 's' || word[2] < '1' ||
		    word[2] > '5' || word[3])
			continue;
		phases |= word[2] < '3'   ? SDG_PHASE_PRIMARY
			  : word[2] < '5' ? SDG_PHASE_SECONDARY
					  : SDG_PHASE_POST_16;
	}
	return phases;
}

uint8_t sdg_phases_from_words(struct sdg_str text)
{
	struct role_words words;
	uint8_t phases;

	role_split(text, &words);
	phases = role_phases(&words);
	return phases ? phases : phases_of_form(&words);
}
