/*
 * frame: what themes there are, and how that changes: checked, compared,
 * tried, and only then adopted.
 */
#include "frame_cmd.h"

#include <err.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings frame check                      the frame in force\n"
    "  soundings frame check --frame ./customer-service --format csv\n"
    "  soundings frame try                        the draft: what would move?\n"
    "  soundings frame try new-model.bin --labelled coded.jsonl\n"
    "  soundings frame adopt\n"
    "  soundings frame adopt 1a2b3c4d             back to an earlier one\n"
    "  soundings frame versions                   for 'report --as-of'\n"
    "\n"
    "Usage: soundings frame check [FILE…] [--frame DIR] [--all]\n"
    "       soundings frame diff A [B]\n"
    "       soundings frame try [FRAME|MODEL] [--labelled FILE]… [filters]\n"
    "       soundings frame adopt [FRAME|MODEL] [--because WHY]\n"
    "       soundings frame versions\n"
    "       … [--format table|json|csv] [--output FILE]\n"
    "\n"
    "FRAME is a folder with a frame.yaml or a version that is kept ('frame\n"
    "versions'), MODEL a file that 'train' wrote; without either it is the "
    "draft\n"
    "that 'soundings theme' works at.\n"
    "\n"
    "check  finds cues of one theme that are the same by their stems; a "
    "phrase\n"
    "       that is both a cue and an exclusion of a theme, or nearly decides\n"
    "       for two; strong cues most of whose texts are not of their theme;\n"
    "       a theme of what fits none that is not called 'other'.\n"
    "       It looks in DIR/training/*.jsonl and in FILEs of labelled lines.\n"
    "diff   themes and cues that one frame has and another has not\n"
    "try    what would move if it were adopted: how many messages, from which\n"
    "       theme to which, with examples; and how often it and the frame in\n"
    "       force are right about labels that neither was trained on: a "
    "fifth,\n"
    "       by a hash of the id, of what people labelled here and of FILEs,\n"
    "       without those whose very words a model was taught all the same\n"
    "adopt  puts it in force, if it was tried and nothing speaks against it:\n"
    "       it is right less often than the present one, no label that is "
    "held\n"
    "       out says how often, labels people gave are of themes it has not,\n"
    "       or more than one message in twenty would lose its theme. Workers\n"
    "       follow within seconds; 'reclassify' applies it to what is stored\n"
    "\n"
    "  --frame DIR    check: the frame's folder\n"
    "  --all          check: list cues that are double, or that no text holds\n"
    "  --labelled F   try: labelled lines, too (the form of tests/corpus)\n"
    "  --because WHY  adopt in spite of what 'try' found: noted with your "
    "name\n";

static int take_labelled(void *arg, const char *value)
{
	struct frame_options *o = arg;

	if (o->labelled_count == FRAME_FILES_MAX) {
		warnx("at most %d times --labelled", FRAME_FILES_MAX);
		return -1;
	}
	o->labelled[o->labelled_count++] = value;
	return 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("frame", struct frame_options, frame),
	CLI_FLAG("all", struct frame_options, all),
	CLI_TAKEN("labelled", take_labelled),
	CLI_TEXT("because", struct frame_options, because),
	{ 0 },
};

static const struct cli_verb VERBS[] = {
	{ "check", "[FILE]…", 0, 63, frame_check, "frame all " CLI_TAKES_LIST },
	{ "diff", "A [B]", 1, 2, frame_diff, CLI_TAKES_LIST },
	{ "try", "[FRAME|MODEL]", 0, 1, frame_try,
	  "labelled " CLI_TAKES_FILTERS " " CLI_TAKES_LIST },
	{ "adopt", "[FRAME|MODEL]", 0, 1, frame_adopt,
	  "because " CLI_TAKES_LIST },
	{ "versions", NULL, 0, 0, frame_versions, CLI_TAKES_LIST },
	{ 0 },
};

int cmd_frame(int argc, char *argv[])
{
	struct frame_options o = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT |
						  CLI_FORMAT_BIT(CLI_CSV),
				       .filters = true,
				       .own = OPTIONS,
				       .arg = &o,
				       .rest_min = 1,
				       .rest_max = 64,
				       .needs = CLI_NEEDS_HOME };

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
