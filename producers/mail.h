/*
 * mail: one RFC 5322 message, taken apart into what its sender wrote and
 * what stands around it.
 *
 * mail_read() does all of it: MIME (mail_mime.c, the only file that knows
 * GMime), HTML (mail_html.c, gumbo), attachments that hold text (mail_tnef.c,
 * mail_docx.c), then lines are cut into pieces (mail_cut.c and what stands
 * behind it) and the headers say which kind it is (mail_kind.c).
 *
 * Everything a message is made of lives in its pool: strings are borrowed
 * from there until mail_reset() or mail_free(). All text is safe text
 * (text.h), whatever the bytes were. Nothing here opens a file or a socket:
 * it runs in a child that may not.
 */
#ifndef SOUNDINGS_MAIL_H
#define SOUNDINGS_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/feedback.h>
#include <soundings/labels.h>
#include <soundings/text.h>

/* Limits: past one of them what was read counts, and SDG_FLAG_LIMIT says so. */
#define MAIL_RAW_MAX (30u << 20)      /* bytes of a message */
#define MAIL_POOL_MAX (48u << 20)     /* what its text may come to */
#define MAIL_PART_TEXT_MAX (1u << 20) /* decoded bytes of one text part */
#define MAIL_HTML_MAX (768u << 10)    /* bytes of HTML handed to the parser */
#define MAIL_PARTS_MAX 400
#define MAIL_DEPTH_MAX 24
#define MAIL_HEADERS_MAX 400
#define MAIL_HEADER_BYTES_MAX 4096 /* of one header's value */
#define MAIL_LINES_MAX 40000
#define MAIL_ATTACHMENTS_MAX 20

/* ------------------------------------------------------------------- pool */

struct mail_pool;

struct mail_pool *mail_pool_new(size_t max_bytes);
void mail_pool_free(struct mail_pool *pool);
/** mail_pool_reset - all that was handed out is gone */
void mail_pool_reset(struct mail_pool *pool);
/** mail_pool_alloc - zeroed, aligned to 16; NULL past the pool's limit */
void *mail_pool_alloc(struct mail_pool *pool, size_t size);
/** mail_pool_copy - @s with a NUL behind it; empty when there is no room */
struct sdg_str mail_pool_copy(struct mail_pool *pool, struct sdg_str s);

/* ---------------------------------------------------------------- strings */

/* ASCII case is ignored; what is above it is compared as it is. */
bool mail_starts(struct sdg_str s, const char *prefix);
bool mail_ends(struct sdg_str s, const char *suffix);
bool mail_is(struct sdg_str s, const char *word);
/** mail_find - where @needle begins in @s, or -1 */
ptrdiff_t mail_find(struct sdg_str s, const char *needle);
static inline bool mail_has(struct sdg_str s, const char *needle)
{
	return mail_find(s, needle) >= 0;
}
/** mail_has_word - @word stands in @s with no letter or digit beside it */
bool mail_has_word(struct sdg_str s, const char *word);
struct sdg_str mail_trim(struct sdg_str s);
struct sdg_str mail_sub(struct sdg_str s, size_t from, size_t to);
/*
 * Which pairs of bytes stand in a text, without case: enough to say of most
 * of a list of phrases that they do not, without looking. Zeroed, then
 * added to.
 */
struct mail_index {
	uint64_t bits[1024];
};
void mail_index_add(struct mail_index *index, struct sdg_str s);
bool mail_index_may_have(const struct mail_index *index, const char *phrase);
/** mail_count - how many of @phrases (ended by NULL) stand in @s */
unsigned mail_count(struct sdg_str s, const struct mail_index *index,
		    const char *const *phrases);

/** mail_any - the first of @list (ended by NULL) for which @test holds,
 *  or NULL */
const char *mail_any(struct sdg_str s, const char *const *list,
		     bool (*test)(struct sdg_str, const char *));
size_t mail_words(struct sdg_str s);
/** mail_token - the next run of non-blank bytes of *s, taken off *s */
bool mail_token(struct sdg_str *s, struct sdg_str *token);

/* ------------------------------------------------------------------ lines */

