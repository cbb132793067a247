/*
 * pieces: how one stored piece of feedback is put on paper.
 */
#ifndef CLI_PIECES_H
#define CLI_PIECES_H

#include "cli.h"

/** piece_themes - "funding, other", ids; the caller frees it */
char *piece_themes(struct sdg_store *store, const struct sdg_labels *labels);
/** piece_phases - "primary, trust" or "unknown"; the caller frees it */
char *piece_phases(uint8_t phases);
/** piece_flags - "casework, attachment" or ""; the caller frees it */
char *piece_flags(uint32_t flags);
/** piece_json - all that is kept of it, for show and messages */
json_t *piece_json(struct sdg_store *store, const struct dim_names *names,
		   const struct sdg_stored *stored);
/** piece_consultation - its id */
const char *piece_consultation(const struct dim_names *names,
			       const struct sdg_stored *stored);

#endif
