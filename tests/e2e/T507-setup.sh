#!/bin/sh
# The first steps, one by one; and doctor agrees that all is well.
. "$(dirname "$0")/lib.sh"

same 'Nothing is here yet' "$(soundings | cut -d'(' -f1 | sed 's/ $//')"
# Asked nothing, it starts nothing.
exits 0 soundings setup --no-input
grep -q "No worker runs yet" out
same 0 "$(soundings status --format json | jq .workers.found)"
exits 65 soundings doctor
! grep -q '/\./' out || fail "a path that nobody would write: $(cat out)"
grep -q "^workers .*WRONG" out

exits 0 soundings setup --yes --count 1
grep -q "^3. A trial message went through" out || fail "$(cat out err)"
same 1 "$(ledger test)"
same 0 "$(ledger counted)"
# Again: nothing is started twice, another trial is counted.
exits 0 soundings setup --yes
grep -q "^2. 1 workers answer" out
same 2 "$(ledger test)"
exits 0 soundings doctor
! grep -q WRONG out || fail "$(cat out)"
soundings doctor --format json | jq -e '[.rows[] | select(.state == "WRONG")] | length == 0' >/dev/null
# A home that anybody can read is wrong, and said to be.
chmod 755 "$SOUNDINGS_HOME/store"
exits 65 soundings doctor --format json
jq -e '.rows[] | select(.what == "store folder") | .state == "WRONG" and
	(.words | test("chmod"))' out >/dev/null || fail "$(cat out)"
chmod 700 "$SOUNDINGS_HOME/store"
exits 0 soundings workers stop