/* What the markup says of a line. */
enum mail_hint {
	MAIL_HINT_SIGNATURE = 1 << 0, /* a mail program marked it as one */
	MAIL_HINT_REPLY = 1 << 1,     /* here begins what is replied to */
	MAIL_HINT_RULE = 1 << 2,      /* a horizontal rule */
	MAIL_HINT_CITE = 1 << 3,      /* marked up as an attribution */
	/* All of the line is set off so. */
	MAIL_HINT_RED = 1 << 4,
	MAIL_HINT_GREEN = 1 << 5,
	MAIL_HINT_BLUE = 1 << 6,
	MAIL_HINT_COLOUR = 1 << 7, /* another */
	MAIL_HINT_BOLD = 1 << 8,
	MAIL_HINT_ITALIC = 1 << 9,
};
#define MAIL_HINT_COLOURS                                                      \
	(MAIL_HINT_RED | MAIL_HINT_GREEN | MAIL_HINT_BLUE | MAIL_HINT_COLOUR)
#define MAIL_HINT_SET_OFF                                                      \
	(MAIL_HINT_COLOURS | MAIL_HINT_BOLD | MAIL_HINT_ITALIC)

/* What a line was found to be; only MAIL_OWN is text. */
enum mail_piece {
	MAIL_OWN = 0,
	MAIL_QUOTE,
	MAIL_ATTRIBUTION,    /* "On … wrote:" */
	MAIL_HEADER_BLOCK,   /* From/Sent/To/Subject above a quote */
	MAIL_FORWARD_HEADER, /* the same above what was sent on */
	MAIL_BANNER,         /* "CAUTION: external" */
	MAIL_DISCLAIMER,
	MAIL_PHONE, /* "Sent from my …" */
	MAIL_SIGNATURE,
	MAIL_DELIMITER, /* "-- " */
	MAIL_LIST_FOOTER,
	MAIL_ARMOUR, /* of PGP */
	MAIL_PIECES
};

struct mail_line {
	struct sdg_str text; /* without quote marks, blanks trimmed */
	struct sdg_str raw;  /* as it stood, when marks were taken off */
	uint16_t quote;      /* how deep in quote marks or quoting markup */
	uint16_t hint;
	uint8_t piece;
	const char *why; /* static: the rule that cut it */
};

struct mail_lines {
	struct mail_pool *pool;
	struct mail_line *v;
	size_t n;
	size_t cap;
	bool full; /* a limit was met */
};

/** mail_lines_add - false past MAIL_LINES_MAX or the pool's end */
bool mail_lines_add(struct mail_lines *lines, struct sdg_str text,
		    unsigned quote, unsigned hint);
/** mail_lines_plain - split safe plain text; RFC 3676 if @flowed */
void mail_lines_plain(struct mail_lines *lines, struct sdg_str text,
		      bool flowed, bool delsp);
/** mail_answers_set_off - they say that answers stand in what is quoted */
bool mail_answers_set_off(const struct mail_lines *lines);
/** mail_lines_html - the visible text of an HTML document */
void mail_lines_html(struct mail_lines *lines, struct sdg_str html);

/* ------------------------------------------------------------------- mail */

struct mail_header {
	struct sdg_str name;
	struct sdg_str value; /* decoded and unfolded */
};

struct mail_attachment {
	struct sdg_str name;
	struct sdg_str type; /* "application/pdf" */
};

struct mail {
	struct mail_pool *pool;

	struct mail_header headers[MAIL_HEADERS_MAX];
	size_t header_count;
	struct sdg_str message_id; /* without <> */
	struct sdg_str subject;
	struct sdg_str from_name;
	struct sdg_str from_address; /* normalised */
	struct sdg_str to_domain;    /* of the first To: that is "us" */
	struct sdg_str recipient;    /* envelope, as given by the caller */
	struct sdg_str delivered;    /* where headers say that it went */
	struct sdg_str sender;       /* envelope, as given by the caller */
	bool null_sender;            /* the envelope's sender is <> */
	int64_t said;                /* Date, else the oldest Received; or 0 */

	/* what MIME showed */
	struct sdg_str type; /* of the whole: "multipart/report" */
	struct sdg_str report_type;
	struct sdg_str calendar_method;
	struct mail_attachment attachments[MAIL_ATTACHMENTS_MAX];
	size_t attachment_count;
	struct mail_lines lines;

	/* what was made of it */
	enum sdg_kind kind;                /* UNSET: the words must tell */
	const char *reason;                /* static; why it is of that kind */
	struct sdg_str respondent_name;    /* whose words they are */
	struct sdg_str respondent_address; /* normalised */
	struct sdg_str text;
	struct sdg_str quoted;
	struct sdg_str signature;
	struct sdg_str footer; /* disclaimers: neither text nor signature */
	uint32_t flags;
	bool truncated;
	const char *unreadable; /* static; not a message at all */
};

