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
	if (text.s && len > 0)
		memcpy(reason.text, text.s + start, len);
	sdg_explain_add(why, &reason);
}

/* A signature, whose it is, and a title met in it. */
struct signing {
	const struct sdg_feedback *fb;
	struct role_words words;
	size_t at, taken; /* the title's words */
};

/* What parts the words around the title: from..to. */
static void segment_of(const struct signing *s, size_t *from, size_t *to)
{
	for (*from = s->at; *from > 0; --*from)
		if (s->words.word[*from - 1][0] == '|')
			break;
	for (*to = s->at + s->taken; *to < s->words.n; ++*to)
		if (s->words.word[*to][0] == '|')
			break;
}

static bool is_among(const char *word, const char *const list[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

/* "Sam Head", "Dr J Warden": titles that people are called by. */
static bool is_surname(const struct signing *s)
{
	static const char *const names[] = { "bursar",  "head",   "principal",
					     "provost", "rector", "warden" };
	static const char *const before[] = {
		"a",          "academic",  "academy",       "acting",
		"also",       "an",        "and",           "assistant",
		"associate",  "boys",      "british",       "campus",
		"centre",     "church",    "cluster",       "college",
		"community",  "current",   "day",           "department",
		"deputising", "designate", "faculty",       "federation",
		"first",      "founder",   "founding",      "full",
		"girls",      "grammar",   "high",          "infant",
		"infants",    "interim",   "international", "joint",
		"junior",     "lead",      "lifelong",      "lower",
		"mat",        "middle",    "new",           "nursery",
		"our",        "overall",   "pastoral",      "prep",
		"primary",    "proud",     "pru",           "regards",
		"rural",      "school",    "secondary",     "senior",
		"sincerely",  "site",      "sole",          "special",
		"studio",     "subject",   "substantive",   "teaching",
		"temporary",  "the",       "trust",         "upper",
		"utc",        "village",   "wishes",        "year",
		"your",
	};
	const struct role_words *words = &s->words;
	struct sdg_str name = s->fb->respondent.name;
	size_t from, to;

	segment_of(s, &from, &to);
	if (s->taken != 1 || to != s->at + 1 || from == s->at ||
	    !is_among(words->word[s->at], names,
		      sizeof(names) / sizeof(names[0])))
		return false;
	if (name.len > 0) {
		struct role_words called;

		role_split(name, &called);
		if (called.n > 1 &&
		    strcmp(called.word[called.n - 1], words->word[s->at]) == 0)
			return true;
	}
	/* "Jo - Head" is no name; of the rarer ones "Domestic Bursar" is none
	 */
	return s->at == from + 1 &&
	       words->end[from] + 1 == words->start[s->at] &&
	       (strcmp(words->word[s->at], "head") == 0 ||
		strcmp(words->word[s->at], "principal") == 0) &&
	       s->fb->signature.s[words->start[from]] < 'a' &&
	       !is_among(words->word[from], before,
			 sizeof(before) / sizeof(before[0]));
}

static bool holds_word(struct sdg_str s, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= s.len; i++) {
		size_t k = 0;

		while (k < len && (s.s[i + k] | 0x20) == word[k])
			k++;
		if (k == len)
			return true;
	}
	return false;
}

/* "Mrs A Body", "Ann Body": not "Curriculum", not "Hilltop School" */
static bool is_person(const struct role_words *words, size_t from)
{
	static const char *const schools[] = { "academy", "college", "key",
					       "phase",   "school",  "stage",
					       "year" };
	size_t k = from;

	for (; k < words->n && words->word[k][0] != '|'; k++)
		if (words->word[k][0] < 'a' ||
		    is_among(words->word[k], schools,
			     sizeof(schools) / sizeof(schools[0])))
			return false;
	return k > from + 1 && k < from + 5;
}

/* "Headteacher: Mrs A Body" above the name of somebody else: the school's
 * letterhead, unless sender and name agree. */
static bool is_letterhead(const struct signing *s, enum sdg_role role)
{
	static const char *const titles[] = { "miss", "mrs", "prof" };
	const struct sdg_respondent *who = &s->fb->respondent;
	const struct role_words *words = &s->words;
	size_t from, to, len;
	struct sdg_str local = who->address;
	const char *at;
	bool named = false;

	segment_of(s, &from, &to);
	if (to == words->n || s->fb->signature.s[words->start[to]] != ':' ||
	    who->name.len == 0 || !is_person(words, to + 1) ||
	    (role != SDG_ROLE_HEAD && role != SDG_ROLE_GOVERNOR &&
	     role != SDG_ROLE_TRUST_LEADER))
		return false;
	at = local.len ? memchr(local.s, '@', local.len) : NULL;
	local.len = at ? (size_t)(at - local.s) : 0;
	for (size_t k = to + 1; k < words->n && words->word[k][0] != '|'; k++) {
		len = strlen(words->word[k]);
		if (len < 3 || is_among(words->word[k], titles,
					sizeof(titles) / sizeof(titles[0])))
			continue;
		named = true;
		if (holds_word(who->name, words->word[k]) ||
		    holds_word(local, words->word[k]))
			return false;
	}
	return named;
}

/* The first title that is the writer's own. */
static enum sdg_role own_title(struct signing *s)
{
	enum sdg_role role;
	size_t from = 0;

	for (;;) {
		role = role_first(&s->words, from, &s->at, &s->taken);
		if (role == SDG_ROLE_UNKNOWN ||
		    !(is_surname(s) || is_letterhead(s, role)))
			return role;
		from = s->at + s->taken;
	}
}

static void role_of_signature(const struct sdg_feedback *fb,
			      struct sdg_labels *labels,
			      struct sdg_explanation *why)
{
	struct sdg_str signature = fb->signature;
	struct signing signing = { .fb = fb };
	struct role_words *words = &signing.words;

	role_split(signature, words);
	if (labels->role == SDG_ROLE_UNKNOWN) {
		labels->role = own_title(&signing);
		if (labels->role != SDG_ROLE_UNKNOWN)
			explain(why, SDG_LABEL_ROLE, SDG_FIELD_SIGNATURE,
				signature, words->start[signing.at],
				words->end[signing.at + signing.taken - 1],
				"signature title");
	}
	if (labels->phases == 0) {
		labels->phases = role_phases(words);
		if (labels->phases)
			explain(why, SDG_LABEL_PHASE, SDG_FIELD_SIGNATURE,
				signature, 0, signature.len,
				"signature school");
	}
}

/* "I'm a deputy head at …", "as a head …", "Headteacher in Newham": of the
 * first sentences, where people say who they are. */
static bool title_begins(const struct region_token *tokens, size_t n, size_t i,
			 bool opens, bool note)
{
	size_t k = i;

	if (!(tokens[i].cues & CUE_ROLE) || tokens[i].cues & CUE_ROLES)
		return false;
	if (i + 1 < n && tokens[i].flags & TOKEN_OWNS)
		return false;
	while (k > 0 && tokens[k].gap <= GAP_LINE &&
	       tokens[k - 1].cues & (CUE_ARTICLE | CUE_MODIFIER | CUE_NOW))
		k--;
	/* Another says so; but "I am 'Head of School'", and a note quotes its
	 * member. */
	if (tokens[k ? k - 1 : 0].flags & TOKEN_QUOTED && !note)
		return false;
	if (k == 0) /* "A deputy told me", "Dear Bursar": of another */
		return opens &&
		       !(tokens[0].cues & (CUE_ARTICLE | CUE_MODIFIER));
	if (tokens[k - 1].cues & CUE_AS) /* "after six years as a deputy" */
		return k < 2 || !(tokens[k - 2].cues & CUE_SPELL);
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

			if (!title_begins(tokens, n, i, sentence < 2,
					  fb->source == SDG_SOURCE_REP))
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
		role_of_signature(fb, labels, why);
	if (labels->role == SDG_ROLE_UNKNOWN)
		role_of_text(fb, split, labels, why);
}
