/*
 * quotes: passages that show what a figure stands for, and which of them
 * may leave the house.
 *
 * A quote's id is its message's id and which sentence of it. Its words are
 * never kept apart from the message: when that is erased, they are gone.
 */
#ifndef CLI_QUOTES_H
#define CLI_QUOTES_H

#include "cli.h"

/* "54e3…-3": 32 digits, a hyphen, a number. */
#define QUOTE_ID_SIZE 48

struct quote {
	char id[QUOTE_ID_SIZE];
	char *redacted, *exact;
	int32_t day;
	uint32_t member;
	enum sdg_region region;
	enum sdg_source source;
	struct sdg_labels labels; /* of its message */
	uint16_t consultation;
	bool counted;    /* its message is, in the figures */
	bool consent;    /* the respondent agreed to be quoted */
	bool paraphrase; /* a representative's words, not the member's */
	char *theme;
	double score;
};

struct quote_list {
	struct quote *quotes;
	size_t count;
	size_t seen; /* messages that bear the theme */
	size_t read; /* of them, looked into: those whose label is surest */
};

/**
 * quotes_find - the passages richest in evidence for what @args filters
 * @theme: id; @limit: at most so many, never two from one person
 *
 * The caller frees @out with quotes_fini().
 */
int quotes_find(struct sdg_store *store, const struct sdg_filter *filter,
		const char *theme, size_t limit, struct quote_list *out,
		struct sdg_error *err);

/** quotes_get - one by its id; SDG_ENOTFOUND: no such message or sentence,
 *  or its words are erased */
int quotes_get(struct sdg_store *store, const char *id, struct quote *out,
	       struct sdg_error *err);
/** quote_takes - is its message among those that count and that @filter
 *  takes? @consultation: the number of the filter's, 0: of all */
bool quote_takes(const struct quote *quote, const struct sdg_filter *filter,
		 uint16_t consultation);
void quote_fini(struct quote *quote);
void quotes_fini(struct quote_list *list);

/**
 * quotes_approved - ids approved and not withdrawn, with their themes
 *
 * An object of id: theme. The caller frees it with json_decref().
 */
int quotes_approved(const struct sdg_home *home, json_t **out,
		    struct sdg_error *err);

#define QUOTES_JOURNAL "quotes.jsonl"

#endif
