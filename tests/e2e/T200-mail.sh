#!/bin/sh
# A mail by the hook, from Maildir, from mbox and through Sieve (CRLF) is
# counted once; the whole corpus is, too, and a second pass changes nothing.
. "$(dirname "$0")/lib.sh"

# A dry run says who sent it, and whose words they are where a PA forwards
# them; it leaves nothing behind.
exits 0 soundings-mail --dry-run <"$CORPUS/mail/36-forwarded-by-pa.eml"
jq -e '.from == {"name": "Mandy Horsmonden", "address": "m.horsmonden@downsbrook.example.org.uk"} and
	.respondent == {"name": "Kelvin Wickstead", "address": "k.wickstead@downsbrook.example.org.uk"}' out >/dev/null ||
	fail "$(jq -c '.from, .respondent' out)"
[ ! -e "$SOUNDINGS_HOME" ] || fail "a dry run made $SOUNDINGS_HOME"
# It shows the text as it would travel: what is too long is cut, and said so.
{
	printf 'From: a@b.example\nSubject: long\n\n'
	yes 'Every word of it counts, say café and naïve.' | head -n 2000
} >long
exits 0 soundings-mail --dry-run <long
jq -e '.truncated and (.text | utf8bytelength <= 45056 and utf8bytelength > 45052)' out >/dev/null ||
	fail "$(jq -c '[.truncated, (.text | utf8bytelength)]' out)"

start_worker

# One message, four ways: as Postfix pipes it (with lines of its own before),
# with CRLF, in a Maildir, in an mbox (with ">From " and a "From " line).
tr -d '\r' <"$CORPUS/mail/10-gmail-reply-quoted-newsletter.eml" >one
{
	echo "X-Original-To: future@association.example"
	sed 's/$/\r/' one
} >crlf
mkdir -p Maildir/cur Maildir/new Maildir/tmp
cp one Maildir/cur/1423000000.M1.host:2,S
{
	echo "From b.trethowanshaw@gmail.com Sat Jan 31 11:25:19 2015"
	cat one
	echo
} >mbox
exits 0 soundings-mail --hook <one
same "" "$(cat out err)"
same 1 "$(ledger counted)"
exits 0 soundings-mail --recipient=future@association.example <crlf
exits 0 soundings-mail --maildir Maildir
says err "1 messages: 1 duplicate"
exits 0 soundings-mail --mbox mbox
says err "1 messages: 1 duplicate"
same 4 "$(ledger received)"
same 1 "$(ledger counted)"
same 3 "$(ledger duplicate)"

# The corpus, in one go; again; and its books balance. The first pass meets
# one message it has seen.
mkdir all
cp "$CORPUS"/mail/*.eml all
exits 0 soundings-mail --maildir all
same 1 "$(grep -c '^40 messages: .* 1 duplicate' err)"
counted=$(ledger counted)
exits 0 soundings-mail --maildir all
says err "40 messages: 40 duplicate"
same "$counted" "$(ledger counted)"
same true "$(ledger balanced)"
same 0 "$(ledger quarantined)"

# What is no mail is set aside, whole, and says so nowhere but in the log.
head -c 3000 /dev/zero >zeros
exits 0 soundings-mail <zeros
same "" "$(cat out err)"
same 1 "$(ledger quarantined)"
set -- "$SOUNDINGS_HOME"/spool/incoming/*.eml
same 1 $#
cmp zeros "$1" || fail "the original was not kept as it was"
same 600 "$(stat -c %a "$1")"
exits 0 soundings-mail <zeros
same 1 "$(ledger quarantined)"

# Who gives no standard input has not given a message.
received=$(ledger received)
exits 75 sh -c 'exec soundings-mail <&-'
same "$received" "$(ledger received)"

# An empty environment is enough, if told where home is.
exits 0 env -i "$BIN/soundings-mail" --home="$SOUNDINGS_HOME" \
	<"$CORPUS/mail/13-iphone-plain.eml"
same true "$(ledger balanced)"
