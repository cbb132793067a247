#!/bin/sh
# Workers in the background: started, seen, started again when killed, ended.
. "$(dirname "$0")/lib.sh"

pid_of() {
	soundings workers status --format json |
		jq -r ".rows[] | select(.slot == $1) | .pid"
}
is_ready() {
	[ "$(soundings workers status --format json |
		jq -r ".rows[] | select(.slot == $1) | .state")" = ready ]
}

exits 0 soundings workers status
says out "no workers are running: 'soundings workers start' starts two"
exits 0 soundings workers stop
says out "no workers are running in the background"

# A home may be named from where one stands.
# What waits in the outbox is sent once somebody takes it.
home=$SOUNDINGS_HOME
SOUNDINGS_HOME=trial
exits 0 soundings-mail --outbox <"$CORPUS/mail/02-ipad-reply-quoted.eml"
exits 0 soundings workers start --count 1
says out "1 worker is ready; logs in $PWD/trial/run"
exits 0 soundings-mail <"$CORPUS/mail/01-exchange-alternative.eml"
[ -d trial/store ] || fail "no store in $PWD/trial"
is_counted() {
	[ "$(ledger counted)" = 2 ]
}
wait_for 20 is_counted
mkdir desk && cd desk
exits 0 env SOUNDINGS_HOME=../trial soundings workers stop
cd ..
SOUNDINGS_HOME=$home

exits 0 soundings workers start --count 3
says out "3 workers are ready; logs in $SOUNDINGS_HOME/run"
for slot in 0 1 2; do
	is_ready $slot || fail "worker $slot is not ready"
done
exits 0 soundings workers start --count 3
says out "3 workers are already running"
exits 65 soundings workers start --count 2
says err "soundings: 3 workers are already running: 'soundings workers stop' first, to have 2"

# One that is killed comes back, as another process, and is counted.
first=$(pid_of 1)
kill -KILL "$first"
came_back() {
	is_ready 1 && [ "$(pid_of 1)" != "$first" ]
}
wait_for 20 came_back
same 1 "$(soundings workers status --format json |
	jq '.rows[] | select(.slot == 1) | .restarts')"
same soundings/workers/1 \
	"$(soundings workers status --format json | jq -r .schema)"

exits 0 soundings workers stop
says out "the workers have ended"
same 0 "$(soundings workers status --format json | jq .running)"
kill -0 "$first" 2>/dev/null && fail "worker $first is still there"
grep -q "worker 1: ends after 0 batches, 0 events" \
	"$SOUNDINGS_HOME/run/worker-1.log" || fail "worker 1 did not end well"

# What keeps a worker from starting is said at once, and nothing is left.
mkdir "$WORK/broken"
printf 'no: such key\n' >"$WORK/soundings.yaml"
SOUNDINGS_CONFIG=$WORK/soundings.yaml exits 65 soundings workers start
grep -q '^soundings: worker [01]: .*soundings.yaml' err ||
	fail "no reason: $(cat err)"
exits 0 soundings workers stop
says out "no workers are running in the background"

# Misuse.
exits 64 soundings workers
exits 64 soundings workers restart
exits 64 soundings workers stop --count 2
exits 64 soundings workers start --count 0
exits 64 soundings-worker --slot 64
exits 64 soundings-worker --no-such-option
exits 64 soundings-worker extra
exits 0 soundings-worker -n
