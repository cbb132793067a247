/*
 * mail_look: what a single line looks like, for finding signatures.
 *
 * Each look is weak alone; mail_sign.c adds them up. Words are those of
 * British schools, colleges and trusts, and of the mail programs they use.
 */
#include <string.h>

#include "mail.h"

static const char *const jobs[] = { "head",
				    "headteacher",
				    "headmaster",
				    "headmistress",
				    "principal",
				    "deputy",
				    "assistant head",
				    "aht",
				    "dht",
				    "executive",
				    "ceo",
				    "director",
				    "manager",
				    "bursar",
				    "sbm",
				    "senco",
				    "sendco",
				    "coordinator",
				    "co-ordinator",
				    "leader",
				    "lead",
				    "chair",
				    "governor",
				    "secretary",
				    "teacher",
				    "officer",
				    "administrator",
				    "assistant",
				    "pa to",
				    "pa",
				    "provost",
				    "dean",
				    "pennaeth",
				    "dirprwy",
				    "prifathro",
				    "prifathrawes",
				    "depute",
				    "rector",
				    "slt",
				    "dsl",
				    "trustee",
				    "adviser",
				    "advisor",
				    "consultant",
				    "president",
				    "treasurer",
				    "chief",
				    "vice-principal",
				    "vice principal",
				    "headship",
				    "retired",
				    "professor",
				    "lecturer",
				    "chaplain",
				    "registrar",
				    "receptionist",
				    "reception",
				    "subject leader",
				    "clerk",
				    "engineer",
				    "dpo",
				    "hr",
				    "head's pa",
				    "cfo",
				    "coo",
				    "member",
				    "partner",
				    NULL };

static const char *const workplaces[] = {
	"school",      "schools",    "academy",    "academies",
	"college",     "trust",      "federation", "council",
	"mat",         "ysgol",      "coleg",      "alliance",
	"partnership", "university", "campus",     "centre",
	"association", "branch",     "sixth form", "nursery",
	"primary",     "secondary",  "high",       "grammar",
	"infant",      "junior",     "pru",        "education",
	"department",  "ltd",        "limited",    "group",
	"cyngor",      "authority",  "diocese",    "teaching school",
	"learning",    NULL
};

static const char *const streets[] = {
	"road",    "street", "lane",   "avenue", "drive",  "crescent", "rd",
	"gardens", "close",  "square", "heol",   "ffordd", "terrace",  "way",
	"place",   "house",  "stryd",  "hill",   NULL
};

static const char *const letters[] = {
	"ba",   "bsc",   "ma",  "msc",  "med",  "npqh", "phd", "frsa", "bed",
	"obe",  "mbe",   "cbe", "pgce", "hons", "fcct", "nle", "lle",  "sle",
	"ed.d", "mphil", "mba", "fcca", "acca", "aca",  "jp",  NULL
};

/* Words sentences are made with and signatures are not. */
static const char *const verbs[] = {
	"i",     "i'm",    "i've",  "i'd",   "i'll",   "we",      "we're",
	"we've", "you",    "your",  "is",    "are",    "was",     "were",
	"have",  "has",    "had",   "will",  "would",  "should",  "can",
	"could", "do",     "does",  "don't", "didn't", "doesn't", "it's",
	"it",    "please", "my",    "me",    "us",     "be",      "been",
	"this",  "that",   "they",  "them",  "he",     "she",     "not",
	"isn't", "can't",  "if",    "what",  "when",   "there",   "their",
	"know",  "see",    "think", "want",  "need",   "because", "but",
	"by",    "as",     "from",  "about", "only",   "just",    "no",
	NULL
};

static const char *const closings[] = { "kind regards",
					"kindest regards",
					"best regards",
					"warm regards",
					"warmest regards",
					"regards",
					"with regards",
					"with kind",
					"with best",
					"with warm",
					"with every good",
					"with all good",
					"with thanks",
					"with many thanks",
					"with good",
					"with sincere",
					"best wishes",
					"very best wishes",
					"all good wishes",
					"good wishes",
					"all the best",
					"all best",
					"all best wishes",
					"best",
					"many thanks",
					"thanks",
					"thank you",
					"thankyou",
					"thx",
					"ta",
					"cheers",
					"yours sincerely",
					"yours faithfully",
					"yours truly",
					"yours",
					"yours ever",
					"yours etc",
					"yours in",
					"sincerely",
					"faithfully",
					"respectfully",
					"diolch",
					"diolch yn fawr",
					"cofion",
					"cofion gorau",
					"cofion cynnes",
					"dymuniadau gorau",
					"yn gywir",
					"yr eiddoch",
					"gyda diolch",
					"gyda dymuniadau",
					"hwyl",
					"warmly",
					"take care",
					"bw",
					"kr",
					"rgds",
					"bfn",
					"love",
					"fraternally",
					"in solidarity",
					"warm wishes",
					"warmest wishes",
					"kindest wishes",
					"slainte",
					"le meas",
					"very best",
					"speak soon",
					"in haste",
					NULL };

