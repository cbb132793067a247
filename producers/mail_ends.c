/*
 * mail_ends: what machines put above and below a letter.
 *
 * Banners ("CAUTION: external"), disclaimers, lists' and scanners' footers,
 * "Sent from my iPhone". A paragraph is one of these by the phrases that
 * lawyers and appliances use, never by its place alone, and a disclaimer
 * only when nothing but its like and a signature follows.
 */
#include <string.h>

#include "mail.h"

static const char *const outside[] = {
	"originated from outside",
	"originated outside",
	"external email",
	"external e-mail",
	"external sender",
	"from outside of",
	"from outside the",
	"from an external",
	"outside your organi",
	"outside of your organi",
	"do not click",
	"don't click",
	"you don't often get email from",
	"you don’t often get email from",
	"some people who received this message don't often",
	"y tu allan i",
	"e-bost allanol",
	"ebost allanol",
	"external mail",
	"think before you click",
	"external to the",
	"this email is external",
	NULL
};

static const char *const banner_starts[] = { "caution",
					     "warning",
					     "[external",
					     "external",
					     "*external",
					     "this email",
					     "this e-mail",
					     "this message",
					     "*caution",
					     "***",
					     "attention",
					     "you don't often",
					     "you don’t often",
					     "some people who",
					     "[you don't often",
					     "[you don’t often",
					     "zjqcmqryfpfptbannerstart",
					     "rhybudd",
					     "*warning",
					     "**",
					     "⚠",
					     "security notice",
					     "[caution",
					     "be careful",
					     NULL };

/* Lawyers and appliances alone write these: one is enough. */
static const char *const sure[] = {
	"intended recipient",
	"intended only for the addressee",
	"intended only for the use",
	"intended only for the person",
	"intended only for the named",
	"intended only for the individual",
	"intended solely",
	"intended for the addressee",
	"intended for the named",
	"intended for the sole use",
	"intended for the recipient",
	"for the use of the individual",
	"named addressee",
	"email and any attachment",
	"e-mail and any attachment",
	"email and any files",
	"e-mail and any files",
	"message and any attachment",
	"email (and any attach",
	"e-mail (and any attach",
	"this email is intended for",
	"this e-mail is intended for",
	"this message is intended for",
	"confidential and may",
	"confidential and intended",
	"may contain confidential",
	"may contain privileged",
	"may be privileged",
	"legally privileged",
	"views expressed are those",
	"views expressed in this email",
	"views expressed in this e-mail",
	"views expressed in this message",
	"opinions expressed in this",
	"opinions expressed are those",
	"any views or opinions",
	"do not necessarily reflect the views",
	"not necessarily represent the",
	"scanned for viruses",
	"scanned for virus",
	"virus scanned",
	"checked for viruses",
	"has been scanned by",
	"been swept by",
	"swept for",
	"report this email as spam",
	"report this message as spam",
	"email security gateway",
	"follow us on twitter",
	"follow us on facebook",
	"like us on facebook",
	"read our privacy",
	"see our privacy",
	"view our privacy",
	"work flexibly and",
	"outside normal hours",
	"outside normal working hours",
	"outside of normal working hours",
	"outside your working hours",
	"outside your normal working",
	"not expect you to reply",
	"not expect a reply",
	"not expect you to respond",
	"not expect a response",
	"feel obliged to reply",
	"feel obliged to respond",
	"believed to be clean",
	"consider the environment before",
	"please consider the environment",
	"before printing this",
	"print this email unless",
	"think before you print",
	"need to print this",
	"committed to safeguarding and promot",
	"responsibility for safeguarding and promot",
	"email hosted by",
	"virus-free",
	"received this email in error",
	"received this e-mail in error",
	"received this message in error",
	"received it in error",
	"sent to you in error",
	"if you have received this email",
	"if you have received this e-mail",
	"if you have received this message",
	"disclosure, copying",
	"bwriadwyd ar gyfer",
	"fwriadwyd ar gyfer",
	"fwriadu ar gyfer",
	"mae'r e-bost hwn yn gyfrinachol",
	"mae’r e-bost hwn yn gyfrinachol",
	"yn gyfrinachol ac",
	"neges hon drwy gamgymeriad",
	"e-bost hwn drwy gamgymeriad",
	"e-bost hwn ar gam",
	"neges hon ar gam",
	"amgylchedd cyn argraffu",
	"cyn argraffu'r e-bost",
	"accepts no liability",
	"accept no liability",
	"no liability is accepted",
	"accepts no responsibility",
	"email may be monitored",
	"emails may be monitored",
	"communications may be monitored",
	"e-mails may be monitored",
	"emails are monitored",
	"registered in england",
	"cofrestredig yng nghymru",
	NULL
};

