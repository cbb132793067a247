/*
 * mail_html: the lines a reader of an HTML mail would see.
 *
 * gumbo makes the tree; here it is walked once, without recursion (mail
 * nests as deep as it likes), and turned into lines that know how deep they
 * are quoted and what the markup calls them. What is hidden is left out:
 * preheaders, styles, comments. Links and images say nothing.
 *
 * gumbo has inputs on which it is quadratic, and frees its tree by
 * recursion. So it allocates from a pool that is dropped as a whole, and
 * its allocator leaves by longjmp when memory or time is up; then the tags
 * are merely taken out (mail_html_strip.c).
 */
#include <gumbo.h>
#include <setjmp.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "mail.h"
#include "mail_html.h"

#define TREE_MAX (96u << 20)
#define TREE_MS 900
#define QUOTES_MAX 64
#define SHADES_MAX 32

struct tree_pool {
	struct mail_pool *pool;
	jmp_buf *out;
	struct timespec begun;
	unsigned calls;
};

static void *tree_alloc(void *arg, size_t size)
{
	struct tree_pool *tree = arg;
	void *p = mail_pool_alloc(tree->pool, size ? size : 1);

	if (tree->calls++ % 64 == 0) {
		struct timespec now;
		long ms;

		clock_gettime(CLOCK_MONOTONIC, &now);
		ms = (now.tv_sec - tree->begun.tv_sec) * 1000 +
		     (now.tv_nsec - tree->begun.tv_nsec) / 1000000;
		if (ms > TREE_MS)
			p = NULL;
	}
	if (!p)
		longjmp(*tree->out, 1);
	return p;
}

static void tree_free(void *arg, void *p)
{
	(void)arg;
	(void)p; /* the pool goes as a whole */
}

/* ----------------------------------------------------- one line at a time */

struct walk {
	struct mail_lines *lines;
	char *buf; /* what has been written, lines are slices of it */
	size_t cap;
	size_t start; /* of the current line */
	size_t len;
	bool space;    /* one is due before the next word */
	bool content;  /* the line holds something, if only a no-break space */
	bool gap;      /* a blank line is due before the next */
	unsigned hint; /* for the next line that is not blank */
	const GumboNode *quotes[QUOTES_MAX];
	unsigned quote;
	const GumboNode *signature;
	const GumboNode *pre;
	struct {
		const GumboNode *node;
		unsigned before;
	} shades[SHADES_MAX]; /* elements that set words off */
	unsigned shade_count;
	unsigned shade; /* how they are set off now */
	unsigned line;  /* … and all of the line so far */
};

static void put(struct walk *w, const char *s, size_t n)
{
	if (n > w->cap - w->len) {
		w->lines->full = true;
		return;
	}
	memcpy(w->buf + w->len, s, n);
	w->len += n;
}

/* Entities can write what the bytes could not: controls, bidi marks. */
static struct sdg_str safe(struct walk *w, struct sdg_str text)
{
	char *copy;

	if (sdg_text_is_safe(text.s, text.len))
		return text;
	copy = mail_pool_alloc(w->lines->pool, 3 * text.len + 1);
	if (!copy)
		return (struct sdg_str){ "", 0 };
	text.len = sdg_text_clean(text.s, text.len, copy, 3 * text.len);
	text.s = copy;
	for (size_t i = 0; i < text.len; i++)
		if (copy[i] == '\n')
			copy[i] = ' ';
	return text;
}

static void end_line(struct walk *w, bool force)
{
	struct sdg_str text = { w->buf + w->start, w->len - w->start };
	struct mail_lines *lines = w->lines;

	w->space = false;
	if (!force && !w->content)
		return;
	w->content = false;
	text = mail_trim(safe(w, text));
	w->start = w->len;
	if (w->gap && lines->n && lines->v[lines->n - 1].text.len && text.len)
		mail_lines_add(lines, sdg_str(""), w->quote, 0);
	if (text.len)
		w->gap = false;
	mail_lines_add(lines, text, w->quote,
		       (text.len ? w->hint | w->line : 0) |
			   (w->signature ? MAIL_HINT_SIGNATURE : 0));
	w->line = MAIL_HINT_SET_OFF;
	if (text.len)
		w->hint = 0;
}

/* Collapses white space; a no-break space is one that stays. */
static void add_text(struct walk *w, const char *s, bool pre)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		bool nbsp = c == 0xc2 && (unsigned char)s[1] == 0xa0;

		if (pre && c == '\n') {
			end_line(w, true);
		} else if (!pre && (c == ' ' || c == '\t' || c == '\n' ||
				    c == '\r' || c == '\f')) {
			w->space = w->len > w->start;
		} else {
			if (w->space)
				put(w, " ", 1);
			w->space = false;
			w->content = true;
			if (!nbsp)
				w->line &= w->shade;
			put(w, nbsp ? " " : s, 1);
			s += nbsp;
		}
	}
}

