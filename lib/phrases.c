/*
 * phrases: the list. Weights are added to the model's own view of a kind, so
 * 3 turns an undecided piece and 1 only leans; for flags any weight counts.
 */
#include "phrases.h"

#include "theme.h"

struct phrase {
	enum sdg_phrase_group group;
	int weight;
	const char *words;
};

static const struct phrase PHRASES[] = {
	{ SDG_PHRASE_AUTO, 3, "automatic reply" },
	{ SDG_PHRASE_AUTO, 3, "auto reply" },
	{ SDG_PHRASE_AUTO, 3, "autoreply" },
	{ SDG_PHRASE_AUTO, 3, "automated response" },
	{ SDG_PHRASE_AUTO, 3, "automated reply" },
	{ SDG_PHRASE_AUTO, 3, "automated message" },
	{ SDG_PHRASE_AUTO, 3, "out of office" },
	{ SDG_PHRASE_AUTO, 3, "out of the office" },
	{ SDG_PHRASE_AUTO, 3, "away from the office" },
	{ SDG_PHRASE_AUTO, 2, "away from my desk" },
	{ SDG_PHRASE_AUTO, 2, "on annual leave" },
	{ SDG_PHRASE_AUTO, 2, "on maternity leave until" },
	{ SDG_PHRASE_AUTO, 2, "in my absence" },
	{ SDG_PHRASE_AUTO, 2, "limited access to email" },
	{ SDG_PHRASE_AUTO, 2, "no access to email" },
	{ SDG_PHRASE_AUTO, 2, "on my return" },
	{ SDG_PHRASE_AUTO, 1, "thank you for your email" },
	{ SDG_PHRASE_AUTO, 1, "thanks for your email" },
	{ SDG_PHRASE_AUTO, 1, "will be back" },
	{ SDG_PHRASE_AUTO, 3, "undeliverable" },
	{ SDG_PHRASE_AUTO, 3, "undelivered mail" },
	{ SDG_PHRASE_AUTO, 3, "delivery status notification" },
	{ SDG_PHRASE_AUTO, 3, "delivery has failed" },
	{ SDG_PHRASE_AUTO, 3, "delivery failure" },
	{ SDG_PHRASE_AUTO, 3, "mail delivery failed" },
	{ SDG_PHRASE_AUTO, 3, "mail delivery system" },
	{ SDG_PHRASE_AUTO, 3, "could not be delivered" },
	{ SDG_PHRASE_AUTO, 3, "permanent error" },
	{ SDG_PHRASE_AUTO, 3, "mailbox is full" },
	{ SDG_PHRASE_AUTO, 3, "mailbox full" },
	{ SDG_PHRASE_AUTO, 3, "mailbox is not monitored" },
	{ SDG_PHRASE_AUTO, 3, "was read on" },
	{ SDG_PHRASE_AUTO, 3, "read receipt" },
	{ SDG_PHRASE_AUTO, 3, "awaits moderator approval" },
	{ SDG_PHRASE_AUTO, 3, "your message has been received" },
	{ SDG_PHRASE_AUTO, 3, "your email has been received" },
	{ SDG_PHRASE_AUTO, 3, "we have received your" },
	{ SDG_PHRASE_AUTO, 3, "no longer works at" },
	{ SDG_PHRASE_AUTO, 3, "no longer works here" },
	{ SDG_PHRASE_AUTO, 3, "confirm you are human" },
	{ SDG_PHRASE_AUTO, 3, "approved senders" },
	{ SDG_PHRASE_AUTO, 2, "has been held" },
	{ SDG_PHRASE_AUTO, 3, "automatically generated" },
	{ SDG_PHRASE_AUTO, 3, "generated automatically" },
	{ SDG_PHRASE_AUTO, 3, "automated acknowledgement" },
	{ SDG_PHRASE_AUTO, 2, "not monitored" },
	{ SDG_PHRASE_AUTO, 2, "do not reply to this" },
	{ SDG_PHRASE_AUTO, 2, "please do not reply" },
	{ SDG_PHRASE_AUTO, 2, "has accepted this" },
	{ SDG_PHRASE_AUTO, 2, "accepted this meeting" },
	{ SDG_PHRASE_AUTO, 2, "declined this" },
	{ SDG_PHRASE_AUTO, 2, "was deleted without being read" },
	{ SDG_PHRASE_AUTO, 2, "return receipt" },
	{ SDG_PHRASE_AUTO, 2, "has been logged" },
	{ SDG_PHRASE_AUTO, 2, "ticket has been" },
	{ SDG_PHRASE_AUTO, 2, "has been registered" },
	{ SDG_PHRASE_AUTO, 2, "no mx for host" },
	{ SDG_PHRASE_AUTO, 2, "unable to deliver" },
	{ SDG_PHRASE_AUTO, 2, "couldnt be delivered" },
	{ SDG_PHRASE_AUTO, 2, "couldnt be found" },
	{ SDG_PHRASE_AUTO, 2, "your records accordingly" },
	{ SDG_PHRASE_AUTO, 2, "has left the school" },
	{ SDG_PHRASE_AUTO, 2, "has left the trust" },
	{ SDG_PHRASE_AUTO, 2, "no longer employed" },
	{ SDG_PHRASE_AUTO, 2, "will not be forwarded" },
	{ SDG_PHRASE_AUTO, 2, "has not been forwarded" },
	{ SDG_PHRASE_AUTO, 2, "when i return" },
	{ SDG_PHRASE_AUTO, 2, "on maternity leave" },
	{ SDG_PHRASE_AUTO, 2, "on paternity leave" },
	{ SDG_PHRASE_AUTO, 2, "on jury service" },
	{ SDG_PHRASE_AUTO, 1, "contact the office" },
	{ SDG_PHRASE_AUTO, 1, "for urgent matters" },
	{ SDG_PHRASE_AUTO, 1, "if its urgent" },
	{ SDG_PHRASE_AUTO, 1, "for anything urgent" },
	{ SDG_PHRASE_AUTO, 2, "mailing list submissions" },
	{ SDG_PHRASE_AUTO, 2, "message is being held" },
	{ SDG_PHRASE_AUTO, 2, "awaiting approval" },
	{ SDG_PHRASE_AUTO, 3, "would like to recall the message" },
	{ SDG_PHRASE_AUTO, 2, "out of school on" },
	{ SDG_PHRASE_AUTO, 2, "on half term" },
	{ SDG_PHRASE_AUTO, 2, "reply when term starts" },
	{ SDG_PHRASE_AUTO, 2, "respond when i" },
	{ SDG_PHRASE_AUTO, 2, "for school matters" },
	{ SDG_PHRASE_AUTO, 3, "is no longer in use" },
	{ SDG_PHRASE_AUTO, 3, "allan o r swyddfa" },
	{ SDG_PHRASE_AUTO, 3, "that you are not a robot" },
	{ SDG_PHRASE_AUTO, 2, "reference in the subject line" },

	{ SDG_PHRASE_ADMIN, 3, "view in browser" },
	{ SDG_PHRASE_ADMIN, 3, "manage your alerts" },
	{ SDG_PHRASE_ADMIN, 2, "free trial" },
	{ SDG_PHRASE_ADMIN, 2, "free quote" },
	{ SDG_PHRASE_ADMIN, 2, "special offer" },
	{ SDG_PHRASE_ADMIN, 2, "limited time" },
	{ SDG_PHRASE_ADMIN, 2, "per month plus vat" },
	{ SDG_PHRASE_ADMIN, 2, "plus vat" },
	{ SDG_PHRASE_ADMIN, 2, "discount code" },
	{ SDG_PHRASE_ADMIN, 2, "book a demo" },
	{ SDG_PHRASE_ADMIN, 2, "free demo" },
	{ SDG_PHRASE_ADMIN, 3, "for immediate release" },
	{ SDG_PHRASE_ADMIN, 3, "notes to editors" },
	{ SDG_PHRASE_ADMIN, 2, "our product" },
	{ SDG_PHRASE_ADMIN, 3, "claim your prize" },
	{ SDG_PHRASE_ADMIN, 2, "have been selected to" },
	{ SDG_PHRASE_ADMIN, 3, "attendance certificate" },
	{ SDG_PHRASE_ADMIN, 2, "doctoral student" },
	{ SDG_PHRASE_ADMIN, 2, "circulate the link" },
	{ SDG_PHRASE_ADMIN, 2, "wanted to reach out" },
	{ SDG_PHRASE_ADMIN, 2, "just reaching out" },
	{ SDG_PHRASE_ADMIN, 2, "show you a demo" },
	{ SDG_PHRASE_ADMIN, 2, "arrange a short call" },
	{ SDG_PHRASE_ADMIN, 2, "arrange a quick call" },
	{ SDG_PHRASE_ADMIN, 2, "schedule a call" },
	{ SDG_PHRASE_ADMIN, 1, "we work with over" },
	{ SDG_PHRASE_ADMIN, 2, "our range of" },
	{ SDG_PHRASE_ADMIN, 2, "change of email address" },
	{ SDG_PHRASE_ADMIN, 2, "change of address" },
	{ SDG_PHRASE_ADMIN, 2, "dear bursar" },
	{ SDG_PHRASE_ADMIN, 2, "dear sir ma" },
	{ SDG_PHRASE_ADMIN, 2, "invoice attached" },
	{ SDG_PHRASE_ADMIN, 2, "purchase order" },
	{ SDG_PHRASE_ADMIN, 2, "joining instructions" },
	{ SDG_PHRASE_ADMIN, 2, "dietary requirements" },
	{ SDG_PHRASE_ADMIN, 2, "please ignore" },
	{ SDG_PHRASE_ADMIN, 2, "sent in error" },
	{ SDG_PHRASE_ADMIN, 2, "sent to you in error" },
	{ SDG_PHRASE_ADMIN, 3, "no obligation" },
	{ SDG_PHRASE_ADMIN, 3, "without obligation" },
	{ SDG_PHRASE_ADMIN, 2, "offer ends" },
	{ SDG_PHRASE_ADMIN, 2, "free delivery" },
	{ SDG_PHRASE_ADMIN, 2, "price list" },
	{ SDG_PHRASE_ADMIN, 2, "brochure attached" },
	{ SDG_PHRASE_ADMIN, 2, "request a brochure" },
	{ SDG_PHRASE_ADMIN, 2, "request your brochure" },
	{ SDG_PHRASE_ADMIN, 2, "per cent off" },
	{ SDG_PHRASE_ADMIN, 2, "half price" },
	{ SDG_PHRASE_ADMIN, 2, "group discounts" },
	{ SDG_PHRASE_ADMIN, 2, "early bird" },
	{ SDG_PHRASE_ADMIN, 2, "places remaining" },
	{ SDG_PHRASE_ADMIN, 2, "book online" },
	{ SDG_PHRASE_ADMIN, 2, "register here" },
	{ SDG_PHRASE_ADMIN, 2, "save the date" },
	{ SDG_PHRASE_ADMIN, 2, "no minimum order" },
	{ SDG_PHRASE_ADMIN, 2, "our clients" },
	{ SDG_PHRASE_ADMIN, 2, "competitive rates" },
	{ SDG_PHRASE_ADMIN, 2, "competitive hourly" },
	{ SDG_PHRASE_ADMIN, 2, "special rates" },
	{ SDG_PHRASE_ADMIN, 2, "free survey" },
	{ SDG_PHRASE_ADMIN, 2, "free audit" },
	{ SDG_PHRASE_ADMIN, 2, "free samples" },
	{ SDG_PHRASE_ADMIN, 2, "samples free" },
	{ SDG_PHRASE_ADMIN, 2, "terms apply" },
	{ SDG_PHRASE_ADMIN, 2, "subject to status" },
	{ SDG_PHRASE_ADMIN, 2, "free of charge" },
	{ SDG_PHRASE_ADMIN, 2, "years warranty" },
	{ SDG_PHRASE_ADMIN, 2, "fully insured" },
	{ SDG_PHRASE_ADMIN, 2, "quick call" },
	{ SDG_PHRASE_ADMIN, 2, "quotation" },
	{ SDG_PHRASE_ADMIN, 2, "for a quote" },
	{ SDG_PHRASE_ADMIN, 2, "quote the invoice" },
	{ SDG_PHRASE_ADMIN, 2, "payment is due" },
	{ SDG_PHRASE_ADMIN, 2, "remittance advice" },
	{ SDG_PHRASE_ADMIN, 2, "statement of account" },
	{ SDG_PHRASE_ADMIN, 2, "bank details" },
	{ SDG_PHRASE_ADMIN, 2, "vat receipt" },
	{ SDG_PHRASE_ADMIN, 2, "for filing" },
	{ SDG_PHRASE_ADMIN, 2, "apologies for absence" },
	{ SDG_PHRASE_ADMIN, 2, "confirm receipt" },
	{ SDG_PHRASE_ADMIN, 2, "as requested" },
	{ SDG_PHRASE_ADMIN, 2, "your order" },
	{ SDG_PHRASE_ADMIN, 2, "has been dispatched" },
	{ SDG_PHRASE_ADMIN, 2, "track your" },
	{ SDG_PHRASE_ADMIN, 2, "no action is needed" },
	{ SDG_PHRASE_ADMIN, 2, "manage your preferences" },
	{ SDG_PHRASE_ADMIN, 2, "view in your browser" },
	{ SDG_PHRASE_ADMIN, 2, "privacy policy" },
	{ SDG_PHRASE_ADMIN, 2, "click the link" },
	{ SDG_PHRASE_ADMIN, 2, "click here" },
	{ SDG_PHRASE_ADMIN, 2, "click below" },
	{ SDG_PHRASE_ADMIN, 1, "prize draw" },
	{ SDG_PHRASE_ADMIN, 2, "guaranteed" },
	{ SDG_PHRASE_ADMIN, 2, "act now" },
	{ SDG_PHRASE_ADMIN, 2, "new customers" },
	{ SDG_PHRASE_ADMIN, 2, "all new clients" },
	{ SDG_PHRASE_ADMIN, 2, "dear sir madam i attach" },
	{ SDG_PHRASE_ADMIN, 2, "membership card" },
	{ SDG_PHRASE_ADMIN, 1, "membership number" },
	{ SDG_PHRASE_ADMIN, 2, "delegate list" },
	{ SDG_PHRASE_ADMIN, 2, "car parking" },
	{ SDG_PHRASE_ADMIN, 2, "parking space" },
	{ SDG_PHRASE_ADMIN, 2, "room booking" },
	{ SDG_PHRASE_ADMIN, 2, "reset my password" },
	{ SDG_PHRASE_ADMIN, 2, "change my surname" },
	{ SDG_PHRASE_ADMIN, 2, "our records show" },
	{ SDG_PHRASE_ADMIN, 2, "opportunity to quote" },
	{ SDG_PHRASE_ADMIN, 2, "send you a brochure" },
	{ SDG_PHRASE_ADMIN, 2, "send you our brochure" },
	{ SDG_PHRASE_ADMIN, 3, "email address has won" },
	{ SDG_PHRASE_ADMIN, 2, "as a company specialising in" },
	{ SDG_PHRASE_ADMIN, 2, "is there parking" },
	{ SDG_PHRASE_ADMIN, 2, "completed application form" },
	{ SDG_PHRASE_ADMIN, 2, "completed membership form" },

	{ SDG_PHRASE_BUYER, 3, "your conference" },
	{ SDG_PHRASE_BUYER, 3, "your conferences" },
	{ SDG_PHRASE_BUYER, 3, "your annual conference" },
	{ SDG_PHRASE_BUYER, 3, "your courses" },
	{ SDG_PHRASE_BUYER, 3, "your course costs" },
	{ SDG_PHRASE_BUYER, 3, "your course fees" },
	{ SDG_PHRASE_BUYER, 3, "your prices" },
	{ SDG_PHRASE_BUYER, 3, "your fees" },
	{ SDG_PHRASE_BUYER, 3, "your subscription rates" },
	{ SDG_PHRASE_BUYER, 3, "your training costs" },
	{ SDG_PHRASE_BUYER, 3, "your training days" },
	{ SDG_PHRASE_BUYER, 3, "your magazine" },
	{ SDG_PHRASE_BUYER, 3, "your hotline" },
	{ SDG_PHRASE_BUYER, 3, "your helpline" },
	{ SDG_PHRASE_BUYER, 3, "give us a" },
	{ SDG_PHRASE_BUYER, 3, "give us special" },
	{ SDG_PHRASE_BUYER, 3, "give us free" },
	{ SDG_PHRASE_BUYER, 3, "offer us a" },
	{ SDG_PHRASE_BUYER, 3, "offer members" },
	{ SDG_PHRASE_BUYER, 3, "offer new heads" },
	{ SDG_PHRASE_BUYER, 3, "offer new members" },
	{ SDG_PHRASE_BUYER, 3, "you should offer" },
	{ SDG_PHRASE_BUYER, 3, "could you offer" },
	{ SDG_PHRASE_BUYER, 3, "could you not offer" },
	{ SDG_PHRASE_BUYER, 3, "could we have" },
	{ SDG_PHRASE_BUYER, 3, "no small school can" },
	{ SDG_PHRASE_BUYER, 3, "no small primary can" },
	{ SDG_PHRASE_BUYER, 3, "no school can" },
	{ SDG_PHRASE_BUYER, 3, "schools cannot afford" },
	{ SDG_PHRASE_BUYER, 3, "school cannot afford" },
	{ SDG_PHRASE_BUYER, 3, "we cannot afford" },
	{ SDG_PHRASE_BUYER, 3, "we cant afford" },
	{ SDG_PHRASE_BUYER, 3, "cannot justify" },
	{ SDG_PHRASE_BUYER, 3, "cant justify" },
	{ SDG_PHRASE_BUYER, 3, "i get sent" },
	{ SDG_PHRASE_BUYER, 3, "sales calls" },
	{ SDG_PHRASE_BUYER, 3, "sold my address" },
	{ SDG_PHRASE_BUYER, 3, "sell my address" },
	{ SDG_PHRASE_BUYER, 3, "sell our" },
	{ SDG_PHRASE_BUYER, 3, "stop selling" },
	{ SDG_PHRASE_BUYER, 3, "stop sending us" },
	{ SDG_PHRASE_BUYER, 3, "who you let advertise" },

	{ SDG_PHRASE_UNSUBSCRIBE, 1, "unsubscribe me" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "please unsubscribe" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "let me unsubscribe" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "want to unsubscribe" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "take me off" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "remove me from" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "remove my name from" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "remove my address" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "stop emailing me" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "stop sending me" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "stop these emails" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "no more emails" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "opt out of" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "off your mailing list" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "off the mailing list" },
	{ SDG_PHRASE_UNSUBSCRIBE, 1, "off your list" },

	{ SDG_PHRASE_SAFEGUARDING, 1, "suicide" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "suicidal" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "self harm" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "self harming" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "kill myself" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "end my life" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "ended her life" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "took his own life" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "took her own life" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "better off dead" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "being abused" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "sexual abuse" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "child abuse" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "sexually exploited" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "sexual exploitation" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "a disclosure" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "at risk of harm" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "safeguarding concern" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "safeguarding allegation" },
	{ SDG_PHRASE_SAFEGUARDING, 1, "child protection referral" },

	{ SDG_PHRASE_CASE, 1, "suspended" },
	{ SDG_PHRASE_CASE, 1, "disciplinary" },
	{ SDG_PHRASE_CASE, 1, "grievance" },
	{ SDG_PHRASE_CASE, 1, "hearing" },
	{ SDG_PHRASE_CASE, 1, "dismissal" },
	{ SDG_PHRASE_CASE, 1, "dismissed" },
	{ SDG_PHRASE_CASE, 1, "settlement agreement" },
	{ SDG_PHRASE_CASE, 1, "compromise agreement" },
	{ SDG_PHRASE_CASE, 1, "capability procedure" },
	{ SDG_PHRASE_CASE, 1, "informal capability" },
	{ SDG_PHRASE_CASE, 1, "redundancy" },
	{ SDG_PHRASE_CASE, 1, "tribunal" },
	{ SDG_PHRASE_CASE, 1, "allegation" },
	{ SDG_PHRASE_CASE, 1, "investigatory meeting" },
	{ SDG_PHRASE_CASE, 1, "asked to resign" },
	{ SDG_PHRASE_CASE, 1, "told to resign" },

	{ SDG_PHRASE_URGENT, 1, "tomorrow" },
	{ SDG_PHRASE_URGENT, 1, "tonight" },
	{ SDG_PHRASE_URGENT, 1, "urgent" },
	{ SDG_PHRASE_URGENT, 1, "urgently" },
	{ SDG_PHRASE_URGENT, 1, "this afternoon" },
	{ SDG_PHRASE_URGENT, 1, "this morning" },
	{ SDG_PHRASE_URGENT, 1, "this week" },
	{ SDG_PHRASE_URGENT, 1, "next week" },
	{ SDG_PHRASE_URGENT, 1, "on monday" },
	{ SDG_PHRASE_URGENT, 1, "on tuesday" },
	{ SDG_PHRASE_URGENT, 1, "on wednesday" },
	{ SDG_PHRASE_URGENT, 1, "on thursday" },
	{ SDG_PHRASE_URGENT, 1, "on friday" },
	{ SDG_PHRASE_URGENT, 1, "by monday" },
	{ SDG_PHRASE_URGENT, 1, "by friday" },
	{ SDG_PHRASE_URGENT, 1, "as soon as possible" },
	{ SDG_PHRASE_URGENT, 1, "asap" },
	{ SDG_PHRASE_URGENT, 1, "please ring me" },
	{ SDG_PHRASE_URGENT, 1, "please call me" },
	{ SDG_PHRASE_URGENT, 1, "can somebody ring me" },
	{ SDG_PHRASE_URGENT, 1, "could someone call me" },

	{ SDG_PHRASE_NOT, 1, "not about" },
	{ SDG_PHRASE_NOT, 1, "isnt about" },
	{ SDG_PHRASE_NOT, 1, "nothing to do with" },
	{ SDG_PHRASE_NOT, 1, "not to do with" },
	{ SDG_PHRASE_NOT, 1, "not a question of" },
	{ SDG_PHRASE_NOT, 1, "not a matter of" },
	{ SDG_PHRASE_NOT, 1, "not seeking" },
	{ SDG_PHRASE_NOT, 1, "not asking for" },
	{ SDG_PHRASE_NOT, 1, "not asking about" },
	{ SDG_PHRASE_NOT, 1, "not writing about" },
	{ SDG_PHRASE_NOT, 1, "not complaining about" },
	{ SDG_PHRASE_NOT, 1, "not talking about" },
	{ SDG_PHRASE_NOT, 1, "no complaint about" },
	{ SDG_PHRASE_NOT, 1, "it isnt the" },
	{ SDG_PHRASE_NOT, 1, "its not the" },
	{ SDG_PHRASE_NOT, 1, "it is not the" },
	{ SDG_PHRASE_NOT, 1, "it wasnt the" },
};

