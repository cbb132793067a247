#!/bin/sh
# The power goes at every moment of every commit: what was acknowledged is
# in every image that a disk may then hold, and no batch is there in part.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
faults_powercut --seed "$seed" --batches 40 --images "${IMAGES:-2}" ||
	fail "replay with SEED=$seed"
# A disk that says it has synced and has not must be noticed here, or the
# above would prove nothing.
rm -rf image "$SOUNDINGS_HOME"
exits 1 faults_powercut --lie --seed "$seed" --batches 3
