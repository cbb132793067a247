#!/bin/sh
# What systemd is told: ready, alive, alive again, stopping.
. "$(dirname "$0")/lib.sh"

ldd "$BIN/soundings-worker" | grep -q libsystemd ||
	skip "built without libsystemd"
exits 0 faults_notify "$BIN/soundings-worker"
grep -v '^ready' out >told
cat >wanted <<'END'
READY=1
WATCHDOG=1
WATCHDOG=1
STOPPING=1
END
same wanted told
# Nothing of it without systemd: a worker by hand needs no such thing.
start_worker
stop_worker "$worker"
