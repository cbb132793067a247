#!/bin/sh
# A backlog as it may lie there: one file that is larger than any message, one
# that cannot be read. Neither holds up the others; what was not taken in is
# named, and the exit status says so.
. "$(dirname "$0")/lib.sh"
letter() {
	printf 'From: Head %s <head%s@school.example>\nTo: future@association.example\n' "$1" "$1"
	printf 'Date: Tue, 10 Mar 2015 09:00:%02d +0000\nMessage-ID: <%s@backlog.example>\n' "$1" "$1"
	printf 'Subject: Funding\n\nLetter %s. We cannot recruit a maths teacher.\n' "$1"
}
mkdir -p Maildir/cur Maildir/new
letter 1 >Maildir/cur/1.host:2,S
letter 2 >Maildir/cur/2.host:2,S
truncate -s 1200M Maildir/cur/2.host:2,S
letter 3 >Maildir/cur/3.host:2,S
ln -s /proc/self/mem Maildir/cur/4.host:2,S
ln -s 5.host:2,S Maildir/cur/5.host:2,S
letter 6 >Maildir/new/6.host

start_worker --no-classify
exits 75 soundings-mail --maildir Maildir
says err 'soundings-mail: read "Maildir/cur/4.host:2,S": Input/output error'
says err 'soundings-mail: stat "Maildir/cur/5.host:2,S": Too many levels of symbolic links'
says err '4 messages: 4 counted; 2 could not be read and are not taken in'
says err 'soundings-mail: 2 files could not be read, all else was: mend that and run it again'
same 4 "$(ledger counted)"
# What there was too much of is marked as cut; the same by the hook is the same.
head -c 40000000 Maildir/cur/2.host:2,S >beginning
same '["limit"]' "$(soundings-mail --dry-run <beginning | jq -c .flags)"
exits 0 soundings-mail --hook <beginning
same "4 1" "$(ledger counted) $(ledger duplicate)"
# Mended, the next run reads no more than that.
rm Maildir/cur/[45].host:2,S
letter 4 >Maildir/cur/4.host:2,S
exits 0 soundings-mail --maildir Maildir
says err '1 messages: 1 counted; the run before had taken in 4'
same "5 1" "$(ledger counted) $(ledger duplicate)"

# A folder of letters by their subjects: of those that an earlier run has taken
# in none is another for beginning alike.
mkdir letters
letter 7 >'letters/Re: 1.eml'
ln -s /proc/self/mem letters/bad.eml
exits 75 soundings-mail --maildir letters
letter 8 >'letters/Re: 2.eml'
touch -r 'letters/Re: 1.eml' 'letters/Re: 2.eml'
rm letters/bad.eml
exits 0 soundings-mail --maildir letters
says err '1 messages: 1 counted; the run before had taken in 1'

# A mail reader takes messages out of an mbox that is being read. (What is
# shown waits in a pipe until that is done.)
i=0
while [ $i -lt 60 ]; do
	printf 'From head@school.example Tue Mar 10 09:00:00 2015\n'
	letter $i
	head -c 500000 /dev/zero | tr '\0' 'x' | fold -w 70
	printf '\n\n'
	i=$((i + 1))
done >mbox
mkfifo shown
exits 65 soundings-mail --mbox shown
exits 65 soundings-mail --mbox Maildir
says err 'soundings-mail: "Maildir" is not an mbox'
soundings-mail --dry-run --mbox mbox >shown 2>err &
run=$!
started="$started $run"
exec 3<shown
read -r first <&3
[ -n "$first" ] || fail "nothing is shown"
truncate -s 1000 mbox
cat <&3 >rest
status=0
wait $run || status=$?
same 75 $status
says err 'soundings-mail: the mbox became shorter while it was read; run it again to go on'

# An envelope that is no text tells nothing, and sets no letter aside.
printf 'Date: Tue, 10 Mar 2015 09:00:00 +0000\nMessage-ID: <nobody@backlog.example>\nSubject: Funding\n\nWe cannot recruit a maths teacher.\n' >nobody.eml
before=$(ledger counted)
SENDER=$(printf 'a\377@b.example') exits 0 soundings-mail <nobody.eml
same "$((before + 1)) 0" "$(ledger counted) $(soundings ledger --format json | jq .quarantined)"
