/*
 * default_frame: the ids of the frame that ships (data/themes), in its order,
 * for stores that are made without the classifier.
 */
#ifndef DEFAULT_FRAME_H
#define DEFAULT_FRAME_H

static const char *const DEFAULT_FRAME[] = {
	"regional-support",
	"member-services",
	"voice-and-council",
	"policy-influence",
	"leadership-roles",
	"academies-and-trusts",
	"phases-and-remit",
	"professional-development",
	"inspection-accountability",
	"curriculum-assessment",
	"funding",
	"pay-pensions-conditions",
	"recruitment-retention",
	"wellbeing-workload",
	"pupils-inclusion",
	"other",
};
#define DEFAULT_FRAME_COUNT (sizeof(DEFAULT_FRAME) / sizeof(*DEFAULT_FRAME))

#endif
