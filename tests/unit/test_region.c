/* Region: postcodes, forms, statements, signatures, and what must not count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "classify_internal.h"

static enum sdg_region region_of(const char *text, const char *signature,
				 const char *address)
{
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.text = sdg_str(text),
		.signature = sdg_str(signature),
		.respondent.address = sdg_str(address),
	};
	struct sdg_labels labels = { 0 };

	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	return labels.region;
}

#define assert_region(expected, found)                                         \
	assert_string_equal(expected, sdg_region_id(found))

static enum sdg_region postcode(const char *s)
{
	return sdg_postcode_region(sdg_str(s));
}

static void test_region_of_postcodes_is_exact(void **state)
{
	(void)state;
	assert_region("south-west", postcode("TR1 2ZZ"));
	assert_region("london", postcode("sw1a1aa"));
	assert_region("london", postcode("EC1A 1BB"));
	/* SK13 is Glossop; SK1 to SK12 are Stockport and Cheshire */
	assert_region("east-midlands", postcode("SK13 8AA"));
	assert_region("north-west", postcode("SK4 3AA"));
	/* S18 and S80 lie in Derbyshire and Nottinghamshire */
	assert_region("east-midlands", postcode("S18 1AA"));
	assert_region("yorkshire-humber", postcode("S10 1AA"));
	/* sectors and single postcodes over the border of their district */
	assert_region("london", postcode("TN16 3AA"));
	assert_region("west-midlands", postcode("B79 0AA"));
	assert_region("east-midlands", postcode("B79 0PJ"));
	assert_region("north-west", postcode("BD23 3FE"));
	assert_region("yorkshire-humber", postcode("BD23 3AA"));
	assert_region("northern-ireland", postcode("BT1 1AA"));
	assert_region("islands-overseas", postcode("JE2 4AA"));
	assert_region("islands-overseas", postcode("IM1 1AA"));
}

static void test_region_of_what_is_no_postcode_is_any(void **state)
{
	static const char *const not_one[] = { "",        "TR1",     "10B",
					       "A41",     "TR1 2Z",  "TR1 2ZZZ",
					       "ZZ1 1AA", "TR1-2ZZ", "1AA TR1",
					       "TR1 2CK" };

	(void)state;
	for (size_t i = 0; i < sizeof(not_one) / sizeof(not_one[0]); i++)
		assert_int_equal(SDG_REGION_ANY, postcode(not_one[i]));
}

/* Many forms ask for the first half alone. */
static void test_region_of_the_first_half_on_a_form(void **state)
{
	static const struct {
		const char *region, *words;
	} rows[] = {
		{ "west-midlands", "b15" },     { "south-east", "RH10" },
		{ "east-midlands", " DN21" },   { "unknown", "10B" },
		{ "unknown", "A41" },           { "unknown", "TR1 2" },
		{ "west-midlands", "B15 2TT" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY };
		struct sdg_labels labels = { 0 };

		fb.respondent.postcode = sdg_str(rows[i].words);
		sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
		assert_region(rows[i].region, labels.region);
	}
	assert_int_equal(SDG_REGION_ANY, sdg_outward_region(sdg_str("ZZ9")));
	assert_int_equal(SDG_REGION_ANY,
			 sdg_outward_region(sdg_str("TR1 2ZZ")));
}

