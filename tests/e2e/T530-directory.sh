#!/bin/sh
# The members' list and the government's list of schools tell where a member
# works; a person's word outlives both; nothing is taken from a home; a fault
# has its line and never its content.
. "$(dirname "$0")/lib.sh"

DATA=$TESTS/data

# region ADDRESS: what the directory says of it.
region() {
	soundings directory lookup "$1" --format json | jq -r '.rows[0].region'
}

# send FROM WORDS: one mail that says nothing of a place itself.
send() {
	n=$((${n:-0} + 1))
	printf 'From: %s\nTo: future@association.example\nMessage-ID: <%s@t530>\nDate: Mon, 2 Feb 2015 09:00:%02d +0000\nSubject: your plan\n\n%s\n' \
		"$1" "$n" "$n" "$2" | soundings-mail
}

# The members' list: what each column is taken for, which rows have faults.
exits 0 soundings directory import "$DATA/members.csv" --yes --format json
same "6 5 5:no address 6:its region is not understood 7:an address of another member's row" \
	"$(jq -r '"\(.entries) \(.regions) " + ([.problems[] | "\(.line):\(.what)"] | join(" "))' out)"
says err "  E-mail (work)                    address"
says err "  Home postcode                    ignore"
says err "  Job title                        role"
! grep -q Narnia out err || fail "a row's content in a message"
same north-east "$(region a.teesdale@hexfell.example.org)"
same north-west "$(region B.Ware+news@x.lancs.sch.uk)"
same null "$(region ed.sale@vale.example.org)"
soundings directory lookup a.teesdale@hexfell.example.org --format json |
	jq -e '.rows[0] | .role == "head" and .phases == "secondary" and
		.member and (.by_hand | not)' >/dev/null

# The government's list: by the school's domain; closed schools are not in it.
exits 0 soundings directory import "$DATA/gias-cut.csv" --format json
same "schools 35 30 5 0" \
	"$(jq -r '"\(.kind) \(.rows) \(.entries) \(.passed_over) \(.problems | length)"' out)"
same london "$(region jo@ecoleprevert.org.uk)"
soundings directory lookup manorfieldprimaryschool.com --format json |
	jq -e '.rows[0] | .school == "Manorfield Primary School" and
		.phases == "primary" and (.member | not)' >/dev/null
soundings directory lookup "Prévert" --format json |
	jq -e '.rows | length == 1' >/dev/null

# A member's mail from anywhere is a member's, with the region of their work;
# two addresses of one number are one member.
start_worker
send ann.t@gmail.example "The hotline has been a great help to me this year."
send a.teesdale@hexfell.example.org "The hotline answered within the hour again."
send nobody@gmail.example "The hotline did not answer for three days running."
soundings report --by region --format json >report.json
same "1 2" "$(jq -r '.rows[] | select(.region == "north-east") | "\(.members) \(.messages)"' report.json)"
same "0 1" "$(jq -r '.rows[] | select(.region == "unknown") | "\(.members) \(.messages)"' report.json)"

# A person's word, and an address linked to the same membership.
exits 0 soundings directory set ed.sale@vale.example.org --authority Devon
exits 0 soundings directory link ed@private.example 004221
says err "the directory has your word for it; 1 address had that number before"
exits 0 soundings directory set hexfell.example.org --region north-east
same south-west "$(region ed.sale@vale.example.org)"
same north-east "$(region new@hexfell.example.org)"
exits 0 soundings directory import "$DATA/members.csv" --yes
same south-west "$(region ed.sale@vale.example.org)"
soundings directory lookup ed.sale@vale.example.org --format json |
	jq -e '.rows[0] | .by_hand and .role == "assistant-head" and
		.school == "Vale School" and .authority == "Devon"' >/dev/null

# A number that nobody has is a slip more often than not: it is refused, with
# what may be done; --force links it before the import that brings it.
exits 65 soundings directory link jo@private.example 04221
grep -q "^soundings: no address of the directory has membership number '04221': .* --force " err ||
	fail "$(cat err)"
exits 65 soundings directory link jo@private.example 04221 --dry-run
exits 65 soundings directory lookup jo@private.example
exits 0 soundings directory link jo@private.example 009999 --force --dry-run --format json
jq -e '.schema == "soundings/directory/1" and .dry_run and .addresses == 0 and
	(.rows | length == 1) and .rows[0].key == "jo@private.example" and
	.rows[0].member and .rows[0].by_hand and .rows[0].region == null' out >/dev/null ||
	fail "$(cat out)"
