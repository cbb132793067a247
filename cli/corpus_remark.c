/*
 * corpus_remark: lines of other people's files whose source is none of ours.
 * They are answered; a person is told once what they were taken as.
 */
#include "corpus_remark.h"

#include <err.h>

void corpus_remark(const struct sdg_corpus *piece, size_t *count)
{
	struct sdg_error error = { 0 };

	if (sdg_corpus_remark(piece, &error) && (*count)++ == 0)
		warnx("%s", error.message);
}

void corpus_remarks_end(size_t count)
{
	if (count > 1)
		warnx("%zu lines in all name a source that is none: each is "
		      "taken as the one whose fields it has",
		      count);
}
