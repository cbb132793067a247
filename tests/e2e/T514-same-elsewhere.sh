#!/bin/sh
# A report, a trend and a page are the same to the byte whether they are asked
# here or from another desk: exact for an officer, under the policy for the
# role report.
. "$(dirname "$0")/lib.sh"
fixture_store "$CORPUS/feedback.jsonl" 2
soundings decision add --theme funding "We gave the minister your figures." 2>/dev/null
start_office report officer

# same_from WHO COMMAND…: what is written, and the status, here and there.
same_from() {
	who=$1
	shift
	policy=
	[ "$who" = officer ] || policy=ons-10-5
	exits 0 env SOUNDINGS_POLICY=$policy soundings "$@"
	grep -av '"generated_at"' out >here
	exits 0 env SOUNDINGS_HOME="$WORK/desk" SOUNDINGS_KEY="$WORK/$who.key" \
		soundings --from "$office" "$@"
	grep -av '"generated_at"' out >there
	[ -s there ] || fail "nothing: $*"
	cmp here there || fail "$who: $*"
}
for who in officer report; do
	for format in table json csv md; do
		same_from $who report --by region,theme --format $format
		same_from $who trend --of region --format $format
	done
	same_from $who report --by stance --measure messages --since 2015-02 --until 2015-02
	same_from $who report --by role,phase --long
	same_from $who publish --coarse both --preview
	same_from $who publish --coarse both --page --title "From <here> or there"
done
same_from officer choices --format json
same_from officer ledger --format json
same_from officer report --by theme --share all --format csv
same_from officer publish --audience council --page
soundings report --by region --format json | grep -v generated_at >exact
SOUNDINGS_POLICY=ons-10-5 soundings report --by region --format json | grep -v generated_at >hidden
! cmp -s exact hidden || fail "the policy hides nothing"

# A workbook is one file; what its cells hold is the same.
for at in here there; do
	if [ $at = here ]; then
		soundings report --by region,theme --format xlsx --output $at.xlsx
	else
		SOUNDINGS_HOME=$WORK/desk SOUNDINGS_KEY=$WORK/officer.key soundings --from "$office" \
			report --by region,theme --format xlsx --output $at.xlsx
	fi
	unzip -p $at.xlsx xl/sharedStrings.xml 'xl/worksheets/sheet*.xml' >$at.cells
done
[ "$(wc -c <here.cells)" -gt 1000 ]
cmp here.cells there.cells
