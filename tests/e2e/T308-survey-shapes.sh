#!/bin/sh
# Exports of many tools and odd shapes: each is told for what it is, with the
# kinds of its columns, before anything is sent.
. "$(dirname "$0")/lib.sh"
shapes=$TESTS/data/surveys
tab=$(printf '\t')
while IFS="$tab" read -r file dialect headings rows answers kinds more; do
	soundings-survey --dry-run --format json "$shapes/$file" >got.json 2>err ||
		[ -n "$(jq '.lines[]' got.json)" ] || fail "$file: $(cat err)"
	jq -r '[.dialect, .header_rows, .rows, .answers, ([.columns[].kind] | join(","))] | @tsv' \
		got.json >got
	printf '%s\t%s\t%s\t%s\t%s\n' "$dialect" "$headings" "$rows" "$answers" "$kinds" >wanted
	diff wanted got >&2 || fail "$file is taken for something else"
	# The rest of the line: key=value, separated by bars.
	while [ -n "$more" ]; do
		pair=${more%%|*}
		same "$file ${pair#*=}" "$file $(jq -r ".${pair%%=*}" got.json)"
		case $more in
		*'|'*) more=${more#*|} ;;
		*) more= ;;
		esac
	done
done <"$shapes/EXPECTED"

# Ticked answers come one by one, whatever stands between them; an option's
# own comma does not part it.
start_worker --no-classify
soundings-survey --quiet "$shapes/google-grid.csv" "$shapes/jisc-labels.csv" \
	"$shapes/limesurvey-full.csv" "$shapes/smartsurvey-options.csv"
soundings choices --format json |
	jq -r '.rows[] | "\(.question) = \(.answer): \(.respondents)"' >choices
says choices 'Which of these do you read? = Pay, pensions and conditions: 1'
says choices 'Which of these do you read? = Website: 3'
says choices 'How good are they? / Website = Poor: 2'
says choices '3. Which of these do you use? (Select all that apply) = Guidance: 3'
says choices '5. How likely are you to . . . / 5.2.a. Recommend us = Likely: 3'
says choices 'Which matter most? / Pay = Yes: 1'
says choices 'Q1. Which of these matter to you? = Buildings: 1'

# Jisc numbers its questions anew when one is put in between.
sed '1s/"1. In which/"1. What is your role?","2. In which/; 1s/"2. What/"3. What/
	2,$s/,/,"Head",/' "$shapes/jisc-urn.csv" >grown.csv
soundings-survey --quiet "$shapes/jisc-urn.csv"
soundings-survey --format json grown.csv 2>/dev/null >grown.json
same 2 "$(jq .duplicate grown.json)"
# One respondent, though each answer is a row of its own.
before=$(soundings report --format json | jq .totals.respondents)
soundings-survey --quiet "$shapes/long.csv"
same $((before + 2)) "$(soundings report --format json | jq .totals.respondents)"
soundings verify >verified || fail "$(cat verified)"