#define PHRASE_COUNT (sizeof(PHRASES) / sizeof(*PHRASES))

int sdg_phrases_compile(struct sdg_stemmer *stemmer, struct sdg_cues *out,
			struct sdg_error *err)
{
	struct sdg_cue cues[PHRASE_COUNT];
	struct sdg_frame frame = { .cues = cues, .cue_count = PHRASE_COUNT };

	for (size_t i = 0; i < PHRASE_COUNT; i++)
		cues[i] = (struct sdg_cue){
			/* compiled, never written to */
			.phrase = (char *)PHRASES[i].words,
			.theme = (uint8_t)PHRASES[i].group,
			.weight = (int8_t)PHRASES[i].weight,
		};
	return sdg_cues_compile(&frame, stemmer, out, err);
}

/* No clause that matters is longer; most are a word or two. */
#define MUTED_MAX 6

static void mute(struct sdg_word *words, size_t from, size_t n)
{
	for (size_t i = from; i < n && i < from + MUTED_MAX; i++) {
		if (words[i].before & (SDG_BREAK_CLAUSE | SDG_BREAK_SENTENCE))
			break;
		sdg_word_mute(words, i);
	}
}

/* Words a phrase was found in are read no more when it is reported, so that
 * those behind it may be silenced on the way. */
