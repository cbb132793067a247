#!/usr/bin/python3
"""What a server's files hold after a power cut, in the worst case.

Usage: cut_power.py TRACE FOLDER

TRACE is what "strace -f -y -xx" saw of a server that was killed. Every file
in FOLDER becomes what had been written to it before the start of its last
successful fsync or fdatasync (O_SYNC and O_DSYNC count as synced); what was
written later is gone, as if the kernel had written nothing back by itself.
Names, renames and removals are taken as durable at once: the model is kind
to whoever does not sync folders.
"""
import os
import re
import sys

CALL = re.compile(r"^(\d+) +(\w+)\((.*)$", re.S)
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$", re.S)
FD = re.compile(r"^(\d+)<([^>]*)>")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
RESULT = re.compile(r"= (-?\d+)")


def text(hexed):
    return bytes.fromhex(hexed.replace("\\x", ""))


def name(annotated):
    if annotated.startswith("\\x"):
        annotated = text(annotated).decode(errors="replace")
    return annotated.replace(" (deleted)", "")


class File:
    def __init__(self):
        self.pending, self.durable = [], bytearray()
        self.pos, self.size, self.sync = {}, 0, set()
        self.append = set()

    def put(self, at, data):
        self.size = max(self.size, at + len(data))
        self.pending.append((at, data))

    def cut(self, size):
        self.size = size
        self.pending.append((size, None))

    def settle(self, count):
        for at, data in self.pending[:count]:
            if data is None:
                del self.durable[at:]
                self.durable.extend(b"\0" * (at - len(self.durable)))
                continue
            if len(self.durable) < at:
                self.durable.extend(b"\0" * (at - len(self.durable)))
            self.durable[at:at + len(data)] = data
        del self.pending[:count]


files = {}


def file_of(path):
    return files.setdefault(path, File())


def opened(args, result):
    """openat(dir, name, flags) = fd<path>"""
    m = re.search(r"= (\d+)<([^>]*)>", args)
    if not m:
        return
    fd, f = int(m.group(1)), file_of(name(m.group(2)))
    f.pos[fd] = 0
    f.append.discard(fd)
    f.sync.discard(fd)
    if "O_TRUNC" in args:
        f.cut(0)
    if "O_APPEND" in args:
        f.append.add(fd)
    if "SYNC" in args:
        f.sync.add(fd)


def written(call, args, result):
    m = FD.match(args)
    if not m or result <= 0:
        return
    fd, f = int(m.group(1)), file_of(name(m.group(2)))
    data = b"".join(text(s) for s, _ in STRING.findall(args))[:result]
    if len(data) < result:
        sys.exit("cut_power: the trace is cut short")
    if call.startswith("p"):
        tail = args[:args.rindex("=")].rstrip().rstrip(")")
        at = int(tail.split(",")[-1].strip())
    elif fd in f.append:
        at = f.size
    else:
        at = f.pos.get(fd, 0)
    f.put(at, data)
    if not call.startswith("p"):
        f.pos[fd] = at + len(data)
    if fd in f.sync:
        f.settle(len(f.pending))


def linked(args):
    names = [text(s).decode() for s, _ in STRING.findall(args)]
    if len(names) == 2:
        old, new = (os.path.join(folder, n) for n in names)
        files[new] = file_of(old)


def renamed(args):
    names = [text(s).decode() for s, _ in STRING.findall(args)]
    if len(names) < 2:
        return
    # The server's own folder is where it was started: names may be relative.
    old, new = (os.path.join(folder, n) for n in names[:2])
    for path in list(files):
        if path == old or path.startswith(old + "/"):
            files[new + path[len(old):]] = files.pop(path)


def finished(call, args, mark):
    m = RESULT.search(args[args.rindex(")"):]) if ")" in args else None
    result = int(m.group(1)) if m else -1
    if result < 0:
        return
    fd = FD.match(args)
    if call in ("open", "openat", "creat"):
        opened(args, result)
    elif call in ("write", "pwrite64", "writev", "pwritev", "pwritev2"):
        written(call, args, result)
    elif call in ("fsync", "fdatasync") and fd:
        file_of(name(fd.group(2))).settle(mark)
    elif call == "ftruncate" and fd:
        file_of(name(fd.group(2))).cut(
            int(args.split(",")[1].split(")")[0]))
    elif call == "lseek" and fd:
        file_of(name(fd.group(2))).pos[int(fd.group(1))] = result
    elif call.startswith("link"):
        linked(args)
    elif call.startswith("rename"):
        renamed(args)


def waiting(call, args):
    """How much of its file a sync that begins now will cover."""
    fd = FD.match(args)
    if call in ("fsync", "fdatasync") and fd:
        return len(file_of(name(fd.group(2))).pending)
    return 0


trace, folder = sys.argv[1], sys.argv[2]
begun = {}
with open(trace, errors="replace") as lines:
    for line in lines:
        m = RESUMED.match(line)
        if m and (m.group(1), m.group(2)) in begun:
            args, mark = begun.pop((m.group(1), m.group(2)))
            finished(m.group(2), args + m.group(3), mark)
            continue
        m = CALL.match(line)
        if not m:
            continue
        pid, call, args = m.groups()
        mark = waiting(call, args)
        if args.rstrip().endswith("<unfinished ...>"):
            args = args[:args.rindex("<unfinished")].rstrip()
            begun[pid, call] = args, mark
        else:
            finished(call, args, mark)

lost = kept = 0
for path, f in files.items():
    if not path.startswith(folder) or not os.path.isfile(path) or \
            path == trace:
        continue
    lost += sum(len(d) for _, d in f.pending if d is not None)
    kept += len(f.durable)
    with open(path, "r+b") as out:
        out.truncate(0)
        out.write(f.durable)
print("kept %d bytes, lost %d" % (kept, lost), file=sys.stderr)
