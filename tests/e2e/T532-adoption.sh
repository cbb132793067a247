#!/bin/sh
# Nothing comes into force of which nobody can say whether it is better, or by
# which messages or people's labels would lose their theme, without a reason
# that is kept.
. "$(dirname "$0")/lib.sh"

# Words that the shipped model was not taught.
jq -c '.body += " (So said on the day.)"' "$CORPUS/feedback.jsonl" | head -n 200 >lines.jsonl
fixture_store lines.jsonl

# A frame of one theme and the rest, with two texts.
mkdir -p tiny/training
cat >tiny/frame.yaml <<'END'
frame: tiny
other: other
themes:
  - id: phones
    name: Phones
    definition: "phones"
    cues: [{phrase: "mobile phone", weight: 3}]
  - id: other
    name: Other
    definition: "the rest"
END
printf '%s\n' '{"id":"1","body":"The mobile phone must go.","themes":["phones"]}' \
	'{"id":"2","body":"Thank you for the lunch.","themes":["other"]}' >tiny/training/texts.jsonl
exits 0 soundings train --frame tiny --without-corrections

# Nobody labelled anything.
exits 0 soundings frame try tiny --format json
jq -e '.held_out.labelled == 0 and .lost > 100 and (.doubts | length == 2)' out >/dev/null || fail "$(cat out)"
exits 65 soundings frame adopt tiny
grep -q 'people labelled nothing' err && grep -q 'would lose it' err || fail "$(cat err)"
[ ! -e "$SOUNDINGS_HOME/frame-adopted.jsonl" ] || fail "adopted"

# Labelled lines of themes that it has not say nothing of it either.
exits 0 soundings frame try tiny --labelled lines.jsonl
grep -q 'give --labelled' out && fail "$(cat out)"
exits 65 soundings frame adopt tiny
grep -q 'are of themes that are gone' err && grep -q 'what people said of [0-9]* messages would be lost' err || fail "$(cat err)"

# Nor do lines that the model in force was taught: it remembers them.
cp -r "$SOUNDINGS_DATA/themes" same && rm -rf same/training
echo 'funding	a cue of no weight at all	1' >>same/cues.tsv
exits 0 soundings frame try same --labelled "$CORPUS/feedback.jsonl" --format json
jq -e '.held_out | .messages > 50 and .taught == .messages and .present.of == 0' out >/dev/null || fail "$(jq .held_out out)"
exits 65 soundings frame adopt same
grep -q 'were taught to one of the two' err || fail "$(cat err)"
exits 0 soundings frame try same --labelled lines.jsonl --format json
jq -e '.held_out | .taught == 0 and .present.of > 20' out >/dev/null || fail "$(jq .held_out out)"
# An id may be a number: the same fifth.
jq -c '.id = input_line_number' lines.jsonl >numbers.jsonl
jq -c '.id |= tostring' numbers.jsonl >strings.jsonl
exits 0 soundings frame try same --labelled strings.jsonl --format json
held=$(jq .held_out.messages out)
exits 0 soundings frame try same --labelled numbers.jsonl --format json
same "$held" "$(jq .held_out.messages out)"
[ "$held" -gt 20 ] || fail "$held are held out"
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --format json
jq -e '.taught == .messages' out >/dev/null || fail "$(jq .taught out)"
grep -q '400 of 400 lines were taught to this model' err || fail "$(cat err)"
exits 0 soundings evaluate lines.jsonl --format json
jq -e '.taught == 0' out >/dev/null && [ ! -s err ] || fail "$(cat err)"

# With labels of people's own: those of a theme that goes are not dropped in
# silence, however right the rest is.
yes '' | head -n 150 | soundings review --all --limit 150 >/dev/null
# Another domain's frame, and back the same day: nothing of it stays behind.
exits 0 soundings report --by theme --format json
jq -cS '.rows, .totals, .not_measured' out >before
exits 0 soundings frame try "$TESTS/data/frame-service"
exits 65 soundings frame adopt "$TESTS/data/frame-service"
exits 0 soundings frame adopt "$TESTS/data/frame-service" --because "to see" --format json
shipped=$(jq -r .before out) service=$(jq -r .version out)
same "$(find "$TESTS/data/frame-service/training" -name '*.jsonl' | wc -l)" "$(jq .texts out)"
exits 0 soundings frame try "$shipped"
exits 0 soundings frame adopt "$shipped" --because "back again"
exits 0 soundings frame versions --format json
jq -e --arg v "$shipped" 'last(.rows[]) | .kept and .version == $v' out >/dev/null || fail "$(cat out)"
[ ! -e "$SOUNDINGS_HOME/frame/current" ] || fail "the shipped frame is a copy"
# What was in force keeps the texts it was trained on: theirs may be the only
# copy, and a frame that comes back without them would learn from few.
kept=$SOUNDINGS_HOME/frame/versions
diff -r "$TESTS/data/frame-service/training" "$kept/$service/training" || fail "the texts have gone"
diff -r -x '*.tsv' -x README.md "$SOUNDINGS_DATA/themes/training" "$kept/$shipped/training" || fail "the texts have gone"
exits 0 soundings report --by theme --format json
jq -cS '.rows, .totals, .not_measured' out >after
same before after
soundings report --by theme,month | grep -q 'not measured' && fail "$(soundings report --by theme,month)"
soundings theme list --format json | jq -e '[.rows[] | select(.in_force)] | length == 16' >/dev/null ||
	fail "$(soundings theme list)"
