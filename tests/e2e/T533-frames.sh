#!/bin/sh
# A new theme, from its first cue to Council's table: drafted, tried, adopted
# with a worker running, measured from its day on, applied to what is stored;
# and the figures from before are had again.
. "$(dirname "$0")/lib.sh"

# Words that the shipped model was not taught.
jq -c '.body += " (So said on the day.)"' "$CORPUS/feedback.jsonl" >lines.jsonl
fixture_store lines.jsonl

messages() { # THEME [OPTIONS]: messages that name it
	theme=$1
	shift
	soundings report --by theme --format json "$@" |
		jq --arg t "$theme" '[.rows[] | select(.theme == $t) | .messages] | first'
}

# What people labelled here is what a frame is measured by.
yes '' | head -n 110 | soundings review --all --limit 110 >/dev/null
checked=$(soundings report --by theme --format json | jq .checked)
[ "$checked" -ge 80 ] || fail "$checked checked"
soundings report --by theme | grep -q "A person has checked $checked of these 357 messages" ||
	fail "$(soundings report --by theme | tail -n 5)"
exits 0 soundings reclassify
soundings report --by theme --format json | jq -cS '.rows, .totals' >before
voice=$(messages voice-and-council)

# The draft: what would be written is shown first, then written and the
# frame before it kept. Nothing is in force.
id=$(soundings messages --limit 1 --theme voice-and-council --until 2015-02 --format json | jq -r '.rows[0].id')
set -- add newsletters --name "Newsletters" --definition "the association's newsletters and mailings" \
	--cue newsletter=3 --cue newsletters=3 --cue "the bulletin=2" --message "$id"
exits 0 soundings theme "$@" --dry-run
[ ! -e "$SOUNDINGS_HOME/frame/draft" ] || fail "a dry run that writes"
exits 0 soundings theme "$@" --format json
jq -e '[.rows[] | select(.change == "added" and .theme == "newsletters")] | length == 4' out >/dev/null ||
	fail "$(cat out)"
[ -s "$SOUNDINGS_HOME/frame/draft/previous/0001/frame.yaml" ]
exits 0 soundings theme split member-services helpline --name "Helpline" \
	--definition "the helpline" --cue hotline=3 --cue helpline=3
exits 64 soundings theme "$@"
exits 64 soundings theme add 'Two Words' --name x --definition x --cue x
exits 64 soundings theme add nothing --name x --definition x
exits 64 soundings theme merge funding nonsense
exits 65 soundings theme retire other
# A cue that contradicts another is refused, and nothing is written.
before=$(cat "$SOUNDINGS_HOME/frame/draft/cues.tsv" | md5sum)
exits 65 soundings theme add half --name x --definition x --cue phones=3 --exclude phone
grep -q 'an exclusion of the same theme' err || fail "$(cat err)"
same "$before" "$(cat "$SOUNDINGS_HOME/frame/draft/cues.tsv" | md5sum)"

# Not before somebody has looked at what would move.
exits 65 soundings frame adopt
grep -q "first 'soundings frame try'" err || fail "$(cat err)"
exits 0 soundings frame try --format json
jq -e '.schema == "soundings/frame-try/1" and .seen == 400 and .moved >= 1 and
	any(.rows[]; .from == "member-services" and .to == "helpline" and .messages > 0 and (.example | length == 32) and (.words | length > 5)) and
	.held_out.messages >= 5 and .held_out.present.of == .held_out.candidate.of' out >/dev/null ||
	fail "$(cat out)"
exits 0 soundings frame try
grep -q 'Held out, [0-9]* messages' out || fail "$(cat out)"
same "$voice" "$(messages voice-and-council)"

# With a worker running: it follows, and labels by the new theme.
# (Which fifth is held out hangs on the ids, and these on the store's own keys:
# of some twenty pieces the draft may have lost a second theme.)
start_worker
soundings frame adopt --format json >out 2>err ||
	exits 0 soundings frame adopt --because "twenty pieces are few" --format json
version=$(jq -r .version out)
old=$(jq -r .before out)
same 1 "$(jq .chosen out)"
wait_for 20 grep -q "labels by version $version" worker.log
# While the store is held for a swap it cannot change to one, and then it does.
exec 8>>"$SOUNDINGS_HOME/store.lock"
flock -x 8
touch "$SOUNDINGS_HOME/frame/current"
wait_for 20 grep -q 'adopted is not used yet' worker.log
flock -u 8
wait_for 20 eval 'test $(grep -c "labels by version $version" worker.log) = 2'
printf 'From: a@b.example\nTo: future@association.example\nMessage-ID: <1@t533>\nSubject: the newsletter\n\nThe newsletter comes far too often, and the newsletters say nothing.\n' |
	soundings-mail
stop_worker "$worker"
today=$(date -u +%F)
soundings messages --theme newsletters --since "$today" --format json |
	jq -e '.rows | length == 1' >/dev/null || fail "the worker does not know the theme"
