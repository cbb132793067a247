#!/bin/sh
# Keys rotate beside workers that run: words sealed before still open, those
# after under the new key alone; a client's old key is good for a while; the
# workers' own pair at their next start. What never rotates says why.
. "$(dirname "$0")/lib.sh"
mkdir -p "$SOUNDINGS_HOME"
printf 'network:\n  keys-on-ipc: yes\n' >"$SOUNDINGS_HOME/soundings.yaml"
soundings keys new jane.doe --role rep --output old.key 2>/dev/null
start_worker
note() {
	SOUNDINGS_KEY=$1 soundings-rep --yes --wait 5 --rep jane.doe --date 2026-02-03 --text "$2" >sent 2>why
	grep -q "${3:-1 counted}" sent || fail "$(cat sent why)"
}
note old.key "Before: funding is too low."
month=$(date +%Y-%m)
same 1 "$(ls "$SOUNDINGS_HOME"/keys/text-* | wc -l)"
exits 0 soundings keys rotate text
[ -e "$SOUNDINGS_HOME/keys/text-$month-2.key" ] || fail "no second key: $(ls "$SOUNDINGS_HOME/keys")"
note old.key "After: workload is too high."
same 2 "$(soundings messages --format json | jq '[.rows[] | select(.text | length > 0)] | length')"
# The same worker sealed the second under the second key.
mv "$SOUNDINGS_HOME/keys/text-$month-2.key" away.key
exits 65 soundings verify
mv away.key "$SOUNDINGS_HOME/keys/text-$month-2.key"
exits 0 soundings verify
# And with the first gone, as retention takes it, only the second opens.
for never in pseudonym id check; do
	exits 64 soundings keys rotate $never
	grep -q "$never key never rotates: " err || fail "$(cat err)"
done

# A client's: both for the overlap, then the new one.
exits 0 soundings keys rotate jane.doe --output new.key
grep -q 'good for 7 more days' err || fail "$(cat err)"
note old.key "By the old key: pay is too low."
note new.key "By the new key: buildings are cold."
exits 0 soundings keys rotate jane.doe --overlap 0 --output newer.key
note new.key "By the one before." '1 kept'
note newer.key "By the newest: pupils need support." '1 counted'
exits 65 soundings keys rotate nobody
# What was kept went with the newest.
same 6 "$(soundings keys sent jane.doe --format json | jq '.rows | length')"
rm -rf "$SOUNDINGS_HOME/outbox"

# The workers' pair: the one that runs goes on with the old; then all who
# are told trust the new one.
exits 0 soundings keys rotate workers
trust=$(sed -n "s/.*keys trust '\(.*\)'.*/\1/p" err)
same "$trust" "$(soundings keys server)"
note newer.key "Still by the old pair: what about pensions?"
stop_worker "$worker"
start_worker
note newer.key "Nobody told me." '1 kept'
SOUNDINGS_HOME=$WORK/laptop soundings keys use newer.key 2>/dev/null
SOUNDINGS_HOME=$WORK/laptop soundings keys trust "$trust"
note laptop/keys/client.key "I was told: exams are too many."
exits 65 env SOUNDINGS_HOME="$WORK/laptop" soundings keys trust abc
same 400 "$(stat -c %a "$WORK/laptop/keys/client.key")"
exits 0 soundings verify
stop_worker "$worker"

# Keys that systemd hands over (LoadCredential=keys:FOLDER) need not lie in
# the folder; without either there is no way in, and nothing is made anew.
mkdir -m 700 credentials
for key in check id pseudonym curve; do
	mv "$SOUNDINGS_HOME/keys/$key.key" "credentials/keys_$key.key"
done
exits 65 soundings ledger
export CREDENTIALS_DIRECTORY="$WORK/credentials"
exits 0 soundings verify
start_worker
note laptop/keys/client.key "By credentials: governors resign."
[ ! -e "$SOUNDINGS_HOME/keys/pseudonym.key" ] || fail "a key was made anew"
stop_worker "$worker"
