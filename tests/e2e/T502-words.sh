#!/bin/sh
# What rises, which mails are a campaign, and what may be quoted.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/golden.sh"

# 400 messages of 300 people over 90 days, all about funding or "other".
# From the 300th on most speak of the sparsity grant; 40 are a template, a
# few of them with a sentence of their own; one person sends it ten times.
awk 'BEGIN {
	split("budget deficit reserves staffing premises energy catering transport", w, " ")
	template = "Please tell the minister that the cut to sixth form funding " \
		"must be reversed before the autumn term begins. Every college " \
		"in the country has lost courses because of it already. We ask " \
		"the association to say so in public and to say so now."
	n = split("roof boiler window lesson pupil parent teacher library garden music sport trip exam marking timetable corridor kitchen minibus governor cleaner laptop printer carpet paint fence heating choir orchestra laboratory workshop hall stage", v, " ")
	srand(1)
	for (i = 1; i <= 400; i++) {
		# No two alike: letters that are become one voice.
		text = "Our " w[i % 8 + 1] " and our " w[i % 5 + 1] " worry me"
		for (k = 0; k < 20; k++)
			text = text " the " v[int(rand() * n) + 1]
		text = text "."
		if (i > 300 && i % 4)
			text = text " The sparsity grant helps nobody here."
		if (i % 10 == 0) {
			text = template
			if (i % 50 == 0)
				text = text " Here in our village " i " pupils lost their bus to the college."
		}
		from = (i % 10 == 0 && i > 300) ? 1000 : i % 300
		printf "{\"id\":\"c%d\",\"source\":\"mail\",\"from\":\"p%d@x.example\",\"subject\":\"s\",\"signature\":\"\",\"body\":\"%s\",\"kind\":\"feedback\",\"region\":\"%s\",\"region_evidence\":\"none\",\"themes\":[\"%s\"],\"stance\":\"neutral\"}\n", \
			i, from, text, i % 2 ? "london" : "north-east", i % 3 ? "funding" : "other"
	}
}' >synthetic.jsonl
fixture_store synthetic.jsonl

# Of a store in which nothing was said no period is made up.
home=$SOUNDINGS_HOME
SOUNDINGS_HOME=$WORK/empty
start_worker
exits 0 soundings emerging --format json
same '[null,null,0]' "$(jq -c '[.since, .before_until, (.rows | length)]' out)"
stop_worker "$worker"
SOUNDINGS_HOME=$home

# The rise is found, by its pair of words rather than by each of them.
soundings emerging --format json >emerging.json
jq -e '[.rows[].term] | any(test("sparsity grant"))' emerging.json >/dev/null ||
	fail "$(cat emerging.json)"
jq -e '[.rows[] | select(.theme == "funding") | .term] | all(. != "sparsity")' emerging.json >/dev/null ||
	fail "both the word and its pair"
jq -e '.rows[] | select(.term | test("sparsity grant")) | .before == 0 and .now >= 20 and .g2 > 10' emerging.json >/dev/null
# Words that were there all along are not.
jq -e '[.rows[].term] | all(. != "budget" and . != "deficit" and . != "premises")' emerging.json >/dev/null
# The first 45 days know nothing of it.
jq -e '[.rows[].term] | all(test("sparsity") | not)' >/dev/null <<END
$(soundings emerging --since 2015-01-20 --until 2015-02-10 --format json)
END

# A campaign's words are one voice, and it says so; as sent they would rise.
jq '. + {id: "k\(.id)"} | if (.id | ltrimstr("kc") | tonumber) > 300 and (.body | startswith("Please tell"))
	then .body = "Every school in our county asks the council to keep the orchard bridge open, because without it no bus can reach us and the pupils walk for an hour." else . end' \
	-c synthetic.jsonl >letters.jsonl
