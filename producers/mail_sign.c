/*
 * mail_sign: the signature, with and without a delimiter before it.
 *
 * A signature is what stands at the end, is no sentence, and says who
 * somebody is: their name as the From line has it, their job, school,
 * telephone, postcode. "Kind regards" and the first name under it are still
 * the letter; a lone first name at the very end, with nothing above it to
 * close the letter, is a signature; a postscript under the signature is
 * text again. When in doubt nothing is cut: a signature left in the text
 * costs less than a sentence lost.
 */
#include <string.h>

#include "mail.h"
#include "mail_quote.h"

#define PARAS_MAX 12
#define SIGNATURE_LINES_MAX 25

struct para {
	size_t first, last; /* lines, both included */
};

struct sign {
	struct mail_lines *lines;
	struct sdg_str name;
	struct sdg_str address;
	struct para paras[PARAS_MAX]; /* the last first */
	size_t n;
};

static bool is_own(const struct mail_line *line)
{
	return line->piece == MAIL_OWN;
}

static void cut(struct mail_lines *lines, size_t from, size_t to,
		enum mail_piece piece, const char *why)
{
	for (size_t i = from; i <= to; i++) {
		if (!is_own(&lines->v[i]))
			continue;
		lines->v[i].piece = (uint8_t)piece;
		lines->v[i].why = why;
	}
}

/* Rules part paragraphs as blank lines do. */
static bool in_para(const struct mail_line *line)
{
	return is_own(line) && line->text.len && !mail_is_rule(line);
}

/* Paragraphs of own lines from the end; what was cut before parts them. */
static void find_paras(struct sign *s, size_t from, size_t to)
{
	const struct mail_line *v = s->lines->v;

	s->n = 0;
	for (size_t i = to; i > from && s->n < PARAS_MAX;) {
		struct para para;

		i--;
		if (!in_para(&v[i]))
			continue;
		para.last = i;
		while (i > from && in_para(&v[i - 1]))
			i--;
		para.first = i;
		s->paras[s->n++] = para;
	}
}

/* "- Jane", "-jane": a dash before the name is a flourish, no bullet. */
static struct sdg_str undashed(const struct sign *s, size_t i)
{
	struct sdg_str text = s->lines->v[i].text, rest = text;

	while (rest.len && strchr("-~*", rest.s[0]))
		rest = mail_sub(rest, 1, rest.len);
	rest = mail_trim(rest);
	return rest.len < text.len && mail_words(rest) <= 2 &&
		       mail_look_own_name(rest, s->name, s->address)
		   ? rest
		   : text;
}

static bool own_name(const struct sign *s, size_t i)
{
	return mail_look_own_name(undashed(s, i), s->name, s->address);
}

static bool ends_sentence(struct sdg_str line)
{
	return mail_ends(line, ".") || mail_ends(line, "?") ||
	       mail_ends(line, "!");
}

static unsigned look(const struct sign *s, size_t i)
{
	struct sdg_str line = undashed(s, i);
	unsigned what = mail_look(line);

	/* "Jane Marsden, Headteacher, Lowfield School (maintained by …)" */
	if (what & MAIL_LOOK_PROSE && what & MAIL_LOOK_NAME &&
	    what & (MAIL_LOOK_JOB | MAIL_LOOK_PLACE_OF_WORK) &&
	    !ends_sentence(line) && own_name(s, i))
		what &= ~(unsigned)MAIL_LOOK_PROSE;
	return what;
}

/* How much lines [first, last] say of who somebody is, in halves. */
static int score(const struct sign *s, size_t first, size_t last)
{
	unsigned all = 0;
	int points = 0;

	for (size_t i = first; i <= last; i++)
		all |= look(s, i);
	if (own_name(s, first))
		points += mail_look_full_name(s->lines->v[first].text, s->name)
			      ? 6
			      : 4;
	else if (look(s, first) & MAIL_LOOK_NAME)
		points += 2;
	points += all & MAIL_LOOK_JOB ? 4 : 0;
	points += all & MAIL_LOOK_PLACE_OF_WORK ? 3 : 0;
	points += all & MAIL_LOOK_PHONE ? 4 : 0;
	points += all & MAIL_LOOK_POSTCODE ? 4 : 0;
	points += all & MAIL_LOOK_WEB ? 4 : 0;
	points += all & MAIL_LOOK_STREET ? 2 : 0;
	points += all & MAIL_LOOK_LETTERS ? 2 : 0;
	return points;
}

