#!/bin/sh
# A store that an older build saved is refused in words by who only reads,
# brought over by a command or by the worker that starts, kept as it was, and
# gives the figures it gave then, with its words; what came then is known now.
# One that is damaged, or has other keys, is left as it is.
. "$(dirname "$0")/lib.sh"

STORES=$TESTS/data/stores
place() { # NAME: that store is this home's
	rm -rf "$SOUNDINGS_HOME"
	tar -xJf "$STORES/$1.tar.xz" && mv "$1" "$SOUNDINGS_HOME"
	chmod -R go= "$SOUNDINGS_HOME"
}
sum() {
	sha256sum <"$SOUNDINGS_HOME/store/data.mdb"
}

# answers_as DIR NAME: what is here says what DIR has of it.
answers_as() {
	for wanted in "$1"/report-*.json; do
		by=$(basename "$wanted" .json)
		soundings report --by "${by#report-}" --format json >got.json
		jq -e --slurpfile was "$wanted" '.rows == $was[0].rows and
			.totals == $was[0].totals' got.json >/dev/null ||
			fail "$2: the report by ${by#report-} is another"
	done
	soundings ledger --format json >got.json
	same "$1/ledger.json" got.json
	for rows in messages quarantine; do
		verb=
		[ $rows = messages ] || verb=list
		# shellcheck disable=SC2086 # none is none
		soundings $rows $verb --format json | jq -S '.rows' >got.json
		jq -S '.rows' "$1/$rows.json" >wanted.json
		same wanted.json got.json
	done
}
# A mail that is in each of them.
send_again() {
	printf 'From: %s\nTo: future@association.example\nMessage-ID: <%s@made>\nDate: Mon, 2 Jan 2015 09:00:00 +0000\nSubject: my view\n\nMadeword1: funding is too low and workload too high in our school.\n' \
		a.teesdale@hexfell.example.org 1 | soundings-mail
}

place layout-1
exits 65 soundings report
grep -q "layout 1.*'*soundings upgrade" err || fail "no words: $(cat err)"
before=$(sum)
size=$(stat -c %s "$SOUNDINGS_HOME/store/data.mdb")
head -c 3000 /dev/zero | dd of="$SOUNDINGS_HOME/store/data.mdb" bs=1 seek=$((size / 2 + 600)) conv=notrunc status=none
damaged=$(sum)
exits 65 soundings upgrade
same "$damaged" "$(sum)"
place layout-1
cp "$SOUNDINGS_HOME/keys/id.key" id.key
rm "$SOUNDINGS_HOME/keys/id.key"
head -c 32 /dev/urandom >"$SOUNDINGS_HOME/keys/id.key"
exits 65 soundings upgrade
grep -q 'keys are not its own' err || fail "$(cat err)"
same "$before" "$(sum)"
ls "$SOUNDINGS_HOME" >listed
! grep -q 'layout-1\|upgrade' listed || fail "something is left: $(cat listed)"

# By the worker, as it starts.
cp -f id.key "$SOUNDINGS_HOME/keys/id.key"
start_worker
grep -q 'brought to this layout' worker.log || fail "$(cat worker.log)"
same "$before" "$(sha256sum <"$SOUNDINGS_HOME/store.layout-1/data.mdb")"
same 212 "$(ledger counted)"
stop_worker "$worker"
exits 0 soundings upgrade
grep -q 'nothing to do' out

for saved in "$STORES"/layout-*.tar.xz; do
	name=$(basename "$saved" .tar.xz)
	place "$name"
	exits 0 soundings upgrade
	exits 0 soundings verify
	answers_as "$STORES/$name" "$name"

	# Sent then, sent again now: known. One that is erased stays so.
	start_worker
	send_again
	same $(($(jq .duplicate "$STORES/$name/ledger.json") + 1)) "$(ledger duplicate)"
	same "$(jq .counted "$STORES/$name/ledger.json")" "$(ledger counted)"
	stop_worker "$worker"
	soundings access ann.t@gmail.example --format json | jq '.pieces | length' >n
	same 6 "$(cat n)"
	exits 0 soundings verify
done

# What the first version that could export wrote (commit 1d8d1d0, of the store
# above) is taken by this one: sealed, and in the open, each with its keys.
answers=$STORES/layout-1
for saved in "$STORES"/export-*.jsonl.xz; do
	xz -dc "$saved" >export.jsonl
	rm -rf "$SOUNDINGS_HOME"
	exits 0 soundings import export.jsonl
	exits 0 soundings verify
	answers_as "$answers" "$(basename "$saved")"
	start_worker
	send_again
	same $(($(jq .duplicate "$answers/ledger.json") + 1)) "$(ledger duplicate)"
	stop_worker "$worker"
done
# Of a layout that this one does not take it says what does, and takes nothing.
for layout in 1 3; do
	sed "s/\"layout\":2/\"layout\":$layout/" export.jsonl >other.jsonl
	rm -rf "$SOUNDINGS_HOME"
	exits 65 soundings import other.jsonl
	grep -q "of layout $layout, .* import it with the version that wrote it" err || fail "$(cat err)"
	[ ! -e "$SOUNDINGS_HOME/store/data.mdb" ] || fail "something was taken"
done
