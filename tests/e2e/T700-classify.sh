#!/bin/sh
# Labels for lines: the settled shape, the words they rest on, how often they
# are right, and what bad lines come to.
. "$(dirname "$0")/lib.sh"

# One line out for each line in, in order, of the settled shape.
exits 0 soundings classify "$CORPUS/feedback.jsonl"
cp out labels.jsonl
jq -c .id "$CORPUS/feedback.jsonl" >ids
jq -c .id labels.jsonl >got
same ids got
jq -es 'all(.[];
	(keys - ["authority", "flags", "id", "kind", "phase", "region", "region_evidence", "role", "stance", "themes"] == []) and
	(.themes | length <= 3) and
	(if .kind == "feedback" then .themes | length >= 1 else .themes == [] end) and
	all(.themes[]; .score >= 0 and .score <= 1) and
	([.themes[].id] | index("other") == null or length == 1))' labels.jsonl >/dev/null ||
	fail "a line of another shape"
# Every theme says why, the main one is said to be the surest, however long
# the message: words of the body, or of the subject where there is no body.
jq -c 'select(any(.themes[]; .evidence == []) or ([.themes[].score] | . != (sort | reverse))) | .id' \
	labels.jsonl >unexplained
same "" "$(cat unexplained)"
jq -es '[.[] | select(any(.themes[].evidence[]; .field == "subject")) | .id] | index("d361") != null' \
	labels.jsonl >/dev/null || fail "no evidence in a subject that is the message"

# Evidence points at the words it quotes, in bytes of the body: the first of
# each of forty messages, half of them with more than ASCII in them.
{ grep -n "[^ -~]" "$CORPUS/feedback.jsonl" | head -n 20; grep -nv "[^ -~]" "$CORPUS/feedback.jsonl" | head -n 20; } |
	cut -d : -f 1 >numbers
while read -r number; do
	sed -n "${number}p" "$CORPUS/feedback.jsonl" | jq -j .body >body
	sed -n "${number}p" labels.jsonl |
		jq -r '.themes[0].evidence[0] // empty | "\(.start) \(.end)"' >places
	read -r start end <places || continue
	head -c "$end" body | tail -c +$((start + 1)) >quoted
	sed -n "${number}p" labels.jsonl | jq -j '.themes[0].evidence[0].text' >text
	cmp -s quoted text || fail "line $number: \"$(cat text)\" is not \"$(cat quoted)\""
	echo "$number" >>pointed
done <numbers
[ "$(wc -l <pointed)" -ge 30 ] || fail "only $(wc -l <pointed) pieces had evidence"

# Labels in the input are never looked at; quoted text and question neither.
jq -c '.themes = ["funding"] | .stance = "positive" | .region = "wales" | .kind = "feedback" | .quoted = "Ofsted, Ofsted" | .other = [1]' \
	"$CORPUS/feedback.jsonl" >lying.jsonl
soundings classify lying.jsonl >again.jsonl
same labels.jsonl again.jsonl
head -n 3 "$CORPUS/feedback.jsonl" | soundings classify - >three.jsonl
head -n 3 labels.jsonl >wanted
same wanted three.jsonl

# An answer and a note are somebody's word, whatever it is about.
cat >answers.jsonl <<'J'
{"id":"1","source":"survey","body":"Stop the automatic replies from the hotline"}
{"id":"2","source":"survey","body":"When I ring I get 'I am out of the office'. Answer the phone."}
{"id":"3","source":"survey","body":"Let me unsubscribe"}
{"id":"4","source":"rep","body":"Deputy in Thetford: automatic reply from casework, nothing for two weeks."}
{"id":"5","source":"mail","body":"Thank you for your email. I am worried by the loss of casework.","signature":"Deputy Head"}
{"id":"6","source":"mail","body":"Please reply."}
J
exits 0 soundings classify answers.jsonl
same '"feedback"' "$(jq .kind out | sort -u)"

