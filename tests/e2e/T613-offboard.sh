#!/bin/sh
# A representative's key, address, place and term are one entry of the roster.
# A note with the key is by that person, for that place; when the key was
# stolen, what came with it is found, held out of every figure, and let go;
# and offboard does all of it.
. "$(dirname "$0")/lib.sh"
mkdir -p "$SOUNDINGS_HOME"
printf 'network:\n  keys-on-ipc: yes\n' >"$SOUNDINGS_HOME/soundings.yaml"
for name in jane.doe john.roe; do
	soundings keys new $name --role rep --output $name.key 2>/dev/null
done
soundings roster add jane@school.example --name 'Jane Doe' --constituency Norfolk --key jane.doe 2>/dev/null
exits 65 soundings roster add other@school.example --name 'An Other' --constituency Kent --key jane.doe
grep -q 'jane@school.example' err || fail "$(cat err)"
start_worker
note() {
	key=$1
	shift
	SOUNDINGS_KEY=$key.key soundings-rep --yes --wait 5 --date 2026-02-03 "$@" >sent 2>why
}

# By whom the key says, for where the roster says, whatever it says itself;
# one's own point is the member's whose address the roster has.
note jane.doe --rep 'J. Doe' --constituency Cornwall --text "Members say that funding is too low."
note jane.doe --rep 'jane doe' --own --text "I think that workload is too high."
grep -q '1 counted' sent || fail "$(cat sent why)"
same '"east-of-england" 2' "$(soundings report --by region --format json | jq -c '.rows[]|.region, .messages' | xargs -d '\n')"
id=$(soundings messages --grep funding --format json | jq -r '.rows[0].id')
soundings show "$id" --format json >shown
same '"Jane Doe" "Norfolk"' "$(jq -c '.note.representative, .note.constituency' shown | xargs -d '\n')"
soundings access jane@school.example --format json >person
same 1 "$(jq '.pieces | length' person)"
note jane.doe --rep john.roe --text "Not mine." || true
grep -q "not that representative's" why || fail "$(cat why)"
rm -rf "$SOUNDINGS_HOME/outbox"
note john.roe --rep john.roe --text "Members say that inspection wears them out."

# What came with the key; held since a day, and let go.
soundings keys sent jane.doe --format json >out
same 2 "$(jq '.rows | length' out)"
same '"soundings/keys-sent/1"' "$(jq -c .schema out)"
today=$(date +%F)
exits 0 soundings keys revoke jane.doe --since "$today" --format json
same 2 "$(jq '[.rows[] | select(.outcome == "quarantined")] | length' out)"
same '1 2' "$(ledger counted) $(ledger quarantined)"
same 1 "$(soundings report --format json | jq .totals.messages)"
same true "$(ledger balanced)"
soundings quarantine list >listed
grep -q '2 pieces are held with the key' listed || fail "$(cat listed)"
exits 0 soundings verify
# Nothing since tomorrow: nothing more to hold, and nothing goes wrong.
exits 0 soundings keys revoke jane.doe --since "$(date -d tomorrow +%F)"
exits 65 soundings keys revoke jane.doe
exits 65 soundings keys sent nobody
exits 0 soundings keys release jane.doe
same '3 0' "$(ledger counted) $(ledger quarantined)"
exits 0 soundings verify

# Somebody leaves: once dry, then done.
exits 0 soundings offboard 'jane doe' --dry-run
same null "$(soundings roster list --format json | jq '.rows[0].to')"
soundings keys new jane.doe --role rep --output again.key 2>/dev/null
exits 0 soundings offboard jane@school.example --since "$today" --format json
same '"Jane Doe" "jane.doe" 2' "$(jq -c '.name, .key, .held' out | xargs -d '\n')"
same "\"$(date -d yesterday +%F)\"" "$(soundings roster list --format json | jq '.rows[0].to')"
SOUNDINGS_KEY=again.key soundings-rep --yes --wait 3 --rep x --date 2026-02-03 --text "Still here." >sent 2>why
grep -q '1 kept' sent || fail "$(cat sent why)"
exits 0 soundings offboard john.roe
same 3 "$(soundings keys list --format json | jq '[.rows[] | select(.revoked != null)] | length')"
exits 65 soundings offboard nobody.at.all

# A key that is good, of somebody whose term is over.
rm -rf "$SOUNDINGS_HOME/outbox"
soundings keys new jane.doe --role rep --output third.key 2>/dev/null
SOUNDINGS_KEY=third.key soundings-rep --yes --wait 3 --rep x --date 2026-02-03 --text "Still here." >sent 2>why || true
grep -q 'the term of whose key this is' why || fail "$(cat why)"
stop_worker "$worker"
