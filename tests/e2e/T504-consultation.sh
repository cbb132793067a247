#!/bin/sh
# A consultation is a thing of its own: what comes to its address belongs to
# it, and a report can be of it alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

# The first command of an installation may be this one.
exits 0 soundings consultation add pilots --name "The regional pilots" \
	--address Pilots@Association.example --opens 2015-01-01 \
	--closes 2015-03 --region north-east,south-west
golden list soundings consultation list
golden list.json soundings consultation list --format json
golden_fails bad-id 65 soundings consultation add "Not An Id"
golden_fails bad-date 64 soundings consultation add x --opens yesterday
golden_fails bad-region 64 soundings consultation add x --region mars
golden_fails bad-order 65 soundings consultation add x --opens 2015-03 --closes 2015-01
golden_fails close-none 64 soundings consultation close nowhere
golden_fails nothing 64 soundings consultation add

start_worker
RECIPIENT=pilots@association.example soundings-mail \
	<"$CORPUS/mail/01-exchange-alternative.eml"
RECIPIENT=future@association.example soundings-mail \
	<"$CORPUS/mail/05-gmail-private-account.eml"
same 2 "$(ledger counted)"
same "future 1
pilots 1" "$(soundings report --by consultation --format json |
	jq -r '.rows[] | "\(.consultation) \(.messages)"' | sort)"
same pilots "$(soundings report --consultation pilots --format json | jq -r .consultation)"
same 1 "$(soundings report --consultation pilots --format json | jq .totals.messages)"
# With several and none asked for, a report is of all of them.
same null "$(soundings report --format json | jq .consultation)"
# Not asked is not the same as nothing said.
soundings report --by region --consultation pilots >out
grep -q '^Not asked in ' out || fail "$(cat out)"
same north-west "$(soundings report --by region --consultation pilots --format json | jq -r '.not_asked[0]')"

# Changing one thing keeps the rest.
exits 0 soundings consultation add pilots --name "Pilots, renamed"
exits 0 soundings consultation close pilots
golden closed soundings consultation list
