#!/bin/sh
# A store that is damaged, of another kind, or not ours to read ends no
# command without words.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

fixture_store "$CORPUS/feedback.jsonl"
store=$SOUNDINGS_HOME/store
cp -r "$store" intact

# Cut short.
data=$(ls -S "$store" | head -n 1)
size=$(stat -c %s "$store/$data")
truncate -s $((size / 2)) "$store/$data"
exits 65 soundings report
[ -s err ] || fail "no words"
same 1 "$(wc -l <err)"
exits 65 soundings status

# Something else altogether.
rm -rf "$store"
cp -r intact "$store"
printf 'this is no store' >"$store/$data"
exits 65 soundings ledger
[ -s err ] || fail "no words"

# Bytes flipped somewhere in the middle: figures may be right or refused,
# but verify tells, and nothing dies without words.
rm -rf "$store"
cp -r intact "$store"
i=0
while [ $i -lt 40 ]; do
	printf '\377\377\377\377' | dd of="$store/$data" bs=1 \
		seek=$((16384 + i * (size - 32768) / 40)) conv=notrunc 2>/dev/null
	i=$((i + 1))
done
ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_abort=0:${ASAN_OPTIONS:-}
export ASAN_OPTIONS
for command in report ledger verify messages; do
	set +e
	soundings $command >out 2>err
	status=$?
	set -e
	case $status in
	0) [ $command != verify ] || fail "verify says it is clean" ;;
	65) [ -s err ] || fail "$command: no words" ;;
	*) fail "$command: exit $status: $(cat err)" ;;
	esac
done

# A command that dies reading the store: its parent says so.
export SOUNDINGS_HOME="$WORK/other"
start_worker
printf 'garbage\0\1' | soundings-mail
stop_worker "$worker"
# It waits for a worker now, with the store open.
soundings quarantine retry 2>err &
parent=$!
wait_for 10 pgrep -P $parent
kill -SEGV "$(pgrep -P $parent | head -n 1)"
set +e
wait $parent
status=$?
set -e
same 65 $status
grep -q "died reading the store: it is damaged" err || fail "$(cat err)"