/* What a house says of itself: people write of these as well, but with
 * pronouns and without numbers. */
static const char *const house[] = { "registered office",
				     "limited by guarantee",
				     "company number",
				     "company no",
				     "company registration",
				     "company reg",
				     "registered charity",
				     "charity number",
				     "charity no",
				     "exempt charity",
				     "safeguarding and promoting the welfare",
				     "privacy notice",
				     "privacy policy",
				     "mimecast",
				     "zixmail",
				     "messagelabs",
				     "mailscanner",
				     "avast.com",
				     "rhif elusen",
				     "elusen gofrestredig",
				     "vat registration",
				     "vat no",
				     "is monitored for",
				     "subject to monitoring",
				     "freedom of information",
				     "data protection act",
				     "follow us on",
				     "find us on facebook",
				     "registered number",
				     "disclaimer",
				     NULL };

/* Three of these are. */
static const char *const hints[] = {
	"confidential", "privileged",   "monitored",  "in error",
	"unauthorised", "disclose",     "liability",  "delete",
	"viruses",      "attachments",  "legally",    "recipient",
	"addressee",    "prohibited",   "disclaimer", "copyright",
	"unsolicited",  "intended for", "sender",     "gyfrinachol",
	"derbynnydd",   "anfonwr",      "atodiadau",  NULL
};

struct range {
	size_t first, last;
};

/* The paragraph of own lines that ends at or before @to; false: none. */
static bool para_before(const struct mail_lines *lines, size_t from, size_t to,
			struct range *para)
{
	const struct mail_line *v = lines->v;

	while (to > from &&
	       (v[to - 1].piece != MAIL_OWN || !v[to - 1].text.len))
		to--;
	if (to == from)
		return false;
	para->last = to - 1;
	while (to > from && v[to - 1].piece == MAIL_OWN && v[to - 1].text.len)
		to--;
	para->first = to;
	return true;
}

static void cut(struct mail_lines *lines, struct range at,
		enum mail_piece piece, const char *why)
{
	for (size_t i = at.first; i <= at.last; i++) {
		lines->v[i].piece = (uint8_t)piece;
		lines->v[i].why = why;
	}
}

/* The lines of a paragraph as one string: phrases wrap. */
static struct sdg_str joined(struct mail *mail, struct range at)
{
	size_t size = 1, len = 0;
	char *buf;

	for (size_t i = at.first; i <= at.last; i++)
		size += mail->lines.v[i].text.len + 1;
	buf = mail_pool_alloc(mail->pool, size);
	if (!buf)
		return (struct sdg_str){ "", 0 };
	for (size_t i = at.first; i <= at.last; i++) {
		struct sdg_str text = mail->lines.v[i].text;

		memcpy(buf + len, text.s, text.len);
		len += text.len;
		buf[len++] = ' ';
	}
	return (struct sdg_str){ buf, len };
}

static bool is_personal(struct sdg_str text)
{
	static const char *const words[] = { "i",   "i'm",  "i've", "i'd", "my",
					     "i’m", "i’ve", "i’d",  NULL };

	return mail_any(text, words, mail_has_word) != NULL;
}

/* Five digits in a row: a company's or a charity's number */
static bool has_number(struct sdg_str text)
{
	size_t run = 0;

	for (size_t i = 0; i < text.len && run < 5; i++)
		run = text.s[i] >= '0' && text.s[i] <= '9' ? run + 1 : 0;
	return run >= 5;
}

