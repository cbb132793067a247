#!/bin/sh
# Bad exports: a clear word with the line, never what stands there; exit 65,
# nothing sent. Misuse: 64.
. "$(dirname "$0")/lib.sh"
start_worker
survey() { soundings-survey "$@"; }

printf 'id,Comments\n1,"fine words"\n2,"secret words\n3,more\n' >open.csv
exits 65 survey open.csv
says err 'soundings-survey: open.csv: line 3: the quoted cell that begins here is not closed before the file ends'
grep -q secret err out && fail "content in a message"

printf 'id,Comments\n1,"secret words\n2,"other words"\n' >swallowed.csv
exits 65 survey swallowed.csv
says err 'soundings-survey: swallowed.csv: line 3: a quote within the quoted cell that begins on line 2 neither ends it nor is doubled'

: >empty.csv
exits 65 survey empty.csv
says err 'soundings-survey: empty.csv: the file is empty'
head -c 3000 /bin/sh >binary.csv
exits 65 survey binary.csv
says err 'soundings-survey: binary.csv: the file is not text'
exits 65 survey missing.csv
says err 'soundings-survey: missing.csv: open "missing.csv": No such file or directory'

printf 'id,Region,Size\n1,Kent,4\n2,Devon,5\n' >wordless.csv
exits 65 survey wordless.csv
says err "soundings-survey: wordless.csv: no column holds answers in words: name one with --map 'COLUMN=text'"
printf 'id,Comments\n1,more trains for us please\n' >good.csv
exits 65 survey --map 'Coments=text' good.csv
says err 'soundings-survey: good.csv: no column "Coments" in the survey'

exits 64 survey
exits 64 survey --frobnicate good.csv
exits 64 survey --consultation 'Not An Id' good.csv
exits 64 survey --format xml good.csv
same 0 "$(ledger received)"

# A bad file holds up no other, and a bad row no other row.
printf 'id,Comments\n1,a good answer this\n2,one, unquoted, comma\n3,another good answer\n' >row.csv
exits 65 survey open.csv row.csv
says err 'row.csv:3: column 3: more cells than headings'
says err 'soundings-survey: row.csv: 1 row was refused, the others are not'
same 2 "$(ledger received)"
exits 65 survey --quiet row.csv
says err 'row.csv:3: column 3: more cells than headings'
# Quiet is quiet to a person: what a program asked for comes all the same.
printf 'id,Comments\n8,a fine answer this\n' >fine.csv
exits 0 survey --quiet --format json fine.csv
same 1 "$(jq .counted out)"
# A zone that is none would silently be UTC.
for zone in Nowhere Europe ../passwd; do
	exits 65 survey --dry-run --time-zone $zone fine.csv
	says err "soundings-survey: fine.csv: time zone \"$zone\" is not known here"
done
# A region that is none would be nobody's.
exits 64 survey --region mars fine.csv
says err 'soundings-survey: --region names no region: north-east, "South West", an authority'
exits 0 survey --region Devon fine.csv
# An answer that nobody can have read is not success.
if [ -c /dev/full ]; then
	exits 75 sh -c 'soundings-survey --dry-run fine.csv >/dev/full'
	says err 'soundings-survey: cannot write the answer: No space left on device'
fi