soundings show "$id" --format json | jq -e '.by_person and .themes[0].id == "newsletters"' >/dev/null

# Before its day nobody looked: that is not nought, in any format.
month=$(date -u +%Y-%m)
soundings report --by month,theme --format json >report.json
jq -e --arg m "$month" '.not_measured[0].before == "'"$today"'" and ([.not_measured[].theme] | sort == ["helpline", "newsletters"]) and
	any(.rows[]; .theme == "newsletters" and .month == "2015-01" and .messages == null and .members == null) and
	any(.rows[]; .theme == "newsletters" and .month == $m and .messages == 1)' report.json >/dev/null ||
	fail "$(jq -c '.not_measured, [.rows[] | select(.theme == "newsletters")]' report.json)"
soundings report --by month,theme --format csv |
	grep -q '^2015-01,newsletters,not measured,not measured' || fail "$(soundings report --by month,theme --format csv)"
soundings report --by theme,month | grep 'newsletters' | grep -q 'not measured' ||
	fail "$(COLUMNS=200 soundings report --by theme,month)"
soundings report --by theme,month --format md | grep newsletters | grep -q 'not measured'
soundings report --by theme,month --format xlsx --output report.xlsx
soundings report --by region,theme --until 2015-03 --long --format csv | grep -q ',newsletters,not measured'
soundings report --by region,theme --since "$today" --format json |
	jq -e '.not_measured == [] and any(.rows[]; .theme == "newsletters" and .messages == 1)' >/dev/null

soundings trend --of theme --format json |
	jq -e '[.rows[] | select(.theme == "newsletters")] | (.[0].messages == null) and (last.messages >= 1)' >/dev/null ||
	fail "$(soundings trend --of theme)"
soundings report --by theme --compare "2015-01,$month" --format json |
	jq -e 'any(.rows[]; .theme == "newsletters" and .before == null and .change == null and .after >= 1 and .notable == "no")' >/dev/null ||
	fail "$(soundings report --by theme --compare "2015-01,$month")"
exits 0 soundings publish --policy custom --threshold 3 --round 1 --page
grep -q 'Newsletters is measured from' out || fail "the page does not say it"

# Nor is a word of a new theme rising: there is nothing to hold it against.
exits 0 soundings emerging --least 1 --since "$today" --until "$today" --format json
jq -e --arg d "$today" '([.not_measured[].theme] | index("newsletters")) and .not_measured[0].before == $d and
	all(.rows[]; .theme != "newsletters")' out >/dev/null || fail "$(cat out)"
exits 0 soundings emerging --least 1 --since "$today" --until "$today" --theme newsletters --format md
grep -q "newsletters is measured from $today on" out && grep -q 'none of its words is listed' out || fail "$(cat out)"
# And whoever takes the published tables alone is told.
exits 0 soundings publish --policy custom --threshold 3 --round 1 --out told
grep -q "^london,newsletters,.*,from $today" told/region-theme.csv || fail "$(grep newsletters told/region-theme.csv)"
grep -q "^positive,newsletters,.*,from $today" told/stance-theme.csv || fail "$(grep newsletters told/stance-theme.csv)"
grep -q '^london,funding,[0-9]*,[^,]*,.$' told/region-theme.csv || fail "$(grep funding told/region-theme.csv)"
unzip -p told/data.xlsx xl/sharedStrings.xml | grep -q "Newsletters is measured from $today" ||
	fail "the workbook does not say it"

# Applied to what is stored: interrupted, it leaves every figure right, and
# goes on where it was.
exits 0 soundings reclassify --dry-run --format json
jq -e '.moved + .also >= 1 and .changed == 0 and .by_person >= 80' out >/dev/null || fail "$(cat out)"
# (Not looked over for leaks: a signal that comes while LeakSanitizer has
# stopped the process to look leaves both waiting for ever.)
for wait in 0.2 0.5; do
	ASAN_OPTIONS=detect_leaks=0 timeout --preserve-status -s INT "$wait" soundings reclassify >/dev/null 2>&1 || [ $? -eq 75 ] || [ $? -eq 130 ] || fail "interrupted: $?"
	soundings verify >/dev/null
done
exits 0 soundings reclassify
exits 0 soundings reclassify --format json
jq -e '.changed == 0 and .moved == 0' out >/dev/null
soundings verify >/dev/null
[ "$(messages newsletters)" -ge 2 ] && [ "$(messages helpline)" -ge 1 ] || fail "$(messages newsletters)"
soundings report --by theme,month --format json | jq -e '.not_measured == []' >/dev/null

# The figures under the version before, again: to the last of them.
exits 0 soundings frame versions --format json
jq -e --arg v "$version" --arg o "$old" '[.rows[].version] | (index($o) < index($v))' out >/dev/null ||
	fail "$(cat out)"
