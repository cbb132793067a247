/*
 * publish_svg: the pictures of the page. Every one says in words what it
 * shows, carries no script and no style but classes of the page, so that it
 * prints and follows light and dark.
 */
#include "publish.h"

#include <string.h>

/* Where each region lies on a map of tiles: column and row. */
static const struct {
	int col, row;
} TILES[SDG_REGION_COUNT] = {
	[SDG_REGION_SCOTLAND] = { 2, 0 },
	[SDG_REGION_NORTHERN_IRELAND] = { 0, 1 },
	[SDG_REGION_NORTH_EAST] = { 3, 1 },
	[SDG_REGION_NORTH_WEST] = { 2, 1 },
	[SDG_REGION_YORKSHIRE_HUMBER] = { 3, 2 },
	[SDG_REGION_WALES] = { 1, 3 },
	[SDG_REGION_WEST_MIDLANDS] = { 2, 3 },
	[SDG_REGION_EAST_MIDLANDS] = { 3, 3 },
	[SDG_REGION_EAST_OF_ENGLAND] = { 4, 3 },
	[SDG_REGION_SOUTH_WEST] = { 2, 4 },
	[SDG_REGION_SOUTH_EAST] = { 3, 4 },
	[SDG_REGION_LONDON] = { 4, 4 },
	[SDG_REGION_ISLANDS_OVERSEAS] = { 0, 4 },
};

enum { TILE = 96, GAP = 6, WIDE = 460, BAR = 9, ROW = 42 };

static int single_region(uint32_t set)
{
	for (int r = SDG_REGION_NORTH_EAST; r < SDG_REGION_UNKNOWN; r++)
		if (set == UINT32_C(1) << r)
			return r;
	return -1;
}

static size_t total_at(const struct pub_table *t, bool by_column, size_t i)
{
	return by_column ? pub_at(t, t->rows.n, i) : pub_at(t, i, t->cols.n);
}

/* The greater of a shown figure and @most. */
static uint64_t shown_or(const struct pub_table *t, size_t at, uint64_t most)
{
	bool shown = t->cells[at] == SDG_CELL_SHOWN;

	return shown && t->counts[at] > most ? t->counts[at] : most;
}

static uint64_t column_most(const struct pub_table *t, size_t col)
{
	uint64_t most = 0;

	for (size_t r = 0; r < t->rows.n; r++)
		most = shown_or(t, pub_at(t, r, col), most);
	return most;
}

int heat_step(const struct pub_table *t, size_t index, uint64_t most)
{
	uint64_t count = t->counts[index];

	if (t->cells[index] != SDG_CELL_SHOWN || count == 0 || most == 0)
		return 0;
	return 1 + (int)(count * 5 > most * 5 - most ? 4 : count * 5 / most);
}

void svg_map(FILE *out, const struct publication *p)
{
	const struct pub_table *t = &p->themes;
	uint64_t most = column_most(t, t->cols.n);
	char figure[32];

	fprintf(out,
		"<svg class=\"map\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-labelledby=\"map-t\"><title id=\"map-t\">"
		"Map of tiles: %s by region; the table of regions and "
		"themes has the same figures</title>\n",
		5 * (TILE + GAP), 5 * (TILE + GAP),
		p->members ? "members" : "respondents");
	for (size_t r = 0; r < t->rows.n; r++) {
		int region = single_region(t->rows.regions[r]);
		size_t at = pub_at(t, r, t->cols.n);
		int x, y;

		if (region < 0)
			continue;
		x = TILES[region].col * (TILE + GAP);
		y = TILES[region].row * (TILE + GAP);
		fprintf(out,
			"<g class=\"h%d\"><rect x=\"%d\" y=\"%d\" "
			"width=\"%d\" height=\"%d\" rx=\"8\"/>"
			"<text x=\"%d\" y=\"%d\" class=\"name\">",
			heat_step(t, at, most), x, y, TILE, TILE, x + TILE / 2,
			y + 38);
		html_text(out, t->rows.shorts[r]);
		fprintf(out, "</text><text x=\"%d\" y=\"%d\" class=\"count\">",
			x + TILE / 2, y + 68);
		html_text(out, pub_figure(t, at, figure));
		fputs("</text></g>\n", out);
	}
	fputs("</svg>\n", out);
}

/* Shown ones by size, then the folded ones, what is hidden, then nothing. */
static int64_t rank(const struct pub_table *t, size_t column)
{
	size_t at = total_at(t, true, column);

	if (t->cells[at] != SDG_CELL_SHOWN)
		return 0;
	if (t->counts[at] && strcmp(t->cols.ids[column], PUB_FOLDED) == 0)
		return 1;
	return t->counts[at] ? (int64_t)t->counts[at] + 1 : -1;
}

