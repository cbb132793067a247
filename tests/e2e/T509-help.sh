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
exits 0 soundings --version
grep -qx 'soundings [0-9.]*' out
exits 64 soundings nonsense
exits 64 soundings --nonsense
exits 0 soundings --help
