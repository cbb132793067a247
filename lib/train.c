/*
 * train: read, fit on parts to see how well it does on the rest, calibrate
 * by that, fit on everything, write.
 */
#include "train.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "train_internal.h"

/* Files are dealt into this many groups for calibration. */
#define GROUPS 3

static void tell(const struct sdg_train_options *options, const char *what)
{
	if (options->progress)
		options->progress(options->arg, what);
}

/* A file is one writer's, so it stays together. Passages are always taught,
 * since nobody will be scored on them; but where there is nothing else, it is
 * measured on them how sure the model is. */
static int deal(const struct set *set, bool by_file, uint8_t *groups)
{
	bool passages = set_only_passages(set);
	int next = 0;

	for (size_t i = 0; i < set->file_count; i++) {
		if (set->files[i].passages && !passages)
			groups[i] = UINT8_MAX;
		else
			groups[i] =
			    (uint8_t)(by_file ? next++ : next++ % GROUPS);
	}
	return by_file || next < GROUPS ? next : GROUPS;
}

/* With a single file there are no writers to tell apart; its texts are then
 * dealt one by one, as files of the same name. */
static void split_single(struct set *set)
{
	bool passages = set_only_passages(set);
	size_t dealt = 0, only = 0;

	for (size_t i = 0; i < set->file_count; i++) {
		if (passages || !set->files[i].passages) {
			dealt++;
			only = i;
		}
	}
	if (dealt != 1 || set->file_count + GROUPS > SDG_TRAIN_FILES_MAX)
		return;
	for (int g = 1; g < GROUPS; g++)
		set->files[set->file_count++] = set->files[only];
	for (size_t i = 0; i < set->text_count; i++) {
		struct text *text = &set->texts[i];

		if (!text->cue && text->file == only && i % GROUPS)
			text->file = (uint8_t)(set->file_count - i % GROUPS);
	}
}

/* What is scored, by models of which each had not seen one of the groups. */
struct held_out {
	const struct sdg_train_options *options;
	const struct set *set;
	uint8_t groups[SDG_TRAIN_FILES_MAX];
	int group_count;
	float *scores; /* shared with the other process */
	size_t stride, size;
};

/* Scores the texts of group @g; with the last one also what is always taught.
 */
static int score_group(const struct held_out *held, int g,
		       struct sdg_error *err)
{
	const struct set *set = held->set;
	struct fit fit;
	int rc;

	tell(held->options, "fit on parts");
	rc = fit_find(set, held->groups, g, &fit, err);
	for (size_t i = 0; i < set->text_count && rc == 0; i++) {
		const struct text *text = &set->texts[i];
		int group = held->groups[text->file];
		float scores[SCORES_MAX];

		if (group == UINT8_MAX)
			group = held->group_count - 1;
		if (text->cue || group != g)
			continue;
		fit_score(set, &fit, text, scores);
		memcpy(held->scores + i * held->stride, scores,
		       held->stride * sizeof(*scores));
	}
	fit_fini(&fit);
	return rc;
}

static int score_groups(const struct held_out *held, int from, int to,
			struct sdg_error *err)
{
	int rc = 0;

	for (int g = from; g < to && rc == 0; g++)
		rc = score_group(held, g, err);
	return rc;
}

/* The groups before @to in a process of their own; -1: here, then. Not in a
 * thread: liblinear draws from the one rand() of a process, and the same texts
 * are to give the same model. */
static pid_t score_beside(const struct held_out *held, int to)
{
	pid_t pid, parent = getpid();

	if (!held->options->beside || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return -1;
	pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(score_groups(held, 0, to, NULL) < 0);
}

static int wait_for(pid_t pid, struct sdg_error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return sdg_fail_errno(err, "train: wait");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return sdg_fail(err, SDG_ENOMEM,
				"train: the process that fits a part ended "
				"(no memory?)");
	return 0;
}

/* Scores every text by a model that had not seen its group, and finds what all
 * texts teach: half of it beside the other half. */
static int fit_parts_and_all(const struct held_out *held, struct fit *all,
			     struct sdg_error *err)
{
	int half = (held->group_count + 1) / 2, rc;
	pid_t pid = score_beside(held, half);

	rc = score_groups(held, pid < 0 ? 0 : half, held->group_count, err);
	if (rc == 0) {
		tell(held->options, "fit on everything");
		rc = fit_find(held->set, NULL, 0, all, err);
	}
	if (pid > 0 && rc < 0)
		kill(pid, SIGKILL);
	if (pid > 0 && rc < 0)
		wait_for(pid, NULL);
	else if (pid > 0)
		rc = wait_for(pid, err);
	return rc;
}

static int held_out_init(struct held_out *held,
			 const struct sdg_train_options *options,
			 const struct set *set, struct sdg_error *err)
{
	*held = (struct held_out){ .options = options, .set = set };
	held->stride =
	    set->frame->theme_count + SDG_BESIDE_COLUMNS + SDG_SIGN_COUNT;
	held->size = (set->text_count * held->stride + 1) * sizeof(float);
	held->group_count = deal(set, options->by_file, held->groups);
	held->scores = mmap(NULL, held->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (held->scores == MAP_FAILED)
		return sdg_fail_errno(err, "train");
	return 0;
}

static int train_set(const struct sdg_train_options *options, struct set *set,
		     void **out, size_t *len, struct sdg_train_report *report,
		     struct sdg_error *err)
{
	struct sdg_calibration calibration;
	struct held_out held;
	struct fit fit = { 0 };
	float bonus;
	int rc;

	split_single(set);
	rc = held_out_init(&held, options, set, err);
	if (rc < 0)
		return rc;
	rc = fit_parts_and_all(&held, &fit, err);
	if (rc < 0)
		goto out;
	tell(options, "calibrate");
	bonus = calibrate(set, held.scores, held.stride, &calibration);
	calibrate_stance(set, held.scores, held.stride, &calibration);
	if (report) {
		memset(report, 0, sizeof(*report));
		judge(set, held.scores, held.stride, &calibration, report);
	}
	if (set->frame->other >= 0)
		fit.bias[set->frame->other] += bonus;
	rc = write_model(set, &fit, &calibration, out, len, err);
out:
	fit_fini(&fit);
	munmap(held.scores, held.size);
	return rc;
}

int sdg_train(const struct sdg_train_options *options, void **out, size_t *len,
	      struct sdg_train_report *report, struct sdg_error *err)
{
	struct set set;
	int rc = set_init(&set, options->dir, err);

	if (rc == 0) {
		tell(options, "read texts");
		rc = set_read(&set, options, err);
	}
	if (rc == 0)
		rc = train_set(options, &set, out, len, report, err);
	set_fini(&set);
	return rc;
}