void ranked_columns(const struct pub_table *t, size_t order[])
{
	for (size_t i = 0; i < t->cols.n; i++) {
		int64_t mine = rank(t, i);
		size_t k = i;

		for (; k > 0 && rank(t, order[k - 1]) < mine; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}

/* Horizontal bars: a name and its figure, and the bar below, on a track. */
void svg_bars(FILE *out, const struct pub_table *t, bool by_column,
	      const char *label)
{
	const struct pub_axis *axis = by_column ? &t->cols : &t->rows;
	size_t order[CLI_THEMES_MAX];
	uint64_t most = 0;
	char figure[32];

	for (size_t i = 0; i < axis->n; i++)
		most = shown_or(t, total_at(t, by_column, i), most);
	if (by_column)
		ranked_columns(t, order);
	fprintf(out,
		"<svg class=\"bars\" viewBox=\"0 0 %d %d\" role=\"img\">"
		"<title>",
		WIDE, (int)axis->n * ROW);
	html_text(out, label);
	fputs("</title>\n", out);
	for (size_t i = 0; i < axis->n; i++) {
		size_t which = by_column ? order[i] : i;
		size_t at = total_at(t, by_column, which);
		int y = (int)i * ROW;
		bool shown = t->cells[at] == SDG_CELL_SHOWN;
		int length =
		    most && shown ? (int)(t->counts[at] * WIDE / most) : 0;

		fprintf(out, "<text x=\"0\" y=\"%d\">", y + 16);
		html_text(out, axis->labels[which]);
		fprintf(out,
			"</text><text x=\"%d\" y=\"%d\" class=\"value%s\">",
			WIDE, y + 16, shown && t->counts[at] ? "" : " none");
		html_text(out, pub_figure(t, at, figure));
		fprintf(out,
			"</text><rect class=\"track\" x=\"0\" y=\"%d\" "
			"width=\"%d\" height=\"%d\" rx=\"4\"/>"
			"<rect class=\"bar\" x=\"0\" y=\"%d\" "
			"width=\"%d\" height=\"%d\" rx=\"4\"/>\n",
			y + 23, WIDE, BAR, y + 23, length, BAR);
	}
	fputs("</svg>\n", out);
}

/* Where a month's name has room. */
static double inside(double x)
{
	return x < 32 ? 32 : x > WIDE - 32 ? WIDE - 32 : x;
}

/* "2015-03" as a number that grows by one a month. */
static size_t month_number(const char *id)
{
	char *end;
	unsigned long year = strtoul(id, &end, 10);

	return year * 12 + (*end == '-' ? strtoul(end + 1, NULL, 10) : 0);
}

/* Upright bars, one a month, a label where there is room. A month in which
 * nothing came has its place all the same. */
void svg_months(FILE *out, const struct publication *p)
{
	const struct pub_table *t = &p->months;
	uint64_t most = column_most(t, t->cols.n);
	size_t first = t->rows.n ? month_number(t->rows.ids[0]) : 0;
	size_t n = t->rows.n
		       ? month_number(t->rows.ids[t->rows.n - 1]) - first + 1
		       : 1;
	double step = 460.0 / (double)n;
	size_t every = (size_t)(75.0 / step) + 1;
	char figure[32];

	if (step > 110)
		step = 110;
	fprintf(out,
		"<svg class=\"months\" viewBox=\"0 0 460 190\" "
		"role=\"img\"><title>%s by month</title>\n",
		p->members ? "Members" : "Respondents");
	for (size_t r = 0; r < t->rows.n; r++) {
		size_t at = pub_at(t, r, t->cols.n);
		uint64_t count =
		    t->cells[at] == SDG_CELL_SHOWN ? t->counts[at] : 0;
		double height = most ? 130.0 * (double)count / (double)most : 0;
		size_t slot = month_number(t->rows.ids[r]) - first;
		double x = step * (double)slot;

		fprintf(out,
			"<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" "
			"width=\"%.1f\" height=\"%.1f\" rx=\"2\"/>",
			x + step * 0.1, 155 - height, step * 0.8, height);
		if (slot % every == 0) {
			fprintf(out,
				"<text x=\"%.1f\" y=\"%.1f\" "
				"class=\"top\">",
				x + step / 2, 149 - height);
			html_text(out, pub_figure(t, at, figure));
			fprintf(out,
				"</text><text x=\"%.1f\" y=\"174\" "
				"class=\"foot\">",
				inside(x + step / 2));
			html_text(out, t->rows.shorts[r]);
			fputs("</text>", out);
		}
		fputc('\n', out);
	}
	fputs("</svg>\n", out);
}
