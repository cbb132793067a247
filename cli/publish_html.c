/*
 * publish_html: one self-contained page. No script, nothing fetched, a
 * policy that forbids both; member text is escaped wherever it stands.
 */
#include "publish.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

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
	fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", publish_style);
}

static void tile(FILE *out, const char *name, uint64_t figure, bool hidden)
{
	char text[32];

	fputs("<div>", out);
	element(out, "dt", name);
	element(out, "dd", hidden ? PUB_MARK : pub_number(figure, text));
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

/* The three themes most raised, from the figures as they are published. */
static void most_raised(FILE *out, const struct publication *p)
{
	const struct pub_table *t = &p->themes;
	size_t order[CLI_THEMES_MAX];
	char figure[32];
	int named = 0;

	ranked_columns(t, order);
	for (size_t i = 0; i < t->cols.n && named < 3; i++) {
		size_t at = pub_at(t, t->rows.n, order[i]);

		if (t->cells[at] != SDG_CELL_SHOWN || t->counts[at] == 0)
			break;
		if (strcmp(t->cols.ids[order[i]], "other") == 0 ||
		    strcmp(t->cols.ids[order[i]], PUB_FOLDED) == 0)
			continue;
		fputs(named++ ? ", " : "<p class=\"key\">Raised by most: ",
		      out);
		html_text(out, t->cols.labels[order[i]]);
		fprintf(out, " (%s)", pub_figure(t, at, figure));
	}
	if (named)
		fputs(".</p>\n", out);
}

/* A day as people write it: "26 November 2015". */
static void day_in_words(FILE *out, const char *iso)
{
	static const char *const MONTHS[] = {
		"January",   "February", "March",    "April",
		"May",       "June",     "July",     "August",
		"September", "October",  "November", "December"
	};
	int year, month, day;

	if (sscanf(iso, "%4d-%2d-%2d", &year, &month, &day) == 3 &&
	    month >= 1 && month <= 12)
		fprintf(out, "%d %s %d", day, MONTHS[month - 1], year);
	else
		html_text(out, iso);
}

/* Kept apart from what is public: nobody should have to look for it. */
static bool is_confidential(const struct publication *p)
{
	return strcmp(p->policy->id, "council") == 0;
}

static void headline(FILE *out, const struct publication *p)
{
	fputs("<header class=\"top\"><div class=\"wrap\">\n", out);
	if (is_confidential(p))
		fputs("<p class=\"closed\">Confidential to Council. Not for "
		      "publication: small figures stand in it.</p>\n",
		      out);
	element(out, "h1", p->title);
	fputs("<p class=\"lead\">", out);
	html_text(out, p->period);
	if (strcmp(p->consultation, "all") != 0) {
		fputs(" \xc2\xb7 consultation ", out);
		html_text(out, p->consultation);
	}
	fputs("</p>\n</div></header>\n<main class=\"wrap\">\n"
	      "<dl class=\"heads\" aria-label=\"Headline figures\">\n",
	      out);
	tile(out, p->members ? "members heard" : "respondents heard", p->people,
	     p->people_hidden);
	tile(out, "pieces of feedback", p->messages, p->messages_hidden);
	tile(out, "voices reported by representatives", p->reported,
	     p->reported_hidden);
	tile(out,
	     p->grouped ? "groups of regions heard from"
			: "regions and nations heard from",
	     heard_from(p), false);
	fputs("</dl>\n", out);
	most_raised(out, p);
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

static void table_head(FILE *out, const struct pub_table *t)
{
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	      "aria-label=\"",
	      out);
	html_text(out, t->title);
	fputs(", as a table\"><table>\n<thead><tr><th scope=\"col\">", out);
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
}

/* Is there a figure of it in any row? */
static bool tells(const struct pub_table *t, size_t column)
{
	for (size_t r = 0; r < t->rows.n; r++) {
		size_t at = pub_at(t, r, column);

		if (t->cells[at] == SDG_CELL_SHOWN && t->counts[at])
			return true;
	}
	return false;
}

static bool hides(const struct pub_table *t, size_t column)
{
	for (size_t r = 0; r < t->rows.n; r++)
		if (t->cells[pub_at(t, r, column)] != SDG_CELL_SHOWN)
			return true;
	return false;
}

/* Names the lines without a figure: those that hide one, or those that have
 * none to hide. Returns whether there are any. */
static bool name_lines(FILE *out, const struct pub_table *t, bool hiding,
		       const char *words)
{
	bool any = false;

	for (size_t c = 0; c < t->cols.n; c++) {
		if (tells(t, c) || hides(t, c) != hiding)
			continue;
		if (!any)
			fprintf(out, "<p class=\"note\">%s: ", words);
		else
			fputs("; ", out);
		html_text(out, t->cols.labels[c]);
		any = true;
	}
	return any;
}

/* Lines of nothing but marks, or noughts, are named and left out. */
static void left_out(FILE *out, const struct pub_table *t)
{
	if (name_lines(out, t, true,
		       "Left out, since none of their figures is of enough "
		       "people to be shown"))
		fputs(". How many raised each in all stands under What was "
		      "raised.</p>\n",
		      out);
	if (name_lines(
		out, t, false,
		"Left out, since nobody who is counted here raised them"))
		fputs(".</p>\n", out);
}

/* Columns down, rows across: sixteen themes read better down the page. A
 * table of nothing but marks would tell nobody anything. */
static void heat_table(FILE *out, const struct pub_table *t,
		       const char *caption)
{
	uint64_t most = inner_most(t);

	if (most == 0) {
		fputs("<p>At this number of answers no figure of this table is "
		      "large enough to be shown: each would be of few "
		      "people.</p>\n",
		      out);
		return;
	}
	fputs("<p class=\"note\">", out);
	html_text(out, caption);
	fputs("</p>\n", out);
	table_head(out, t);
	for (size_t c = 0; c <= t->cols.n; c++) {
		bool all = c == t->cols.n;

		if (!all && !tells(t, c))
			continue;
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
	left_out(out, t);
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

/* A part of a column, with a heading of its own. */
static void part(FILE *out, const char *title)
{
	fputs("<div class=\"part\">", out);
	element(out, "h2", title);
}

static void stances(FILE *out, const struct publication *p)
{
	part(out, "For or against");
	svg_bars(out, &p->stances, false, "People by stance");
	fputs("<p class=\"note\">Toward the association or what is proposed. "
	      "A person of two stances is in both bars.</p></div>\n",
	      out);
}

static void moves(FILE *out, const struct publication *p)
{
	if (p->months.rows.n < 3)
		return;
	part(out, "What rises, what falls");
	if (p->move_count)
		fputs("<ul class=\"moves\">\n", out);
	else
		fputs("<p>No theme rose or fell by more than noise.</p>\n",
		      out);
	for (size_t i = 0; i < p->move_count; i++) {
		fputs(p->moves[i].rising ? "<li><b>\xe2\x96\xb2</b>Rising: "
					 : "<li><b>\xe2\x96\xbc</b>Falling: ",
		      out);
		html_text(out, p->moves[i].theme);
		fputs("</li>\n", out);
	}
	if (p->move_count)
		fputs("</ul>\n", out);
	fputs("<p class=\"note\">By month, people a day; marked where the "
	      "trend is beyond what chance gives once in a hundred.</p>"
	      "</div>\n",
	      out);
}

/* Its own element, by its id, so that a withdrawn quote can be taken out. */
static void quotes(FILE *out, const struct publication *p)
{
	if (!p->quote_count)
		return;
	part(out, "In their own words");
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
	fputs("<p class=\"note\">Quoted with permission; names, places of work "
	      "and numbers are taken out. A quotation shows what was said, "
	      "not how many said it.</p></div>\n",
	      out);
}

static void decisions(FILE *out, const struct publication *p)
{
	if (!p->decision_count)
		return;
	section(out, "s-done", "What was done with it");
	fputs("<ol class=\"done\">\n", out);
	for (size_t i = 0; i < p->decision_count; i++) {
		const struct pub_decision *d = &p->decisions[i];

		fputs("<li><strong>", out);
		html_text(out, d->theme);
		if (*d->region) {
			fputs(", ", out);
			html_text(out, d->region);
		}
		fprintf(out, "</strong> <time datetime=\"%.10s\">", d->date);
		day_in_words(out, d->date);
		fputs("</time><br>", out);
		html_text(out, d->text);
		fputs("</li>\n", out);
	}
	fputs("</ol>\n", out);
}

static void fact(FILE *out, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void fact(FILE *out, const char *name, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = xformat_v(fmt, args);
	va_end(args);
	element(out, "dt", name);
	element(out, "dd", text);
	free(text);
}

/* As it was measured when the model was trained, on others' texts. */
static void measured(FILE *out, const struct publication *p)
{
	double low, high;

	if (!p->measured_texts) {
		fact(out, "How often they are right",
		     "Not measured for this code frame and model.");
		return;
	}
	stats_wilson(p->main_theme_right, p->measured_texts, &low, &high);
	fact(out, "How often they are right",
	     "On %u labelled texts of writers whose texts the model had not "
	     "seen: the main theme in %.0f %% (95 %% interval %.0f to %.0f), "
	     "the stance in %.0f %%; all themes of a text, F1 %.2f. These are "
	     "other texts than those counted here.",
	     p->measured_texts, 100.0 * p->main_theme_right / p->measured_texts,
	     100 * low, 100 * high, 100.0 * p->stance_right / p->measured_texts,
	     p->themes_f1);
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
	     "Of all that ever came, whatever this page is of: %llu automatic "
	     "replies and %llu messages that are no feedback; %llu that came "
	     "a second time; %llu set aside as unreadable (rounded).",
	     (unsigned long long)p->automatic,
	     (unsigned long long)p->not_feedback,
	     (unsigned long long)p->duplicates,
	     (unsigned long long)p->quarantined);
	fact(out, "Small numbers",
	     "%s %s is a hidden figure: small itself, or "
	     "it would give a small one away (then it may be none as well); "
	     "0 is none.",
	     p->policy->about, PUB_MARK);
	if (p->not_asked)
		fact(out, "Not asked",
		     "This consultation asked some regions only. %s stands "
		     "where nobody was asked: it is not nought.",
		     PUB_NOT_ASKED);
	fact(out, "Regions and themes",
	     "Given by Soundings from the words themselves (code frame and "
	     "model, version %08x). Some labels are wrong; every one can be "
	     "explained and corrected inside the association.",
	     p->frame_version);
	if (p->unmeasured && *p->unmeasured)
		fact(out, "New and former themes",
		     "%sOutside that time nobody looked for them: no figure "
		     "there is not nought.",
		     p->unmeasured);
	if (p->frozen)
		fact(out, "Old months",
		     "%u months are so old that only region, theme, channel "
		     "and month are kept of them: what asks for more, such as "
		     "stance, leaves them out.",
		     p->frozen);
	measured(out, p);
	fact(out, "What this is not",
	     "A consultation is not a vote, nor a survey of the population: "
	     "those who answer are not a sample of those who do not.");
	fputs("</dl>\n", out);
}

static void where_and_how(FILE *out, const struct publication *p)
{
	fputs("<section class=\"first\" aria-label=\"Where and how\">\n"
	      "<div class=\"two\">\n<div>",
	      out);
	part(out, "Where from");
	/* One table of regions only: a map beside groups of them would let
	 * one be taken from the other. */
	if (p->grouped)
		svg_bars(out, &p->themes, false, "People heard by region");
	else
		svg_map(out, p);
	fputs("</div></div>\n<div>", out);
	part(out, "How it came");
	svg_bars(out, &p->sources, false, "People heard by channel");
	fputs("<p class=\"note\">A person heard by two channels is in both "
	      "bars.",
	      out);
	if (p->reported || p->reported_hidden)
		fputs(" Voices that representatives report are in none: "
		      "representatives count where they speak for themselves.",
		      out);
	fputs("</p></div>\n", out);
	part(out, "When");
	svg_months(out, p);
	fputs("</div></div></div>\n", out);
}

static void body(FILE *out, const struct publication *p)
{
	const char *people = p->members ? "Members" : "Respondents";
	char caption[256];

	where_and_how(out, p);
	fputs("</section>\n<section aria-label=\"What was raised\">\n"
	      "<div class=\"two\">\n<div>",
	      out);
	part(out, "What was raised");
	svg_bars(out, &p->themes, true, "People who raised each theme");
	fputs("</div></div>\n<div>", out);
	stances(out, p);
	moves(out, p);
	quotes(out, p);
	fputs("</div></div>\n", out);
	section(out, "s-themes", "Region by theme");
	snprintf(caption, sizeof(caption),
		 "%s who raised each theme, by region. Darker is more; %s is "
		 "hidden, 0 is none.",
		 people, PUB_MARK);
	heat_table(out, &p->themes, caption);
	section(out, "s-stance", "Stance");
	snprintf(caption, sizeof(caption),
		 "%s by their stance toward the association or what is "
		 "proposed, by theme.",
		 people);
	heat_table(out, &p->stances, caption);
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
	day_in_words(stream, p->made);
	if (is_confidential(p))
		fputs(". Confidential to Council", stream);
	fputs(". Figures under the disclosure policy ", stream);
	html_text(stream, p->policy->id);
	fputs(".</p></footer>\n</body>\n</html>\n", stream);
	if (fclose(stream) != 0)
		return sdg_fail_errno(err, "make the page");
	return 0;
}
