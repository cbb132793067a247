#!/bin/sh
# A page for outside: previewed, published, remembered, held against the
# next, withdrawn; with approved quotes and what was decided.
. "$(dirname "$0")/lib.sh"

fixture_store "$CORPUS/feedback.jsonl"

soundings publish --preview >preview
grep -q "would be hidden under ons-10-5" preview
grep -q "try --coarse themes" preview
# None who may be shown is rounded to nobody.
for round in 7 10; do
	exits 64 soundings publish --policy custom --threshold 3 --round $round --preview
	grep -q -- "--round $round would make 0 of people" err || fail "$(cat err)"
done
exits 0 soundings publish --policy custom --threshold 3 --round 6 --preview
[ ! -e "$SOUNDINGS_HOME/releases" ] || fail "a preview left a release"

soundings decision add --theme funding "We took your figures to the <minister> & asked." 2>/dev/null
exits 0 soundings publish --coarse both --out page --title "What you said <b>"
release=$(sed -n 's/^Release \([0-9-]*\):.*/\1/p' out)
[ -n "$release" ] || fail "$(cat out)"
for file in page.html region-theme.csv stance-theme.csv source.csv month.csv data.xlsx; do
	[ -s "page/$file" ] || fail "no $file"
	soundings releases show "$release" "$file" >shown
	cmp "page/$file" shown
done

# The page, the CSV and the workbook carry the same figures, and none of
# them an exact one.
tr -d '\r' <page/region-theme.csv | sed -n 's/.*,\([0-9][0-9]*\),,$/\1/p' >figures
[ -s figures ]
awk '$1 % 5 { exit 1 }' figures || fail "not rounded: $(cat figures)"
tr -d '\r' <page/region-theme.csv | awk -F, 'NR > 1 && $3 == "" && $4 != "c" { exit 1 }' ||
	fail "a hidden cell without its mark"
unzip -p page/data.xlsx xl/worksheets/sheet1.xml | grep -o '<v>[0-9]*</v>' |
	sort -u >in-workbook
sed 's|.*|<v>&</v>|' figures | sort -u >wanted
[ -z "$(comm -23 wanted in-workbook)" ] || fail "the workbook lacks figures"

# What members and officers wrote is text on the page.
grep -q 'What you said &lt;b&gt;' page/page.html
grep -q 'to the &lt;minister&gt; &amp; asked' page/page.html
! grep -qE '<script|<img|<b>|src=|http-equiv="refresh"|url\(' page/page.html

# A few hundred answers: folded themes are no theme, and lines of nothing but
# marks are named, not shown.
grep -q 'Raised by most: Member services' page/page.html || fail "$(grep 'Raised by most' page/page.html)"
grep -q 'none of their figures is of enough people to be shown: Regional structure' page/page.html
! grep -qE '<th scope="row">Regional structure and support</th>(<td class="(hid|nil)">[^<]*</td>)+<td class="sum">' page/page.html ||
	fail "a line of nothing but marks"
grep -q 'groups of regions heard from' page/page.html
! grep -q 'Confidential' page/page.html || fail "a public page that says it is confidential"

# The same again changes no figure, so it may go out.
exits 0 soundings publish --coarse both
soundings releases --format json | jq -e '.rows | length == 2' >/dev/null

# A few more people: the difference would describe just them.
head -n 3 "$CORPUS/feedback.jsonl" | jq -c '.id = "new-" + .id | .from = "New Person <new@" + .id + ".example>" | .source = "mail"' >more.jsonl
fixture_store more.jsonl
exits 65 soundings publish --coarse both
grep -q "moved by fewer than 10 people since release $release" err
grep -q "add --carry-forward" err
exits 0 soundings publish --coarse both --carry-forward
grep -q "stay as in release" out

last=$(soundings releases --format json | jq -r '.rows[-1].id')
exits 0 soundings releases diff "$release" "$last"
grep -q 'Between them: 3 pieces more were counted' out || fail "$(cat out)"

