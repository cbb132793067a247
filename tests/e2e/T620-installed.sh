#!/bin/sh
# The whole of it, installed: the package on a machine of its own (this one's
# files under an overlay), Postfix with the very lines that the package brings,
# a member's mail through the hook, a representative's note over tcp with a
# key from another account, and four who may not send: none is accepted. Then
# the mail server's log is held against the ledger.
. "$(dirname "$0")/lib.sh"
. "$TESTS/e2e/overlay.sh"
. "$TESTS/e2e/mta.sh"
for tool in cpack dpkg systemd-sysusers systemd-tmpfiles runuser python3; do
	command -v $tool >/dev/null || skip "no $tool"
done
unpack postfix
LD_LIBRARY_PATH=$ROOT/usr/lib/postfix needs_libraries "$ROOT/usr/lib/postfix/sbin/master"

cpack -G DEB -B "$WORK/pkg" --config "$BIN/../CPackConfig.cmake" >cpack.log 2>&1 ||
	fail "$(tail -n 5 cpack.log)"
cp pkg/soundings_*_*.deb soundings.deb
smtp=$(free_port)
keyed=$((PORT + 4))
postfix_services "$smtp" >services

cat >inside.sh <<END
set -eu
ROOT=$ROOT lib=$ROOT/usr/lib/postfix smtp=$smtp keyed=$keyed
END
inside_begins >>inside.sh
cat >>inside.sh <<'END'
counted() { [ "$(ledger counted)" -eq "$1" ]; }

dpkg -i --force-depends soundings.deb >install.log 2>&1 || fail "$(tail -n 3 install.log)"
printf 'network:\n  listen: "tcp://127.0.0.1:%s"\n' "$keyed" >>/etc/soundings/soundings.yaml
ask config check >/dev/null
ask workers start --count 2 2>/dev/null
master=
trap 'ask workers stop 2>/dev/null || true; [ -z "$master" ] || kill "$master"' EXIT

# Postfix, by the lines that the package brings and its README says.
docs=/usr/share/doc/soundings/mail/postfix
for user in postfix:2525 postdrop:2526; do
	grep -q "^${user%:*}:" /etc/passwd || echo "${user%:*}:x:${user#*:}:${user#*:}::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
	grep -q "^${user%:*}:" /etc/group || echo "${user%:*}:x:${user#*:}:" >>/etc/group
done
mkdir -p etc/postfix queue data mail
chmod 1777 mail
for dir in maildrop incoming active bounce defer deferred flush hold corrupt trace saved private public pid; do
	mkdir queue/$dir
