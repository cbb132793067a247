#!/bin/sh
# One configuration file: what is set is shown, a fault is named by file,
# line and key, and what is shown can be the file.
. "$(dirname "$0")/lib.sh"
mkdir -p "$SOUNDINGS_HOME"

exits 0 soundings config check
same "no file: all is default" "$(cat out)"
exits 0 soundings config show --format json
same 24 "$(jq '.settings.retention["text-months"]' out)"
same null "$(jq .file out)"

printf 'retention:\n  text-months: 18\n  outbox-dyas: 3\n' >new.yaml
exits 65 soundings config check new.yaml
grep -q 'new.yaml" line 3: Unexpected key: outbox-dyas' err || fail "$(cat err)"
printf 'retention:\n  text-months: soon\n' >new.yaml
exits 65 soundings config check new.yaml
grep -q 'new.yaml" line 2: .*soon' err || fail "$(cat err)"

printf 'retention:\n  text-months: 18\nwarn:\n  command: "logger -t x"\n' >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings config show
cp out shown.yaml
grep -q '^  text-months: 18 ' shown.yaml || fail "$(cat shown.yaml)"
soundings config show --format json | jq .settings >was
SOUNDINGS_CONFIG=$PWD/shown.yaml soundings config show --format json | jq .settings >is
same was is

for fault in 'nework:|line 1: Unexpected key: nework' 'network:|  listen: [a]|line 2: Expecting STRING' \
	'network:|  listen: office|line 2: listen: not tcp://address:port' 'network:|  keys-on-ipc: maybe|line 2: Invalid ENUM' \
	'network:|  report-policy: mine|line 2: report-policy: no such policy' 'retention:|  text-months: 0|line 2: text-months is 0, not from' \
	'retention:|  text-months: 12|  text-months: 13|line 2: Mapping field already seen'; do
	echo "${fault%|*}" | tr '|' '\n' >new.yaml
	exits 65 soundings config check new.yaml
	grep -qF "${fault##*|}" err || fail "$fault: $(cat err)"
done

SOUNDINGS_CONFIG=$PWD/none.yaml exits 65 soundings config check
exits 64 soundings config chekc

# The form, its marks of comment taken away, says what is the default.
rm "$SOUNDINGS_HOME/soundings.yaml"
soundings config show --format json | jq .settings >default
exits 0 soundings config form
cp out form.yaml
exits 0 soundings config check form.yaml
soundings config form | sed 's/^#//; s/^ Soundings\..*//' >all.yaml
SOUNDINGS_CONFIG=$PWD/all.yaml soundings config show --format json | jq .settings >all
same default all
