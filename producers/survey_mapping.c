/*
 * survey_mapping: what a person says of a survey's columns, on the command
 * line or in a YAML file that can be saved from a first guess, mended, and
 * used for every later export:
 *
 *   survey: members-2015
 *   dates: day-first
 *   columns:
 *   - column: "What is your role?"
 *     kind: role
 *
 * libcyaml is known to this file alone. Headings are not secret, so that
 * messages may name them; what people answered is, and never is.
 */
#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <soundings/home.h>

#include "survey.h"
#include "survey_text.h"

#define MAPPING_MAX (1 << 20)

struct rule {
	char *column;
	char *kind;
};

struct mapping {
	char *survey;
	char *dates;
	struct rule *columns;
	unsigned columns_count;
};

static const cyaml_schema_field_t rule_fields[] = {
	CYAML_FIELD_STRING_PTR("column", CYAML_FLAG_POINTER, struct rule,
			       column, 1, CYAML_UNLIMITED),
	CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct rule, kind, 1,
			       CYAML_UNLIMITED),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t rule_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct rule, rule_fields),
};

static const cyaml_schema_field_t mapping_fields[] = {
	CYAML_FIELD_STRING_PTR("survey",
			       CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct mapping, survey, 1, 100),
	CYAML_FIELD_STRING_PTR("dates",
			       CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct mapping, dates, 1, 20),
	CYAML_FIELD_SEQUENCE("columns", CYAML_FLAG_POINTER, struct mapping,
			     columns, &rule_schema, 0, TABLE_COLUMNS_MAX),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t mapping_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct mapping, mapping_fields),
};

static const cyaml_config_t config = {
	.log_fn = NULL, /* it would print on its own */
	.mem_fn = cyaml_mem,
	.log_level = CYAML_LOG_ERROR,
};

/* By label, by Qualtrics' name, by "#3", or by the question if it has but
 * one column. */
static struct column *find_column(struct survey *survey, const char *name)
{
	struct column *found = NULL;
	size_t questions = 0;
	char *clean = heading_clean(sdg_str(name)), *end;
	unsigned long n;

	if (!clean)
		return NULL;
	n = clean[0] == '#' ? strtoul(clean + 1, &end, 10) : 0;
	if (n > 0 && *end == '\0' && n <= survey->column_count)
		found = &survey->columns[n - 1];
	for (size_t i = 0; !found && i < survey->column_count; i++) {
		if (strcasecmp(survey->columns[i].label, clean) == 0 ||
		    (survey->columns[i].name &&
		     strcasecmp(survey->columns[i].name, clean) == 0))
			found = &survey->columns[i];
	}
	for (size_t i = 0; !found && i < survey->column_count; i++)
		questions +=
		    strcasecmp(survey->columns[i].question, clean) == 0;
	for (size_t i = 0; questions == 1 && i < survey->column_count; i++) {
		if (strcasecmp(survey->columns[i].question, clean) == 0)
			found = &survey->columns[i];
	}
	free(clean);
	return found;
}

static int apply(struct survey *survey, const char *name, const char *kind,
		 struct sdg_error *err)
{
	struct column *column = find_column(survey, name);
	int number = column_kind_from_id(kind);

	if (!column)
		return sdg_fail(err, SDG_EINVAL,
				"no column \"%.120s\" in the "
				"survey",
				name);
	if (number < 0)
		return sdg_fail(err, SDG_EINVAL,
				"column \"%.120s\": no kind \"%.40s\": it is "
				"one of text, choice, rating, region, role, "
				"phase, school, postcode, email, consent, "
				"respondent, started, completed, question, "
				"ignore",
				name, kind);
	column->kind = (enum column_kind)number;
	column->why = "given";
	return 0;
}

int survey_map(struct survey *survey, const char *rule, struct sdg_error *err)
{
	const char *equals = strrchr(rule, '=');
	char *name;
	int rc;

	if (!equals)
		return sdg_fail(err, SDG_EINVAL,
				"mapping \"%.120s\": not COLUMN=KIND", rule);
	name = strndup(rule, (size_t)(equals - rule));
	if (!name)
		return sdg_fail(err, SDG_ENOMEM, "map column: no memory");
	rc = apply(survey, name, equals + 1, err);
	free(name);
	return rc;
}

static int set_dates(struct survey *survey, const char *dates,
		     struct sdg_error *err)
{
	if (strcmp(dates, "day-first") == 0)
		survey->dates = DATES_DAY_FIRST;
	else if (strcmp(dates, "month-first") == 0)
		survey->dates = DATES_MONTH_FIRST;
	else
		return sdg_fail(err, SDG_EINVAL,
				"dates \"%.40s\": day-first or month-first",
				dates);
	survey->dates_given = true;
	return 0;
}

int survey_mapping_load(struct survey *survey, const char *path,
			struct sdg_error *err)
{
	struct mapping *mapping = NULL;
	char *text = NULL;
	size_t len;
	cyaml_err_t why;
	int rc;

	rc = sdg_read_file(path, MAPPING_MAX, &text, &len, err);
	if (rc < 0)
		return rc;
	why = cyaml_load_data((const uint8_t *)text, len, &config,
			      &mapping_schema, (cyaml_data_t **)&mapping, NULL);
	free(text);
	if (why != CYAML_OK)
		return sdg_fail(err, SDG_EINVAL, "mapping \"%s\": %s", path,
				cyaml_strerror(why));
	if (mapping->dates)
		rc = set_dates(survey, mapping->dates, err);
	for (unsigned i = 0; rc == 0 && i < mapping->columns_count; i++)
		rc = apply(survey, mapping->columns[i].column,
			   mapping->columns[i].kind, err);
	if (rc == 0 && mapping->survey && !survey->has_id) {
		snprintf(survey->id, sizeof(survey->id), "%s", mapping->survey);
		survey->has_id = true;
	}
	cyaml_free(&config, &mapping_schema, mapping, 0);
	return rc;
}

int survey_mapping_save(const struct survey *survey, const char *path,
			struct sdg_error *err)
{
	struct rule *rules = calloc(survey->column_count, sizeof(*rules));
	struct mapping mapping = { .columns = rules };
	char id[sizeof(survey->id)], dates[16];
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (!rules)
		return sdg_fail(err, SDG_ENOMEM, "save mapping: no memory");
	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];

		/* The tool's own stay recognised by themselves. */
		if (column->kind == COLUMN_STATUS ||
		    column->kind == COLUMN_FINISHED)
			continue;
		rules[mapping.columns_count].column = column->label;
		rules[mapping.columns_count++].kind =
		    (char *)(uintptr_t)column_kind_id(column->kind);
	}
	snprintf(id, sizeof(id), "%s", survey->id);
	snprintf(dates, sizeof(dates), "%s",
		 survey->dates == DATES_DAY_FIRST ? "day-first"
						  : "month-first");
	mapping.survey = survey->has_id ? id : NULL;
	mapping.dates = dates;
	if (cyaml_save_data(&text, &len, &config, &mapping_schema, &mapping,
			    0) != CYAML_OK)
		rc = sdg_fail(err, SDG_EIO, "save mapping \"%s\"", path);
	else
		rc = sdg_write_file(path, text, len, 0644, err);
	free(text);
	free(rules);
	return rc;
}