done
chown postfix queue/* data
chown root queue/pid
chgrp postdrop queue/maildrop queue/public
chmod 710 queue/public
chmod 730 queue/maildrop
cat >etc/postfix/main.cf <<C
compatibility_level = 3.7
queue_directory = /story/queue
data_directory = /story/data
daemon_directory = $lib/sbin
command_directory = $ROOT/usr/sbin
shlib_directory = $lib
meta_directory = /story/etc/postfix
mail_owner = postfix
setgid_group = postdrop
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
maillog_file = /story/postfix.log
maillog_file_prefixes = /story
myhostname = mx.feedback.example
mydestination = feedback.example
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks reject
mail_spool_directory = /story/mail
local_recipient_maps =
alias_maps =
alias_database =
virtual_alias_maps = inline:{ { future@feedback.example = office@feedback.example, future@soundings.invalid } }
transport_maps = inline:{ soundings.invalid=soundings: }
relay_domains = \$mydestination, soundings.invalid
C
sed -n 's/^    \(soundings_[a-z_]* = .*\)/\1/p' $docs/README.md >limits
[ "$(wc -l <limits)" -eq 2 ] || fail "the README has other lines: $(cat limits)"
cat limits >>etc/postfix/main.cf
cat services $docs/master.cf >etc/postfix/master.cf
useradd -r office 2>/dev/null || true
MAIL_CONFIG=/story/etc/postfix LD_LIBRARY_PATH=$lib "$lib/sbin/master" -c /story/etc/postfix -d >master.log 2>&1 &
master=$!
wait_for 20 python3 -c "import socket; socket.create_connection(('127.0.0.1', $smtp), 2).recv(9)"
as soundings env SOUNDINGS_ETC=/story/etc soundings doctor --format json >doctor.json || true
[ "$(jq -r '.rows[] | select(.what == "Postfix") | .state' doctor.json)" = fine ] || fail "$(jq -c '.rows[] | select(.what == "Postfix")' doctor.json)"

# A member writes; the mailbox has it, too.
python3 - "$smtp" <<'P'
import smtplib, sys
smtp = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=20)
smtp.sendmail("head@school.example", ["future@feedback.example"],
  "From: Head <head@school.example>\r\nTo: future@feedback.example\r\nSubject: Funding\r\n"
  "Message-ID: <one@school.example>\r\nDate: Tue, 03 Feb 2026 07:30:00 +0000\r\n\r\n"
  "Our school is in Norwich. Funding is far too low.\r\n")
smtp.quit()
P
wait_for 30 counted 1
wait_for 30 grep -q 'Funding is far' mail/office
grep -q 'relay=soundings.*status=sent' postfix.log || fail "$(cat postfix.log)"

# A representative, on an account that has nothing but a key file.
useradd -m jane && useradd -m stranger
for key in jane.doe:rep was.here:rep desk:survey; do
	ask keys new ${key%:*} --role ${key#*:} --workers "tcp://127.0.0.1:$keyed tcp://127.0.0.1:$((keyed + 1))" --output /tmp/${key%:*}.key 2>/dev/null
done
ask keys revoke was.here 2>/dev/null
as stranger env HOME=/home/stranger soundings keys new stranger --role rep --output /home/stranger/own.key 2>/dev/null
{ grep -E '^(name|public|secret) ' /home/stranger/own.key; grep -E '^(server|workers) ' /tmp/jane.doe.key; } >/tmp/stranger.key
chown jane /tmp/*.key
ask roster add jane@school.example --name 'Jane Doe' --constituency Norfolk --key jane.doe 2>/dev/null
note() {
	rm -rf /home/jane/.local
	as jane env HOME=/home/jane "$@" soundings-rep --yes --wait 4 --rep jane.doe --date 2026-02-03 \
		--text "Members tell me that workload is too high." >sent 2>why || true
}
as jane env HOME=/home/jane ls /var/lib/soundings >/dev/null 2>&1 && fail "jane can look into the service"
note SOUNDINGS_KEY=/tmp/jane.doe.key
grep -q '1 counted' sent || fail "$(cat sent why)"
counted 2 || fail "the note is not counted"
refused=0
for who in stranger was.here desk; do
	note SOUNDINGS_KEY=/tmp/$who.key
	grep -q '1 kept' sent || fail "$who: $(cat sent why)"
	grep -q 'refuse' why || fail "$who is told: $(cat why)"
	refused=$((refused + 1))
done
rm -rf /home/jane/.local
as jane env HOME=/home/jane soundings-rep --yes --wait 1 --connect "tcp://127.0.0.1:$keyed" --rep x --date 2026-02-03 --text "No key." >sent 2>why || true
grep -q '1 kept' sent || fail "$(cat sent why)"
[ "$((refused + 1)) refused, $(ledger received) received" = "4 refused, 2 received" ] || fail "somebody was accepted"

# The log and the ledger agree; the books balance.
as soundings env SOUNDINGS_ETC=/story/etc soundings doctor --reconcile - --format json <postfix.log >doctor.json || fail "$(jq -c '.rows[] | select(.state == "WRONG")' doctor.json)"
jq -e '.rows[] | select(.what == "mail log" and (.words | test("^1 mails were given to the hook, 1 of them")))' doctor.json >/dev/null || fail "$(jq -c '.rows[] | select(.what | test("log|here"))' doctor.json)"
ask verify >/dev/null || fail "verify"
ask digest >/dev/null
kill "$master"
master=
ask workers stop 2>/dev/null
# What the programs logged as a service holds no word.
! grep -rqa -e 'Funding is far' -e 'workload is too' /var/lib/soundings/run /run/soundings postfix.log install.log why 2>/dev/null || fail "words in a log"
END
chmod 755 "$WORK"
in_overlay
