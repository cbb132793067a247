# golden: what a command prints, word for word. For stories that read
#     . "$(dirname "$0")/golden.sh"
# after lib.sh. GOLDEN=update in the environment writes what was printed as
# what is expected: then read the difference before it is committed.

# golden NAME COMMAND…: its stdout is expected/STORY/NAME, its status 0. Of
# ids only the time is the same in every run: the rest is keyed.
golden() {
	golden_name=$1
	shift
	exits 0 "$@"
	sed -E -e 's/"generated_at": "[^"]*"/"generated_at": "NOW"/' \
		-e 's/\b([0-9a-f]{8})[0-9a-f]{4}([0-9a-f]{20})?\b/\1-ID/g' \
		-e "s#$WORK#WORK#g" out >got
	golden_same "$golden_name"
}

# golden_fails NAME STATUS COMMAND…: what it says on stderr, and its status.
golden_fails() {
	golden_name=$1
	golden_status=$2
	shift 2
	exits "$golden_status" "$@"
	sed -e "s#$WORK#WORK#g" err >got
	golden_same "$golden_name"
}

golden_same() {
	wanted="$TESTS/e2e/expected/$STORY/$1"
	if [ "${GOLDEN:-}" = update ]; then
		mkdir -p "${wanted%/*}"
		cp got "$wanted"
	fi
	same "$wanted" got
}

# golden_all NAME COMMAND…: as a table, JSON, CSV, Markdown and Excel.
golden_all() {
	golden_every=$1
	shift
	for golden_format in table json csv md; do
		golden "$golden_every.$golden_format" "$@" --format "$golden_format"
	done
	exits 0 "$@" --format xlsx --output book.xlsx
	golden_cells book.xlsx >got
	golden_same "$golden_every.xlsx"
}

# Of a workbook what its cells hold: the rest is when it was made.
golden_cells() {
	unzip -p "$1" xl/sharedStrings.xml 'xl/worksheets/sheet*.xml' |
		sed -E 's#>\s*<#>\n<#g' | grep -E '^<(v|t)[ >]' |
		sed -E -e 's/<[^>]*>//g' -e 's/\b([0-9a-f]{8})[0-9a-f]{4}([0-9a-f]{20})?\b/\1-ID/g'
}
