#!/bin/sh
# From another desk: figures for the role report, words for an officer and
# noted, nothing for anybody else, and nothing that writes or reads a file.
. "$(dirname "$0")/lib.sh"
start_worker
for n in 1 2 3; do
	soundings-rep --quiet --yes --rep jane.doe --date 2026-02-0$n --text "Point $n: funding is too low here."
done
start_office report officer rep

# A desk: no store, no worker; its key file alone.
desk() {
	who=$1
	shift
	SOUNDINGS_HOME=$WORK/desk SOUNDINGS_KEY=$WORK/$who.key \
		soundings --from "$office" "$@"
}
# Where nobody listens one is told soon, not after the time an answer may take.
SOUNDINGS_HOME=$WORK/desk SOUNDINGS_KEY=$WORK/officer.key \
	timeout 40 soundings --from tcp://127.0.0.1:1 report 2>nobody &
nobody=$!
started="$started $nobody"
exits 0 desk officer report --by theme --format json
grep -v generated_at out >there
soundings report --by theme --format json | grep -v generated_at >here
same here there
exits 0 desk officer report --by theme --format json --output mine.json
grep -v generated_at mine.json >mine
same here mine
exits 0 desk officer status
exits 0 desk officer messages --grep funding --format json
same 3 "$(jq '.rows | length' out)"
id=$(jq -r '.rows[0].id' out)
exits 0 desk officer show "$id"
same "messages show" "$(jq -r .what "$SOUNDINGS_HOME/access.jsonl" | tr '\n' ' ' | sed 's/ $//')"
same the-officer "$(tail -n 1 "$SOUNDINGS_HOME/access.jsonl" | jq -r .by)"

# Small figures are not for the role report: rows of few are hidden whole,
# another with them where they could be had by subtraction (also from the north
# as a whole, which a page may show), the rest is rounded.
i=1
while [ $i -le 45 ]; do
	region=London
	[ $i -le 13 ] || region=Sunderland
	[ $i -le 17 ] || region=Norwich
	[ $i -le 20 ] || region=Leeds
	printf 'From: Head %s <head%s@school%s.example>\nTo: future@x.example\nDate: Tue, 3 Feb 2026 10:%02d:00 +0000\nMessage-ID: <%s@x>\nSubject: Funding\n\nOur school is in %s. Funding is far too low and budgets are cut.\n' \
		$i $i $i $i $i $region
	i=$((i + 1))
done >all.txt
awk '/^From: /{n++} {print > ("m" n ".eml")}' all.txt
for n in $(seq 45); do soundings-mail <"m$n.eml"; done
exits 0 desk report report --by region --format json
same '"ons-10-5"' "$(jq .policy out)"
figures() { jq -r '[.rows[] | "\(.region) \(.respondents)"] | join(", ")' out; }
same 'north-east null, yorkshire-humber null, east-of-england null, london null, unknown null' "$(figures)"
same 45 "$(jq .totals.respondents out)"
# It is the total of all tables: three notes hide the mails beside them, not it.
exits 0 desk report report --by source --format json
same '45 [null,null]' "$(jq -c '"\(.totals.respondents) \([.rows[].respondents])"' -r out)"
exits 0 desk report report --by region,theme
grep -q '\[c\]' out || fail "$(cat out)"
grep -q 'Under policy ons-10-5' out || fail "$(cat out)"
exits 0 desk officer report --by region --format json
same 13 "$(jq '.rows[] | select(.region == "london") | .respondents' out)"
# Nor whose day it was, nor how many came and when.
exits 0 desk report report --by region --format json
same '2026-02-01 2026-02-28' "$(jq -r '.first_day + " " + .last_day' out)"
exits 0 desk report status --format json
jq -e '.store | [.events, .respondents, .members, .received, .last_received] | all(. == null)' out >/dev/null || fail "$(cat out)"
! jq -r .sentence out | grep -q '4[58]' || fail "$(cat out)"
exits 0 desk report status
! grep -Eq 'received|held|respondents' out || fail "$(cat out)"
exits 0 desk report status --format openmetrics
! grep -Eq 'soundings_(received|held|pieces|last)' out || fail "$(cat out)"
exits 0 desk officer status --format json
same 48 "$(jq .store.received out)"
exits 0 desk report trend --of region
grep -q '\[c\]' out || fail "$(cat out)"
! grep -q Exact out || fail "exact under a policy"
exits 0 desk report trend --of region --format csv
grep -q '^london,2026-02,\[c\],28,' out || fail "$(cat out)"
exits 0 desk report trend --of region --format json
same null "$(jq '.series[] | select(.region == "london") | .total' out)"
same '"ons-10-5"' "$(jq .policy out)"
same 0 "$(jq '[.rows[].messages] | map(select(. > 0 and (. < 10 or . % 5 != 0))) | length' out)"
for bad in '--share row' '--compare mail,rep' '--as-of 2026-02-03' '--geography inspection-2013'; do
	# shellcheck disable=SC2086 # words
	exits 77 desk report report --by region $bad
done
# A fixed set of tables: no part of one by itself, which would give what the
# table hides, and no day more or less, which would be who wrote on it.
for bad in '--region london' '--source mail' '--role head' '--theme funding' '--by week' '--by region,day' '--by authority' \
	'--by region,theme,source' '--since 2026-02-03' '--until 2026-02-02' '--since 2026-02 --until 2026-02-27'; do
	# shellcheck disable=SC2086 # words
	exits 64 desk report report $bad
	grep -q 'under policy ons-10-5' err || fail "$bad: $(cat err)"
