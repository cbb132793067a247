/*
 * Kind: whose words are an answer to us, and when a machine is heard.
 */
#include "store_help.h"

#include "classifier_help.h"
#include "classify_machine.h"

static enum sdg_kind kind_of(struct sdg_feedback fb)
{
	struct sdg_labels labels;

	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	return labels.kind;
}

static enum sdg_kind kind_of_mail(const char *subject, const char *text)
{
	return kind_of((struct sdg_feedback){ .source = SDG_SOURCE_MAIL,
					      .subject = sdg_str(subject),
					      .text = sdg_str(text) });
}

static void test_an_answer_is_never_a_machines(void **state)
{
	static const char *const answers[] = {
		"Stop the automatic replies from the hotline",
		"Please reply to emails",
		"Undeliverable promises",
		"When I ring I get 'I am out of the office'. Answer the phone.",
		"Let me unsubscribe",
		"Text message. I'm on duty all day.",
		"Automatic reply: that is all one ever gets",
		"Heads in Norwich: please reply to emails.",
		"Deputy in Thetford: automatic reply from casework, nothing "
		"for two weeks.",
		"Room booked for branch AGM: Knutsford. 12 for buffet.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY,
					   .text = sdg_str(answers[i]) };

		assert_int_equal(kind_of(fb), SDG_KIND_FEEDBACK);
		fb.source = SDG_SOURCE_REP;
		assert_int_equal(kind_of(fb), SDG_KIND_FEEDBACK);
		/* … though it is said, or was once stored so. */
		fb.kind = SDG_KIND_AUTO_REPLY;
		assert_int_equal(kind_of(fb), SDG_KIND_FEEDBACK);
		/* Whoever read the form knows more: an unfinished response. */
		fb.kind = SDG_KIND_NOT_FEEDBACK;
		assert_int_equal(kind_of(fb), SDG_KIND_NOT_FEEDBACK);
	}
}

static void test_no_answers_what_was_asked(void **state)
{
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_SURVEY,
		.question = sdg_str("Should we stay as we are?"),
		.text = sdg_str("No."),
	};

	(void)state;
	assert_int_equal(kind_of(fb), SDG_KIND_FEEDBACK);
	fb.question = sdg_str("Anything else?");
	assert_int_equal(kind_of(fb), SDG_KIND_NOT_FEEDBACK);
	fb.question = sdg_str("Should we stay as we are?");
	fb.text = sdg_str("test test please ignore");
	assert_int_equal(kind_of(fb), SDG_KIND_NOT_FEEDBACK);
	fb.text = sdg_str("n/a");
	assert_int_equal(kind_of(fb), SDG_KIND_NOT_FEEDBACK);
}

/* Prices, offers and bookings, held against us by who pays. */
static void test_a_buyer_is_no_seller(void **state)
{
	static const char *const members[] = {
		"Your conference costs \xc2\xa3"
		"249 plus VAT, and that's with the "
		"early bird discount. No small primary can go.",
		"Give us a special offer on membership for the first year of "
		"headship - half price or free.",
		"I had four sales calls from firms to whom you sold my "
		"address. Stop it.",
		/* One such phrase is anybody's. */
		"Our bursar says the insurance is half price elsewhere.",
		"For immediate release: me, from this job.",
		"Please ignore my last email, I was angry. What I meant is "
		"that workload is killing us.",
		"Sent in error? No, I meant it: resign.",
	};
	static const char *const sellers[] = {
		"As a company specialising in LED lighting for the education "
		"sector we would welcome the opportunity to quote. 0% finance "
		"available.",
		"Fresh fruit deliveries for your staff room - first box free. "
		"Would you like me to send you a brochure?",
		"Early bird places for our seminar cost \xc2\xa3"
		"249 plus VAT. Book online today.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		assert_int_equal(kind_of_mail("", members[i]),
				 SDG_KIND_FEEDBACK);
	for (size_t i = 0; i < sizeof(sellers) / sizeof(*sellers); i++)
		assert_int_equal(kind_of_mail("", sellers[i]),
				 SDG_KIND_NOT_FEEDBACK);
	assert_int_equal(kind_of_mail("Recall: Have your say",
				      "Dave Pym would like to recall the "
				      "message, \"Have your say\"."),
			 SDG_KIND_AUTO_REPLY);
	assert_int_equal(kind_of_mail("[#48213] We have received your request",
				      "Ticket #48213 has been created for your "
				      "enquiry. Please keep the reference in "
				      "the subject line of any reply."),
			 SDG_KIND_AUTO_REPLY);
}

