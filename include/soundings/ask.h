/*
 * ask: a question from another desk, answered on the workers' machine.
 *
 * A question is a list of words, as on the command line; the answer is what
 * the command printed and its exit status. Both travel by ZeroMQ (REQ, REP)
 * under CURVE alone: there is no way to ask without a key (clients.h).
 *
 * One frame each way. Question: 'Q', then each word and a NUL. Answer: 'R',
 * the exit status (one byte), the length of standard output (four bytes,
 * big-endian), standard output, standard error.
 */
#ifndef SOUNDINGS_ASK_H
#define SOUNDINGS_ASK_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/clients.h>
#include <soundings/error.h>

#define SDG_ASK_MAX 16384 /* bytes */
#define SDG_ASK_WORDS 64
#define SDG_ANSWER_MAX (64u * 1024 * 1024)

struct sdg_answer {
	int status;
	char *out, *talk; /* NUL behind each */
	size_t out_len, talk_len;
};
void sdg_answer_fini(struct sdg_answer *answer);

/**
 * sdg_ask - put @words to whoever listens at @endpoint
 * @words: at most SDG_ASK_WORDS, NULL behind the last
 *
 * Return 0, or SDG_EAGAIN (nobody answers in time, or the key is refused),
 * SDG_EINVAL, SDG_ENOMEM, SDG_EIO. The caller frees @out with
 * sdg_answer_fini().
 */
int sdg_ask(const char *endpoint, const struct sdg_curve_key *key,
	    const char *const words[], int timeout_ms, struct sdg_answer *out,
	    struct sdg_error *err);

struct sdg_answerer;

/** sdg_answerer_open - listen at @endpoint for clients of @keys_dir's list;
 *  tried with a random key, which must be refused */
int sdg_answerer_open(const char *keys_dir, const char *endpoint,
		      struct sdg_answerer **out, struct sdg_error *err);
void sdg_answerer_close(struct sdg_answerer *answerer);

/* Words and client are the answerer's, until the next question. */
struct sdg_question {
	const char *client; /* public key */
	char *words[SDG_ASK_WORDS + 1];
	size_t word_count;
};

/**
 * sdg_answerer_next - the next question, waiting at most @timeout_ms
 *
 * Return 1 (answer it before the next), 0 (none; a signal, too), SDG_EIO.
 * What is no question has been answered already.
 */
int sdg_answerer_next(struct sdg_answerer *answerer, int timeout_ms,
		      struct sdg_question *out, struct sdg_error *err);

/** sdg_answerer_reply - whoever asked may have gone: that is no error */
int sdg_answerer_reply(struct sdg_answerer *answerer,
		       const struct sdg_answer *answer, struct sdg_error *err);

#endif
