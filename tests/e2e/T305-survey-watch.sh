#!/bin/sh
# Exports dropped into a folder are taken in: what lay there, what is moved
# in, what is written anew; not what is still being written.
. "$(dirname "$0")/lib.sh"
start_worker
mkdir drop
printf 'id,Comments\n1,there from the beginning\n' >drop/a.csv
soundings-survey --watch drop >watch.out 2>watch.log &
watch=$!
started="$started $watch"
received() { [ "$(soundings ledger --format json | jq .received)" -ge "$1" ]; }
wait_for 20 received 1
printf 'id,Thoughts\n1,moved in when it was whole\n' >b.csv
mv b.csv drop/b.csv
wait_for 20 received 2
printf 'id,Views\n1,still being written just now\n' >drop/c.csv.part
printf 'id,Feedback\n1,written in its place at once\n' >drop/d.csv
wait_for 20 received 3
printf 'id,Comments\n1,"never closed\n' >drop/bad.csv
wait_for 20 grep -q 'bad.csv: line 2' watch.log
mv drop/c.csv.part drop/c.csv
wait_for 20 received 4
kill -TERM $watch
wait $watch || fail "the watch left with $?"
same 4 "$(ledger received)"
[ -e drop/a.csv ] || fail "a file was taken away"
exits 65 soundings-survey --watch nowhere
exits 64 soundings-survey --watch drop a.csv
# A folder that goes tells nothing any more.
mkdir other
soundings-survey --watch other >watch.out 2>watch.log &
watch=$!
started="$started $watch"
wait_for 20 grep -q '^watching other' watch.log
mv other elsewhere
status=0
wait $watch || status=$?
same 75 $status
says watch.log 'soundings-survey: "other" is no longer there'
