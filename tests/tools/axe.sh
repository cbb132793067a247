#!/bin/sh
# Accessibility of a published page by axe-core, as a check while developing:
#
#	tests/tools/axe.sh PAGE.html [WIDTH]
#
# Wants node's npm once, to fetch axe-core into a temporary folder (or AXE, the
# path of an axe.min.js), and chromium. Prints violations, a line each; leaves
# with 1 when there are any. What it found last stands in docs/QUALITY.md; the
# project's own assertions (T511-page) run in every test.
set -eu
page=$1
width=${2:-1280}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "${AXE:-}" ]; then
	npm install --silent --no-audit --no-fund --prefix "$scratch" axe-core >/dev/null
	AXE=$scratch/node_modules/axe-core/axe.min.js
fi
# The page forbids every script, so a copy without its policy is looked at.
grep -v 'http-equiv="Content-Security-Policy"' "$page" |
	sed -e '/^base-uri\|^default-src/d' -e '/<\/body>/,$d' >"$scratch/page.html"
{
	printf '<script>'
	cat "$AXE"
	cat <<'END'
</script><script>
axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
	.then(r => {
		const out = document.createElement("pre");
		out.id = "axe";
		out.textContent = "AXE " + axe.version + " passes " + r.passes.length + " violations " + r.violations.length + "\n" +
			r.violations.map(v => "AXE-VIOLATION " + v.id + ": " + v.help + " (" + v.nodes.length + ") " + v.nodes[0].target).join("\n");
		document.body.append(out);
	});
</script></body></html>
END
} >>"$scratch/page.html"
chromium --headless --no-sandbox --disable-gpu --no-first-run \
	--disable-background-networking --user-data-dir="$scratch/profile" \
	--window-size="$width,2400" --virtual-time-budget=60000 --dump-dom \
	"file://$scratch/page.html" 2>/dev/null | grep -oE 'AXE [0-9.]+ passes [^<]*|AXE-VIOLATION [a-z][a-z0-9-]*: [^<]*' >"$scratch/found" || true
cat "$scratch/found"
grep -q '^AXE [0-9]' "$scratch/found" || { echo "axe did not run" >&2; exit 2; }
! grep -q '^AXE-VIOLATION' "$scratch/found"
