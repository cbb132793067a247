#!/bin/sh
# In a car park without signal: the note is kept, private, and says so;
# --send or the next note takes it along, once.
. "$(dirname "$0")/lib.sh"
exits 0 soundings-rep --rep 'Jane Doe' --constituency Norfolk --date 2015-03-12 --voices 14 \
	--text 'They want the network meetings back'
says out '1 kept until a worker answers'
same 1 "$(find "$SOUNDINGS_HOME/outbox" -name '*.event' -perm 600 | wc -l | tr -d ' ')"
exits 0 soundings-rep --list
grep -q 'note of 2015-03-12, Jane Doe: They want the network meetings back$' out || fail "$(cat out)"
says out '1 waiting'
exits 0 soundings-rep --list --format json
same 1 "$(jq .waiting out)"
exits 75 soundings-rep --send --wait 1
same 1 "$(find "$SOUNDINGS_HOME/outbox" -name '*.event' | wc -l | tr -d ' ')"

start_worker
exits 0 soundings-rep --rep 'Jane Doe' --date 2015-03-12 --text 'And subscriptions are too high for many'
says out '1 counted'
says out '1 that waited sent, 0 still waiting'
same 2 "$(ledger counted)"
same 15 "$(soundings report --by source --format json | jq .totals.reported)"
exits 0 soundings-rep --send
exits 0 soundings-rep --list
says out '0 waiting'

# The worker is killed: its socket stays, nobody answers; nothing is lost.
kill -KILL "$worker"
wait "$worker" 2>/dev/null || true
printf -- '- Ofsted came twice in one year\n- Nobody applies for headships here\n' >note.txt
exits 0 soundings-rep --wait 1 --rep 'Jane Doe' --date 2015-03-13 note.txt
says out '2 kept until a worker answers'
start_worker
exits 0 soundings-rep --send
same 4 "$(ledger counted)"
exits 0 soundings-rep --rep 'Jane Doe' --date 2015-03-13 note.txt
says out '2 duplicate'
same true "$(ledger balanced)"
