#!/bin/sh
# Two builds of different versions side by side: this one, and REVISION
# built beside it. Where both know the store's layout, a worker of each
# serves the same store, producers of each feed both, and both are killed by
# turns; else each must refuse the other's store in words and leave it as it
# is. scripts/soak versions REVISION comes here.
# Usage: tests/faults/versions.sh REVISION [--kills N] [--seed N]
set -eu
cd "$(dirname "$0")/../.."
revision=${1:?which revision}
shift
kills=20
seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
while [ $# -gt 1 ]; do
	case $1 in
	--kills) kills=$2 ;;
	--seed) seed=$2 ;;
	esac
	shift 2
done
commit=$(git rev-parse --short "$revision^{commit}")
new=$PWD/build/release
old=$PWD/build/versions/$commit
scripts/build release
if [ ! -x "$old/build/release/bin/faults_push" ]; then
	rm -rf "$old"
	mkdir -p "$old"
	git archive "$commit" | tar -x -C "$old"
	"$old/scripts/build" release
fi
old=$old/build/release
work=$(mktemp -d "${TMPDIR:-/tmp}/soundings-versions-XXXXXX")
SOUNDINGS_HOME=$work/home
export SOUNDINGS_HOME
workers=
refused=
cleanup() {
	for pid in $workers; do
		kill -KILL "$pid" 2>/dev/null || :
	done
	wait 2>/dev/null || :
	[ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' TERM INT
cd "$work"
echo "seed $seed: $commit beside $(git -C "$OLDPWD" rev-parse --short HEAD)"
fail() {
	echo "versions: $* (seed $seed)" >&2
	exit 1
}

# worker BUILD SLOT: ready, its process in $pid.
worker() {
	: >"ready-$2"
	SOUNDINGS_DATA=$1/share/soundings "$1/bin/soundings-worker" \
		--no-classify --slot "$2" >"ready-$2" 2>>worker.log &
	pid=$!
	workers="$workers $pid"
	for _ in $(seq 200); do
		grep -q ready "ready-$2" && return 0
		kill -0 $pid 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}
# push BUILD FROM COUNT
push() {
	SOUNDINGS_DATA=$1/share/soundings "$1/bin/faults_push" --seed "$seed" \
		--from "$2" --count "$3" --window 128 --timeout 20000 "push-$2.log"
}

worker "$old" 0 || fail "the older worker does not start"
first=$pid
push "$old" 0 500 >/dev/null || fail "the older takes nothing"
if ! worker "$new" 1; then
	grep -q layout worker.log || fail "refused without words: $(tail -n 1 worker.log)"
	echo "another layout: the newer refuses the store while it is the older's:"
	tail -n 1 worker.log
	push "$old" 500 500 >/dev/null || fail "the older is in trouble for it"
	kill "$first"
	wait "$first" || :
	SOUNDINGS_DATA=$new/share/soundings "$new/bin/soundings" upgrade
	worker "$new" 1 || fail "the newer does not start after upgrade"
	push "$new" 1000 500 >/dev/null || fail "the newer takes nothing"
	before=$(sha256sum "$SOUNDINGS_HOME"/store/data.mdb)
	if worker "$old" 0; then
		fail "the older serves a store of the newer's layout"
	fi
	[ "$before" = "$(sha256sum "$SOUNDINGS_HOME"/store/data.mdb)" ] ||
		fail "the older has touched the newer's store"
	echo "and the older refuses it after the upgrade:"
	tail -n 1 worker.log
	total=1500
	refused=1
else
	second=$pid
	push "$old" 500 100000 >old.out 2>&1 &
	one=$!
	push "$new" 200000 100000 >new.out 2>&1 &
	two=$!
	n=0
	while [ $n -lt "$kills" ] && kill -0 $one 2>/dev/null; do
		sleep 0.$((1 + (seed + n) % 4))
		if [ $((n % 2)) = 1 ] || [ -n "$refused" ]; then
			kill -KILL "$second"
			wait "$second" 2>/dev/null || :
			worker "$new" 1 || fail "the newer does not start again"
			second=$pid
		elif kill -KILL "$first" 2>/dev/null && ! wait "$first" &&
			worker "$old" 0; then
			first=$pid
		else
			# The newer has brought the store to its own layout.
			grep -q 'it is of layout' worker.log ||
				fail "the older has gone without a word"
			refused=1
			echo "the newer brought the store to its layout; the older left:"
			grep 'it is of layout' worker.log | head -n 1
		fi
		n=$((n + 1))
	done
	wait $one || fail "older producer: $(cat old.out)"
	wait $two || fail "newer producer: $(cat new.out)"
	echo "$n kills by turns under load of both"
	total=200500
fi
for build in "$old" "$new"; do
	[ "$build" = "$old" ] && [ -n "$refused" ] && continue
	SOUNDINGS_DATA=$build/share/soundings "$build/bin/faults_check" \
		"$seed" 300000 push-*.log || fail "not as it was acknowledged"
	SOUNDINGS_DATA=$build/share/soundings "$build/bin/soundings" verify |
		tail -n 1
done
counted=$(SOUNDINGS_DATA=$new/share/soundings "$new/bin/soundings" ledger \
	--format json | jq .counted)
[ "$counted" = $total ] || fail "$counted counted, not $total"
