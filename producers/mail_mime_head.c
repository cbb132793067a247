/*
 * mail_mime_head: the header of a message: who wrote it, to whom, when.
 *
 * The first of each header counts; a second From, a group, a list of
 * senders is flagged. Nothing is missing badly enough to refuse a message,
 * save all of it at once.
 */
#include <string.h>
#include <strings.h>

#include "mail.h"
#include "mail_mime.h"

struct sdg_str mail_mime_safe(struct mail *mail, const char *s)
{
	struct sdg_str text = sdg_str(s);

	if (text.len > MAIL_HEADER_BYTES_MAX) {
		text.len =
		    sdg_text_cut(text.s, text.len, MAIL_HEADER_BYTES_MAX);
		mail->flags |= SDG_FLAG_LIMIT;
	}
	return mail_trim(mail_decode(mail->pool, text, sdg_str("")));
}

static void copy_headers(struct mail *mail, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int n = g_mime_header_list_get_count(list);

	for (int i = 0; i < n; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *value;

		if (mail->header_count == MAIL_HEADERS_MAX) {
			mail->flags |= SDG_FLAG_LIMIT;
			return;
		}
		value = g_mime_header_get_value(header);
		/* An encoded word in an address that our server quotes would
		 * come out as its own words: see mail_vouch.c. */
		if (strcasecmp(g_mime_header_get_name(header),
			       "Authentication-Results") == 0)
			value = g_mime_header_get_raw_value(header);
		mail->headers[mail->header_count++] = (struct mail_header){
			.name = mail_mime_safe(mail,
					       g_mime_header_get_name(header)),
			.value = mail_mime_safe(mail, value),
		};
	}
}

/* The first mailbox of a list, looking into groups. */
static InternetAddressMailbox *first_mailbox(InternetAddressList *list,
					     bool *more)
{
	for (int depth = 0; list && depth < 4; depth++) {
		int n = internet_address_list_length(list);
		InternetAddress *address;

		if (n < 1)
			return NULL;
		*more |= n > 1;
		address = internet_address_list_get_address(list, 0);
		if (INTERNET_ADDRESS_IS_MAILBOX(address))
			return INTERNET_ADDRESS_MAILBOX(address);
		*more = true;
		list = internet_address_group_get_members(
		    INTERNET_ADDRESS_GROUP(address));
	}
	return NULL;
}

static struct sdg_str normal(struct mail *mail, struct sdg_str address)
{
	char buf[SDG_FIELD_MAX + 1];
	size_t n = sdg_address_normalise(address, buf, sizeof(buf));

	return mail_pool_copy(mail->pool, (struct sdg_str){ buf, n });
}

/* Reads "Name <addr>, …" of the raw header @value: who is first. */
static bool first_address(struct mime *m, const char *value, bool *more,
			  struct sdg_str *name, struct sdg_str *address)
{
	struct sdg_str raw =
	    mail_pool_copy(m->mail->pool, mail_sub(sdg_str(value), 0, 4096));
	InternetAddressList *list;
	InternetAddressMailbox *box;

	list = internet_address_list_parse(m->options, raw.s);
	box = first_mailbox(list, more);
	if (box) {
		const char *addr = internet_address_mailbox_get_addr(box);

		*name = mail_mime_safe(
		    m->mail, internet_address_get_name(INTERNET_ADDRESS(box)));
		*address = normal(m->mail, mail_mime_safe(m->mail, addr));
	}
	if (list)
		g_object_unref(list);
	return box != NULL;
}

static void read_from(struct mime *m, GMimeObject *object)
{
	static const char *const names[] = { "From", "Sender", "Reply-To",
					     "Return-Path", NULL };
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	struct mail *mail = m->mail;
	unsigned froms = 0;
	bool more = false;

	for (size_t i = 0; i < mail->header_count; i++)
		froms += mail_is(mail->headers[i].name, "From");
	for (size_t i = 0; names[i] && !mail->from_address.len; i++) {
		GMimeHeader *header =
		    g_mime_header_list_get_header(list, names[i]);

		if (header)
			first_address(m, g_mime_header_get_raw_value(header),
				      &more, &mail->from_name,
				      &mail->from_address);
	}
	if (!mail->from_address.len)
		mail->from_address = normal(mail, mail->sender);
	if (froms != 1 || more)
		mail->flags |= SDG_FLAG_SENDER;
}

