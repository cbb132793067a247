/*
 * fuzz_region: any bytes as text, signature, form fields and address.
 *
 * Properties: no crash; a region and a role that exist; reasons that stand
 * within their field; the same answer twice. The text need not be safe.
 */
#include <stdlib.h>
#include <string.h>

#include "classify_internal.h"
#include "fuzz.h"

static size_t length_of(const struct sdg_feedback *fb, enum sdg_field field)
{
	switch (field) {
	case SDG_FIELD_TEXT:
		return fb->text.len;
	case SDG_FIELD_SUBJECT:
		return fb->subject.len;
	case SDG_FIELD_SIGNATURE:
		return fb->signature.len;
	case SDG_FIELD_ADDRESS:
		return fb->respondent.address.len;
	case SDG_FIELD_FORM:
	case SDG_FIELD_DIRECTORY:
	case SDG_FIELD_MODEL:
		break;
	}
	return fb->text.len;
}

static void resolve(const struct sdg_feedback *fb)
{
	static struct sdg_explanation why;
	struct sdg_labels labels = { 0 }, again = { 0 };

	why.count = 0;
	sdg_region_resolve(fb, NULL, NULL, &labels, &why);
	sdg_role_resolve(fb, NULL, NULL, &labels, &why);
	sdg_region_resolve(fb, NULL, NULL, &again, NULL);
	sdg_role_resolve(fb, NULL, NULL, &again, NULL);
	if (labels.region < SDG_REGION_NORTH_EAST ||
	    labels.region > SDG_REGION_UNKNOWN ||
	    labels.region != again.region || labels.role != again.role ||
	    (int)labels.role >= SDG_ROLE_COUNT)
		abort();
	for (size_t i = 0; i < why.count; i++)
		if (why.reasons[i].start > why.reasons[i].end ||
		    why.reasons[i].end > length_of(fb, why.reasons[i].field) ||
		    strlen(why.reasons[i].text) >= sizeof(why.reasons[i].text))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sdg_str all = { (const char *)data, size };
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.text = all,
		.subject = all,
		.signature = all,
		.respondent = { .address = all, .name = all },
	};

	resolve(&fb);
	fb.source = SDG_SOURCE_REP;
	fb.note.constituency = all;
	fb.respondent.region = fb.respondent.postcode = all;
	fb.respondent.role = fb.respondent.phase = all;
	resolve(&fb);
	return 0;
}
