#!/bin/sh
# From nothing to the first counted test message in one command, which may be
# run again; what it writes as a form is a configuration.
. "$(dirname "$0")/lib.sh"
export SOUNDINGS_ETC="$WORK/etc"
exits 75 soundings setup
grep -q '^\[ \] workers that answer' out || fail "$(cat out)"
[ ! -e "$SOUNDINGS_HOME" ] || fail "looking made something"

exits 75 soundings setup --yes
for done in 'a configuration to fill in' 'workers that answer' 'a test message from end to end'; do
	grep -qF "[x] $done" out || fail "$(cat out)"
done
same 1 "$(ledger test)"
exits 0 soundings config check
exits 75 soundings setup --yes
same 1 "$(ledger test)"

# The form, its marks of comment taken away, says what is the default.
soundings config show --format json | jq .settings >form
sed 's/^#//; s/^ Soundings\..*//' "$SOUNDINGS_HOME/soundings.yaml" >all.yaml
SOUNDINGS_CONFIG=$PWD/all.yaml soundings config show --format json | jq .settings >all
same form all

mkdir -p etc/postfix
printf 'soundings unix - n n - - pipe\n  user=soundings-mail argv=/usr/bin/soundings-mail\n' >etc/postfix/master.cf
echo 'soundings_destination_recipient_limit = 1' >etc/postfix/main.cf
echo 'backup: {directory: /safe}' >>"$SOUNDINGS_HOME/soundings.yaml"
printf 'email,membership,region\na@b.example,1,London\n' >members.csv
soundings directory import members.csv >/dev/null 2>&1 || true
soundings-mail <"$CORPUS/mail/02-ipad-reply-quoted.eml"
soundings setup >out || true
grep -qF '[x] mail that reaches the hook' out || fail "$(cat out)"
grep -qF '[x] the backlog' out || fail "$(cat out)"
soundings workers stop 2>/dev/null