static struct sdg_str domain_of(struct sdg_str address)
{
	ptrdiff_t at = mail_find(address, "@");

	return at < 0 ? (struct sdg_str){ "", 0 }
		      : mail_sub(address, (size_t)at + 1, address.len);
}

static void read_to(struct mime *m, GMimeObject *object)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), "To");
	struct sdg_str name, address = { "", 0 };
	bool more = false;

	if (m->mail->recipient.len)
		address = m->mail->recipient;
	else if (header)
		first_address(m, g_mime_header_get_raw_value(header), &more,
			      &name, &address);
	m->mail->to_domain = domain_of(address);
}

/* A stored message has no envelope: what the last mail system wrote into it
 * of that, else whom the sender addressed. */
static void read_delivered(struct mime *m, GMimeObject *object)
{
	static const char *const names[] = { "X-Original-To", "Delivered-To",
					     "Envelope-To", "To", NULL };
	GMimeHeaderList *list = g_mime_object_get_header_list(object);

	for (size_t i = 0; names[i] && !m->mail->delivered.len; i++) {
		GMimeHeader *header =
		    g_mime_header_list_get_header(list, names[i]);
		struct sdg_str name, address = { "", 0 };
		bool more = false;

		if (header &&
		    first_address(m, g_mime_header_get_raw_value(header), &more,
				  &name, &address))
			m->mail->delivered = address;
	}
}

/* When it was said: Date, else when the first relay saw it. */
static void read_date(struct mail *mail, GMimeMessage *message)
{
	GDateTime *date = g_mime_message_get_date(message);

	if (date) {
		mail->said = g_date_time_to_unix(date);
	} else {
		for (size_t i = mail->header_count; i-- > 0 && !date;) {
			struct sdg_str value = mail->headers[i].value;
			size_t at = value.len;

			if (!mail_is(mail->headers[i].name, "Received"))
				continue;
			while (at > 0 && value.s[at - 1] != ';')
				at--;
			date = g_mime_utils_header_decode_date(value.s + at);
			if (date)
				mail->said = g_date_time_to_unix(date);
			if (date)
				g_date_time_unref(date);
		}
	}
	if (mail->said < 0)
		mail->said = 0;
}

void mail_mime_headers(struct mime *m, GMimeMessage *message)
{
	GMimeObject *object = GMIME_OBJECT(message);
	GMimeObject *body = g_mime_message_get_mime_part(message);
	struct mail *mail = m->mail;
	struct sdg_str return_path;

	copy_headers(mail, object);
	mail->message_id = mail_header(mail, "Message-ID");
	if (mail->message_id.len > 2 && mail->message_id.s[0] == '<' &&
	    mail->message_id.s[mail->message_id.len - 1] == '>')
		mail->message_id =
		    mail_sub(mail->message_id, 1, mail->message_id.len - 1);
	mail->subject = mail_header(mail, "Subject");
	read_from(m, object);
	read_to(m, object);
	read_delivered(m, object);
	read_date(mail, message);
	return_path = mail_header(mail, "Return-Path");
	if (sdg_str_eq(return_path, "<>"))
		mail->null_sender = true;
	if (body) {
		GMimeContentType *type = g_mime_object_get_content_type(body);
		char *name = g_mime_content_type_get_mime_type(type);

		mail->type = mail_mime_safe(mail, name);
		mail->report_type = mail_mime_safe(
		    mail,
		    g_mime_content_type_get_parameter(type, "report-type"));
		g_free(name);
	}
	/* Half of any file has something before a colon; a mail says who or
	 * when or what about. */
	if (!mail->from_address.len && !mail_has_header(mail, "Date") &&
	    !mail_has_header(mail, "Subject") &&
	    !mail_has_header(mail, "From") &&
	    !mail_has_header(mail, "Received") && !mail->message_id.len)
		mail->unreadable = "not a mail message";
}
