#!/bin/sh
# Areas of one's own, and the closed questions of surveys.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

fixture_store "$CORPUS/feedback.jsonl" 2

# Areas that are the regions give the figures of the regions: the walk over
# the pieces agrees with the store's cells, cell by cell.
soundings report --by region --format json |
	jq -r '.rows[] | select(.region != "unknown") | "\(.region),\(.region)"' >same.csv
soundings report --by region,theme --format json >regions.json
soundings report --geography same.csv --by region,theme --format json >areas.json
jq -S '[.rows[]] | sort_by(.region, .theme)' regions.json >wanted
jq -S '[.rows[] | .region = .area | del(.area)] | sort_by(.region, .theme)' areas.json >got
same wanted got
jq -S .totals regions.json >wanted
jq -S .totals areas.json >got
same wanted got
soundings report --geography same.csv --by region --format csv | sed 1d >got
soundings report --by region --format csv | sed 1d >wanted
same wanted got

cat >areas.csv <<'END'
place,area,from
north-east,pilot,2015-02
south-west,pilot,
north-west,rest
END
golden areas soundings report --geography areas.csv --by region
golden cross soundings report --geography areas.csv --share row
printf 'north-east,pilot\nAtlantis,sea\n' >bad.csv
golden_fails bad-place 65 soundings report --geography bad.csv
printf 'north-east,pilot,soon\n' >bad.csv
golden_fails bad-date 65 soundings report --geography bad.csv
golden_fails bad-by 64 soundings report --geography areas.csv --by role
# Tables that came with Soundings: eight areas, every authority known.
printf 'NORTH EAST,x\n"north-east","a, b"\n933,c\n' >quoted.csv
exits 0 soundings report --geography quoted.csv --by region
grep -q '^a, b ' out || fail "$(cat out)"
for table in commissioners-2014 inspection-2013; do
	exits 0 soundings report --geography $table --by region
	same 8 "$(grep -v '^#' "$SOUNDINGS_DATA/areas/$table.csv" | sed 1d |
		sed 's/^"[^"]*"/x/; s/^[^,]*,//' | sort -u | wc -l)"
done
same "$(soundings report --by region --region london --format json | jq .totals.messages)" \
	"$(soundings report --geography inspection-2013 --by region --format json |
		jq '.rows[] | select(.area == "London") | .messages')"
golden_fails no-file 65 soundings report --geography nowhere.csv

# The surveys, through a worker.
SOUNDINGS_HOME=$WORK/surveys
export SOUNDINGS_HOME
start_worker
soundings-survey --quiet "$CORPUS"/surveys/[!M]*.csv
soundings choices >out
grep -q '^Which do you read? ' out
grep -q '^  Magazine ' out
soundings choices --format json >choices.json
# How many answered is the classifier's to say: what is no feedback is not
# counted. The rest is arithmetic.
jq -e '[.rows[] | select(.question == "Which do you read?")] |
	length == 3 and (map(.of) | unique | length) == 1 and .[0].of > 20
	and all(.respondents <= .of)
	and all((.percent - 100 * .respondents / .of) | fabs < 0.001)' choices.json >/dev/null
# Every region's share of a question adds up to all who answered it.
same "$(jq '[.rows[] | select(.question == "Which do you read?" and .answer == "Magazine")][0].respondents' choices.json)" \
	"$(soundings choices --by region --format json |
		jq '[.rows[] | select(.question == "Which do you read?" and .answer == "Magazine") | .respondents] | add')"
# And crossed with themes: of those who chose an answer and raised a theme.
soundings choices --by theme --format json >by-theme.json
jq -e '[.rows[] | select(.question == "Which do you read?")] | length >= 9 and (map(.theme) | unique | length) >= 3
	and all(.respondents <= .of) and any(.respondents > 0)' by-theme.json >/dev/null || fail "$(jq -c '.rows[0:5]' by-theme.json)"
theme=$(jq -r '[.rows[] | select(.question == "Which do you read?" and .respondents > 0)][0].theme' by-theme.json)
same "$(jq --arg t "$theme" '[.rows[] | select(.question == "Which do you read?" and .answer == "Magazine" and .theme == $t)][0].respondents' by-theme.json)" \
	"$(soundings choices --theme "$theme" --format json | jq '[.rows[] | select(.question == "Which do you read?" and .answer == "Magazine")][0].respondents // 0')"
golden none soundings choices --grep "no such question"
