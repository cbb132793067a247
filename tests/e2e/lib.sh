# lib: what every story shares. At its end every log, core and error output
# of the story is searched for members' words (tests/data/canaries): one of
# them there is a failure, whatever the story was about. A story begins with
#     . "$(dirname "$0")/lib.sh"
# and is then in a fresh folder with its own SOUNDINGS_HOME, which goes when
# the story ends, with whatever the story started. It fails at the first
# command that fails, or by fail().
set -eu

BIN=${BIN:?the folder of the programs}
STORY=$(basename "$0" .sh)
TESTS=$(cd "$(dirname "$0")/.." && pwd)
CORPUS=$TESTS/corpus
WORK=$(mktemp -d "${TMPDIR:-/tmp}/soundings-$STORY-XXXXXX")
export SOUNDINGS_HOME="$WORK/home" LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1
PATH="$BIN:$PATH"
# The first of sixteen ports of this story's own, by its number, below those
# that the kernel gives to connections. (A 1 before it: 010 would be eight.)
# Where another checkout's run has them, the next that nobody has.
number=${STORY%%-*}
number=$((1${number#T} - 1000))
until command exec 7>>"${TMPDIR:-/tmp}/soundings-ports-$number" && flock -n 7; do
	number=$(((number + 1) % 1000))
done 2>/dev/null
PORT=$((10000 + number * 16))
started=

# A program that could leave a core would leave words in it.
ulimit -c unlimited 2>/dev/null || true

# leaks: files of this story that hold words and should not.
leaks() {
	find "$WORK" -xdev -type f -size +0 \( -name '*.log' -o -name 'maillog' \
		-o -name 'core' -o -name 'core.[0-9]*' -o -name 'err' -o -name '*.err' \) \
		-exec grep -laFf "$TESTS/data/canaries" {} +
}

cleanup() {
	status=$?
	set +e
	[ -e "$SOUNDINGS_HOME/run/supervisor.pid" ] &&
		soundings workers stop >/dev/null 2>&1
	for pid in $started; do
		kill -CONT "$pid" 2>/dev/null
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
		echo "$STORY: failed with $status; the last of its logs:" >&2
		tail -n 5 "$WORK"/*.log "$SOUNDINGS_HOME"/run/*.log 2>/dev/null >&2
	fi
	if [ "$status" -eq 0 ] && [ -n "$(leaks)" ]; then
		echo "$STORY: members' words in: $(leaks)" >&2
		status=1
	fi
	cd / && rm -rf "$WORK"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 143' TERM INT
cd "$WORK"

fail() {
	echo "$STORY: $*" >&2
	exit 1
}

# skip WHY: this machine cannot tell the story.
skip() {
	echo "$STORY: skipped: $*"
	exit 77
}

# wait_for SECONDS COMMAND…: until it succeeds, or fail.
wait_for() {
	deadline=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$deadline" ] || fail "waited in vain for: $*"
		sleep 0.05
	done
}

# exits STATUS COMMAND…: it must leave with exactly that status. What it
# prints is in the files out and err.
exits() {
	wanted=$1
	shift
	set +e
	"$@" >out 2>err
	got=$?
	set -e
	[ "$got" -eq "$wanted" ] ||
		fail "exit $got, wanted $wanted: $* ($(head -n 3 err))"
}

# says FILE TEXT: the file holds a line that is exactly the text.
says() {
	grep -qxF -e "$2" "$1" || fail "\"$2\" is not a line of: $(cat "$1")"
}

# start_office ROLE…: soundings-reportd at $office, and a key a role, ROLE.key.
start_office() {
	office="tcp://127.0.0.1:$PORT"
	for who; do
		soundings keys new "the-$who" --role "$who" --output "$who.key" 2>/dev/null
	done
	PATH="$PATH:$BIN/../libexec/soundings" \
		soundings-reportd --listen "$office" >reportd.out 2>reportd.log &
	started="$started $!"
	wait_for 20 grep -q '^ready' reportd.out
}

# same WANTED GOT: two files, or two strings, are the same.
same() {
	if [ -f "$1" ] && [ -f "$2" ]; then
		diff -u "$1" "$2" >&2 || fail "$2 is not $1"
	else
		[ "$1" = "$2" ] || fail "got \"$2\", wanted \"$1\""
	fi
}

# start_worker [options…]: a worker of this story's own, ready. Its pid is
# in $worker, its log in worker-PID.log.
start_worker() {
	: >worker.out
	soundings-worker "$@" >worker.out 2>>worker.log &
	worker=$!
	started="$started $worker"
	wait_for 20 grep -q '^ready' worker.out
}

# stop_worker PID: end it properly; it must agree.
stop_worker() {
	kill -TERM "$1"
	wait "$1" || fail "worker $1 left with $?"
}

# ledger KEY: one figure of the ledger.
ledger() {
	soundings ledger --format json | jq -e ".$1"
}
