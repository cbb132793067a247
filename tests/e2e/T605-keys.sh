#!/bin/sh
# Who may send what, by tcp and by ipc, with keys asked of all: a
# representative's key sends notes in its own name; a key nobody knows, one
# that was revoked, one of another role and a client without any get nowhere,
# and say so plainly.
. "$(dirname "$0")/lib.sh"
server=$SOUNDINGS_HOME
port=$PORT
mkdir -p "$server"
printf 'network:\n  listen: "tcp://127.0.0.1:%s"\n  keys-on-ipc: yes\n' "$port" \
	>"$server/soundings.yaml"

soundings keys new jane.doe --role rep --workers "tcp://127.0.0.1:$port" --output jane.key 2>/dev/null
soundings keys new survey-desk --role survey --workers "tcp://127.0.0.1:$port" --output survey.key 2>/dev/null
soundings keys new local-rep --role rep --output local.key 2>/dev/null
same 400 "$(stat -c %a jane.key)"
start_worker

# Each on a laptop of their own, with nothing but the file they were handed.
note() {
	key=$1
	shift
	rm -rf laptop
	SOUNDINGS_HOME=$WORK/laptop SOUNDINGS_KEY=$key soundings-rep --yes --wait 4 \
		--rep somebody.else --date 2026-02-03 --text "$*" >sent 2>why
}
# On the machine of the workers, by ipc.
note_here() {
	key=$1
	shift
	SOUNDINGS_KEY=$key soundings-rep --yes --wait 4 \
		--rep somebody.else --date 2026-02-03 --text "$*" >sent 2>why
}

note jane.key "Members in our schools say that funding is too low."
grep -q '1 counted' sent || fail "$(cat sent why)"
note_here local.key "Members here say that workload is too high."
grep -q '1 counted' sent || fail "$(cat sent why)"
same 2 "$(ledger counted)"

# The representative is who the key says.
id=$(soundings messages --format json --grep funding | jq -r '.rows[0].id')
soundings show "$id" --format json >shown.json
grep -q 'jane.doe' shown.json || fail "$(cat shown.json)"
! grep -q 'somebody.else' shown.json || fail "the note says whose it is"

refused() {
	grep -q '1 kept' sent || fail "not kept: $(cat sent why)"
	grep -q "$1" why || fail "says: $(cat why)"
	same "${2:-2}" "$(ledger received)"
}
# A key that nobody was given: its own pair, the right workers.
SOUNDINGS_HOME=$WORK/other soundings keys new stranger --role rep --output other.key 2>/dev/null
{
	grep -E '^(name|public|secret) ' other.key
	grep -E '^(server|workers) ' jane.key
} >stranger.key
grep -E '^(name|public|secret|server) ' stranger.key | grep -v workers >stranger-here.key
note stranger.key "I am not authorized."
refused 'refuse the key of "stranger"'
note_here stranger-here.key "I am not authorized either."
refused 'refuse the key of "stranger"'
rm -rf "$server/outbox"

# The wrong role: survey answers only.
note survey.key "This is a note and no survey answer."
refused 'survey answers and nothing else'

# Without a key.
rm -rf laptop
SOUNDINGS_HOME=$WORK/laptop soundings-rep --yes --wait 1 --connect "tcp://127.0.0.1:$port" \
	--rep x --date 2026-02-03 --text "No key at all." >sent 2>why || true
refused 'no worker'
soundings-rep --yes --wait 1 --rep x --date 2026-02-03 --text "None here." >sent 2>why || true
refused 'no worker'
rm -rf "$server/outbox"

# What each other role is for.
soundings keys new mail-server --role mail --workers "tcp://127.0.0.1:$port" --output mail.key 2>/dev/null
SOUNDINGS_HOME=$WORK/laptop SOUNDINGS_KEY=$WORK/mail.key \
	soundings-mail <"$CORPUS/mail/02-ipad-reply-quoted.eml" || fail "the hook with a key answered $?"
same 3 "$(ledger received)"
SOUNDINGS_HOME=$WORK/laptop SOUNDINGS_KEY=$WORK/mail.key \
	soundings-survey --yes --quiet "$CORPUS/surveys/google-forms-who-is-it-for.csv" >sent 2>why && fail "mail's key sent answers"
grep -q 'mail and nothing else' why || fail "$(cat why)"
same 3 "$(ledger received)"
SOUNDINGS_HOME=$WORK/laptop SOUNDINGS_KEY=$WORK/survey.key \
	soundings-survey --yes --quiet "$CORPUS/surveys/google-forms-who-is-it-for.csv" >sent 2>why || fail "$(cat why)"
[ "$(ledger received)" -gt 3 ] || fail "no answers came"

# Revoked: cut off at once, also for who is connected already.
received=$(ledger received)
soundings keys revoke jane.doe 2>/dev/null
note jane.key "I was revoked a moment ago."
refused 'refuse the key of "jane.doe"' "$received"

same true "$(ledger balanced)"
stop_worker "$worker"
