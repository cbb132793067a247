/*
 * dims: the dimensions of a report, and words for their keys.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char *const IDS[SDG_DIM_COUNT + 1] = {
	[SDG_DIM_REGION] = "region",
	[SDG_DIM_THEME] = "theme",
	[SDG_DIM_SOURCE] = "source",
	[SDG_DIM_STANCE] = "stance",
	[SDG_DIM_ROLE] = "role",
	[SDG_DIM_PHASE] = "phase",
	[SDG_DIM_MONTH] = "month",
	[SDG_DIM_WEEK] = "week",
	[SDG_DIM_DAY] = "day",
	[SDG_DIM_CONSULTATION] = "consultation",
	[SDG_DIM_AUTHORITY] = "authority",
	[DIM_AREA] = "area",
};

static const char *const SHORT_REGIONS[SDG_REGION_COUNT] = {
	"any", "NE", "NW",  "Y&H", "EM", "WM",  "EE", "Lon",
	"SE",  "SW", "Wal", "Sco", "NI", "Isl", "?",
};

const char *dim_id(enum sdg_dim dim)
{
	return IDS[dim];
}

const char *const *dim_ids(void)
{
	return IDS;
}

const char *dim_title(enum sdg_dim dim)
{
	return dim == SDG_DIM_WEEK ? "week from" : IDS[dim];
}

int dim_from_id(const char *id)
{
	for (int i = 0; i < SDG_DIM_COUNT; i++)
		if (strcmp(id, IDS[i]) == 0)
			return i;
	return -1;
}

static int note_consultation(void *arg, const struct sdg_consultation *c)
{
	struct dim_names *names = arg;
	size_t need = (size_t)c->number + 1;

	if (need > names->consultation_count) {
		char(*grown)[64] = xcalloc(need, sizeof(*grown));

		if (names->consultations)
			memcpy(grown, names->consultations,
			       names->consultation_count * sizeof(*grown));
		free(names->consultations);
		names->consultations = grown;
		names->consultation_count = need;
	}
	memcpy(names->consultations[c->number], c->id, 64);
	return 0;
}

int dim_names_load(struct sdg_store *store, struct dim_names *names,
		   struct sdg_error *err)
{
	*names = (struct dim_names){ .store = store };
	names->areas = xcalloc(DIM_AREAS_MAX, sizeof(*names->areas));
	return sdg_consultation_each(store, note_consultation, names, err);
}

void dim_names_free(struct dim_names *names)
{
	for (size_t i = 0; i < names->area_count; i++)
		free(names->areas[i]);
	free(names->areas);
	free(names->consultations);
	*names = (struct dim_names){ 0 };
}

/* Phases come as a bit of enum sdg_phase; 0 is unknown. */
static const char *phase_id(uint32_t key)
{
	for (int bit = 0; bit < SDG_PHASE_COUNT; bit++)
		if (key == UINT32_C(1) << bit)
			return sdg_phase_id(bit);
	return "unknown";
}

static void authority_cell(uint32_t key, struct cell *cell)
{
	const char *name = sdg_authority_name((uint16_t)key);
	char code[16];

	snprintf(code, sizeof(code), "%u", key);
	if (key == 0)
		cell_text(cell, "unknown", NULL);
	else
		cell_text(cell, code, name && *name ? name : NULL);
}

void dim_cell(const struct dim_names *names, enum sdg_dim dim, uint32_t key,
	      struct cell *cell)
{
	char date[DATE_SIZE];
	const char *id;

	switch (dim) {
	case SDG_DIM_REGION:
		cell_text(cell, sdg_region_id((int)key),
			  sdg_region_name((int)key));
		return;
	case SDG_DIM_THEME:
		id = sdg_store_theme_id(names->store, key);
		cell_text(cell, id ? id : "?", NULL);
		return;
	case SDG_DIM_SOURCE:
		cell_text(cell, sdg_source_id((int)key), NULL);
		return;
	case SDG_DIM_STANCE:
		cell_text(cell, sdg_stance_id((int)key), NULL);
		return;
	case SDG_DIM_ROLE:
		cell_text(cell, sdg_role_id((int)key), NULL);
		return;
	case SDG_DIM_PHASE:
		cell_text(cell, phase_id(key), NULL);
		return;
	case SDG_DIM_MONTH:
		cell_text(cell, date_format_month(key, date), NULL);
		return;
	case SDG_DIM_WEEK:
	case SDG_DIM_DAY:
		cell_text(cell, date_format((int32_t)key, date), NULL);
		return;
	case SDG_DIM_CONSULTATION:
		cell_text(cell,
			  key < names->consultation_count &&
				  *names->consultations[key]
			      ? names->consultations[key]
			      : "?",
			  NULL);
		return;
	case SDG_DIM_AUTHORITY:
		authority_cell(key, cell);
		return;
	case DIM_AREA:
		if (key >= 1 && key <= names->area_count)
			cell_text(cell, names->areas[key - 1], NULL);
		else
			cell_text(cell, "unknown", NULL);
		return;
	}
	cell_text(cell, "?", NULL);
}

const char *dim_short(enum sdg_dim dim, uint32_t key)
{
	if (dim == SDG_DIM_REGION && key < SDG_REGION_COUNT)
		return SHORT_REGIONS[key];
	return NULL;
}

void id_hex(const uint8_t *id, size_t bytes, char *out)
{
	static const char DIGITS[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes; i++) {
		out[2 * i] = DIGITS[id[i] >> 4];
		out[2 * i + 1] = DIGITS[id[i] & 15];
	}
	out[2 * bytes] = '\0';
}

const char *id_brief(const char *hex, char out[ID_BRIEF_SIZE])
{
	int digits = strncmp(hex, "00000000", 8) == 0 ? 16 : 12;

	snprintf(out, ID_BRIEF_SIZE, "%.*s", digits, hex);
	return out;
}
