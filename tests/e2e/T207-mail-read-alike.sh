#!/bin/sh
# The hook and a backlog read every message alike: the hook carries its own
# copy of the libraries, and hands on what it cannot read.
. "$(dirname "$0")/lib.sh"

mkdir all
cp "$CORPUS"/mail/*.eml "$TESTS"/data/mail/*.eml all
# held FILE: all that the store holds, ids aside, which hang on its own key.
held() {
	soundings messages --limit 10000 --format json |
		jq -S 'del(.. | .received?, .id?) | .rows |= sort' >"$1"
	soundings ledger --format json | jq -S . >>"$1"
	stop_worker "$worker"
}
start_worker
for message in all/*.eml; do
	exits 0 soundings-mail --hook <"$message"
	same "" "$(cat out err)"
done
held hook
grep -q '"outcome": "counted"' hook || fail "nothing was counted"
SOUNDINGS_HOME=$SOUNDINGS_HOME-2
start_worker
exits 0 soundings-mail --quiet --maildir all
held backlog
same hook backlog
