#!/bin/sh
# 200 SIGKILLs of workers, at random, under load from four producers: nothing
# acknowledged is lost, nothing is counted twice, nothing is half applied.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
faults_crash --seed "$seed" --kills 200 --delay 150 "$BIN/soundings-worker" ||
	fail "replay with SEED=$seed"

grep -q "Piece\|school.example" worker.log &&
	fail "members' words or addresses are in the log"
exit 0
