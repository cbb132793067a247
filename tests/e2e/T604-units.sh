#!/bin/sh
# The units are good units, name programs that are there, and leave a worker
# little to do harm with.
. "$(dirname "$0")/lib.sh"
command -v systemd-analyze >/dev/null || skip "no systemd-analyze"

DESTDIR='' cmake --install "$BIN/.." --prefix "$WORK/root" >install.log
cd root/lib/systemd/system
systemd-analyze verify --man=no ./soundings-worker@0.service ./*.target ./soundings-[!w]*.service ./*.timer >"$WORK/verify" 2>&1 ||
	fail "$(cat "$WORK/verify")"
! grep -F soundings "$WORK/verify" || fail "systemd has something to say"
systemd-analyze security --offline=yes --threshold=15 --no-pager \
	./soundings-worker@.service >"$WORK/security" ||
	fail "$(tail -n 1 "$WORK/security")"
tail -n 1 "$WORK/security"
