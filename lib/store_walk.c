/*
 * Which stored pieces a filter takes, and the walk through them;
 * store_piece.c opens one.
 *
 * A walk may take long, and a reader that holds on to one snapshot makes the
 * file grow; so the walk takes a new snapshot every second and goes on from
 * where it was.
 */
#include <stdlib.h>

#include "store_internal.h"

#define SNAPSHOT_SECONDS 1
/* What is passed over between two looks at the clock. */
#define PASSED_A_LOOK 1024

int filter_prepare(struct txn *t, const struct sdg_filter *filter,
		   struct plan_filter *out, struct sdg_error *err)
{
	const struct sdg_consultation *c;
	int rc;

	*out = (struct plan_filter){
		.since = filter->since_day > 0 ? filter->since_day : 0,
		.until = filter->until_day ? filter->until_day : DAY_MAX + 1,
		.regions = filter->regions,
		.sources = filter->sources,
		.stances = filter->stances,
		.roles = filter->roles,
		.phases = filter->phases,
	};
	if (out->until > DAY_MAX + 1)
		out->until = DAY_MAX + 1;
	if (out->until < out->since)
		out->until = out->since;
	memcpy(out->themes, filter->themes, sizeof(out->themes));
	for (int i = 0; i < 4; i++)
		out->any_theme |= out->themes[i] != 0;
	if (!filter->consultation)
		return 0;
	rc = consultations_load(t, err);
	if (rc < 0)
		return rc;
	c = consultation_by_id(t->store, sdg_str(filter->consultation));
	if (!c)
		return sdg_fail(err, SDG_ENOTFOUND,
				"find consultation \"%.100s\": there is none",
				filter->consultation);
	out->consultation = c->number;
	return 0;
}

static bool has_bit(uint32_t set, unsigned bit)
{
	return set == 0 || (bit < 32 && set >> bit & 1);
}

bool filter_theme(const struct plan_filter *filter, unsigned theme)
{
	return !filter->any_theme ||
	       filter->themes[theme / 64] >> (theme % 64) & 1;
}

bool filter_takes(const struct plan_filter *filter, const struct piece *piece)
{
	bool named = !filter->any_theme;

	if (piece->day < filter->since || piece->day >= filter->until ||
	    !has_bit(filter->regions, piece->region) ||
	    !has_bit(filter->sources, piece->source) ||
	    !has_bit(filter->stances, piece->stance) ||
	    !has_bit(filter->roles, piece->role) ||
	    (filter->phases && !(filter->phases & piece->phases)) ||
	    (filter->consultation &&
	     piece->consultation != filter->consultation))
		return false;
	for (unsigned i = 0; !named && i < piece_themes(piece); i++)
		named = filter_theme(filter, piece->themes[i]);
	return named;
}

/* ------------------------------------------------------------------- walk */

#define STRAY_KEY (2 + ID_SIZE)

struct walk {
	struct txn t;
	struct scan events, strays;
	struct plan_filter filter;
	unsigned kinds;
	int64_t begun;
	bool by_id, by_stray;                  /* there is a next one of each */
	uint8_t id[ID_SIZE], stray[STRAY_KEY]; /* and this is it */
	struct event event;                    /* of id */
};

/* On to the next event that counts on the day of its key. */
static int settle_events(struct walk *w, int rc, struct sdg_error *err)
{
	for (; rc == 1; rc = st_scan_next(&w->events, err)) {
		int got = event_decode(w->events.key, w->events.value,
				       &w->event, err);
		uint32_t day;

		if (got < 0)
			return got;
		day = get_be32(w->event.id) / DAY_SECONDS;
		if ((int64_t)day >= w->filter.until)
			break;
		if (day != w->event.piece.day)
			continue;
		memcpy(w->id, w->event.id, ID_SIZE);
		w->by_id = true;
		return 0;
	}
	w->by_id = false;
	return rc < 0 ? rc : 0;
}

