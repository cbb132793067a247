#!/bin/sh
# The mail server's log against the ledger: a mail that the log says was given
# to the hook and that is not here is named by its queue id, what is here and
# not in the log by its id; in Postfix's forms of time, and in Exim's.
. "$(dirname "$0")/lib.sh"
finding() { jq -r --arg w "$1" '.rows[] | select(.what == $w) | .state + ": " + .words' out; }
export SOUNDINGS_ETC="$WORK/etc"
start_worker
send() {
	printf 'From: Head <head%s@school.example>\nTo: future@x.example\nDate: %s\nMessage-ID: <mail-%s@school.example>\nSubject: Funding\n\nFunding is far too low, number %s.\n' \
		"$1" "$(date -R)" "$1" "$1" | soundings-mail
}
for n in 1 2 3 4; do send $n; done
printf 'From: x@y.example\nTo: future@x.example\nMessage-ID: <mail-5@school.example>\nAuto-Submitted: auto-replied\nSubject: Out of office\nDate: %s\n\nI am away.\n' "$(date -R)" | soundings-mail
soundings doctor --test >/dev/null 2>&1 || true

# postfix QID NUMBER: the lines of one mail, as rsyslog of Debian 12 has them.
now() { date +%Y-%m-%dT%H:%M:%S.123456%:z; }
postfix() {
	echo "$(now) mx postfix/smtpd[1]: $1: client=unknown[192.0.2.1]"
	echo "$(now) mx postfix/cleanup[2]: $1: message-id=<mail-$2@school.example>"
	echo "$(now) mx postfix/qmgr[3]: $1: from=<head@school.example>, size=400, nrcpt=2 (queue active)"
	echo "$(now) mx postfix/pipe[4]: $1: to=<future@soundings.localhost>, orig_to=<future@x.example>, relay=soundings, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered via soundings service)"
	echo "$(now) mx postfix/local[5]: $1: to=<office@x.example>, relay=local, delay=0.1, dsn=2.0.0, status=sent (delivered to mailbox)"
	echo "$(now) mx postfix/qmgr[3]: $1: removed"
}
{
	for n in 1 2 3 4 5; do postfix "4XYZ$n" $n; done
	postfix 4OTHER 77 | grep -v relay=soundings
	echo "$(now) mx postfix/pipe[4]: 4DEFER: to=<future@x>, relay=soundings, status=deferred (temporary failure)"
	echo
	echo short
} >mail.log
exits 0 soundings doctor --reconcile mail.log --format json
finding 'mail log' >said
grep -q '^fine: 5 mails were given to the hook, 5 of them are here, 0 are not$' said || fail "$(cat said)"
finding 'here alone' | grep -q '^fine: 0 of 5 pieces' || fail "$(cat out)"

# One that never came, one that the log does not have; syslog's old form.
postfix 4LOST 6 | sed "s/^[^ ]*/$(date '+%b %e %H:%M:%S')/" >>mail.log
send 8
exits 65 soundings doctor --reconcile mail.log --format json
finding 'in the log alone' | grep -q '^WRONG: 4LOST, given to the hook at' || fail "$(cat out)"
finding 'mail log' | grep -q '^WRONG: 6 mails were given to the hook, 5 of them are here, 1 are not' || fail "$(cat out)"
finding 'here alone' | grep -q '^warning: 1 of 6 pieces' || fail "$(cat out)"
! grep -q -e 'school.example' -e 'mail-6' out || fail "an address or a Message-ID is printed"
send 6
exits 0 soundings doctor --reconcile - --format json <mail.log
finding 'mail log' | grep -q '^fine: 6 mails' || fail "$(cat out)"

# Exim's mainlog.
exim() {
	echo "$(date '+%F %T') 1tXyz$1-000abc-2D <= head@school.example H=mx [192.0.2.1] P=esmtp S=400 id=mail-$1@school.example"
	echo "$(date '+%F %T') 1tXyz$1-000abc-2D => future <future@x.example> R=soundings T=soundings_pipe"
	echo "$(date '+%F %T') 1tXyz$1-000abc-2D => office <office@x.example> R=local_user T=mail_spool"
	echo "$(date '+%F %T') 1tXyz$1-000abc-2D Completed"
}
for n in 1 2 3 4 5 6 8; do exim $n; done >mainlog
exits 0 soundings doctor --reconcile mainlog --format json
finding 'mail log' | grep -q '^fine: 7 mails were given to the hook, 7 of them are here, 0 are not$' || fail "$(cat out)"
finding 'here alone' | grep -q '^fine: 0 of 7' || fail "$(cat out)"
exim 9 >>mainlog
exits 65 soundings doctor --reconcile mainlog
grep -q '1tXyz9-000abc-2D, given to the hook' out || fail "$(cat out)"

# A line that ends where its process does.
printf '%s [%s]' "$(date '+%F %T')" "$(printf '%097d' 1)" >cut
exits 0 soundings doctor --reconcile cut

# No log at all.
exits 65 soundings doctor --reconcile /nonexistent
exits 65 soundings doctor --reconcile "$CORPUS/mail/MANIFEST.csv" --format json
grep -q 'holds no line of' out || fail "$(cat out)"
stop_worker "$worker"
