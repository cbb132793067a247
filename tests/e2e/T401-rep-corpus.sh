#!/bin/sh
# Five hands' notes become 38 points, in the region of the meeting unless
# they say otherwise; a second time they change nothing.
. "$(dirname "$0")/lib.sh"
start_worker
for note in "$CORPUS"/rep-notes/*.txt; do
	soundings-rep --dry-run --format json "$note" >>points.json
	soundings-rep --quiet --rep 'Council rep' "$note"
done
# Nothing of a dry run was sent, and all else was.
same 38 "$(ledger received)"
same 38 "$(ledger counted)"
jq -r '.points[] | "\(.first_line),\(.last_line)"' points.json >lines
tail -n +2 "$CORPUS/rep-notes/MANIFEST.csv" | tr -d '\r' | cut -d, -f2,3 >wanted
same wanted lines

soundings messages --source rep --format json >messages.json
same 38 "$(jq .matched messages.json)"
jq -r '.rows[].region' messages.json | sort | uniq -c | sed 's/^ *//' >regions
tail -n +2 "$CORPUS/rep-notes/MANIFEST.csv" | cut -d, -f6 | sort | uniq -c | sed 's/^ *//' >wanted
same wanted regions
# A representative is no respondent for what others said; voices are apart.
soundings report --by source --format json >report.json
same 0 "$(jq '.totals.respondents' report.json)"
[ "$(jq '.totals.reported' report.json)" -ge 38 ] || fail "voices are missing"

for note in "$CORPUS"/rep-notes/*.txt; do
	# Wrapped otherwise by the mail on its way, it is the same note.
	sed 's/$/  /' "$note" | soundings-rep --quiet --rep 'Council rep'
done
same 38 "$(ledger duplicate)"
soundings verify >verified || fail "$(cat verified)"