/* ------------------------------------------------------- what a node says */

static const char *attr(const GumboNode *node, const char *name)
{
	const GumboAttribute *a =
	    gumbo_get_attribute(&node->v.element.attributes, name);

	return a ? a->value : "";
}

static bool attr_has(const GumboNode *node, const char *name, const char *what)
{
	return mail_has(sdg_str(attr(node, name)), what);
}

/* The style without blanks, so that "display : none" is one spelling. */
static struct sdg_str style(const GumboNode *node, char buf[512])
{
	const char *s = attr(node, "style");
	size_t n = 0;

	for (; *s && n < 511; s++)
		if ((unsigned char)*s > ' ')
			buf[n++] = *s;
	buf[n] = '\0';
	return (struct sdg_str){ buf, n };
}

/* @property is set to zero: "opacity:0" but not "opacity:0.5" */
static bool is_zero(struct sdg_str css, const char *property)
{
	ptrdiff_t at = mail_find(css, property);
	size_t i;

	if (at < 0)
		return false;
	i = (size_t)at + strlen(property);
	return i == css.len ||
	       (css.s[i] != '.' && !(css.s[i] >= '0' && css.s[i] <= '9'));
}

static bool is_hidden(const GumboNode *node)
{
	char buf[512];
	struct sdg_str css = style(node, buf);

	if (gumbo_get_attribute(&node->v.element.attributes, "hidden"))
		return true;
	return css.len &&
	       (mail_has(css, "display:none") ||
		mail_has(css, "visibility:hidden") ||
		mail_has(css, "mso-hide:all") || is_zero(css, "font-size:0") ||
		is_zero(css, "font-size:0px") ||
		is_zero(css, "font-size:1px") || is_zero(css, "max-height:0") ||
		is_zero(css, "opacity:0"));
}

static bool is_skipped(const GumboNode *node)
{
	switch (node->v.element.tag) {
	case GUMBO_TAG_HEAD:
	case GUMBO_TAG_STYLE:
	case GUMBO_TAG_SCRIPT:
	case GUMBO_TAG_TITLE:
	case GUMBO_TAG_TEMPLATE:
	case GUMBO_TAG_SELECT:
	case GUMBO_TAG_OBJECT:
	case GUMBO_TAG_SVG:
	case GUMBO_TAG_IFRAME:
	case GUMBO_TAG_TEXTAREA:
		return true;
	default:
		return is_hidden(node);
	}
}

static bool is_block(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_P:
	case GUMBO_TAG_DIV:
	case GUMBO_TAG_UL:
	case GUMBO_TAG_OL:
	case GUMBO_TAG_LI:
	case GUMBO_TAG_DL:
	case GUMBO_TAG_DT:
	case GUMBO_TAG_DD:
	case GUMBO_TAG_TABLE:
	case GUMBO_TAG_TR:
	case GUMBO_TAG_H1:
	case GUMBO_TAG_H2:
	case GUMBO_TAG_H3:
	case GUMBO_TAG_H4:
	case GUMBO_TAG_H5:
	case GUMBO_TAG_H6:
	case GUMBO_TAG_BLOCKQUOTE:
	case GUMBO_TAG_PRE:
	case GUMBO_TAG_CENTER:
	case GUMBO_TAG_ADDRESS:
	case GUMBO_TAG_SECTION:
	case GUMBO_TAG_ARTICLE:
	case GUMBO_TAG_HEADER:
	case GUMBO_TAG_FOOTER:
	case GUMBO_TAG_MAIN:
	case GUMBO_TAG_FORM:
	case GUMBO_TAG_FIELDSET:
	case GUMBO_TAG_BODY:
		return true;
	default:
		return false;
	}
}

/* Word and Outlook set their paragraphs without space between them and
 * write the blank line as a paragraph of its own. */
static bool has_margin(const GumboNode *node)
{
	char buf[512];
	struct sdg_str css;

	switch (node->v.element.tag) {
	case GUMBO_TAG_H1:
	case GUMBO_TAG_H2:
	case GUMBO_TAG_H3:
	case GUMBO_TAG_H4:
		return true;
	case GUMBO_TAG_P:
		css = style(node, buf);
		return !attr_has(node, "class", "Mso") &&
		       !mail_has(css, "margin:0") &&
		       !mail_has(css, "margin-top:0") &&
		       !mail_has(css, "margin-bottom:0");
	default:
		return false;
	}
}

