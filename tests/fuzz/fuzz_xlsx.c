/*
 * fuzz_xlsx: any bytes as an Excel workbook, to events. The properties are
 * those of fuzz_csv.c. Seeds are stored, not deflated, so that a fuzzer's
 * changes reach the XML.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 4 && memcmp(data, "PK\3\4", 4) == 0)
		fuzz_survey(data, size);
	return 0;
}
