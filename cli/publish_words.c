/*
 * publish_words: what a publication says in words: approved quotes, and what
 * was decided.
 */
#include "publish.h"

#include "decisions.h"
#include "quotes.h"

#include <string.h>

struct asking {
	struct sdg_store *store;
	const struct sdg_home *home;
	const struct sdg_filter *filter;
	const struct sdg_classifier *classifier; /* for the themes' names */
	struct publication *p;
	struct sdg_error *err;
};

const char *publication_theme(const struct sdg_classifier *classifier,
			      const char *id)
{
	size_t n = sdg_classifier_theme_count(classifier);

	for (size_t i = 0; i < n; i++)
		if (strcmp(sdg_classifier_theme_id(classifier, i), id) == 0)
			return sdg_classifier_theme_name(classifier, i);
	return id;
}

/* The number of the consultation asked for; 0: of all. */
static int find_consultation(const struct asking *a, uint16_t *number)
{
	struct sdg_consultation c = { 0 };
	const char *id = a->filter->consultation;
	int rc = id ? sdg_consultation_get(a->store, id, &c, a->err) : 0;

	*number = c.number;
	return rc;
}

static void put_quote(const struct asking *a, const struct quote *quote,
		      const char *theme)
{
	struct publication *p = a->p;

	p->quotes[p->quote_count++] = (struct pub_quote){
		.id = xstrdup(quote->id),
		.text = xstrdup(quote->redacted),
		.theme = xstrdup(publication_theme(a->classifier, theme)),
		.theme_id = xstrdup(theme),
		.region = xstrdup(sdg_region_name(quote->region)),
		.region_bit = UINT32_C(1) << quote->region,
	};
}

/* Approved quotes whose message the question takes. Where their cell is too
 * small to be shown they go again: a quote would say who raised it. */
static int add_quotes(const struct asking *a)
{
	struct publication *p = a->p;
	json_t *approved = NULL, *theme;
	uint16_t consultation;
	const char *id;
	int rc = find_consultation(a, &consultation);

	if (rc == 0)
		rc = quotes_approved(a->home, &approved, a->err);
	if (rc < 0)
		return rc;
	p->quotes = xcalloc(json_object_size(approved) + 1, sizeof(*p->quotes));
	json_object_foreach(approved, id, theme)
	{
		struct quote quote;

		rc = quotes_get(a->store, id, &quote, a->err);
		if (rc == SDG_ENOTFOUND) { /* erased since */
			rc = 0;
			continue;
		}
		if (rc < 0)
			break;
		if (json_is_string(theme) &&
		    quote_takes(&quote, a->filter, consultation))
			put_quote(a, &quote, json_string_value(theme));
		quote_fini(&quote);
	}
	json_decref(approved);
	return rc;
}

static const char *member_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

static int add_decisions(const struct asking *a)
{
	const char *wanted = a->filter->consultation;
	struct publication *p = a->p;
	json_t *decisions, *line;
	size_t i;
	int rc = decisions_read(a->home, &decisions, a->err);

	if (rc < 0)
		return rc;
	p->decisions =
	    xcalloc(json_array_size(decisions) + 1, sizeof(*p->decisions));
	json_array_foreach(decisions, i, line)
	{
		const char *consultation = member_of(line, "consultation");
		const char *theme = member_of(line, "theme");
		const char *region = member_of(line, "region");
		int number = sdg_region_from_id(sdg_str(region));

		if (wanted && *consultation &&
		    strcmp(wanted, consultation) != 0)
			continue;
		p->decisions[p->decision_count++] = (struct pub_decision){
			.theme = xstrdup(
			    *theme ? publication_theme(a->classifier, theme)
				   : "All themes"),
			.region =
			    xstrdup(number > 0 ? sdg_region_name(number) : ""),
			.text = xstrdup(member_of(line, "text")),
			.date = xformat("%.10s", member_of(line, "at")),
		};
	}
	json_decref(decisions);
	return 0;
}

int publication_add_words(struct publication *p, struct sdg_store *store,
			  const struct sdg_home *home,
			  const struct sdg_filter *filter,
			  const struct sdg_classifier *classifier,
			  struct sdg_error *err)
{
	const struct asking a = { .store = store,
				  .home = home,
				  .filter = filter,
				  .classifier = classifier,
				  .p = p,
				  .err = err };
	int rc = add_quotes(&a);

	return rc < 0 ? rc : add_decisions(&a);
}
