/*
 * Sums in memory: a batch of a thousand events touches a few hundred cells,
 * each of them many times, so the changes are added up here first and every
 * cell is read and written once.
 */
#include <stdlib.h>

#include "store_internal.h"

#define SLOTS_FIRST 4096

struct tally *tally_new(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return NULL;
	tally->slot_count = SLOTS_FIRST;
	tally->slots = calloc(tally->slot_count, sizeof(*tally->slots));
	if (!tally->slots) {
		free(tally);
		return NULL;
	}
	return tally;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	free(tally->cells);
	free(tally->slots);
	free(tally->members);
	free(tally->ledger);
	free(tally);
}

void tally_clear(struct tally *tally)
{
	if (tally->cell_count)
		memset(tally->slots, 0,
		       tally->slot_count * sizeof(*tally->slots));
	tally->cell_count = 0;
	tally->member_count = 0;
	tally->ledger_count = 0;
}

static int no_memory(struct sdg_error *err)
{
	return sdg_fail(err, SDG_ENOMEM, "sum up: no memory");
}

/* Room for one more of *count things of @size. */
static bool grow(void **array, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 256;
	void *grown;

	if (count < *cap)
		return true;
	grown = realloc(*array, more * size);
	if (!grown)
		return false;
	*array = grown;
	*cap = more;
	return true;
}

static size_t slot_of(const struct tally *tally, cell_key key)
{
	/* The high bits of a multiplicative hash are its good ones. */
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 32);

	for (;; i++) {
		uint32_t at;

		i &= tally->slot_count - 1;
		at = tally->slots[i];
		if (at == 0 || tally->cells[at - 1].key == key)
			return i;
	}
}

static bool grow_slots(struct tally *tally)
{
	size_t count = tally->slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return false;
	free(tally->slots);
	tally->slots = slots;
	tally->slot_count = count;
	for (size_t i = 0; i < tally->cell_count; i++)
		slots[slot_of(tally, tally->cells[i].key)] = (uint32_t)i + 1;
	return true;
}

static struct tally_cell *cell(struct tally *tally, cell_key key)
{
	size_t slot = slot_of(tally, key);
	struct tally_cell *c;

	if (tally->slots[slot])
		return &tally->cells[tally->slots[slot] - 1];
	if (tally->cell_count * 2 >= tally->slot_count) {
		if (!grow_slots(tally))
			return NULL;
		slot = slot_of(tally, key);
	}
	if (!grow((void **)&tally->cells, tally->cell_count, &tally->cell_cap,
		  sizeof(*tally->cells)))
		return NULL;
	c = &tally->cells[tally->cell_count++];
	*c = (struct tally_cell){ .key = key };
	tally->slots[slot] = (uint32_t)tally->cell_count;
	return c;
}

const struct tally_cell *tally_find(const struct tally *tally, cell_key key)
{
	size_t slot = slot_of(tally, key);

	return tally->slots[slot] ? &tally->cells[tally->slots[slot] - 1]
				  : NULL;
}

int tally_cell_add(struct tally *tally, cell_key key,
		   const int64_t sums[SUM_COUNT], struct sdg_error *err)
{
	struct tally_cell *c = cell(tally, key);

	if (!c)
		return no_memory(err);
	for (int i = 0; i < SUM_COUNT; i++)
		c->sums[i] += sums[i];
	return 0;
}

/* One of the cells a piece counts in: theme 0 is "any". */
static int piece_cell(struct tally *tally, const struct piece *piece, int sign,
		      bool month, uint32_t theme, struct sdg_error *err)
{
	unsigned themes = piece_themes(piece);
	uint32_t when = month ? month_of_day(piece->day) : piece->day;
	cell_key key = cell_pack(month, piece->consultation, when,
				 piece->region, theme, piece->source);
	struct tally_cell *c = cell(tally, key);
	struct tally_member *m;

	if (!c)
		return no_memory(err);
	c->sums[SUM_MESSAGES] += sign;
	c->sums[SUM_MENTIONS] += sign * (theme ? 1 : (int)themes);
	c->sums[SUM_MAIN] +=
	    sign * (theme ? piece->themes[0] == theme : themes > 0);
	c->sums[SUM_STANCE + piece->stance] += sign;
	c->sums[SUM_REPORTED] += sign * (int64_t)piece->reported;
	if (!month || piece->member == 0)
		return 0;
	if (!grow((void **)&tally->members, tally->member_count,
		  &tally->member_cap, sizeof(*tally->members)))
		return no_memory(err);
	m = &tally->members[tally->member_count++];
	*m = (struct tally_member){ key, piece->member, sign < 0 };
	return 0;
}

int tally_piece(struct tally *tally, const struct piece *piece, int sign,
		struct sdg_error *err)
{
	unsigned themes = piece_themes(piece);
	int rc = 0;

	for (int month = 0; month < 2; month++) {
		rc = piece_cell(tally, piece, sign, month, SDG_THEME_ANY, err);
		for (unsigned i = 0; rc == 0 && i < themes; i++)
			rc = piece_cell(tally, piece, sign, month,
					piece->themes[i], err);
		if (rc < 0)
			break;
	}
	return rc;
}

int tally_ledger(struct tally *tally, uint32_t consultation, int32_t day,
		 int outcome, int64_t n, struct sdg_error *err)
{
	uint32_t row = consultation << 16 | (uint32_t)day;

	/* A batch has few rows, and the last one is nearly always it. */
	for (size_t i = tally->ledger_count; i-- > 0;) {
		struct tally_ledger *l = &tally->ledger[i];

		if (l->row == row && l->outcome == outcome) {
			l->n += n;
			return 0;
		}
		if (tally->ledger_count - i > 16)
			break;
	}
	if (!grow((void **)&tally->ledger, tally->ledger_count,
		  &tally->ledger_cap, sizeof(*tally->ledger)))
		return no_memory(err);
	tally->ledger[tally->ledger_count++] =
	    (struct tally_ledger){ row, (uint8_t)outcome, n };
	return 0;
}
