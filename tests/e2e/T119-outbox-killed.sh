#!/bin/sh
# A producer is killed at every write, sync and rename of its outbox: what
# lies there is whole, and each note is counted once in the end.
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
notes=0
points=0
note() {
	"$@" soundings-rep --rep 'Jane Doe' --date 2015-03-12 --wait 0 \
		--text "Note number $notes about the budget" >out 2>err
}
for call in write fsync rename; do
	when=1
	while :; do
		notes=$((notes + 1))
		note strace -f -q -o trace -e trace=$call \
			-e inject=$call:signal=SIGKILL:when=$when && break
		grep -q 'killed by SIGKILL' trace ||
			fail "$call $when: not killed, and failed: $(cat err)"
		points=$((points + 1))
		# Whole or not there at all.
		exits 0 soundings-rep --list
		set -- "$SOUNDINGS_HOME"/outbox/*.bad
		[ ! -e "$1" ] || fail "$call $when: part of an item"
		note env || fail "$call $when: not kept: $(cat err)"
		when=$((when + 1))
		[ $when -lt 100 ] || fail "no end of $call"
	done
done
echo "killed at $points points"
[ $points -ge 4 ] || fail "found only $points places to kill"

start_worker
exits 0 soundings-rep --send
same $notes "$(ledger counted)"
same true "$(ledger balanced)"
set -- "$SOUNDINGS_HOME"/outbox/*.event
[ ! -e "$1" ] || fail "items are left"
