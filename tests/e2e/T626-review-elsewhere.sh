#!/bin/sh
# An officer reviews from another desk, on a terminal, a keystroke a theme: what
# is saved counts at once, each message that was shown is noted with its id, a
# broken-off review goes on where it was, and the terminal is as it was.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3 to make a terminal with"
start_worker
for n in 1 2 3 4 5; do
	soundings-rep --quiet --yes --rep jane.doe --date 2026-02-0$n --text "Point $n: funding is too low here."
done
start_office report officer
export SOUNDINGS_KEY="$WORK/officer.key"
there() { SOUNDINGS_HOME=$WORK/desk exits "$@"; }
read_so_far() { jq -r 'select(.what == "show") | .which[0]' "$SOUNDINGS_HOME/access.jsonl"; }
by_person() { soundings messages --format json | jq '[.rows[] | select(.by_person)] | length'; }

# type_keys STATUS KEYS WORD…: the command on a terminal of its own; what it
# showed is in shown.
type_keys() {
	wanted=$1 keys=$2 got=0
	shift 2
	SOUNDINGS_HOME=$WORK/desk python3 "$TESTS/tools/type.py" '  = ' "$keys" -- "$@" >shown || got=$?
	[ "$got" = "$wanted" ] || fail "exit $got (99: it hung, or the terminal is not as it was): $(cat shown)"
}

# It is right as it is; another theme and stance; not feedback; stop.
theme() { SOUNDINGS_HOME=$WORK/desk soundings --from "$office" theme list --format json | jq -r ".rows[$1].theme"; }
second=$(theme 1)
type_keys 0 '\r*!\rQ' soundings --from "$office" review
grep -q '^a [a-z-]* ' shown || fail "no themes: $(cat shown)"
grep -q '^2 saved, 0 skipped, 3 left' shown || fail "$(tail -n 3 shown)"
same 1 "$(by_person)"
same 1 "$(ledger not_feedback)"
# Three were shown, and are noted: two saved, one looked at.
same 3 "$(read_so_far | wc -l)"
first=$(read_so_far | sed -n 1p)
jq -se --arg id "$first" 'any(.[]; .what == "correct" and (.which | index($id)))' "$SOUNDINGS_HOME/access.jsonl" >/dev/null || fail "$(cat "$SOUNDINGS_HOME/access.jsonl")"
same the-officer "$(tail -n 1 "$SOUNDINGS_HOME/access.jsonl" | jq -r .by)"

# Another day: what was saved is not offered again; a theme on, the others off.
on=b
[ "$(soundings show "$(read_so_far | sed -n 3p)" --format json | jq -r '.themes[].id' | grep -cx "$second")" = 0 ] || on=
third=$(read_so_far | sed -n 3p)
type_keys 130 "$on~\\r \\x03" soundings --from "$office" review
same "$third" "$(read_so_far | sed -n 4p)"
soundings show "$third" --format json >piece
jq -e --arg t "$second" '.by_person and .stance == "mixed" and (.themes | map(.id) | index($t))' piece >/dev/null || fail "$(cat piece)"
same 2 "$(by_person)"
same true "$(ledger balanced)"
exits 0 soundings verify

# Broken off by ^C after a skip: two are left. Without a terminal as well.
printf ' Q' >keys
there 0 soundings --from "$office" review --source rep <keys
grep -q '^0 saved, 1 skipped, 2 left' out || fail "$(cat out)"
there 0 soundings --from "$office" review --limit 1 --all <keys
grep -q '^0 saved, 1 skipped, 5 left' out || fail "$(cat out)"
# Ids without words, for whoever wants them.
there 0 soundings --from "$office" review --list --ids --format json
jq -e '.to_review == 2 and (.rows | length == 2 and all(has("words") | not))' out >/dev/null || fail "$(cat out)"

# What it may not, and who may not.
there 64 soundings --from "$office" review --region nowhere <keys
grep -q nowhere err || fail "$(cat err)"
there 77 soundings --from "$office" review --blind x
there 77 soundings --from "$office" theme add phones --name Phones
there 77 soundings --from "$office" frame adopt
there 0 soundings --from "$office" frame versions --format json
SOUNDINGS_KEY=$WORK/report.key there 0 soundings --from "$office" theme list
SOUNDINGS_KEY=$WORK/report.key there 77 soundings --from "$office" review <keys
grep -q "members' words are for the role officer" err || fail "$(cat err)"
! grep -q funding reportd.log || fail "words in the log"
# A key that is revoked in the middle: said, and nothing more is shown.
soundings keys revoke the-officer 2>/dev/null
there 75 soundings --from "$office" review <keys
grep -q 'refuses the key' err || fail "$(cat err)"
