/*
 * corpus_remark: what is said of lines whose source is none of ours.
 */
#ifndef CORPUS_REMARK_H
#define CORPUS_REMARK_H

#include "corpus.h"

/** corpus_remark - what @piece was taken as, on stderr for the first such
 *  line alone; all are counted in *count */
void corpus_remark(const struct sdg_corpus *piece, size_t *count);

/** corpus_remarks_end - how many there were, where there were several */
void corpus_remarks_end(size_t count);

#endif
