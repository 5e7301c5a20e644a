"""A private temporary directory that is known to be abandoned once its owner is dead."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "imyarek-retrain-"


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
            os.close(descriptor)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def remove_abandoned(root: Path) -> int:
    """Remove the scratch directories in `root` whose owners died; returns how many there were.

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
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    return removed
