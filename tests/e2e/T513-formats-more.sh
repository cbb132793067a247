#!/bin/sh
# What T512 leaves: lists, and what is published, word for word in every
# format over the demo corpus.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"
command -v unzip >/dev/null || skip "no unzip"
fixture_store "$CORPUS/feedback.jsonl" 1

# Two releases, what is between them, and what they hold.
soundings decision add --theme funding "We gave the minister your <figures>." 2>/dev/null
sed -E 's/"at": ?"[^"]*"/"at":"2015-04-01T09:00:00Z"/g' "$SOUNDINGS_HOME/decisions.jsonl" >lines
cat lines >"$SOUNDINGS_HOME/decisions.jsonl"
# By its words: which sentences quotes finds is for the model.
quote=$(soundings messages --grep "the head on a third of her salary" --format json | jq -r '.rows[0].id')-1
exits 0 soundings quotes approve "$quote" --theme member-services --consent-obtained
soundings publish --coarse both --title "Winter" --out first >/dev/null
for file in region-theme stance-theme source month; do
	tr -d '\r' <first/$file.csv >got
	golden_same "published-$file.csv"
done
golden_cells first/data.xlsx >got
golden_same published.xlsx
# Of the page all but its style, the day it was made on, and what the model is.
sed -E -e '/^<style>/,/<\/style>/d' -e 's/Soundings on [0-9]+ [A-Z][a-z]+ [0-9]+/Soundings on DAY/' \
	-e 's/version [0-9a-f]{8}/version VERSION/' -e 's/<dd>On [0-9]+ labelled texts.*/<dd>QUALITY/' -e 's/"q-[0-9a-f]+-/"q-ID-/' first/page.html >got
golden_same published.html

head -n 12 "$CORPUS/feedback.jsonl" | jq -c '.id = "new-" + .id | .from = "New Person <new@" + .id + ".example>" | .source = "mail"' >more.jsonl
fixture_store more.jsonl 1
soundings publish --coarse both --title "Winter" --carry-forward >/dev/null
first=$(soundings releases --format json | jq -r '.rows[0].id')
second=$(soundings releases --format json | jq -r '.rows[1].id')
# of NAME COMMAND…: as golden_all(), the days of releases left out.
of() {
	name=$1
	shift
	for format in table json csv md xlsx; do
		if [ $format = xlsx ]; then
			exits 0 "$@" --format xlsx --output book.xlsx
			golden_cells book.xlsx >out
		else
			exits 0 "$@" --format $format
		fi
		sed -e "s/$first/RELEASE-ONE/g" -e "s/$second/RELEASE-TWO/g" \
			-e 's/\b\([0-9a-f]\{8\}\)[0-9a-f]\{24\}\b/\1-ID/g' -e 's/\b\([0-9a-f]\{8\}\)[0-9a-f]\{4\}\b/\1-ID/g' out >got
		golden_same "$name.$format"
	done
}
of releases soundings releases
of releases-diff soundings releases diff "$first" "$second"
of quotes-list soundings quotes list

# Lists that people keep, and other cuts.
soundings consultation add pilots --name "The regional pilots" --address pilots@association.example \
	--opens 2015-02-01 --closes 2015-03-31 --region north-east,south-west 2>/dev/null
golden_all consultation soundings consultation list
soundings roster add jane@school.example --name "Jane Doe" --constituency Norfolk 2>/dev/null
golden_all roster soundings roster list
golden_all quarantine soundings quarantine list
golden_all needs-a-person soundings messages --needs-a-person --limit 3
golden_all by-week soundings report --by week --measure messages
golden_all trend-week soundings trend --of region --by week --region london,north-east
golden_all not-asked soundings report --by region --consultation pilots
id=$(soundings messages --theme funding --region london --limit 1 --format json | jq -r '.rows[0].id')
for format in table json; do
	golden "show.$format" soundings show "$id" --format $format
	golden "verify.$format" soundings verify --format $format
done

# A consultation that asked two regions: elsewhere it is not nought, on the
# page, in its map and in the tables.
export SOUNDINGS_HOME="$WORK/asked"
fixture_store "$CORPUS/feedback.jsonl" 1
exits 0 soundings consultation add future --region north-east,south-west
exits 0 soundings publish --policy custom --threshold 3 --round 1 --consultation future --region north-east,south-west --out asked
tr -d '\r' <asked/region-theme.csv | grep -E '^(north-east|london|unknown),(funding|any),' >got
golden_same not-asked-csv
grep -q '<dt>Not asked</dt>' asked/page.html
same 11 "$(grep -o 'class="count">\[z\]<' asked/page.html | wc -l)"
! grep -q 'Not asked' first/page.html || fail "everybody was asked"
exits 0 soundings publish --since 2031 --preview
grep -q 'there is nothing to show' out