# A bad line is named by its number; the others are answered all the same.
{ head -n 1 "$CORPUS/feedback.jsonl"; echo '{"id":'; echo; sed -n 2p "$CORPUS/feedback.jsonl"; } >bad.jsonl
exits 65 soundings classify bad.jsonl
same 2 "$(wc -l <out | tr -d ' ')"
grep -q 'line 2: not a JSON object' err || fail "$(cat err)"
# Half a character is said to be that, wherever it stands.
{ sed -n 1p "$CORPUS/feedback.jsonl"; echo '{"id":"b","body":"so \ud800 sad"}'; sed -n 2p "$CORPUS/feedback.jsonl"; } >half.jsonl
exits 0 soundings classify half.jsonl
same 3 "$(wc -l <out | tr -d ' ')"
same b "$(sed -n 2p out | jq -r .id)"
exits 0 soundings evaluate half.jsonl
# Misuse is a line, as everywhere; a folder is no file, today and tomorrow.
exits 64 soundings classify
says err "soundings: an argument is missing (see --help)"
exits 64 soundings classify --fram x bad.jsonl --nope
grep -q "no such option 'nope'" err || fail "$(cat err)"
for command in classify evaluate import explain; do
	exits 65 soundings $command .
	grep -q 'Is a directory' err || fail "$command: $(cat err)"
done
# A source that is none is answered all the same, as what its fields are of,
# and not in silence; another word for one of ours is ours: a note keeps its
# representative's region.
head -n 3 "$CORPUS/feedback.jsonl" |
	jq -c 'if .id == "d001" then . else .source = "blog" end' >blog.jsonl
complaint="soundings: read 'blog.jsonl': line 2: source 'blog' is none of mail, rep, survey: taken as mail"
for command in classify evaluate; do
	exits 0 soundings $command blog.jsonl
	says err "$complaint"
	says err "soundings: 2 lines in all name a source that is none: each is taken as the one whose fields it has"
done
sed 1d blog.jsonl >first.jsonl
exits 0 soundings explain first.jsonl
says err "soundings: read 'first.jsonl': line 1: source 'blog' is none of mail, rep, survey: taken as mail"
echo '{"id":"n","source":"note","rep":"Jane Doe, Norfolk","body":"Funding is the worry."}' >note.jsonl
exits 0 soundings classify note.jsonl
same east-of-england "$(jq -r .region out)"
same "" "$(cat err)"
exits 0 soundings evaluate - <"$CORPUS/feedback.jsonl" --format json
same 400 "$(jq .messages out)"
# Nor words that are said to show a label, and are not there.
for mark in '"evidence":{"funding":["more money"]}' '"praise":["thanks"]' '"blame":[7]'; do
	echo '{"id":"a","text":"We want money.","themes":["funding"],'"$mark}" >label.jsonl
	exits 65 soundings evaluate label.jsonl
	says err "soundings: read 'label.jsonl': line 1: a stretch in evidence, praise or blame is not in the text"
done
echo '{"id":"a","text":"funding","themes":["founding"],"stance":"good"}' >label.jsonl
exits 65 soundings evaluate label.jsonl
says err "soundings: read 'label.jsonl': line 1: stance 'good' is none of neutral, positive, negative, mixed"
sed -i 's/good/mixed/' label.jsonl
exits 65 soundings evaluate label.jsonl
says err "soundings: read 'label.jsonl': line 1: theme 'founding' is not in the frame"
exits 65 soundings classify no-such-file.jsonl
exits 65 soundings classify .
# A byte order mark before the first line is nobody's fault; a number is an id.
printf '\357\273\277{"id":7,"body":"funding"}\n' >bom.jsonl
exits 0 soundings classify bom.jsonl
same 7 "$(jq .id out)"
exits 64 soundings classify
exits 65 soundings classify --frame no-such-folder bad.jsonl

# evaluate: figures that agree with one another.
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --format json
jq -e '.schema == "soundings/evaluate/1" and .messages == 400 and
	.main_theme.of == 357 and .kind.of == 400 and .region.of == 400 and
	.main_theme.low < .main_theme.share and .main_theme.share < .main_theme.high and
	.micro.low <= .micro.f1 and .micro.f1 <= .micro.high and
	(.themes | length == 16) and
	(.region_by_evidence | [.[].of] | add == 400)' out >/dev/null ||
	fail "$(cat out)"
jq -e '.macro_f1_95[0] < .macro_f1 and .macro_f1 < .macro_f1_95[1] and .role.of == 0 and
	all(.themes[]; (.f1_95[0] <= .f1) and (.f1 <= .f1_95[1]) and (.precision_95[0] <= .precision) and (.recall <= .recall_95[1]))' out >/dev/null ||
	fail "$(jq -c '.macro_f1, .macro_f1_95, .themes[0]' out)"
