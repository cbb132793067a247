#!/bin/sh
# From another desk: figures for the role report, words for an officer and
# noted, nothing for anybody else, and nothing that writes or reads a file.
. "$(dirname "$0")/lib.sh"
command -v soundings-reportd >/dev/null || PATH="$BIN/../libexec/soundings:$PATH"
office="tcp://127.0.0.1:$((40000 + $$ % 20000))"
start_worker
for n in 1 2 3; do
	soundings-rep --quiet --yes --rep jane.doe --date 2026-02-0$n --text "Point $n: funding is too low here."
done
for who in report officer rep; do
	soundings keys new "the-$who" --role $who --output $who.key 2>/dev/null
done
soundings-reportd --listen "$office" >reportd.out 2>reportd.log &
started="$started $!"
wait_for 20 grep -q '^ready' reportd.out

# A desk: no store, no worker; its key file alone.
desk() {
	who=$1
	shift
	SOUNDINGS_HOME=$WORK/desk SOUNDINGS_KEY=$WORK/$who.key \
		soundings --from "$office" "$@"
}
exits 0 desk report report --by theme --format json
grep -v generated_at out >there
soundings report --by theme --format json | grep -v generated_at >here
same here there
exits 0 desk report report --by theme --format json --output mine.json
grep -v generated_at mine.json >mine
same here mine
exits 0 desk officer status
exits 0 desk officer messages --grep funding --format json
same 3 "$(jq '.rows | length' out)"
id=$(jq -r '.rows[0].id' out)
exits 0 desk officer show "$id"
same "messages show" "$(jq -r .what "$SOUNDINGS_HOME/access.jsonl" | tr '\n' ' ' | sed 's/ $//')"
same the-officer "$(tail -n 1 "$SOUNDINGS_HOME/access.jsonl" | jq -r .by)"

# What may not be asked.
exits 77 desk report messages
grep -q "members' words are for the role officer" err || fail "$(cat err)"
exits 77 desk rep report
grep -q 'may send, not ask' err || fail "$(cat err)"
for bad in 'forget a@b.c' 'keys list' 'publish' 'report --out x' 'report --membership /etc/passwd' \
	'report --o x' 'report --out=y' 'show /etc/passwd' 'show --grep x --unknown' 'purge' 'backup /tmp/x'; do
	# shellcheck disable=SC2086 # words
	exits 77 desk officer $bad
done
[ "$(ledger held)" -eq 3 ] || fail "something changed"

# A key that nobody was given, and one that was revoked a moment ago.
SOUNDINGS_HOME=$WORK/other soundings keys new stranger --role officer --output other.key 2>/dev/null
{
	grep -E '^(name|public|secret) ' other.key
	grep -E '^server ' officer.key
} >stranger.key
exits 75 desk stranger report
grep -q 'refuses the key of "stranger"' err || fail "$(cat err)"
soundings keys revoke the-officer 2>/dev/null
exits 75 desk officer status
grep -q 'refuses the key' err || fail "$(cat err)"
exits 64 env SOUNDINGS_HOME="$WORK/desk" soundings --from "$office" report
! grep -q funding reportd.log || fail "words in the log"