static void test_region_words_of_forms(void **state)
{
	static const struct {
		const char *words, *region, *authority;
	} rows[] = {
		{ "SE", "south-east", "" },
		{ "NW", "north-west", "" },
		{ "Yorks & Humber", "yorkshire-humber", "" },
		{ "Yorkshire and The Humber", "yorkshire-humber", "" },
		{ "W. Midlands", "west-midlands", "" },
		{ "London - Westminster", "london", "Westminster" },
		{ "South East (Brighton)", "south-east", "" },
		{ "Oxfordshire", "south-east", "Oxfordshire" },
		{ "B&NES", "south-west", "Bath and North East Somerset" },
		{ "Newport (Casnewydd)", "wales", "" },
		{ "Kingston upon Hull", "yorkshire-humber",
		  "Kingston upon Hull, City of" },
		{ "Kingston upon Thames", "london", "Kingston upon Thames" },
		{ "North Lincolnshire", "yorkshire-humber",
		  "North Lincolnshire" },
		{ "Lincolnshire", "east-midlands", "Lincolnshire" },
		{ "Cambridgeshire & Peterborough", "east-of-england", "" },
		{ "Thanet", "south-east", "Kent" },
		{ "East Anglia", "east-of-england", "" },
		{ "Isle of Man", "islands-overseas", "" },
		{ "S.E. England", "south-east", "" },
		{ "West of England", "south-west", "" },
		{ "E12000001", "north-east", "" },
		{ "E12000007", "london", "" },
		{ "South East (excl. London)", "south-east", "" },
		{ "London, except Bromley", "london", "" },
	};
	static const char *const nothing[] = { "",         "Prefer not to say",
					       "n/a",      "The Midlands",
					       "Richmond", "Kent and Essex" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t authority = 99;

		assert_region(
		    rows[i].region,
		    sdg_region_from_words(sdg_str(rows[i].words), &authority));
		if (rows[i].authority[0])
			assert_string_equal(rows[i].authority,
					    sdg_authority_name(authority));
	}
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_int_equal(
		    SDG_REGION_ANY,
		    sdg_region_from_words(sdg_str(nothing[i]), NULL));
}

static void test_region_of_authorities(void **state)
{
	uint16_t bristol = sdg_authority_from_name(sdg_str("Bristol"));
	uint16_t thanet = sdg_authority_from_name(sdg_str("Thanet"));

	(void)state;
	assert_int_equal(801, bristol);
	assert_region("south-west", sdg_authority_region(bristol));
	assert_string_equal("Bristol, City of", sdg_authority_name(bristol));
	assert_int_equal(
	    bristol, sdg_authority_from_name(sdg_str("Bristol City Council")));
	assert_int_equal(886, thanet); /* its schools are Kent's */
	assert_int_equal(0, sdg_authority_from_name(sdg_str("Middle-earth")));
	assert_string_equal("", sdg_authority_name(65535));
	assert_region("unknown", sdg_authority_region(65535));
}

static void test_region_statements_count(void **state)
{
	static const struct {
		const char *region, *text;
	} rows[] = {
		{ "south-west", "I grew up in Leeds and trained in Leeds but "
				"now lead a school in Truro." },
		{ "west-midlands", "As a Telford head I see it daily." },
		{ "north-east", "Ofsted's regional director for the South West "
				"spoke to us here in Durham." },
		{ "yorkshire-humber", "We are a school of 980 above Halifax." },
		{ "north-west", "Here on the Wirral it is different." },
		{ "west-midlands", "My trust is in the Black Country." },
		{ "north-east", "I run a special school on Teesside." },
		{ "yorkshire-humber", "I teach at, and lead, a college. We "
				      "are based in Scunthorpe." },
		{ "yorkshire-humber",
		  "We\xe2\x80\x99re in Richmond, North Yorkshire." },
		{ "west-midlands", "Our school is in Newcastle, Staffs." },
		{ "south-west", "I\xe2\x80\x99m head of a primary in "
				"Gillingham, Dorset." },
		{ "unknown", "We are a small school in the Fens." },
		{ "unknown", "We are in Newport." },
		{ "islands-overseas", "I lead a British school in Dubai." },
		{ "east-of-england", "\xe2\x9e\x9c We are a primary school in "
				     "Norfolk." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].text);
		assert_region(rows[i].region, region_of(rows[i].text, "", ""));
	}
}

