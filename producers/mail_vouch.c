/*
 * mail_vouch: reading Authentication-Results (RFC 8601).
 *
 * Anybody may write such a header into a mail. Ours is the topmost that has
 * our server's name, since each server writes above what was there; what
 * stands below it under the same name is the sender's own work. Parts of it
 * are the sender's words, too (an envelope address, a comment), so it is read
 * by its grammar and never searched; what does not fit the grammar vouches
 * for nobody.
 */
#include <string.h>
#include <strings.h>

#include "mail_vouch.h"

enum token { T_END, T_WORD, T_EQUALS, T_SEMICOLON, T_BAD };

struct lexer {
	struct sdg_str rest;
	struct sdg_str word; /* of the last T_WORD, without its quotes */
	bool quoted;
};

static void skip(struct lexer *l, size_t n)
{
	l->rest = mail_sub(l->rest, n, l->rest.len);
}

/* Past a comment, which may hold others; false when it does not end. */
static bool skip_comment(struct lexer *l)
{
	size_t depth = 0;

	for (size_t i = 0; i < l->rest.len; i++) {
		char c = l->rest.s[i];

		if (c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			skip(l, i + 1);
			return true;
		}
	}
	return false;
}

static enum token quoted(struct lexer *l)
{
	for (size_t i = 1; i < l->rest.len; i++) {
		if (l->rest.s[i] == '\\') {
			i++;
		} else if (l->rest.s[i] == '"') {
			l->word = mail_sub(l->rest, 1, i);
			l->quoted = true;
			skip(l, i + 1);
			return T_WORD;
		}
	}
	return T_BAD;
}

static enum token next(struct lexer *l)
{
	size_t n = 0;

	for (;;) {
		while (l->rest.len && strchr(" \t\r\n", l->rest.s[0]))
			skip(l, 1);
		if (!l->rest.len)
			return T_END;
		if (l->rest.s[0] != '(')
			break;
		if (!skip_comment(l))
			return T_BAD;
	}
	l->quoted = false;
	switch (l->rest.s[0]) {
	case '=':
		skip(l, 1);
		return T_EQUALS;
	case ';':
		skip(l, 1);
		return T_SEMICOLON;
	case '"':
		return quoted(l);
	case ')':
		return T_BAD;
	}
	while (n < l->rest.len && !strchr(" \t\r\n()=;\"", l->rest.s[n]))
		n++;
	if (n == 0) /* a NUL: safe text has none */
		return T_BAD;
	l->word = mail_sub(l->rest, 0, n);
	skip(l, n);
	return T_WORD;
}

static bool same(struct sdg_str a, struct sdg_str b)
{
	return a.len == b.len && a.len > 0 && strncasecmp(a.s, b.s, a.len) == 0;
}

/* @signer is @domain or a domain that holds it, and no top-level one. */
static bool is_aligned(struct sdg_str signer, struct sdg_str domain)
{
	ptrdiff_t at = mail_find(signer, "@");

	if (at >= 0)
		signer = mail_sub(signer, (size_t)at + 1, signer.len);
	if (same(signer, domain))
		return true;
	if (signer.len + 1 >= domain.len || mail_find(signer, ".") <= 0)
		return false;
	return domain.s[domain.len - signer.len - 1] == '.' &&
	       same(signer,
		    mail_sub(domain, domain.len - signer.len, domain.len));
}

/* One result: "dkim=pass (…) header.d=association.example". */
struct result {
	struct sdg_str method, value;
	bool aligned;  /* a property that tells of whom, and it is ours */
	bool stranger; /* one that is not */
};

static void take_property(struct result *r, struct sdg_str name,
			  struct sdg_str value, struct sdg_str domain)
{
	bool exact = mail_is(r->method, "dmarc");

	if (exact ? !mail_is(name, "header.from")
	    : mail_is(r->method, "dkim")
		? !mail_is(name, "header.d") && !mail_is(name, "header.i")
		: !mail_is(name, "smtp.mailfrom"))
		return;
	if (exact ? same(value, domain) : is_aligned(value, domain))
		r->aligned = true;
	else
		r->stranger = true;
}

/* Reads up to the next semicolon: T_SEMICOLON, T_END or T_BAD. */
static enum token read_result(struct lexer *l, struct sdg_str domain,
			      struct result *r)
{
	struct sdg_str name = { "", 0 };
	enum token t = next(l);

	*r = (struct result){ 0 };
	if (t != T_WORD || l->quoted)
		return t == T_END || t == T_SEMICOLON ? t : T_BAD;
	r->method = l->word;
	for (size_t i = 0; i < r->method.len; i++)
		if (r->method.s[i] == '/') /* its version */
			r->method = mail_sub(r->method, 0, i);
	t = next(l);
	if (t == T_SEMICOLON || t == T_END) /* "none" */
		return t;
	if (t != T_EQUALS || next(l) != T_WORD || l->quoted)
		return T_BAD;
	r->value = l->word;
	while ((t = next(l)) == T_WORD || t == T_EQUALS) {
		if (t == T_WORD) {
			name = l->quoted ? (struct sdg_str){ "", 0 } : l->word;
			continue;
		}
		t = next(l);
		if (t == T_WORD)
			take_property(r, name, l->word, domain);
		else if (t != T_EQUALS)
			return t;
		name = (struct sdg_str){ "", 0 };
	}
	return t;
}

enum mail_auth mail_auth_read(struct sdg_str value, const char *authserv_id,
			      struct sdg_str domain)
{
	struct lexer l = { .rest = value };
	bool pass = false, failed = false;
	struct result r;
	enum token t;

	if (next(&l) != T_WORD || !*authserv_id ||
	    !same(l.word, sdg_str(authserv_id)))
		return MAIL_AUTH_OTHER;
	t = next(&l);
	if (t == T_WORD) /* the header's version */
		t = next(&l);
	while (t == T_SEMICOLON) {
		bool good;

		t = read_result(&l, domain, &r);
		good = mail_is(r.value, "pass") && !r.stranger;
		if (mail_is(r.method, "dmarc")) {
			/* Some servers say no more than dmarc=pass. */
			pass |= good;
			failed |= !good && !mail_is(r.value, "none");
		} else if (mail_is(r.method, "dkim") ||
			   mail_is(r.method, "spf")) {
			pass |= good && r.aligned;
		}
	}
	return t == T_END && pass && !failed ? MAIL_AUTH_PASS : MAIL_AUTH_NO;
}

bool mail_vouched(const struct mail *mail, const char *authserv_id)
{
	ptrdiff_t at = mail_find(mail->from_address, "@");
	struct sdg_str domain;

	/* Several senders, or none that the header names: for whom would
	 * the server vouch? */
	if (at < 0 || mail->flags & SDG_FLAG_SENDER)
		return false;
	domain = mail_sub(mail->from_address, (size_t)at + 1,
			  mail->from_address.len);
	for (size_t i = 0; i < mail->header_count; i++) {
		enum mail_auth auth;

		if (!mail_is(mail->headers[i].name, "Authentication-Results"))
			continue;
		auth =
		    mail_auth_read(mail->headers[i].value, authserv_id, domain);
		if (auth != MAIL_AUTH_OTHER)
			return auth == MAIL_AUTH_PASS;
	}
	return false;
}