static bool is_disclaimer(struct sdg_str text)
{
	static const char *const pronouns[] = { "you", "your", "we",     "our",
						"us",  "they", "should", NULL };
	struct mail_index index = { 0 };
	unsigned certain, of_house;

	if (mail_is(mail_trim(text), "disclaimer"))
		return true;
	mail_index_add(&index, text);
	certain = mail_count(text, &index, sure);
	of_house = mail_count(text, &index, house);
	if (is_personal(text))
		return certain >= 2;
	if (certain || of_house >= 2 || (of_house && has_number(text)))
		return true;
	if (of_house && !mail_any(text, pronouns, mail_has_word))
		return true;
	return mail_count(text, &index, hints) >= 3;
}

/* ----------------------------------------------------------------- banners */

static void cut_banners(struct mail *mail, size_t from, size_t to)
{
	struct mail_lines *lines = &mail->lines;

	for (int paras = 0; from < to && paras < 3; paras++) {
		struct range para;
		struct sdg_str text;

		while (from < to && (lines->v[from].piece != MAIL_OWN ||
				     !lines->v[from].text.len))
			from++;
		para.first = para.last = from;
		while (para.last + 1 < to &&
		       lines->v[para.last + 1].piece == MAIL_OWN &&
		       lines->v[para.last + 1].text.len)
			para.last++;
		if (from >= to)
			return;
		from = para.last + 1;
		/* Only as far as the warning goes: text may follow closely. */
		while (para.last > para.first &&
		       !mail_any(lines->v[para.last].text, outside, mail_has) &&
		       !mail_has(lines->v[para.last].text,
				 "the content is safe") &&
		       !mail_has(lines->v[para.last].text, "bannerend") &&
		       !mail_has(lines->v[para.last].text, "recogni"))
			para.last--;
		text = joined(mail, para);
		if (mail_words(text) < 75 &&
		    mail_any(text, banner_starts, mail_starts) &&
		    (mail_any(text, outside, mail_has) ||
		     mail_starts(text, "[external")) &&
		    !is_personal(text))
			cut(lines, para, MAIL_BANNER,
			    "warning of external mail");
	}
}

/* ------------------------------------------------------------- telephones */

static const char *const phone_starts[] = { "sent from",
					    "sent wirelessly",
					    "sent via",
					    "sent by",
					    "sent using",
					    "sent with",
					    "get outlook for",
					    "envoyé de",
					    "envoyé depuis",
					    "von meinem",
					    "gesendet mit",
					    "gesendet von",
					    "enviado desde",
					    "enviado de",
					    "inviato da",
					    "anfonwyd o",
					    "anfonwyd gan",
					    "anfonwyd trwy",
					    "verzonden vanaf",
					    "skickat från",
					    "sendt fra",
					    "wysłane z",
					    "get bluemail",
					    "sent on the go",
					    "enviado do",
					    "from my iphone",
					    "anfonwyd drwy",
					    "typed on",
					    "cael outlook ar gyfer",
					    NULL };

static const char *const phone_things[] = {
	"iphone",   "ipad",       "ipod",     "blackberry",
	"samsung",  "galaxy",     "htc",      "huawei",
	"nokia",    "windows",    "android",  "mobile",
	"phone",    "outlook",    "yahoo",    "mail for windows",
	"gmail",    "xperia",     "sony",     "tablet",
	"handheld", "smartphone", "kindle",   "nexus",
	"lumia",    "motorola",   "pixel",    "ios",
	"device",   "proton",     "bluemail", "hotmail",
	"typeapp",  "zoho",       "mymail",   "mail for mac",
	"oneplus",  "xiaomi",     "ffôn",     "aol",
	"o2",       "ee",         "vodafone", "windows mail",
	"surface",  "macbook",    "my mac",   "apple watch",
	NULL
};

static const char *const phone_verbs[] = { "is",    "was",  "are",   "will",
					   "which", "than", "where", "because",
					   "i",     "we",   "so",    NULL };

static bool is_phone_footer(struct sdg_str line)
{
	struct sdg_str rest, token, first;
	const char *start;

	while (line.len && strchr("<*_-([", line.s[0]))
		line = mail_sub(line, 1, line.len);
	if (line.len > 110 || mail_words(line) > 14)
		return false;
	start = mail_any(line, phone_starts, mail_starts);
	if (!start || !mail_any(line, phone_things, mail_has_word))
		return false;
	/* "Sent from my desk, which is easier than my phone" is somebody's
	 * sentence: the thing comes first, or no verb at all. */
	rest = mail_sub(line, strlen(start), line.len);
	first = mail_sub(rest, 0, 0);
	first.s = rest.s;
	for (size_t i = 0; i < 3 && mail_token(&rest, &token); i++)
		first.len = (size_t)(token.s + token.len - first.s);
	return mail_any(first, phone_things, mail_has_word) ||
	       !mail_any(line, phone_verbs, mail_has_word);
}