/* Where one preposition leads to another, and how people shorten. */
static void test_region_by_the_way_there(void **state)
{
	static const struct {
		const char *region, *text;
	} rows[] = {
		{ "yorkshire-humber", "We are on the coast in Whitby." },
		{ "east-midlands", "We're out in the sticks between Horncastle "
				   "and Spilsby." },
		{ "north-west", "Here in the hills above Rochdale we manage." },
		{ "east-of-england",
		  "We are at the far end of Mersea Island." },
		{ "north-east", "I teach at Hexham." },
		{ "unknown", "I'm at Leeds on Friday." },
		{ "unknown", "I teach at Newport." },
		{ "south-west", "I'm a head in S. Devon." },
		{ "south-west", "As one of your members in Devon I ask why." },
		{ "unknown", "As one of the heads in Leeds said, no." },
		{ "scotland", "Our heads' group in Fife is angry." },
		{ "yorkshire-humber", "In Hull we still have no branch." },
		{ "unknown", "In Leeds we heard a fine speaker." },
		{ "yorkshire-humber", "The trust is based in Wakefield." },
		{ "unknown", "In Manchester we pay for the hotel." },
		{ "north-east", "As heads on Teesside we feel forgotten." },
		{ "south-west", "Plymouth here." },
		{ "wales", "I work in Castell-nedd." },
		{ "wales",
		  "Fi yw pennaeth, and I lead a school in Sir G\xc3\xa2r." },
		{ "south-west", "We are in the West Country." },
		{ "london", "I teach in S.E. London." },
		{ "unknown", "A bursar is to move to a trust based in "
			     "Watford." },
		{ "unknown", "Our trust has schools in Devon, Kent and "
			     "Norfolk." },
		{ "unknown", "I run academies in the West Midlands and "
			     "London." },
		{ "north-west", "Our trust has schools in Cumbria and "
				"Lancashire." },
		{ "north-west", "We are in Cumbria and the North East is far "
				"away." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_region(rows[i].region, region_of(rows[i].text, "", ""));
	assert_region("east-of-england",
		      region_of("Pay.", "Jo\nPrincipal, N. Beds", ""));
	assert_region("unknown",
		      region_of("Pay.", "Regards\nS. Lancaster\nHead", ""));
	assert_region("unknown", region_of("Pay.", "Headteacher: S. Kent", ""));
}

/* A branch that was met is the note's; one that is spoken of is not. */
static void test_region_of_a_note_on_a_branch(void **state)
{
	static const struct {
		const char *region, *text;
	} rows[] = {
		{ "north-west", "Met nine deputies at the Cheshire branch." },
		{ "north-east", "Durham branch AGM, 22 there. Pensions." },
		{ "unknown", "Durham branch have asked; ours haven't." },
		{ "unknown", "What Kent branch does we could do." },
		{ "unknown", "They want what the Devon branch has got." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sdg_feedback fb = { .source = SDG_SOURCE_REP,
					   .text = sdg_str(rows[i].text) };
		struct sdg_labels labels = { 0 };

		sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
		assert_region(rows[i].region, labels.region);
	}
}

static void test_region_mentions_do_not_count(void **state)
{
	static const char *const texts[] = {
		"I trained in Leeds.",
		"I moved from Hull and miss it.",
		"Reading results are up. March is no time for SEND reviews.",
		"A colleague in Norwich says the same.",
		"My wife teaches in Stockport.",
		"The conference in Birmingham was good.",
		"Mr Lincoln and Mrs Kent agree.",
		"If we were in London we would have more money.",
		"I was head of a school in Ealing.",
		"Form 10B wrote to you about the A41 and the M1.",
		"Your Leicester office rang back.",
		"Battle lines are drawn over this deal.",
		"Schools in Kent are different.",
		"We are in London on Tuesday.",
		"\"We are in Leeds,\" said the letter.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		print_message("%s\n", texts[i]);
		assert_region("unknown", region_of(texts[i], "", ""));
	}
}

static void test_region_signatures(void **state)
{
	static const struct {
		const char *region, *signature;
	} rows[] = {
		{ "south-east", "G Hartnoll\nPrincipal, Chalkpit Academy\n"
				"Sandwich, Kent CT13 7XY\n\nScanned for "
				"viruses by EduShield, Salford M50 9ZZ." },
		{ "london", "Head, Gidea School, Romford, Essex" },
		{ "yorkshire-humber", "Head, Reach School\nGrimsby\nSouth "
				      "Humberside" },
		{ "south-east", "A Moor, Head\nSpelthorne School\nStaines, "
				"Middlesex" },
		{ "east-midlands", "R Bagshaw, SBM\nFoxlow School, Dronfield "
				   "S18 2ZZ" },
		{ "east-midlands", "A Ketton | Kettering NN16" },
		{ "south-west", "Head\nStour School\nGillingham\nDorset" },
		{ "unknown", "Lincoln Barrowby" },
		{ "unknown", "Chelsea Preston\nSent from my iPhone" },
		{ "unknown", "Head of Form 10B" },
		{ "north-west", "L Crook | Business Manager | Bury MBC" },
		{ "unknown", "P. Head\nRegistered office: 1 The Strand, "
			     "London WC2R 1AA" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].signature);
		assert_region(rows[i].region,
			      region_of("Thank you.", rows[i].signature, ""));
	}
}

static void test_region_of_addresses(void **state)
{
	(void)state;
	assert_region("north-west", region_of("", "", "head@x.lancs.sch.uk"));
	assert_region("yorkshire-humber",
		      region_of("", "", "a@b.c.n-lincs.sch.uk"));
	assert_region("yorkshire-humber",
		      region_of("", "", "office@x.barnsley.sch.uk"));
	assert_region("yorkshire-humber",
		      region_of("", "", "a.b@eastriding.gov.uk"));
	assert_region("islands-overseas", region_of("", "", "a@school.sch.je"));
	assert_region("unknown", region_of("", "", "kent@gmail.com"));
	assert_region("unknown", region_of("", "", "a@nowhere.sch.uk"));
	assert_region("unknown", region_of("", "", "@"));
}

/* Each resolver yields to the one before it. */
static void test_region_order_of_trust(void **state)
{
	struct sdg_known known = { .matched = true,
				   .region = SDG_REGION_WEST_MIDLANDS };
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.text = sdg_str("We are in Truro."),
		.signature = sdg_str("A B\nHead\nHexham\nCT13 7XY"),
		.respondent.address = sdg_str("x@y.lancs.sch.uk"),
		.respondent.region = sdg_str("London"),
	};
	struct sdg_labels labels = { 0 };

	(void)state;
	sdg_region_resolve(&fb, &known, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_SURVEY_FIELD, labels.region_evidence);
	assert_region("london", labels.region);
	fb.respondent.region = sdg_str("Prefer not to say");
	sdg_region_resolve(&fb, &known, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_STATEMENT, labels.region_evidence);
	assert_region("south-west", labels.region);
	assert_string_equal("Cornwall", sdg_authority_name(labels.authority));
	fb.text = sdg_str("Thank you.");
	sdg_region_resolve(&fb, &known, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_DIRECTORY, labels.region_evidence);
	assert_region("west-midlands", labels.region);
	known.region = SDG_REGION_ANY;
	sdg_region_resolve(&fb, &known, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_POSTCODE, labels.region_evidence);
	assert_region("south-east", labels.region);
	fb.signature = sdg_str("A B\nHead\nHexham");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_PLACE, labels.region_evidence);
	assert_region("north-east", labels.region);
	fb.signature = sdg_str("");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_DOMAIN, labels.region_evidence);
	assert_region("north-west", labels.region);
	assert_string_equal("Lancashire", sdg_authority_name(labels.authority));
	fb.respondent.address = sdg_str("x@gmail.com");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_int_equal(SDG_EVIDENCE_NONE, labels.region_evidence);
	assert_region("unknown", labels.region);
}