/* Markup of mail programs for what stands above a quote. */
static unsigned hint_of(const GumboNode *node)
{
	static const char *const replies[] = { "divRplyFwdMsg",
					       "OLK_SRC_BODY_SECTION",
					       "reply-intro", "zwchr", NULL };
	struct sdg_str id = sdg_str(attr(node, "id"));
	struct sdg_str class = sdg_str(attr(node, "class"));
	char buf[512];
	struct sdg_str css = style(node, buf);

	if (mail_any(id, replies, mail_has) || mail_has(class, "yahoo_quoted"))
		return MAIL_HINT_REPLY;
	if (mail_has(class, "gmail_attr") || mail_has(class, "moz-cite-prefix"))
		return MAIL_HINT_CITE;
	/* Outlook's bordered block, by the only thing that marks it. */
	if (node->v.element.tag == GUMBO_TAG_DIV &&
	    mail_has(css, "border-top:solid") && mail_has(css, "padding:3.0pt"))
		return MAIL_HINT_REPLY;
	return 0;
}

static bool is_signature(const GumboNode *node)
{
	static const char *const marks[] = { "gmail_signature", "moz-signature",
					     "protonmail_signature_block",
					     "tutanota_signature", NULL };
	static const char *const ids[] = { "Signature",
					   "x_Signature",
					   "AppleMailSignature",
					   "ms-outlook-mobile-signature",
					   "divtagdefaultsignature",
					   NULL };
	const char *class = attr(node, "class");
	const char *id = attr(node, "id");

	return (*class && mail_any(sdg_str(class), marks, mail_has)) ||
	       (*id && mail_any(sdg_str(id), ids, mail_is));
}

/* Mail programs also indent with a blockquote: those carry no bar, no class
 * and no type, and follow no "… wrote:". */
static bool is_quote(const struct walk *w, const GumboNode *node)
{
	const struct mail_lines *lines = w->lines;
	char buf[512];
	struct sdg_str css;

	if (node->v.element.tag != GUMBO_TAG_BLOCKQUOTE)
		return false;
	css = style(node, buf);
	if (mail_has(css, "border:none") && !mail_has(css, "border-left"))
		return false;
	if (mail_is(sdg_str(attr(node, "type")), "cite") ||
	    attr_has(node, "class", "quote") || *attr(node, "cite") ||
	    mail_has(css, "border-left"))
		return true;
	for (size_t i = lines->n; i-- > 0 && i + 3 > lines->n;)
		if (lines->v[i].text.len)
			return mail_ends(lines->v[i].text, "wrote:") ||
			       (lines->v[i].hint & MAIL_HINT_CITE);
	return false;
}

/* ----------------------------------------------------------------- walking */

static void set_off(struct walk *w, const GumboNode *node)
{
	GumboTag tag = node->v.element.tag;
	unsigned shade = w->shade;
	char buf[512];

	if (tag == GUMBO_TAG_B || tag == GUMBO_TAG_STRONG)
		shade |= MAIL_HINT_BOLD;
	if (tag == GUMBO_TAG_I || tag == GUMBO_TAG_EM)
		shade |= MAIL_HINT_ITALIC;
	shade = mail_html_shade(
	    style(node, buf),
	    sdg_str(tag == GUMBO_TAG_FONT ? attr(node, "color") : ""), shade);
	if (shade == w->shade || w->shade_count == SHADES_MAX)
		return;
	w->shades[w->shade_count].node = node;
	w->shades[w->shade_count++].before = w->shade;
	w->shade = shade;
}

static void bullet(struct walk *w, const GumboNode *node)
{
	const GumboNode *list = node->parent;
	unsigned number = 1;

	if (list && list->type == GUMBO_NODE_ELEMENT &&
	    list->v.element.tag == GUMBO_TAG_OL) {
		char digits[16];
		size_t n = sizeof(digits);

		for (size_t i = 0; i < node->index_within_parent && i < 999;
		     i++) {
			const GumboNode *sibling =
			    list->v.element.children.data[i];

			number += sibling->type == GUMBO_NODE_ELEMENT;
		}
		digits[--n] = ' ';
		digits[--n] = '.';
		for (; number; number /= 10)
			digits[--n] = (char)('0' + number % 10);
		put(w, digits + n, sizeof(digits) - n);
	} else {
		put(w, "- ", 2);
	}
}

