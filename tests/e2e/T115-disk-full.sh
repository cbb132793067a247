#!/bin/sh
# The disk is full: nothing is acknowledged, readers go on, and once there
# is room everything is taken, once.
. "$(dirname "$0")/lib.sh"

mkdir disk
mount -t tmpfs -o size=6m tmpfs disk 2>/dev/null ||
	skip "a file system cannot be mounted here"
SOUNDINGS_HOME=$WORK/disk/home
SOUNDINGS_RUN_DIR=$WORK/run
export SOUNDINGS_HOME SOUNDINGS_RUN_DIR
mkdir run
unmount() {
	status=$?
	set +e
	for pid in $started; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait
	umount "$WORK/disk"
	(exit "$status")
	cleanup
}
trap unmount EXIT

start_worker --no-classify
exits 0 faults_push --seed 4 --count 200 push.log
# Ballast takes all that is left; there is no key yet, as at a month's begin.
mkdir kept
mv "$SOUNDINGS_HOME"/keys/text-*.key kept/
dd if=/dev/zero of=disk/ballast bs=4k 2>/dev/null || true
exits 75 faults_push --seed 4 --from 200 --count 100 --timeout 1500 push.log
grep -q ": busy: make key " worker.log || fail "the log does not say it: $(cat worker.log)"
kill -0 "$worker" || fail "the worker has gone"
truncate -s -64k disk/ballast
mv kept/* "$SOUNDINGS_HOME"/keys/
dd if=/dev/zero of=disk/ballast2 bs=4k 2>/dev/null || true
exits 75 faults_push --seed 4 --from 200 --count 4000 --timeout 1500 push.log
grep -q ": busy: " worker.log || fail "the log does not say it: $(cat worker.log)"
same 1 "$(grep -c ': busy: ' worker.log)"
same busy "$(soundings workers status --format json | jq -r '.rows[0].state')"
kill -0 "$worker" || fail "the worker has gone"
# Reading still works, and nothing is half there.
same true "$(ledger balanced)"

rm disk/ballast disk/ballast2
exits 0 faults_push --seed 4 --from 200 --count 1000 --timeout 15000 push.log
wait_for 10 grep -q "no longer busy" worker.log
exits 0 faults_check 4 5000 push.log
exits 0 soundings verify
stop_worker "$worker"