static void test_region_representatives_line_unless_the_note_says(void **state)
{
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_REP,
		.text = sdg_str("Two deputies want a buddy scheme."),
		.note.representative = sdg_str("Jane Doe"),
		.note.constituency = sdg_str("Norfolk"),
	};
	struct sdg_labels labels = { 0 };

	(void)state;
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_region("east-of-england", labels.region);
	fb.text = sdg_str("Deputy from Spalding, over the border.");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_region("east-midlands", labels.region);
	fb.text = sdg_str("whitehaven way. nobody rang. two gone");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_region("north-west", labels.region);
}

static void test_region_of_a_school_on_a_form(void **state)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY,
				   .text = sdg_str("Fewer emails.") };
	struct sdg_labels labels = { 0 };

	(void)state;
	fb.respondent.school = sdg_str("Ivybridge Community College, Devon");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_region("south-west", labels.region);
	fb.respondent.school = sdg_str("Stockport Academy");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_region("north-west", labels.region);
	fb.respondent.school = sdg_str("St Mary's School");
	sdg_region_resolve(&fb, NULL, NULL, &labels, NULL);
	assert_region("unknown", labels.region);
}

static void test_region_reason_says_where_it_stood(void **state)
{
	static struct sdg_explanation why;
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.text = sdg_str("I visited Leeds. We are in Truro."),
	};
	struct sdg_labels labels = { 0 };
	const struct sdg_reason *decided = NULL;

	(void)state;
	why.count = 0;
	sdg_region_resolve(&fb, NULL, NULL, &labels, &why);
	assert_int_equal(2, why.count);
	for (size_t i = 0; i < why.count; i++)
		if (why.reasons[i].weight > 0)
			decided = &why.reasons[i];
	assert_non_null(decided);
	assert_int_equal(SDG_LABEL_REGION, decided->label);
	assert_int_equal(SDG_FIELD_TEXT, decided->field);
	assert_int_equal(27, decided->start);
	assert_int_equal(32, decided->end);
	assert_string_equal("Truro", decided->text);
	assert_string_equal("we are in", decided->rule);
	assert_string_equal("Leeds", why.reasons[0].text);
	assert_string_equal("only mentioned", why.reasons[0].rule);
}

