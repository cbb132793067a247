#!/bin/sh
# The package under a real systemd as process 1: units start by installing it
# and run confined, keys are handed over as credentials (sealed ones as well,
# gone from the folder), a worker that stands still is killed by its watchdog,
# every timer's job does its work, an upgrade restarts what runs.
#
# It is this machine's own systemd and files, under an overlay, in namespaces
# of its own (processes, mounts, network, control group).
. "$(dirname "$0")/lib.sh"
. "$TESTS/e2e/overlay.sh"
for tool in cpack dpkg systemd-sysusers systemd-tmpfiles systemd-creds \
	systemd-run runuser jq ip; do
	command -v $tool >/dev/null || skip "no $tool"
done
[ -x /lib/systemd/systemd ] || skip "no systemd here"
unshare --pid --fork --net --ipc --uts --cgroup true 2>/dev/null ||
	skip "no namespaces for a systemd here"
cgroups=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
[ -n "$cgroups" ] || skip "no cgroup v2 here"

cpack -G DEB -B "$WORK/pkg" --config "$BIN/../CPackConfig.cmake" >cpack.log 2>&1 ||
	fail "$(tail -n 5 cpack.log)"
cp pkg/soundings_*_*.deb soundings.deb
cp "$CORPUS/mail/02-ipad-reply-quoted.eml" "$CORPUS/mail/04-gmail-alternative-base64.eml" \
	"$CORPUS/mail/01-exchange-alternative.eml" .

inside_begins >inside.sh
cat >>inside.sh <<'END'
fail() {
	echo "inside: $*" >&2
	journalctl --no-pager -n 30 -o short-monotonic >&2 2>/dev/null
	exit 1
}
of_unit() { systemctl show -P "$2" "$1"; }
active() { systemctl is-active --quiet "$@"; }
[ "$(cat /proc/1/comm)" = systemd ] || fail "process 1 is $(cat /proc/1/comm)"

# Installing it starts it.
dpkg -i --force-depends soundings.deb >install.log 2>&1 || fail "$(tail -n 3 install.log)"
active soundings.target soundings-worker@0 soundings-worker@1 ||
	fail "$(systemctl --no-pager status soundings-worker@0 2>&1)"
for timer in outbox backup verify retention watch digest; do
	active soundings-$timer.timer || fail "no timer $timer"
done
hook() { as soundings-mail soundings-mail <"$1" || fail "the hook answered $? to $1"; }
hook 02-ipad-reply-quoted.eml
[ "$(ledger counted)" = 1 ] || fail "not counted"

# Confined, really.
pid=$(of_unit soundings-worker@0 MainPID)
for line in 'NoNewPrivs:	1' 'Seccomp:	2' 'CapEff:	0000000000000000' 'CapBnd:	0000000000000000'; do
	grep -qxF "$line" "/proc/$pid/status" || fail "not $line: $(cat "/proc/$pid/status")"
done
grep -q '^Max core file size  *0  *0 ' "/proc/$pid/limits" || fail "it may leave a core"
# In its eyes everything but three folders is read-only.
nsenter -t "$pid" -m sh -c '! touch /etc/x /usr/x /var/tmp/../x 2>/dev/null && [ -w /var/lib/soundings ]' ||
	fail "it can write elsewhere"

# The keys, as systemd hands them over: in memory, for that unit alone. The
# first worker made them; who started before there were any reads the folder.
systemctl restart soundings-worker@0 soundings-worker@1
here=/run/credentials/soundings-worker@0.service
[ "$(findmnt -n -o FSTYPE -T $here)" = ramfs ] || fail "credentials on $(findmnt -n -o FSTYPE -T $here)"
[ "$(stat -c '%a %U' $here/keys_pseudonym.key)" = '400 soundings' ] || fail "$(ls -l $here)"
! as soundings-mail ls $here >/dev/null 2>&1 || fail "the hook can look at the keys"
cmp -s $here/keys_pseudonym.key /var/lib/soundings-keys/pseudonym.key || fail "another key"

# Sealed to this machine, and gone from the folder: workers go on by what they
# are handed alone (docs/OPERATIONS.md has these lines).
install -d -o soundings -m 700 /var/backups/keys-apart
ask backup --keys /var/backups/keys-apart 2>/dev/null
mkdir -p /etc/credstore.encrypted
for key in check id pseudonym; do
	systemd-creds encrypt --with-key=host --name=keys_$key.key \
		/var/lib/soundings-keys/$key.key /etc/credstore.encrypted/keys_$key.key 2>/dev/null ||
		fail "cannot seal a key"
	rm -f /var/lib/soundings-keys/$key.key
