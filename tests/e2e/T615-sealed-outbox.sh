#!/bin/sh
# What waits on a laptop is sealed to the workers: its own user can count it
# and not read it, the workers can, also after their pair was rotated, and
# anybody else's workers leave it where it is. On the workers' machine, too,
# nothing waits in the open, and who is forgotten is found in it.
. "$(dirname "$0")/lib.sh"
port=$PORT
mkdir -p "$SOUNDINGS_HOME"
printf 'network:\n  listen: "tcp://127.0.0.1:%s"\n' "$port" >"$SOUNDINGS_HOME/soundings.yaml"
soundings keys new jane.doe --role rep --workers "tcp://127.0.0.1:$port" --output jane.key 2>/dev/null
laptop() { SOUNDINGS_HOME=$WORK/laptop "$@"; }
laptop soundings keys use jane.key 2>/dev/null

laptop soundings-rep --yes --wait 0 --rep jane.doe --date 2026-02-03 \
	--text "Members say that CANARYWORD funding is too low." >sent 2>&1
grep -q '1 kept' sent || fail "$(cat sent)"
item=$(find laptop/outbox -name '*.event')
[ -n "$item" ] || fail "nothing waits"
same SDGSEAL1 "$(head -c 8 "$item")"
! grep -rqa -e CANARYWORD -e 'jane.doe' laptop/outbox || fail "it lies in the open"
laptop soundings-rep --list >listed
grep -q "^$(date -u +%F)  sealed for the workers" listed || fail "$(cat listed)"
says listed '1 waiting'
! grep -q CANARYWORD listed || fail "it shows what it should not have"
laptop soundings-rep --list --format json >listed
jq -e '.items[0].sealed and .waiting == 1' listed >/dev/null || fail "$(cat listed)"

# The workers' pair rotates meanwhile: what was sealed to the old one opens.
cp -r "$SOUNDINGS_HOME/keys" before
soundings keys rotate workers 2>told
laptop soundings keys trust "$(sed -n "s/.*keys trust '\(.*\)'.*/\1/p" told)"
start_worker
laptop soundings-rep --send >sent 2>&1 || fail "$(cat sent)"
same 1 "$(ledger counted)"
soundings messages --grep CANARYWORD --format json >out
same 1 "$(jq '.rows | length' out)"
same jane.doe "$(jq -r '.rows[0].note.representative' out)"
same 0 "$(find laptop/outbox -name '*.event' | wc -l)"

# Sealed to others: it is refused, in words, and stays.
laptop soundings keys trust "$(SOUNDINGS_HOME=$WORK/other soundings keys server)"
laptop soundings-rep --yes --wait 0 --rep jane.doe --date 2026-02-03 --text "For others." >sent 2>&1 || true
laptop soundings keys trust "$(soundings keys server)"
laptop soundings-rep --send >sent 2>&1 && fail "it was taken"
grep -q 'sealed to another key' sent || fail "$(cat sent)"
same 1 "$(find laptop/outbox -name '*.event' | wc -l)"
same 1 "$(ledger received)"
rm laptop/outbox/*

# What a worker cannot take lies in quarantine as if it had come unsealed.
soundings consultation add spring --name 'Spring' --closes 2020-01-01 >/dev/null
soundings consultation close spring >/dev/null
laptop soundings-rep --yes --wait 0 --consultation spring --rep jane.doe --date 2026-02-03 --text "Too late." >sent 2>&1 || true
laptop soundings-rep --send >sent 2>&1 || fail "$(cat sent)"
same 1 "$(ledger quarantined)"
stop_worker "$worker"

# On the workers' own machine: sealed as well, found by forget and access.
soundings-rep --yes --wait 0 --own --rep head@school.example --date 2026-02-04 --text "CANARYWORD of my own." >sent 2>&1
same SDGSEAL1 "$(head -c 8 "$(find "$SOUNDINGS_HOME/outbox" -name '*.event')")"
! grep -rqa CANARYWORD "$SOUNDINGS_HOME/outbox" || fail "it lies in the open"
same 1 "$(soundings access head@school.example --format json | jq .waiting)"
start_worker
soundings-rep --send >sent 2>&1
same 2 "$(ledger counted)"
exits 0 soundings verify
stop_worker "$worker"
