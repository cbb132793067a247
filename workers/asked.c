/*
 * asked: commands, and of each the options, that another desk may use. None
 * of them names a file, since the files are this machine's. "=" behind an
 * option: it has a value.
 */
#include "asked.h"

#include <stdio.h>
#include <string.h>

#define FILTERS                                                                \
	" since= until= region= theme= source= stance= role= phase= "          \
	"consultation= format= help no-color "

enum rest {
	NOTHING,
	IDS,  /* of pieces */
	VERB, /* a word, and what it takes */
};

struct command {
	const char *name;
	bool words;   /* shows what members wrote, or changes what counts */
	bool officer; /* alone */
	enum rest rest;
	const char *options; /* of both roles */
	const char *more;    /* of officers */
};

/* Under the policy of its role "report" sees plain tables: what compares,
 * shares or looks back would tell what they hide. */
static const struct command COMMANDS[] = {
	{ "status", false, false, NOTHING, " format= help sentence ", "" },
	{ "report", false, false, NOTHING,
	  FILTERS "by= measure= long sort= top= ", " share= compare= as-of= " },
	{ "trend", false, false, NOTHING, FILTERS "of= by= measure= ", "" },
	{ "publish", false, false, NOTHING,
	  FILTERS "title= coarse= preview carry-forward page ",
	  " policy= threshold= round= audience= " },
	{ "theme", false, false, VERB, " format= help no-color ", "" },
	{ "frame", false, false, VERB, " format= help no-color ", "" },
	{ "ledger", false, true, NOTHING, FILTERS, "" },
	{ "choices", false, true, NOTHING, FILTERS "by= grep= ", "" },
	{ "releases", false, true, VERB, " format= help ", "" },
	{ "messages", true, true, NOTHING,
	  FILTERS "grep= kind= needs-a-person limit= ", "" },
	{ "show", true, true, IDS, " format= help no-color ", "" },
	{ "explain", true, true, IDS, " format= help no-color ", "" },
	{ "quotes", true, true, VERB, FILTERS "limit= exact consent-obtained ",
	  "" },
	{ "campaigns", true, true, NOTHING, FILTERS "least= personal ", "" },
	{ "emerging", true, true, NOTHING, FILTERS "top= least= ", "" },
	{ "review", true, true, NOTHING, FILTERS "all limit= list ids ", "" },
	{ "correct", true, true, IDS,
	  " themes= region= stance= kind= role= dry-run help ", "" },
	{ "decision", true, true, VERB,
	  " theme= region= consultation= format= help ", "" },
	{ NULL, false, false, NOTHING, NULL, NULL },
};

static const struct command *find_command(const char *name)
{
	const struct command *c = COMMANDS;

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	return c->name ? c : NULL;
}

enum takes { UNKNOWN, FLAG, VALUE };

/* How @word, written out in full ("--by" or "--by=…"), stands in @list. */
static enum takes look_up(const char *list, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *at = list;

	if (len < 3 || strncmp(word, "--", 2) != 0)
		return UNKNOWN;
	word += 2;
	len -= 2;
	while (*(at += strspn(at, " "))) {
		size_t n = strcspn(at, " =");

		if (n == len && strncmp(at, word, n) == 0)
			return at[n] == '=' ? VALUE : FLAG;
		at += strcspn(at, " ");
	}
	return UNKNOWN;
}

static enum takes option(const struct command *command, bool officer,
			 const char *word)
{
	enum takes takes = look_up(command->options, word);

	return takes == UNKNOWN && officer ? look_up(command->more, word)
					   : takes;
}

static bool is_id(const char *word)
{
	return *word && *word != '-' &&
	       strspn(word, "0123456789abcdef-") == strlen(word);
}

/* Of these commands one verb alone: the others change what counts. */
static bool is_verb(const char *name, const char *word)
{
	if (strcmp(name, "theme") == 0)
		return strcmp(word, "list") == 0;
	if (strcmp(name, "frame") == 0)
		return strcmp(word, "versions") == 0;
	return true;
}

static bool may_stand(const struct command *command, const char *word)
{
	switch (command->rest) {
	case NOTHING:
		break;
	case IDS:
		return is_id(word);
	case VERB: /* an option that is not on the list is none either */
		return word[0] != '-' && is_verb(command->name, word);
	}
	return false;
}

const char *asked_refusal(const struct sdg_client *client,
			  const struct sdg_question *q, int64_t now)
{
	const struct command *command;
	bool officer;

	if (!client || !sdg_client_is_good(client, now))
		return "the key is not authorized here";
	if (client->role != SDG_CLIENT_REPORT &&
	    client->role != SDG_CLIENT_OFFICER)
		return "this key may send, not ask";
	officer = client->role == SDG_CLIENT_OFFICER;
	command = q->word_count ? find_command(q->words[0]) : NULL;
	if (!command)
		return "this cannot be asked from elsewhere";
	if (command->officer && !officer)
		return command->words
			   ? "members' words are for the role officer"
			   : "this is for the role officer";
	for (size_t i = 1; i < q->word_count; i++) {
		enum takes takes = option(command, officer, q->words[i]);

		if (takes == UNKNOWN && may_stand(command, q->words[i]))
			continue;
		if (takes == UNKNOWN)
			return "an option of it cannot be used from elsewhere, "
			       "or not by this key's role";
		if (takes == VALUE && !strchr(q->words[i], '='))
			i++; /* its value, whatever it looks like */
	}
	return NULL;
}

bool asked_words(const struct sdg_question *q)
{
	return find_command(q->words[0])->words;
}

size_t asked_next(const struct sdg_question *q, size_t at, char **out,
		  bool *made)
{
	const struct command *command = find_command(q->words[0]);
	const char *word = q->words[at];

	*out = q->words[at];
	*made = false;
	if (at == 0 || option(command, true, word) != VALUE ||
	    strchr(word, '='))
		return 1;
	if (asprintf(out, "%s=%s", word,
		     at + 1 < q->word_count ? q->words[at + 1] : "") < 0)
		return 0;
	*made = true;
	return 2;
}
