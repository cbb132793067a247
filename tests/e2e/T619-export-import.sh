#!/bin/sh
# Everything goes out as lines of JSON and comes in elsewhere: the same
# figures, the same words, the same people; what came before is known, who
# was erased stays so. Without keys nobody reads it; cut short it is refused.
. "$(dirname "$0")/lib.sh"

SAVED=$TESTS/data/stores/layout-1
answers() { # INTO: what this installation says
	mkdir -p "$1"
	for by in region,theme month,source role consultation; do
		soundings report --by "$by" --format json |
			jq -S 'del(.generated_at)' >"$1/report-$by"
	done
	soundings ledger --format json >"$1/ledger"
	soundings messages --format json | jq -S '.rows' >"$1/messages"
	soundings quarantine list --format json | jq -S '.rows' >"$1/quarantine"
	soundings directory lookup ann.t@gmail.example --format json |
		jq -S '.rows' >"$1/directory"
	soundings access ann.t@gmail.example --format json |
		jq -S '.pieces' >"$1/access"
	soundings decision list --format json | jq -S '.rows' >"$1/decisions"
	soundings releases list --format json | jq -S '.rows' >"$1/releases"
}
tar -xJf "$SAVED.tar.xz" && mv layout-1 "$SOUNDINGS_HOME"
chmod -R go= "$SOUNDINGS_HOME"
exits 0 soundings upgrade
mkdir -p "$SOUNDINGS_HOME/frame/versions/0123abcd"
echo a frame >"$SOUNDINGS_HOME/frame/versions/0123abcd/cues.tsv"
answers was
exits 0 soundings export sealed.jsonl
exits 0 soundings export --text --with-keys open.jsonl
exits 75 soundings export open.jsonl
same 600 "$(stat -c %a open.jsonl)"
! grep -q 'Madeword' sealed.jsonl || fail "words in the open, unasked"
grep -q 'Madeword' open.jsonl || fail "no words"
! grep -q '"key":"id.key"' sealed.jsonl || fail "keys, unasked"
cp -r "$SOUNDINGS_HOME/keys" keys
exits 65 soundings import sealed.jsonl
grep -q 'holds something' err

# Sealed, with the keys brought beforehand.
export SOUNDINGS_HOME="$WORK/sealed"
exits 65 soundings import sealed.jsonl
grep -q 'no keys here' err || fail "$(cat err)"
cp keys/* "$SOUNDINGS_HOME/keys/"
head -n 300 sealed.jsonl >cut.jsonl
exits 65 soundings import cut.jsonl
exits 0 soundings import sealed.jsonl
says "$SOUNDINGS_HOME/frame/versions/0123abcd/cues.tsv" 'a frame'
answers got-sealed
diff -r was got-sealed >&2 || fail "it is not the same"
exits 0 soundings verify

# Under other keys.
export SOUNDINGS_HOME="$WORK/other"
cp -r "$WORK/sealed/keys" "$WORK/k2" && rm "$WORK/k2/id.key"
head -c 32 /dev/urandom >"$WORK/k2/id.key"
mkdir -p "$SOUNDINGS_HOME" && cp -r "$WORK/k2" "$SOUNDINGS_HOME/keys"
exits 65 soundings import sealed.jsonl
grep -q 'under other keys' err || fail "$(cat err)"

# In the open, on an empty machine.
export SOUNDINGS_HOME="$WORK/open"
exits 0 soundings import open.jsonl
answers got-open
diff -r was got-open >&2 || fail "it is not the same"
exits 0 soundings verify
start_worker
printf 'From: a.teesdale@hexfell.example.org\nTo: future@association.example\nMessage-ID: <1@made>\nDate: Mon, 2 Jan 2015 09:00:00 +0000\nSubject: my view\n\nMadeword1: funding is too low and workload too high in our school.\n' |
	soundings-mail
same "$(jq .counted "$SAVED/ledger.json")" "$(ledger counted)"
same 1 "$(ledger duplicate)"
exits 0 soundings verify
