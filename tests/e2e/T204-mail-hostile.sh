#!/bin/sh
# Hostile messages: each under two seconds of processor and 256 MB, exit 0,
# valid JSON, and none lost.
. "$(dirname "$0")/lib.sh"
[ -z "${SANITIZE:-}" ] || skip "sanitizers are neither fast nor small"
command -v python3 >/dev/null || skip "no python3 to write the messages"

python3 - <<'P'
import base64
n = 0
def head():
    global n
    n += 1
    return (b"From: A B <a@b.sch.uk>\nTo: future@association.example\n"
            b"Subject: x\nDate: Tue, 03 Feb 2015 07:30:00 +0000\n"
            b"Message-ID: <h%d@x>\nMIME-Version: 1.0\n" % n)
def write(name, data):
    open(name + ".eml", "wb").write(data)
def html(name, data):
    write(name, head() + b"Content-Type: text/html\n\n" + data)
def nested(levels):
    s = head()
    for i in range(levels):
        s += (b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n'
              % (i, i))
    return s + b"Content-Type: text/plain\n\ninner\n"
write("cc", head() + b"Cc: " +
      b",\n ".join(b"n%d@x.example" % i for i in range(20000)) + b"\n\nx\n")
write("header", head() + b"X-Big: " + b"a" * (1 << 20) + b"\n\nx\n")
write("headers", head() + b"".join(b"X-%d: y\n" % i for i in range(50000)) +
      b"\nx\n")
write("from", b"From: " + b"a" * (1 << 20) + b" <a@b.c>\n\nx\n")
write("nested", nested(3000))
write("messages", head() +
      b"Content-Type: message/rfc822\n\nFrom: x@y\n" * 3000 + b"\nx\n")
write("parts", head() + b"Content-Type: multipart/mixed; boundary=b\n\n" +
      b"--b\nContent-Type: text/plain\n\np\n" * 50000 + b"--b--\n")
html("less", b"<" * (5 << 20))
html("comments", b"<!--" * 100000)
html("divs", b"<div>" * 1000000 + b"hi")
html("fonts", b"".join(b"<font color=%d>" % i for i in range(100000)))
html("tables", b"<table><b><a>" * 60000)
html("attributes", b"<a " + b" ".join(b"a%d=1" % i for i in range(80000)))
write("attachment", head() +
      b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
      b"Content-Type: text/plain\n\nsee attached\n--b\n"
      b"Content-Type: application/pdf; name=x.pdf\n"
      b"Content-Disposition: attachment; filename=x.pdf\n"
      b"Content-Transfer-Encoding: base64\n\n" +
      base64.encodebytes(b"x" * (22 << 20)) + b"--b--\n")
write("quotes", head() + b"\n" + b">" * (5 << 20))
write("lines", head() + b"\n" + b"\n" * (5 << 20))
write("wrote", head() + b"\n" + b"On 1 wrote:\n" * 200000)
write("labels", head() + b"\n" + b"From: a\nSent: b\nTo: c\n" * 100000)
write("nul", head() + b"\n" + b"\0" * (1 << 20))
write("text", head() + b"\n" + b"word word word word\n" * 2000000)
write("words", b"Subject: " + b"=?utf-8?Q?=41=?= " * 50000 + b"\n" +
      head() + b"\nx\n")
P
# cost.py MESSAGE ARGUMENT...: processor seconds and memory of all the hook's
# processes, also of those that nobody but us waits for.
cat >cost.py <<'P'
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
hook = subprocess.Popen(["soundings-mail"] + sys.argv[2:],
                        stdin=open(sys.argv[1]))
status, seconds, kb = None, 0, 0
while True:
    try:
        pid, ended, used = os.wait4(-1, 0)
    except ChildProcessError:
        break
    if pid == hook.pid:
        status = os.waitstatus_to_exitcode(ended)
    seconds += used.ru_utime + used.ru_stime
    kb = max(kb, used.ru_maxrss)
print("%.2f s, %d MB" % (seconds, kb // 1024), file=open("cost", "w"))
sys.exit("too dear" if seconds >= 2 or kb >= 256 << 10 else status)
P
start_worker
for message in *.eml; do
	for how in --dry-run --hook; do
		exits 0 python3 cost.py "$message" $how
		printf '%s %s: %s\n' "$message" $how "$(cat cost)"
		[ $how = --hook ] || jq -e .kind out >/dev/null ||
			fail "$message: no JSON"
	done
done
same true "$(ledger balanced)"
same "$(find . -maxdepth 1 -name '*.eml' | wc -l)" "$(ledger received)"
same "see attached" "$(soundings-mail --dry-run <attachment.eml | jq -r .text)"
same '["limit"]' "$(soundings-mail --dry-run <text.eml | jq -c .flags)"
# A large answer is written at once: what was lost of it then is lost, too.
if [ -c /dev/full ]; then
	{ printf 'From: a@b.example\nSubject: x\n\n' && seq 1 3000; } >long.eml
	exits 75 sh -c 'soundings-mail --dry-run <long.eml >/dev/full'
fi
