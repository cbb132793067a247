/*
 * map: 64-bit keys to small numbers.
 */
#include "map.h"

#include <stdlib.h>

#include "cli.h"

uint64_t mix64(uint64_t x)
{
	/* splitmix64's finaliser. */
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static struct map_entry *slot(struct map_entry *entries, size_t cap,
			      uint64_t key)
{
	size_t i = mix64(key) & (cap - 1);

	while (entries[i].key && entries[i].key != key)
		i = (i + 1) & (cap - 1);
	return &entries[i];
}

static void grow(struct map *map)
{
	size_t cap = map->cap ? map->cap * 2 : 1024;
	struct map_entry *entries = xcalloc(cap, sizeof(*entries));

	for (size_t i = 0; i < map->cap; i++)
		if (map->entries[i].key)
			*slot(entries, cap, map->entries[i].key) =
			    map->entries[i];
	free(map->entries);
	map->entries = entries;
	map->cap = cap;
}

struct map_entry *map_at(struct map *map, uint64_t key)
{
	struct map_entry *entry;

	if (key == 0)
		key = 1;
	if (map->used * 3 >= map->cap * 2)
		grow(map);
	entry = slot(map->entries, map->cap, key);
	if (!entry->key) {
		entry->key = key;
		map->used++;
	}
	return entry;
}

struct map_entry *map_find(const struct map *map, uint64_t key)
{
	struct map_entry *entry;

	if (map->cap == 0)
		return NULL;
	entry = slot(map->entries, map->cap, key ? key : 1);
	return entry->key ? entry : NULL;
}

bool map_add(struct map *map, uint64_t key)
{
	struct map_entry *entry = map_at(map, key);

	return entry->a++ == 0;
}

void map_fini(struct map *map)
{
	free(map->entries);
	*map = (struct map){ 0 };
}
