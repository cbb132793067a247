/*
 * faults_memory: are these bytes in a process's memory?
 *
 *	faults_memory PID FILE
 *
 * Leaves with 0 when all of FILE is somewhere in what PID may write to, with
 * 1 when it is nowhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

#define STEP (1 << 20)

static unsigned char wanted[4096], memory[STEP + sizeof(wanted)];

/* In one stretch, step by step, each with the end of the one before. */
static bool holds(FILE *mem, unsigned long begin, unsigned long end, size_t len)
{
	size_t kept = 0;

	if (fseeko(mem, (off_t)begin, SEEK_SET) != 0)
		return false;
	for (unsigned long at = begin; at < end; at += STEP) {
		size_t n = end - at < STEP ? end - at : STEP;

		n = fread(memory + kept, 1, n, mem);
		if (n == 0)
			return false;
		if (memmem(memory, kept + n, wanted, len))
			return true;
		n += kept;
		kept = n < len ? n : len - 1;
		memmove(memory, memory + n - kept, kept);
	}
	return false;
}

int main(int argc, char *argv[])
{
	char path[64], line[512], mode[8];
	unsigned long begin, end;
	FILE *maps, *mem, *file;
	size_t len;

	if (argc != 3)
		die("usage: faults_memory PID FILE");
	file = fopen(argv[2], "re");
	len = file ? fread(wanted, 1, sizeof(wanted), file) : 0;
	if (len == 0)
		die("cannot read %s", argv[2]);
	snprintf(path, sizeof(path), "/proc/%.20s/maps", argv[1]);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%.20s/mem", argv[1]);
	mem = fopen(path, "re");
	if (!maps || !mem)
		die("cannot look into %s", argv[1]);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, mode) == 3 &&
		    mode[1] == 'w' && holds(mem, begin, end, len))
			return 0;
	return 1;
}