/** mail_new - room for one message after another; NULL: no memory */
struct mail *mail_new(void);
void mail_free(struct mail *mail);
/** mail_reset - ready for the next message */
void mail_reset(struct mail *mail);

/**
 * mail_read - take a raw message apart
 *
 * Any bytes are a message; what cannot be one is marked unreadable. Return
 * 0, or SDG_ENOMEM.
 */
int mail_read(struct mail *mail, const void *raw, size_t len,
	      struct sdg_error *err);

/** mail_header - value of the first header called @name, or empty */
struct sdg_str mail_header(const struct mail *mail, const char *name);
bool mail_has_header(const struct mail *mail, const char *name);

/* The steps of mail_read(), each on what those before it found. */
int mail_mime(struct mail *mail, const void *raw, size_t len,
	      struct sdg_error *err);
void mail_cut(struct mail *mail);
void mail_kind(struct mail *mail);

/** mail_init - once a process, before the first message: GMime, and those
 *  converters of character sets that @raw (NULL: anything) will ask for */
void mail_init(const void *raw, size_t len);

/* ------------------------------------------------------- steps' own seams */

/** mail_decode - bytes in character set @label as safe UTF-8 */
struct sdg_str mail_decode(struct mail_pool *pool, struct sdg_str bytes,
			   struct sdg_str label);

/** mail_tnef_text - the text in a winmail.dat, added to @lines; false when
 *  there is none */
bool mail_tnef_text(struct mail_lines *lines, struct sdg_str bytes);
/** mail_docx_text - the same for a .docx */
bool mail_docx_text(struct mail_lines *lines, struct sdg_str bytes);

/** mail_cut_quotes - mark quotes, attributions, header blocks, forwards;
 *  returns the line at which a forwarded message begins, or lines.n */
size_t mail_cut_quotes(struct mail *mail);
/** mail_cut_ends - in lines [from, to): banners, disclaimers, footers */
void mail_cut_ends(struct mail *mail, size_t from, size_t to);
/** mail_cut_signature - in lines [from, to), which @name wrote */
void mail_cut_signature(struct mail *mail, size_t from, size_t to,
			struct sdg_str name, struct sdg_str address);

/* What a line looks like; see mail_look.c. */
enum mail_look {
	MAIL_LOOK_JOB = 1 << 0,
	MAIL_LOOK_PLACE_OF_WORK = 1 << 1, /* school, trust, college … */
	MAIL_LOOK_PHONE = 1 << 2,
	MAIL_LOOK_POSTCODE = 1 << 3,
	MAIL_LOOK_WEB = 1 << 4, /* address or site */
	MAIL_LOOK_STREET = 1 << 5,
	MAIL_LOOK_LETTERS = 1 << 6, /* MA, BSc, NPQH */
	MAIL_LOOK_NAME = 1 << 7,    /* could be somebody's name */
	MAIL_LOOK_PROSE = 1 << 8,   /* a sentence, or part of one */
	MAIL_LOOK_CLOSING = 1 << 9, /* "Kind regards" */
	MAIL_LOOK_POSTSCRIPT = 1 << 10,
	MAIL_LOOK_LIST = 1 << 11, /* a bullet or number before it */
};
unsigned mail_look(struct sdg_str line);
/** mail_look_own_name - @line begins with (part of) the sender's name */
bool mail_look_own_name(struct sdg_str line, struct sdg_str name,
			struct sdg_str address);

/** mail_look_full_name - @line begins with the first and the last of @name */
bool mail_look_full_name(struct sdg_str line, struct sdg_str name);

/** mail_reference - by which the mail server's log names it; empty where the
 *  mail has no Message-ID */
struct sdg_str mail_reference(struct mail *mail);
/** mail_to_feedback - as an event; everything borrowed from @mail */
void mail_to_feedback(struct mail *mail, struct sdg_feedback *fb);
/** mail_to_json - the dry run's object; the caller frees it. @pieces adds
 *  every line and why it was cut */
char *mail_to_json(const struct mail *mail, bool pieces);
/** mail_unreadable_json - the same of a message that the parser died of */
char *mail_unreadable_json(const char *why);

#endif
