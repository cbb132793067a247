#!/bin/sh
# However large an export is, memory stays the same.
. "$(dirname "$0")/lib.sh"
big() {
	awk -v n="$1" 'BEGIN { print "ID,Start time,Completion time,Comments"
		for (i = 1; i <= n; i++) {
			printf "%d,%d/2/15 13:38:10,%d/2/15 13:49:17,\"", i, i % 28 + 1, i % 28 + 1
			for (j = 0; j < 40; j++) printf "words upon words, and "
			print "no end\"" } }'
}
peak() {
	n=$1
	shift
	big "$n" >big.csv
	soundings-survey --format json "$@" big.csv >out 2>talk &
	survey=$!
	most=0
	while kill -0 $survey 2>/dev/null; do
		now=$(awk '/^VmHWM/ { print $2 }' /proc/$survey/status 2>/dev/null)
		[ -n "$now" ] && most=$now
	done
	wait $survey
	same "$n" "$(jq .answers out)"
}
peak 2000 --dry-run
small=$most
peak 100000 --dry-run
[ "$(wc -c <big.csv)" -gt 80000000 ] || fail "the file is too small to tell"
[ "$most" -lt $((small + 4096)) ] || fail "2 MB took $small kB, 90 MB $most kB"
[ "$most" -lt 20480 ] || fail "it took $most kB"

# To be sent they are put in order, some at a time: 45 MB of them here.
start_worker --no-classify
peak 50000
same 50000 "$(ledger counted)"
[ "$most" -lt 65536 ] || fail "sending took $most kB"
