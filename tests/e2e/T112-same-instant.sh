#!/bin/sh
# The same 3,000 pieces, at the same instant, by two producers to a worker
# each: every one is counted once and answered twice.
. "$(dirname "$0")/lib.sh"

start_worker
start_worker
for slot in 0 1; do
	faults_push --seed 5 --count 3000 --window 256 --timeout 20000 \
		--endpoint "ipc://$SOUNDINGS_HOME/run/worker-$slot.sock" \
		--at "$WORK/go" "push-$slot.log" >"out-$slot" 2>&1 &
	pushers="${pushers:-} $!"
done
started="$started $pushers"
touch go
for pid in $pushers; do
	wait "$pid" || fail "a producer: $(cat out-0 out-1)"
done
# sum OUTCOME: of both producers' receipts.
sum() {
	cat out-0 out-1 | tr ',' '\n' |
		awk -v o="$1" '$1 == o { n += $2 } END { print n + 0 }'
}
# A producer that waited two seconds asks again and may be told "duplicate"
# of its own piece; counted twice is what must never be.
same 3000 "$(ledger counted)"
same 0 "$(sum given-up)"
[ "$(sum counted)" -le 3000 ] || fail "counted more than once"
same 6000 $(($(sum counted) + $(sum duplicate)))
faults_check 5 3000 push-0.log push-1.log >check.out 2>&1 ||
	fail "$(cat check.out)"
exits 0 soundings verify
