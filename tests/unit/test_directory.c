/* A members' list and the government's list, as entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "directory.h"

static void test_directory_guesses_columns(void **state)
{
	static const struct {
		const char *heading;
		enum directory_field field;
	} rows[] = {
		{ "Membership No.", DIRECTORY_MEMBERSHIP },
		{ "MemberID", DIRECTORY_MEMBERSHIP },
		{ "E-mail address", DIRECTORY_ADDRESS },
		{ "Email 2", DIRECTORY_ADDRESS },
		{ "Home email", DIRECTORY_ADDRESS },
		{ "Region", DIRECTORY_REGION },
		{ "ASCL Region", DIRECTORY_REGION },
		{ "Home region", DIRECTORY_IGNORE },
		{ "Local Authority", DIRECTORY_AUTHORITY },
		{ "LA", DIRECTORY_AUTHORITY },
		{ "Postcode", DIRECTORY_POSTCODE },
		{ "School Post Code", DIRECTORY_POSTCODE },
		{ "Home postcode", DIRECTORY_IGNORE },
		{ "School / College", DIRECTORY_SCHOOL },
		{ "School type", DIRECTORY_PHASE },
		{ "Job Title", DIRECTORY_ROLE },
		{ "Position", DIRECTORY_ROLE },
		{ "Phase", DIRECTORY_PHASE },
		{ "First name", DIRECTORY_IGNORE },
		{ "Plan", DIRECTORY_IGNORE },
		{ "", DIRECTORY_IGNORE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].heading);
		assert_int_equal(rows[i].field,
				 directory_guess(sdg_str(rows[i].heading)));
	}
}

struct seen {
	unsigned lines[8];
	size_t n, fields[8];
};

static int see(void *arg, const struct sdg_str *fields, size_t n, unsigned line,
	       struct sdg_error *err)
{
	struct seen *seen = arg;

	(void)fields;
	(void)err;
	seen->fields[seen->n] = n;
	seen->lines[seen->n++] = line;
	return 0;
}

static void test_directory_rows_know_their_line(void **state)
{
	static const char csv[] = "a,b\r\n\r\n1,\"two\r\nlines\"\r\n3,4\r\n";
	struct seen seen = { 0 };
	struct sdg_error err = { 0 };

	(void)state;
	assert_int_equal(0, directory_rows(csv, strlen(csv), see, &seen, &err));
	assert_int_equal(3, seen.n);
	assert_int_equal(1, seen.lines[0]);
	assert_int_equal(3, seen.lines[1]);
	assert_int_equal(5, seen.lines[2]);
	assert_int_equal(2, seen.fields[1]);
}

static void test_directory_quote_that_never_ends(void **state)
{
	static const char csv[] = "a,b\n1,2\n3,\"four\n5,6\n";
	struct seen seen = { 0 };
	struct sdg_error err = { 0 };

	(void)state;
	assert_int_equal(SDG_EINVAL,
			 directory_rows(csv, strlen(csv), see, &seen, &err));
	assert_string_equal("line 3: a quote is opened here, or in this row, "
			    "and never closed",
			    err.message);
}

static struct directory members(const char *csv, enum directory_postcode whose)
{
	struct directory_map map = {
		.fields = { DIRECTORY_ADDRESS, DIRECTORY_REGION,
			    DIRECTORY_POSTCODE, DIRECTORY_AUTHORITY },
		.n = 4,
		.postcode = whose,
	};
	struct directory directory = { 0 };
	struct sdg_error err = { 0 };

	assert_int_equal(
	    0, directory_members(csv, strlen(csv), &map, &directory, &err));
	return directory;
}

static void test_directory_region_before_authority_before_postcode(void **state)
{
	static const char csv[] = "h\n"
				  "a@x.example,London,TR1 2ZZ,\n"
				  "b@x.example,,TR1 2ZZ,Kent\n"
				  "c@x.example,,TR1 2ZZ,\n"
				  "d@x.example,Prefer not to say,,\n";
	struct directory d = members(csv, DIRECTORY_POSTCODE_WORK);

	(void)state;
	assert_int_equal(4, d.count);
	assert_int_equal(SDG_REGION_LONDON, d.entries[0].known.region);
	assert_int_equal(SDG_REGION_SOUTH_EAST, d.entries[1].known.region);
	assert_int_equal(886, d.entries[1].known.authority);
	assert_int_equal(SDG_REGION_SOUTH_WEST, d.entries[2].known.region);
	assert_int_equal(SDG_REGION_ANY, d.entries[3].known.region);
	assert_int_equal(1, d.problem_count);
	assert_int_equal(5, d.problems[0].line);
	directory_fini(&d);
	d = members(csv, DIRECTORY_POSTCODE_HOME);
	assert_int_equal(SDG_REGION_ANY, d.entries[2].known.region);
	directory_fini(&d);
}

static void test_directory_schools_share_a_host(void **state)
{
	static const char csv[] =
	    "EstablishmentName,EstablishmentStatus (name),GOR (name),"
	    "SchoolWebsite\n"
	    "A,Open,London,http://www.trust.example.org/a\n"
	    "B,Open,London,trust.example.org/b\n"
	    "C,Open,London,https://both.example.org\n"
	    "D,Open,South West,http://both.example.org\n"
	    "E,Closed,London,http://shut.example.org\n"
	    "F,Open,London,http://Www.kent.sch.uk/f\n"
	    "G,Open,Not Applicable,http://g.example.org\n";
	struct directory d = { 0 };
	struct sdg_error err = { 0 };

	(void)state;
	assert_int_equal(0, directory_schools(csv, strlen(csv), &d, &err));
	assert_int_equal(1, d.count);
	assert_string_equal("@trust.example.org", d.entries[0].key);
	assert_string_equal("", d.entries[0].school);
	assert_int_equal(SDG_REGION_LONDON, d.entries[0].known.region);
	assert_false(d.entries[0].known.matched);
	assert_int_equal(1, d.passed);
	assert_int_equal(2, d.problem_count);
	assert_int_equal(7, d.problems[0].line);
	assert_int_equal(8, d.problems[1].line);
	directory_fini(&d);
}

/* What is shared stands in data/regions/domains*.tsv, and nowhere else. */
static void test_directory_no_school_has_a_providers_domain(void **state)
{
	static const struct {
		const char *host;
		bool shared;
	} rows[] = {
		{ "gmail.com", true },
		{ "Hotmail.FR", true },
		{ "sites.google.com", true },
		{ "btinternet.com", true },
		{ "org.uk", true },
		{ "kent.gov.uk", true },
		{ "lancs.sch.uk", true },
		{ "x.lancs.sch.uk", false },
		{ "avanti.org.uk", false },
		{ "hwbmail.net", false },
		{ "a.wordpress.com", false },
		{ "school.example", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].host);
		assert_int_equal(rows[i].shared,
				 sdg_domain_is_shared(sdg_str(rows[i].host)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory_guesses_columns),
		cmocka_unit_test(test_directory_rows_know_their_line),
		cmocka_unit_test(test_directory_quote_that_never_ends),
		cmocka_unit_test(
		    test_directory_region_before_authority_before_postcode),
		cmocka_unit_test(test_directory_schools_share_a_host),
		cmocka_unit_test(
		    test_directory_no_school_has_a_providers_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
