/* transfer: what export writes and import takes beside the store. */
#ifndef CLI_TRANSFER_H
#define CLI_TRANSFER_H

#include "cli.h"

#define TRANSFER_FILE_MAX (64u << 20)

/** transfer_is_key, _is_file - does this name travel, in the folder of keys,
 *  in the home? Folders are taken whole (transfer_any) */
bool transfer_is_key(const char *name);
bool transfer_is_file(const char *name);
bool transfer_any(const char *name);

#endif
