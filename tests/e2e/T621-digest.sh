#!/bin/sh
# The weekly digest: the week beside the one before, no word of a member's, no
# figure of few people; handed to the command that is configured.
. "$(dirname "$0")/lib.sh"
start_worker
# mail N DAYS-AGO PLACE
mail() {
	printf 'From: Head %s <head%s@school%s.example>\nTo: future@x.example\nDate: %s\nMessage-ID: <%s@x>\nSubject: Funding\n\nOur school is in %s. CANARYWORD: funding is far too low and budgets are cut.\n' \
		"$1" "$1" "$1" "$(date -R -d "$2 days ago")" "$1" "$3" | soundings-mail
}
i=1
while [ $i -le 17 ]; do
	place=London
	[ $i -le 12 ] || place=Sunderland
	mail $i 3 $place
	i=$((i + 1))
done
while [ $i -le 33 ]; do
	mail $i 10 London
	i=$((i + 1))
done
exits 0 soundings digest
cat out >digest
grep -q "^$(date -d '7 days ago' +%F) to $(date -d yesterday +%F): 15 messages from 15 people" digest || fail "$(cat digest)"
grep -q "^$(date -d '14 days ago' +%F) to $(date -d '8 days ago' +%F): 15 messages from 15 people" digest || fail "$(cat digest)"
grep -q '^north-east\|^North East' digest || fail "$(cat digest)"
grep -q '\[c\]' digest || fail "small figures are shown: $(cat digest)"
! grep -q -e CANARYWORD -e head1 digest || fail "it holds what should not leave"
grep -q 'How it stands: 1 worker answers' digest || fail "$(cat digest)"
exits 0 soundings digest --format json
same '"soundings/digest/1" 15 null' "$(jq -c '.schema, .totals.respondents, (.region[] | select(.region == "north-east") | .respondents)' out | xargs -d '\n')"
exits 0 soundings digest --until "$(date -d '8 days ago' +%F)" --format json
same 0 "$(jq .totals_before.messages out)"

exits 64 soundings digest --send
printf 'warn:\n  digest-command: "cat >%s"\n' "$WORK/mailed" >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings digest --send
same digest mailed
same '' "$(cat out)"
printf 'warn:\n  digest-command: "exit 3"\n' >"$SOUNDINGS_HOME/soundings.yaml"
exits 75 soundings digest --send
exits 64 soundings digest --send --format json
# Another policy, because the association says so.
printf 'network:\n  report-policy: hesa\n' >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings digest --format json
same '"hesa" 5' "$(jq -c '.policy, (.region[] | select(.region == "north-east") | .respondents)' out | xargs -d '\n')"
stop_worker "$worker"
