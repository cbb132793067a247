#!/bin/sh
# Raw mail that a hook kept and never came to speak of is found by the next
# worker, once; and the same unreadable mail offered again is the same.
. "$(dirname "$0")/lib.sh"

start_worker
stop_worker "$worker"
same 0 "$(ledger received)"

# A hook was killed after it kept this, and its mail system never came back.
name=$(printf 'orphan' | b2sum -l 256 | cut -d' ' -f1)
mkdir -p "$SOUNDINGS_HOME/spool/incoming"
printf 'unreadable\n' >"$SOUNDINGS_HOME/spool/incoming/$name.eml"
touch -d '2 hours ago' "$SOUNDINGS_HOME/spool/incoming/$name.eml"
# Just written: somebody's work in hand. And what is no mail of ours.
young=$(printf 'young' | b2sum -l 256 | cut -d' ' -f1)
printf 'unreadable\n' >"$SOUNDINGS_HOME/spool/incoming/$young.eml"
printf 'x' >"$SOUNDINGS_HOME/spool/incoming/notes.txt"

for n in 1 2; do
	start_worker
	stop_worker "$worker"
	same 1 "$(ledger quarantined)"
	same 1 "$(ledger received)"
done
grep -q '1 raw mails without an event' worker.log
soundings quarantine list --format json | jq -e '.rows | length == 1 and (.[0].reason | test("adopted when a worker started"))' >/dev/null
soundings verify >/dev/null

# What a person dropped stays dropped.
digest=$(soundings quarantine list --format json | jq -r '.rows[0].digest // .rows[0].id')
soundings quarantine drop "$digest" --confirm "$digest" 2>/dev/null
start_worker
stop_worker "$worker"
same 0 "$(ledger quarantined)"
same 1 "$(ledger dropped)"
