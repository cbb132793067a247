#!/bin/sh
# Members' words are in no log, core or error output: this story makes them
# pass through every program, well and badly, and looks; and it proves that a
# word which did stand there would be found. All other stories look as well
# (lib.sh).
. "$(dirname "$0")/lib.sh"
PATH="$BIN/../libexec/soundings:$PATH"
printf 'network:\n  keys-on-ipc: no\n' >"$WORK/x.yaml"
start_worker
words='CANARYWORD: our head says that funding is too low'
mail() { printf 'From: Head <head1@school.example>\nTo: %s\nMessage-ID: <%s@x>\nSubject: CANARYWORD subject\nDate: Tue, 3 Feb 2026 10:00:00 +0000\n\n%s\n' "$1" "$2" "$words"; }
note() { "$@" 2>>all.err || true; }

# Well.
mail future@x.example 1 | note soundings-mail
mail notes@x.example 2 | note soundings-mail --recipient notes@x.example
note soundings-rep --yes --rep "CANARYWORD Jane" --text "$words"
printf 'Response ID,What should change?\n1,"%s"\n' "$words" >s.csv
note soundings-survey --yes s.csv >/dev/null
# Badly: bytes that are no mail, no event, no survey, no command.
head -c 3000 /dev/urandom | note soundings-mail
printf '\0CANARYWORD\0' | note soundings-mail
{ mail future@x.example 3; head -c 100000 /dev/zero; } | note soundings-mail
printf 'a,b\n"%s' "$words" >bad.csv
note soundings-survey --yes bad.csv >/dev/null
note faults_push --seed 5 --count 20 --garbage --timeout 3000 push.seen >/dev/null
# Without a worker, then with one again.
stop_worker "$worker"
mail future@x.example 4 | note soundings-mail
note soundings-rep --yes --wait 0 --rep jane --text "$words of the outbox"
start_worker
note soundings-rep --send >/dev/null
# Commands, asked well and badly.
for ask in 'messages' 'messages --grep CANARYWORD' 'quotes --theme funding' 'review --list' 'report' \
	'show abcd' 'explain abcd' 'correct abcd --themes none' 'forget head1@school.example --dry-run' \
	'access head1@school.example' 'quarantine list' 'quarantine retry' 'verify' 'doctor --test' \
	'purge --dry-run' 'emerging' 'campaigns'; do
	# shellcheck disable=SC2086 # words
	note soundings $ask >/dev/null
done
exits 0 soundings explain "$(soundings messages --format json | jq -r '.rows[0].id')"
# A worker that is killed while it has them, and one that is told to dump.
kill -ABRT "$worker"
wait "$worker" 2>/dev/null || true
start_worker
stop_worker "$worker"

[ "$(ledger counted)" -ge 4 ] || fail "nothing went through"
cat "$WORK"/*.log all.err >/dev/null
[ -s worker.log ] || fail "the worker logged nothing"
same '' "$(leaks)"
# Were it there, it would be found.
mkdir run
echo "worker 0: $words" >run/worker-9.log
same "$WORK/run/worker-9.log" "$(leaks)"
rm run/worker-9.log
echo "$words" >core.1234
same "$WORK/core.1234" "$(leaks)"
rm core.1234
