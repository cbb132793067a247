/*
 * soundings compliance: the documents a data-protection officer asks for,
 * from what is set here: a record of processing, a retention schedule and
 * an appropriate policy document. A draft for the officer to decide on, not
 * advice.
 */
#include "cli.h"

#include <time.h>

#include <soundings/clients.h>
#include <soundings/config.h>

static const char HELP[] =
    "  soundings compliance > compliance.md\n"
    "\n"
    "Usage: soundings compliance [--output FILE]\n"
    "\n"
    "A record of processing (UK GDPR, Article 30), a retention schedule and\n"
    "an appropriate policy document (DPA 2018, Schedule 1, Part 4), as\n"
    "Markdown, from the settings of this installation. They are drafts: the\n"
    "association's data-protection officer decides.\n";

static const char *or_gap(const char *value)
{
	return *value ? value : "[to be filled in: soundings.yaml]";
}

/* "2 as rep, 1 as officer": whose keys are good today. */
static char *who_may(const struct sdg_home *home)
{
	struct sdg_clients *clients = NULL;
	size_t good[SDG_CLIENT_ROLES] = { 0 };
	char *list = xstrdup("");

	if (sdg_clients_open(home->keys, &clients, NULL) < 0)
		return list;
	for (size_t i = 0; i < sdg_clients_count(clients); i++) {
		const struct sdg_client *c = sdg_clients_at(clients, i);

		good[c->role] += sdg_client_is_good(c, time(NULL));
	}
	for (int role = 1; role < SDG_CLIENT_ROLES; role++) {
		char *more;

		if (good[role] == 0)
			continue;
		more = xformat("%s%s%zu as %s", list, *list ? ", " : "",
			       good[role], sdg_client_role_id(role));
		free(list);
		list = more;
	}
	sdg_clients_close(clients);
	return list;
}

static void write_access(FILE *to, const struct sdg_config *c,
			 const struct sdg_home *home)
{
	char *keys = who_may(home);

	fprintf(to,
		"| Access from elsewhere | %s%s; encrypted (CURVE), each key "
		"for one purpose, cut off when it is revoked |\n",
		*keys ? "keys: " : "nobody has a key", keys);
	fprintf(to,
		"| Who may read words from elsewhere | keys of the role "
		"officer alone, each reading noted (access.jsonl: who, when, "
		"which); the role report sees figures under %s |\n",
		c->network.report_policy);
	fprintf(to, "| Sent by mail | %s |\n\n",
		*c->warn.digest_command
		    ? "a weekly digest of figures under the same policy, "
		      "without words"
		    : "nothing");
	free(keys);
}

static void write_record(FILE *to, const struct sdg_config *c)
{
	fprintf(
	    to,
	    "## Record of processing\n\n"
	    "| What | |\n|---|---|\n"
	    "| Controller | %s |\n"
	    "| Contact for data protection | %s |\n"
	    "| Purpose | to know what members say about the association's "
	    "work, by region and theme, and to show it to its Council |\n"
	    "| Whose data | members, former members and regular contacts "
	    "who write to the association, speak to their Council "
	    "representative or answer its surveys |\n"
	    "| Which data | their words, subject and signature; a pseudonym "
	    "in place of their address; source, date, region, local "
	    "authority, role, phase, themes, stance, and on what words each "
	    "label rests |\n"
	    "| Special categories | membership of a union-like body is "
	    "implied by being here; words may reveal health or belief |\n"
	    "| Recipients | staff of the association with an account on the "
	    "machine; figures, under a disclosure policy, to Council and "
	    "the public |\n"
	    "| Transfers abroad | none: no outside service is used |\n"
	    "| Automated decisions | none: labels are for statistics; they "
	    "are not used about individuals |\n",
	    c->association.name, or_gap(c->association.contact));
}

static void write_schedule(FILE *to, const struct sdg_config *c)
{
	fprintf(to,
		"## Retention schedule\n\n"
		"| What | Kept for | What happens then |\n|---|---|---|\n"
		"| words, subjects, signatures | %d months from the end of the "
		"month of receipt | the month's key is destroyed: they cannot "
		"be read here or in any backup |\n"
		"| what could not be read (quarantine) | %d days | removed |\n"
		"| what no worker has taken yet (outbox) | until taken | "
		"reported after %d days |\n"
		"| labels and pseudonyms: whose a piece was | %d years from "
		"the end of the month, or until erased on request | what is "
		"left is the month's figures, with how many members and "
		"respondents were behind each, and an id that stops the piece "
		"from counting twice |\n"
		"| figures by month | no limit | they name nobody |\n"
		"| a store from before an upgrade | %d days | removed |\n"
		"| backups | the %d newest | the oldest is removed when one is "
		"made |\n"
		"| register of erasures | as long as a backup may be restored "
		"| holds no names and no words |\n\n",
		c->retention.text_months, c->retention.quarantine_days,
		c->retention.outbox_days, c->retention.person_years,
		c->retention.quarantine_days, c->backup.keep);
}

static void write_policy(FILE *to, const struct sdg_config *c)
{
	fprintf(
	    to,
	    "## Appropriate policy document\n\n"
	    "*Condition relied on:* [to be decided by the data-protection "
	    "officer; Article 9(2)(d), processing by a not-for-profit body "
	    "with a trade-union aim of its members' data, is the likely "
	    "one].\n\n"
	    "- *Lawfulness, fairness, transparency.* Members are told when "
	    "they write and in each survey what is done with what they "
	    "say.\n"
	    "- *Purpose limitation.* Figures by region and theme; nothing "
	    "is decided about a person.\n"
	    "- *Data minimisation.* No address is stored: a keyed hash "
	    "stands for it, under a key kept apart. Attachments are not "
	    "kept; an IP address in a survey export is dropped when it is "
	    "read.\n"
	    "- *Accuracy.* Every label can be explained and corrected; "
	    "every figure is recounted from its events each night.\n"
	    "- *Storage limitation.* The schedule above, carried out by a "
	    "timer; words go after %d months, the link to the person after %d "
	    "years.\n"
	    "- *Integrity and confidentiality.* Words are sealed (XChaCha20-"
	    "Poly1305) under a key of their month outside the store; "
	    "records carry a keyed check; whatever leaves this machine is "
	    "encrypted, and "
	    "only listed keys connect; logs hold no words, senders or "
	    "subjects.\n"
	    "- *Accountability.* This document is made from the settings "
	    "that are in force; %s answers for it.\n\n"
	    "*Rights.* Access: `soundings access ADDRESS`. Erasure: "
	    "`soundings forget ADDRESS`, which also says what is beyond "
	    "reach. Rectification: labels can be corrected by a person. "
	    "Each within one month of the request.\n",
	    c->retention.text_months, c->retention.person_years,
	    or_gap(c->association.contact));
}

int cmd_compliance(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_MD) };
	struct sdg_error err = { 0 };
	struct sdg_config config;
	struct cli_args args;
	struct sdg_home home;
	struct cli_text text;
	char date[DATE_SIZE];
	FILE *to;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (sdg_home_find(&home, &err) < 0 ||
	    sdg_config_load(&home, &config, &err) < 0)
		return cli_fail(&err);
	to = cli_text_open(&text);
	fprintf(to,
		"# Soundings: data protection\n\nAs set on %s. Drafts for the "
		"data-protection officer, not advice.\n\n",
		date_format(date_day_of(time(NULL)), date));
	write_record(to, &config);
	write_access(to, &config, &home);
	write_schedule(to, &config);
	write_policy(to, &config);
	return cli_text_emit(&text, &args);
}
