#!/bin/sh
# The page in a real browser: nothing is fetched, nothing complains, it
# fits a desk, a telephone and paper, and its colours can be read.
. "$(dirname "$0")/lib.sh"
command -v chromium >/dev/null || skip "no chromium"
command -v pdfinfo >/dev/null || skip "no pdfinfo"

fixture_store "$CORPUS/feedback.jsonl"
soundings decision add --theme funding "<script>document.title='owned'</script>" 2>/dev/null
soundings publish --coarse themes --out page >/dev/null

browse() {
	chromium --headless --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars \
		--user-data-dir="$WORK/profile" "$@" "file://$WORK/page/page.html"
}

browse --dump-dom --enable-logging=stderr --v=0 \
	--log-net-log="$WORK/net.json" >dom 2>console
grep -q '<title>What members told us</title>' dom
! grep -q 'CONSOLE' console || fail "$(grep CONSOLE console)"
# Every request of the page itself: the file, and nothing else.
grep -oE '"url":"[^"]*"' net.json | sort -u | grep -vE 'file://|chrome|"url":""|google|gvt1|update' >requests || true
[ ! -s requests ] || fail "the page asked for: $(cat requests)"

# Landmarks and headings for a screen reader; every picture has words.
for mark in '<main' '<header' '<footer' 'lang="en-GB"' '<h1>' 'scope="row"' 'scope="col"'; do
	grep -q "$mark" dom || fail "no $mark"
done
same 1 "$(grep -o '<h1>' dom | wc -l)"
same "$(grep -o '<svg' dom | wc -l)" "$(grep -o '<svg[^>]*role="img"' dom | wc -l)"
same "$(grep -o '<svg' dom | wc -l)" "$(grep -o '<title[ >]' dom | wc -l | awk '{print $1 - 1}')"

# Contrast of text on each shade, light and dark: 4.5 to 1 (WCAG 2.2, 1.4.3).
contrast page/page.html >contrast.out || fail "$(cat contrast.out)"
same 12 "$(wc -l <contrast.out)"

for width in 1280 820 390; do
	browse --window-size=$width,2400 --screenshot="$WORK/$width.png" >/dev/null 2>&1
	[ "$(wc -c <"$width.png")" -gt 20000 ] || fail "nothing to see at $width"
done
browse --no-pdf-header-footer --print-to-pdf="$WORK/page.pdf" >/dev/null 2>&1
pages=$(pdfinfo page.pdf | awk '$1 == "Pages:" { print $2 }')
[ "$pages" -ge 1 ] && [ "$pages" -le 5 ] || fail "$pages pages of paper"
