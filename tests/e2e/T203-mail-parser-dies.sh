#!/bin/sh
# A message that kills or hangs the parser is set aside, whole, at once; the
# next one is counted. Nobody is bounced.
. "$(dirname "$0")/lib.sh"
[ -z "${SANITIZE:-}" ] || skip "a preloaded library and sanitizers collide"
command -v cc >/dev/null || skip "no C compiler"

# The call that begins each message, replaced (GMime's own cannot be, it is
# linked into the hook): the parser dies or hangs when it is asked to.
cat >bad.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
int setitimer(int which, const void *to, void *was)
{
	int (*real)(int, const void *, void *) =
		(int (*)(int, const void *, void *))dlsym(RTLD_NEXT,
							  "setitimer");
	int rc = real(which, to, was);
	const char *how = getenv("BAD");

	if (how && strcmp(how, "crash") == 0)
		raise(SIGSEGV);
	if (how && strcmp(how, "memory") == 0)
		for (;;)
			if (!malloc(1 << 20))
				abort();
	while (how && strcmp(how, "hang") == 0)
		;
	return rc;
}
C
cc -shared -fPIC -o bad.so bad.c -ldl
start_worker
n=0
for how in crash memory hang; do
	n=$((n + 1))
	cp "$CORPUS/mail/0$n"-*.eml this
	BAD=$how LD_PRELOAD=$WORK/bad.so exits 0 soundings-mail --hook <this
	same "" "$(cat out err)"
	same $n "$(ledger quarantined)"
	same $n "$(find "$SOUNDINGS_HOME/spool/incoming" -name '*.eml' | wc -l)"
done
exits 0 soundings-mail --hook <"$CORPUS/mail/13-iphone-plain.eml"
same 1 "$(ledger counted)"

# Tried again while the parser is no better: still set aside, and received no
# second time. Tried again once it is: taken.
before=$(soundings ledger --format json)
BAD=crash LD_PRELOAD=$WORK/bad.so exits 65 soundings quarantine retry
grep -q '^3 sent again, 3 answered: 0 taken, 3 still in quarantine' out || fail "$(cat out err)"
same "$before" "$(soundings ledger --format json)"
same 3 "$(find "$SOUNDINGS_HOME/spool/incoming" -name '*.eml' | wc -l)"
set +e
soundings quarantine retry >out 2>err
set -e
grep -q '^3 sent again, 3 answered: 3 taken' out || fail "$(cat out err)"
same 0 "$(ledger quarantined)"
same 0 "$(ledger duplicate)"
same 4 "$(ledger received)"
same true "$(ledger balanced)"
same 0 "$(find "$SOUNDINGS_HOME/spool/incoming" -name '*.eml' | wc -l)"

# Dropped, it is gone: its original, in the open, as well; that of another
# stays.
kept() {
	find "$SOUNDINGS_HOME/spool/incoming" -name '*.eml' -o -name '*.event' | wc -l
}
before=$(kept)
for n in 04 05; do
	BAD=crash LD_PRELOAD=$WORK/bad.so exits 0 soundings-mail --hook <"$(echo "$CORPUS/mail/$n"-*.eml)"
done
both=$(kept)
[ "$both" -ge $((before + 2)) ] || fail "no original was kept: $before, $both"
drop_first() {
	id=$(soundings quarantine list --format json | jq -r '.rows[0].id')
	exits 0 soundings quarantine drop "$id" --confirm "$id"
}
drop_first
same $(((before + both) / 2)) "$(kept)"
same 1 "$(ledger quarantined)"
drop_first
same "$before" "$(kept)"
same '0 2 true' "$(ledger quarantined) $(ledger dropped) $(ledger balanced)"

# In a batch it takes no other message along.
cat >bad2.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
int setitimer(int which, const void *to, void *was)
{
	int (*real)(int, const void *, void *) =
		(int (*)(int, const void *, void *))dlsym(RTLD_NEXT,
							  "setitimer");
	static int calls;

	if (++calls == 5)
		raise(SIGSEGV);
	return real(which, to, was);
}
C
cc -shared -fPIC -o bad2.so bad2.c -ldl
mkdir twelve
cp "$CORPUS"/mail/1[0-9]-*.eml "$CORPUS"/mail/2[0-1]-*.eml twelve/
LD_PRELOAD=$WORK/bad2.so exits 0 soundings-mail --maildir twelve
grep -q '2 quarantined.*; 2 could not be read and are kept$' err ||
	fail "not two set aside: $(cat err)"
same 2 "$(ledger quarantined)"
same true "$(ledger balanced)"
# Dry runs say so in JSON, too.
BAD=crash LD_PRELOAD=$WORK/bad.so exits 0 soundings-mail --dry-run \
	<"$CORPUS/mail/13-iphone-plain.eml"
same "the parser died of signal 11" "$(jq -r .reason out)"

# One that waits for ever, as who is forked beside a thread with a lock may, is
# replaced, and nothing is set aside for it.
cat >bad3.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
static int *waits; /* of all processes together */
__attribute__((constructor)) static void share(void)
{
	waits = mmap(NULL, sizeof(*waits), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}
int setitimer(int which, const void *to, void *was)
{
	int (*real)(int, const void *, void *) =
		(int (*)(int, const void *, void *))dlsym(RTLD_NEXT,
							  "setitimer");

	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	while ((*waits)++ == 0) { /* the one call that may wait is futex() */
		pthread_mutex_lock(&lock);
		pthread_mutex_lock(&lock);
	}
	return real(which, to, was);
}
C
cc -shared -fPIC -o bad3.so bad3.c -ldl
mkdir three
cp "$CORPUS"/mail/3[0-2]-*.eml three/
before=$(ledger received)
began=$(date +%s)
LD_PRELOAD=$WORK/bad3.so exits 0 soundings-mail --maildir three
[ $(($(date +%s) - began)) -ge 15 ] || fail "no parser waited"
same $((before + 3)) "$(ledger received)"
same 2 "$(ledger quarantined)"
