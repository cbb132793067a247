/*
 * mail_input: one message on standard input, and the time there is for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "mail.h"
#include "mail_read.h"

#define PARSE_MS 6500
#define AFTER_MS 400 /* left for the outbox and for leaving */

int64_t mail_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int mail_time_left(const struct mail_options *opt)
{
	int64_t left = opt->until_ms - mail_now_ms() - AFTER_MS;

	return left < 0 ? 0 : (int)left;
}

int mail_parse_ms(const struct mail_options *opt)
{
	int left = mail_time_left(opt);

	return left < PARSE_MS ? left : PARSE_MS;
}

struct message {
	void *data;
	size_t len;
	bool mapped;
};

/* The supervisor hands over a file in memory; a person, a pipe. */
static int read_message(int fd, struct message *m, bool *cut,
			struct sdg_error *err)
{
	struct stat st;
	size_t size = 0;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= (off_t)MAIL_RAW_MAX && lseek(fd, 0, SEEK_CUR) == 0) {
		m->data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			       fd, 0);
		m->mapped = m->data != MAP_FAILED;
		m->len = (size_t)st.st_size;
		if (m->mapped)
			return 0;
		m->data = NULL;
		m->len = 0;
	}
	for (;;) {
		ssize_t n;

		if (m->len == size) {
			size_t more = size ? 2 * size : 65536;
			void *p = realloc(m->data, more);

			if (!p)
				return sdg_fail(err, SDG_ENOMEM,
						"no memory for the message");
			m->data = p;
			size = more;
		}
		n = read(fd, (char *)m->data + m->len, size - m->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sdg_fail_errno(err, "read the message");
		if (n == 0)
			return 0;
		m->len += (size_t)n;
		/* The rest is read, so that the sender sees no broken pipe,
		 * and dropped. */
		if (m->len > MAIL_RAW_MAX) {
			m->len = MAIL_RAW_MAX;
			*cut = true;
		}
	}
}

static void drop_message(struct message *m)
{
	if (m->mapped)
		munmap(m->data, m->len);
	else
		free(m->data);
}

int mail_take(struct mail_options *opt, int fd, mail_act_fn *act)
{
	struct message message = { 0 };
	struct sdg_error err = { 0 };
	struct mail_job job = { .cut = opt->cut };
	int rc;

	rc = read_message(fd, &message, &job.cut, &err);
	if (rc < 0)
		goto out;
	job.raw = message.data ? message.data : "";
	job.len = message.len;
	mail_identify(&job);
	mail_init(job.raw, job.len);
	rc = act(opt, &job, &err);
out:
	if (rc < 0) {
		syslog(LOG_WARNING, "not taken, to be tried again: %s",
		       err.message);
		if (!opt->quiet)
			fprintf(stderr, "soundings-mail: %s\n", err.message);
	}
	drop_message(&message);
	return rc == 0 ? EX_OK : EX_TEMPFAIL;
}