done
exits 64 desk report trend --by week
exits 64 desk report publish --source survey --page
exits 64 desk report report --since "$(date -u +%Y-%m)"
grep -q 'once they have ended' err || fail "$(cat err)"
same '"trend"' "$(jq -c 'select(.by == "the-report") | .what' "$SOUNDINGS_HOME/access.jsonl" | sed -n '/trend/{p;q}')"
# What came today is in no table until its month has ended.
for n in $(seq 15); do
	sed -e "s/3 Feb 2026/$(date -u '+%e %b %Y')/" -e "s/head$n@school/today$n@school/" -e "s/<$n@x>/<today$n@x>/" "m$n.eml" | soundings-mail
done
same 63 "$(ledger held)"
exits 0 desk report report --by region --format json
same 'north-east null, yorkshire-humber null, east-of-england null, london null, unknown null' "$(figures)"
same "$(date -u +%Y-%m)-00" "$(jq -r .until out | xargs -I{} date -u -d '{} + 1 day' +%Y-%m-00)"
exits 77 desk report ledger
exits 77 desk report publish --policy hesa
exits 77 desk report publish --audience council
exits 0 desk report publish --title 'From a desk' --page --output page.html
grep -q 'From a desk' page.html || fail "no page"
! grep -qi 'head1@' page.html || fail "names on a page"
same 1 "$(soundings releases list --format json | jq '.rows | length')"
same '"ons-10-5"' "$(soundings releases list --format json | jq '.rows[0].policy')"
exits 0 desk report status

# An officer reads, corrects and notes what was done; each is written down.
exits 0 desk officer review --list --limit 2 --format json
same 2 "$(jq '.rows | length' out)"
exits 0 desk officer correct "$id" --themes wellbeing-workload
same wellbeing-workload "$(soundings show "$id" --format json | jq -r '.themes[0].id')"
exits 0 desk officer decision add --theme funding 'We wrote to the minister.'
exits 0 desk officer decision list
grep -q minister out || fail "$(cat out)"
exits 0 desk officer quotes --theme funding
exits 0 desk officer explain "$id"
tail -n 6 "$SOUNDINGS_HOME/access.jsonl" >noted
same 'review correct decision decision quotes explain' "$(jq -r .what noted | tr '\n' ' ' | sed 's/ $//')"
same '["add","--theme=funding","…"]' "$(jq -c 'select(.which[0] == "add") | .which' noted)"
jq -e --arg id "$id" 'select(.what == "explain") | .which == [$id]' noted >/dev/null || fail "$(cat noted)"
exits 0 desk officer messages --grep 'a member said'
same '["--grep=…"]' "$(tail -n 1 "$SOUNDINGS_HOME/access.jsonl" | jq -c .which)"

# What may not be asked.
exits 77 desk report messages
grep -q "members' words are for the role officer" err || fail "$(cat err)"
exits 77 desk rep report
grep -q 'may send, not ask' err || fail "$(cat err)"
for bad in 'forget a@b.c' 'keys list' 'report --out x' 'publish --out x' 'review --blind x' 'explain --frame x' 'quotes --blind' 'report --membership /etc/passwd' \
	'report --o x' 'report --out=y' 'show /etc/passwd' 'show --grep x --unknown' 'purge' 'backup /tmp/x'; do
	# shellcheck disable=SC2086 # words
	exits 77 desk officer $bad
done
[ "$(ledger held)" -eq 63 ] || fail "something changed"

# A forced command of ssh: words as they were typed, and no file here.
ssh_desk() { SSH_ORIGINAL_COMMAND=$1 SOUNDINGS_HOME=$WORK/desk SOUNDINGS_KEY=$WORK/officer.key soundings --from "$office" --ssh; }
exits 0 ssh_desk 'report --by region --format json'
same 26 "$(jq '.rows[] | select(.region == "london") | .respondents' out)"
exits 0 ssh_desk "soundings decision add --theme funding 'It''s \"done\"; \$(touch pwned) | x > y'"
exits 0 ssh_desk 'decision list'
grep -qF 'Its "done"; $(touch pwned) | x > y' out || fail "$(cat out)"
[ ! -e pwned ] || fail "a shell read it"
exits 64 ssh_desk 'report --output /tmp/x'
exits 64 ssh_desk 'report --output=/tmp/x'
exits 64 ssh_desk ''
# None of what was asked is left out in silence.
exits 64 ssh_desk "report $(printf ' --region london%.0s' $(seq 500)) --theme pay"
grep -q 'more than' err || fail "$(cat err)"
exits 77 ssh_desk 'forget a@b.c'

# A key that nobody was given, and one that was revoked a moment ago.
SOUNDINGS_HOME=$WORK/other soundings keys new stranger --role officer --output other.key 2>/dev/null
{
	grep -E '^(name|public|secret) ' other.key
	grep -E '^server ' officer.key
} >stranger.key
exits 75 desk stranger report
grep -q 'refuses the key of "stranger"' err || fail "$(cat err)"
soundings keys revoke the-officer 2>/dev/null
exits 75 desk officer status
grep -q 'refuses the key' err || fail "$(cat err)"
exits 64 env SOUNDINGS_HOME="$WORK/desk" soundings --from "$office" report
! grep -q funding reportd.log || fail "words in the log"
status=0
wait "$nobody" || status=$?
same 75 "$status"
says nobody 'soundings: nobody answers at "tcp://127.0.0.1:1"'
