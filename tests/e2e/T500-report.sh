#!/bin/sh
# What the officer asks, and what is answered, word for word, in every
# format, over a store whose figures never change.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

fixture_store "$CORPUS/feedback.jsonl" 2

golden cross soundings report
golden cross-wide env COLUMNS=300 soundings report --measure messages
golden share soundings report --share row
golden share-column soundings report --by theme,source --share column \
	--measure messages
golden cut soundings report --by region,theme,role --since 2015-01-01 \
	--until 2015-01-03
golden by-region soundings report --by region
golden by-region.csv soundings report --by region --format csv
golden by-region.md soundings report --by region --format md
golden by-month.json soundings report --by month --format json
# Several --by are one list; one without a name is none.
same "$(soundings report --by region,theme --format csv)" \
	"$(soundings report --by region --by theme --format csv)"
exits 64 soundings report --by ''
golden february soundings report --by theme --since 2015-02 --until 2015-02 \
	--region london,south-east --source mail
golden top soundings report --by theme --sort messages --top 3
golden nothing soundings report --until 2014
golden compare soundings report --by theme --compare 2015-01,2015-02 \
	--measure messages
golden compare-sources soundings report --by theme --compare mail,survey \
	--measure messages
golden trend soundings trend
golden trend-week soundings trend --of region --by week

# The settled shape.
soundings report --by region,theme --format json >report.json
jq -e '.schema == "soundings/report/1" and (.rows | type) == "array"
	and (.rows[0] | has("region") and has("theme") and has("members") and
	     has("respondents") and has("messages") and has("mentions") and
	     has("reported"))
	and has("consultation") and has("since") and has("until")' report.json >/dev/null

# Every format says the same: totals of JSON, CSV, Markdown and Excel.
total=$(jq -r '.totals | "\(.members) \(.respondents) \(.messages) \(.mentions) \(.reported)"' report.json)
same "$total" "$(soundings report --by region,theme --format csv | tr -d '\r' |
	awk -F, '$1 == "total" {print $3, $4, $5, $6, $7}')"
same "$total" "$(soundings report --by region,theme --long --format md |
	awk -F'[ |*]+' '$2 == "total" {print $4, $5, $6, $7, $8}')"
soundings report --by region,theme --long --format xlsx --output r.xlsx
same "$total" "$(unzip -p r.xlsx xl/worksheets/sheet2.xml | tr '>' '\n' |
	sed -n 's/^\([0-9]*\)<\/v$/\1/p' | tail -n 5 | paste -sd ' ')"
# The cells of months add up to all messages; of regions too.
same "$(jq .totals.messages report.json)" \
	"$(soundings report --by month --format json | jq '[.rows[].messages] | add')"
# Regions stand in the official order.
same "north-east north-west yorkshire-humber east-midlands west-midlands east-of-england london south-east south-west wales scotland northern-ireland islands-overseas unknown" \
	"$(soundings report --by region --format json | jq -r '[.rows[].region] | join(" ")')"

# Against the membership.
cat >members.csv <<'END'
region,members
north-east,900
north-west,2500
yorkshire-humber,1700
END
golden rate soundings report --by region --rate --membership members.csv
golden_fails rate-thin 65 soundings report --by theme --rate \
	--membership members.csv --region north-east,north-west,yorkshire-humber
printf 'north-east,12\n\nnorth-wets,3\n' >bad.csv
golden_fails rate-bad 65 soundings report --by region --rate \
	--membership bad.csv

# Misuse is 64, one line, and names the nearest.
golden_fails bad-region 64 soundings report --region nort-east
golden_fails bad-dimension 64 soundings report --by regoin
golden_fails bad-theme 64 soundings report --theme fundin
golden_fails far-theme 64 soundings report --theme qqqqqqqqqqqqqqqq
golden_fails far-source 64 soundings report --source qqqqqqqqqqqqqqqq
golden_fails bad-measure 64 soundings report --measure membres
golden_fails bad-date 64 soundings report --since 2015-02-30
golden_fails bad-order 64 soundings report --since 2015-03 --until 2015-01
golden_fails bad-option 64 soundings report --sine 2015
golden_fails bad-compare 64 soundings report --compare 2015-01
# What would be passed over is refused.
for more in '--sort messages' '--top 3' --long '--since 2015-01' '--until 2015-01'; do
	# shellcheck disable=SC2086 # words
	exits 64 soundings report --by theme --compare 2015-01,2015-02 $more
done
exits 64 soundings report --by theme --compare mail,survey --source mail
for more in '--measure messages' '--sort messages' '--top 3' --long; do
	# shellcheck disable=SC2086 # words
	exits 64 soundings report --by region --rate --membership members.csv $more
done
exits 64 soundings report --membership members.csv
golden_fails bad-command 64 soundings raport
golden_fails no-consultation 64 soundings report --consultation nowhere
