#!/bin/sh
# Every answer in every format, word for word, over the demo corpus; and one
# total in report, JSON, CSV, Markdown, Excel and the published page.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"
command -v unzip >/dev/null || skip "no unzip"

# Beside the corpus a letter that seven sent, one with words of their own.
{
	cat "$CORPUS/feedback.jsonl"
	for i in 1 2 3 4 5 6 7; do
		own=
		[ "$i" != 4 ] || own=" Our own minibus was sold at Easter, as it happens."
		printf '{"id":"letter%d","source":"mail","from":"l%d@letter.example","subject":"Transport","signature":"","body":"Please ask the county to keep the college bus running this autumn, because without that bus no pupil from the villages can reach the college.%s","kind":"feedback","region":"london","region_evidence":"none","themes":["funding"],"stance":"negative"}\n' "$i" "$i" "$own"
	done
} >corpus.jsonl
fixture_store corpus.jsonl 1
soundings decision add --theme funding "We gave the minister your figures." 2>/dev/null
soundings decision add --region london "=HYPERLINK(\"x\") stays text." 2>/dev/null
sed -E 's/"at": ?"[^"]*"/"at":"2015-04-01T09:00:00Z"/g' "$SOUNDINGS_HOME/decisions.jsonl" >lines
cat lines >"$SOUNDINGS_HOME/decisions.jsonl"

golden_all report soundings report --by region,theme --region north-east,london --theme funding,inspection-accountability
golden_all share soundings report --by theme --share all --top 5
golden_all compare soundings report --by source --compare 2015-01,2015-02 --measure messages
golden_all trend soundings trend --of source
golden_all choices soundings choices --by region
golden_all messages soundings messages --theme funding --region london
golden_all ledger soundings ledger
golden_all emerging soundings emerging --as-sent --top 5
golden_all emerging-once soundings emerging
golden_all campaigns soundings campaigns
golden_all campaigns-personal soundings campaigns --personal
# One message of one sentence: which is best of several is for the model.
golden_all quotes soundings quotes --theme funding --region london --since 2015-02-01 --until 2015-02-05
golden_all decisions soundings decision list
printf 'north-east,secondary,400\nlondon,secondary,900\n' >members.csv
golden_all rate soundings report --by region --rate --membership members.csv --region north-east,london

soundings publish --title "Winter" --out first >/dev/null
id=$(soundings releases --format json | jq -r '.rows[0].id')
for format in table json csv md; do
	soundings releases --format "$format" | sed "s/$id/RELEASE/g" >got
	golden_same "releases.$format"
done
soundings releases --format xlsx --output book.xlsx
unzip -tq book.xlsx >/dev/null

# One total, wherever it stands. A threshold of 3 and no rounding show it
# exact.
total=$(soundings report --by region,theme --format json | jq -r .totals.members)
[ "$total" -gt 100 ] || fail "total: $total"
same "$total" "$(soundings report --by region --format csv | tr -d '\r' | awk -F, '$1 == "total" {print $2}')"
same "$total" "$(soundings report --by region --long --format md | awk -F'[ |*]+' '$2 == "total" {print $3}')"
same "$total" "$(soundings report --by region | awk '$1 == "total" {print $2}')"
soundings report --by region --format xlsx --output book.xlsx
unzip -p book.xlsx 'xl/worksheets/sheet*.xml' | grep -q "<v>$total</v>"
soundings publish --policy custom --threshold 3 --round 1 --out exact >/dev/null
grep -A1 'members heard' exact/page.html | grep -q "<dd>$total</dd>" ||
	fail "the page: $(grep -A1 'members heard' exact/page.html)"
grep -q '<tr class="sum">.*<td class="sum">'"$total"'</td></tr>' exact/page.html
same "$total" "$(tr -d '\r' <exact/region-theme.csv | awk -F, '$1 == "all" && $2 == "any" {print $3}')"
unzip -p exact/data.xlsx 'xl/worksheets/sheet*.xml' | grep -q "<v>$total</v>"
