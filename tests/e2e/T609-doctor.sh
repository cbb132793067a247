#!/bin/sh
# The doctor sends a test message that counts apart, sees how the mail server
# is wired and what it keeps back, and warns once; monitoring gets figures
# without a person, a region or a theme in them.
. "$(dirname "$0")/lib.sh"
finding() { jq -r --arg w "$1" '.rows[] | select(.what == $w) | .state + ": " + .words' out; }

# Before anything is there.
mkdir -m 700 "$SOUNDINGS_HOME"
export SOUNDINGS_ETC="$WORK/etc"
mkdir -p etc/postfix stub
printf '#!/bin/sh\n' >stub/postqueue
chmod +x stub/postqueue
PATH="$WORK/stub:$PATH"
exits 65 soundings doctor --test --format json
finding workers | grep -q '^WRONG: none answers' || fail "$(cat out)"
finding 'test message' | grep -q '^WRONG: the hook answered 75' || fail "$(cat out)"

start_worker
exits 0 soundings doctor --test --format json
finding 'test message' | grep -q '^fine' || fail "$(cat out)"
exits 0 soundings doctor --test --format json
same 2 "$(ledger test)"
same 0 "$(ledger counted)"

# The mail server's files.
echo 'smtp inet n - y - - smtpd' >etc/postfix/master.cf
soundings doctor --format json >out
finding Postfix | grep -q 'does not call' || fail "$(cat out)"
printf 'soundings unix - n n - - pipe\n  flags=DRX user=soundings-mail argv=/usr/bin/soundings-mail\n' >>etc/postfix/master.cf
soundings doctor --format json >out
finding Postfix | grep -q 'set soundings_destination_recipient_limit = 1' || fail "$(cat out)"
echo 'soundings_destination_recipient_limit = 10' >etc/postfix/main.cf
soundings doctor --format json >out || true
finding Postfix | grep -q 'set soundings_destination_recipient_limit = 1' || fail "$(cat out)"
echo 'soundings_destination_recipient_limit = 1' >etc/postfix/main.cf
soundings doctor --format json >out
finding Postfix | grep -q '^fine: transport soundings calls' || fail "$(cat out)"

# Mail that waits for the hook for two days; other mail is none of ours.
cat >stub/postqueue <<END
#!/bin/sh
echo '{"queue_name":"deferred","arrival_time":$(($(date +%s) - 200000)),"recipients":[{"address":"future@x","delay_reason":"temporary failure. Command output: (soundings)"}]}'
echo '{"queue_name":"deferred","arrival_time":1,"recipients":[{"address":"x@y","delay_reason":"connection timed out"}]}'
END
exits 65 soundings doctor --format json
finding 'deferred mail' | grep -q '^WRONG: 1 waits' || fail "$(cat out)"

# A warning, once; another when something else is wrong; none when all is well.
exits 64 soundings doctor --warn
printf 'warn:\n  command: "cat >>%s"\n' "$WORK/heard" >"$SOUNDINGS_HOME/soundings.yaml"
exits 0 soundings doctor --warn
same "" "$(cat out)"
grep -q '^deferred mail: WRONG' heard || fail "$(cat heard)"
n=$(wc -l <heard)
exits 0 soundings doctor --warn
same "$n" "$(wc -l <heard)"
stop_worker "$worker"
exits 0 soundings doctor --warn
grep -q '^workers: WRONG' heard || fail "$(cat heard)"
printf 'warn:\n  command: "exit 3"\n' >"$SOUNDINGS_HOME/soundings.yaml"
rm -f "$SOUNDINGS_HOME/warned"
exits 75 soundings doctor --warn

# For Prometheus' textfile collector.
exits 0 soundings status --format openmetrics --output soundings.prom
same 644 "$(stat -c %a soundings.prom)"
says soundings.prom 'soundings_pieces_total{outcome="test"} 2'
says soundings.prom 'soundings_ledger_balanced 1'
says soundings.prom 'soundings_workers_answering 0'
same '# EOF' "$(tail -n 1 soundings.prom)"
! grep -v '^#' soundings.prom | grep '{' | grep -v '{outcome="[a-z-]*"}' || fail "a label that should not be"
