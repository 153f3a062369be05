"""A private folder in memory: where the files derived from an encrypted workspace lie.

On a tmpfs nothing is written to a disk, unless the machine swaps: encrypt the swap space, or have none.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from workbench.errors import StoreError
from workbench.primitives import hex_digest
from workbench.store.locking import file_system_of

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_STEP = "Set 'memory_folder' to a tmpfs in which you may make a folder, e.g. /dev/shm or /run/user/<uid>."


def memory_folder(base: Path, workspace: Path, mounts: Path = Path("/proc/self/mountinfo")) -> Path:
    """The folder of ``workspace`` in ``base``, for this user alone; made when it is not there.

    Raises
    ------
    StoreError
        ``base`` is not in memory, or another user has made the folder or is let into it.
    """
    base = base.resolve()
    kind = file_system_of(base, mounts)
    if kind not in _IN_MEMORY or not base.is_dir():
        raise StoreError(
            f"{str(base)!r} is no folder in memory ({kind or 'unknown file system'}); what is derived from an "
            "encrypted workspace may lie nowhere else.",
            next_step=_STEP,
            details={"memory_folder": str(base), "file_system": kind},
        )
    own = _private(base / f"workbench-{os.getuid()}")
    return _private(own / hex_digest(str(workspace.resolve()), n_digits=16))


def used_bytes(folder: Path) -> int:
    """Bytes that the files below ``folder`` take."""
    total = 0
    for file in folder.rglob("*"):
        try:
            about = file.lstat()
        except FileNotFoundError:  # a job has just removed it
            continue
        if stat.S_ISREG(about.st_mode):
            total += about.st_size
    return total


def _private(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
    except OSError as error:
        raise StoreError(
            f"the folder {str(folder)!r} cannot be made: {error.strerror}.", next_step=_STEP
        ) from error
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise StoreError(
            f"the folder {str(folder)!r} belongs to another user, or lets others in.", next_step=_STEP
        )
    return folder