/* By the text alone, and as soundings-mail gives it. */
static void test_a_member_who_speaks_of_replies_is_heard(void **state)
{
	static const char *const members[] = {
		"Please reply.",
		"Please help",
		"Please reply to my email as soon as possible.",
		"Thank you for your email. The funding formula must change, "
		"or we shall close our sixth form.",
		"Thank you for your email. I am worried by the loss of "
		"casework.\n\nJane Marsh\nDeputy Head",
		"Stop the automatic replies from the hotline.",
		"Automatic reply from casework, nothing for two weeks.",
		"When I ring I get 'I am out of the office'. Answer the phone.",
		"Undeliverable promises, all of it.",
		"I am out of the office most days because I lead three "
		"schools. You should hold meetings on line.",
		"I am on maternity leave and have heard nothing from you.",
		"I have retired and should like to stay a member.",
		"Thanks for your message. I agree with every word.",
		"Your email has been read by all of us in the staff room and "
		"we think it is wrong.",
		"I no longer get your emails. Who do I contact?",
		"I am off sick until Easter. Please contact me at home.",
		"I am suspended until the hearing on Monday, please ring.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		struct sdg_feedback fb = {
			.source = SDG_SOURCE_MAIL,
			.text = sdg_str(members[i]),
			.kind_reason = sdg_str(SDG_REASON_PERSON),
		};

		assert_false(sdg_machine_speaks(fb.text));
		assert_int_equal(kind_of_mail("", members[i]),
				 SDG_KIND_FEEDBACK);
		assert_int_equal(kind_of_mail("Re: your letter", members[i]),
				 SDG_KIND_FEEDBACK);
		assert_int_equal(kind_of(fb), SDG_KIND_FEEDBACK);
	}
	assert_false(sdg_machine_subject(sdg_str("Automatic replies: stop")));
	assert_false(sdg_machine_subject(sdg_str("Re: Automatic reply: x")));
	assert_false(sdg_machine_subject(sdg_str("Out of office hours")));
	assert_false(sdg_machine_subject(sdg_str("Readiness for 2015")));
	assert_false(sdg_machine_subject(sdg_str("")));
}

/* Without a header that says so. */
static void test_who_is_away_is_heard_by_text(void **state)
{
	static const char *const away[] = {
		"I'm currently out of school on a residential visit with no "
		"mobile signal. I'll respond when I'm back on Monday.",
		"Many thanks for your email. I am now on half term and will "
		"reply when term starts on Monday 23 February.",
		"The e-mail address you sent to is no longer in use.",
		"Diolch am eich neges. Rwyf allan o'r swyddfa tan ddydd Llun.",
	};
	static const char *const here[] = {
		"I am out of school on a course once a term, and would be "
		"more often if the association ran any near us.",
		"I am on half term and at my desk. Workload must be your first "
		"aim.",
		"The email address you gave for our rep does not work.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(away) / sizeof(*away); i++) {
		print_message("%s\n", away[i]);
		assert_int_equal(kind_of_mail("Re: Your views", away[i]),
				 SDG_KIND_AUTO_REPLY);
	}
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		assert_int_equal(kind_of_mail("Re: Your views", here[i]),
				 SDG_KIND_FEEDBACK);
}