/* A quotation is one across sentences, in whatever marks. */
static void test_region_of_what_is_quoted_does_not_count(void **state)
{
	static const char *const texts[] = {
		"One wrote, \"It is hard. We are in Leeds. Nobody comes.\"",
		"\xe2\x80\x98We are in Leeds,\xe2\x80\x99 said one head.",
		"'It is hard. We are in Leeds,' said one head.",
		"> We are in Leeds\nI agree.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_region("unknown", region_of(texts[i], "", ""));
	assert_region("yorkshire-humber",
		      region_of("It's our heads' view: don't. We are in Leeds, "
				"at the governors' school.",
				"", ""));
	assert_region(
	    "yorkshire-humber",
	    region_of("\"Help!\" they say. We are in Leeds.", "", ""));
}

/* A paragraph in one line, as mail programs write it, is quoted to its end; so
 * is a line with blanks before its mark, and a signature in such lines. */
static void test_region_of_quoted_lines_does_not_count(void **state)
{
	static const char tail[] = "We are in Leeds, and in Leeds we stay";
	char text[4096] = "I disagree.\n> ";

	(void)state;
	while (strlen(text) < 2000)
		strcat(text, "It is hard. ");
	strcat(text, tail);
	assert_region("unknown", region_of(text, "", ""));
	strcat(text, "\nWe are in Truro.");
	assert_region("south-west", region_of(text, "", ""));
	assert_region("unknown",
		      region_of("I disagree.\n \t> We are in Leeds.", "", ""));
	assert_region("yorkshire-humber",
		      region_of("5 > 4. We are in Leeds.", "", ""));
	assert_region("unknown",
		      region_of("I disagree.\n\n> Jo Smith\n> Headteacher, "
				"Thornhill School, Leeds LS1 4AP",
				"", ""));
	assert_region("unknown",
		      region_of("I disagree.\n\nJo\n > Headteacher, Thornhill "
				"School, Leeds",
				"", ""));
	assert_region("yorkshire-humber",
		      region_of("I disagree.\n\nJo Smith\nHeadteacher, "
				"Thornhill School, Leeds",
				"", ""));
}

static void test_region_zero_width_tricks_change_nothing(void **state)
{
	(void)state;
	assert_region("yorkshire-humber", region_of("We are in Le\xe2\x80\x8b"
						    "eds.",
						    "", ""));
	assert_region("south-west", region_of("We\xc2\xa0"
					      "are\xc2\xa0in\xc2\xa0Truro.",
					      "", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_region_of_postcodes_is_exact),
		cmocka_unit_test(test_region_of_what_is_no_postcode_is_any),
		cmocka_unit_test(test_region_of_the_first_half_on_a_form),
		cmocka_unit_test(test_region_words_of_forms),
		cmocka_unit_test(test_region_of_authorities),
		cmocka_unit_test(test_region_statements_count),
		cmocka_unit_test(test_region_by_the_way_there),
		cmocka_unit_test(test_region_of_a_note_on_a_branch),
		cmocka_unit_test(test_region_mentions_do_not_count),
		cmocka_unit_test(test_region_signatures),
		cmocka_unit_test(test_region_of_addresses),
		cmocka_unit_test(test_region_order_of_trust),
		cmocka_unit_test(
		    test_region_representatives_line_unless_the_note_says),
		cmocka_unit_test(test_region_of_a_school_on_a_form),
		cmocka_unit_test(test_region_reason_says_where_it_stood),
		cmocka_unit_test(test_region_of_what_is_quoted_does_not_count),
		cmocka_unit_test(test_region_of_quoted_lines_does_not_count),
		cmocka_unit_test(test_region_zero_width_tricks_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
