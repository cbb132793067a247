#!/bin/sh
# Nobody answers: 75, and how much was acknowledged. A person stops it in
# the middle: the same. Run again, it is complete, and nothing is double.
. "$(dirname "$0")/lib.sh"
awk 'BEGIN { print "Response ID,Submitted,Comments"
	for (i = 1; i <= 20000; i++)
		printf "r-%d,2015-02-0%d 10:00,answer %d about funding and pay\n", i, i % 9 + 1, i }' >many.csv
head -n 4 many.csv >few.csv

exits 75 soundings-survey --wait 1 few.csv
says err 'soundings-survey: few.csv: no worker answers (soundings workers status): 0 answers are acknowledged; run this again, nothing is counted twice'

start_worker --no-classify
first=$worker
soundings-survey --quiet --wait 5 many.csv >out 2>err &
survey=$!
received() { [ "$(soundings ledger --format json | jq .received)" -ge "$1" ]; }
wait_for 20 received 1000
kill -TERM $survey
wait $survey && status=0 || status=$?
{ [ $status -eq 75 ] || [ $status -eq 0 ]; } || fail "stopped with $status"
part=$(ledger received)

# Now the worker goes in the middle, and another comes.
soundings-survey --quiet --wait 20 many.csv >out 2>err &
survey=$!
kill -KILL "$first"
start_worker --no-classify
wait $survey || fail "left with $?: $(cat err)"
same 20000 "$(ledger counted)"
[ "$(ledger duplicate)" -ge "$part" ] || fail "what came again is no duplicate"
same true "$(ledger balanced)"