echo Q | soundings review --limit 1 --all >out
grep -q 'burst\|no-water' out && fail "$(cat out)"

# A frame of another domain learns nothing of what people corrected here.
cp -r "$TESTS/data/frame-service" service
soundings messages --limit 12 --format json | jq -r '.rows[].id' >ids
while read -r id; do soundings correct "$id" --kind auto-reply >/dev/null; done <ids
exits 0 soundings train --frame service
grep -q 'teach this frame nothing' err && ! grep -q 'learning from' err || fail "$(cat err)"
exits 0 soundings train --frame same --dry-run
grep -q 'learning from' err || fail "$(cat err)"

# Merging settles what would contradict itself; what is only tried, or fails,
# leaves nothing behind.
exits 0 soundings theme merge leadership-roles voice-and-council --dry-run --format json
jq -e '.dropped >= 1 and (.rows | length) > 1000' out >/dev/null || fail "$(jq .dropped out)"
# A terminal is told how many, not each of a thousand.
exits 0 soundings theme merge leadership-roles voice-and-council --dry-run
grep -Eq '^removed +leadership-roles +[0-9]+ cues' out || fail "$(cat out)"
[ "$(wc -l <out)" -lt 40 ] || fail "$(wc -l <out) lines"
exits 64 soundings theme merge funding nonsense
exits 65 soundings theme add half --name x --definition x --cue phones=3 --exclude phone
grep -q "'phone' would be a cue and an exclusion" err || fail "$(cat err)"
[ ! -e "$SOUNDINGS_HOME/frame/draft" ] || fail "a draft is left"
exits 65 soundings theme list --frame /nope
exits 0 soundings theme list --frame tiny --format json
jq -e '[.rows[].theme] == ["phones", "other"]' out >/dev/null || fail "$(cat out)"

for theme in leadership-roles policy-influence voice-and-council regional-support; do
	exits 0 soundings theme retire "$theme"
done
exits 0 soundings frame try --format json
jq -e '.held_out.vanishing > 0 and .held_out.present.of > 5 and any(.doubts[]; test("what people said"))' out >/dev/null ||
	fail "$(jq -c '.held_out, .doubts' out)"
exits 65 soundings frame adopt
grep -q 'what people said of' err || fail "$(cat err)"

# What was tried on a part is not tried.
exits 0 soundings frame try --theme funding
exits 65 soundings frame adopt
grep -q 'without filters' err || fail "$(cat err)"
exits 0 soundings frame try

# A reason, and it is kept with what spoke against it.
exits 0 soundings frame adopt --because "they are one committee now"
jq -se 'last | .because == "they are one committee now" and (.doubts | length >= 1) and .by' "$SOUNDINGS_HOME/frame-adopted.jsonl" >/dev/null ||
	fail "$(cat "$SOUNDINGS_HOME/frame-adopted.jsonl")"

# A theme that is gone is gone: nobody labels by it, nor is it shown as one
# that was measured in 1970.
exits 0 soundings reclassify
id=$(soundings messages --limit 1 --theme funding --format json | jq -r '.rows[0].id')
exits 65 soundings correct "$id" --themes policy-influence
grep -q 'no theme of the frame in force any more' err || fail "$(cat err)"
echo Q | soundings review --limit 1 --all >out
grep -q 'a regional-support' out && fail "$(cat out)"
grep -q policy-influence out && fail "$(cat out)"
exits 0 soundings theme list
grep -q 1970 out && fail "$(cat out)"
exits 0 soundings report --by theme
grep -q 1970 out && fail "$(cat out)"
grep -q 'policy-influence is no theme any more' out || fail "$(cat out)"
soundings verify | grep -qx 'clean: everything agrees.' || fail "not clean"