/* A line with nothing but a name on it. */
static bool is_lone_name(const struct sign *s, size_t i)
{
	unsigned what = look(s, i);

	if (what & (MAIL_LOOK_PROSE | MAIL_LOOK_CLOSING | MAIL_LOOK_PHONE |
		    MAIL_LOOK_POSTCODE | MAIL_LOOK_WEB | MAIL_LOOK_LIST))
		return false;
	if (mail_words(s->lines->v[i].text) > 5)
		return false;
	return (what & MAIL_LOOK_NAME ||
		(mail_words(s->lines->v[i].text) == 1 && own_name(s, i))) &&
	       !(what & (MAIL_LOOK_JOB | MAIL_LOOK_PLACE_OF_WORK));
}

/* It speaks to somebody, or of oneself. */
static bool addresses(const struct sign *s, size_t i)
{
	static const char *const speech[] = { "i",      "i'm",  "i've",  "i'd",
					      "you",    "your", "me",    "my",
					      "please", "this", "sorry", NULL };

	return mail_any(s->lines->v[i].text, speech, mail_has_word) != NULL;
}

/* Under the sender's own name even a motto is no sentence, as long as it
 * speaks to nobody and does not end like one. */
static bool blocks(const struct sign *s, const struct para *para, size_t i)
{
	unsigned what = look(s, i);

	if (what & (MAIL_LOOK_CLOSING | MAIL_LOOK_LIST | MAIL_LOOK_POSTSCRIPT))
		return true;
	if (!(what & MAIL_LOOK_PROSE))
		return false;
	return i == para->first || para->last - para->first > 8 ||
	       !own_name(s, para->first) || !is_lone_name(s, para->first) ||
	       ends_sentence(s->lines->v[i].text) || addresses(s, i);
}

/* The first line of the part of @para that could be a signature: after the
 * last sentence, bullet or closing. Past the end when there is none. */
static size_t tail_of(const struct sign *s, const struct para *para)
{
	size_t i = para->last + 1;

	while (i > para->first && !blocks(s, para, i - 1))
		i--;
	return i;
}

static bool closes(const struct sign *s, size_t i)
{
	return look(s, i) & MAIL_LOOK_CLOSING;
}

/* A signature being put together from below. */
struct found {
	size_t top; /* its first line */
	size_t bottom;
	int points;
	bool any;
	bool named; /* its first line is a name */
	bool motto; /* a line that says nothing stands below it, to @bottom */
};

static void take(struct found *f, const struct sign *s, size_t first,
		 size_t last)
{
	if (!f->any && !f->motto)
		f->bottom = last;
	f->any = true;
	f->top = first;
	f->points += score(s, first, last);
	f->named = own_name(s, first) || is_lone_name(s, first);
}

/* What to do with the lines under a closing, or under the last sentence of
 * a paragraph: "Kind regards / Andrea" stays unless it is more than a name. */
static void take_tail(struct found *f, const struct sign *s,
		      const struct para *para, size_t tail)
{
	bool closed = tail > para->first && closes(s, tail - 1);
	bool lone = tail == para->last && is_lone_name(s, tail);

	if (closed) {
		if (lone)
			return;
		if (score(s, tail, para->last) >= 5 || f->any)
			take(f, s, tail, para->last);
		return;
	}
	/* Straight under a sentence, only what carries the name. */
	if (own_name(s, tail) && (lone || score(s, tail, para->last) >= 6) &&
	    mail_any(s->lines->v[tail - 1].text,
		     (const char *const[]){ ".", "?", "!", ",", ")", NULL },
		     mail_ends))
		take(f, s, tail, para->last);
}

static bool closed_above(const struct sign *s, size_t k)
{
	return k + 1 < s->n && closes(s, s->paras[k + 1].last);
}

/* "Aspire, Believe, Achieve": says nothing of who somebody is, but stands
 * below what does. */
