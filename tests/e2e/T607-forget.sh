#!/bin/sh
# A person asks what is held, and then to be erased, while workers count: all
# of it goes, of all their addresses, from tallies, files and what waits; the
# rest is as it was, and no backup brings them back.
. "$(dirname "$0")/lib.sh"
mail() { # ID ADDRESS WORDS
	printf 'Message-ID: <%s@x>\nDate: Tue, 03 Feb 2026 10:00:00 +0000\nFrom: %s\nTo: future@association.example\nSubject: My view\n\n%s\n' \
		"$1" "$2" "$3" | soundings-mail
}
start_worker
for n in 1 2 3 4 5; do
	mail "jane$n" "Jane Canary <jane.canary@school.example>" \
		"Canaryword$n: funding is far too low and workload too high in our region."
	mail "joe$n" "joe@other.example" "Point $n: inspection weighs on us all."
done
mail joe6 joe@other.example "As Jane Canary said at the meeting, pay must rise."
same 11 "$(ledger counted)"

# What is held.
exits 0 soundings access 'Jane Canary <JANE.Canary+x@School.example>' --format json
cp out held.json
same 5 "$(jq '.pieces | length' held.json)"
jq -r '.pieces[].text' held.json | grep -c Canaryword >n
same 5 "$(cat n)"
exits 0 soundings access nobody@school.example --format json
same 0 "$(jq '.pieces | length' out)"

exits 0 soundings forget nobody@school.example
grep -q 'Nothing was held under this address' out

# What waits, in the outbox and in quarantine.
stop_worker "$worker"
soundings-rep --quiet --yes --own --rep jane.canary@school.example --date 2026-02-03 --text "Canarynote: I say so myself."
ls "$SOUNDINGS_HOME/outbox" >waiting
same 1 "$(grep -c event waiting)"
start_worker
soundings backup safe >/dev/null

# First only looked at.
exits 0 soundings forget jane.canary@school.example --name "Jane Canary" --dry-run --format json
same 5 "$(jq '.pieces | length' out)"
same 1 "$(jq '.elsewhere.files' out)"
same 1 "$(jq '.named_in | length' out)"
named=$(jq -r '.named_in[0]' out)
same 11 "$(ledger held)"

# Under load: what is acknowledged meanwhile stays.
(
	n=0
	while [ ! -e enough ]; do
		n=$((n + 1))
		mail "load$n" "member$n@load.example" "Point $n under load: send places are short." &&
			echo "$n" >>acked
	done
) &
loading=$!
wait_for 20 test -s acked
exits 0 soundings forget jane.canary@school.example --format json
cp out receipt.json
wait_for 20 sh -c 'test $(wc -l <acked) -ge 8'
touch enough
wait $loading
same 5 "$(jq .pieces receipt.json)"
same 5 "$(jq .counted receipt.json)"
same 1 "$(jq .elsewhere.files receipt.json)"
[ "$(jq '.not_reached | length' receipt.json)" -ge 5 ] || fail "it does not say what it cannot reach"
! grep -i canary receipt.json || fail "the receipt names the person"
same "$((6 + $(wc -l <acked)))" "$(ledger held)"
same 5 "$(ledger erased)"
same true "$(ledger balanced)"
exits 0 soundings verify

# Nothing is left of them, but for what another wrote.
exits 0 soundings access jane.canary@school.example --format json
same 0 "$(jq '.pieces | length' out)"
soundings messages --grep canary --format json >left
same 1 "$(jq '.rows | length' left)"
! grep -rqi -e canaryword -e canarynote "$SOUNDINGS_HOME" || fail "words are left"
exits 0 soundings forget --event "$named"
same 0 "$(soundings messages --grep canary --format json | jq '.rows | length')"

# A late retry does not count; what they write from now on does.
held=$(ledger held)
mail jane1 "Jane Canary <jane.canary@school.example>" \
	"Canaryword1: funding is far too low and workload too high in our region."
same "$held" "$(ledger held)"
mail jane9 jane.canary@school.example "I changed my mind about pensions."
same "$((held + 1))" "$(ledger held)"

# Asked again, nothing changes but the new one; a restore erases again.
exits 0 soundings forget jane.canary@school.example --format json
same 1 "$(jq .pieces out)"
exits 0 soundings restore safe --force
grep -q 'erased again' err || fail "$(cat err)"
exits 0 soundings access jane.canary@school.example --format json
same 0 "$(jq '.pieces | length' out)"
same 5 "$(ledger held)"
exits 0 soundings verify