static struct sdg_str head_of(struct sdg_str line)
{
	static const char ends[] = ",|(/";
	size_t i = 0;

	while (i < line.len && !strchr(ends, line.s[i]))
		i++;
	return mail_trim(mail_sub(line, 0, i));
}

static bool is_upper(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || c >= 0xc3;
}

static bool name_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'' ||
	       c == '-' || c == '.' || c >= 0x80;
}

static bool name_token(struct sdg_str token)
{
	static const char *const particles[] = { "de",    "van", "der", "le",
						 "la",    "von", "ap",  "ab",
						 "ferch", "al",  "bin", "di",
						 "du",    NULL };

	for (size_t i = 0; i < token.len; i++)
		if (!name_char((unsigned char)token.s[i]))
			return false;
	return is_upper((unsigned char)token.s[0]) ||
	       mail_any(token, particles, mail_is);
}

/* The length of the last word, if a full stop ends the line; else 0. */
static size_t token_ends(struct sdg_str line)
{
	size_t n = 0;

	if (!mail_ends(line, "."))
		return 0;
	while (n < line.len && line.s[line.len - 1 - n] != ' ')
		n++;
	return n;
}

static bool looks_like_name(struct sdg_str line)
{
	static const char *const not_names[] = {
		"thanks",  "thank",   "dear", "hello", "hi",     "yes", "no",
		"please",  "regards", "good", "the",   "an",     "why", "what",
		"how",     "and",     "but",  "so",    "not",    "all", "maths",
		"english", "more",    "less", "never", "always", NULL
	};
	struct sdg_str rest = head_of(line), token;
	size_t n = 0;

	if (rest.len == 0 || rest.len > 48)
		return false;
	while (mail_token(&rest, &token)) {
		if (++n > 6 || !name_token(token) ||
		    (n == 1 && mail_any(token, not_names, mail_is)))
			return false;
	}
	/* "Yes." is a sentence; "C. L." are initials. */
	return n > 0 && !(token_ends(line) > 2);
}

static bool has_phone(struct sdg_str line)
{
	static const char *const words[] = {
		"tel", "telephone", "phone", "ffon", "ffôn", "mobile", "mob",
		"fax", "ext",       "t",     "m",    "dd",   NULL
	};
	size_t run = 0, most = 0, all = 0;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.s[i];

		if (c >= '0' && c <= '9') {
			run++;
			all++;
			most = run > most ? run : most;
		} else if (c != ' ' && c != '(' && c != ')' && c != '-' &&
			   c != '+' && c != '.') {
			run = 0;
		}
	}
	if (most >= 9 && most <= 15)
		return true;
	return all >= 3 && mail_any(line, words, mail_starts) &&
	       mail_any(line, words, mail_has_word);
}

