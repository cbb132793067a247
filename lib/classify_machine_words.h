/* classify_machine_words: the lists that classify_machine.c goes by. */
#ifndef CLASSIFY_MACHINE_WORDS_H
#define CLASSIFY_MACHINE_WORDS_H

extern const char *const sdg_machine_subjects[];
extern const char *const sdg_machine_subject_starts[];
extern const char *const sdg_machine_subject_has[];
extern const char *const sdg_machine_views[];
extern const char *const sdg_machine_itself[];
extern const char *const sdg_machine_yours[];
extern const char *const sdg_machine_its_fate[];
extern const char *const sdg_machine_thanks[];
extern const char *const sdg_machine_away_starts[];
extern const char *const sdg_machine_away[];
extern const char *const sdg_machine_second[];

#endif
