#!/bin/sh
# Backups lie in several places, one of them in a drawer when somebody is
# erased: the receipt and the doctor name it, and once it is back the register
# is brought there, until a person says that the place is no more. Copies of
# the keys forget the months that are dropped here in the same way.
. "$(dirname "$0")/lib.sh"
start_worker
mail() {
	printf 'Message-ID: <%s@x>\nDate: %s\nFrom: %s@school.example\nTo: future@x.example\n\nFunding is far too low here, says %s.\n' \
		"$1" "$2" "$1" "$1" | soundings-mail
}
places() { jq -r '.rows[] | .holds + " " + (.path | split("/") | last) + " " + .state' out | sort; }
doctor() { soundings doctor --format json | jq -r ".rows[] | select(.what == \"$1\") | .state + \": \" + .words"; }
mail jane "Tue, 03 Feb 2026 10:00:00 +0000"
mail joe "Tue, 03 Feb 2026 11:00:00 +0000"

doctor backups >found
grep -q '^warning: none was made yet' found || fail "$(cat found)"
exits 0 soundings backup --targets --format json
same '' "$(places)"

printf 'backup:\n  directory: "%s"\n' "$WORK/nightly" >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings backup
mkdir drawer
exits 0 soundings backup "$WORK/drawer/stick/"
exits 0 soundings backup drawer/stick # the same, called otherwise
exits 0 soundings backup --keys safe
exits 0 soundings backup --targets --format json
same 'backups nightly current
backups stick current
keys safe current' "$(places)"
doctor backups >found
same 'fine: 3 places know all that was erased' "$(cat found)"

# Keys and backups in one place are refused, and keys within the home.
for bad in drawer/stick nightly/keys "$SOUNDINGS_HOME/apart"; do
	exits 65 soundings backup --keys "$bad"
	[ ! -e "$bad/pseudonym.key" ] || fail "keys are in $bad"
done
[ ! -e nightly/keys ] || fail "a folder was made"
grep -q 'in the installation itself' err || fail "$(cat err)"
exits 65 soundings backup safe/new
exits 65 soundings backup safe
grep -q 'where the keys go' err || fail "$(cat err)"

# Also by the settings, by what lies there, and keys onto themselves, whoever
# made them and whatever the journal knows.
apart() {
	what=$1
	shift
	exits 65 "$@"
	grep -q "$what" err || fail "$*: $(cat err)"
}
ls -R nightly drawer safe "$SOUNDINGS_HOME/keys" >before
mv "$SOUNDINGS_HOME/backup-targets.jsonl" noted
apart 'where backups go' soundings backup --keys nightly/keys
apart 'where backups go' soundings backup --keys drawer/stick
apart 'where the keys go' soundings backup safe
apart 'where the keys go' soundings backup "$SOUNDINGS_HOME/keys"
apart 'where the keys go' soundings backup "$SOUNDINGS_HOME/keys/new"
mv noted "$SOUNDINGS_HOME/backup-targets.jsonl"
cp -r "$SOUNDINGS_HOME/keys" elsewhere
ln -s elsewhere link
for same in elsewhere elsewhere/new link; do
	SOUNDINGS_KEYS_DIR=$WORK/elsewhere apart 'in the installation itself' \
		soundings backup --keys "$same"
done
SOUNDINGS_KEYS_DIR=$WORK/elsewhere apart 'where the keys go' soundings backup link/new
[ ! -e elsewhere/new ] || fail "a folder was made"
ls -R nightly drawer safe "$SOUNDINGS_HOME/keys" >after
same before after

# The stick goes into the drawer: its place is an empty folder meanwhile.
mv drawer/stick away
mkdir drawer/stick
exits 0 soundings forget jane@school.example
grep -q "beside the backups in $WORK/drawer/stick" out || fail "$(cat out)"
same '' "$(ls drawer/stick)"
same 1 "$(wc -l <nightly/erasures.jsonl)"
same 0 "$(wc -l <away/erasures.jsonl)"
doctor backups >found
grep -q '^warning: "[^"]*/drawer/stick" cannot be reached' found || fail "$(cat found)"
exits 0 soundings forget joe@school.example --format json
same "[\"$WORK/drawer/stick\"]" "$(jq -c .backups_not_reached out)"
exits 65 soundings backup --targets --format json
same 'backups nightly current
backups stick away
keys safe current' "$(places)"

