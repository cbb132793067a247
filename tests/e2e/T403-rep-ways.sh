#!/bin/sh
# The ways in: options, a template on standard input, an editor; a note that
# holds nothing, and misuse.
. "$(dirname "$0")/lib.sh"
export TMPDIR="$WORK" # where what was written stays
start_worker
cat >template.txt <<'X'
Representative: Jane Doe
Constituency: Norfolk
Date: 12 March 2015
Attendance: 19
Members: 14

Members want the network meetings back. The last one was in 2012 and nobody
has said why they stopped.

Two people also asked about pensions advice for those over 55.
X
soundings-rep --dry-run --format json <template.txt >out
cat >wanted <<'X'
{"representative":"Jane Doe","constituency":"Norfolk","date":"2015-03-12","attendance":19,"voices":[14,2]}
X
jq -c '{representative, constituency, date, attendance, voices: [.points[].voices]}' out >got
same wanted got
exits 0 soundings-rep --format json template.txt
same 1 "$(jq -s length out)"
says err '2 counted'
same 2 "$(ledger counted)"

# --rep may carry the constituency, as mailboxes write it.
soundings-rep --dry-run --format json --rep 'Jim Wardle, Council rep (Black Country)' --date '5 Feb 2015' \
	--kind interview --own --text 'My own view is that subs are too high' >out
same '"Jim Wardle" "Black Country" "2015-02-05" "interview" true' \
	"$(jq -c '.representative, .constituency, .date, .kind, .points[0].own' out | xargs -d '\n')"
printf 'Constituency: Kent\n\n- Heads want more pay\n' >kent.txt
same '"Norfolk"' "$(soundings-rep --dry-run --format json --rep 'Jim Wardle (Norfolk)' kent.txt | jq -c .constituency)"
same '"Kent"' "$(soundings-rep --dry-run --format json --rep 'Jim Wardle (Council rep)' kent.txt | jq -c .constituency)"
same '"Surrey"' "$(soundings-rep --dry-run --format json --rep 'Jim Wardle (Norfolk)' -c Surrey kent.txt | jq -c .constituency)"
soundings-rep --quiet --rep 'Jim Wardle (Black Country)' --own --text 'My own view is that subs are too high'
same 1 "$(soundings report --by source --format json | jq .totals.respondents)"

cat >editor.sh <<'X'
#!/bin/sh
grep -q '^Representative: Jane Doe$' "$1" || exit 1
sed -i 's/^- $/- Heads told me that inspection wears them out/' "$1"
X
chmod +x editor.sh
VISUAL=./editor.sh exits 0 soundings-rep --edit --rep 'Jane Doe' --constituency Norfolk
says out '1 counted'
# A point with a colon is a point.
cat >colon.sh <<'X'
#!/bin/sh
sed -i 's/^- $/- A head said: inspection is a lottery for all of us/' "$1"
X
chmod +x colon.sh
VISUAL=./colon.sh exits 0 soundings-rep --edit --dry-run --rep 'Jane Doe'
grep -q '^ 1. A head said: inspection is a lottery for all of us$' out || fail "$(cat out)"
VISUAL=true exits 65 soundings-rep --edit
says err 'soundings-rep: nothing was written'
VISUAL=false exits 65 soundings-rep --edit
says err 'soundings-rep: the editor failed: nothing is sent'

# An editor writes what it writes: Latin-1, a stray control.
cat >latin.sh <<'X'
#!/bin/sh
printf -- '- Heads say that caf\351 bills\001 wear them out\n' >>"$1"
X
chmod +x latin.sh
VISUAL=./latin.sh exits 0 soundings-rep --edit --dry-run --format json --rep 'Jane Doe'
same 'Heads say that café bills wear them out' "$(jq -r '.points[0].text' out)"
SOUNDINGS_REP=$(printf 'J\001') exits 64 soundings-rep --dry-run --text 'Heads want more pay'
# An answer that nobody can have read is not success; nor is it a worker's.
exits 0 sh -c 'soundings-rep --quiet --rep J --text "Heads want more pay" >&-'
same 5 "$(ledger received)"
exits 75 sh -c 'soundings-rep --dry-run --text "Heads want more pay" >&-'
says err 'soundings-rep: cannot write the answer: Bad file descriptor'
if [ -c /dev/full ]; then
	exits 75 sh -c 'soundings-rep --dry-run --text "Heads want more pay" >/dev/full'
	says err 'soundings-rep: cannot write the answer: No space left on device'
fi

# What was written is not lost when it cannot be sent, nor kept.
mkdir aside tmp
mv "$SOUNDINGS_HOME/run" aside && [ ! -e "$SOUNDINGS_HOME/outbox" ] || rm -r "$SOUNDINGS_HOME/outbox"
: >"$SOUNDINGS_HOME/outbox"
TMPDIR=$WORK/tmp VISUAL=./editor.sh exits 75 soundings-rep --edit --rep 'Jane Doe' --constituency Norfolk
kept=$(find tmp -type f)
grep -qF "what was written is in \"$WORK/$kept\"" err || fail "$(cat err)"
rm "$SOUNDINGS_HOME/outbox" && mv aside/run "$SOUNDINGS_HOME/run"
exits 0 soundings-rep --dry-run "$kept"
grep -q '^ 1. Heads told me that inspection wears them out$' out || fail "$(cat out)"

printf ' \n\n' >blank.txt
exits 65 soundings-rep blank.txt
says err 'soundings-rep: blank.txt: the note has no points'
exits 65 soundings-rep missing.txt
exits 65 soundings-rep aside
says err 'soundings-rep: aside: it is a folder'
exits 64 soundings-rep --voices many --text x
exits 64 soundings-rep --date someday --text x
grep -q 'wants a day such as 2015-01-28' err || fail "$(cat err)"
# Of a mailbox that is not there nothing was read, nor is that said.
exits 65 soundings-mail --mbox missing.mbox
! grep -q '0 messages' err || fail "$(cat err)"
exits 64 soundings-rep --kind chat --text x
exits 64 soundings-rep --own --member a@b.example --text x
exits 64 soundings-rep --text x file.txt
same 5 "$(ledger received)"
# What is set aside says why; what is no text, that.
exits 0 soundings-rep --rep J --consultation nowhere --text "Funding is the worry"
says out '1 quarantined'
says err 'soundings-rep: set aside: no such consultation (on the host: soundings quarantine list)'
head -c 4000 /dev/zero >zeros.txt
exits 65 soundings-rep --rep J zeros.txt
says err 'soundings-rep: zeros.txt: the file is not text'
# A first line may say who, and for where.
printf '%s\n\n- Funding is the worry\n' 'Jane Doe, Council rep, Norfolk' >who.txt
printf '%s\n\n- Funding is the worry\n' 'Ann Lee, Council (London South)' >whom.txt
printf -- '- Funding is the worry\n' >where.txt
same '"Jane Doe" "Norfolk"' "$(soundings-rep --dry-run --format json who.txt |
	jq -r '"\(.representative | tojson) \(.constituency | tojson)"')"
same '"Ann Lee" "London South"' "$(soundings-rep --dry-run --format json whom.txt |
	jq -r '"\(.representative | tojson) \(.constituency | tojson)"')"
same "South West" "$(soundings-rep --dry-run --format json --region 'South West' where.txt |
	jq -r .constituency)"
