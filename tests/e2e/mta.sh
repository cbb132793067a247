# mta: what the stories with a real mail system share, after lib.sh.
#
# Debian's packages are unpacked, not installed: nothing of this machine's
# own mail is touched. They run as root on loopback in a mount namespace in
# which the users they want exist.

# unpack PACKAGE…: into $ROOT, once a machine; skips when they cannot be had.
unpack() {
	ROOT=${SOUNDINGS_TEST_CACHE:-/var/tmp/soundings-test-$(id -u)}/$1
	[ -e "$ROOT/complete" ] && return
	command -v apt-get >/dev/null || skip "no apt-get to fetch $1 with"
	rm -rf "$ROOT"
	mkdir -p "$ROOT" "$WORK/debs"
	(cd "$WORK/debs" && apt-get -qq download "$@" >/dev/null 2>&1) ||
		skip "Debian's $1 cannot be fetched"
	for deb in "$WORK"/debs/*.deb; do
		dpkg -x "$deb" "$ROOT" || skip "$deb cannot be unpacked"
	done
	touch "$ROOT/complete"
}

# needs_libraries PROGRAM: all it links is here, or skip.
needs_libraries() {
	missing=$(ldd "$1" | grep 'not found' || true)
	[ -z "$missing" ] || skip "$1 misses $missing"
}

# as_guest NAME:UID… : this story again, where these users exist.
as_guest() {
	[ -n "${MTA_GUEST:-}" ] && return
	[ "$(id -u)" = 0 ] || skip "only root can run a mail system"
	command -v setpriv >/dev/null || skip "no setpriv"
	command -v python3 >/dev/null || skip "no python3 to send mail with"
	unshare -m true 2>/dev/null || skip "no mount namespace here"
	etc=$(mktemp -d "${TMPDIR:-/tmp}/soundings-etc-XXXXXX")
	cp /etc/passwd /etc/group "$etc"
	for user; do
		name=${user%:*} id=${user#*:}
		grep -q "^$name:" "$etc/passwd" ||
			echo "$name:x:$id:$id::/nonexistent:/usr/sbin/nologin" \
				>>"$etc/passwd"
		grep -q "^$name:" "$etc/group" ||
			echo "$name:x:$id:" >>"$etc/group"
	done
	cd / && rm -rf "$WORK"
	trap - EXIT
	export MTA_GUEST=$etc
	exec unshare -m sh -c "mount --bind '$etc/passwd' /etc/passwd &&
		mount --bind '$etc/group' /etc/group &&
		rm -rf '$etc' && exec '$TESTS/e2e/$STORY.sh'"
}

# a_home: Soundings for the user soundings, and the hook in $HOOK, where its
# reader can be exchanged.
a_home() {
	chmod 755 "$WORK"
	HOOK=$WORK/hook
	mkdir -p "$SOUNDINGS_HOME" "$HOOK"
	chown -R soundings:soundings "$SOUNDINGS_HOME"
	chmod 700 "$SOUNDINGS_HOME"
	cp "$BIN/soundings-mail" "$BIN/soundings-mail-read" "$HOOK"
	cp "$BIN/soundings-worker" "$WORK/soundings-worker"
	cp -r "$SOUNDINGS_DATA" "$WORK/soundings-data"
	chmod -R a+rX "$HOOK" "$WORK/soundings-data"
	export SOUNDINGS_DATA="$WORK/soundings-data"
}

a_worker() {
	: >"$WORK/worker.out"
	setpriv --reuid soundings --regid soundings --clear-groups \
		"$WORK/soundings-worker" >"$WORK/worker.out" \
		2>>"$WORK/worker.log" &
	worker=$!
	started="$started $worker"
	wait_for 20 grep -q '^ready' "$WORK/worker.out"
}

# figure KEY: of the ledger, read as the user who owns it.
figure() {
	setpriv --reuid soundings --regid soundings --clear-groups \
		"$BIN/soundings" ledger --format json | jq -e ".$1"
}
counts() {
	[ "$(figure counted)" = "$1" ]
}

# reader LINE: what the reader does instead of its work; real_reader ends it.
reader() {
	printf '#!/bin/sh\n%s\n' "$1" >"$HOOK/new"
	chmod 755 "$HOOK/new"
	mv "$HOOK/new" "$HOOK/soundings-mail-read"
}
real_reader() {
	cp "$BIN/soundings-mail-read" "$HOOK/new"
	mv "$HOOK/new" "$HOOK/soundings-mail-read"
}

# every_fault: what can become of the hook. Each meets a letter of its own,
# beginning behind the $n-th, which waits in the queue until the hook is well
# again. The story knows how many tries failed so far, deferrals, and when N
# are taken, taken N.
every_fault() {
	for fault in 'exit 127' 'kill -SEGV $$' 'kill -KILL $PPID; sleep 9' \
		'exit 1' 'exit 65' 'yes chatter | head -c 300000; exit 75' \
		'sleep 600'; do
		n=$((n + 1))
		before=$(deferrals)
		reader "$fault"
		send "$port" $n
		wait_for 40 more_deferrals
		real_reader
		wait_for 60 taken $n
	done
}
more_deferrals() {
	[ "$(deferrals)" -gt "$before" ]
}

# one_counted_one_deferred: a letter while there is a worker, and one while
# there is none, which waits.
one_counted_one_deferred() {
	a_worker
	send "$port" 1
	wait_for 30 counts 1
	kill -TERM "$worker"
	wait "$worker" || true
	before=$(deferrals)
	send "$port" 2
	wait_for 40 more_deferrals
}

# send PORT N: the N-th letter, by SMTP, from a member.
send() {
	python3 - "$1" "$2" <<'P'
import smtplib, sys
port, n = int(sys.argv[1]), sys.argv[2]
letter = ("From: Member %s <member%s@school.example>\r\n"
          "To: future@feedback.example\r\nSubject: letter %s\r\n"
          "Message-ID: <letter%s@school.example>\r\n"
          "Date: Tue, 03 Feb 2015 07:30:00 +0000\r\n\r\n"
          "We would rather have one good coordinator, and here are %s "
          "reasons.\r\n" % ((n,) * 5))
smtp = smtplib.SMTP("127.0.0.1", port, timeout=20)
smtp.sendmail("member%s@school.example" % n, ["future@feedback.example"],
              letter)
smtp.quit()
P
}

free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# postfix_services PORT: the services of a Postfix that listens there.
postfix_services() {
	cat <<C
$1 inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
C
}
