/*
 * review_screen: what a reviewer sees, and what their keys do.
 */
#include "review_screen.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The nine English regions, by their number. */
#define REGION_KEYS 9

static void show_text(struct sdg_str text, const char *name)
{
	char *visible;

	if (!text.len)
		return;
	visible = sdg_text_visible(text, true);
	if (!visible)
		errx(EXIT_RETRY, "no memory");
	printf("%s%s\n", name, visible);
	free(visible);
}

static void show_labels(const struct review_screen *screen)
{
	const struct sdg_labels *labels = &screen->labels;

	printf("  = %s", sdg_kind_id((int)labels->kind));
	if (screen->region_said)
		printf(", %s", sdg_region_id((int)labels->region));
	if (labels->kind == SDG_KIND_FEEDBACK &&
	    (screen->stance_said || !screen->blind))
		printf(", %s", sdg_stance_id((int)labels->stance));
	for (int i = 0; i < labels->theme_count; i++)
		printf(", %s", screen->themes[labels->themes[i]]);
	putchar('\n');
	fflush(stdout);
}

void review_offer(struct review_screen *screen, uint32_t theme)
{
	if (screen->key_count < sizeof(screen->keys) / sizeof(*screen->keys))
		screen->keys[screen->key_count++] = theme;
}

void review_keys(const struct review_screen *screen)
{
	size_t n = screen->key_count;

	for (size_t i = 0; i < n; i++)
		printf("%c %-28s%s", (char)('a' + i),
		       screen->themes[screen->keys[i]],
		       i % 3 == 2 || i + 1 == n ? "\n" : "");
	for (int r = 1; r <= REGION_KEYS; r++)
		printf("%d %-20s%s", r, sdg_region_id(r),
		       r % 4 == 0 ? "\n" : "");
	puts("? no region said\n"
	     "+ positive  - negative  ~ mixed  0 neutral  ! not feedback  "
	     "# automatic\nEnter save  Space skip  * again  Q stop\n");
}

static void start_again(struct review_screen *screen)
{
	screen->labels = screen->before;
	screen->region_said = screen->stance_said = false;
}

static bool take_region(struct review_screen *screen, int key)
{
	if (key != '?' && (key < '1' || key > '0' + REGION_KEYS))
		return false;
	screen->region_said = true;
	labels_set_region(&screen->labels, key == '?'
					       ? SDG_REGION_UNKNOWN
					       : (enum sdg_region)(key - '0'));
	return true;
}

/* "other" stands alone: a theme takes its place, and it that of themes. */
static bool take_theme(struct review_screen *screen, uint32_t theme)
{
	struct sdg_labels *labels = &screen->labels;

	if (labels->kind != SDG_KIND_FEEDBACK)
		labels_set_kind(labels, SDG_KIND_FEEDBACK);
	if (!labels_other_alone(labels, theme, screen->other))
		labels->theme_count = 0;
	return labels_toggle_theme(labels, theme);
}

/* True when @key belongs to the labels, and they are shown again. */
static bool take_label(struct review_screen *screen, int key)
{
	static const char STANCES[] = "0+-~"; /* in the order of the enum */
	const char *stance = strchr(STANCES, key);

	if (key >= 'a' && key <= 'z' && (size_t)(key - 'a') < screen->key_count)
		return take_theme(screen, screen->keys[key - 'a']);
	if (take_region(screen, key))
		return true;
	if (key && stance) {
		screen->stance_said = true;
		screen->labels.stance = (enum sdg_stance)(stance - STANCES);
		return true;
	}
	if (key == '!' || key == '#') {
		labels_set_kind(&screen->labels, key == '!'
						     ? SDG_KIND_NOT_FEEDBACK
						     : SDG_KIND_AUTO_REPLY);
		return true;
	}
	if (key == '*')
		start_again(screen);
	return key == '*';
}

static bool complete(const struct review_screen *screen)
{
	if (screen->labels.kind != SDG_KIND_FEEDBACK ||
	    screen->labels.theme_count)
		return true;
	puts("  feedback has a theme: choose one ('other' where none fits)");
	return false;
}

static enum review_verdict take_keys(struct review_screen *screen)
{
	for (;;) {
		unsigned char key;
		ssize_t n = read(STDIN_FILENO, &key, 1);

		if (n <= 0 || key == 'Q' || key == 4)
			return REVIEW_STOP;
		if (key == ' ')
			return REVIEW_SKIP;
		if (key == '\n' || key == '\r') {
			if (complete(screen))
				return REVIEW_SAVE;
			continue;
		}
		if (take_label(screen, key))
			show_labels(screen);
	}
}

enum review_verdict review_ask(struct review_screen *screen,
			       const struct review_piece *piece)
{
	screen->before = piece->labels;
	if (screen->blind)
		screen->before =
		    (struct sdg_labels){ .kind = SDG_KIND_FEEDBACK };
	start_again(screen);
	printf("--- %s, %s", piece->day, piece->source);
	printf(screen->blind ? "\n" : ", %s\n", piece->region);
	show_text(piece->question, "asked: ");
	show_text(piece->subject, "subject: ");
	show_text(piece->text, "");
	show_labels(screen);
	return take_keys(screen);
}

/* ----------------------------------------------------------- the terminal */

static struct termios cooked;
static bool is_raw;

/* Who breaks it off, or goes away, leaves the terminal as it was. */
static const int ENDINGS[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void on_endings(void (*handler)(int))
{
	for (size_t i = 0; i < sizeof(ENDINGS) / sizeof(*ENDINGS); i++)
		signal(ENDINGS[i], handler);
}

static void give_back(int signo)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &cooked);
	signal(signo, SIG_DFL);
	raise(signo);
}

void review_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &cooked) != 0)
		return;
	raw = cooked;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	is_raw = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
	if (is_raw)
		on_endings(give_back);
}

void review_cooked(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &cooked);
	if (is_raw)
		on_endings(SIG_DFL);
	is_raw = false;
}