# Roles, where somebody said what they are.
jq -c --slurpfile roles "$TESTS/data/roles.json" '. + {role: $roles[0][.id]} | select(.role)' "$CORPUS/feedback.jsonl" >roles.jsonl
exits 0 soundings evaluate roles.jsonl --format json
jq -e '.role.of == 179 and .role.share >= 0.95 and .role_guessed.share <= 0.03' out >/dev/null || fail "$(jq -c '.role, .role_guessed' out)"
exits 0 soundings evaluate roles.jsonl --coder roles.jsonl
grep -q "alpha: .*, role [01]\." out || fail "$(grep alpha out)"
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --format json
# It was trained on these, beside many others, so most must be right.
jq -e '.main_theme.share > 0.9 and .kind.share > 0.98' out >/dev/null
# Two coders: one against oneself agrees wholly; against another less.
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --coder "$CORPUS/feedback.jsonl" --format json
jq -e '.alpha.main_theme == 1 and .alpha.stance == 1 and .main_theme.share == 1' out >/dev/null
jq -c 'if .id < "d100" and .kind == "feedback" then .themes = ["other"] else . end' \
	"$CORPUS/feedback.jsonl" >second.jsonl
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --coder second.jsonl --format json
jq -e '.alpha.main_theme > 0.5 and .alpha.main_theme < 0.9' out >/dev/null || fail "$(jq .alpha out)"
# Who reads no regions disagrees about none.
jq -c 'del(.region)' second.jsonl >unplaced.jsonl
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --coder unplaced.jsonl --format json
jq -e '.region.of == 0 and .alpha.region == null and .alpha.kind == 1' out >/dev/null ||
	fail "$(jq -c '.region, .alpha' out)"
exits 0 soundings evaluate "$CORPUS/feedback.jsonl" --coder unplaced.jsonl
! grep -q region, out || fail "regions nobody read: $(cat out)"

# Nothing to hold against is no figure: no lines, no labels, none of a kind.
: >empty.jsonl
exits 65 soundings evaluate empty.jsonl
says err "soundings: evaluate 'empty.jsonl': there is nothing in it"
jq -c '{id, source, subject, body}' "$CORPUS/feedback.jsonl" | head -n 20 >unlabelled.jsonl
exits 65 soundings evaluate unlabelled.jsonl
says err "soundings: evaluate 'unlabelled.jsonl': no line of it has a label"
jq -c 'del(.themes, .stance, .region_evidence)' "$CORPUS/feedback.jsonl" | head -n 20 >kinds.jsonl
exits 0 soundings evaluate kinds.jsonl
! grep -qE 'micro-F1|main theme|stance|by none|^funding' out || fail "figures of nothing: $(cat out)"
grep -q '^kind ' out && grep -q '^region ' out || fail "$(cat out)"
exits 0 soundings evaluate kinds.jsonl --format json
jq -e '.micro == null and .macro_f1 == null and .main_theme.of == 0 and .stance.of == 0 and .region_by_evidence == {} and .kind.of == 20' out >/dev/null ||
	fail "$(jq -c '.micro, .region_by_evidence, .kind' out)"
jq -c '{id, kind, themes}' kinds.jsonl >wordless.jsonl
exits 0 soundings evaluate wordless.jsonl
grep -q '20 of 20 lines have no words' err || fail "$(cat err)"
# An id stands for one piece.
{ head -n 3 "$CORPUS/feedback.jsonl"; sed -n 2p "$CORPUS/feedback.jsonl"; } >twice.jsonl
exits 65 soundings evaluate twice.jsonl
says err "soundings: read 'twice.jsonl': line 4: id 'd002' stands in line 2 already"
head -n 3 "$CORPUS/feedback.jsonl" >once.jsonl
exits 65 soundings evaluate once.jsonl --coder twice.jsonl
says err "soundings: read 'twice.jsonl': line 4: id 'd002' stands in line 2 already"
# A theme that was retired is left out, as in training; of how many lines, is
# said.
mkdir small && cp "$TESTS/data/frame-service/"[cf]*.[ty]* small
printf '\nretired:\n  - long-gone\n' >>small/frame.yaml
jq -c '.themes += ["long-gone"]' "$TESTS/data/frame-service/unseen.jsonl" | head -n 4 >gone.jsonl
jq -c '.id = "only" | .themes = ["long-gone"]' gone.jsonl | head -n 1 >>gone.jsonl
exits 0 soundings evaluate gone.jsonl --frame small --format json
jq -e '.retired == 5 and .main_theme.of == 5' out >/dev/null || fail "$(jq -c '.retired, .main_theme' out)"
grep -q '5 lines name a theme that was retired' err || fail "$(cat err)"