static int settle_strays(struct walk *w, int rc, struct sdg_error *err)
{
	w->by_stray = false;
	if (rc < 0)
		return rc;
	if (rc == 1 && w->strays.key.n != STRAY_KEY)
		return st_damaged(DB_STRAYS, w->strays.key, "not a stray", err);
	if (rc == 1 && (int32_t)get_be16(w->strays.key.p) < w->filter.until) {
		memcpy(w->stray, w->strays.key.p, STRAY_KEY);
		w->by_stray = true;
	}
	return 0;
}

static void end_snapshot(struct walk *w)
{
	st_scan_close(&w->events);
	st_scan_close(&w->strays);
	env_release_pages(w->t.store);
	st_abort(&w->t);
}

static int begin_snapshot(struct walk *w, struct sdg_store *store,
			  struct sdg_error *err)
{
	int rc;

	rc = st_begin(store, false, &w->t, err);
	if (rc == 0)
		rc = consultations_load(&w->t, err);
	if (rc == 0)
		rc = st_scan_open(&w->t, DB_EVENTS, &w->events, err);
	if (rc == 0)
		rc = st_scan_open(&w->t, DB_STRAYS, &w->strays, err);
	if (rc == 0)
		rc = settle_events(
		    w, st_scan_seek(&w->events, w->id, ID_SIZE, err), err);
	if (rc == 0)
		rc = settle_strays(
		    w, st_scan_seek(&w->strays, w->stray, STRAY_KEY, err), err);
	w->begun = store_now();
	return rc;
}

static int start(struct walk *w, struct sdg_store *store,
		 const struct sdg_filter *filter, const struct sdg_place *place,
		 struct sdg_error *err)
{
	int64_t first;
	int rc;

	rc = st_begin(store, false, &w->t, err);
	if (rc < 0)
		return rc;
	rc = filter_prepare(&w->t, filter, &w->filter, err);
	st_abort(&w->t);
	if (rc < 0)
		return rc;
	first = (int64_t)w->filter.since * DAY_SECONDS;
	put_be32(w->id, first > UINT32_MAX ? UINT32_MAX : (uint32_t)first);
	put_be16(w->stray, (uint32_t)w->filter.since);
	if (place && place->begun) {
		memcpy(w->id, place->id, sizeof(w->id));
		memcpy(w->stray, place->stray, sizeof(w->stray));
	}
	return begin_snapshot(w, store, err);
}

/* The next piece in the order of days: 1, w->event is set; 0 at the end. */
static int next(struct walk *w, struct event *out, struct sdg_error *err)
{
	int32_t day = w->event.piece.day;
	int rc;

	if (!w->by_id && !w->by_stray)
		return 0;
	if (w->by_id && (!w->by_stray || day <= (int32_t)get_be16(w->stray))) {
		*out = w->event;
		rc = settle_events(w, st_scan_next(&w->events, err), err);
		return rc < 0 ? rc : 1;
	}
	rc = event_get(&w->t, w->stray + 2, out, err);
	if (rc == SDG_ENOTFOUND)
		rc = st_damaged(DB_EVENTS,
				(struct bytes){ w->stray + 2, ID_SIZE }, "gone",
				err);
	if (rc == 0)
		rc = settle_strays(w, st_scan_next(&w->strays, err), err);
	return rc < 0 ? rc : 1;
}

static bool wanted(const struct walk *w, const struct event *event)
{
	if (!filter_takes(&w->filter, &event->piece))
		return false;
	if (w->kinds == 0)
		return event_counts(event);
	return w->kinds >> event->kind & 1;
}

/* What is gathered is shown under the snapshot it was read in. */
static int walk_all(struct walk *w, struct sdg_store *store,
		    struct hands *hands, struct sdg_error *err)
{
	struct event event;
	size_t which = 0, passed = 0;
	int rc;

