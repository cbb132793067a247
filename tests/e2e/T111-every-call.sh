#!/bin/sh
# A worker is killed at its Nth write, sync and send, N = 1, 2, … until it
# gets through; and its disk refuses the Nth of them. What was acknowledged
# is there once, what was not is taken by the next worker. STEP skips some of
# the N (1: none).
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
step=${STEP:-1}
seed=7
next=0	  # number of the next known event
points=0  # how often a worker was hit
unacked=0 # of them after the commit, before the receipt

is_gone() {
	! kill -0 "$1" 2>/dev/null
}
ready_or_gone() {
	grep -q '^ready' worker.out || is_gone "$1"
}

# push: three known events; what became of them is in push.out.
push() {
	faults_push --seed $seed --from $next --count 3 --window 3 \
		--timeout "$1" "push-$next.log" >push.out 2>&1
}

# attempt INJECTION: a worker under it. True when it came through unharmed.
attempt() {
	: >worker.out
	strace -f -q -o trace -e trace="${1%%:*}" -e inject="$1" \
		"$BIN/soundings-worker" --no-classify >worker.out \
		2>>worker.log &
	traced=$!
	started="$started $traced"
	wait_for 20 ready_or_gone $traced
	push 700 && took=0 || took=75
	grep -qE 'INJECTED|killed by SIGKILL' trace && hit=1 || hit=0
	# strace ends as its worker does, also by that signal.
	for pid in $(cat /proc/$traced/task/$traced/children 2>/dev/null); do
		kill -TERM "$pid" 2>/dev/null || true
	done
	wait_for 20 is_gone $traced
	wait $traced 2>/dev/null || true
	[ $hit -eq 0 ] && [ $took -eq 0 ]
}

# The next worker must take what this one did not acknowledge.
recover() {
	points=$((points + 1))
	start_worker --no-classify
	push 10000 || fail "after $1: $(cat push.out)"
	[ $took -ne 0 ] && grep -q duplicate push.out &&
		unacked=$((unacked + 1))
	stop_worker $worker
	faults_check $seed 100000 push-*.log >check.out 2>&1 ||
		fail "after $1: $(cat check.out)"
	next=$((next + 3))
}

start_worker --no-classify
push 10000 || fail "without any fault: $(cat push.out)"
stop_worker $worker
next=3

for call in pwrite64 writev fdatasync sendto; do
	when=1
	until attempt "$call:signal=SIGKILL:when=$when"; do
		recover "SIGKILL at $call $when"
		[ $call = pwrite64 ] && when=$((when + step)) ||
			when=$((when + 1))
		[ $when -lt 400 ] || fail "no end of $call"
	done
	next=$((next + 3))
done
echo "killed at $points points, $unacked of them between commit and receipt"
[ "$points" -ge 8 ] || fail "found only $points places to kill"
[ "$unacked" -ge 1 ] || fail "never between commit and receipt"

# The disk refuses: never a receipt, and the worker goes.
for fault in fdatasync:error=EIO writev:error=ENOSPC pwrite64:error=ENOSPC pwrite64:error=EIO; do
	points=0
	when=1
	until attempt "$fault:when=$when"; do
		recover "$fault at $when"
		when=$((when + step))
		[ $when -lt 400 ] || fail "no end of $fault"
	done
	next=$((next + 3))
	echo "$fault at $points points"
done
