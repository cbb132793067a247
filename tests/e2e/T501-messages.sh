#!/bin/sh
# Any figure can be opened into the messages behind it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

fixture_store "$CORPUS/feedback.jsonl" 2

golden funding soundings messages --theme funding --region north-east
golden wide env COLUMNS=140 soundings messages --limit 3
golden funding.csv soundings messages --theme funding --region london --format csv
golden automatic soundings messages --kind auto-reply --limit 2
golden grep soundings messages --grep "PUPIL premium" --limit 3
golden none soundings messages --grep "no such words"
golden ledger soundings ledger
golden ledger.json soundings ledger --format json
soundings verify >out
says out "clean: everything agrees."
soundings verify --format json | jq -e '.clean and .faults == 0 and
	.events == 400 and (.found | length) == 0' >/dev/null

# As many are listed as the report counts, for every region.
soundings report --by region --format json |
	jq -r '.rows[] | "\(.region) \(.messages)"' >wanted
while read -r region n; do
	same "$n" "$(soundings messages --region "$region" --format json </dev/null | jq '.rows | length')"
done <wanted
# The latest few are the end of the whole list, and it says how long that is,
# however they are looked for.
while read -r filters; do
	# shellcheck disable=SC2086 # several words
	soundings messages $filters --format json </dev/null >all.json
	for limit in 1 7 60 1000; do
		# shellcheck disable=SC2086
		soundings messages $filters --limit $limit --format json </dev/null >few.json
		jq -n --argjson n $limit '[inputs] | .[0].rows[-$n:] == .[1].rows and
			.[0].matched == .[1].matched' all.json few.json >is
		same true "$(cat is)"
	done
done <<-'END'

	--theme funding
	--region london --stance negative
	--role head
	--since 2015-02 --until 2015-03-12
	--kind all
	--kind auto-reply
	--kind all --region north-east --since 2015-02-10
	--needs-a-person
	--needs-a-person --kind all
	--grep school
END
id=$(soundings messages --theme funding --region london --limit 1 --format json | jq -r '.rows[0].id')
golden show soundings show "$id"
golden show.json soundings show "$id" --format json
golden show-short soundings show "$(echo "$id" | cut -c 1-12)"
golden_fails show-none 65 soundings show 00000001
golden_fails show-bad 65 soundings show xyz
golden_fails show-missing 64 soundings show

# Closed pipes and full disks are noticed.
soundings messages --limit 400 | head -n 1 >/dev/null
if [ -c /dev/full ]; then
	golden_fails full 75 sh -c 'soundings messages >/dev/full'
fi
# Nothing is there before the store is.
SOUNDINGS_HOME=$WORK/empty golden_fails empty 65 soundings report
SOUNDINGS_HOME=$WORK/empty golden empty-status soundings
