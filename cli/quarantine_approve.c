/*
 * quarantine approve: a note that was held, let through by a person.
 *
 * Its original is read again by the mail reader, in its limited child, which
 * is told that somebody stands for it. Only when every point is acknowledged
 * does the held piece go: broken off in between, it is approved again, and
 * what was counted is a duplicate.
 */
#include "cli.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <soundings/feedback.h>

#include "quarantine.h"

#define HELD "note held for approval"
#define SHOWN_MAX 65536

/* The reader on the original @path; 0 when all is acknowledged. */
static int run_reader(const char *path, const struct sdg_feedback *fb,
		      bool approved, struct sdg_error *err)
{
	char program[SDG_PATH_MAX], *recipient, *consultation;
	char *args[8] = { program, (char *)"--approved" };
	int n = approved ? 2 : 1, fd, status = 0, rc;
	pid_t pid;

	rc = sdg_program_path("soundings-mail-show", program, err);
	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sdg_fail_errno(err, "open the original \"%s\"", path);
	recipient = xformat("--recipient=%.*s", SDG_STR_ARG(fb->recipient));
	consultation =
	    xformat("--consultation=%.*s", SDG_STR_ARG(fb->consultation));
	args[n++] = recipient;
	args[n] = NULL;
	if (fb->consultation.len)
		args[n++] = consultation;
	if (fb->test)
		args[n++] = (char *)"--test";
	pid = fork();
	if (pid == 0) {
		if (dup2(fd, STDIN_FILENO) >= 0)
			execv(program, args);
		_exit(75);
	}
	close(fd);
	free(recipient);
	free(consultation);
	if (pid < 0)
		return sdg_fail_errno(err, "start the reader");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return sdg_fail(err, SDG_EAGAIN,
			"the note was not taken; it is still held");
}

static void original_path(const struct sdg_home *home, const uint8_t *identity,
			  char path[SDG_PATH_MAX + 80])
{
	char name[2 * SDG_DIGEST_SIZE + 1];

	id_hex(identity, SDG_DIGEST_SIZE, name);
	snprintf(path, SDG_PATH_MAX + 80, "%s/%s.eml", home->incoming, name);
}

/* It is counted; the mailbox has it still. */
void quarantine_original_gone(char path[SDG_PATH_MAX + 80])
{
	unlink(path);
	memcpy(path + strlen(path) - 4, ".event", sizeof(".event"));
	unlink(path);
}

void quarantine_taken(const struct sdg_home *home,
		      const struct sdg_feedback *fb)
{
	char path[SDG_PATH_MAX + 80];

	if (fb->unreadable.len == 0)
		return;
	original_path(home, fb->identity, path);
	quarantine_original_gone(path);
}

char *quarantine_original(const struct sdg_home *home,
			  const uint8_t identity[SDG_DIGEST_SIZE])
{
	char path[SDG_PATH_MAX + 80], *raw, *clean, *visible;
	struct sdg_str text;
	size_t len;

	original_path(home, identity, path);
	if (sdg_read_file(path, 32u << 20, &raw, &len, NULL) < 0)
		return NULL;
	if (len > SHOWN_MAX)
		len = SHOWN_MAX;
	clean = xcalloc(3 * len + 1, 1);
	text =
	    (struct sdg_str){ clean, sdg_text_clean(raw, len, clean, 3 * len) };
	visible = sdg_text_visible(text, true);
	free(clean);
	free(raw);
	return visible;
}

int quarantine_send_held(const struct sdg_home *home, const void *raw,
			 size_t len, char path[SDG_PATH_MAX + 80],
			 struct sdg_error *err)
{
	struct sdg_arena *arena = sdg_arena_new(SDG_ARENA_EVENT);
	struct sdg_feedback fb;
	int rc;

	if (!arena)
		return sdg_fail(err, SDG_ENOMEM, "no memory");
	rc = sdg_feedback_decode(raw, len, arena, &fb, err);
	if (rc == 0 && (fb.unreadable.len < strlen(HELD) ||
			memcmp(fb.unreadable.s, HELD, strlen(HELD)) != 0))
		rc = sdg_fail(err, SDG_EINVAL,
			      "it is no note held for approval: see "
			      "'soundings quarantine retry'");
	if (rc == 0) {
		original_path(home, fb.identity, path);
		rc = run_reader(path, &fb, true, err);
	}
	sdg_arena_free(arena);
	return rc;
}

bool quarantine_read_again(const struct sdg_home *home,
			   const struct sdg_feedback *fb)
{
	char path[SDG_PATH_MAX + 80];

	if (fb->unreadable.len == 0 ||
	    (fb->unreadable.len >= strlen(HELD) &&
	     memcmp(fb->unreadable.s, HELD, strlen(HELD)) == 0))
		return false;
	original_path(home, fb->identity, path);
	return run_reader(path, fb, false, NULL) == 0;
}