# explain: plain words, a line, the hook's own output.
echo 'The helpline rang me back about my grievance hearing on Thursday.' >words
exits 0 soundings explain words
grep -q 'member-services' out && grep -q '"helpline"' out || fail "$(cat out)"
grep -q 'casework' out || fail "no flag: $(cat out)"
exits 0 soundings explain - --format json <words
jq -e '.schema == "soundings/explain/1" and .labels.kind == "feedback" and
	any(.reasons[]; .label == "theme" and .text == "helpline" and .start == 4 and .end == 12)' out >/dev/null ||
	fail "$(cat out)"
soundings-mail --dry-run <"$CORPUS/mail/13-iphone-plain.eml" | soundings explain - >out
grep -q '^kind *feedback' out
# A mail is read as the hook reads it: no word of its headers is evidence.
cp out by-hook
exits 0 soundings explain "$CORPUS/mail/13-iphone-plain.eml"
cmp out by-hook
{ echo 'Auto-Submitted: auto-replied' && cat "$CORPUS/mail/13-iphone-plain.eml"; } >auto.eml
exits 0 soundings explain auto.eml
grep -q '^kind *auto-reply' out && grep -q 'as it came in: Auto-Submitted' out || fail "$(cat out)"
# Each line of several; what is none is named, and nothing is no message.
{ sed -n 1,2p "$CORPUS/feedback.jsonl"; echo '{"id":'; echo; sed -n 3p "$CORPUS/feedback.jsonl"; } >several.jsonl
exits 65 soundings explain several.jsonl
same 3 "$(grep -c '^kind ' out)"
grep -q '^line 5, d003$' out && grep -q 'line 3: not a JSON object' err || fail "$(cat out err)"
exits 65 soundings explain several.jsonl --format json
same '"d001" "d002" "d003"' "$(jq .id out | tr '\n' ' ' | sed 's/ $//')"
jq . "$CORPUS/feedback.jsonl" | sed '/^}/q' >spread.json
exits 0 soundings explain spread.json
same 1 "$(grep -c '^kind ' out)"
yes '{"id":"x","body":"n/a"}' | head -n 502 >many.jsonl
exits 0 soundings explain many.jsonl
same 500 "$(grep -c '^kind ' out)"
grep -q '^soundings: 2 more lines are not explained' err || fail "$(cat err)"
exits 65 soundings explain empty.jsonl
says err "soundings: explain 'empty.jsonl': there is nothing in it"
exits 65 soundings explain no-such-message.eml
grep -q 'no such file' err

# One sentence that praises or blames in plain words; and one that blames others.
i=0
while IFS='|' read -r stance text; do
	i=$((i + 1))
	printf '{"id":"%s %s","source":"mail","body":"%s"}\n' "$stance" $i "$text"
done >plain.jsonl <<'END'
positive|The hotline was superb.
positive|I support the regional plan.
negative|You never answered my letter.
negative|The pilot has been a waste of money.
negative|I rang three times about our cook's grievance. Nobody rang back.
mixed|The newsletter is good but far too long, and the conference costs too much.
neutral|Ofsted came on Tuesday and were dreadful. We are all exhausted.
END
exits 0 soundings classify plain.jsonl
jq -es 'length == 7 and all(.id[:-2] == .stance)' out >/dev/null || fail "$(jq -c '[.id, .stance]' out)"

# frame check on what is shipped finds nothing that contradicts itself badly.
exits 0 soundings frame check --format json
jq -e '.themes == 16 and .cues > 15000 and .faults.contradiction < 20' out >/dev/null

# A line without an end costs no more than the longest there may be.
{
	echo '{"id":"a","body":"More on pay, please."}'
	head -c 9000000 /dev/zero | tr '\0' ' '
	echo
	head -c 9000000 /dev/zero | tr '\0' 'x'
	echo
	echo '{"id":"b","body":"More on pay, please."}'
} >long.jsonl
exits 65 soundings classify long.jsonl
same '"a" "b"' "$(jq .id out | tr '\n' ' ' | sed 's/ $//')"
same "soundings: read 'long.jsonl': line 3: longer than 8 MiB" "$(cat err)"
printf '   \n  ' | exits 65 soundings explain -
grep -q 'there is nothing in it' err || fail "$(cat err)"

# A stored message is explained by the first digits of its id.
start_worker
soundings-mail <"$CORPUS/mail/13-iphone-plain.eml"
stop_worker "$worker"
id=$(soundings messages --format json | jq -r '.rows[0].id')
exits 0 soundings explain "$(echo "$id" | cut -c 1-20)" --format json
jq -e --arg id "$id" '.id == $id and (.labels.themes | length >= 1) and (.reasons | length > 3)' out >/dev/null ||
	fail "$(cat out)"
exits 65 soundings explain 0123456789abcdef