done
mkdir -p /etc/systemd/system/soundings-worker@.service.d
cat >/etc/systemd/system/soundings-worker@.service.d/sealed.conf <<'U'
[Service]
LoadCredentialEncrypted=keys_check.key
LoadCredentialEncrypted=keys_id.key
LoadCredentialEncrypted=keys_pseudonym.key
WatchdogSec=3
U
systemctl daemon-reload
systemctl restart soundings-worker@0 soundings-worker@1 ||
	fail "$(journalctl --no-pager -n 5 -u soundings-worker@0)"
hook 04-gmail-alternative-base64.eml
hook 02-ipad-reply-quoted.eml
! ask ledger >/dev/null 2>why || fail "the command line reads without keys"
grep -q 'key' why || fail "$(cat why)"
[ ! -e /var/lib/soundings-keys/pseudonym.key ] || fail "another pseudonym key was made"
systemd-run --quiet --pipe --wait --uid=soundings -E SOUNDINGS_HOME=/var/lib/soundings \
	-p LoadCredentialEncrypted=keys_check.key -p LoadCredentialEncrypted=keys_id.key \
	-p LoadCredentialEncrypted=keys_pseudonym.key \
	soundings ledger --format json >sealed.json 2>why || fail "with the keys handed over: $(cat why)"
[ "$(jq -c '[.counted, .duplicate, .balanced]' sealed.json)" = '[2,1,true]' ] || fail "$(cat sealed.json)"

# A worker that stands still is killed by the watchdog and started again.
pid=$(of_unit soundings-worker@0 MainPID)
kill -STOP "$pid"
restarted() { [ "$(of_unit soundings-worker@0 NRestarts)" -ge 1 ] && active soundings-worker@0; }
wait_for 30 restarted
[ "$(of_unit soundings-worker@0 MainPID)" != "$pid" ] || fail "the same process"
# One that is fed does not: the other one ran all the while.
[ "$(of_unit soundings-worker@1 NRestarts)" = 0 ] || fail "a worker that works was killed"

# Back to keys in a folder.
rm -r /etc/systemd/system/soundings-worker@.service.d /etc/credstore.encrypted/keys_*
for key in check id pseudonym; do
	install -o soundings -g soundings -m 400 /var/backups/keys-apart/$key.key /var/lib/soundings-keys/$key.key
done
systemctl daemon-reload
systemctl restart soundings-worker@0 soundings-worker@1
hook 01-exchange-alternative.eml
[ "$(ledger counted)" = 3 ] || fail "$(ledger counted) counted"

# What timers start does its work, confined as it is.
printf 'warn:\n  command: "cat >/var/lib/soundings/heard"\n  digest-command: "cat >/var/lib/soundings/digest"\n' >>/etc/soundings/soundings.yaml
ask config check >/dev/null
id=$(ask messages --format json | jq -r '.rows[0].id')
ask forget --event "$id" >/dev/null
for job in outbox retention backup verify watch digest; do
	systemctl start soundings-$job.service ||
		fail "$job: $(journalctl --no-pager -n 5 -u soundings-$job)"
	[ "$(of_unit soundings-$job Result)" = success ] || fail "$job: $(of_unit soundings-$job Result)"
done
ls /var/backups/soundings | grep -q '^soundings-2' || fail "no backup was made"
grep -q "$id" /var/backups/soundings/erasures.jsonl || fail "not in the register"
[ -s /var/lib/soundings/heard ] || fail "nobody was warned"
[ -s /var/lib/soundings/digest ] || fail "no digest"

# By tcp, with a key: to the workers, and from another desk.
printf 'network:\n  listen: "tcp://127.0.0.1:5600"\n' >>/etc/soundings/soundings.yaml
systemctl restart soundings-worker@0 soundings-worker@1 || fail "no worker that listens"
useradd -m jane
ask keys new jane.doe --role rep --workers "tcp://127.0.0.1:5600 tcp://127.0.0.1:5601" --output /tmp/jane.key 2>/dev/null
chown jane /tmp/jane.key
as jane env HOME=/home/jane SOUNDINGS_KEY=/tmp/jane.key soundings-rep --yes --wait 4 --rep jane.doe \
	--date 2026-02-03 --text "Members tell me that workload is too high." >sent 2>&1 || fail "$(cat sent)"
