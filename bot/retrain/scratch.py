"""A private temporary directory that is known to be abandoned once its owner is dead."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "imyarek-retrain-"
CHILD_LOCK = "child.lock"  # see `bot.retrain.leash`

_LAST_BREATH_SECONDS = 2.0  # for a killed process to be gone


@contextlib.contextmanager
def scratch_directory(root: Path) -> Iterator[Path]:
    """Make a directory in `root` that only this user can read, and remove it at the end.

    The directory is locked while the block runs. The system drops the lock when the process dies,
    however it dies, so `remove_abandoned` can tell a dead owner's directory from a living one's.

    Raises OSError when the directory cannot be made.
    """
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield path
        finally:
            end_leftover(path)
            os.close(descriptor)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def is_abandoned(path: Path) -> bool | None:
    """Whether the owner of a scratch directory is dead; None when it cannot be told from here."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def end_leftover(path: Path) -> None:
    """Kill the child of a run that still works in its scratch directory, if there is one."""
    try:
        descriptor = os.open(path / CHILD_LOCK, os.O_RDONLY)
    except OSError:
        return
    try:
        deadline = time.monotonic() + _LAST_BREATH_SECONDS
        while time.monotonic() < deadline:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # The lock says that the process group is the child's still, and nobody else's.
                with contextlib.suppress(ValueError, OSError):
                    os.killpg(int(os.pread(descriptor, 20, 0)), signal.SIGKILL)
                time.sleep(0.01)
            else:
                return
    finally:
        os.close(descriptor)


def remove_abandoned(root: Path) -> int:
    """Remove the scratch directories in `root` whose owners died, and end what still works there;
    returns how many there were.

    Another user's directories, links, and directories in use are left alone.
    """
    removed = 0
    for path in root.glob(f"{PREFIX}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(descriptor).st_uid != os.getuid():
                continue
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end_leftover(path)
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    return removed