soundings report --by theme --as-of "$old" --format json >then.json
jq -cS '.rows, .totals' then.json >then
same before then
jq -e --arg o "$old" '.as_of.version == $o and .checked == '$checked then.json >/dev/null
exits 0 soundings report --by region,theme --as-of "$today"
grep -q 'As it stood at the end of edition' out
exits 64 soundings report --as-of deadbeef
exits 64 soundings report --as-of 1999
exits 64 soundings report --as-of nonsense

# Going back is adopting again; a lower score wants a reason, which is kept.
exits 65 soundings frame adopt "$version"
grep -q 'in force already' err
cp -r "$SOUNDINGS_HOME/frame/draft" worse
head -n 40 worse/cues.tsv | sed 's/[0-9-]*$/3/' >few && mv few worse/cues.tsv
rm -r worse/model.bin worse/training
exits 0 soundings frame try worse --format json
jq -e .held_out.fell out >/dev/null || fail "$(jq .held_out out)"
exits 65 soundings frame adopt worse
grep -q 'right less often' err || fail "$(cat err)"
exits 0 soundings frame adopt worse --because "a demonstration"
grep -q "^No labelled texts belong to it: 'train' would" out || fail "$(cat out)"
jq -se 'last | .because == "a demonstration" and .at and .by and .held_out.fell' "$SOUNDINGS_HOME/frame-adopted.jsonl" >/dev/null
exits 0 soundings frame try "$version"
exits 0 soundings frame adopt "$version" --because "back again"
grep -q 'No labelled texts' out && fail "$(cat out)"
# It has come back with its texts; they lie on the disk, and in a backup, once.
diff -r "$SOUNDINGS_HOME/frame/draft/training" "$SOUNDINGS_HOME/frame/versions/$version/training" || fail "its texts have gone"
exits 0 soundings backup copies
for folder in "$SOUNDINGS_HOME" copies/soundings-*/files; do
	[ "$(find "$folder/frame/versions/$version/training" -name '*.jsonl' -links 2 | wc -l)" -gt 50 ] ||
		fail "$(ls -l "$folder/frame/versions/$version/training")"
	diff -r "$folder/frame/versions/$old/training" "$folder/frame/versions/$version/training" || fail "not the same"
done
exits 0 soundings frame diff "$version" --format json
jq -e '.rows == []' out >/dev/null || fail "$(head -c 600 out)"

# Split, merge, retire, on a folder of one's own; each checked and kept.
cp -r "$TESTS/data/frame-service" service
exits 0 soundings theme split leak-street burst-mains --frame service --name "Burst mains" --definition "a main that bursts" --cue "burst main=3"
exits 0 soundings frame check --frame service
exits 0 soundings theme merge no-water pressure --frame service
grep -q 'was: \[no-water\]' service/frame.yaml
! grep -q '^no-water' service/cues.tsv || fail "cues left behind"
# A definition may speak of what was.
exits 0 soundings theme add odd --frame service --name Odd --definition 'It was: [sic] odd' --cue 'very odd'
exits 0 soundings theme add odder --frame service --name Odder --definition odder --cue 'odder thing'
exits 0 soundings theme merge odder odd --frame service
grep -q 'was: \[odder\]' service/frame.yaml || fail "$(cat service/frame.yaml)"
grep -qF 'It was: [sic] odd' service/frame.yaml || fail "$(cat service/frame.yaml)"
exits 0 soundings theme retire odd --frame service
exits 0 soundings theme retire meter-request --frame service
grep -q '^retired: \[meter-request, odd' service/frame.yaml || fail "$(cat service/frame.yaml)"
same 7 "$(ls service/previous | wc -l | tr -d ' ')"
exits 0 soundings frame diff "$TESTS/data/frame-service" service --format json
jq -e 'any(.rows[]; .change == "merged" and .theme == "no-water" and .after == "pressure") and
	any(.rows[]; .change == "removed" and .theme == "meter-request") and
	any(.rows[]; .change == "added" and .theme == "burst-mains")' out >/dev/null || fail "$(cat out)"
# Texts labelled by ids of before are still learnt from.
unseen=$TESTS/data/frame-service/unseen.jsonl
exits 0 soundings train --frame service --without-corrections --with "$unseen" --format json
# But for the fifth that a trial is measured on.
taught=$(jq '.rows[] | select(.file == "unseen.jsonl") | .messages' out)
[ "$taught" -lt 38 ] && [ "$taught" -gt 22 ] || fail "$taught taught"
exits 0 soundings frame try service --labelled "$unseen" --format json
jq -e '.held_out | .of_new_themes > 0 and .messages >= 40 - '"$taught"'' out >/dev/null || fail "$(jq .held_out out)"
# A message chosen for a theme is learnt from, and no word of it is on disk.
exits 0 soundings train --frame service --format json
exits 0 soundings theme list --format json
jq -e '[.rows[].theme] | index("newsletters") and index("funding")' out >/dev/null
soundings verify | grep -qx 'clean: everything agrees.' || fail "not clean"
