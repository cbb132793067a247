#!/bin/sh
# Four tools' exports go in at once; a second time they change nothing.
. "$(dirname "$0")/lib.sh"
start_worker

soundings-survey --format json "$CORPUS"/surveys/[!M]*.csv >first 2>talk
same 4 "$(wc -l <first | tr -d ' ')"
same "35 36 36 38" "$(jq -r .rows first | xargs)"
same "43 45 41 50" "$(jq -r .answers first | xargs)"
same 0 "$(jq -s '[.[] | .refused + .duplicate + .quarantined + .unanswered] | add' first)"
same 179 "$(jq -s '[.[] | .counted + .not_feedback] | add' first)"
same "$(jq -s 'map(.counted) | add' first)" "$(ledger counted)"
# What the columns are was shown, on stderr.
grep -q 'surveymonkey.*SurveyMonkey (CSV, UTF-8, commas; 2 rows of headings' talk ||
	fail "the dialect was not shown: $(cat talk)"
# Previews, names and computers' addresses are nowhere.
same 2 "$(jq -s 'map(.preview) | add' first)"
soundings messages --format json >all.json
grep -qE 'test answer|Lorem ipsum|203\.0\.113' all.json && fail "a preview or an address got in"

soundings-survey --format json "$CORPUS"/surveys/[!M]*.csv >second 2>/dev/null
same 179 "$(jq -s 'map(.duplicate) | add' second)"
same 0 "$(jq -s 'map(.counted + .not_feedback) | add' second)"
same true "$(ledger balanced)"
soundings verify >verified || fail "$(cat verified)"
