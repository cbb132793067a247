#!/bin/sh
# A key is cut off, and what came with it held, while a batch that was admitted
# waits for its turn to be written: none of that is counted afterwards.
. "$(dirname "$0")/lib.sh"
mkdir -p "$SOUNDINGS_HOME"
printf 'network:\n  keys-on-ipc: yes\n' >"$SOUNDINGS_HOME/soundings.yaml"
soundings keys new jane.doe --role rep --output jane.key 2>/dev/null
start_worker
note() {
	SOUNDINGS_KEY=$WORK/jane.key soundings-rep --yes --wait "$1" --date 2026-02-03 \
		--text "$2" >sent 2>why
}
note 4 "Members say that funding is too low."
same 1 "$(ledger counted)"

# Its turn does not come: the store is another's. (A worker that waits in a
# batch turns no more.)
turns() { cksum "$SOUNDINGS_HOME/run/worker-0.beat"; }
waits() {
	before=$(turns)
	sleep 0.3
	[ "$before" = "$(turns)" ]
}
mkfifo held
flock "$SOUNDINGS_HOME/store.lock" sh -c 'echo held; read -r _ <held' >holder &
started="$started $!"
holder=$!
wait_for 10 grep -q held holder
note 20 "Members say that workload is too high." &
sender=$!
started="$started $sender"
wait_for 20 waits
kill -STOP "$worker"
echo >held
wait $holder
exits 0 soundings keys revoke jane.doe --since "$(date +%F)"
kill -CONT "$worker"
wait $sender
says sent '1 kept until a worker answers'
grep -q 'the key was revoked' why || fail "$(cat why)"
same '0 1' "$(ledger counted) $(ledger quarantined)"
same 1 "$(soundings keys sent jane.doe --format json | jq '.rows | length')"
same true "$(ledger balanced)"
soundings verify >verified || fail "$(cat verified)"
