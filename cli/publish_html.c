/*
 * publish_html: one self-contained page. No script, nothing fetched, a
 * policy that forbids both; member text is escaped wherever it stands.
 */
#include "publish.h"

#include <stdlib.h>
#include <string.h>

static const char STYLE[] =
    ":root{color-scheme:light dark;--ink:#1b2430;--soft:#56616f;--line:#d5dbe3;"
    "--paper:#fff;--card:#f4f6f9;--accent:#0b4f8a;"
    "--h1:#e3eef8;--h2:#b9d5ec;--h3:#7db2dc;--h4:#2d71a8;--h5:#0b4f8a;"
    "--i1:#12212f;--i2:#12212f;--i3:#0c1722;--i4:#fff;--i5:#fff}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#a9b4c1;"
    "--line:#3a4553;--paper:#12181f;--card:#1c242e;--accent:#8cc4f2;"
    "--h1:#1b3145;--h2:#1f4767;--h3:#2a6390;--h4:#6aa9d9;--h5:#b4dafa;"
    "--i1:#e8edf3;--i2:#f3f7fb;--i3:#fff;--i4:#0c1722;--i5:#0c1722}}\n"
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.55 'Segoe UI','Source Sans 3','Noto "
    "Sans',Helvetica,Arial,sans-serif}\n"
    "header.top{border-top:8px solid var(--accent);padding:2.2rem 1rem 1rem}\n"
    ".wrap{max-width:62rem;margin:0 auto;padding:0 1rem}\n"
    "h1{font-size:2.1rem;line-height:1.15;margin:0 0 "
    ".4rem;letter-spacing:-.01em}\n"
    "h2{font-size:1.3rem;margin:2.4rem 0 "
    ".5rem;padding-top:.6rem;border-top:1px solid var(--line)}\n"
    "p{max-width:44rem}.lead{color:var(--soft);margin:.2rem 0}\n"
    ".columns{max-width:34rem}.note{color:var(--soft);font-size:.875rem}\n"
    ".heads{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,"
    "1fr));gap:.8rem;margin:1.4rem 0;padding:0}\n"
    ".heads div{background:var(--card);border-radius:10px;padding:.9rem 1rem}\n"
    ".heads dt{color:var(--soft);font-size:.875rem}.heads "
    "dd{margin:0;font-size:1.9rem;font-weight:650;line-height:1.2;font-variant-"
    "numeric:tabular-nums}\n"
    ".two{display:grid;grid-template-columns:minmax(0,1fr) "
    "minmax(0,1fr);gap:2rem;align-items:start}\n"
    "svg{width:100%;height:auto;display:block}svg "
    "text{fill:var(--ink);font-size:15px}\n"
    "svg .bar{fill:var(--h4)}svg.months "
    ".top,svg.months .foot,svg.map text{text-anchor:middle}\n"
    "svg.months .foot{fill:var(--soft)}svg.map{max-width:30rem}\n"
    "svg.map .name{font-size:15px}svg.map "
    ".count{font-size:22px;font-weight:650}\n"
    "svg .h0 rect{fill:var(--card);stroke:var(--line)}"
    "svg .h1 rect{fill:var(--h1)}svg .h2 rect{fill:var(--h2)}svg .h3 "
    "rect{fill:var(--h3)}svg .h4 rect{fill:var(--h4)}svg .h5 "
    "rect{fill:var(--h5)}\n"
    "svg .h1 text{fill:var(--i1)}svg .h2 text{fill:var(--i2)}svg .h3 "
    "text{fill:var(--i3)}svg .h4 text{fill:var(--i4)}svg .h5 "
    "text{fill:var(--i5)}\n"
    ".scroll{overflow-x:auto}table{border-collapse:separate;border-spacing:2px;"
    "font-variant-numeric:tabular-nums;font-size:.875rem;width:100%}\n"
    "th{font-weight:600;text-align:left;padding:.3rem "
    ".4rem;vertical-align:bottom}"
    "thead th+th{text-align:right}td{text-align:right;padding:.3rem "
    ".4rem;border-radius:3px;white-space:nowrap}\n"
    "td.h1{background:var(--h1);color:var(--i1)}td.h2{background:var(--h2);"
    "color:var(--i2)}td.h3{background:var(--h3);color:var(--i3)}td.h4{"
    "background:var(--h4);color:var(--i4)}td.h5{background:var(--h5);color:var("
    "--i5)}\n"
    "td.hid,td.nil{color:var(--soft)}tr.sum th,tr.sum "
    "td,td.sum{font-weight:650}tbody th{white-space:nowrap}\n"
    "blockquote{margin:.8rem 0;padding:.2rem 0 .2rem 1rem;border-left:4px "
    "solid var(--h3);max-width:44rem}blockquote "
    "footer{color:var(--soft);font-size:.875rem}\n"
    "dl.method{display:grid;grid-template-columns:max-content 1fr;gap:.35rem "
    "1.2rem;max-width:54rem}dl.method dt{color:var(--soft)}dl.method "
    "dd{margin:0}\n"
    "footer.page{margin:3rem 0 2rem;color:var(--soft);font-size:.875rem}\n"
    "@media(max-width:46rem){tbody "
    "th{white-space:normal;min-width:8.5rem}.two{grid-template-columns:1fr}h1{"
    "font-size:1."
    "6rem}dl.method{grid-template-columns:1fr;gap:0}dl.method "
    "dd{margin-bottom:.6rem}"
    "th:first-child{position:sticky;left:0;background:var(--paper)}}\n"
    "@page{size:A4;margin:14mm}\n"
    "@media "
    "print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:"
    "#fff;--card:#f4f6f9;--accent:#0b4f8a;--h1:#e3eef8;--h2:#b9d5ec;--h3:#"
    "7db2dc;--h4:#2d71a8;--h5:#0b4f8a;--i1:#000;--i2:#000;--i3:#000;--i4:#fff;-"
    "-i5:#fff}"
    "body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:"
    "exact}table{font-size:7.5pt;border-spacing:1px}th,td{padding:.12rem "
    ".22rem}.scroll{overflow:visible}"
    "h2{break-after:avoid}svg,table,blockquote,.heads{break-inside:avoid}svg."
    "map{max-width:22rem}}\n";