# What only the former has is named as well.
gone=$(jq -r '.tables."region-theme" | keys[0]' "$SOUNDINGS_HOME/releases/$release/release.json")
cp -r "$SOUNDINGS_HOME/releases/$release" "$SOUNDINGS_HOME/releases/2015-01-01-1"
jq --arg key "$gone" 'del(.tables."region-theme"[$key])' \
	"$SOUNDINGS_HOME/releases/$release/release.json" >"$SOUNDINGS_HOME/releases/2015-01-01-1/release.json"
exits 0 soundings releases diff "$release" 2015-01-01-1 --format json
same "$gone" "$(jq -r '.rows[] | select(.later == null) | .figure' out)"
rm -r "$SOUNDINGS_HOME/releases/2015-01-01-1"

# A quote stands on the page; withdrawn, the page is made again without it.
quote=$(soundings quotes --theme member-services --region london,south-east,south-west --format json |
	jq -r '[.rows[] | select(.state != "paraphrase")][0].id')
exits 0 soundings quotes approve "$quote" --theme member-services --consent-obtained
exits 0 soundings publish --coarse both --carry-forward --title "With words"
held=$(sed -n 's/^Release \([0-9-]*\):.*/\1/p' out)
soundings releases show "$held" >with.html
if grep -q '<blockquote id=' with.html; then
	exits 0 soundings quotes withdraw "$quote"
	grep -q '1 pages made again' err || fail "$(cat err)"
	soundings releases show "$held" >without.html
	! grep -q '<blockquote id=' without.html
	grep -v '<blockquote id=' with.html | cmp - without.html
else
	fail "the approved quote is not on the page"
fi

# Another audience is another series, under its own policy, and says so.
exits 0 soundings publish --audience council --out council
grep -q '<p class="closed">Confidential to Council. Not for publication' council/page.html
grep -q 'Confidential to Council. Figures under' council/page.html
same '700 600' "$(stat -c %a council council/data.xlsx | xargs)"
same 644 "$(stat -c %a page/data.xlsx)"

# A part of it, differing from all of it by one or two: both are named.
exits 65 soundings publish --audience council --until 2015-03-20
council=$(soundings releases --format json | jq -r '.rows[-1].id')
grep -Eq "^soundings: [0-9]+ figures of this page \\(until 2015-03-20, that day included\\) differ by fewer than 3 people from those of release $council \\(all time\\), so" err || fail "$(cat err)"
exits 64 soundings releases withdraw "$release"
grep -q "a reason is wanted: soundings releases withdraw $release \"" err || fail "$(cat err)"
exits 0 soundings releases withdraw "$release" "a school could be told"
grep -q "^release $release is marked as withdrawn" err || fail "$(cat err)"
soundings releases --format json |
	jq -e --arg id "$release" '.rows[] | select(.id == $id) | .withdrawn == "a school could be told"' >/dev/null
exits 65 soundings releases show 2015-01-01-1
exits 65 soundings releases show "$release" ../../../keys/x
exits 64 soundings publish --policy none
exits 64 soundings publish --policy custom --threshold 1 --round 1

# Who is erased is quoted on no page any more, not even on one that a backup
# brings back.
exits 0 soundings quotes approve "$quote" --theme member-services --consent-obtained
exits 0 soundings publish --coarse both --carry-forward
held=$(sed -n 's/^Release \([0-9-]*\):.*/\1/p' out)
page=releases/$held/page.html
grep -q "<blockquote id=\"q-$quote\"" "$SOUNDINGS_HOME/$page" || fail "no quote"
soundings backup safe >/dev/null
exits 0 soundings forget --event "${quote%%-*}" --format json
same 1 "$(jq .pages_made_again out)"
! grep -q '<blockquote' "$SOUNDINGS_HOME/$page" || fail "quoted still"
exits 0 soundings releases show "$held"
cp -r "$SOUNDINGS_HOME/keys" keysafe
export SOUNDINGS_HOME="$WORK/new"
mkdir -p "$SOUNDINGS_HOME"
mv keysafe "$SOUNDINGS_HOME/keys"
exits 0 soundings restore safe
! grep -q '<blockquote' "$SOUNDINGS_HOME/$page" || fail "quoted again"
