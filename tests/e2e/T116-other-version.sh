#!/bin/sh
# A store that another version made is refused in words, by the worker and
# by those who start it, and is left as it is.
. "$(dirname "$0")/lib.sh"

start_worker
exits 0 faults_push --count 3 push.log
stop_worker "$worker"
faults_other_version "$SOUNDINGS_HOME/store" 99
before=$(sha256sum "$SOUNDINGS_HOME/store/data.mdb")

exits 65 soundings-worker
grep -q "soundings-worker: .*layout 99.*reads layout 2" err ||
	fail "no words: $(cat err)"
exits 65 soundings-worker -n
exits 65 soundings workers start
grep -q "^soundings: worker [01]: .*layout 99" err ||
	fail "no words: $(cat err)"
exits 65 soundings report
same "$before" "$(sha256sum "$SOUNDINGS_HOME/store/data.mdb")"

faults_other_version "$SOUNDINGS_HOME/store" 2
same 3 "$(ledger counted)"
