#!/bin/sh
# Every command explains itself, and calls misuse misuse.
. "$(dirname "$0")/lib.sh"

soundings --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' >commands
[ "$(wc -l <commands)" -ge 20 ] || fail "few commands: $(cat commands)"
while read -r command; do
	exits 0 soundings "$command" --help </dev/null
	[ -s out ] || fail "$command --help prints nothing"
	[ ! -s err ] || fail "$command --help talks: $(cat err)"
	grep -q "soundings $command" out || fail "$command --help shows no example"
	exits 64 soundings "$command" --no-such-option </dev/null
	[ ! -s out ] || fail "$command: misuse on standard output"
	[ -s err ] || fail "$command: misuse without a word"
done <commands
for program in soundings soundings-mail soundings-rep soundings-reportd \
	soundings-survey soundings-worker; do
	exits 0 $program --version
	grep -qx "$program [0-9.]*" out || fail "$program --version: $(cat out)"
done
exits 64 soundings nonsense
exits 64 soundings --nonsense
says err "soundings: no such option '--nonsense': see 'soundings --help'"
exits 64 soundings --from
says err "soundings: --from wants tcp://HOST:PORT and a command"
exits 0 soundings --help
soundings --help >wanted
for way in -h help; do
	exits 0 soundings "$way"
	same wanted out
done
soundings report --help >wanted
exits 0 soundings report -h
same wanted out
exits 0 soundings help report
same wanted out

# Where there is no store (a wrong SOUNDINGS_HOME), what would change one says
# so, rather than make an empty one and call the person erased; questions make
# nothing either.
while read -r status command; do
	# shellcheck disable=SC2086 # words, not one
	exits "$status" soundings $command </dev/null
	[ ! -e "$SOUNDINGS_HOME" ] || fail "'$command' made $SOUNDINGS_HOME"
	[ "$status" -eq 0 ] || grep -q "no store in '$SOUNDINGS_HOME/store' yet" err ||
		fail "$command: $(cat err)"
done <<'END'
65 forget member@school.example
65 reclassify
65 review
65 correct 0123abcd --themes funding
65 consultation close pilots
65 consultation reopen pilots
65 report
65 ledger --format json
0 purge
0 status
0 releases
0 requests
0 keys list
END
# Keys may lie apart: who has none is not found, and nothing came that could
# be held or let go.
for command in 'keys revoke' 'keys release' offboard; do
	# shellcheck disable=SC2086 # words, not one
	exits 65 soundings $command jane.doe --since 2026-01
	[ ! -e "$SOUNDINGS_HOME" ] || fail "'$command' made $SOUNDINGS_HOME"
done
SOUNDINGS_KEYS_DIR=$WORK/apart exits 0 soundings keys new jane.doe --role rep --output jane.key
rm -rf "$SOUNDINGS_HOME"
for command in 'keys revoke' 'keys release' offboard; do
	# shellcheck disable=SC2086 # words, not one
	SOUNDINGS_KEYS_DIR=$WORK/apart exits 0 soundings $command jane.doe --since 2026-01
	grep -q '^0 ' err || fail "$command: $(cat err)"
	[ ! -e "$SOUNDINGS_HOME" ] || fail "'$command' made $SOUNDINGS_HOME"
done
exits 0 soundings releases
says out 'Nothing was published yet.'
exits 0 soundings requests
says out 'No request is in the register.'

# Without a standard output an answer is refused; it goes into no file that
# happens to be opened in its place.
start_worker
stop_worker "$worker"
for command in report ledger messages 'status --format json'; do
	# shellcheck disable=SC2086 # words, not one
	status=0; soundings $command >&- 2>err || status=$?
	same 75 "$status"
	grep -q 'cannot write the answer' err || fail "$command: $(cat err)"
done
same 0 "$(stat -c %s "$SOUNDINGS_HOME/store.gate")"
