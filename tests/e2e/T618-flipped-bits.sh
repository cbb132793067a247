#!/bin/sh
# A store damaged by one bit, or cut short, at any place: every command
# answers what it answered of the whole store, or refuses in words. scripts/soak
# flips ten times as many. Other seeds (SEED=N) still find places: RELIABILITY.md.
. "$(dirname "$0")/lib.sh"

tar -xJf "$TESTS/data/stores/layout-1.tar.xz" && mv layout-1 "$SOUNDINGS_HOME"
chmod -R go= "$SOUNDINGS_HOME"
exits 0 soundings upgrade
exits 0 faults_flip --count "${FLIPS:-150}" --seed "${SEED:-1500}" "$BIN/soundings" "$SOUNDINGS_HOME/store" ||
	fail "$(cat out)"
tail -n 1 out
# The tool itself sees what is wrong: two flips that no check hides.
exits 0 soundings verify
