#!/bin/sh
# A later export adds the new rows, replaces the edited answer and takes the
# emptied one away; the old export after it changes nothing.
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

# Emptied since: nothing takes its place. A row all of whose words have gone
# is blank, and so is one that never had any.
printf '%s\n' "$heading" "$row1" '2,3/2/15 10:00:00,9/2/15 08:00:00,anonymous,,Deputy,Devon,' "$row3" \
	'4,14/2/15 11:00:00,14/2/15 11:10:00,anonymous,,,,' >emptied.csv
exits 0 soundings-survey --rows emptied.csv
printf '2\t8\tduplicate\n3\t0\tblank\n4\t8\tduplicate\n5\t0\tblank\n' >wanted
grep '^[0-9]*	' out | sort >rows
same wanted rows
same 2 "$(ledger counted)"
same 2 "$(ledger replaced)"
same "0 0 3" "$(said new.csv)"
same "0 0 2" "$(said old.csv)"
same 2 "$(ledger counted)"
soundings messages --grep Pensions --format json | jq -e '.matched == 0' >/dev/null ||
	fail "the emptied answer is still there"
# And it may be given again.
sed 's/9.2.15 08:00:00,anonymous,,Deputy,Devon,/&Pay is what we think of/; s/9.2.15 08/10\/2\/15 08/' \
	emptied.csv >again.csv
exits 0 soundings-survey --quiet again.csv
same 3 "$(ledger counted)"
same true "$(ledger balanced)"
soundings verify >verified || fail "$(cat verified)"

# Lists of two surveys that nothing sets apart are one, and not in silence;
# a name sets them apart.
printf 'ID,Comment\n1,more trains for us please\n' >first.csv
printf 'ID,Comment\n1,fewer tests for them please\n' >second.csv
exits 0 soundings-survey --yes first.csv
exits 0 soundings-survey --yes --format json second.csv
same 1 "$(jq .duplicate out)"
says err 'soundings-survey: second.csv: 1 answer came before under the same numbers and headings, which is all there is to go by: if this is another survey, name it (--survey NAME)'
exits 0 soundings-survey --yes --format json --survey second second.csv
same 1 "$(jq .counted out)"
same "" "$(grep 'came before' err)"
