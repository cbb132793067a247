/*
 * mail_notes: a mail to notes@ as a representative's note.
 *
 * It is taken only from the roster, and only when our own mail server
 * vouches for the sender; else it is set aside as every mail that could not
 * be taken, raw, until a person lets it through. Who sent it and for which
 * constituency is what the roster says, never what the note does.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "mail.h"
#include "mail_notes.h"
#include "mail_vouch.h"
#include "note.h"
#include "note_event.h"

#define DAY 86400
#define HELD "note held for approval: "

/* @recipient, its +tag aside, is the address for notes, or has its local
 * part where only that is configured. */
static bool is_for_notes(const char *recipient, const char *address)
{
	size_t local = strcspn(recipient, "+@"), want = strcspn(address, "@");
	const char *at = strchr(recipient, '@');

	if (local == 0 || local != want ||
	    strncasecmp(recipient, address, want) != 0)
		return false;
	return !address[want] || (at && strcasecmp(at, address + want) == 0);
}

/* What the roster says, over what the note does. */
static void set_sender(struct note *note, struct mail *mail,
		       const struct sdg_representative *one)
{
	if (one) {
		memcpy(note->representative, one->name,
		       sizeof(note->representative));
		memcpy(note->constituency, one->constituency,
		       sizeof(note->constituency));
		return;
	}
	/* Let through by a person, from somebody the office does not know. */
	note_copy(note->representative, sizeof(note->representative),
		  mail->from_address);
	note->constituency[0] = '\0';
}

static int add_point(const struct mail_settings *settings, struct mail *mail,
		     const struct note *note, size_t i,
		     const struct sdg_representative *one, uint8_t *out,
		     size_t *len)
{
	char address[SDG_FIELD_MAX + 1];
	struct note_scratch scratch;
	struct sdg_feedback fb;
	uint32_t n;
	size_t size;
	int rc;

	note_copy(address, sizeof(address), mail->from_address);
	rc = note_to_feedback(note, &note->points[i], address, &scratch, &fb,
			      NULL);
	if (rc < 0)
		return rc;
	fb.received = settings->received;
	fb.consultation = sdg_str(settings->consultation);
	fb.recipient = mail->recipient;
	fb.reference = mail_reference(mail);
	fb.test = settings->test;
	if (one && one->region)
		fb.respondent.region = sdg_str(sdg_region_name(one->region));
	if (i == 0) { /* what a person should look at, once */
		fb.flags = mail->flags;
		fb.truncated = mail->truncated;
	}
	rc = sdg_feedback_encode(&fb, out + sizeof(n), &size, NULL);
	if (rc < 0)
		return rc;
	n = (uint32_t)size;
	memcpy(out, &n, sizeof(n));
	*len += sizeof(n) + size;
	return 0;
}

static int points_of(const struct mail_settings *settings, struct mail *mail,
		     const struct sdg_representative *one, uint8_t **out,
		     size_t *len, const char **why)
{
	/* Of the message at hand: what is wrong with its note. */
	static struct sdg_error wrong;
	int64_t now = mail->said ? mail->said : settings->received;
	struct note *note = NULL;
	uint8_t *buf = NULL, *more;
	int rc;

	*len = 0;
	*why = wrong.message;
	rc = note_parse(mail->text.s ? mail->text.s : "", mail->text.len, now,
			&note, &wrong);
	if (rc < 0)
		return rc;
	set_sender(note, mail, one);
	/* The mail's own day, not ours: it is the same when sent again. */
	if (!note->has_date && mail->said) {
		note->has_date = true;
		note->date = mail->said - mail->said % DAY;
	}
	*why = "the note's points do not fit";
	for (size_t i = 0; rc == 0 && i < note->point_count; i++) {
		more = realloc(buf, *len + sizeof(uint32_t) + SDG_EVENT_MAX);
		rc = more ? 0 : SDG_ENOMEM;
		if (!more)
			break;
		buf = more;
		rc = add_point(settings, mail, note, i, one, buf + *len, len);
	}
	if (rc == 0 && *len == 0)
		rc = SDG_EINVAL;
	note_free(note);
	if (rc < 0)
		free(buf);
	else
		*out = buf;
	return rc;
}

/* In the child. */
static int take_note(const struct mail_settings *settings, struct mail *mail,
		     uint8_t **out, size_t *len, const char **why)
{
	const struct mail_notes *notes = settings->note_arg;
	const struct sdg_representative *one;

	if (mail->kind == SDG_KIND_AUTO_REPLY && !notes->approved)
		return 1;
	one = sdg_roster_find(&notes->roster, mail->from_address,
			      (int32_t)(settings->received / DAY));
	if (!one && !notes->approved) {
		*why = HELD "sender not on the roster";
		return SDG_EINVAL;
	}
	if (!notes->approved &&
	    !mail_vouched(mail, notes->config.mail.authserv_id)) {
		*why = HELD "the mail server does not vouch for the sender";
		return SDG_EINVAL;
	}
	return points_of(settings, mail, one, out, len, why);
}

int mail_notes_open(struct mail_notes *notes, struct mail_options *opt,
		    struct sdg_error *err)
{
	struct sdg_error why = { 0 };
	int rc;

	*notes = (struct mail_notes){ .approved = opt->approved };
	if (opt->dry_run || (!opt->settings.recipient && !opt->approved))
		return 0;
	rc = sdg_config_load(&opt->home, &notes->config, err);
	if (rc < 0)
		return rc;
	if (!opt->approved && !is_for_notes(opt->settings.recipient,
					    notes->config.mail.notes_address))
		return 0;
	/* Unread, it knows nobody: notes are held, and nothing is lost. */
	if (sdg_roster_load(&opt->home, &notes->roster, &why) < 0)
		syslog(LOG_WARNING, "notes are held for approval: %s",
		       why.message);
	opt->settings.note = take_note;
	opt->settings.note_arg = notes;
	return 0;
}

void mail_notes_close(struct mail_notes *notes)
{
	sdg_roster_fini(&notes->roster);
}