static bool is_motto(const struct sign *s, size_t k)
{
	const struct para *para = &s->paras[k];

	if (own_name(s, para->first) ||
	    ends_sentence(s->lines->v[para->last].text) ||
	    look(s, para->first) &
		(MAIL_LOOK_CLOSING | MAIL_LOOK_POSTSCRIPT | MAIL_LOOK_LIST))
		return false;
	if (look(s, para->first) & MAIL_LOOK_PROSE &&
	    (para->last > para->first || addresses(s, para->first)))
		return false;
	return k + 1 < s->n && para->last - para->first < 2 &&
	       mail_words(s->lines->v[para->first].text) <= 9 &&
	       own_name(s, s->paras[k + 1].first) &&
	       score(s, s->paras[k + 1].first, s->paras[k + 1].last) >= 8;
}

/* A paragraph of nothing but a name: alone at the end it signs the letter,
 * unless "Best wishes" above does; above a signature that has the name it is
 * the letter's. A school may look like a name, too. */
static bool take_lone(struct found *f, const struct sign *s, size_t k)
{
	const struct para *para = &s->paras[k];
	bool own = own_name(s, para->first);

	if (!f->any) {
		if (!closed_above(s, k) && own)
			take(f, s, para->first, para->last);
	} else if (!f->named) {
		bool above =
		    k + 1 < s->n && !own && own_name(s, s->paras[k + 1].first);

		take(f, s, para->first, para->last);
		f->named = !above;
		return above;
	}
	return false;
}

/* One paragraph that is all name, job and address. Returns false when the
 * signature begins here, or above it is text. */
static bool take_para(struct found *f, const struct sign *s, size_t k)
{
	const struct para *para = &s->paras[k];
	bool lone = para->first == para->last && is_lone_name(s, para->first);
	bool own = own_name(s, para->first);

	if (lone)
		return take_lone(f, s, k);
	if (score(s, para->first, para->last) < 2)
		return false;
	take(f, s, para->first, para->last);
	return !own;
}

/* "Yes." and the name under it, at once: where the name begins. */
static size_t name_within(const struct sign *s, const struct para *para)
{
	size_t i = para->first + 1;

	if (own_name(s, para->first) || look(s, para->first) & MAIL_LOOK_NAME)
		return para->last + 1;
	while (i <= para->last && !own_name(s, i))
		i++;
	return i;
}

static void find(struct sign *s, struct found *f)
{
	for (size_t k = 0; k < s->n && k < 7; k++) {
		const struct para *para = &s->paras[k];
		size_t tail = tail_of(s, para);

		/* A postscript is text, and hides nothing above it. */
		if (!f->any && look(s, para->first) & MAIL_LOOK_POSTSCRIPT)
			continue;
		if (!f->any && !f->motto && is_motto(s, k)) {
			f->motto = true;
			f->bottom = para->last;
			continue;
		}
		if (tail > para->last)
			return;
		if (tail > para->first) {
			take_tail(f, s, para, tail);
			return;
		}
		tail = name_within(s, para);
		if (!f->any && tail <= para->last) {
			take_tail(f, s, para, tail);
			return;
		}
		if (!take_para(f, s, k))
			return;
	}
}

static bool is_separator(struct sdg_str line)
{
	if (line.len < 2)
		return sdg_str_eq(line, "–") || sdg_str_eq(line, "—");
	for (size_t i = 0; i < line.len; i++)
		if (!strchr("-_=*~", line.s[i]) &&
		    (unsigned char)line.s[i] < 0x80)
			return false;
	return strchr("-_=*~", line.s[0]) || sdg_str_eq(line, "—") ||
	       sdg_str_eq(line, "–");
}

static bool is_delimiter(struct sdg_str line)
{
	return sdg_str_eq(line, "--") || sdg_str_eq(line, "-- ") ||
	       sdg_str_eq(line, "—") || sdg_str_eq(line, "- --");
}

/* "-- " and what is under it, save a postscript. */
static bool cut_delimited(struct sign *s, size_t from, size_t to)
{
	struct mail_lines *lines = s->lines;
	size_t at = to, below = 0, prose = 0;
	bool postscript = false;

	while (at > from && !(is_own(&lines->v[at - 1]) &&
			      is_delimiter(lines->v[at - 1].text)))
		at--;
	if (at == from)
		return false;
	for (size_t i = at; i < to; i++) {
		if (!is_own(&lines->v[i]) || !lines->v[i].text.len)
			continue;
		below++;
		prose += (look(s, i) & MAIL_LOOK_PROSE) != 0;
	}
	if (below == 0 || below > SIGNATURE_LINES_MAX || prose > 6)
		return false;
	cut(lines, at - 1, at - 1, MAIL_DELIMITER, "signature delimiter");
	for (size_t i = at; i < to; i++) {
		if (!is_own(&lines->v[i]))
			continue;
		if (look(s, i) & MAIL_LOOK_POSTSCRIPT)
			postscript = true;
		else if (postscript && !lines->v[i].text.len)
			postscript = false;
		if (!postscript)
			cut(lines, i, i, MAIL_SIGNATURE, "below \"-- \"");
	}
	return true;
}

