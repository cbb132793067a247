#!/bin/sh
# A note that comes as mail: from the roster and vouched for, its points are
# counted under the roster's name and place; else it is held until a person
# lets it through; and however often it comes, it is counted once.
. "$(dirname "$0")/lib.sh"

# roster: whose notes are taken
exits 0 soundings roster list --format json
same '"soundings/roster/1" 0' "$(jq -c '.schema, (.rows|length)' out | xargs -d '\n')"
exits 64 soundings roster add nobody --name X --constituency Y
exits 65 soundings roster add jane@school.example --name 'Jane Doe'
exits 64 soundings roster add jane@school.example --region nowhere
exits 0 soundings roster add 'Jane.Doe+x@School.example' --name 'Jane Doe' --constituency Norfolk --from 2014-09-01
exits 0 soundings roster add old@school.example --name 'Old Rep' --constituency Kent --to 2014-08-31
exits 0 soundings roster add gone@school.example --name 'Gone' --constituency Kent
exits 0 soundings roster remove gone@school.example
exits 65 soundings roster remove gone@school.example
exits 64 soundings roster list --region london
says err "soundings: roster list takes no --region (see --help)"
soundings roster list --format json >out
same '{"address":"jane.doe@school.example","name":"Jane Doe","constituency":"Norfolk","from":"2014-09-01"}' \
	"$(jq -c '.rows[0]|with_entries(select(.value!=null))' out)"
same 600 "$(stat -c %a "$SOUNDINGS_HOME/roster.json")"
printf 'mail:\n  authserv-id: mx.association.example\n' >"$SOUNDINGS_HOME/soundings.yaml"
start_worker

# mail FROM RESULTS: a note, as our server hands it over.
mail() {
	[ -z "$2" ] || echo "Authentication-Results: $2"
	cat <<X2
From: Jane Doe <$1>
To: notes@association.example
Date: Thu, 12 Mar 2015 20:15:00 +0000
Message-ID: <note-$1@school.example>
Subject: Meeting on Thursday

Representative: Somebody Else
Constituency: Cornwall
Date: 12 March 2015
Attendance: 19

- About 14 members said the network meetings must come back
- Several heads told me that inspection wears their staff out
X2
}
note() { soundings-mail --recipient="${to:-notes@association.example}" --sender="jane.doe@school.example"; }
good='mx.association.example; dmarc=pass header.from=school.example'

# vouched for: two points, the roster's name and place
mail jane.doe@school.example "$good" >good.eml
note <good.eml
same 2 "$(ledger counted)"
same '"east-of-england" 2' "$(soundings report --by region,source --format json | jq -c '.rows[]|select(.source=="rep")|.region, .messages' | xargs -d '\n')"
soundings messages --source rep --format json >out
grep -q Cornwall out && fail "the mail's own place was believed"
# the same mail again
note <good.eml
same '2 2' "$(ledger counted) $(ledger duplicate)"
# a tag is the same address; another recipient is no note
to=notes+march@association.example note <good.eml
same 4 "$(ledger duplicate)"

# held: a forged header below ours, no header, nobody of the roster, a term
# that is over
{ echo 'Authentication-Results: mx.association.example; dmarc=fail'; mail jane.doe@school.example "$good" | sed 's/note-/forged-/; s/network/other network/'; } >forged.eml
note <forged.eml
mail stranger@school.example "$good" >stranger.eml
note <stranger.eml
mail old@school.example "$good" >old.eml
note <old.eml
same '2 3' "$(ledger counted) $(ledger quarantined)"
soundings quarantine list --format json >list
same 1 "$(jq '[.rows[]|select(.reason=="note held for approval: the mail server does not vouch for the sender")]|length' list)"
same 2 "$(jq '[.rows[]|select(.reason=="note held for approval: sender not on the roster")]|length' list)"
same 3 "$(find "$SOUNDINGS_HOME/spool/incoming" -name '*.eml' | wc -l)"

# Trying again is not letting through.
exits 65 soundings quarantine retry
same '2 3' "$(ledger counted) $(ledger quarantined)"

