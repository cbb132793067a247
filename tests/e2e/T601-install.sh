#!/bin/sh
# `cmake --install` into any folder gives a Soundings that works from there:
# programs find one another and their data, and somebody else's producer
# builds with pkg-config alone.
. "$(dirname "$0")/lib.sh"
command -v cmake >/dev/null || skip "no cmake"
SOURCE=$(cd "$TESTS/.." && pwd)

DESTDIR='' cmake --install "$BIN/.." --prefix "$WORK/root" >install.log
# The build's data, whole: the installed tree must not lean on the build's.
(cd "$SOUNDINGS_DATA" && find . -type f) | while read -r file; do
	cmp "$SOUNDINGS_DATA/$file" "root/share/soundings/$file" ||
		fail "$file is not installed"
done
# Every program has arrived, in bin or libexec, with its page.
for program in "$BIN"/soundings*; do
	name=$(basename "$program")
	[ -x "root/bin/$name" ] || [ -x "root/libexec/soundings/$name" ] ||
		fail "$name is not installed"
done

# From here on the build tree might not exist.
unset SOUNDINGS_DATA
PATH="$WORK/root/bin:$(echo "$PATH" | sed "s|^$BIN:||")"
head -n 20 "$CORPUS/feedback.jsonl" >some.jsonl
strace -f -e trace=open,openat -o opened soundings classify some.jsonl >labels.jsonl
same 20 "$(wc -l <labels.jsonl)"
! grep -F "$(cd "$BIN/.." && pwd)/" opened || fail "it read the build tree"

export PKG_CONFIG_PATH="$WORK/root/lib/pkgconfig"
# shellcheck disable=SC2046 # flags are words
${CC:-cc} -D_GNU_SOURCE -o web_form "$SOURCE/docs/examples/web_form.c" \
	$(pkg-config --cflags --libs soundings)

soundings workers start --count 1 2>/dev/null
printf '%s\t%s\t%s\n' \
	1 head@school.example "Funding is far too low in our region." \
	2 deputy@school.example "Workload drives teachers out." \
	1 head@school.example "Funding is far too low in our region." >answers
exits 0 ./web_form <answers
same "2 counted
1 duplicate" "$(awk '{print $1}' out | sort -r | uniq -c | awk '{print $1, $2}' | sort -rn)"
exits 0 soundings report --by theme --format json
same 2 "$(jq .totals.messages out)"
soundings workers stop 2>/dev/null
exits 0 soundings verify