/* Returns whether its children are to be visited. */
static bool enter(struct walk *w, const GumboNode *node)
{
	GumboTag tag = node->v.element.tag;

	if (is_skipped(node))
		return false;
	if (is_block(tag) || tag == GUMBO_TAG_BR)
		end_line(w, tag == GUMBO_TAG_BR);
	if (tag == GUMBO_TAG_HR) {
		end_line(w, false);
		mail_lines_add(w->lines, sdg_str(""), w->quote, MAIL_HINT_RULE);
		if (mail_any(
			sdg_str(attr(node, "id")),
			(const char *const[]){ "zwchr", "stopSpelling", NULL },
			mail_is))
			w->hint |= MAIL_HINT_REPLY;
	}
	if ((tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) && w->content)
		w->space = true;
	if (tag == GUMBO_TAG_LI)
		bullet(w, node);
	if (is_block(tag) || tag == GUMBO_TAG_SPAN || tag == GUMBO_TAG_HR) {
		unsigned hint = hint_of(node);

		w->hint |= hint;
		if (!w->signature && is_signature(node)) {
			end_line(w, false);
			w->signature = node;
		}
	}
	if (has_margin(node))
		w->gap = true;
	set_off(w, node);
	if (tag == GUMBO_TAG_PRE && !w->pre)
		w->pre = node;
	if (w->quote < QUOTES_MAX && is_quote(w, node))
		w->quotes[w->quote++] = node;
	return true;
}

static void leave(struct walk *w, const GumboNode *node)
{
	if (is_block(node->v.element.tag) || node == w->signature)
		end_line(w, false);
	if (is_block(node->v.element.tag) && has_margin(node))
		w->gap = true;
	if (node == w->signature)
		w->signature = NULL;
	if (node == w->pre)
		w->pre = NULL;
	if (w->quote && w->quotes[w->quote - 1] == node)
		w->quote--;
	if (w->shade_count && w->shades[w->shade_count - 1].node == node)
		w->shade = w->shades[--w->shade_count].before;
}

static void visit(struct walk *w, const GumboNode *root)
{
	const GumboNode *node = root;
	bool down = true;

	while (node) {
		const GumboVector *children = NULL;

		if (node->type == GUMBO_NODE_ELEMENT && down)
			down = enter(w, node);
		else if (down && (node->type == GUMBO_NODE_TEXT ||
				  node->type == GUMBO_NODE_WHITESPACE ||
				  node->type == GUMBO_NODE_CDATA))
			add_text(w, node->v.text.text, w->pre != NULL);
		if (down && node->type == GUMBO_NODE_ELEMENT)
			children = &node->v.element.children;
		if (children && children->length) {
			node = children->data[0];
			continue;
		}
		/* Up until there is a next sibling. */
		for (;;) {
			const GumboNode *up = node->parent;

			if (node->type == GUMBO_NODE_ELEMENT)
				leave(w, node);
			if (node == root || !up ||
			    up->type != GUMBO_NODE_ELEMENT)
				return;
			children = &up->v.element.children;
			if (node->index_within_parent + 1 < children->length) {
				node =
				    children
					->data[node->index_within_parent + 1];
				down = true;
				break;
			}
			node = up;
		}
	}
}

/* Sets *root, and keeps the jump out of the caller's frame. */
static bool parse(struct mail_pool *pool, struct sdg_str html,
		  GumboOutput **out)
{
	GumboOptions options = kGumboDefaultOptions;
	struct tree_pool tree = { .pool = pool };
	jmp_buf env;

	if (setjmp(env))
		return false;
	tree.out = &env;
	clock_gettime(CLOCK_MONOTONIC, &tree.begun);
	options.allocator = tree_alloc;
	options.deallocator = tree_free;
	options.userdata = &tree;
	options.max_errors = 0;
	*out = gumbo_parse_with_options(&options, html.s, html.len);
	return *out != NULL;
}

void mail_lines_html(struct mail_lines *lines, struct sdg_str html)
{
	struct walk w = { .lines = lines, .line = MAIL_HINT_SET_OFF };
	struct mail_pool *pool = NULL;
	GumboOutput *output = NULL;

	if (html.len > MAIL_HTML_MAX) {
		html.len = sdg_text_cut(html.s, html.len, MAIL_HTML_MAX);
		lines->full = true;
	}
	/* An entity may come out longer than it was written, by half; a
	 * bullet adds three bytes to a tag of four. */
	w.cap = 2 * html.len + 64;
	w.buf = mail_pool_alloc(lines->pool, w.cap);
	pool = mail_pool_new(TREE_MAX);
	if (!w.buf || !pool) {
		lines->full = true;
	} else if (parse(pool, html, &output)) {
		visit(&w, output->root);
		end_line(&w, false);
	} else {
		lines->full = true;
		mail_html_strip(lines, html);
	}
	mail_pool_free(pool);
}