grep -q '1 counted' sent || fail "$(cat sent)"
ask keys new pat --role officer --output /tmp/pat.key 2>/dev/null
systemctl start soundings-reportd || fail "no reportd"
SOUNDINGS_KEY=/tmp/pat.key soundings --from tcp://127.0.0.1:5700 report --by region --format json >asked.json
[ "$(jq .totals.messages asked.json)" = 3 ] || fail "$(cat asked.json)"

# An upgrade restarts what runs; a worker that a store of another's replaced
# ends itself and is started again.
before=$(of_unit soundings-worker@0 MainPID)
dpkg -i --force-depends soundings.deb >upgrade.log 2>&1 || fail "$(tail -n 3 upgrade.log)"
wait_for 20 active soundings-worker@0 soundings-worker@1
[ "$(of_unit soundings-worker@0 MainPID)" != "$before" ] || fail "the old version goes on"
as soundings soundings doctor --test --format json >doctor.json ||
	fail "$(jq -c '.rows[] | select(.state == "WRONG")' doctor.json)"
[ "$(ledger balanced)" = true ] || fail "the books do not balance"

# Gone as one, with nothing left that runs or waits.
dpkg -P soundings >purge.log 2>&1 || fail "$(cat purge.log)"
systemctl list-units --all --plain --no-legend --no-pager 'soundings*' >left
! grep ' active ' left || fail "it goes on: $(cat left)"
[ -e /var/lib/soundings/store/data.mdb ] || fail "the words went with the package"
journalctl --no-pager -o cat >journal.log
grep -q 'soundings-worker' journal.log || fail "nothing in the journal"
echo done >inside.done
END

cat >boot.sh <<'END'
set -eu
work=$1
mkdir "$work/ov"
mount -t tmpfs tmpfs "$work/ov"
root=$work/ov/root
mkdir "$work/ov/up" "$work/ov/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/ov/up,workdir=$work/ov/work" "$root" || exit 77
mount -t proc proc "$root/proc"
mount --bind /proc/sys "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys" || exit 77
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" || exit 77
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
	touch "$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/story" "$root/.before"
mount --bind "$work" "$root/story"
# Of this machine's own services none; of systemd's what a service needs.
units=$root/etc/systemd/system
rm -rf "$units"/*.wants "$units"/*.requires
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
for unit in systemd-firstboot systemd-logind systemd-timesyncd systemd-udevd \
	systemd-udev-trigger systemd-udevd-control systemd-sysctl \
	systemd-modules-load systemd-random-seed systemd-binfmt \
	systemd-hwdb-update systemd-journal-flush systemd-remount-fs \
	systemd-update-utmp kmod-static-nodes systemd-pstore; do
	ln -sf /dev/null "$units/$unit.service"
done
cat >"$units/story.target" <<U
[Unit]
Requires=basic.target
Wants=story.service
After=basic.target
U
cat >"$units/story.service" <<U
[Unit]
After=basic.target dbus.socket
Wants=dbus.socket
[Service]
Type=oneshot
ExecStart=/bin/sh /story/inside.sh
ExecStopPost=/bin/systemctl --no-block exit
StandardOutput=file:/story/inside.out
StandardError=file:/story/inside.err
U
cd "$root"
pivot_root . .before
# Shared, or what systemd mounts for one service would not be seen by it.
exec chroot . /bin/sh -c 'umount -l /.before && mount --make-rshared / &&
	exec env -i container=story PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		/lib/systemd/systemd --unit=story.target </dev/null'
END

group=$cgroups/soundings-story-$$
mkdir "$group" 2>/dev/null || skip "no control group of its own"
sh -c 'echo $$ >"$1/cgroup.procs" && exec timeout -k 5 240 unshare --mount \
	--propagation private --uts --ipc --net --pid --fork --kill-child \
	--cgroup sh "$2/boot.sh" "$2"' sh "$group" "$WORK" >boot.log 2>&1 || status=$?
find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
[ "${status:-0}" -ne 77 ] || skip "systemd cannot be booted here: $(tail -n 1 boot.log)"
[ -e inside.done ] || fail "$(tail -n 40 boot.log inside.out inside.err 2>&1)"