static const char *who(const struct publication *p)
{
	return p->members ? "members" : "respondents";
}

static void element(FILE *out, const char *tag, const char *text)
{
	fprintf(out, "<%s>", tag);
	html_text(out, text);
	fprintf(out, "</%s>\n", tag);
}

static void head(FILE *out, const struct publication *p)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; style-src 'unsafe-inline'; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n<meta name=\"referrer\" "
	      "content=\"no-referrer\">\n",
	      out);
	element(out, "title", p->title);
	fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", STYLE);
}

static void tile(FILE *out, const char *name, uint64_t figure, bool hidden)
{
	char text[32];

	fputs("<div>", out);
	element(out, "dt", name);
	if (hidden)
		snprintf(text, sizeof(text), "%s", PUB_MARK);
	else if (figure >= 1000)
		snprintf(text, sizeof(text), "%llu,%03llu",
			 (unsigned long long)figure / 1000,
			 (unsigned long long)figure % 1000);
	else
		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)figure);
	element(out, "dd", text);
	fputs("</div>\n", out);
}

/* Regions with anybody in them, the unknown one left out. */
static uint64_t heard_from(const struct publication *p)
{
	const struct pub_table *t = &p->themes;
	uint64_t heard = 0;

	for (size_t r = 0; r < t->rows.n; r++) {
		size_t at = pub_at(t, r, t->cols.n);

		heard += strcmp(t->rows.ids[r], "unknown") != 0 &&
			 (t->cells[at] != SDG_CELL_SHOWN || t->counts[at] > 0);
	}
	return heard;
}

static void headline(FILE *out, const struct publication *p)
{
	fputs("<header class=\"top\"><div class=\"wrap\">\n", out);
	element(out, "h1", p->title);
	fputs("<p class=\"lead\">", out);
	html_text(out, p->period);
	fputs("</p>\n</div></header>\n<main class=\"wrap\">\n"
	      "<dl class=\"heads\" aria-label=\"Headline figures\">\n",
	      out);
	tile(out, p->members ? "members heard" : "respondents heard", p->people,
	     p->people_hidden);
	tile(out, "pieces of feedback", p->messages, false);
	tile(out, "voices reported by representatives", p->reported, false);
	tile(out, "regions and nations heard from", heard_from(p), false);
	fputs("</dl>\n", out);
	fprintf(out,
		"<p class=\"note\">Counts are of distinct %s: a person who "
		"wrote, answered and spoke is counted once. A consultation is "
		"not a vote, nor a survey of the population: these figures say "
		"what was raised by those who answered.</p>\n",
		who(p));
}

