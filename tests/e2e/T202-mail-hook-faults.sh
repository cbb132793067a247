#!/bin/sh
# Whatever becomes of the reader, the mail system hears 75 and nothing else.
. "$(dirname "$0")/lib.sh"

mkdir hook
cp "$BIN/soundings-mail" hook/
mail=$CORPUS/mail/13-iphone-plain.eml

# reader LINE: what the reader does instead of its work.
reader() {
	printf '#!/bin/sh\n%s\n' "$1" >hook/soundings-mail-read
	chmod 755 hook/soundings-mail-read
}
# hears STATUS: from the hook, and no word with it.
hears() {
	exits "$1" hook/soundings-mail --hook --recipient=f@x.example <"$mail"
	same "" "$(cat out err)"
}

hears 75 # there is no reader
reader 'exit 0'
hears 0
for status in 1 2 64 65 70 71 73 77 78 99 126 127 255; do
	reader "exit $status"
	hears 75
done
reader 'kill -SEGV $$'
hears 75
reader 'kill -KILL $$'
hears 75
reader 'yes chatter | head -c 100000; yes chatter >&2; exit 1'
printf '#!/bin/sh\nyes chatter | head -c 200000; yes | head -c 200000 >&2; exit 75\n' \
	>hook/soundings-mail-read
hears 75
printf 'not a program' >hook/soundings-mail-read
hears 75
# Its own clock, well before any mail system's.
reader 'sleep 600'
begun=$(date +%s)
hears 75
took=$(($(date +%s) - begun))
[ "$took" -ge 7 ] && [ "$took" -le 10 ] || fail "the clock took $took s"
# Input that never ends, or is never there.
reader 'exit 0'
mkfifo never
sleep 30 >never &
started="$started $!"
mail=never
begun=$(date +%s)
hears 75
took=$(($(date +%s) - begun))
[ "$took" -le 10 ] || fail "the clock took $took s"
mail=$CORPUS/mail/13-iphone-plain.eml

# A signal to the hook itself.
reader 'sleep 600'
hook/soundings-mail --hook <"$mail" &
pid=$!
wait_for 5 pgrep -P "$pid"
kill -TERM "$pid"
set +e
wait "$pid"
status=$?
set -e
same 75 "$status"

# The true reader, and options it does not know, or a home it cannot have.
cp "$BIN/soundings-mail-read" hook/
for option in --unknown --recipient --maildi= extra; do
	exits 75 hook/soundings-mail "$option" <"$mail"
	same "" "$(cat out err)"
done
# To a person a dry run says what is wrong with it.
ln -s "$BIN/soundings-mail-show" hook/
exits 75 hook/soundings-mail --dry-run extra <"$mail"
says err "soundings-mail: a message is read from standard input: 'extra' is not looked at"
rm hook/soundings-mail-show
exits 75 env -i "$PWD/hook/soundings-mail" --home=/proc/none <"$mail"
same "" "$(cat out err)"

# Descriptors missing, or left open by whoever runs us (Exim does).
exits 75 sh -c "exec hook/soundings-mail --hook <&-"
exits 75 sh -c "exec hook/soundings-mail --hook 10</dev/null <$mail >&- 2>&-"
