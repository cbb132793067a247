#!/bin/sh
# One message of 2.6 GB in 40,000 parts: libzmq takes it in before anybody
# can refuse it. The worker may die of it, the machine must not, and the next
# worker goes on.
. "$(dirname "$0")/lib.sh"

[ "$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)" -gt 6000000 ] ||
	skip "not enough memory to be abused"
exits 0 soundings workers start --count 1
faults_abuse "$SOUNDINGS_HOME/run/worker-0.sock" giant &
started="$started $!"
abuser=$!
highest=0
while kill -0 $abuser 2>/dev/null; do
	pid=$(cat "$SOUNDINGS_HOME/run/worker-0.lock")
	kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
	[ "${kb:-0}" -gt $highest ] && highest=$kb
	sleep 0.02
done
wait $abuser || fail "the abuser failed"
echo "highest memory of a worker: $((highest / 1024)) MB"
[ $highest -lt 1200000 ] || fail "a worker grew to $highest kB"
exits 0 faults_push --count 100 --timeout 20000 push.log
same 100 "$(ledger counted)"
exits 0 soundings workers stop
