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
# The exact lines for the mail server that is here, with this home's paths.
mkdir -p etc/postfix etc2/exim4
touch etc/postfix/master.cf
SOUNDINGS_ETC=$WORK/etc soundings setup --no-input >lines
grep -q "^  argv=.*/soundings-mail --home=$SOUNDINGS_HOME --sender=\${sender} --recipient=\${original_recipient} --queue-id=\${queue_id}$" lines || fail "$(cat lines)"
says lines 'soundings_destination_recipient_limit = 1'
sed -n '/^soundings unix/,/^  argv/p' lines >master.cf
same "$(sed 's/soundings-mail:soundings-mail/U/; s|/usr/bin/soundings-mail|H|; s|/var/lib/soundings|D|g' "$TESTS/../packaging/postfix/master.cf" | tr -s ' \n' ' ')" \
	"$(sed "s/user=[a-z-]*:[a-z-]*/user=U/; s|argv=[^ ]*|argv=H|; s|$SOUNDINGS_HOME|D|g" master.cf | tr -s ' \n' ' ')"
cp master.cf etc/postfix/master.cf
echo 'soundings_destination_recipient_limit = 1' >etc/postfix/main.cf
SOUNDINGS_ETC=$WORK/etc soundings doctor --format json >found
same fine "$(jq -r '.rows[] | select(.what == "Postfix" and (.words | test("calls the hook"))) | .state' found)"
SOUNDINGS_ETC=$WORK/etc2 soundings setup --no-input >lines
sed -n '/^soundings_pipe:/,/^  freeze_signal/p' lines | sed "s/^  user = .*/  user = soundings-mail/; s/^  group = .*/  group = soundings-mail/; s|command = [^ ]*|command = /usr/bin/soundings-mail|; s|$SOUNDINGS_HOME|/var/lib/soundings|g" >pipe
sed -n '/^soundings_pipe:/,/^  freeze_signal/p' "$TESTS/../packaging/exim/soundings.conf" >wanted
same wanted pipe
for step in 'soundings backup --keys' 'soundings directory import' 'soundings-mail --maildir'; do
	grep -q "$step" lines || fail "it does not name $step"
done
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
