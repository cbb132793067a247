#!/bin/sh
# Real procmail with the recipes of packaging/procmail: the mailbox has every
# letter once and so have we, whatever the hook answered when it first came.
. "$(dirname "$0")/lib.sh"
. "$TESTS/e2e/mta.sh"
unpack procmail
procmail=$ROOT/usr/bin/procmail

mkdir hook mail
cp "$BIN"/soundings-mail* hook
{
	printf 'MAILDIR=%s/mail\nDEFAULT=%s/mail/mbox\nSHELL=/bin/sh\n' "$WORK" "$WORK"
	sed -e "s#sudo .* --home=/var/lib/soundings#$WORK/hook/soundings-mail --home=$SOUNDINGS_HOME#" \
		-e "s#formail#$ROOT/usr/bin/formail#" \
		"$TESTS/../packaging/procmail/procmailrc"
} >rc
grep -q "hook/soundings-mail .*--outbox" rc || fail "the recipe changed: $(cat rc)"
# comes STATUS NAME: a letter, by the mail system that runs procmail.
comes() {
	exits "$1" "$procmail" -m "$WORK/rc" <"$CORPUS/mail/$2"
}
copies() { grep -ci '^message-id:' mail/mbox; }

start_worker
comes 0 13-iphone-plain.eml
same '1 1' "$(copies) $(ledger counted)"
# The hook fails: the mail system hears 75 and offers it again.
mv hook/soundings-mail-read hook/away
comes 75 16-gmail-plain-only.eml
same '2 1' "$(copies) $(ledger counted)"
mv hook/away hook/soundings-mail-read
comes 0 16-gmail-plain-only.eml
same '2 2' "$(copies) $(ledger counted)"
# No worker: it waits in the outbox, and goes with the next.
stop_worker "$worker"
comes 0 05-gmail-private-account.eml
same '3 1' "$(copies) $(find "$SOUNDINGS_HOME/outbox" -type f | wc -l)"
start_worker
comes 0 34-android-plain.eml
same '4 4 0' "$(copies) $(ledger counted) $(ledger duplicate)"
same 0 "$(find "$SOUNDINGS_HOME/outbox" -type f | wc -l)"