static void test_a_machine_is_still_heard(void **state)
{
	static const char *const machines[][2] = {
		{ "Automatic reply: Have your say",
		  "I work Tuesday to Thursday." },
		{ "Out of Office Re: your views",
		  "I\u2019m on a residential, no signal, back Friday." },
		{ "Undeliverable: Spring briefing",
		  "Your message to head@example.org could not be delivered. "
		  "The recipient's mailbox is full." },
		{ "Re: [Ext] Have your say",
		  "I am currently out of the office until Monday 2 March. In "
		  "my absence please contact the school office." },
		{ "",
		  "Thank you for your email. I'm out of school until Monday "
		  "and will reply on my return." },
		{ "", "This is an automated response. Please do not reply." },
		{ "", "This mailbox is no longer monitored. Please contact "
		      "the school office." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		assert_int_equal(kind_of_mail(machines[i][0], machines[i][1]),
				 SDG_KIND_AUTO_REPLY);
}

static void test_long_texts_are_no_machines(void **state)
{
	char text[4096];

	(void)state;
	memset(text, '\'', sizeof(text));
	assert_false(sdg_machine_speaks((struct sdg_str){ text, 4096 }));
	for (size_t len = 0; len < 1200; len += 7) {
		assert_false(sdg_machine_speaks((struct sdg_str){ text, len }));
		assert_false(
		    sdg_machine_subject((struct sdg_str){ text, len }));
	}
}

static int relabel(void *arg, const struct sdg_stored *stored)
{
	struct sdg_relabel **next = arg, *to = (*next)++;

	memcpy(to->id, stored->id, sizeof(to->id));
	to->revision = stored->fb.revision;
	sdg_classify(classifier, &stored->fb, NULL, &to->labels, NULL);
	return 0;
}

static void use_frame(struct help *h)
{
	const char *ids[SDG_FRAME_MAX];
	size_t n = sdg_classifier_theme_count(classifier);

	for (size_t i = 0; i < n; i++)
		ids[i] = sdg_classifier_theme_id(classifier, i);
	assert_int_equal(sdg_store_use_frame(h->store, ids, n,
					     sdg_classifier_version(classifier),
					     &h->err),
			 0);
}

/* As they stand in stores that an earlier version filled. */
static void test_what_was_lost_comes_back(void **state)
{
	struct sdg_filter all = { 0 };
	struct sdg_relabel list[4], *next = list;
	struct piece_of p[4];
	struct help *h;

	help_setup((void **)&h);
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		help_mail(&p[i], i, 0, TODAY);
		p[i].fb.source = i ? SDG_SOURCE_MAIL : SDG_SOURCE_SURVEY;
		p[i].fb.text = sdg_str("Please reply to emails");
		p[i].item.labels.kind = SDG_KIND_AUTO_REPLY;
		p[i].item.labels.kind_score = 0.6F;
	}
	/* What headers said stays, and what a machine says. */
	p[2].fb.kind_reason = sdg_str("Auto-Submitted");
	p[2].item.labels.kind_score = 1;
	p[3].fb.text = sdg_str("This is an automated response.");
	help_apply(h, p, 4);
	use_frame(h);
	assert_int_equal(help_ledger(h).outcomes[SDG_OUTCOME_AUTOMATIC], 4);
	assert_int_equal(sdg_store_each(h->store, &all,
					1u << SDG_KIND_AUTO_REPLY, NULL,
					relabel, &next, &h->err),
			 0);
	assert_int_equal(next - list, 4);
	assert_int_equal(sdg_store_reclassify(h->store, list, 4, &h->err), 0);
	assert_int_equal(help_ledger(h).outcomes[SDG_OUTCOME_AUTOMATIC], 2);
	assert_int_equal(help_ledger(h).outcomes[SDG_OUTCOME_COUNTED], 2);
	help_verify(h);
	help_teardown((void **)&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_is_never_a_machines),
		cmocka_unit_test(test_no_answers_what_was_asked),
		cmocka_unit_test(test_a_buyer_is_no_seller),
		cmocka_unit_test(test_a_member_who_speaks_of_replies_is_heard),
		cmocka_unit_test(test_who_is_away_is_heard_by_text),
		cmocka_unit_test(test_a_machine_is_still_heard),
		cmocka_unit_test(test_what_was_lost_comes_back),
		cmocka_unit_test(test_long_texts_are_no_machines),
	};

	return cmocka_run_group_tests(tests, open_classifier, close_classifier);
}
