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

# A copy that an earlier one left, or had no room for, is made by the next that
# comes by, though nothing else is old.
mkdir "$SOUNDINGS_HOME/store.compact"
cp safe/data.mdb "$SOUNDINGS_HOME/store.compact/" 2>/dev/null || :
exits 0 soundings purge
[ ! -e "$SOUNDINGS_HOME/store.compact" ] || fail "what was erased lies about"

same '""' "$(soundings messages --format json | jq '.rows[0].text')"
soundings report --by theme --format json | jq .rows >after
same before after
exits 0 soundings verify
soundings restore safe --force 2>/dev/null
same '""' "$(soundings messages --format json | jq '.rows[0].text')"

exits 0 soundings compliance
grep -q '24 months' out || fail "$(cat out)"
grep -q 'Access from elsewhere | nobody has a key' out || fail "$(cat out)"
soundings keys new pat --role officer --output pat.key 2>/dev/null
exits 0 soundings compliance
grep -q 'keys: 1 as officer; encrypted' out || fail "$(cat out)"
grep -q '^| Sent by mail | nothing |' out || fail "$(cat out)"
printf 'retention:\n  text-months: 18\nassociation:\n  name: The Heads\n' >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings compliance
grep -q '18 months' out || fail "it does not follow the settings"
grep -q 'The Heads' out || fail "it does not name the association"

# The second age: whose it was goes, the month's figures stay; asked by day
# or by role it says so; what came then does not count again.
export SOUNDINGS_HOME="$WORK/second"
mkdir -p "$SOUNDINGS_HOME"
mail() { # ID ADDRESS MONTH
	printf 'Message-ID: <%s@x>\nDate: Tue, 03 %s 2026 10:00:00 +0000\nFrom: %s\nTo: future@association.example\n\nCanaryword: funding is too low in our school.\n' \
		"$1" "$3" "$2" | soundings-mail
}
start_worker
mail a1 ann@canary.example Feb
mail a2 ann@canary.example Mar
mail b1 bob@school.example Feb
soundings report --by month,theme --format json | jq .rows >before
exits 0 faketime -f '+7y' soundings purge --format json
same "2 3 2" "$(jq -r '.frozen | "\(.months) \(.pieces) \(.members)"' out)"
soundings report --by month,theme --format json | jq .rows >after
same before after
soundings report --format json >total.json
same "3 true 2" "$(jq -r '"\(.totals.messages) \(.totals.at_least) \(.totals.respondents)"' total.json)"
soundings report | grep -q 'at least so many' || fail "it does not say so"
same 0 "$(soundings report --by role --format json | jq .totals.messages)"
exits 65 soundings report --since 2026-02-03
# A trend by month has them, one by week or of role leaves them out, and says so.
exits 0 soundings trend --format json
same '{"months":2,"left_out":false}' "$(jq -c .frozen out)"
same "2 1" "$(jq -r '[.rows[] | select(.theme == "funding") | .messages] | join(" ")' out)"
exits 0 soundings trend --by week --format json
same '{"months":2,"left_out":true}' "$(jq -c .frozen out)"
exits 0 soundings trend --of role --format md
grep -q '2 months are so old' out || fail "a trend does not say what it leaves out: $(cat out)"
same 3 "$(ledger held)"
soundings access ann@canary.example --format json | jq -e '.pieces == []' >/dev/null
exits 0 soundings verify
mail a1 ann@canary.example Feb
same 1 "$(ledger duplicate)"
mail c1 cy@school.example Feb
same 4 "$(soundings report --format json | jq .totals.messages)"
exits 0 soundings verify

# An idle worker does not go on holding the key of a month that went.
cp "$SOUNDINGS_HOME"/keys/text-*.key dropped.key
held() { # a fresh key is read anew until its file is a moment old
	n=$((${n:-0} + 1))
	mail "k$n" ann@school.example Mar
	faults_memory "$worker" dropped.key
}
wait_for 20 held
exits 0 faketime -f '+800d' soundings purge
! ls "$SOUNDINGS_HOME"/keys/text-* 2>/dev/null || fail "the key is still there"
gone() {
	! faults_memory "$worker" dropped.key
}
wait_for 10 gone
faults_memory "$worker" "$SOUNDINGS_HOME/keys/id.key" || fail "it looks in the wrong place"
