#!/bin/sh
# A later export adds the new rows and replaces the edited answer; the old
# export after it changes nothing.
. "$(dirname "$0")/lib.sh"
start_worker
heading='ID,Start time,Completion time,Email,Name,Your role,Your region,What should we say?'
row1='1,2/2/15 13:38:10,2/2/15 13:49:17,anonymous,,Head,Kent,Funding is what matters most to us'
row2='2,3/2/15 10:00:00,3/2/15 10:10:00,anonymous,,Deputy,Devon,Workload is out of hand in our school'
edit2='2,3/2/15 10:00:00,5/2/15 08:00:00,anonymous,,Deputy,Devon,Pensions worry my colleagues more'
row3='3,13/2/15 11:00:00,13/2/15 11:10:00,anonymous,,Head,Leeds,Inspection should be kinder'
printf '%s\n' "$heading" "$row1" "$row2" >old.csv
printf '%s\n' "$heading" "$row1" "$edit2" "$row3" >new.csv

said() {
	soundings-survey --format json "$1" 2>/dev/null |
		jq -r '"\(.counted) \(.replaced) \(.duplicate)"'
}
same "2 0 0" "$(said old.csv)"
cp old.csv other-name.csv # the name of a file says nothing
same "0 0 2" "$(said other-name.csv)"
# The replacing answer is counted; the one it replaces stands as replaced.
soundings-survey --format json new.csv 2>/dev/null >after.json
same 1 "$(jq .duplicate after.json)"
same 3 "$(ledger counted)"
same 1 "$(ledger replaced)"
same "0 0 2" "$(said old.csv)"
same 3 "$(ledger counted)"
soundings messages --grep Pensions --format json | jq -e '.matched == 1' >/dev/null ||
	fail "the edited answer is not there"
soundings messages --grep Workload --format json | jq -e '.matched == 0' >/dev/null ||
	fail "the replaced answer is still there"
same true "$(ledger balanced)"
soundings verify >verified || fail "$(cat verified)"
