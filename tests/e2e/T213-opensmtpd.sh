#!/bin/sh
# Real OpenSMTPD, the hook as the command of an action as packaging/opensmtpd
# has it, beside the mailbox: 0 bounces, 0 lost, 0 double.
. "$(dirname "$0")/lib.sh"
. "$TESTS/e2e/mta.sh"
as_guest opensmtpd:2531 opensmtpq:2532 soundings:2527 future-mailbox:2533
unpack opensmtpd libevent-2.1-7 libdb5.3
export LD_LIBRARY_PATH="$ROOT/usr/lib/$(uname -m)-linux-gnu"
needs_libraries "$ROOT/usr/sbin/smtpd"
a_home
port=$(free_port)

# Where it looks is compiled in: in this namespace these places are its own.
for place in /var/spool /var/lib /run; do
	mount -t tmpfs none $place
	chmod 755 $place
done
mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd
chmod 711 /var/lib/opensmtpd /var/lib/opensmtpd/empty /var/spool/smtpd
mount --bind "$ROOT/usr/libexec" /usr/libexec
mkdir bin mailbox etc
chown future-mailbox mailbox
cp "$ROOT/usr/sbin/smtpctl" bin/smtpctl
chgrp opensmtpq bin/smtpctl
chmod 2755 bin/smtpctl
chmod 755 bin

{
	echo "listen on 127.0.0.1 port $port"
	sed -n '/^`smtpd.conf`:/,/^`/s/^    //p' "$TESTS/../packaging/opensmtpd/README.md" |
		sed -e "s#/usr/bin/soundings-mail#$HOOK/soundings-mail#" \
			-e "s#/var/lib/soundings#$SOUNDINGS_HOME#" \
			-e "s#/etc/mail/aliases#$WORK/etc/aliases#" \
			-e "s#= soundings-mail#= soundings#" \
			-e "s#example.org#feedback.example#" \
			-e "s#maildir alias#maildir \"$WORK/mailbox\" alias#"
} >etc/smtpd.conf
sed -n '/^`.etc.mail.aliases`/,/^[A-Z]/s/^    //p' "$TESTS/../packaging/opensmtpd/README.md" >etc/aliases
[ "$(wc -l <etc/smtpd.conf)" -ge 5 ] && [ -s etc/aliases ] || fail "no snippet"
chmod 644 etc/*
chmod 755 etc
"$ROOT/usr/sbin/smtpd" -d -f "$WORK/etc/smtpd.conf" >smtpd.log 2>&1 &
smtpd_pid=$!
started="$started $smtpd_pid"
listens() { python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 2).recv(9)"; }
wait_for 20 listens
results() {
	grep -a "user=soundings " smtpd.log | grep -ac "result=$1" || true
}
deferrals() { results TempFail; }
# Its first retry comes after some seconds; at once when it is asked.
taken() {
	bin/smtpctl schedule all >/dev/null 2>&1
	counts "$1"
}
queue_is_empty() {
	[ -z "$(bin/smtpctl show queue)" ]
}

one_counted_one_deferred
# The doctor sees that it waits, and since when; a user to whom the queue is
# not shown is told what to do, and asks by sudo where that is allowed.
doctor() {
	PATH="$WORK/bin:$PATH" SOUNDINGS_ETC="$WORK/etc" "$@" \
		"$BIN/soundings" doctor --format json >doctor.json 2>/dev/null || true
	jq -r '.rows[] | select(.what == "deferred mail") | .state + ": " + .words' doctor.json
}
same 'fine: 1 waits' "$(doctor env | cut -d' ' -f 1-3)"
jq -e 'any(.rows[]; .what == "OpenSMTPD" and .state == "fine")' doctor.json >/dev/null || fail "$(cat doctor.json)"
asks="setpriv --reuid soundings --regid soundings --clear-groups"
# shellcheck disable=SC2086 # words, not one
same 'warning: OpenSMTPD shows its queue to root' "$(doctor $asks | cut -d' ' -f 1-7)"
# What sudo would run, as it stands; of two days' age, and beside it what is
# another's, or on its first way.
bin/smtpctl show queue >queue.real
bin/smtpctl show envelope "$(cut -c 1-16 queue.real)" >envelope.real
grep -q '^mda-user: soundings$' envelope.real || fail "$(cat envelope.real)"
cat >bin/sudo <<C
#!/bin/sh
shift 2
case "\$1 \$2" in
'show queue') cat "$WORK/queue.real"; sed 's/^................/0123456789abcdef/' "$WORK/queue.real"; echo 'not|an|envelope' ;;
'show envelope') [ "\$3" = 0123456789abcdef ] && sed 's/soundings/other/' "$WORK/envelope.real" ||
	sed 's/^ctime: .*/ctime: $(($(date +%s) - 172800))/' "$WORK/envelope.real" ;;
esac
C
chmod 755 bin/sudo
# shellcheck disable=SC2086 # words, not one
same 'WRONG: 1 waits' "$(doctor $asks | cut -d' ' -f 1-3)"
rm bin/sudo
# Without the shell to fall back on, a kill would bounce: that is told.
cp -r etc bare && sed -i 's/ || exit 75//' bare/smtpd.conf
PATH="$WORK/bin:$PATH" SOUNDINGS_ETC="$WORK/bare" "$BIN/soundings" doctor --format json 2>/dev/null |
	jq -e 'any(.rows[]; .what == "OpenSMTPD" and .state == "WRONG")' >/dev/null || fail "not told"
a_worker
wait_for 60 taken 2
same 'fine: none waits for the hook' "$(wait_for 30 queue_is_empty; doctor env)"

n=2
every_fault
# A hook that is not there.
n=$((n + 1))
before=$(deferrals)
mv "$HOOK/soundings-mail" "$HOOK/away"
send "$port" $n
wait_for 40 more_deferrals
mv "$HOOK/away" "$HOOK/soundings-mail"
wait_for 60 taken $n
wait_for 30 queue_is_empty
kill -TERM "$smtpd_pid"
wait "$smtpd_pid" || true

same 0 "$(grep -ac 'result=PermFail' smtpd.log || true)"
same $n "$(figure counted)"
same true "$(figure balanced)"
# The mailbox has a copy of each, once.
same $n "$(find mailbox -type f | wc -l)"
