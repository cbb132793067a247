#!/bin/sh
# What looks over the whole suite's output when it has run (scripts/check-words)
# finds a word wherever it may be left: said by a test on its error output and
# caught by nobody, in a log, in a core. Where there is none it is content.
# And stories have ports of their own.
. "$(dirname "$0")/lib.sh"
check=$TESTS/../scripts/check-words
[ -x "$check" ] || skip "no sources here"

# A ctest of its own, with a test that talks.
suite() { # WORDS
	rm -rf built && mkdir built
	printf 'add_test(quiet true)\nadd_test(talks sh -c "echo all is well; echo \\"%s\\" >&2")\n' "$1" >built/CTestTestfile.cmake
	ctest --test-dir built >/dev/null 2>&1 || fail "ctest does not run"
}
suite "worker 0: ready"
exits 0 "$check" built
same '' "$(cat out)"
grep -q 'looked at' err

word=$(sed -n 1p "$TESTS/data/canaries")
suite "worker 0: cannot read CANARYWORD: our head says"
exits 1 "$check" built
same built/Testing/Temporary/LastTest.log "$(cat out)"
suite "worker 0: ready"
mkdir -p built/tests/unit
for file in core.1234 core run.log store.err; do
	printf 'before\0%s\0after' "$word" >"built/tests/unit/$file"
	exits 1 "$check" built
	same "built/tests/unit/$file" "$(cat out)"
	rm "built/tests/unit/$file"
done
exits 0 "$check" built
# Nothing that was run is nothing that was looked at.
mkdir empty
exits 1 "$check" empty
exits 64 "$check"

# No two stories share ports: their numbers, of three digits, are each there once
# (lib.sh).
ls "$TESTS/e2e" | sed -n 's/^\(T[^-]*\)-.*\.sh$/\1/p' >numbers
same '' "$(grep -vx 'T[0-9][0-9][0-9]' numbers || true)"
same '' "$(sort numbers | uniq -d)"
# This one has those of its number, unless another run holds them.
[ "$PORT" -eq 20032 ] || ! flock -n "${TMPDIR:-/tmp}/soundings-ports-627" true || fail "the ports begin at $PORT"
