#!/bin/sh
# At a terminal 'directory import' asks: whether the columns are right, whose
# the postcodes are, whether most of the directory shall go. What is no answer
# is not taken for one, and whoever says no has changed nothing.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3 to make a terminal with"

# answers STATUS [PROMPT KEYS]… -- COMMAND…: the command at a terminal.
answers() {
	wanted=$1
	shift
	got=0
	python3 "$TESTS/tools/type.py" "$@" >shown || got=$?
	[ "$got" = "$wanted" ] || fail "exit $got, wanted $wanted: $(cat shown)"
}
region() {
	soundings directory lookup "$1" --format json 2>/dev/null | jq -r '.rows[0].region'
}
whose='[w/h] ' right='right? [y/N] ' shall='they? [y/N] '

printf 'Email,Postcode\npc@a.example,TR1 2ZZ\n' >pc.csv

# The columns are seen before anything is asked of them; no is no.
answers 65 "$whose" 'w\n' "$right" 'n\n' -- soundings directory import pc.csv
same "columns:" "$(sed -n 1p shown)"
grep -q '^  Postcode  *postcode (not used' shown || fail "$(cat shown)"
says shown 'soundings: nothing was imported; --map COLUMN=FIELD says what a column holds (see --help)'
answers 65 "$whose" 'w\n' "$right" '\n' -- soundings directory import pc.csv
answers 65 "$whose" '\x04' -- soundings directory import pc.csv
answers 130 "$whose" '\x03' -- soundings directory import pc.csv
[ ! -e "$SOUNDINGS_HOME" ] || fail "no was taken for yes"

# Enter, or a word that is neither, asks again; the rest of a long line is no
# answer to the next question.
answers 0 "$whose" '\n' "$whose" 'yes\n' "$whose" 'Homes, I think: y y y y y y y\n' "$right" 'y\n' -- \
	soundings directory import pc.csv
says shown 'Regions are not taken from them.'
same null "$(region pc@a.example)"
answers 0 "$whose" 'WORK\n' "$right" 'Y\n' -- soundings directory import pc.csv
says shown 'Regions are taken from them.'
same south-west "$(region pc@a.example)"
# What is said already is not asked.
answers 0 "$right" 'y\n' -- soundings directory import pc.csv --postcode home
! grep -q 'w/h' shown || fail "$(cat shown)"
answers 0 -- soundings directory import pc.csv --postcode work --yes

# Few in the place of many.
answers 0 "$right" 'y\n' -- soundings directory import "$TESTS/data/members.csv"
same north-east "$(region a.teesdale@hexfell.example.org)"
head -n 2 "$TESTS/data/members.csv" >one.csv
answers 65 "$right" 'y\n' "$shall" 'n\n' -- soundings directory import one.csv
tail -n 1 shown | grep -q 'soundings: nothing was imported$' || fail "$(cat shown)"
same north-west "$(region b.ware@x.lancs.sch.uk)"
answers 0 "$right" 'y\n' "$shall" 'y\n' -- soundings directory import one.csv
exits 65 soundings directory lookup b.ware@x.lancs.sch.uk
same north-east "$(region a.teesdale@hexfell.example.org)"
