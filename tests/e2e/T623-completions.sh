#!/bin/sh
# Completions know every command, the verbs and options of each, and the
# options of the producers, since the programs are asked.
. "$(dirname "$0")/lib.sh"
command -v bash >/dev/null || skip "no bash"
file=$TESTS/../packaging/completions/soundings
# complete WORD…: what is offered for the last of them.
complete() {
	bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _soundings 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' "$file" "$@" | sort
}
soundings --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | sort >commands
[ "$(wc -l <commands)" -gt 30 ] || fail "too few commands: $(cat commands)"
complete soundings '' | grep -v -e '^--' >offered
same commands offered
same 'offboard' "$(complete soundings offb)"
for verb in new revoke rotate release sent list use server authorize trust; do
	complete soundings keys '' | grep -qx $verb || fail "keys $verb is not offered"
done
complete soundings roster '' | grep -qx add || fail "roster add is not offered"
same '--share' "$(complete soundings report --sh)"
complete soundings keys revoke jane --si | grep -qx -e --since || fail "no --since"
complete soundings --from tcp : //office:5700 rep | grep -qx report || fail "nothing from elsewhere"
for program in soundings-mail soundings-rep soundings-survey soundings-worker; do
	complete $program -- | grep -q -e '^--[a-z]' || fail "$program has no options"
done
# Every command answers --help with examples and its options.
while read -r command; do
	complete soundings "$command" --h | grep -qx -e --help ||
		soundings "$command" --help | grep -q 'soundings' || fail "$command says nothing"
done <commands
