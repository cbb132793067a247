/*
 * mail_pool: memory that lives as long as one message, and its limit.
 *
 * Parsing takes thousands of small pieces and gives none back before the
 * end, so they are cut from large blocks and dropped together. It refuses
 * to grow past its limit: a hostile message runs out of it, not the machine.
 */
#include <stdlib.h>
#include <string.h>

#include "mail.h"

#define BLOCK_SIZE (256u << 10)

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(16) unsigned char data[];
};

struct mail_pool {
	struct block *blocks; /* the first is the one being filled */
	size_t total;
	size_t max;
};

struct mail_pool *mail_pool_new(size_t max_bytes)
{
	struct mail_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		pool->max = max_bytes;
	return pool;
}

void mail_pool_reset(struct mail_pool *pool)
{
	struct block *keep = NULL;

	while (pool->blocks) {
		struct block *block = pool->blocks;

		pool->blocks = block->next;
		if (!keep && block->size == BLOCK_SIZE)
			keep = block;
		else
			free(block);
	}
	pool->total = 0;
	if (keep) {
		keep->next = NULL;
		keep->used = 0;
		pool->total = keep->size;
	}
	pool->blocks = keep;
}

void mail_pool_free(struct mail_pool *pool)
{
	if (!pool)
		return;
	mail_pool_reset(pool);
	free(pool->blocks);
	free(pool);
}

static struct block *add_block(struct mail_pool *pool, size_t need)
{
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
	struct block *block;

	if (size > pool->max - pool->total)
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->used = 0;
	pool->total += size;
	/* A block of its own for something large must not hide the rest of
	 * the one being filled. */
	if (need > BLOCK_SIZE && pool->blocks) {
		block->next = pool->blocks->next;
		pool->blocks->next = block;
	} else {
		block->next = pool->blocks;
		pool->blocks = block;
	}
	return block;
}

void *mail_pool_alloc(struct mail_pool *pool, size_t size)
{
	struct block *block = pool->blocks;
	void *p;

	if (size > pool->max)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!block || size > block->size - block->used)
		block = add_block(pool, size);
	if (!block)
		return NULL;
	p = block->data + block->used;
	block->used += size;
	memset(p, 0, size);
	return p;
}

struct sdg_str mail_pool_copy(struct mail_pool *pool, struct sdg_str s)
{
	char *p = s.len ? mail_pool_alloc(pool, s.len + 1) : NULL;

	if (!p)
		return (struct sdg_str){ "", 0 };
	memcpy(p, s.s, s.len);
	return (struct sdg_str){ p, s.len };
}
