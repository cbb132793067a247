#!/bin/sh
# A store that an older build saved gives the figures it gave then, with its
# words; what came again then is known now.
. "$(dirname "$0")/lib.sh"

STORES=$TESTS/data/stores
for saved in "$STORES"/layout-*.tar.xz; do
	name=$(basename "$saved" .tar.xz)
	rm -rf "$SOUNDINGS_HOME"
	tar -xJf "$saved" && mv "$name" "$SOUNDINGS_HOME"
	chmod -R go= "$SOUNDINGS_HOME"
	exits 0 soundings verify
	for wanted in "$STORES/$name"/report-*.json; do
		by=$(basename "$wanted" .json)
		soundings report --by "${by#report-}" --format json >got.json
		jq -e --slurpfile was "$wanted" '.rows == $was[0].rows and
			.totals == $was[0].totals' got.json >/dev/null ||
			fail "$name: the report by ${by#report-} is another"
	done
	soundings ledger --format json >got.json
	same "$STORES/$name/ledger.json" got.json
	soundings messages --format json | jq -S '.rows' >got.json
	jq -S '.rows' "$STORES/$name/messages.json" >wanted.json
	same wanted.json got.json
	soundings quarantine list --format json | jq -S '.rows' >got.json
	jq -S '.rows' "$STORES/$name/quarantine.json" >wanted.json
	same wanted.json got.json

	# Sent then, sent again now: known. One that is erased stays so.
	start_worker
	printf 'From: %s\nTo: future@association.example\nMessage-ID: <%s@made>\nDate: Mon, 2 Jan 2015 09:00:00 +0000\nSubject: my view\n\nMadeword1: funding is too low and workload too high in our school.\n' \
		a.teesdale@hexfell.example.org 1 | soundings-mail
	same $(($(jq .duplicate "$STORES/$name/ledger.json") + 1)) "$(ledger duplicate)"
	same "$(jq .counted "$STORES/$name/ledger.json")" "$(ledger counted)"
	stop_worker "$worker"
	soundings access ann.t@gmail.example --format json | jq '.pieces | length' >n
	same 6 "$(cat n)"
	exits 0 soundings verify
done
