#!/bin/sh
# The clock jumps under a worker and its supervisor: a year ahead, two years
# back, over both changes of summer time. Nobody is taken for dead, nothing
# is counted twice or on another day, and what comes again is known.
. "$(dirname "$0")/lib.sh"

library=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
[ -n "$library" ] || skip "no libfaketime"
# Read again at every look; time that only counts up stays true, as when
# somebody sets a machine's clock.
export FAKETIME_TIMESTAMP_FILE="$WORK/clock" FAKETIME_NO_CACHE=1 \
	FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 TZ=Europe/London
set_clock() {
	echo "$1" >clock.new
	mv clock.new clock
}
set_clock "+0"
LD_PRELOAD=$library exits 0 soundings workers start --count 2 --no-classify
pids=$(cat "$SOUNDINGS_HOME"/run/worker-*.lock)
for pid in $pids; do
	grep -q libfaketime "/proc/$pid/maps" || fail "worker $pid has the real clock"
done

from=0
push() {
	LD_PRELOAD=$library faults_push --seed 21 --from $from --count 400 \
		--timeout 10000 "push-$from.log" >push.out 2>&1 ||
		fail "at \"$1\": $(cat push.out)"
	# The same again: known, whatever the clock says now.
	LD_PRELOAD=$library faults_push --seed 21 --from $from --count 400 \
		--timeout 10000 "again-$from.log" >again.out 2>&1
	says again.out "duplicate 400"
	from=$((from + 400))
	same $from "$(ledger counted)"
}
for jump in +0 +1y -1y +0 "@2026-03-29 00:59:58" "@2026-03-29 02:00:30" \
	"@2026-10-25 01:59:58" "@2026-10-25 01:00:02" -2y +0; do
	set_clock "$jump"
	push "$jump"
done
set_clock "+0"
same "$pids" "$(cat "$SOUNDINGS_HOME"/run/worker-*.lock)"
! grep -q killed "$SOUNDINGS_HOME/run/supervisor.log" ||
	fail "$(cat "$SOUNDINGS_HOME/run/supervisor.log")"
exits 0 soundings workers status
faults_check 21 100000 push-*.log >check.out 2>&1 || fail "$(cat check.out)"
exits 0 soundings verify
# Counted on the days they were said, not on the clock's.
soundings report --by month --format json >months.json
same "2015-01 2015-02" "$(jq -r '[.rows[].month] | join(" ")' months.json)"
exits 0 soundings workers stop
