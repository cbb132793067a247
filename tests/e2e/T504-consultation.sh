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

# An address is one's alone for a time, whoever asks how.
golden_fails add-shared 65 soundings consultation add later \
	--address x@association.example --address PILOTS@association.example --opens 2015-03-31
exits 0 soundings consultation add later --address pilots@association.example --opens 2015-04
golden_fails add-overlaps 65 soundings consultation add pilots --closes 2015-04
exits 0 soundings consultation close later

start_worker
RECIPIENT=pilots@association.example soundings-mail \
	<"$CORPUS/mail/01-exchange-alternative.eml"
RECIPIENT=future@association.example soundings-mail \
	<"$CORPUS/mail/05-gmail-private-account.eml"
same 2 "$(ledger counted)"
same "future 1
pilots 1" "$(soundings report --by consultation --format json |
	jq -r '.rows[] | "\(.consultation) \(.messages)"' | sort)"
# Where nobody gives the envelope, headers say where it went; a given one wins.
letter() {
	printf 'From: <h%s@x.example>\nDate: Mon, 2 Feb 2015 10:00:00 +0000\n' "$1"
	printf '%s\nSubject: pilots\n\nOur budget is cut again.\n' "$2"
}
mkdir -p box/cur box/new box/tmp
letter 1 'To: Pilots <Pilots@association.example>, x@x.example' >box/cur/1
letter 2 'Delivered-To: pilots@association.example
To: somebody@x.example' >box/cur/2
letter 3 'To: somebody@x.example' >box/cur/3
exits 0 soundings-mail --maildir box
letter 4 'To: pilots@association.example' |
	RECIPIENT=future@association.example soundings-mail
same "future 3
pilots 3" "$(soundings report --by consultation --format json |
	jq -r '.rows[] | "\(.consultation) \(.messages)"' | sort)"
same pilots "$(soundings report --consultation pilots --format json | jq -r .consultation)"
same 3 "$(soundings report --consultation pilots --format json | jq .totals.messages)"
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

# What comes to a closed one is held; reopened, it takes that, and goes on.
closed_mail() {
	RECIPIENT=pilots@association.example soundings-mail <"$CORPUS/mail/$1"
}
golden_fails open-already 65 soundings consultation reopen future
golden_fails reopen-none 64 soundings consultation reopen nowhere
closed_mail 02-ipad-reply-quoted.eml
same 1 "$(ledger quarantined)"
same "the consultation is closed" "$(soundings quarantine list --format json | jq -r '.rows[0].reason')"
golden_fails reopen-early 65 soundings consultation reopen pilots --closes 2014
exits 0 soundings consultation add next --address pilots@association.example
golden_fails reopen-shared 65 soundings consultation reopen pilots
exits 0 soundings consultation close next
# Whole addresses, wherever they stand in the list.
exits 0 soundings consultation add longer --address new-pilots@association.example \
	--address pilots@association.example
golden_fails reopen-listed 65 soundings consultation reopen pilots
exits 0 soundings consultation add longer --address new-pilots@association.example
for also in '--name Again' '--address a@association.example' '--opens 2015-02' '--region wales'; do
	# shellcheck disable=SC2086 # words, not one
	exits 64 soundings consultation reopen pilots $also
	says err "soundings: consultation reopen takes no ${also%% *} (see --help)"
	exits 64 soundings consultation close longer $also
	says err "soundings: consultation close takes no ${also%% *} (see --help)"
	exits 64 soundings consultation list $also
	says err "soundings: consultation list takes no ${also%% *} (see --help)"
done
exits 64 soundings consultation close longer --closes 2015-06
exits 64 soundings consultation close longer --format json
exits 64 soundings consultation add longer --output file

# Nor does a verb of another command pass over an option that it has no use
# for: a --role with 'keys list' was meant to do something.
while IFS='|' read -r verb words option; do
	# shellcheck disable=SC2086 # words, not one
	exits 64 soundings $verb $words --$option
	says err "soundings: $verb takes no --${option%% *} (see --help)"
done <<'END'
keys new|jane --role rep|since 2015
keys authorize|jane --role rep --key x|output file
keys revoke|jane|role rep
keys sent|jane|workers tcp://x:1
keys release|jane|format json
keys rotate|jane|role rep
keys rotate|text|output file
keys rotate|workers|overlap 3
keys trust|x|key x
keys list||since 2015
keys use|jane.key|role rep
keys server||format json
theme merge|leadership-roles voice-and-council|cue phones
theme retire|policy-influence|name Phones
theme list||dry-run
decision add|text|until 2015
decision list||theme funding
decision text||format json
decision withdraw|1|region london
requests list||ref x
requests add|access|format json
requests done|1|received 2015-01-01
requests||received 2015-01-01
directory import|members.csv|region london
directory lookup|a@b.example|postcode work
directory set|a@b.example --region london|yes
directory link|a@b.example 1|kind members
quarantine list||passing
quarantine show|0123abcd|format json
quarantine retry||confirm 0123abcd
quarantine approve|0123abcd|confirm 0123abcd
quarantine drop|0123abcd --confirm 0123abcd|passing
frame check||because x
frame diff|a|region london
frame try||all
frame adopt||labelled x.jsonl
frame versions||theme funding
quotes|--theme funding|consent-obtained
quotes approve|0123abcd --theme funding|limit 3
quotes list||exact
quotes withdraw|0123abcd|theme funding
releases show|x|format json
releases withdraw|x why|output file
roster add|a@b.example --name x|format json
roster remove|a@b.example|key x
workers start||format json
workers stop||count 2
workers status||tcp 5600
END
same open "$(soundings consultation list --format json | jq -r '.rows[] | select(.id == "longer").state')"
same closed "$(soundings consultation list --format json | jq -r '.rows[] | select(.id == "pilots").state')"
golden_fails reopened 0 soundings consultation reopen pilots --closes 2015-06
same "open 2015-06-30" "$(soundings consultation list --format json | jq -r '.rows[] | select(.id == "pilots") | "\(.state) \(.closes)"')"
exits 0 soundings quarantine retry --passing
same 0 "$(ledger quarantined)"
same 4 "$(soundings report --consultation pilots --format json | jq .totals.messages)"
same true "$(ledger balanced)"
