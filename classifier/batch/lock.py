"""A lock on an open file, by which one run at a time has it.

The system releases it when the process ends, however it ends. So one that is left behind, as a file
that only has to be there would be after ``kill -9``, needs no person to remove it.
"""

import errno
import os
import sys
from pathlib import Path

# What a file system says that has no locks, as some network drives do: runs on it go unguarded.
_HAS_NONE = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)
# Windows keeps others from reading what is locked, so that is a byte where nothing is written.
_FAR_BEYOND = 2**31 - 2


def lock(file: int, path: Path) -> bool:
    """Lock a file by its descriptor; return whether that keeps all others from it.

    It does not if another process, or another opening, has it locked, or if it is no longer what
    stands at `path`: who had it locked may have removed it after it was opened here.
    """
    return _lock(file) and path.exists() and os.path.samestat(os.fstat(file), path.stat())


def _lock(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        place = os.lseek(file, 0, os.SEEK_CUR)
        os.lseek(file, _FAR_BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(file, place, os.SEEK_SET)
    else:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _HAS_NONE:
                raise
    return True


def unlock(file: int) -> None:
    """Release the lock.

    To close the file would not do while a forked process lives, whose copy of it keeps the lock.
    On Windows, where none is forked, it does.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
