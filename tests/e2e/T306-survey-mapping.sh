#!/bin/sh
# What is guessed is shown, mended, saved and used again; a pilot's own
# survey gets its consultation and region.
. "$(dirname "$0")/lib.sh"
start_worker
soundings consultation add pilot --name 'The pilot' >/dev/null
printf 'nr;A;B;C\n1;Head;Kent;ja\n2;Deputy;Devon;nein\n' >odd.csv
exits 65 soundings-survey odd.csv
exits 0 soundings-survey --dry-run --map nr=respondent --map A=role --map B=ignore --map C=text \
	--save-mapping map.yaml odd.csv
grep -q '3  ignore *given *B$' out || fail "the table does not show it: $(cat out)"
same 0 "$(ledger received)"
exits 0 soundings-survey --dry-run --format json --mapping map.yaml odd.csv
same '["respondent","role","ignore","text"]' "$(jq -c '[.columns[].kind]' out)"
same '"CSV, UTF-8, semicolons"' "$(jq -c .format out)"

soundings-survey --mapping map.yaml --consultation pilot --region north-east --quiet odd.csv
soundings messages --consultation pilot --format json --all >out 2>/dev/null ||
	soundings messages --consultation pilot --format json >out
same 2 "$(ledger received)"
# The same from a pipe, in UTF-16, is the same survey.
iconv -f UTF-8 -t UTF-16 odd.csv |
	soundings-survey --mapping map.yaml --consultation pilot --region north-east --format json - 2>/dev/null >again
same 2 "$(jq .duplicate again)"
# Each answer's fate, by line and column.
soundings-survey --rows --quiet --mapping map.yaml odd.csv >rows
printf '2\t4\tduplicate\n3\t4\tduplicate\n' >wanted
same wanted rows
