#!/bin/sh
# A directory that comes after the mail: it says who are members, and one
# person's two addresses are one; no region of what was counted moves until
# somebody asks for it, and then the figures from before can be had again.
. "$(dirname "$0")/lib.sh"

send() { # FROM WORDS
	n=$((${n:-0} + 1))
	printf 'From: %s\nTo: future@association.example\nMessage-ID: <%s@t534>\nDate: Mon, 2 Feb 2015 09:00:%02d +0000\nSubject: your plan\n\n%s\n' \
		"$1" "$n" "$n" "$2" | soundings-mail
}
figures() { # "region members respondents messages" of each region
	soundings report --by region --format json "$@" |
		jq -r '.rows[] | "\(.region) \(.members) \(.respondents) \(.messages)"'
}

start_worker
send ann.t@gmail.example "The hotline has been a great help to me this year."
send a.teesdale@hexfell.example.org "The hotline answered within the hour again."
send nobody@gmail.example "The hotline did not answer for three days running."
send b.ware@x.lancs.sch.uk "We are in Devon, and the hotline has never once rung back."
stop_worker "$worker"
same "north-west 0 0 0" "$(figures | grep north-west || echo north-west 0 0 0)"
figures >before
grep -qx 'unknown 0 3 3' before || fail "$(cat before)"
grep -qx 'south-west 0 1 1' before || fail "$(cat before)"

# Who they are, at once; where, not: that was stamped when it came.
exits 0 soundings directory import "$TESTS/data/members.csv" --yes
grep -q 'report --as-of @1.* gives the figures of before' err || fail "$(cat err)"
figures >after
grep -qx 'unknown 1 2 3' after || fail "$(cat after)"
grep -qx 'south-west 1 1 1' after || fail "$(cat after)"

# That two of them were one changes no figure of the past for good: what was
# said until the import can be had again, on the very day. Who is a member is
# what the directory says today.
exits 0 soundings frame versions --format json
same 2 "$(jq '.rows | length' out)"
figures --as-of @1 | cut -d' ' -f 1,3,4 >then
cut -d' ' -f 1,3,4 before >wanted
same wanted then
# The same list again moves nobody, and begins nothing.
exits 0 soundings directory import "$TESTS/data/members.csv" --yes
! grep -q 'figures of before' err || fail "$(cat err)"
figures >again
same after again
same 2 "$(soundings frame versions --format json | jq '.rows | length')"

# Where the words and the directory disagree, for a person to settle.
exits 0 soundings review --conflicts --format json
jq -e '.schema == "soundings/review-conflicts/1" and .conflicts == 1 and .messages == 3 and
	(.rows[0] | .what == "region" and .words == "south-west" and .evidence == "statement" and .directory == "north-west" and .counted == "south-west")' out >/dev/null ||
	fail "$(cat out)"
exits 0 soundings review --conflicts
exits 64 soundings review --conflicts --list

# Asked for: shown, then done; the words still go before the directory.
exits 0 soundings reclassify --dry-run --directory --format json
jq -e '.region == 2 and .changed == 0' out >/dev/null || fail "$(cat out)"
figures >still
same after still
exits 0 soundings reclassify --directory --format json
jq -e '.region == 2 and .changed == 3' out >/dev/null || fail "$(cat out)"
figures >now
grep -qx 'north-east 1 1 2' now || fail "$(cat now)"
grep -qx 'unknown 0 1 1' now || fail "$(cat now)"
grep -qx 'south-west 1 1 1' now || fail "$(cat now)"
id=$(soundings messages --region north-east --limit 1 --format json | jq -r '.rows[0].id')
soundings show "$id" --format json | jq -e '.region_evidence == "directory" and .role == "head"' >/dev/null ||
	fail "$(soundings show "$id" --format json)"
exits 0 soundings reclassify --directory --format json
jq -e '.changed == 0' out >/dev/null
# Without it nothing goes back.
exits 0 soundings reclassify
figures >again
same now again

# As it was before the directory was asked: the edition before.
edition=$(soundings frame versions --format json | jq '[.rows[].edition] | max')
figures --as-of "@$((edition - 1))" >then
same after then
soundings verify | grep -qx 'clean: everything agrees.' || fail "not clean"
