/*
 * fuzz_csv: any bytes as a CSV file or JSON lines, to events.
 *
 * Properties: no crash; every event that comes out can be encoded, or is
 * refused for its size; the tally accounts for every row.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Workbooks have a target of their own. */
	if (size >= 2 && memcmp(data, "PK", 2) == 0)
		return 0;
	fuzz_survey(data, size);
	return 0;
}
