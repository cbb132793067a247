#!/bin/sh
# A worker stands still inside its write transaction and so holds up the
# other: the supervisor ends it, and what it held is counted once.
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
exits 0 soundings workers start --count 2 --no-classify
for slot in 0 1; do
	pid=$(cat "$SOUNDINGS_HOME/run/worker-$slot.lock")
	# Whichever is given the events stops at its next commit.
	strace -f -q -o "trace-$slot" -p "$pid" -e trace=fdatasync \
		-e inject=fdatasync:signal=SIGSTOP:when=1 2>/dev/null &
	started="$started $!"
	is_traced() {
		! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$pid/status"
	}
	wait_for 10 is_traced
done
faults_push --seed 3 --count 20 --timeout 40000 push.log >push.out 2>&1 ||
	fail "the events were not taken: $(cat push.out)"
grep -q "made no progress for 1[0-9] s: killed" \
	"$SOUNDINGS_HOME/run/supervisor.log" || fail "nobody was killed"
same 20 "$(ledger counted)"
faults_check 3 20 push.log >check.out 2>&1 || fail "$(cat check.out)"
exits 0 soundings verify
exits 0 soundings workers stop
