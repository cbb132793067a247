"""type.py [PROMPT KEYS]... -- COMMAND...: a person at a terminal.

The command runs on a terminal of its own. Once PROMPT is seen in what it
showed since the last KEYS (and it is quiet), KEYS are sent: a line ("w\\n") as
a whole, other keys ("aQ", "\\x03") each when the one before is answered. What
it showed goes to stdout; the exit status is the command's, 128 and the signal's
number where one ended it, and 99 when it hung or left the terminal otherwise
than it found it.
"""
import fcntl
import os
import pty
import select
import signal
import sys
import termios
import time

QUIET = 0.3
PATIENCE = 60

at = sys.argv.index("--")
words = [w.encode().decode("unicode_escape").encode("latin-1") for w in sys.argv[1:at]]
steps = list(zip(words[::2], words[1::2]))
argv = sys.argv[at + 1:]
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.execvp(argv[0], argv)

shown, since, ended = b"", 0, None
quiet, deadline = time.time(), time.time() + PATIENCE
while ended is None and time.time() < deadline:
    if select.select([master], [], [], 0.1)[0]:
        shown += os.read(master, 65536)
        quiet = time.time()
    elif steps and steps[0][0] in shown[since:] and time.time() - quiet > QUIET:
        prompt, keys = steps[0]
        now = len(keys) if keys.endswith(b"\n") else 1
        os.write(master, keys[:now])
        quiet = time.time()
        if keys[now:]:  # they need no prompt of their own
            steps[0] = (b"", keys[now:])
        else:
            steps.pop(0)
            since = len(shown)
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        ended = status
while select.select([master], [], [], 0.2)[0]:
    shown += os.read(master, 65536)
if ended is None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
sys.stdout.write(shown.decode(errors="replace").replace("\r\n", "\n"))
if ended is None or termios.tcgetattr(slave) != before:
    sys.exit(99)
status = os.waitstatus_to_exitcode(ended)
sys.exit(status if status >= 0 else 128 - status)
