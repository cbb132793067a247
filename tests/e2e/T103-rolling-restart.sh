#!/bin/sh
# Workers are ended properly and started again, one after the other, under
# load: each leaves with 0, and nobody notices.
. "$(dirname "$0")/lib.sh"

start_worker
first=$worker
start_worker
second=$worker
faults_push --seed 8 --count 30000 --window 256 --timeout 20000 push.log \
	>push.out 2>&1 &
pusher=$!
started="$started $pusher"
rounds=0
while kill -0 $pusher 2>/dev/null; do
	stop_worker "$first"
	start_worker
	first=$second
	second=$worker
	rounds=$((rounds + 1))
done
wait $pusher || fail "$(cat push.out)"
[ $rounds -ge 2 ] || fail "only $rounds restarts while events came"
same 30000 "$(ledger counted)"
faults_check 8 30000 push.log >check.out 2>&1 || fail "$(cat check.out)"
exits 0 soundings verify
