#!/bin/sh
# Any bytes in: exit 0 or 75, valid JSON in dry runs, nothing lost.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3 to spoil messages with"

python3 - "$CORPUS/mail" <<'P'
import glob, os, random, re, sys
r = random.Random(20150203)
mails = [open(f, "rb").read() for f in sorted(glob.glob(sys.argv[1] + "/*.eml"))]
os.mkdir("spoilt")
def spoil(data):
    data = bytearray(data)
    for _ in range(r.randint(1, 12)):
        if not data:
            break
        at = r.randrange(len(data))
        what = r.randrange(6)
        if what == 0:
            data[at] = r.randrange(256)
        elif what == 1:
            del data[at:at + r.randrange(1, 400)]
        elif what == 2:
            data[at:at] = bytes(r.randrange(256) for _ in range(r.randrange(40)))
        elif what == 3:
            other = r.choice(mails)
            b = r.randrange(len(other))
            data[at:at] = other[b:b + r.randrange(2000)]
        elif what == 4:
            data = data[:at]
        else:
            data[at:at] = r.choice([b"\n\n", b"\r", b"\0", b"--", b"<", b">",
                b"Content-Type: multipart/mixed; boundary=x\n", b"=?utf-8?B?",
                b"Content-Transfer-Encoding: base64\n", b"\nFrom: ", b"=\n"])
    return bytes(data)
for i in range(300):
    # One that can be read takes the place of one of its name that could not.
    named = re.sub(rb"(?mi)^(Message-ID:\s*<)", rb"\g<1>%d." % i, r.choice(mails))
    open("spoilt/%03d" % i, "wb").write(spoil(named))
for i in range(20):
    open("spoilt/n%02d" % i, "wb").write(
        bytes(r.randrange(256) for _ in range(r.randrange(3000))))
open("spoilt/empty", "wb").close()
P
n=$(find spoilt -type f | wc -l)

# What a dry run cannot read it leaves out of a backlog's lines, and nothing
# else; one by one each has an answer.
exits 0 soundings-mail --maildir spoilt --dry-run
jq -es 'length' out >/dev/null || fail "not all of it is JSON"
for message in spoilt/n* spoilt/empty spoilt/00*; do
	exits 0 soundings-mail --dry-run <"$message"
	jq -e '.kind and .from and (.text | type == "string")' out >/dev/null ||
		fail "$message: no answer"
done

# Sent, every one of them stands somewhere in the books.
start_worker
exits 0 soundings-mail --maildir spoilt
same "$n" "$(ledger received)"
same true "$(ledger balanced)"
for message in spoilt/n0* spoilt/empty spoilt/00*; do
	exits 0 soundings-mail --hook <"$message"
	same "" "$(cat out err)"
done
same true "$(ledger balanced)"
