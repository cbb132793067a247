/*
 * review_screen: one message before a person, one keystroke a theme; the same
 * for what lies in the store here and for what another machine shows.
 */
#ifndef CLI_REVIEW_SCREEN_H
#define CLI_REVIEW_SCREEN_H

#include "labels_edit.h"

struct review_screen {
	const char **themes; /* by number, from 1 */
	size_t theme_count;
	uint32_t other;    /* the theme of what fits none, or 0 */
	bool blind;        /* nothing is shown but what was chosen */
	uint32_t keys[26]; /* which of them has a key: those in force */
	size_t key_count;
	struct sdg_labels labels; /* of the one on the screen, as chosen */
	struct sdg_labels before;
	bool region_said, stance_said; /* by a key */
};

struct review_piece {
	const char *day, *source, *region;
	struct sdg_str question, subject, text;
	struct sdg_labels labels; /* offered */
};

enum review_verdict { REVIEW_SAVE, REVIEW_SKIP, REVIEW_STOP };

/** review_offer - give theme number @theme the next key */
void review_offer(struct review_screen *screen, uint32_t theme);
/** review_keys - what each key does */
void review_keys(const struct review_screen *screen);

/** review_ask - show @piece and take keys until it is saved, skipped or the
 *  end; what was chosen is in @screen->labels */
enum review_verdict review_ask(struct review_screen *screen,
			       const struct review_piece *piece);

/** review_raw - keys one at a time from here on, where that is a terminal;
 *  review_cooked gives it back */
void review_raw(void);
void review_cooked(void);

/** review_remote - asked of the soundings-reportd at @endpoint, a message at a
 *  time; @argv is "review" and its filters. Returns the exit status */
struct sdg_curve_key;
int review_remote(const char *endpoint, const struct sdg_curve_key *key,
		  int argc, char *argv[]);

#endif
