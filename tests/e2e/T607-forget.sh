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
# Where it counts, when each thing goes, what it went into.
jq -e '.pieces | all(.counted_in == "2026-02" and (.link_goes > .words_go) and
	.releases == [])' held.json >/dev/null || fail "$(cat held.json)"
jq -e '.roster == null' held.json >/dev/null
soundings publish --coarse both --out page >/dev/null
soundings access jane.canary@school.example --format json |
	jq -e '.pieces | all(.releases | length == 1)' >/dev/null ||
	fail "not counted in the release"
soundings access jane.canary@school.example >out
grep -q 'among the figures of release' out || fail "$(cat out)"

# What she wrote, all of it, for a person to read; and the list's own entry.
grep -q 'subject My view' out || fail "$(cat out)"
grep -q 'said 2026-02-03T10:00:00Z, received' out || fail "$(cat out)"
soundings directory set jane.canary@school.example --region london --role head --school "Canary School" 2>/dev/null
exits 0 soundings access jane.canary@school.example --format json
jq -e '.directory | .region == "london" and .role == "head" and .school == "Canary School" and .by_hand' out >/dev/null || fail "$(cat out)"
soundings access jane.canary@school.example >out
grep -q '^The directory has: region london, role head, school Canary School' out || fail "$(cat out)"

# The register of requests: due within a month, without a name.
exits 0 soundings requests add erasure --received 2026-01-31 --ref DP-12
says out "request 1: erasure, due 2026-02-28"
exits 64 soundings requests add erasure --ref jane@x.example
soundings requests | grep -q '1 overdue' || fail "not overdue"
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
# What is kept of her is in the files: her words sealed, under ids and a
# pseudonym; and where an upgrade kept the store as it was, in that.
mkdir "$SOUNDINGS_HOME/store.layout-1"
cp "$SOUNDINGS_HOME/store/data.mdb" "$SOUNDINGS_HOME/store.layout-1/"
soundings export sealed.jsonl 2>/dev/null
jq -r 'select(.event) | "\(.event) \(.member) \(.sealed)"' sealed.jsonl >events
jq -r '.pieces[].id' held.json >ids
traces() { # bytes of hers that are in the store's files
	while read -r id; do
		grep "^$id" events | while read -r event member sealed; do
			echo "$event" # the id: a tombstone keeps it
			echo "$sealed" | cut -c 60-100
		done
	done <ids
	jq -r --arg m "$(grep "^$(head -n 1 ids)" events | cut -d ' ' -f 2)" \
		'select(.db == "members" and (.value | startswith(($m | tonumber) as $n |
			[$n % 256, ($n / 256 | floor) % 256] | map(. as $b |
			"0123456789abcdef" as $d | $d[($b / 16 | floor):($b / 16 | floor) + 1] +
			$d[$b % 16:$b % 16 + 1]) | add))) | .key' sealed.jsonl
}
traces >hers
same 11 "$(wc -l <hers)"
found() { # FILE: how many of the traces it holds
	od -An -v -tx1 "$1" | tr -d ' \n' >hex
	grep -c -F -o -f hers hex >/dev/null || :
	while read -r trace; do
		grep -q -F "$trace" hex && echo "$trace"
	done <hers | wc -l
}
same 11 "$(found "$SOUNDINGS_HOME/store/data.mdb")"
# Readers meanwhile: at every instant the books balance, and no total is
# between before and after.
(
	while [ ! -e enough ]; do
		soundings ledger --format json >l.json || echo failed >>read
		jq -e '.balanced' l.json >/dev/null || echo unbalanced >>read
	done
) &
reading=$!
exits 0 soundings forget jane.canary@school.example --format json
cp out receipt.json
wait_for 20 sh -c 'test $(wc -l <acked) -ge 8'
touch enough
wait $loading
wait $reading
[ ! -e read ] || fail "a reader saw: $(sort read | uniq -c)"
# Of her there are five tombstones' ids left, and nothing else.
same 5 "$(found "$SOUNDINGS_HOME/store/data.mdb")"
[ ! -e "$SOUNDINGS_HOME/store.layout-1" ] || fail "an older store is left"
same 1 "$(jq .older_stores receipt.json)"
exits 0 soundings requests done 1
same false "$(soundings requests --format json | jq '.rows[0].answered == ""')"
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
exits 65 soundings correct "$named" --themes funding
says err "soundings: correct a piece: it was erased"
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
