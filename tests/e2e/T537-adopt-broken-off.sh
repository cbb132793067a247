#!/bin/sh
# A frame is put in force and whoever did it dies before the store knows of it:
# adopting it again does the rest, once.
. "$(dirname "$0")/lib.sh"
strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
start_worker
for n in 1 2 3; do
	printf 'From: a%d@b.example\nTo: future@association.example\nDate: Mon, 2 Feb 2015 10:00:0%d +0000\nMessage-ID: <%d@adopt>\nSubject: x\n\nThe newsletter comes far too often, for the %d-th time.\n' \
		$n $n $n $n | soundings-mail
done
stop_worker "$worker"
id=$(soundings messages --format json | jq -r '.rows[0].id')
exits 0 soundings theme add newsletters --name Newsletters --definition "the newsletters" \
	--cue newsletter=3 --message "$id"
exits 0 soundings frame try
# The name of the folder is synced when the frame's name lies in it.
strace -f -q -o trace -P "$SOUNDINGS_HOME/frame" -e trace=fsync \
	-e inject=fsync:signal=SIGKILL:when=2 \
	soundings frame adopt --because "three messages" >out 2>err && fail "it was not killed"
[ -e "$SOUNDINGS_HOME/frame/current" ] || fail "killed too early: $(cat trace)"
soundings show "$id" --format json | jq -e '.by_person | not' >/dev/null || fail "killed too late"

exits 0 soundings frame adopt --because "three messages" --format json
jq -e '.chosen == 1 and .version != .before' out >/dev/null || fail "$(cat out)"
soundings show "$id" --format json | jq -e '.by_person and .themes[0].id == "newsletters"' >/dev/null ||
	fail "its theme was not given"
same 1 "$(wc -l <"$SOUNDINGS_HOME/frame-adopted.jsonl" | tr -d ' ')"
exits 65 soundings frame adopt
grep -q 'it is in force already' err || fail "$(cat err)"
exits 0 soundings verify
