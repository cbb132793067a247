#!/bin/sh
# A new frame is applied to what is stored while workers take in mail: nothing
# is lost, nothing counts twice, every total is right all the while, and in the
# end every piece, old and new, bears the new version. One worker is killed in
# the middle, and so is a reclassification.
. "$(dirname "$0")/lib.sh"
start_worker
faults_push --seed 31 --count 3000 --window 256 --timeout 20000 push-0.log >push.out
same 3000 "$(ledger counted)"
# Who reads meanwhile sees all of what is there, each time.
old=$(printf %08x "$(soundings messages --limit 1 --format json | jq -r '.rows[0].frame_version')")
soundings theme add levels --name Levels --definition "assessment without levels" --cue "assessment without levels=3" >/dev/null 2>&1
soundings frame try >/dev/null
exits 0 soundings frame adopt --because "the story" --format json
new=$(jq -r .version out)
[ "$new" != "$old" ] || fail "no new version"

# Two producers, each of its own pieces; one goes on past the end of it all.
faults_push --seed 31 --from 3000 --count 4000 --window 64 --timeout 60000 push-1.log >push-1.out 2>&1 &
one=$!
faults_push --seed 31 --from 7000 --count 4000 --window 8 --timeout 60000 push-2.log >push-2.out 2>&1 &
two=$!
started="$started $one $two"
totals_agree() {
	soundings report --by theme --format json >totals
	counted=$(ledger counted)
	jq -e --argjson after "$counted" '.totals.messages >= 3000 and .totals.messages <= $after' totals >/dev/null ||
		fail "$counted counted after $(jq -c .totals totals)"
	same true "$(ledger balanced)"
}
ASAN_OPTIONS=detect_leaks=0 timeout -s KILL 0.4 soundings reclassify >/dev/null 2>&1 || true
totals_agree
first=$worker
start_worker
kill -KILL "$first"
exits 0 soundings reclassify --format json
totals_agree
wait "$one" || fail "$(cat push-1.out)"
wait "$two" || fail "$(cat push-2.out)"
exits 0 soundings reclassify --format json
exits 0 soundings reclassify --format json
jq -e '.changed == 0' out >/dev/null || fail "$(cat out)"

# Each piece once, as it was sent; each by the new version.
same 11000 "$(ledger counted)"
same 11000 "$(ledger held)"
stop_worker "$worker"
exits 0 faults_check 31 11000 push-0.log push-1.log push-2.log
soundings messages --limit 20000 --format json >all.json
same 11000 "$(jq '.rows | length' all.json)"
same "[$(printf %d "0x$new")]" "$(jq -c '[.rows[].frame_version] | unique' all.json)"
# Its theme was found in old pieces and in new ones, as the words have it.
jq -e '[.rows[] | select(.themes | any(.id == "levels"))] |
	length > 1000 and all(.text | contains("Assessment without levels"))' all.json >/dev/null ||
	fail "$(jq '[.rows[] | select(.themes | any(.id == "levels"))] | length' all.json)"
same 11000 "$(soundings report --by theme --format json | jq .totals.messages)"
exits 0 soundings verify
