#!/bin/sh
# What could not be taken waits with its reason; it is tried again, or a
# person drops it, and the books say so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

start_worker
printf 'garbage\0\1' | soundings-mail
soundings-mail </dev/null
soundings-mail <"$CORPUS/mail/01-exchange-alternative.eml"
same 3 "$(ledger received)"
same 2 "$(ledger quarantined)"
soundings quarantine list --format json >list.json
same "empty
not a mail message" "$(jq -r '.rows[].reason' list.json | sort)"
soundings | grep -q "2 pieces wait in quarantine"
a=$(jq -r '.rows[0].id' list.json)
b=$(jq -r '.rows[1].id' list.json)
soundings quarantine show "$(echo "$a" | cut -c 1-8)" >out
grep -q '^reason ' out
golden_fails show-none 65 soundings quarantine show 00000000
golden_fails show-short 64 soundings quarantine show abc

# Nothing has changed that would let them be taken: they stay.
exits 65 soundings quarantine retry
says out "2 sent again, 2 answered: 0 taken, 2 still in quarantine"
same 2 "$(ledger quarantined)"
# Nor are they received a second time.
same 3 "$(ledger received)"
same 0 "$(ledger duplicate)"
exits 65 soundings quarantine retry "$b"
golden_fails retry-none 65 soundings quarantine retry 00000000

# Dropping is confirmed by name.
exits 64 soundings quarantine drop "$a"
exits 64 soundings quarantine drop "$a" --confirm "$b"
same 2 "$(ledger quarantined)"
exits 0 soundings quarantine drop "$a" --confirm "$a"
same 1 "$(ledger quarantined)"
same 1 "$(ledger dropped)"
same true "$(ledger balanced)"
exits 0 soundings verify

# Held with its original beside the store, in the open: that is dropped too,
# and no other.
incoming() {
	find "$SOUNDINGS_HOME/spool/incoming" -type f -name '*.e*' | wc -l
}
before=$(incoming)
for n in 1 2; do
	printf 'From: Nobody <n%s@school.example>\nDate: Thu, 12 Mar 2015 20:15:00 +0000\nMessage-ID: <n%s@school.example>\nSubject: Meeting\n\nRepresentative: Nobody\nConstituency: Kent\nDate: 12 March 2015\n\n- Some members said funding is low\n' $n $n |
		RECIPIENT=notes@association.example soundings-mail --hook
done
both=$(incoming)
[ "$both" -ge $((before + 2)) ] || fail "no original was kept"
for left in $(((before + both) / 2)) "$before"; do
	id=$(soundings quarantine list --format json | jq -r '[.rows[] | select(.reason | test("approval")).id][0]')
	exits 0 soundings quarantine drop "$id" --confirm "$id"
	same "$left" "$(incoming)"
done
same '1 3 true' "$(ledger quarantined) $(ledger dropped) $(ledger balanced)"
stop_worker "$worker"
# Without a worker it is "try again", not "lost".
exits 75 soundings quarantine retry
same 1 "$(ledger quarantined)"

# What a passing cause held is tried again by timer: once it is over, and not
# more than once an hour.
start_worker
soundings-rep --quiet --yes --consultation pay --rep jane.doe --date 2026-02-03 --text "Pay first." || :
same 2 "$(ledger quarantined)"
exits 0 soundings quarantine retry --passing
same 2 "$(ledger quarantined)"
exits 0 soundings consultation add pay
exits 0 soundings quarantine retry --passing
same 2 "$(ledger quarantined)"
touch -d '2 hours ago' "$SOUNDINGS_HOME/quarantine.retried"
exits 0 soundings quarantine retry --passing
grep -q '1 sent again, 1 answered: 1 taken' out || fail "$(cat out err)"
same 1 "$(ledger quarantined)"
same 2 "$(ledger counted)"
# A producer that sends it again is another matter: received, a duplicate.
soundings-mail </dev/null
same 1 "$(ledger duplicate)"
same true "$(ledger balanced)"
exits 0 soundings verify