exits 65 soundings directory lookup jo@private.example
exits 0 soundings directory link jo@private.example 009999 --force
says err "the directory has your word for it; nobody else has that number yet"
says err "that says whose the address is, not where they work: --region says it"
exits 0 soundings directory link jo.too@private.example 009999 --region london --format json
same "1 false london" "$(jq -r '"\(.addresses) \(.dry_run) \(.rows[0].region)"' out)"
same london "$(region jo.too@private.example)"
exits 0 soundings directory set jo@private.example --region wales --dry-run
says out "Nothing is changed."
same null "$(region jo@private.example)"
# Where there is no store none is made to find that out.
SOUNDINGS_HOME=$WORK/none exits 65 soundings directory link a@b.example 1
[ ! -e "$WORK/none" ] || fail "link made a store"

# An import replaces the last one of its kind, and only that.
head -n 2 "$DATA/members.csv" >one.csv
exits 0 soundings directory import one.csv --yes
exits 65 soundings directory lookup cy@ouse.example.org
same london "$(region jo@ecoleprevert.org.uk)"

# Postcodes: of work when somebody says so, of homes never.
printf 'Email,Postcode\npc@a.example,TR1 2ZZ\nbad@a.example,TR1 2\nhalf@b.example,b15\n' >pc.csv
exits 0 soundings directory import pc.csv --yes
same null "$(region pc@a.example)"
exits 0 soundings directory import pc.csv --yes --postcode home
same null "$(region pc@a.example)"
exits 0 soundings directory import pc.csv --yes --postcode work
same south-west "$(region pc@a.example)"
says err "line 3: its postcode is not one"
same west-midlands "$(region half@b.example)"
printf 'Kontakt,Wo\nq@a.example,SE\n' >odd.csv
exits 0 soundings directory import odd.csv --map Kontakt=address --map Wo=region --yes
same south-east "$(region q@a.example)"

# Nobody is there to confirm: nothing is taken, and it says what answers.
exits 64 soundings directory import pc.csv
grep -q -- '--yes says so, and --postcode work or home' err || fail "$(cat err)"
same south-east "$(region q@a.example)"

# Rows of too few or too many fields, what is no address, the same twice.
printf 'Email,Region\nr@a.example,Narnia\nr@a.example,London\nf@f@f,London\ns@a.example\nq@a.example,SE,x\n' >rows.csv
exits 0 soundings directory import rows.csv --yes --format json
same "2:its region is not understood 3:its address came before with other words: this line counts 4:no address 4:its address is not one 5:fewer fields than the heading 6:more fields than the heading" \
	"$(jq -r '[.problems[] | "\(.line):\(.what)"] | join(" ")' out)"
same london "$(region r@a.example)"

# More than half of the schools gone: not without a word.
head -n 10 "$DATA/gias-cut.csv" >few.csv
exits 65 soundings directory import few.csv
grep -q 'more than half of the directory would go: --yes' err || fail "$(cat err)"
same london "$(region jo@ecoleprevert.org.uk)"

# A provider's domain is nobody's school; a word must say something.
for domain in gmail.com hotmail.fr @Outlook.com lancs.sch.uk; do
	exits 65 soundings directory set "$domain" --region wales
	grep -q "^soundings: anybody has an address at '" err || fail "$(cat err)"
done
exits 64 soundings directory set a@b.example
exits 64 soundings directory lookup ''

# What cannot be read changes nothing.
exits 65 soundings directory import odd.csv
same "soundings: no column holds addresses: name it by --map COLUMN=address" \
	"$(tail -n 1 err)"
printf 'Email,Region\n"a@b.example,London\n' >quote.csv
exits 65 soundings directory import quote.csv --yes
grep -q 'line 2: a quote is opened here' err || fail "$(cat err)"
: >empty.csv
exits 65 soundings directory import empty.csv
exits 64 soundings directory import pc.csv --map Nope=region
exits 64 soundings directory import pc.csv --kind pupils
exits 64 soundings directory set a@b.example --region mercia
exits 65 soundings directory set a@b.example --region london --authority Devon
same south-east "$(region q@a.example)"

# What is counted stays as it was counted.
same "1 2" "$(soundings report --by region --format json | jq -r '.rows[] | select(.region == "north-east") | "\(.members) \(.messages)"')"
soundings verify | grep -qx 'clean: everything agrees.' || fail "not clean"

# As Excel writes it elsewhere: semicolons, tabs in UTF-16, windows-1252.
printf 'Member No;E-mail;Work region;School\nM1;a@b.example;Wales;"St Mary; Truro"\n' >list.csv
exits 0 soundings directory import list.csv --yes
same wales "$(region a@b.example)"
tr ';' '\t' <list.csv | sed 's/Wales/London/' | iconv -t UTF-16 >list.txt
exits 0 soundings directory import list.txt --yes
same london "$(region a@b.example)"
