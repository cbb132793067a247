#!/bin/sh
# The Debian package: what it needs, what it brings, which users and folders
# it makes, and that the unpacked tree works.
. "$(dirname "$0")/lib.sh"
for tool in cpack dpkg-deb dpkg-shlibdeps; do
	command -v $tool >/dev/null || skip "no $tool"
done

cpack -G DEB -B "$WORK/pkg" --config "$BIN/../CPackConfig.cmake" >cpack.log 2>&1 ||
	fail "$(tail -n 5 cpack.log)"
deb=$(ls pkg/soundings_*_*.deb)
dpkg-deb -f "$deb" Depends | tr -d ' ' | tr ',' '\n' | sed 's/(.*//' >depends
for library in libc6 libcyaml1 libsodium23 libutf8proc2; do
	says depends $library
done
! grep -q -e '-dev' depends || fail "it would install compilers"

dpkg-deb -c "$deb" | awk '{print $1, $2, $6}' >contents
says contents '-rwxr-xr-x root/root ./usr/bin/soundings'
says contents '-rwxr-xr-x root/root ./usr/bin/soundings-mail'
says contents '-rwxr-xr-x root/root ./usr/libexec/soundings/soundings-worker'
says contents '-rwxr-xr-x root/root ./usr/libexec/soundings/soundings-mail-read'
says contents '-rw-r--r-- root/root ./usr/lib/systemd/system/soundings-worker@.service'
says contents '-rw-r--r-- root/root ./usr/share/soundings/themes/frame.yaml'
! awk '$1 ~ /^.....w|^........w/' contents | grep . || fail "writable by others"

dpkg-deb -x "$deb" root
grep -q '^ExecStart=/usr/libexec/soundings/soundings-worker' \
	root/usr/lib/systemd/system/soundings-worker@.service ||
	fail "the unit names another program"
! grep -rn '@[A-Z]*@' root/usr/lib/systemd root/usr/lib/*.d ||
	fail "a unit was not filled in"
for script in preinst postinst prerm postrm; do
	dpkg-deb --ctrl-tarfile "$deb" | tar -xO "./$script" | sh -n
done

# Users and folders as postinst makes them, in this folder as root.
if command -v systemd-sysusers >/dev/null && [ "$(id -u)" -eq 0 ]; then
	mkdir -p root/etc
	systemd-sysusers --root="$WORK/root" soundings.conf 2>/dev/null
	says root/etc/group "$(grep '^soundings-mail:' root/etc/group | cut -d: -f1-3):soundings"
	systemd-tmpfiles --root="$WORK/root" --create soundings.conf 2>/dev/null
	uid=$(grep '^soundings:' root/etc/passwd | cut -d: -f3)
	mode() { stat -c '%a %u' "root$1"; }
	same "2750 $uid" "$(mode /run/soundings)"
	same "710 $uid" "$(mode /var/lib/soundings)"
	same "2770 $uid" "$(mode /var/lib/soundings/spool/incoming)"
	same "700 $uid" "$(mode /var/lib/soundings-keys)"
fi

unset SOUNDINGS_DATA
PATH="$WORK/root/usr/bin:$(echo "$PATH" | sed "s|^$BIN:||")"
soundings workers start --count 1 2>/dev/null
soundings-mail <"$CORPUS/mail/02-ipad-reply-quoted.eml"
same 1 "$(ledger counted)"
soundings workers stop 2>/dev/null
exits 0 soundings verify
