/*
 * taught: which texts a model was taught, by digests of their words.
 *
 * A figure measured on texts that a model was taught says how well it
 * remembers them, so whoever measures asks here first. A digest is of the
 * text's bytes without white space, and without the case of ASCII letters: a
 * line of training and the same words mailed are one. 64 bits and no key: it
 * says whether a text that one has was taught, and nothing of one that one
 * has not. Not installed.
 */
#ifndef TAUGHT_H
#define TAUGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/feedback.h>

/** sdg_taught_digest - of @text, or where it is empty of @subject */
uint64_t sdg_taught_digest(struct sdg_str text, struct sdg_str subject);

/** sdg_taught_has - is @digest among @n that stand in ascending order? */
bool sdg_taught_has(const uint64_t *sorted, size_t n, uint64_t digest);

/** sdg_taught_sort - @n digests in ascending order, each once; how many */
size_t sdg_taught_sort(uint64_t *digests, size_t n);

#endif