static void figure_cell(FILE *out, const struct pub_table *t, size_t at,
			uint64_t most, bool sum)
{
	char figure[32];
	const char *class = "";
	char heat[4] = "h0";

	if (t->cells[at] != SDG_CELL_SHOWN) {
		class = "hid";
	} else if (t->counts[at] == 0) {
		class = "nil";
	} else if (sum) {
		class = "sum";
	} else {
		heat[1] = (char)('0' + heat_step(t, at, most));
		class = heat;
	}
	fprintf(out, "<td class=\"%s\">", class);
	html_text(out, pub_figure(t, at, figure));
	fputs("</td>", out);
}

static uint64_t inner_most(const struct pub_table *t)
{
	uint64_t most = 0;

	for (size_t r = 0; r < t->rows.n; r++)
		for (size_t c = 0; c < t->cols.n; c++)
			if (t->cells[pub_at(t, r, c)] == SDG_CELL_SHOWN &&
			    t->counts[pub_at(t, r, c)] > most)
				most = t->counts[pub_at(t, r, c)];
	return most;
}

/* Columns down, rows across: sixteen themes read better down the page. */
static void heat_table(FILE *out, const struct pub_table *t,
		       const char *caption)
{
	uint64_t most = inner_most(t);

	fputs("<p class=\"note\">", out);
	html_text(out, caption);
	fputs("</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	      "aria-label=\"",
	      out);
	html_text(out, t->title);
	fputs("\"><table>\n<thead><tr><th scope=\"col\">", out);
	html_text(out, t->cols.title);
	fputs("</th>", out);
	for (size_t r = 0; r < t->rows.n; r++) {
		fputs("<th scope=\"col\"><abbr title=\"", out);
		html_text(out, t->rows.labels[r]);
		fputs("\">", out);
		html_text(out, t->rows.shorts[r]);
		fputs("</abbr></th>", out);
	}
	fputs("<th scope=\"col\">All</th></tr></thead>\n<tbody>\n", out);
	for (size_t c = 0; c <= t->cols.n; c++) {
		bool all = c == t->cols.n;

		fprintf(out, "<tr%s><th scope=\"row\">",
			all ? " class=\"sum\"" : "");
		html_text(out, all ? "Any" : t->cols.labels[c]);
		fputs("</th>", out);
		for (size_t r = 0; r <= t->rows.n; r++)
			figure_cell(out, t, pub_at(t, r, c), most,
				    all || r == t->rows.n);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
}

static void section(FILE *out, const char *id, const char *title)
{
	fprintf(out,
		"</section>\n<section aria-labelledby=\"%s\">"
		"<h2 id=\"%s\">",
		id, id);
	html_text(out, title);
	fputs("</h2>\n", out);
}

static void moves(FILE *out, const struct publication *p)
{
	if (p->months.rows.n < 3)
		return;
	section(out, "s-moves", "What rises, what falls");
	fputs("<p>", out);
	for (size_t i = 0; i < p->move_count; i++) {
		fputs(i ? "; " : "", out);
		html_text(out, p->moves[i].theme);
		fputs(p->moves[i].rising ? " \xe2\x96\xb2 rises"
					 : " \xe2\x96\xbc falls",
		      out);
	}
	fputs(p->move_count ? ".</p>\n"
			    : "No theme rose or fell by more than noise.</p>\n",
	      out);
	fputs("<p class=\"note\">By month, people a day; marked where the "
	      "trend is beyond what chance gives once in a hundred.</p>\n",
	      out);
}

/* Its own element, by its id, so that a withdrawn quote can be taken out. */
static void quotes(FILE *out, const struct publication *p)
{
	if (!p->quote_count)
		return;
	section(out, "s-words", "In their own words");
	fputs("<p class=\"note\">Quoted with permission; names, places of work "
	      "and numbers are taken out. A quotation shows what was said, "
	      "not how many said it.</p>\n",
	      out);
	for (size_t i = 0; i < p->quote_count; i++) {
		const struct pub_quote *q = &p->quotes[i];

		fprintf(out, "<blockquote id=\"q-%s\"><p>", q->id ? q->id : "");
		html_text(out, q->text);
		fputs("</p><footer>", out);
		html_text(out, q->theme);
		fputs(", ", out);
		html_text(out, q->region);
		fputs("</footer></blockquote>\n", out);
	}
}

static void decisions(FILE *out, const struct publication *p)
{
	if (!p->decision_count)
		return;
	section(out, "s-done", "What was done with it");
	fputs("<ul>\n", out);
	for (size_t i = 0; i < p->decision_count; i++) {
		const struct pub_decision *d = &p->decisions[i];

		fputs("<li><strong>", out);
		html_text(out, d->theme);
		if (*d->region) {
			fputs(", ", out);
			html_text(out, d->region);
		}
		fputs("</strong> (", out);
		html_text(out, d->date);
		fputs("): ", out);
		html_text(out, d->text);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void fact(FILE *out, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void fact(FILE *out, const char *name, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	element(out, "dt", name);
	element(out, "dd", text);
}

static void method(FILE *out, const struct publication *p)
{
	section(out, "s-method", "How these figures were made");
	fputs("<dl class=\"method\">\n", out);
	fact(out, "Period", "%s", p->period);
	fact(out, "Consultation", "%s", p->consultation);
	fact(out, "Counted",
	     "Distinct %s. One message may name up to three themes, so themes "
	     "add up to more than their total; a person who writes from two "
	     "regions is counted in both.",
	     who(p));
	fact(out, "Channels",
	     "Mail, notes by elected Council representatives, surveys. Voices "
	     "that representatives report are shown apart and are in no other "
	     "figure.");
	fact(out, "Left out",
	     "%llu automatic replies and %llu messages that are no feedback; "
	     "%llu that came a second time; %llu set aside as unreadable "
	     "(rounded).",
	     (unsigned long long)p->automatic,
	     (unsigned long long)p->not_feedback,
	     (unsigned long long)p->duplicates,
	     (unsigned long long)p->quarantined);
	fact(out, "Small numbers",
	     "%s %s is a hidden figure: small itself, or "
	     "it would give a small one away; 0 is none.",
	     p->policy->about, PUB_MARK);
	fact(out, "Regions and themes",
	     "Given by Soundings from the words themselves (code frame version "
	     "%08x). Some labels are wrong; every one can be explained and "
	     "corrected inside the association.",
	     p->frame_version);
	fact(out, "What this is not",
	     "A consultation is not a vote, nor a survey of the population: "
	     "those who answer are not a sample of those who do not.");
	fputs("</dl>\n", out);
}

static void body(FILE *out, const struct publication *p)
{
	char caption[256];

	fputs("<section aria-label=\"Where and how\">\n<div class=\"two\">\n"
	      "<div><h2>Where from</h2>\n",
	      out);
	/* One table of regions only: a map beside groups of them would let
	 * one be taken from the other. */
	if (p->grouped)
		svg_bars(out, &p->themes, false, "People heard by region");
	else
		svg_map(out, p);
	fputs("</div>\n<div><h2>How it came</h2>\n", out);
	svg_bars(out, &p->sources, false, "People heard by channel");
	fputs("<p class=\"note\">A person heard by two channels is in both "
	      "bars.</p>\n<h2>When</h2>\n",
	      out);
	svg_months(out, p);
	fputs("</div></div>\n", out);
	section(out, "s-raised", "What was raised");
	fputs("<div class=\"columns\">", out);
	svg_bars(out, &p->themes, true, "People who raised each theme");
	fputs("</div>\n", out);
	section(out, "s-themes", "Region by theme");
	snprintf(caption, sizeof(caption),
		 "%s who raised each theme, by region. Darker is more; %s is "
		 "hidden, 0 is none.",
		 p->members ? "Members" : "Respondents", PUB_MARK);
	heat_table(out, &p->themes, caption);
	section(out, "s-stance", "Stance");
	snprintf(caption, sizeof(caption),
		 "%s by their stance toward the association or what is "
		 "proposed, by theme.",
		 p->members ? "Members" : "Respondents");
	heat_table(out, &p->stances, caption);
	moves(out, p);
	quotes(out, p);
	decisions(out, p);
	method(out, p);
	fputs("</section>\n", out);
}

int publish_html(const struct publication *p, char **out, size_t *len,
		 struct sdg_error *err)
{
	FILE *stream = open_memstream(out, len);

	if (!stream)
		return sdg_fail_errno(err, "make the page");
	head(stream, p);
	headline(stream, p);
	body(stream, p);
	fputs("</main>\n<footer class=\"page wrap\"><p>Made by Soundings on ",
	      stream);
	html_text(stream, p->made);
	fputs(". Figures under the disclosure policy ", stream);
	html_text(stream, p->policy->id);
	fputs(".</p></footer>\n</body>\n</html>\n", stream);
	if (fclose(stream) != 0)
		return sdg_fail_errno(err, "make the page");
	return 0;
}
