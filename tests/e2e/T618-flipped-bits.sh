#!/bin/sh
# A store damaged by one bit, or cut short, at any place: every command
# answers what it answered of the whole store, or refuses in words. scripts/soak
# flips ten times as many.
. "$(dirname "$0")/lib.sh"

tar -xJf "$TESTS/data/stores/layout-1.tar.xz" && mv layout-1 "$SOUNDINGS_HOME"
chmod -R go= "$SOUNDINGS_HOME"
exits 0 soundings upgrade
faults_flip --count "${FLIPS:-150}" ${SEED:+--seed "$SEED"} "$BIN/soundings" "$SOUNDINGS_HOME" >out 2>err ||
	fail "$(cat out err)"
tail -n 1 out
# Put right at the end.
exits 0 soundings verify
