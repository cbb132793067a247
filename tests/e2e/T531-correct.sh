#!/bin/sh
# A person's word: it moves the tallies and the ledger at once, survives a
# reclassification, and a reviewer can stop and go on.
. "$(dirname "$0")/lib.sh"

fixture_store "$CORPUS/feedback.jsonl"
soundings messages --limit 1 --theme funding --format json >one.json
id=$(jq -r '.rows[0].id' one.json)

count() { # THEME: messages that name it
	soundings report --by theme --format json |
		jq ".rows[] | select(.theme == \"$1\") | .messages"
}
funding=$(count funding)
other=$(count other)

exits 0 soundings correct "$id" --themes other --dry-run
same "$funding" "$(count funding)"
exits 0 soundings correct "$id" --themes other --region wales --stance mixed
grep -q '^is  feedback, wales, mixed, other$' out || fail "$(cat out)"
same $((funding - 1)) "$(count funding)"
same $((other + 1)) "$(count other)"
soundings show "$id" | grep -q 'labelled by *a person'
exits 0 soundings explain "$id"
says out 'A person labelled it: feedback, wales, mixed, other.'
exits 0 soundings correct "$id" --role deputy --dry-run
says out 'would be feedback, wales, mixed, other; role deputy'
soundings verify >/dev/null

# No feedback after all: the ledger moves with it.
counted=$(ledger counted)
exits 0 soundings correct "$id" --kind not-feedback
same $((counted - 1)) "$(ledger counted)"
ledger balanced >/dev/null
soundings verify >/dev/null
exits 65 soundings correct "$id" --themes funding
grep -q 'only feedback has themes' err
exits 0 soundings correct "$id" --kind feedback --themes other
same "$counted" "$(ledger counted)"

# What fits no theme fits no other either; no list says a theme twice.
exits 64 soundings correct "$id" --themes funding,funding
says err "soundings: theme 'funding' is named twice"
exits 64 soundings correct "$id" --themes funding,other
says err "soundings: 'other' is what fits no theme: it stands alone"
exits 64 soundings correct "$id" --themes other,funding
exits 64 soundings correct "$id"
exits 64 soundings correct "$id" --region nowhere
exits 64 soundings correct "$id" --themes funding,nonsense
# What is refused shows nothing that looks like an answer.
[ ! -s out ] || fail "$(cat out)"
grep -q "no such theme 'nonsense'" err || fail "$(cat err)"
exits 65 soundings correct ffffffffffff --themes funding

# Reclassified: what moves is shown first, then moved; a person's word stays.
before=$(soundings report --format json | jq -c .totals.messages)
exits 0 soundings reclassify --dry-run --format json
jq -e '.seen == 400 and .changed == 0' out >/dev/null || fail "$(cat out)"
same "$before" "$(soundings report --format json | jq -c .totals.messages)"
exits 0 soundings reclassify --format json
jq -e '.changed > 0' out >/dev/null
soundings verify >/dev/null
soundings show "$id" --format json | jq -e '.by_person and (.themes | map(.id) == ["other"])' >/dev/null ||
	fail "$(soundings show "$id" --format json)"
# A second time there is nothing left to move.
exits 0 soundings reclassify --format json
jq -e '.moved == 0 and .changed == 0' out >/dev/null || fail "$(cat out)"

# Reviewed by keystrokes: the first is given one theme, the second skipped,
# the third made no feedback; then stopped, and resumed.
printf '*\n !\nQ' | soundings review --limit 5 >review.out
grep -q '^2 saved, 1 skipped' review.out || fail "$(tail -n 3 review.out)"
left=$(sed -n 's/.* \([0-9]*\) left$/\1/p' review.out)
printf 'Q' | soundings review --limit 5 >review.out
grep -q "^0 saved, 0 skipped, $left left" review.out || fail "$(tail -n 1 review.out)"
soundings verify >/dev/null
# Who is told to go leaves the terminal as it was found (99: otherwise).
if command -v python3 >/dev/null; then
	for signal in TERM HUP; do
		python3 "$TESTS/tools/type.py" -- timeout --foreground -s $signal 2 soundings review >shown && got=0 || got=$?
		same 124 "$got"
	done
