#!/bin/sh
# Frames that do not decode are set aside once and answered, or they would
# come for ever; what is no event at all is dropped, and a flood of it holds
# up no honest producer.
. "$(dirname "$0")/lib.sh"

# As many shells have it; 2,000 connections will come.
ulimit -Sn 1024
start_worker
exits 0 faults_push --garbage --count 5 garbage.log
says out "quarantined 5"
grep -qx 'reason: event: .* bytes that do not decode' out ||
	fail "no reason: $(cat out)"
same 5 "$(ledger quarantined)"
same 0 "$(ledger counted)"
# The same once more, by another producer: nothing new.
exits 0 faults_push --garbage --count 5 again.log
same 5 "$(ledger quarantined)"
same true "$(ledger balanced)"

faults_abuse "$SOUNDINGS_HOME/run/worker-0.sock" 3 >abuse.out 2>&1 &
abuser=$!
started="$started $abuser"
count=0
while kill -0 $abuser 2>/dev/null; do
	exits 0 faults_push --seed 9 --from $count --count 200 \
		--timeout 10000 push.log
	count=$((count + 200))
done
wait $abuser || fail "$(cat abuse.out)"
[ $count -ge 400 ] || fail "honest producers got only $count events through"
same $count "$(ledger counted)"
kill -0 "$worker" || fail "the worker has gone"
faults_check 9 $count push.log >check.out 2>&1 || fail "$(cat check.out)"
stop_worker "$worker"
grep -q "messages that are no events were refused" worker.log ||
	fail "the flood is not in the log"
[ "$(wc -l <worker.log)" -lt 20 ] || fail "the flood fills the log"
grep -q "garbage\|Epart" worker.log && fail "foreign bytes are in the log"
exit 0
