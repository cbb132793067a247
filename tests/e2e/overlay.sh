#!/bin/sh
# overlay: this machine's files under a layer of the story's own, for stories
# that install: sourced behind lib.sh.

[ "$(id -u)" -eq 0 ] || skip "not root"
unshare -m true 2>/dev/null || skip "no mount namespaces here"

# inside_begins: how inside.sh begins: as an administrator would, with what
# stories ask of an installed Soundings.
inside_begins() {
	cat <<'END'
set -eu
fail() { echo "inside: $*" >&2; exit 1; }
cd /story
unset SOUNDINGS_HOME SOUNDINGS_DATA XDG_STATE_HOME
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
wait_for() {
	deadline=$(($(date +%s) + $1)); shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$deadline" ] || fail "waited in vain for: $*"
		sleep 0.1
	done
}
as() { user=$1; shift; runuser -u "$user" -- env -i PATH="$PATH" "$@"; }
ask() { as soundings soundings "$@"; }
ledger() { ask ledger --format json | jq -e ".$1"; }
END
}

# in_overlay: run inside.sh of the story's folder, which is /story there.
in_overlay() {
	cat >"$WORK/outside.sh" <<'END'
set -eu
mkdir -p "$1/ov"
mount -t tmpfs tmpfs "$1/ov"
mkdir "$1/ov/up" "$1/ov/work" "$1/ov/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/ov/up,workdir=$1/ov/work" "$1/ov/root" || exit 77
for dir in proc dev sys; do mount --rbind /$dir "$1/ov/root/$dir"; done
mount -t tmpfs tmpfs "$1/ov/root/run"
mkdir -p "$1/ov/root/story"
mount --bind "$1" "$1/ov/root/story"
exec chroot "$1/ov/root" sh /story/inside.sh
END
	set +e
	unshare -m --propagation private sh "$WORK/outside.sh" "$WORK"
	status=$?
	set -e
	[ $status -ne 77 ] || skip "no overlay here"
	[ $status -eq 0 ] || fail "see above"
}
