#!/bin/sh
# The main job: mail, notes and surveys by two workers, one of which is
# killed in the middle; everything again; each piece counted once.
. "$(dirname "$0")/lib.sh"

send_everything() {
	for message in "$CORPUS"/mail/*.eml; do
		soundings-mail <"$message" || fail "hook: $? for $message"
	done
	soundings-survey --quiet "$CORPUS"/surveys/[!M]*.csv
	for note in "$CORPUS"/rep-notes/[1-4]*.txt; do
		soundings-rep --quiet "$note"
	done
	soundings-rep --quiet --rep "F E" --date 2015-02-26 \
		"$CORPUS"/rep-notes/5-*.txt
}

received() { [ "$(ledger received)" -ge "$1" ]; }

soundings workers start --count 2
send_everything &
sending=$!
wait_for 30 received 20
kill -KILL "$(soundings workers status --format json | jq '.rows[0].pid')"
wait $sending

soundings ledger --format json >first.json
jq -e '.balanced and .counted > 150 and .quarantined == 0' first.json >/dev/null ||
	fail "after the first pass: $(cat first.json)"
soundings report --by region,theme --format json >report-first.json
# 40 mail files, 178 answers, the notes' points; duplicates are resends alone.
pieces=$(jq '.received - .duplicate' first.json)
[ "$(jq '.counted + .automatic + .not_feedback' first.json)" -eq "$pieces" ] ||
	fail "outcomes do not add up: $(cat first.json)"

send_everything
soundings ledger --format json >second.json
jq -e --slurpfile first first.json '
	.balanced and .counted == $first[0].counted
	and .automatic == $first[0].automatic
	and .not_feedback == $first[0].not_feedback
	and .duplicate >= $first[0].duplicate + $first[0].received - $first[0].duplicate' \
	second.json >/dev/null || fail "after the second pass: $(cat second.json)"
soundings report --by region,theme --format json >report-second.json
jq 'del(.generated_at)' report-first.json >wanted
jq 'del(.generated_at)' report-second.json >got
same wanted got

soundings verify
