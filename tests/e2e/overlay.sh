#!/bin/sh
# overlay: this machine's files under a layer of the story's own, for stories
# that install: sourced behind lib.sh.

[ "$(id -u)" -eq 0 ] || skip "not root"
unshare -m true 2>/dev/null || skip "no mount namespaces here"

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
