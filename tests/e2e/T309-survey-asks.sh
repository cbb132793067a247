#!/bin/sh
# On a terminal: what the columns are is shown and asked before anything is
# sent, a column is mended there and then, and nothing is sent without a yes.
. "$(dirname "$0")/lib.sh"
command -v script >/dev/null || skip "no script(1) to be a terminal"
start_worker --no-classify
printf 'nr;A;B;C\n1;Head;Kent;ja\n2;Deputy;Devon;nein\n' >odd.csv
printf 'id,Region,Comments\n1,Kent,Longer holidays for deputies\n2,Devon,Shorter meetings\n' >plain.csv

# terminal COMMAND: with what standard input says, as if it were typed.
terminal() {
	script -qec "$1" /dev/null >out
}
printf '\n' | terminal 'soundings-survey plain.csv; echo "left with $?"'
grep -q 'text .*Comments' out || fail "the columns were not shown: $(cat out)"
grep -q 'left with 65' out || fail "$(cat out)"
same 0 "$(ledger received)"

printf '4=words\n4=text\n2=role\ny\n' |
	terminal 'soundings-survey --save-mapping map.yaml odd.csv; echo "left with $?"'
grep -q 'no kind "words"' out || fail "$(cat out)"
grep -q 'left with 0' out || fail "$(cat out)"
same 2 "$(ledger received)"
# What was mended is kept, and asked no more.
terminal 'soundings-survey --mapping map.yaml odd.csv; echo "left with $?"' </dev/null
grep -q 'left with 0' out || fail "$(cat out)"
same 2 "$(ledger duplicate)"

# A representative is asked, and shown the points, likewise.
printf 'Jane Doe\nNorfolk\n2015-03-12\n19\nPay is what they talk of\n14\nCover is not to be had\n\n\nn\n' |
	terminal 'soundings-rep; echo "left with $?"'
grep -q '1. Pay is what they talk of \[14 members\]' out || fail "$(cat out)"
grep -q 'left with 65' out || fail "$(cat out)"
same 4 "$(ledger received)"
printf 'Jane Doe\nNorfolk\nsome day\n2015-03-12\nnineteen\n19\nPay is what they talk of\nmany\n14\n\ny\n' |
	terminal 'soundings-rep; echo "left with $?"'
grep -q 'Norfolk, 2015-03-12' out || fail "$(cat out)"
grep -q 'left with 0' out || fail "$(cat out)"
# Ctrl-D after a point is the end of them, and nothing of it is lost.
printf 'Jane Doe\nNorfolk\n2015-03-12\n19\nCover is what they speak of\n\n\004n\n' |
	terminal 'soundings-rep; echo "left with $?"'
grep -q '1. Cover is what they speak of' out || fail "$(cat out)"
grep -q 'left with 65' out || fail "$(cat out)"
same 1 "$(soundings messages --source rep --format json | jq .matched)"
same 14 "$(soundings report --format json | jq .totals.reported)"
