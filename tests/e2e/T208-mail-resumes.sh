#!/bin/sh
# A backlog that was broken off goes on where it was, from an mbox and from a
# Maildir; what was taken in is neither read again nor counted twice, and a
# run that ended well leaves nothing behind.
. "$(dirname "$0")/lib.sh"
total=12000

mkdir -p Maildir/cur Maildir/new
awk -v n=$total 'BEGIN {
	for (i = 0; i < n; i++) {
		text = sprintf("From: Head %d <head%d@school%d.example>\n" \
			"To: future@association.example\n" \
			"Date: Tue, 10 Mar 2015 09:%02d:%02d +0000\n" \
			"Message-ID: <%d@resume.example>\nSubject: Funding\n\n" \
			"Letter %d. We cannot recruit a maths teacher.\n",
			i, i % 50, i % 9, int(i / 60) % 60, i % 60, i, i)
		printf "From head@school.example Tue Mar 10 09:00:00 2015\n%s\n", text >"mbox"
		file = sprintf("Maildir/cur/1425978000.M%06d.host:2,S", i)
		printf "%s", text >file
		close(file)
	}
}'
marks() { [ -s "$(find "$SOUNDINGS_HOME/spool/backlog" -type f)" ]; }
# broken SIGNAL ARGUMENT...: a run ended by it once it has marked its way.
broken() {
	signal=$1
	shift
	soundings-mail --quiet "$@" 2>err &
	run=$!
	started="$started $run"
	wait_for 60 marks
	kill -"$signal" "$run"
	set +e
	wait "$run"
	status=$?
	set -e
}

start_worker --no-classify
broken TERM --mbox mbox
same 75 "$status"
says err 'soundings-mail: stopped; run it again to go on'
taken=$(ledger received)
[ "$taken" -lt $total ] || fail "it was done before it was stopped"
exits 0 soundings-mail --mbox mbox
grep -Eq "^$((total - taken)) messages: .*the run before had taken in [0-9]+ bytes\$" err ||
	fail "it did not go on behind $taken: $(cat err)"
same "$total $total 0" "$(ledger received) $(ledger counted) $(ledger duplicate)"
same "" "$(find "$SOUNDINGS_HOME/spool/backlog" -type f)"
exits 0 soundings-mail --mbox mbox
says err "$total messages: $total duplicate"

# Killed, into a new store; while it was down, the mail reader marked a
# message as answered, and another came.
stop_worker "$worker"
export SOUNDINGS_HOME="$WORK/second"
start_worker --no-classify
broken KILL --maildir Maildir
same 137 "$status"
mv Maildir/cur/1425978000.M000000.host:2,S Maildir/cur/1425978000.M000000.host:2,RS
sed 's/^Message-ID: </&late-/; s/Letter/Late letter/' Maildir/cur/*M000001.host:2,S >Maildir/new/1425979000.M1.host
exits 0 soundings-mail --maildir Maildir
grep -q 'the run before had taken in [1-9]' err || fail "it began anew: $(cat err)"
same "$((total + 1))" "$(ledger counted)"

# The mbox was compacted meanwhile: then all of it is read again.
stop_worker "$worker"
export SOUNDINGS_HOME="$WORK/third"
start_worker --no-classify
broken TERM --mbox mbox
sed 1,9d mbox >compacted
mv compacted mbox
exits 0 soundings-mail --mbox mbox
grep -q "^$((total - 1)) messages: " err || fail "it went on in other mail: $(cat err)"
same $total "$(ledger counted)"
same true "$(ledger balanced)"
