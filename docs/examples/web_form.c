/*
 * web_form: an example producer. Each line of standard input is one answer
 * from a web form, "response-id TAB address TAB words"; exits 0 only when
 * every line was acknowledged, else 75: run it again with the same lines.
 *
 * cc web_form.c $(pkg-config --cflags --libs soundings) -o web_form
 */
#include <soundings/bus.h>
#include <soundings/home.h>
#include <soundings/identity.h>

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int to_event(char *line, uint8_t *event, size_t *len,
		    struct sdg_error *err)
{
	const char *id = strsep(&line, "\t"), *from = strsep(&line, "\t");
	static char words[SDG_TEXT_MAX], address[SDG_FIELD_MAX];
	struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY,
				   .received = time(NULL) };

	if (!line)
		return sdg_fail(err, SDG_EINVAL, "a line has no three fields");
	fb.text.len = sdg_text_clean(line, strlen(line), words, sizeof(words));
	fb.text.s = words;
	fb.respondent.address.len =
	    sdg_address_normalise(sdg_str(from), address, sizeof(address));
	fb.respondent.address.s = address;
	/* The same answer, whenever it is sent again. */
	sdg_identity_survey(sdg_str("web-form"), sdg_str(id), sdg_str(""),
			    fb.identity);
	sdg_identity_content(fb.subject, fb.text, fb.content);
	return sdg_feedback_encode(&fb, event, len, err);
}

static void receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		    struct sdg_str reason)
{
	(void)arg;
	(void)cookie;
	printf("%s %.*s\n", sdg_outcome_id(outcome), SDG_STR_ARG(reason));
}

int main(void)
{
	struct sdg_sender_options options = { .window = 64,
					      .receipt = receipt };
	static uint8_t event[SDG_EVENT_MAX];
	struct sdg_sender *sender = NULL;
	struct sdg_error error = { 0 };
	struct sdg_home home;
	char line[65536];
	size_t len;
	int rc = sdg_home_find(&home, &error);

	options.run_dir = home.run;
	if (rc == 0)
		rc = sdg_sender_open(&options, &sender, &error);
	while (rc == 0 && fgets(line, sizeof(line), stdin)) {
		rc = to_event(line, event, &len, &error);
		if (rc == 0)
			rc = sdg_sender_push(sender, event, len, NULL, 5000,
					     &error);
	}
	if (rc == 0)
		rc = sdg_sender_flush(sender, 5000, &error);
	if (rc < 0)
		warnx("%s", error.message);
	sdg_sender_close(sender);
	return sdg_exit_code(rc);
}
