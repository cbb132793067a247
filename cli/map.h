/*
 * map: 64-bit keys to small numbers, for counting words and people.
 *
 * Open addressing; key 0 is taken for another one, since 0 marks a free
 * place. Keys are hashes already.
 */
#ifndef CLI_MAP_H
#define CLI_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	uint64_t key; /* 0: free */
	uint32_t a, b;
};

struct map {
	struct map_entry *entries;
	size_t cap, used;
};

/** map_at - the entry of @key, made with zeroes where there is none */
struct map_entry *map_at(struct map *map, uint64_t key);
/** map_find - or NULL */
struct map_entry *map_find(const struct map *map, uint64_t key);
/** map_add - true when @key was not in yet */
bool map_add(struct map *map, uint64_t key);
void map_fini(struct map *map);

/** mix64 - a bijection that spreads every bit */
uint64_t mix64(uint64_t x);

#endif
