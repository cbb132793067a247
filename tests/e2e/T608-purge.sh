#!/bin/sh
# Words go at their age, by the key of their month, here and where the keys
# are kept; labels and figures stay. What could not be read goes, too.
. "$(dirname "$0")/lib.sh"
command -v faketime >/dev/null || skip "no faketime"
start_worker
soundings-rep --quiet --yes --rep jane.doe --date 2026-02-03 --text "Members say funding is too low."
head -c 3000 /dev/urandom | tr -d '\n' >junk
soundings backup safe >/dev/null
soundings backup --keys keysafe 2>/dev/null
stop_worker "$worker"
mkdir -p "$SOUNDINGS_HOME/spool/incoming"
cp junk "$SOUNDINGS_HOME/spool/incoming/a.eml"

exits 0 soundings purge --format json
same 0 "$(jq '.months | length' out)"
soundings report --by theme --format json | jq .rows >before

exits 0 faketime -f "+800d" soundings purge --dry-run --format json
same 1 "$(jq '.months | length' out)"
soundings messages --format json | jq -r '.rows[0].text' | grep -q funding || fail "gone too early"
exits 0 faketime -f '+800d' soundings purge --format json
same 1 "$(jq '.months | length' out)"
same 1 "$(jq .raw_mail out)"
[ ! -e "$SOUNDINGS_HOME/spool/incoming/a.eml" ] || fail "raw mail is still there"
! ls "$SOUNDINGS_HOME/keys" | grep -q '^text-' || fail "the key is still there"
soundings backup --keys keysafe 2>/dev/null
! ls keysafe | grep -q '^text-' || fail "the kept key is still there"

same '""' "$(soundings messages --format json | jq '.rows[0].text')"
soundings report --by theme --format json | jq .rows >after
same before after
exits 0 soundings verify
soundings restore safe --force 2>/dev/null
same '""' "$(soundings messages --format json | jq '.rows[0].text')"

exits 0 soundings compliance
grep -q '24 months' out || fail "$(cat out)"
printf 'retention:\n  text-months: 18\nassociation:\n  name: The Heads\n' >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings compliance
grep -q '18 months' out || fail "it does not follow the settings"
grep -q 'The Heads' out || fail "it does not name the association"
