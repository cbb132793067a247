/*
 * hook_read: a mail file, read as the hook reads it. Foreign bytes are the
 * hook's business: it is run with --dry-run, in its own confinement, and
 * what it prints is read here. Nothing is sent.
 */
#include "hook_read.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <soundings/home.h>

#define PRINTED_MAX (64u * 1024 * 1024)

/* The length of a header's name where @line begins with one, or 0. */
static size_t header_name(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && n < 70 &&
	       (isalnum((unsigned char)line[n]) || line[n] == '-'))
		n++;
	return n && n < len && line[n] == ':' ? n : 0;
}

bool hook_is_mail(const char *text, size_t len)
{
	static const char *const SURE[] = { "from", "message-id", "received",
					    "return-path", "mime-version" };
	const char *line = text, *end = text + len;
	int sure = 0;

	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n, rest = (size_t)((stop ? stop : end) - line);

		if (rest == 0 || *line == '\r')
			break;
		n = header_name(line, rest);
		if (!n && *line != ' ' && *line != '\t' &&
		    (line != text || strncmp(line, "From ", 5) != 0))
			return false;
		for (size_t i = 0; n && i < sizeof(SURE) / sizeof(*SURE); i++)
			sure += strlen(SURE[i]) == n &&
				strncasecmp(line, SURE[i], n) == 0;
		if (!stop)
			break;
		line = stop + 1;
	}
	/* "From: my head" may begin a note; two of them do not. */
	return sure >= 2;
}

static void run_hook(FILE *in, FILE *out)
{
	char path[SDG_PATH_MAX], option[] = "--dry-run";
	char *argv[] = { path, option, NULL };

	if (sdg_program_path("soundings-mail", path, NULL) < 0)
		_exit(127);
	if (dup2(fileno(in), 0) < 0 || dup2(fileno(out), 1) < 0)
		_exit(127);
	execv(path, argv);
	_exit(127);
}

static int slurp(FILE *from, char **out, size_t *len, struct sdg_error *err)
{
	char *text;
	long size;

	if (fseek(from, 0, SEEK_END) != 0 || (size = ftell(from)) < 0 ||
	    (unsigned long)size > PRINTED_MAX)
		return sdg_fail(err, SDG_EIO, "read what the hook printed");
	rewind(from);
	text = malloc((size_t)size + 1);
	if (!text)
		return sdg_fail(err, SDG_ENOMEM, "read mail: no memory");
	*len = fread(text, 1, (size_t)size, from);
	text[*len] = '\0';
	*out = text;
	return 0;
}

int hook_read(const char *text, size_t len, char **out, size_t *out_len,
	      struct sdg_error *err)
{
	/* Files without a name, not pipes: neither side waits for the other. */
	FILE *in = tmpfile(), *printed = tmpfile();
	int status = -1, rc;
	pid_t pid;

	if (!in || !printed || fwrite(text, 1, len, in) != len ||
	    fflush(in) != 0 || fseek(in, 0, SEEK_SET) != 0) {
		rc = sdg_fail_errno(err, "read mail: a temporary file");
		goto out;
	}
	pid = fork();
	if (pid == 0)
		run_hook(in, printed);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		rc = sdg_fail(err, SDG_EAGAIN,
			      "read mail: soundings-mail --dry-run did not "
			      "succeed");
	else
		rc = slurp(printed, out, out_len, err);
out:
	if (in)
		fclose(in);
	if (printed)
		fclose(printed);
	return rc;
}
