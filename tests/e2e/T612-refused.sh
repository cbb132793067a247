#!/bin/sh
# Five who may not send, by tcp and by ipc, with CURVE asked of all: a key
# nobody was given, a revoked one, one of another role, a client without any,
# and a representative who says to be another. None is accepted; and whoever
# is revoked is cut off on the connection that is open.
. "$(dirname "$0")/lib.sh"
server=$SOUNDINGS_HOME
port=$PORT
tcp="tcp://127.0.0.1:$port"
mkdir -p "$server"
printf 'network:\n  listen: "%s"\n  keys-on-ipc: yes\n' "$tcp" >"$server/soundings.yaml"
for name in jane.doe john.roe was.here; do
	soundings keys new $name --role rep --output $name.key 2>/dev/null
done
soundings keys new desk --role survey --output desk.key 2>/dev/null
soundings keys revoke was.here 2>/dev/null
SOUNDINGS_HOME=$WORK/other soundings keys new stranger --role rep --output other.key 2>/dev/null
{
	grep -E '^(name|public|secret) ' other.key
	grep -E '^server ' jane.doe.key
} >stranger.key
for name in jane.doe john.roe was.here desk stranger; do # the same, by tcp
	{ cat $name.key; echo "workers $tcp"; } >$name.tcp
done
start_worker

# note KEYFILE REP TEXT: by the file's way; what it says is in sent and why.
note() {
	rm -rf laptop "$server/outbox"
	case $1 in
	none.tcp) SOUNDINGS_HOME=$WORK/laptop soundings-rep --yes --wait 1 --connect "$tcp" \
		--rep "$2" --date 2026-02-03 --text "$3" >sent 2>why || true ;;
	none.key) soundings-rep --yes --wait 1 --rep "$2" --date 2026-02-03 --text "$3" >sent 2>why || true ;;
	*.tcp) SOUNDINGS_HOME=$WORK/laptop SOUNDINGS_KEY=$WORK/$1 soundings-rep --yes --wait 4 \
		--rep "$2" --date 2026-02-03 --text "$3" >sent 2>why ;;
	*) SOUNDINGS_KEY=$WORK/$1 soundings-rep --yes --wait 4 \
		--rep "$2" --date 2026-02-03 --text "$3" >sent 2>why ;;
	esac
}

tried=0
for way in key tcp; do
	for who in stranger was.here desk none jane.doe; do
		rep=$who
		[ $who != jane.doe ] || rep=john.roe
		note $who.$way "$rep" "Attempt of $who by $way: funding is too low."
		grep -q '1 kept' sent || fail "$who by $way: $(cat sent why)"
		case $who in
		stranger | was.here) words="refuse the key of \"$who\"" ;;
		desk) words='survey answers and nothing else' ;;
		none) words='no worker' ;;
		jane.doe) words="not that representative's" ;;
		esac
		grep -q "$words" why || fail "$who by $way is told: $(cat why)"
		tried=$((tried + 1))
	done
done
same "10 tried, 0 accepted" "$tried tried, $(ledger received) accepted"

# As themselves, both may.
note jane.doe.key jane.doe "Members say that funding is too low."
note john.roe.tcp john.roe "Members say that workload is too high."
same 2 "$(ledger counted)"

# Cut off at once, on an open connection: half of what a process sends comes
# before its key is revoked, the other half after, and it never let go.
soundings keys new live --role mail --workers "$tcp" --output live.key 2>/dev/null
SOUNDINGS_HOME=$WORK/laptop SOUNDINGS_KEY=$WORK/live.key \
	faults_push --from 1 --step 3 --count 40 --rest-at go push.log >sent 2>why &
sender=$!
started="$started $sender"
received() { [ "$(ledger received)" -eq "$1" ]; }
wait_for 30 received 22
soundings keys revoke live 2>/dev/null
kill -0 $sender || fail "it has gone: $(cat sent why)"
: >go
! wait $sender || fail "it was not cut off"
grep -q 'refused: the key was revoked' why || fail "$(cat why)"
same 22 "$(ledger received)"
same true "$(ledger balanced)"
stop_worker "$worker"
