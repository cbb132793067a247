#!/bin/sh
# No worker: the mail system keeps the message (75), and it is counted once
# when one is there. With --outbox it is kept here.
. "$(dirname "$0")/lib.sh"

one=$CORPUS/mail/13-iphone-plain.eml
two=$CORPUS/mail/14-ipad-no-subject.eml

exits 75 soundings-mail --hook <"$one"
same "" "$(cat out)"
exits 0 soundings-mail --outbox <"$two"
set -- "$SOUNDINGS_HOME"/outbox/*.event
[ -f "$1" ] || fail "nothing is in the outbox"

start_worker
exits 0 soundings-mail --hook <"$one"
exits 0 soundings-mail --hook <"$one"
same 1 "$(ledger counted)"
same 1 "$(ledger duplicate)"

# What waited in the outbox goes along with the next that gets through.
exits 0 soundings-mail --outbox <"$one"
same 2 "$(ledger counted)"
set -- "$SOUNDINGS_HOME"/outbox/*.event
[ ! -f "$1" ] || fail "something is still in the outbox"

# A worker that stands still takes nothing, and nothing is lost.
kill -STOP "$worker"
exits 75 soundings-mail --hook <"$CORPUS/mail/16-gmail-plain-only.eml"
kill -CONT "$worker"
exits 0 soundings-mail --hook <"$CORPUS/mail/16-gmail-plain-only.eml"
same 3 "$(ledger counted)"
same true "$(ledger balanced)"
