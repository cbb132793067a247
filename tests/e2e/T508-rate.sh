#!/bin/sh
# Held against the membership: rates, intervals, weights, by hand.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

# 300 people of London, of whom 200 speak of funding; 100 of the North
# East, of whom 20 do; the rest of them of something else.
awk 'BEGIN {
	for (i = 1; i <= 400; i++) {
		london = i <= 300
		funding = london ? i <= 200 : i <= 320
		# Of the first hundred the phase is known as at the event.
		phase = i <= 80 ? "secondary" : i <= 100 ? "primary,secondary" : ""
		printf "{\"respondent\":{\"phase\":\"%s\"},\"id\":\"r%d\",\"source\":\"mail\",\"from\":\"p%d@x.example\",\"subject\":\"s\",\"signature\":\"\",\"body\":\"text %d\",\"kind\":\"feedback\",\"region\":\"%s\",\"region_evidence\":\"none\",\"themes\":[\"%s\"],\"stance\":\"neutral\"}\n", \
			phase, i, i, i, london ? "london" : "north-east", funding ? "funding" : "other"
	}
}' >corpus.jsonl
fixture_store corpus.jsonl 1
printf '\357\273\277region,phase,members\r\nlondon,secondary,600\r\nlondon,primary,300\r\nnorth-east,secondary,600\r\nnorth-east,primary,300\r\n' >members.csv

printf 'london,secondary,900\nnorth-east,secondary,250\nnorth-east,primary,650\n' >phases.csv

golden rate soundings report --by region --rate --membership members.csv
# Raw: 220 of 400. Weighted: half 200/300, half 20/100.
soundings report --by theme --rate --membership members.csv --format json |
	jq -r '.rows[] | "\(.theme) \(.members) \(.raw_percent) \(.weighted_percent * 1000 | round / 1000)"' >got
printf 'funding 220 55 43.333\nother 180 45 56.667\n' >wanted
same wanted got
# Only those who are asked about stand in the denominator.
same 900 "$(soundings report --by region --rate --membership members.csv --region london --format json |
	jq '.rows[] | select(.region == "london") | .membership')"
soundings report --by region --rate --membership members.csv --phase primary --format json >phase.json
same 300 "$(jq '.rows[] | select(.region == "london") | .membership' phase.json)"
# By phase, where every line of the table has one.
golden rate-phase soundings report --by phase --rate --membership phases.csv
printf 'london,900\n' >plain.csv
golden_fails by-no-phase 65 soundings report --by phase --rate --membership plain.csv
golden_fails no-phase 65 soundings report --by region --rate --membership plain.csv --phase primary
# A first line that names a region is no heading, whatever its number.
printf 'north-east,1 834\nlondon,900\n' >first.csv
exits 65 soundings report --by region --rate --membership first.csv
# Ten times as many members as were heard: the interval holds the rate.
soundings report --by region --rate --membership members.csv --format json |
	jq -e '.rows | all(.low < .per_1000 and .per_1000 < .high)' >/dev/null
# From the home, where no file is given.
golden_fails no-table 65 soundings report --by region --rate
cp members.csv "$SOUNDINGS_HOME/membership.csv"
exits 0 soundings report --by region --rate
golden_fails wrong-dimension 64 soundings report --by role --rate
golden_fails two-dimensions 64 soundings report --by region,theme --rate

# A table that leaves out a region where some were heard weights nobody.
printf 'london,900\nsouth-west,900\n' >two.csv
golden_fails not-covered 65 soundings report --by theme --rate \
	--membership two.csv
printf 'london,900\n' >one.csv
exits 0 soundings report --by theme --rate --membership one.csv --region london

# Pieces come evenly, over 90 days from 1 January: a period of which the
# store has the first days only has not fallen.
golden compare-cut soundings report --by source \
	--compare 2015-02-15..2015-03-15,2015-03-16..2015-04-30
soundings report --by source --format json \
	--compare 2015-02-15..2015-03-15,2015-03-16..2015-04-30 >cut.json
jq -e '.days_before == 29 and .days_after == 16
	and (.rows | all(.notable == "no"))' cut.json >/dev/null ||
	fail "$(cat cut.json)"
