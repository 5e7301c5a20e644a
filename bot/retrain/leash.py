"""Runs a command that ends when the process that started it does, however that one ends.

Run by path, for it imports nothing of the bot: ``leash.py LOCK COMMAND...``. The standard input is
a pipe of which the bot holds the other end: the system closes it when the bot dies, by kill -9 too,
and the command's process group is killed. SIGTERM is passed on; the exit code, or the signal, is
the command's.

LOCK is a file that is locked as long as the command lives, and has its process group: with it the
next start of the bot ends what is left should this program have been killed itself.
"""

import _thread
import contextlib
import fcntl
import os
import resource
import signal
import sys

_LOWEST_PRIORITY = 19
_NOT_STARTED = 127


def main(lock: str, *command: str) -> None:
    """Run the command to its end."""
    os.nice(_LOWEST_PRIORITY)
    held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    child = os.fork()
    if child == 0:
        try:
            # Not a session of its own: Linux shares the processor between sessions first and looks
            # at niceness only within one, so a new session would undo the low priority.
            os.setpgid(0, 0)
            os.write(held, str(os.getpid()).encode())
            os.set_inheritable(held, True)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            os.execvp(command[0], command)  # noqa: S606 - the bot says what to run
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(_NOT_STARTED)

    with contextlib.suppress(OSError):  # the child was quicker
        os.setpgid(child, child)
    signal.signal(signal.SIGTERM, lambda *_: _end(child, signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _thread.start_new_thread(_watch_parent, (child,))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _watch_parent(child: int) -> None:
    while os.read(0, 1):
        pass
    _end(child, signal.SIGKILL)


def _end(child: int, how: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, how)


if __name__ == "__main__":
    main(*sys.argv[1:])
