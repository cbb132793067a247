#!/bin/sh
# A backup is made while workers work, proves itself, and comes back: over
# nothing, over a running installation when told to, and on an empty machine
# with the keys from a place apart. One flipped bit and it does not.
. "$(dirname "$0")/lib.sh"
start_worker
for n in 1 2 3 4 5; do
	soundings-rep --quiet --yes --rep jane.doe --date 2026-02-0$n --text "Point $n: funding is too low here."
done
soundings decision add "We wrote to the minister." >/dev/null
mkdir -p "$SOUNDINGS_HOME/releases/r1"
echo page >"$SOUNDINGS_HOME/releases/r1/page.html"
exits 0 soundings backup safe --format json
first=$(jq -r .path out)
same 5 "$(jq .events out)"
same 5 "$(jq .received "$first/manifest.json")"
ls safe >listed
says listed erasures.jsonl
exits 0 soundings backup --keys keysafe
[ -e keysafe/pseudonym.key ] || fail "no keys in $(ls keysafe)"

# More comes in; the backup over it only when told, the worker goes on.
soundings-rep --quiet --yes --rep jane.doe --date 2026-02-09 --text "Point 6: workload is too high."
same 6 "$(ledger counted)"
exits 65 soundings restore "$first"
grep -q 'received 6 pieces' err || fail "$(cat err)"
same 6 "$(ledger counted)"
exits 0 soundings restore safe --force
same 5 "$(ledger counted)"
soundings-rep --quiet --yes --rep jane.doe --date 2026-02-09 --text "Point 6: workload is too high."
same 6 "$(ledger counted)"
exits 0 soundings verify
kill -0 "$worker" || fail "the worker did not live through it"
stop_worker "$worker"

# Damage.
cp -r safe bad
broken=bad/$(basename "$first")
size=$(stat -c %s "$broken/data.mdb")
printf 'X' | dd of="$broken/data.mdb" bs=1 seek=$((size / 2)) conv=notrunc status=none
SOUNDINGS_HOME=$WORK/new exits 65 soundings restore "$broken"
grep -q 'checksum' err || fail "$(cat err)"

# An empty machine: not without keys, not without the register.
export SOUNDINGS_HOME="$WORK/new"
exits 65 soundings restore safe
grep -q 'bring back the keys' err || fail "$(cat err)"
mkdir -p "$WORK/new/keys"
cp keysafe/* "$WORK/new/keys/"
mv safe/erasures.jsonl kept
rm -f "$WORK/new/erasures.jsonl"
exits 65 soundings restore safe
grep -q 'register of erasures' err || fail "$(cat err)"
mv kept safe/erasures.jsonl
exits 0 soundings restore safe
same 5 "$(ledger counted)"
exits 0 soundings verify
soundings messages --format json | jq -r '.rows[].text' >texts
grep -q 'funding is too low' texts || fail "no words: $(cat texts)"

grep -q minister "$WORK/new/decisions.jsonl" || fail "the journals did not come back"
same page "$(cat "$WORK/new/releases/r1/page.html")"

# Keys that are lost are not a store that was never there.
mv "$WORK/new/keys" lost
exits 65 soundings report
grep -q 'key": missing; there is a store, so bring back the keys' err || fail "$(cat err)"
exits 65 soundings doctor --format json
jq -r '.rows[] | select(.what == "store") | .state + ": " + .words' out >found
grep -q '^WRONG: .*bring back the keys' found || fail "$(cat found)"
mv lost "$WORK/new/keys"

# Where files cannot be copied by the kernel they are all the same.
if strace -o /dev/null true 2>/dev/null; then
	for why in EOPNOTSUPP ENOSYS EPERM; do
		exits 0 env ASAN_OPTIONS=detect_leaks=0 strace -f -o calls \
			-e trace=copy_file_range -e inject=copy_file_range:error=$why \
			soundings backup "$WORK/plain"
	done
	grep -q INJECTED calls || fail "nothing was copied"
	grep -q minister "$(ls -d plain/soundings-*Z | tail -n 1)"/files/decisions.jsonl ||
		fail "not what it was"
fi

# From within it; and one thing at a time.
(
	cd safe/"$(basename "$first")"
	SOUNDINGS_HOME=$WORK/within
	mkdir "$SOUNDINGS_HOME"
	cp -r ../../keysafe "$SOUNDINGS_HOME/keys"
	soundings restore . 2>../../said
) || fail "$(cat said)"
grep -q "restored $WORK/safe/soundings-" said || fail "$(cat said)"
exits 64 soundings backup safe --keys keysafe
exits 64 soundings backup --targets --gone safe

# Only the newest stay, and what is no backup.
mkdir -p many/soundings-2025-minutes
printf 'backup:\n  directory: "%s"\n  keep: 2\n' "$WORK/many" >"$WORK/new/soundings.yaml"
for n in 1 2 3 4; do soundings backup >/dev/null; done
same 2 "$(ls -d many/soundings-*Z* | wc -l)"
[ -d many/soundings-2025-minutes ] || fail "somebody's folder was pruned"