(
	SOUNDINGS_HOME=$WORK/letters
	export SOUNDINGS_HOME
	fixture_store letters.jsonl
	soundings emerging --format json >letters.json
	jq -e '.campaigns >= 1 and .campaign_messages >= 10' letters.json >/dev/null || fail "$(cat letters.json)"
	jq -e '[.rows[].term] | all(test("orchard") | not) and any(test("sparsity grant"))' letters.json >/dev/null ||
		fail "the letter's words: $(jq -c '[.rows[].term]' letters.json)"
	COLUMNS=200 soundings emerging | grep -q "see 'soundings campaigns'"
	soundings emerging --as-sent --least 1 --top 1000 --format json | jq -e '.campaigns == 0' >/dev/null
)

# One campaign of 40, sent by 31 people, with 8 sentences of their own.
soundings campaigns --least 20 --format json >campaigns.json
jq -e '[.rows[] | select(.words | startswith("Please tell the minister"))] |
	length == 1 and .[0].messages == 40 and .[0].senders == 31 and .[0].personal == 8' campaigns.json >/dev/null ||
	fail "$(jq .rows campaigns.json)"
jq -e '[.own_words[].text | select(test("lost their bus"))] | length == 8' campaigns.json >/dev/null
soundings campaigns --least 20 --personal --format csv | grep -q "lost their bus"

# Quotes: consent first (every seventh has it), never two from one person.
soundings quotes --theme funding --limit 20 --format json >quotes.json
jq -e '.rows | length > 3 and (map(.id[0:32]) | unique | length) == length' quotes.json >/dev/null
no=$(jq -r '[.rows[] | select(.state == "no consent")][0].id' quotes.json)
golden_fails no-consent 65 soundings quotes approve "$no" --theme funding
yes=$(jq -r '[.rows[] | select(.state == "may be approved")][0].id' quotes.json)
[ "$yes" != null ] || fail "no quote has consent"
exits 0 soundings quotes approve "$yes" --theme funding
same 1 "$(soundings quotes list --format json | jq '.rows | length')"
# Asking afterwards is consent too.
exits 0 soundings quotes approve "$no" --theme funding --consent-obtained
same 2 "$(soundings quotes list --format json | jq '.rows | length')"
exits 0 soundings quotes withdraw "$yes"
same "$no" "$(soundings quotes list --format json | jq -r '.rows[0].id')"
golden_fails withdraw-again 65 soundings quotes withdraw nothing-1
golden_fails bad-id 65 soundings quotes approve 12345 --theme funding
# To look at the exact words is noted before they are shown.
[ ! -e "$SOUNDINGS_HOME/access.jsonl" ] || fail "noted too early"
soundings quotes --theme funding --exact >/dev/null
jq -e '.what == "quotes --exact" and .theme == "funding" and has("by") and has("at")' \
	"$SOUNDINGS_HOME/access.jsonl" >/dev/null
same 600 "$(stat -c %a "$SOUNDINGS_HOME/access.jsonl")"

# A rise that is more than noise is marked, and only that.
awk 'BEGIN {
	for (i = 1; i <= 400; i++) {
		# funding: ever more of them; other: the same all along
		n = i * i / 160000
		x = (i * 7919) % 1000 / 1000
		theme = i % 4 == 0 ? "other" : (x < n ? "funding" : "member-services")
		printf "{\"id\":\"t%d\",\"source\":\"mail\",\"from\":\"p%d@x.example\",\"subject\":\"s\",\"signature\":\"\",\"body\":\"text %d\",\"kind\":\"feedback\",\"region\":\"london\",\"region_evidence\":\"none\",\"themes\":[\"%s\"],\"stance\":\"neutral\"}\n", i, i, i, theme
	}
}' >rising.jsonl
SOUNDINGS_HOME=$WORK/rising
export SOUNDINGS_HOME
fixture_store rising.jsonl
golden trend soundings trend --by week
soundings trend --by week --format json | jq -r '.series[] | "\(.theme) \(.trend)"' >got
printf 'member-services falling\nfunding rising\nother steady\n' >wanted
same wanted got

# What was done with it.
exits 0 soundings decision add --theme funding --region north-east "We told the minister."
exits 0 soundings decision add "We ask again in May."
golden decisions soundings decision text
exits 0 soundings decision withdraw 1
same "We ask again in May." "$(soundings decision list --format json | jq -r '.rows[].text')"
golden_fails decision-none 65 soundings decision withdraw 1
