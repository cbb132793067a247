/* fuzz: what libFuzzer, or standalone_driver.c, calls. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* libFuzzer calls it once before all else, if the target has it. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