	while ((rc = next(w, &event, err)) == 1) {
		bool take = wanted(w, &event);

		if (!take && ++passed % PASSED_A_LOOK)
			continue;
		rc =
		    take ? hands_gather(hands, &w->t, &event, which++, err) : 0;
		if (rc == 0 && hands_full(hands))
			rc = hands_turn(hands, err);
		if (rc == 0 && store_now() - w->begun > SNAPSHOT_SECONDS) {
			rc = hands_show(hands, err);
			end_snapshot(w);
			if (rc == 0)
				rc = begin_snapshot(w, store, err);
		}
		if (rc != 0)
			return rc;
	}
	return rc < 0 ? rc : hands_show(hands, err);
}

static int walk_from(struct sdg_store *store, const struct sdg_filter *filter,
		     unsigned kinds, const char *grep,
		     const struct sdg_place *place, const struct sdg_visit *to,
		     struct sdg_error *err)
{
	struct sdg_filter everything = { 0 };
	struct walk w = { .kinds = kinds };
	struct hands *hands = hands_new(store, to, grep, !place);
	int rc;

	if (!hands)
		return sdg_fail(err, SDG_ENOMEM, "visit pieces: no memory");
	rc = start(&w, store, filter ? filter : &everything, place, err);
	if (rc == 0)
		rc = walk_all(&w, store, hands, err);
	/* What is still under way reads the snapshot's pages. */
	hands_free(hands);
	end_snapshot(&w);
	return rc;
}

int sdg_store_visit(struct sdg_store *store, const struct sdg_filter *filter,
		    unsigned kinds, const char *grep,
		    const struct sdg_visit *to, struct sdg_error *err)
{
	return walk_from(store, filter, kinds, grep, NULL, to, err);
}

struct placed {
	const struct sdg_visit *to;
	struct sdg_place *place;
};

/* The next key in the order of bytes. */
static void step_on(uint8_t *key, size_t len)
{
	while (len-- > 0 && ++key[len] == 0)
		;
}

/* Behind @stored. Of a day those of its keys come first, then its strays. */
static void place_behind(struct sdg_place *place,
			 const struct sdg_stored *stored)
{
	uint32_t day = (uint32_t)stored->day;

	place->begun = true;
	memset(place->stray, 0, sizeof(place->stray));
	put_be16(place->stray, day);
	if (get_be32(stored->id) / DAY_SECONDS == day) {
		memcpy(place->id, stored->id, ID_SIZE);
		step_on(place->id, ID_SIZE);
		return;
	}
	memcpy(place->stray + 2, stored->id, ID_SIZE);
	step_on(place->stray, sizeof(place->stray));
	memset(place->id, 0, ID_SIZE);
	put_be32(place->id, (int64_t)(day + 1) * DAY_SECONDS > UINT32_MAX
				? UINT32_MAX
				: (day + 1) * DAY_SECONDS);
}

static int look_placed(void *arg, struct sdg_hand *hand,
		       const struct sdg_stored *stored, void **out,
		       struct sdg_error *err)
{
	const struct placed *placed = arg;

	return placed->to->look(placed->to->arg, hand, stored, out, err);
}

static int then_placed(void *arg, const struct sdg_stored *stored, size_t which,
		       void *out)
{
	const struct placed *placed = arg;

	place_behind(placed->place, stored);
	return placed->to->then(placed->to->arg, stored, which, out);
}

int sdg_store_visit_from(struct sdg_store *store,
			 const struct sdg_filter *filter, unsigned kinds,
			 struct sdg_place *place, const struct sdg_visit *visit,
			 struct sdg_error *err)
{
	struct placed placed = { visit, place };
	const struct sdg_visit to = { .look = visit->look ? look_placed : NULL,
				      .then = then_placed,
				      .arg = &placed,
				      .unopened = visit->unopened };
	const struct sdg_place from = *place;

	return walk_from(store, filter, kinds, NULL, &from, &to, err);
}

struct each {
	sdg_stored_fn *fn;
	void *arg;
};

static int show_each(void *arg, const struct sdg_stored *stored, size_t which,
		     void *out)
{
	const struct each *each = arg;

	(void)which;
	(void)out;
	return each->fn(each->arg, stored);
}