/* What the mail program marked as a signature, when it is not the letter. */
static bool cut_hinted(struct sign *s, size_t from, size_t to)
{
	struct mail_lines *lines = s->lines;
	size_t hinted = 0, others = 0, prose = 0;

	for (size_t i = from; i < to; i++) {
		if (!is_own(&lines->v[i]) || !lines->v[i].text.len)
			continue;
		if (!(lines->v[i].hint & MAIL_HINT_SIGNATURE)) {
			others++;
			continue;
		}
		hinted++;
		prose += (look(s, i) & MAIL_LOOK_PROSE) != 0;
	}
	if (!hinted || !others || hinted > SIGNATURE_LINES_MAX || prose > 3)
		return false;
	for (size_t i = from; i < to; i++) {
		if (!(lines->v[i].hint & MAIL_HINT_SIGNATURE))
			continue;
		if (is_delimiter(lines->v[i].text))
			cut(lines, i, i, MAIL_DELIMITER, "signature delimiter");
		else if (!(look(s, i) & MAIL_LOOK_CLOSING))
			cut(lines, i, i, MAIL_SIGNATURE,
			    "marked as signature by the mail program");
	}
	return true;
}

/* A block that is a signature whatever follows it: nothing but the sender's
 * full name on the first of a few lines, and much of who they are in those
 * below. What stands under it is somebody's motto, or an afterthought, and
 * remains. */
static bool is_block(const struct sign *s, const struct para *para)
{
	if (para->last == para->first || para->last - para->first > 7 ||
	    !is_lone_name(s, para->first) ||
	    !mail_look_full_name(s->lines->v[para->first].text, s->name) ||
	    score(s, para->first, para->last) < 13)
		return false;
	for (size_t i = para->first + 1; i <= para->last; i++)
		if (look(s, i) & (MAIL_LOOK_PROSE | MAIL_LOOK_CLOSING |
				  MAIL_LOOK_LIST | MAIL_LOOK_POSTSCRIPT))
			return false;
	return true;
}

static void cut_block(struct sign *s)
{
	for (size_t k = 1; k + 1 < s->n && k < 4; k++)
		if (is_block(s, &s->paras[k])) {
			cut(s->lines, s->paras[k].first, s->paras[k].last,
			    MAIL_SIGNATURE, "name, job and address, whole");
			return;
		}
}

void mail_cut_signature(struct mail *mail, size_t from, size_t to,
			struct sdg_str name, struct sdg_str address)
{
	struct sign s = { .lines = &mail->lines,
			  .name = name,
			  .address = address };
	struct found f = { 0 };

	if (cut_delimited(&s, from, to) || cut_hinted(&s, from, to))
		return;
	find_paras(&s, from, to);
	find(&s, &f);
	if (!f.any || f.bottom - f.top >= SIGNATURE_LINES_MAX) {
		cut_block(&s);
		return;
	}
	/* A lone first name is little to go by, and enough; so is one with
	 * a line or two of anything short under it. */
	if (f.points < 5 && !(own_name(&s, f.top) && f.bottom - f.top < 3 &&
			      is_lone_name(&s, f.top)))
		return;
	/* All there is, is a signature only when it plainly is one: the
	 * subject is then the letter. */
	if (s.paras[s.n - 1].first == f.top && s.n < PARAS_MAX &&
	    !(f.named && f.points >= 8))
		return;
	cut(&mail->lines, f.top, f.bottom, MAIL_SIGNATURE,
	    f.named ? "name, job and address at the end"
		    : "job and address at the end");
	while (f.top > from && mail->lines.v[f.top - 1].text.len == 0)
		f.top--;
	if (f.top > from && is_own(&mail->lines.v[f.top - 1]) &&
	    is_separator(mail->lines.v[f.top - 1].text))
		cut(&mail->lines, f.top - 1, f.top - 1, MAIL_DELIMITER,
		    "rule above the signature");
}