fi

# Members' doubtful words come first, what machines sent behind them.
soundings review --list --limit 400 --format json >list.json
jq -e '[.rows[] | .kind == "feedback"] | . == (sort | reverse) and any(not)' list.json >/dev/null ||
	fail "$(jq -c '[.rows[].kind]' list.json)"
jq -e '[.rows[] | select(.kind == "feedback").sure] | . == sort' list.json >/dev/null
# A region by a key.
one=$(jq -r '.rows[0].id' list.json)
letter=$(printf 'Q' | soundings review | sed -n 's/.*\([a-z]\) other .*/\1/p')
printf '*1\nQ' | soundings review --limit 1 >review.out
soundings show "$one" --format json | jq -e '.region == "north-east" and .region_evidence == "person"' >/dev/null ||
	fail "$(soundings show "$one" --format json)"

# A second coder sees nothing of the classifier's and writes elsewhere, what
# they said and no more; 'other' takes the place of themes.
printf 'a+\nb9%s\n!\nQ' "$letter" | soundings review --blind second.jsonl >blind.out
jq -ces 'map(del(.id)) == [
	{ kind: "feedback", themes: ["regional-support"], stance: "positive" },
	{ kind: "feedback", themes: ["other"], region: "south-west" },
	{ kind: "not-feedback", themes: [] }]' second.jsonl >/dev/null || fail "$(cat second.jsonl)"
same 4 "$(grep -c '^---' blind.out)"
# What was broken off is taken up again: a line that is half there goes.
printf '{"id":"half' >>second.jsonl
printf 'a\nQ' | soundings review --blind second.jsonl >again.out
same 4 "$(jq -s 'length' second.jsonl)"
same 4 "$(jq -r .id second.jsonl | sort -u | wc -l)"
# What could not be written is not saved.
if [ -c /dev/full ]; then
	status=0
	printf 'a\na\nQ' | soundings review --blind /dev/full >full.out 2>full.err || status=$?
	same 75 $status
	says full.err 'soundings: write what was chosen: No space left on device'
	grep -q '^0 saved, ' full.out || fail "$(tail -n 1 full.out)"
fi
grep '^---' blind.out | grep -qvE '^--- [0-9-]*, (mail|rep|survey)$' && fail "a region is shown: $(cat blind.out)"
same "  = feedback" "$(grep -A 400 '^---' blind.out | grep '^  = ' | head -n 1)"
head -c 400 /dev/zero | tr '\0' ' ' | soundings review --blind third.jsonl --all --limit 400 >blind.out
same "  = feedback" "$(grep '^  = ' blind.out | sort -u)"

# What people said here is learnt from, but for what is held out; the words
# go nowhere near a disk.
for n in $(soundings messages --limit 12 --theme wellbeing-workload --format json | jq -r '.rows[].id'); do
	soundings correct "$n" --themes wellbeing-workload >/dev/null
done
mkdir -p frame/training
cp "$SOUNDINGS_DATA/themes/frame.yaml" frame/
head -n 60 "$CORPUS/feedback.jsonl" >frame/training/messages-1.jsonl
sed -n 61,120p "$CORPUS/feedback.jsonl" >frame/training/messages-2.jsonl
printf 'funding\tbudget\t2\n' >frame/cues.tsv
exits 0 soundings train --frame frame --format json
grep -q 'learning from [0-9]* messages a person labelled here' err || fail "$(cat err)"
jq -e '[.rows[].file] | any(test("corrections"))' out >/dev/null || fail "$(cat out)"
[ -s frame/model.bin ]
exits 0 soundings train --frame frame --format json --without-corrections
jq -e '[.rows[].file] | all(test("corrections") | not)' out >/dev/null
