#!/bin/sh
# The package on a machine of its own (this one's files under an overlay that
# goes with the story): users and folders are made, workers run as soundings,
# the hook as soundings-mail without any environment, and neither can do what
# is the other's. An upgrade makes a backup first; purge leaves the words.
. "$(dirname "$0")/lib.sh"
. "$TESTS/e2e/overlay.sh"
for tool in cpack dpkg systemd-sysusers systemd-tmpfiles runuser; do
	command -v $tool >/dev/null || skip "no $tool"
done

cpack -G DEB -B "$WORK/pkg" --config "$BIN/../CPackConfig.cmake" >cpack.log 2>&1 ||
	fail "$(tail -n 5 cpack.log)"
cp pkg/soundings_*_*.deb soundings.deb
cp "$CORPUS/mail/02-ipad-reply-quoted.eml" "$CORPUS/mail/04-gmail-alternative-base64.eml" .

cat >inside.sh <<'END'
set -eu
fail() { echo "inside: $*" >&2; exit 1; }
cd /story
unset SOUNDINGS_HOME SOUNDINGS_DATA XDG_STATE_HOME
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
dpkg -i --force-depends soundings.deb >install.log 2>&1 || fail "$(tail -n 3 install.log)"
as() { user=$1; shift; runuser -u "$user" -- env -i PATH="$PATH" "$@"; }

as soundings soundings workers start --count 2 2>/dev/null
trap 'as soundings soundings workers stop 2>/dev/null || true' EXIT
[ "$(stat -c '%a %U %G' /run/soundings/worker-0.sock)" = "660 soundings soundings-mail" ] ||
	fail "$(ls -l /run/soundings)"

# As a mail system calls it: the hook's user, no environment.
runuser -u soundings-mail -- env -i /usr/bin/soundings-mail <02-ipad-reply-quoted.eml || fail "the hook answered $?"
[ "$(as soundings soundings ledger --format json | jq .counted)" = 1 ] || fail "not counted"
[ "$(soundings ledger --format json | jq .counted)" = 1 ] || fail "root does not find the service"

# What the hook's user may not.
for path in /var/lib/soundings/store/data.mdb /var/lib/soundings-keys/pseudonym.key; do
	[ -e $path ] || fail "no $path"
	! as soundings-mail cat $path >/dev/null 2>&1 || fail "the hook can read $path"
done
! as soundings-mail ls /var/lib/soundings >/dev/null 2>&1 || fail "the hook looks around"
as soundings-mail touch /var/lib/soundings/spool/incoming/x.eml || fail "no way to spool"
as soundings rm -f /var/lib/soundings/spool/incoming/x.eml || fail "no way to tidy the spool"
# And anybody else: not even a connection.
! as nobody ls /run/soundings >/dev/null 2>&1 || fail "anybody can look"
set +e
runuser -u nobody -- env -i SOUNDINGS_HOME=/var/lib/soundings /usr/bin/soundings-mail <04-gmail-alternative-base64.eml
[ $? -eq 75 ] || fail "anybody can send"
set -e

as soundings soundings doctor --test --format json >doctor.json || fail "$(jq -c '.rows[] | select(.state == "WRONG")' doctor.json)"

# Who is erased is in the register beside the backups at once.
as soundings soundings config check | grep -q /etc/soundings/soundings.yaml || fail "no configuration"
id=$(as soundings soundings messages --format json | jq -r '.rows[0].id')
as soundings soundings forget --event "$id" >/dev/null || fail "cannot forget"
[ "$(as soundings soundings ledger --format json | jq .erased)" = 1 ] || fail "not erased"
grep -q "$id" /var/backups/soundings/erasures.jsonl || fail "not in the register"

# An upgrade: not without a backup by the version that runs.
dpkg -i --force-depends soundings.deb >upgrade.log 2>&1 || fail "$(tail -n 3 upgrade.log)"
ls /var/backups/soundings | grep -q '^soundings-2' || fail "no backup was made"

mv /var/backups/soundings /var/backups/elsewhere
echo x >/var/backups/soundings
! dpkg -i --force-depends soundings.deb >refused.log 2>&1 || fail "upgraded without a backup"
grep -q 'nothing is upgraded' refused.log || fail "$(cat refused.log)"
rm /var/backups/soundings

as soundings soundings workers stop 2>/dev/null
dpkg -P soundings >purge.log 2>&1 || fail "$(cat purge.log)"
grep -q "members' feedback is still in" purge.log || fail "$(cat purge.log)"
[ -e /var/lib/soundings/store/data.mdb ] || fail "the words went with the package"
END
in_overlay
