#!/bin/sh
# Real Postfix, the hook as a pipe and as an alias: delivered and counted;
# with no worker deferred, then counted once; whatever becomes of the hook,
# 0 bounces, 0 lost, 0 double.
. "$(dirname "$0")/lib.sh"
. "$TESTS/e2e/mta.sh"
as_guest postfix:2525 postdrop:2526 soundings:2527
unpack postfix
lib=$ROOT/usr/lib/postfix
export LD_LIBRARY_PATH="$lib"
needs_libraries "$lib/sbin/master"
a_home
port=$(free_port)

mkdir etc queue data
for dir in maildrop incoming active bounce defer deferred flush hold corrupt \
	trace saved private public pid; do
	mkdir "queue/$dir"
done
chown postfix queue/* data
chown root queue/pid
chgrp postdrop queue/maildrop queue/public
chmod 710 queue/public
chmod 730 queue/maildrop
cat >etc/main.cf <<C
compatibility_level = 3.7
queue_directory = $WORK/queue
data_directory = $WORK/data
daemon_directory = $lib/sbin
command_directory = $ROOT/usr/sbin
shlib_directory = $lib
meta_directory = $WORK/etc
mail_owner = postfix
setgid_group = postdrop
default_privs = soundings
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
maillog_file = $WORK/mail.log
maillog_file_prefixes = $WORK
myhostname = mx.feedback.example
mydestination = alias.feedback.example
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks reject
relay_domains = feedback.example
transport_maps = inline:{ feedback.example=soundings: }
virtual_alias_maps = inline:{ { future@feedback.example = future@feedback.example, also@alias.feedback.example } }
local_recipient_maps =
alias_maps = inline:{ { also = |"$HOOK/soundings-mail --home=$SOUNDINGS_HOME" } }
alias_database =
soundings_destination_recipient_limit = 1
soundings_time_limit = 60s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
C
postfix_services "$port" >etc/master.cf
cat >>etc/master.cf <<C
soundings unix - n n - 2 pipe flags=DRXhq user=soundings:soundings null_sender= directory=$SOUNDINGS_HOME argv=$HOOK/soundings-mail --home=$SOUNDINGS_HOME --sender=\${sender} --recipient=\${original_recipient} --queue-id=\${queue_id}
C
MAIL_CONFIG=$WORK/etc "$lib/sbin/master" -c "$WORK/etc" -d >master.log 2>&1 &
master=$!
started="$started $master"
listens() { python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 2).recv(9)"; }
wait_for 20 listens

logged() { grep -q "$1" mail.log; }
queue_is_empty() {
	[ -z "$(find queue/incoming queue/active queue/deferred -type f)" ]
}

# Both ways of calling it, at once: the same letter, counted once.
a_worker
send "$port" 1
wait_for 30 counts 1
wait_for 30 queue_is_empty
same 1 "$(figure duplicate)"
same 2 "$(grep -c 'status=sent' mail.log)"

# No worker: deferred, and counted once when there is one.
kill -TERM "$worker"
wait "$worker" || true
send "$port" 2
wait_for 30 logged 'relay=soundings.*status=deferred'
wait_for 30 logged 'relay=local.*status=deferred'
a_worker
wait_for 60 counts 2
wait_for 60 queue_is_empty

deferrals() { grep -c status=deferred mail.log || true; }
taken() { counts "$1"; }
n=2
every_fault
# A hook that is killed after the letter was stored: it comes again.
n=$((n + 1))
reader "'$BIN/soundings-mail-read' \"\$@\"; kill -KILL \$PPID; sleep 9"
send "$port" $n
wait_for 30 counts $n
real_reader
# Full: nothing can be kept, so nothing is taken that should be.
n=$((n + 1))
mkdir -p "$SOUNDINGS_HOME/spool/incoming"
if mount -t tmpfs -o size=4k,uid=2527 tmpfs "$SOUNDINGS_HOME/spool/incoming" 2>/dev/null; then
	head -c 8192 /dev/zero >"$SOUNDINGS_HOME/spool/incoming/full" 2>/dev/null || true
	head -c 9000 /dev/zero >zeros
	exits 75 setpriv --reuid soundings --regid soundings --clear-groups \
		"$HOOK/soundings-mail" --home="$SOUNDINGS_HOME" <zeros
	umount "$SOUNDINGS_HOME/spool/incoming"
fi
send "$port" $n
wait_for 30 counts $n
wait_for 60 queue_is_empty

kill -TERM "$master"
wait "$master" || true

# 0 bounces, 0 lost, 0 double.
if grep -E 'status=(bounced|expired)|sender non-delivery' mail.log; then
	fail "something was bounced"
fi
same $n "$(figure counted)"
same true "$(figure balanced)"
