#!/bin/sh
# Memory runs out in the worker at its Nth allocation, for a growing choice
# of N: it may go on or end, but it acknowledges nothing that is not there,
# and the next one takes what is left.
. "$(dirname "$0")/lib.sh"

fail_alloc=$BIN/failalloc.so
[ -f "$fail_alloc" ] || skip "failalloc.so was not built"
seed=11
next=0
hurt=0
is_gone() {
	! kill -0 "$1" 2>/dev/null
}
ready_or_gone() {
	grep -q '^ready' worker.out || is_gone "$1"
}
push() {
	faults_push --seed $seed --from $next --count 200 --window 64 \
		--timeout "$1" "push-$next.log" >push.out 2>&1
}

at=1
while [ $at -lt 40000 ]; do
	: >worker.out
	FAIL_AT=$at FAIL_FOR=${FAIL_FOR:-3} LD_PRELOAD=$fail_alloc \
		"$BIN/soundings-worker" --no-classify >worker.out \
		2>>worker.log &
	pid=$!
	started="$started $pid"
	wait_for 20 ready_or_gone $pid
	push 600 || true
	if is_gone $pid; then
		hurt=$((hurt + 1))
	else
		kill -TERM $pid
	fi
	wait_for 20 is_gone $pid
	wait $pid 2>/dev/null || true
	start_worker --no-classify
	push 10000 || fail "after allocation $at: $(cat push.out)"
	stop_worker "$worker"
	faults_check $seed 100000 push-*.log >check.out 2>&1 ||
		fail "after allocation $at: $(cat check.out)"
	next=$((next + 200))
	at=$((at * 3 / 2 + 1))
done
echo "ended by it $hurt times of $((next / 200))"
[ $hurt -ge 3 ] || fail "hardly any allocation was reached"