/* Only where the letter has ended: nothing of one's own but a signature
 * or a disclaimer may follow, which is a few lines. */
static void cut_phones(struct mail *mail, size_t from, size_t to)
{
	struct mail_lines *lines = &mail->lines;
	size_t after = 0;

	for (size_t i = to; i-- > from;) {
		struct mail_line *line = &lines->v[i];

		if (line->piece != MAIL_OWN || !line->text.len)
			continue;
		if (is_phone_footer(line->text)) {
			line->piece = MAIL_PHONE;
			line->why = "mail program's own line";
			if (i > from && mail_is(lines->v[i - 1].text, "--"))
				lines->v[i - 1].piece = MAIL_DELIMITER;
		} else if (mail_look(line->text) & MAIL_LOOK_PROSE ||
			   ++after > 12) {
			return;
		}
	}
}

/* ------------------------------------------------------------ disclaimers */

static bool is_list_footer(struct sdg_str text)
{
	static const char *const words[] = {
		"mailing list",
		"you received this message because you are",
		"you are receiving this",
		"to unsubscribe from this",
		"to unsubscribe send",
		"unsubscribe from this group",
		"to post to this group",
		"list-unsubscribe",
		NULL
	};

	return mail_any(text, words, mail_has) != NULL && !is_personal(text);
}

/* Some run on from the signature without a blank line. */
static void cut_within(struct mail *mail, struct range para)
{
	static const char *const starts[] = { "this email",
					      "this e-mail",
					      "this message",
					      "the information",
					      "disclaimer",
					      "confidential",
					      "registered",
					      "company",
					      "the contents",
					      "please consider",
					      "before printing",
					      "charity",
					      "any views",
					      "the views",
					      "important notice",
					      "if you are not",
					      "notice:",
					      "please think",
					      "mae'r",
					      NULL };

	for (size_t i = para.first; i <= para.last; i++) {
		struct range rest = { i, para.last };

		if (!mail_any(mail->lines.v[i].text, starts, mail_starts))
			continue;
		if (is_disclaimer(joined(mail, rest)) &&
		    !is_personal(joined(mail, rest))) {
			cut(&mail->lines, rest, MAIL_DISCLAIMER, "disclaimer");
			return;
		}
	}
}

static bool is_prose(const struct mail_lines *lines, struct range para)
{
	for (size_t i = para.first; i <= para.last; i++)
		if (mail_look(lines->v[i].text) & MAIL_LOOK_PROSE)
			return true;
	return false;
}

static void cut_disclaimers(struct mail *mail, size_t from, size_t to)
{
	struct mail_lines *lines = &mail->lines;
	struct range para;

	for (int n = 0; n < 25 && para_before(lines, from, to, &para); n++) {
		struct sdg_str text = joined(mail, para);

		to = para.first;
		/* The letter's first paragraph is no disclaimer unless it
		 * is the letter's only one, and then it is the letter. */
		if (!para_before(lines, from, to, &(struct range){ 0 }))
			return;
		if (is_list_footer(text)) {
			cut(lines, para, MAIL_LIST_FOOTER, "list's footer");
		} else if (mail_look(lines->v[para.first].text) &
			   MAIL_LOOK_POSTSCRIPT) {
			continue;
		} else if (is_disclaimer(text) &&
			   !(mail_look(lines->v[para.first].text) &
			     (MAIL_LOOK_NAME | MAIL_LOOK_CLOSING))) {
			cut(lines, para, MAIL_DISCLAIMER, "disclaimer");
		} else {
			cut_within(mail, para);
			if (is_prose(lines, para))
				return;
		}
	}
}

void mail_cut_ends(struct mail *mail, size_t from, size_t to)
{
	cut_banners(mail, from, to);
	cut_disclaimers(mail, from, to);
	cut_phones(mail, from, to);
}