# It is back: known at once to be behind, and brought up by whatever comes
# first, here the timer's backup.
rmdir drawer/stick
mv away drawer/stick
doctor backups >found
grep -q 'does not name all who were erased' found || fail "$(cat found)"
exits 0 soundings backup
same "$(cat nightly/erasures.jsonl)" "$(cat drawer/stick/erasures.jsonl)"
exits 0 soundings backup --targets --format json
same '' "$(places | grep -v current || true)"
# From the stick alone, on an empty machine, nobody comes back.
mkdir -p new/keys
cp safe/* new/keys
SOUNDINGS_HOME=$WORK/new exits 0 soundings restore drawer/stick
grep -q '^erased again: ' err || fail "$(cat err)"
same 0 "$(SOUNDINGS_HOME=$WORK/new soundings ledger --format json | jq .held)"
# And that machine knows its places from now on.
SOUNDINGS_HOME=$WORK/new exits 0 soundings backup --targets --format json
places | grep -qx 'backups stick current' || fail "$(places)"

# A copy of the keys: behind when a month is new, and a dropped month goes.
key=$(basename "$(ls "$SOUNDINGS_HOME"/keys/text-*.key)")
cp "safe/$key" safe/text-2020-01.key
doctor "keys' copies" >found
grep -q 'months that were dropped here' found || fail "$(cat found)"
exits 0 soundings purge
[ ! -e safe/text-2020-01.key ] || fail "the copy remembers what was dropped"
rm -f "safe/$key"
doctor "keys' copies" >found
grep -q 'lacks the newest keys' found || fail "$(cat found)"
[ ! -e "safe/$key" ] || fail "keys were copied unasked"
exits 0 soundings backup --keys safe
same '' "$(doctor "keys' copies")"

# Rotated: the second key of a month is one of that month.
cp "safe/$key" safe/text-2020-01.key
cp "safe/$key" safe/text-2020-01-2.key
cp "safe/$key" "safe/${key%.key}-9.key"
exits 0 soundings backup
same "$key
${key%.key}-9.key" "$(cd safe && ls text-* | sort -r)"
grep -q 'the keys here are not whole: "[^"]*/safe" has 1 more' err || fail "$(cat err)"
rm -f "safe/${key%.key}-9.key"

# Keys that were lost here, or are out of reach, stay in the copy: it may be
# all that is left of them. So does what is too young to have been dropped.
cp "safe/$key" safe/text-2020-01.key
ls safe >before
kept() {
	exits 0 soundings backup
	grep -q 'the keys here are not whole' err || fail "$1: $(cat err)"
	exits 65 soundings backup --targets
	exits 0 soundings purge
	exits 0 soundings forget nobody@school.example
	ls safe >after
	same before after
	doctor "keys' copies" >found
	grep -q 'the keys here are not whole' found || fail "$1: $(cat found)"
}
mkdir lost
mv "$SOUNDINGS_HOME"/keys/text-*.key lost
kept "no text key"
rm -f safe/text-2020-01.key
ls safe >before
cp "lost/$key" "$SOUNDINGS_HOME/keys/text-$(($(date +%Y) + 1))-01.key"
kept "a new month alone"
rm -f "$SOUNDINGS_HOME"/keys/text-*.key
mv lost/* "$SOUNDINGS_HOME/keys"
exits 0 soundings backup
same '' "$(doctor "keys' copies")"

# No more.
exits 65 soundings backup --gone nowhere
grep -q 'no backup was made in' err || fail "$(cat err)"
rm -rf drawer
exits 0 soundings backup --gone "$WORK/drawer/stick"
exits 0 soundings backup --gone safe
exits 0 soundings backup --targets --format json
same 'backups nightly current' "$(places)"

# Keys of another store are never written over a copy.
cp -r safe untouched
(
	SOUNDINGS_HOME=$WORK/other
	export SOUNDINGS_HOME
	exits 0 soundings directory set x@school.example --region north-east
	exits 65 soundings backup --keys "$WORK/safe"
	grep -q 'holds the keys of another store' err || fail "$(cat err)"
)
diff -r untouched safe || fail "the copy was touched"
