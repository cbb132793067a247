/* mail_kind: the lists of words it goes by. */
#ifndef SOUNDINGS_MAIL_KIND_H
#define SOUNDINGS_MAIL_KIND_H

extern const char *const mail_receipt_starts[];
extern const char *const mail_calendar_starts[];
extern const char *const mail_bounce_phrases[];
extern const char *const mail_subject_starts[];
extern const char *const mail_subject_is[];
extern const char *const mail_subject_weak[];
extern const char *const mail_bounce_starts[];
extern const char *const mail_ticket_words[];
extern const char *const mail_absence[];
extern const char *const mail_handling[];
extern const char *const mail_instead[];
extern const char *const mail_machine[];
extern const char *const mail_held_phrases[];
extern const char *const mail_views[];

#endif