int sdg_store_each(struct sdg_store *store, const struct sdg_filter *filter,
		   unsigned kinds, const char *grep, sdg_stored_fn *fn,
		   void *arg, struct sdg_error *err)
{
	struct each each = { fn, arg };
	const struct sdg_visit to = { .then = show_each, .arg = &each };

	return sdg_store_visit(store, filter, kinds, grep, &to, err);
}

/* Each may be anywhere, and brings what lies around it. */
#define VISIT_RELEASE 1024

/* One after the other under one snapshot, until it is a second old. */
static int visit(struct sdg_store *store, struct hands *hands,
		 const uint8_t **id, size_t *which, sdg_next_id_fn *following,
		 void *arg, struct sdg_error *err)
{
	int64_t begun = store_now();
	struct event event;
	struct txn t;
	uint32_t n = 0;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = consultations_load(&t, err);
	while (rc == 0 && *id && store_now() - begun <= SNAPSHOT_SECONDS) {
		rc = event_get(&t, *id, &event, err);
		if (rc == 0)
			rc = hands_gather(hands, &t, &event, *which, err);
		if (rc == SDG_ENOTFOUND)
			rc = 0;
		if (rc == 0) {
			*id = following(arg);
			++*which;
		}
		if (rc == 0 && hands_full(hands))
			rc = hands_turn(hands, err);
		if (++n % VISIT_RELEASE == 0)
			env_release_pages(store);
	}
	if (rc == 0)
		rc = hands_show(hands, err);
	hands_wait(hands);
	env_release_pages(store);
	st_abort(&t);
	return rc;
}

int sdg_store_visit_named(struct sdg_store *store, sdg_next_id_fn *following,
			  const struct sdg_visit *to, struct sdg_error *err)
{
	struct hands *hands = hands_new(store, to, NULL, true);
	const uint8_t *id = following(to->arg);
	size_t which = 0;
	int rc = 0;

	if (!hands)
		return sdg_fail(err, SDG_ENOMEM, "visit pieces: no memory");
	while (rc == 0 && id)
		rc = visit(store, hands, &id, &which, following, to->arg, err);
	hands_free(hands);
	return rc;
}

/* ------------------------------------------------------------------- find */

static int find_one(struct txn *t, const char *prefix, struct event *out,
		    struct sdg_error *err)
{
	uint8_t id[ID_SIZE];
	struct event event;
	struct scan s;
	size_t n, found = 0;
	int rc;

	n = hex_prefix(prefix, id, ID_SIZE);
	if (n == 0)
		return sdg_fail(err, SDG_EINVAL,
				"find a piece: an id is 4 to 32 hexadecimal "
				"digits");
	rc = st_scan_open(t, DB_EVENTS, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, id, ID_SIZE, err);
	     rc == 1 && found < 2 && s.key.n == ID_SIZE &&
	     hex_prefixed(s.key.p, id, n);
	     rc = st_scan_next(&s, err)) {
		rc = event_decode(s.key, s.value, &event, err);
		if (rc < 0)
			break;
		if (found++ == 0)
			*out = event;
	}
	st_scan_close(&s);
	if (rc < 0)
		return rc;
	if (found == 0)
		return sdg_fail(err, SDG_ENOTFOUND,
				"find a piece: no id begins with \"%.40s\"",
				prefix);
	if (found > 1)
		return sdg_fail(err, SDG_EINVAL,
				"find a piece: several ids begin with "
				"\"%.40s\"; give more digits",
				prefix);
	return 0;
}

int sdg_store_find(struct sdg_store *store, const char *prefix,
		   sdg_stored_fn *fn, void *arg, struct sdg_error *err)
{
	struct opened o = { 0 };
	struct event event;
	struct txn t;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = consultations_load(&t, err);
	if (rc == 0)
		rc = find_one(&t, prefix, &event, err);
	if (rc == 0)
		rc = open_piece(&t, &event, &o, err);
	if (rc == 0)
		rc = fn(arg, &o.stored);
	st_abort(&t);
	opened_fini(&o);
	return rc;
}