struct reading {
	struct sdg_word *words;
	size_t n, offset;        /* of the field's words among the piece's */
	struct sdg_piece *piece; /* NULL: nobody wants to know */
};

/* Of what a long piece says most, so much is more than enough for its kind. */
static void keep_hit(struct sdg_piece *piece, struct sdg_phrase_hit hit)
{
	if (piece->hit_count < SDG_PHRASE_HITS_MAX)
		piece->hits[piece->hit_count++] = hit;
}

static void read_phrase(void *arg, uint8_t group, int weight, size_t first,
			size_t count)
{
	struct reading *reading = arg;

	if (group == SDG_PHRASE_NOT) {
		mute(reading->words, first + count, reading->n);
		return;
	}
	if (!reading->piece)
		return;
	first += reading->offset;
	sdg_flags_read(reading->piece, group, first);
	keep_hit(reading->piece, (struct sdg_phrase_hit){
				     .group = group,
				     .weight = (uint8_t)weight,
				     .count = (uint16_t)count,
				     .first = (uint32_t)first,
				 });
}

void sdg_phrases_read(const struct sdg_cues *phrases, struct sdg_word *words,
		      const uint8_t *marks, size_t n, struct sdg_piece *piece,
		      size_t offset)
{
	struct reading reading = {
		.words = words, .n = n, .offset = offset, .piece = piece
	};

	sdg_cues_match(phrases, words, marks, n, read_phrase, &reading);
}