# A person lets one through: the new point is counted, the one that is known
# is a duplicate, and nothing stays behind.
id=$(jq -r '.rows[]|select(.reason|test("vouch")).id' list)
exits 65 soundings quarantine approve 0000000000
exits 0 soundings quarantine show "$id"
grep -q 'the other network meetings must come back' out
exits 0 soundings quarantine approve "$id"
same '3 2 1' "$(ledger counted) $(ledger quarantined) $(ledger dropped)"
same 2 "$(find "$SOUNDINGS_HOME/spool/incoming" -name '*.eml' | wc -l)"
exits 65 soundings quarantine approve "$id"
note <forged.eml # comes again: it was dealt with
same '3 2 1' "$(ledger counted) $(ledger quarantined) $(ledger dropped)"

# With no worker there it stays held, and can be approved when there is one.
stop_worker "$worker"
id=$(jq -r '[.rows[]|select(.reason|test("roster")).id][0]' list)
exits 75 soundings quarantine approve "$id"
same 2 "$(ledger quarantined)"
start_worker
exits 0 soundings quarantine approve "$id"
same '5 1' "$(ledger counted) $(ledger quarantined)"

# Held while no worker was there, and the mail system never came back: the
# next worker finds it, with its reason, and it can be let through.
stop_worker "$worker"
mail stranger@school.example "$good" | sed 's/note-/lost-/; s/inspection/timetabling/' >lost.eml
exits 75 note <lost.eml
find "$SOUNDINGS_HOME/spool/incoming" -type f -exec touch -d '2 hours ago' {} +
start_worker
same '5 2' "$(ledger counted) $(ledger quarantined)"
id=$(soundings quarantine list --format json | jq -r '[.rows[]|select(.reason=="note held for approval: sender not on the roster")]|max_by(.received).id')
exits 0 soundings quarantine approve "$id"
same '6 1' "$(ledger counted) $(ledger quarantined)"
note <lost.eml # comes again after all
same '6 1' "$(ledger counted) $(ledger quarantined)"
kept() { find "$SOUNDINGS_HOME/spool/incoming" -name "*.$1" | sed "s/$1\$//" | sort; }
same "$(kept eml)" "$(kept event)"

# An automatic reply to a note's answer is no note.
printf 'From: stranger@school.example\nTo: notes@association.example\nAuto-Submitted: auto-replied\nSubject: Out of office\nDate: Thu, 12 Mar 2015 21:00:00 +0000\n\nI am away.\n' | note
same '6 1 1' "$(ledger counted) $(ledger quarantined) $(ledger automatic)"

# Where the place does not tell the region, the roster does; empty, as the
# package makes it, it knows nobody.
: >"$SOUNDINGS_HOME/roster.json"
chmod 640 "$SOUNDINGS_HOME/roster.json"
soundings roster list --format json | jq -e '.rows == []' >/dev/null
exits 0 soundings roster add jane.doe@school.example --name 'Jane Doe' --constituency 'Three Rivers' --region london
same 640 "$(stat -c %a "$SOUNDINGS_HOME/roster.json")"

# Another address may be the one for notes; then this one is none.
printf 'mail:\n  authserv-id: mx.association.example\n  notes-address: reps@association.example\n' >"$SOUNDINGS_HOME/soundings.yaml"
mail jane.doe@school.example "$good" | sed 's/inspection/workload/; s/network/branch/; s/note-/other-/' >other.eml
to=reps@association.example note <other.eml
same 8 "$(ledger counted)"
same 2 "$(soundings report --by region --format json | jq '.rows[]|select(.region=="london").messages')"
# an archive of them
{ echo 'From jane.doe@school.example Thu Mar 12 20:15:00 2015'; cat other.eml; } >other.mbox
exits 0 soundings-mail --quiet --mbox other.mbox --recipient reps@association.example
same 8 "$(ledger counted)"
same true "$(ledger balanced)"
soundings verify >out

# Of a note that cannot be taken apart it is told why.
{
	mail jane.doe@school.example "$good" | sed 's/note-/long-/'
	i=0
	while [ $i -lt 500 ]; do
		i=$((i + 1))
		echo "- A head told me that funding is too low for the $i-th time"
	done
} | to=reps@association.example note
same 1 "$(soundings quarantine list --format json | jq '[.rows[]|select(.reason=="the note has more than 500 points")]|length')"
