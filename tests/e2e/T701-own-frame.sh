#!/bin/sh
# Another association, another domain: a folder with twenty themes of a water
# company's customers, cues and examples, and not a line of C.
. "$(dirname "$0")/lib.sh"

cp -r "$TESTS/data/frame-service" frame
# Twenty themes, fifty examples each.
cat frame/training/*.jsonl | jq -r '.themes[0]' | sort | uniq -c >examples
[ "$(awk '$1 == 50' examples | wc -l)" -eq 20 ] || fail "$(cat examples)"
unseen=frame/unseen.jsonl

# Cues and examples without a model: it is learnt on the way.
exits 0 soundings evaluate "$unseen" --frame frame --format json
jq -e '.main_theme.share >= 0.8 and (.themes | length == 20)' out >/dev/null ||
	fail "right for $(jq .main_theme.share out)"
jq .main_theme.right out >learnt

# Trained, twice: the same bytes, and the same labels as learnt on the way.
exits 0 soundings train --frame frame --format json
jq -e '.schema == "soundings/train/1"' out >/dev/null
cp frame/model.bin first.bin
exits 0 soundings train --frame frame
same first.bin frame/model.bin
exits 0 soundings evaluate "$unseen" --frame frame --format json
jq .main_theme.right out >trained
same learnt trained

# To measure only and to write a model is not both to be had.
exits 64 soundings train --frame frame --dry-run --model other.bin
grep -q "dry-run writes no model" err && [ ! -e other.bin ] || fail "$(cat err)"

# Cues alone, before there is an example.
cp -r frame cues-only
rm -r cues-only/training cues-only/model.bin
exits 0 soundings evaluate "$unseen" --frame cues-only --format json
jq -e '.main_theme.share >= 0.45' out >/dev/null || fail "$(jq .main_theme out)"

# Texts without labels teach nothing: that is said, and no model is made.
mkdir cues-only/training && echo '{"text":"Nobody labelled this."}' >cues-only/training/a.jsonl
exits 65 soundings train --frame cues-only --without-corrections
grep -q "nothing to learn from" err && [ ! -e cues-only/model.bin ] || fail "$(cat err)"
exits 0 soundings evaluate "$unseen" --frame cues-only --format json
jq -e '.main_theme.share >= 0.45' out >/dev/null || fail "$(jq .main_theme out)"

# A new theme works the day its cue is written, beside a model that does not
# know it.
sed -i 's/^  - {id: other,/  - {id: fluoride, name: Fluoride, definition: "fluoride in the water"}\n&/' frame/frame.yaml
printf 'fluoride\tfluoride\t3\nfluoride\tfluoridation\t3\n' >>frame/cues.tsv
echo '{"id":"f","text":"Do you add fluoride? I am against fluoridation."}' >f.jsonl
exits 0 soundings classify --frame frame f.jsonl
jq -e '.themes[0].id == "fluoride"' out >/dev/null || fail "$(cat out)"
exits 0 soundings classify --frame frame "$unseen"

# A theme that is only called otherwise is known as before, untrained.
mkdir renamed && cp "$SOUNDINGS_DATA"/themes/*.* renamed
sed -i 's/^  - id: regional-support/  - id: regions\n    was: [regional-support]/' renamed/frame.yaml
corpus=$TESTS/data/unseen/unseen-1.jsonl
exits 0 soundings classify "$corpus"
sed 's/"regional-support"/"regions"/g' out | jq -c '[.id, .kind, [.themes[].id], .stance]' >as-it-was
exits 0 soundings classify --frame renamed "$corpus"
jq -c '[.id, .kind, [.themes[].id], .stance]' out >as-it-is
same as-it-was as-it-is

# And beside the shipped model, of hundreds of texts a theme: a cue of weight
# 3, or 2 in a line, decides in a short message, but not against strong words
# for another theme.
mkdir phones && cp "$SOUNDINGS_DATA"/themes/*.* phones
exits 0 soundings theme add phones --frame phones --name Phones --definition "pupils' phones" \
	--cue "mobile phone=3" --cue "phones in school=3" --cue handset=2
exits 0 soundings theme add drones --frame phones --name Drones --definition drones --cue drone=3
cat >short.jsonl <<'END'
{"id":"phones","text":"Phones in school must go."}
{"id":"phones","text":"The mobile phone, in short: the handset."}
{"id":"phones","text":"We collect every handset at the door."}
{"id":"drones","text":"A drone flew over our playground."}
{"id":"drones","text":"Please say something about the drone. One hung over sports day and another over the staff car park, and the council sent us a leaflet."}
{"id":"funding","text":"Our budget is cut again, the deficit grows and per pupil funding is a disgrace. Parents ring my mobile phone about the funding cuts."}
{"id":"pay-pensions-conditions","text":"The pay award is an insult and the pension changes are worse. A drone could not be paid less."}
END
exits 0 soundings classify --frame phones short.jsonl
jq -se 'all(.[]; .themes[0].id == .id)' out >/dev/null || fail "$(jq -c '[.id, .themes[0].id]' out)"
# The themes that the model knows are what they were.
jq -c '{id, source, text: .body, subject}' "$CORPUS/feedback.jsonl" | grep -vi 'phone\|handset\|drone' >plain.jsonl
exits 0 soundings classify plain.jsonl
mv out shipped
exits 0 soundings classify --frame phones plain.jsonl
same shipped out

# What is wrong with a frame is said with its line.
printf 'fluoride\tdental\t7\n' >>frame/cues.tsv
exits 65 soundings classify --frame frame f.jsonl
grep -q "line [0-9]*: a weight is 3, 2, 1 or -2" err || fail "$(cat err)"
sed -i '$d' frame/cues.tsv
printf 'floride\tdental\t2\n' >>frame/cues.tsv
exits 65 soundings classify --frame frame f.jsonl
grep -q 'no such theme' err
sed -i '$d' frame/cues.tsv
printf 'fluoride\tfluoride\t-2\nfluoride\tdry pipe\t3\nno-water\tdry pipes\t3\n' >>frame/cues.tsv
jq_other() { jq -c '[.faults.other, [.rows[] | select(.fault == "other") | .theme, .with]]' out; }
exits 0 soundings frame check --frame frame --all --format json
same '[0,[]]' "$(jq_other)"
jq -e '.faults.contradiction == 1 and .faults.shared == 2 and .faults.dead > 0' out >/dev/null ||
	fail "$(jq .faults out)"

# Its theme of what fits none may be called otherwise, but then not all hold to
# what is said of 'other': that is a fault, not a silence.
cp -r frame rest && rm -f rest/model.bin
sed -i 's/^other: other$/other: rest/; s/{id: other,/{id: rest, was: [other],/' rest/frame.yaml
exits 0 soundings frame check --frame rest --format json
same '[1,["rest","other"]]' "$(jq_other)"
exits 0 soundings frame check --frame rest
grep -q "^What fits no theme is 'rest': call it 'other'" out || fail "$(tail -n 4 out)"
sed -i 's/^other: rest$//; s/{id: rest, was: .other.,/{id: other,/' rest/frame.yaml
exits 0 soundings frame check --frame rest --format json
same '[1,["other","other"]]' "$(jq_other)"

# A model that is none is refused, not believed.
head -c 5000 first.bin >frame/model.bin
exits 65 soundings classify --frame frame f.jsonl
grep -q 'model' err
