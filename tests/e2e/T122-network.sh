#!/bin/sh
# A network between producer and worker goes bad: cut, one-way, slow and
# lossy; every event is acknowledged in the end, and counted once. In two
# network namespaces where they can be had, and by a relay that holds up and
# resets.
. "$(dirname "$0")/lib.sh"

from=0
counted=0
# Surveys alone (every third number), as the key may send.
push() {
	faults_push --seed 22 --from $from --step 3 --count "$1" --window 64 \
		--timeout 30000 "$2" "$3" "push-$from.log" >push.out 2>&1
}
expect() {
	from=$((from + 3 * $1))
	counted=$((counted + $1))
	same $counted "$(ledger counted)"
}

# By a relay: every chunk late, connections reset in the midst of an event.
port=$PORT
start_worker --no-classify --slot 0 --tcp $port
faults_relay --seed 22 --delay 20 --cut 60000 $((port + 1)) $port >relay.out &
started="$started $!"
wait_for 5 grep -q ready relay.out
push 1500 --endpoint tcp://127.0.0.1:$((port + 1)) || fail "$(cat push.out)"
expect 1500
stop_worker "$worker"

# Two namespaces and a cable.
a=sdg-a-$$ b=sdg-b-$$
if ip netns add $a 2>/dev/null && ip netns add $b 2>/dev/null &&
	ip link add va netns $a type veth peer name vb netns $b 2>/dev/null; then
	trap 'ip netns del $a; ip netns del $b; cleanup' EXIT
	ip -n $a link set lo up # it tries its own address
	ip -n $a addr add 10.99.7.1/30 dev va && ip -n $a link set va up
	ip -n $b addr add 10.99.7.2/30 dev vb && ip -n $b link set vb up
	mkdir -p "$SOUNDINGS_HOME"
	printf 'network:\n  listen: "tcp://10.99.7.1:%s"\n' $port \
		>"$SOUNDINGS_HOME/soundings.yaml"
	soundings keys new desk --role survey --workers tcp://10.99.7.1:$port \
		--output desk.key 2>/dev/null
	: >worker.out
	ip netns exec $a "$BIN/soundings-worker" --no-classify --slot 0 \
		>worker.out 2>>worker.log &
	worker=$!
	started="$started $worker"
	wait_for 20 grep -q '^ready' worker.out

	# bad WHAT BREAK MEND: half the events, then the fault with the other
	# half under way, for longer than heartbeats and a resend take.
	bad() {
		rm -f go
		(
			export SOUNDINGS_HOME="$WORK/laptop" SOUNDINGS_KEY="$WORK/desk.key"
			exec ip netns exec $b "$BIN/faults_push" --seed 22 --from $from \
				--step 3 --count 600 --window 64 --timeout 30000 \
				--endpoint tcp://10.99.7.1:$port --rest-at go "push-$from.log"
		) >push.out 2>&1 &
		pusher=$!
		started="$started $pusher"
		half=$((counted + 300))
		is_half() {
			[ "$(ledger counted)" = $half ]
		}
		wait_for 30 is_half
		eval "$2"
		touch go
		sleep 3 # so long lasts the fault
		eval "$3"
		wait $pusher || fail "$1: $(cat push.out)"
		expect 600
	}
	bad "cable out" "ip -n $a link set va down" \
		"ip -n $a link set va up"
	bad "only towards the worker" \
		"ip -n $a route add blackhole 10.99.7.2/32" \
		"ip -n $a route del blackhole 10.99.7.2/32"
	bad "only towards the producer" \
		"ip -n $b route add blackhole 10.99.7.1/32" \
		"ip -n $b route del blackhole 10.99.7.1/32"
	if ip netns exec $a tc qdisc add dev va root netem \
		delay 80ms 40ms loss 5% duplicate 2% reorder 20% 2>/dev/null; then
		bad "lossy" : :
	else
		echo "T122: no netem here: loss by packet was not tried"
	fi
	kill -TERM "$worker" && wait "$worker"
else
	ip netns del $a 2>/dev/null || :
	echo "T122: no network namespaces here: only the relay was tried"
fi
faults_check 22 100000 push-*.log >check.out 2>&1 || fail "$(cat check.out)"
exits 0 soundings verify