static bool alpha(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A full postcode in capitals: "CA11 4ZQ", "N1 9GU", "SW1A2AA" */
static bool has_postcode(struct sdg_str s)
{
	for (size_t i = 3; i + 1 < s.len; i++) {
		size_t b; /* of the inward half's digit */

		if (!digit(s.s[i - 1]) || !alpha(s.s[i]) || !alpha(s.s[i + 1]))
			continue;
		if (i + 2 < s.len && (alpha(s.s[i + 2]) || digit(s.s[i + 2])))
			continue;
		b = i - 1;
		if (b > 0 && s.s[b - 1] == ' ')
			b--;
		if (b >= 2 && alpha(s.s[b - 1]) && digit(s.s[b - 2]))
			b--;
		if (b >= 2 && digit(s.s[b - 1]) &&
		    (alpha(s.s[b - 2]) ||
		     (b >= 3 && digit(s.s[b - 2]) && alpha(s.s[b - 3]))))
			return true;
	}
	return false;
}

static bool has_web(struct sdg_str line)
{
	static const char *const words[] = { "www.",     "http:",    "https:",
					     ".sch.uk",  ".org.uk",  ".co.uk",
					     ".ac.uk",   ".gov.uk",  "twitter",
					     "facebook", "linkedin", NULL };

	return mail_any(line, words, mail_has) != NULL ||
	       (mail_has(line, "@") && mail_has(line, "."));
}

/* Bullets and numbers: a list, which a signature seldom is. */
static bool is_listed(struct sdg_str line)
{
	if (mail_starts(line, "- ") || mail_starts(line, "* ") ||
	    mail_starts(line, "• ") || mail_starts(line, "· "))
		return true;
	return line.len > 2 && digit(line.s[0]) &&
	       (line.s[1] == '.' || line.s[1] == ')') && line.s[2] == ' ';
}

static bool is_prose(struct sdg_str line, size_t words)
{
	char last = line.len ? line.s[line.len - 1] : ' ';
	struct sdg_str rest = line, token;
	size_t n = 0;

	while (mail_token(&rest, &token)) {
		while (token.len &&
		       strchr(".,;:!?\"()", token.s[token.len - 1]))
			token.len--;
		while (token.len && strchr("\"(", token.s[0]))
			token = mail_sub(token, 1, token.len);
		n += mail_any(token, verbs, mail_is) != NULL;
	}
	if (last == '?' || last == '!')
		return true;
	if (last == '.' && words >= 4 && !mail_ends(line, "ltd.") &&
	    !mail_ends(line, "hons."))
		return true;
	return (words >= 3 && n >= 2) || (words >= 8 && n >= 1) || words > 16;
}

static bool is_closing(struct sdg_str line, size_t words)
{
	const char *found;

	while (line.len && strchr(",.!-–", line.s[line.len - 1]))
		line.len--;
	found = mail_any(line, closings, mail_starts);
	if (!found)
		return false;
	for (const char *const *word = closings; *word; word++)
		if (mail_is(line, *word))
			return true;
	if (mail_starts(line, "with "))
		return words <= 14;
	/* "Many thanks for listening", "Thanks again"; not "Best of luck to
	 * the coordinator" */
	if (words <= 7 &&
	    (mail_starts(line, "thank") || mail_starts(line, "many thanks") ||
	     mail_starts(line, "diolch")))
		return true;
	return words <= 6 &&
	       (mail_ends(line, "regards") || mail_ends(line, "wishes") ||
		mail_ends(line, "sincerely") || mail_ends(line, "faithfully") ||
		mail_ends(line, "thanks") || mail_ends(line, "best"));
}

static bool is_postscript(struct sdg_str line)
{
	static const char *const words[] = {
		"ps ",   "ps:", "ps.",  "p.s.",        "p.s ",       "pps",
		"p.p.s", "ps-", "nb ",  "nb:",         "n.b.",       "ôn ",
		"on:",   "ps,", "ps -", "post script", "postscript", NULL
	};

	return mail_any(line, words, mail_starts) != NULL;
}

static bool has_any_word(struct sdg_str line, const struct mail_index *index,
			 const char *const *words)
{
	for (; *words; words++)
		if (mail_index_may_have(index, *words) &&
		    mail_has_word(line, *words))
			return true;
	return false;
}

/* "Head of School, Gillingham SP8 9ZZ (Dorset not Kent)", "(Deputy Head,
 * data, cover, everything with a number in it)": words, but no sentence */
static bool is_address(struct sdg_str line, unsigned look)
{
	if (mail_ends(line, ".") || mail_ends(line, "?") ||
	    mail_ends(line, "!"))
		return false;
	if (mail_starts(line, "(") && mail_ends(line, ")"))
		return look & MAIL_LOOK_JOB;
	return look & MAIL_LOOK_POSTCODE &&
	       !mail_any(line,
			 (const char *const[]){ "i", "we", "you", "is", "are",
						"was", NULL },
			 mail_has_word);
}

unsigned mail_look(struct sdg_str line)
{
	struct mail_index index = { 0 };
	size_t words;
	unsigned look = 0;

	line = mail_trim(line);
	words = mail_words(line);
	/* Nobody's name and address is as long as that. */
	if (line.len > 400 || words > 32)
		return MAIL_LOOK_PROSE |
		       (is_postscript(line) ? MAIL_LOOK_POSTSCRIPT : 0) |
		       (is_listed(line) ? MAIL_LOOK_LIST : 0);
	mail_index_add(&index, line);
	if (is_closing(line, words))
		look |= MAIL_LOOK_CLOSING;
	if (is_postscript(line))
		look |= MAIL_LOOK_POSTSCRIPT;
	if (is_listed(line))
		look |= MAIL_LOOK_LIST;
	if (has_phone(line))
		look |= MAIL_LOOK_PHONE;
	if (has_postcode(line))
		look |= MAIL_LOOK_POSTCODE;
	if (has_web(line))
		look |= MAIL_LOOK_WEB;
	if (has_any_word(line, &index, jobs))
		look |= MAIL_LOOK_JOB;
	if (has_any_word(line, &index, workplaces))
		look |= MAIL_LOOK_PLACE_OF_WORK;
	if (has_any_word(line, &index, streets))
		look |= MAIL_LOOK_STREET;
	if (has_any_word(line, &index, letters))
		look |= MAIL_LOOK_LETTERS;
	if (looks_like_name(line))
		look |= MAIL_LOOK_NAME;
	if (!(look & MAIL_LOOK_CLOSING) && is_prose(line, words) &&
	    !is_address(line, look))
		look |= MAIL_LOOK_PROSE;
	return look;
}

/* ------------------------------------------------------ the sender's name */

static bool same_part(struct sdg_str a, struct sdg_str b)
{
	char name[64];

	if (a.len != b.len || b.len >= sizeof(name))
		return false;
	memcpy(name, b.s, b.len);
	name[b.len] = '\0';
	return mail_is(a, name);
}

/* The next run of letters of a name: hyphens, dots and quotes part them,
 * an apostrophe does not. */
static bool name_part(struct sdg_str *s, struct sdg_str *part)
{
	size_t i = 0, from;

	while (i < s->len && strchr(" -.\"(),<>_\t", s->s[i]))
		i++;
	from = i;
	while (i < s->len && !strchr(" -.\"(),<>_\t", s->s[i]))
		i++;
	*part = mail_sub(*s, from, i);
	*s = mail_sub(*s, i, s->len);
	return part->len > 0;
}

/* "Kev" for Kevin, "Fola" for Folasade: three letters or more in front */
static bool short_for(struct sdg_str part, struct sdg_str name)
{
	return part.len >= 3 && part.len < name.len &&
	       same_part(part, mail_sub(name, 0, part.len));
}

static bool part_of_name(struct sdg_str part, struct sdg_str name)
{
	static const char *const titles[] = { "mr",  "mrs",  "ms",  "miss",
					      "dr",  "prof", "rev", "sir",
					      "the", NULL };
	struct sdg_str token;

	if (mail_any(part, titles, mail_is))
		return false;
	while (name_part(&name, &token))
		if ((part.len >= 2 && same_part(part, token)) ||
		    short_for(part, token))
			return true;
	return false;
}

/* "C. L.", "KW", "N": letters that begin the parts of the name, in order */
static bool initials_of(struct sdg_str line, struct sdg_str name)
{
	struct sdg_str token;
	size_t i = 0, n = 0;

	if (line.len > 8)
		return false;
	while (name_part(&name, &token)) {
		while (i < line.len && strchr(". -", line.s[i]))
			i++;
		if (i < line.len && alpha(line.s[i]) &&
		    line.s[i] == token.s[0]) {
			i++;
			n++;
		}
	}
	while (i < line.len && strchr(". -", line.s[i]))
		i++;
	return n > 0 && i == line.len;
}

bool mail_look_own_name(struct sdg_str line, struct sdg_str name,
			struct sdg_str address)
{
	struct sdg_str head = head_of(line), rest, part, local;
	ptrdiff_t at = mail_find(address, "@");
	size_t n = 0;

	local = at > 0 ? mail_sub(address, 0, (size_t)at)
		       : (struct sdg_str){ "", 0 };
	if (head.len == 0 || head.len > 60)
		return false;
	if (initials_of(head, name))
		return true;
	rest = head;
	while (name_part(&rest, &part) && n++ < 6) {
		char word[40];

		/* In lower case it must be alone: "cheers, jane is away" */
		if (!is_upper((unsigned char)part.s[0]) && part.len != head.len)
			continue;
		if (part_of_name(part, name))
			return true;
		if (part.len < 4 || part.len >= sizeof(word))
			continue;
		memcpy(word, part.s, part.len);
		word[part.len] = '\0';
		if (mail_has(local, word))
			return true;
	}
	return false;
}

bool mail_look_full_name(struct sdg_str line, struct sdg_str name)
{
	struct sdg_str part, first = { 0 }, last = { 0 };
	bool has_first = false, has_last = false;

	while (name_part(&name, &part)) {
		if (!first.len)
			first = part;
		last = part;
	}
	line = head_of(line);
	if (!first.len || last.s == first.s)
		return false;
	while (name_part(&line, &part)) {
		has_first |= same_part(part, first);
		has_last |= same_part(part, last);
	}
	return has_first && has_last;
}
