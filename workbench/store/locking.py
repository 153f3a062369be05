"""The lock beside the workspace file: taken before it is opened, kept until after it is closed.

DuckDB locks the file itself, but only between its own open and close; this lock covers the hand-over from
one owner to the next as well. ``flock`` is not reliable on network file systems, so those are refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from workbench.errors import StoreError, StoreLockedError

NETWORK_FILE_SYSTEMS = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone"}
    | {"fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"}
)


class FileLock:
    """An advisory lock on ``<file>.lock``, exclusive for an owner and shared among readers of a snapshot."""

    def __init__(self, database: Path, *, shared: bool = False) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._database = database
        self._shared = shared
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting.

        Raises
        ------
        StoreLockedError
            Another process (or another ``Store`` of this one) holds it; names the process id if known.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            handle = os.open(self.path, flags, 0o600)
        except OSError as error:
            if self._shared:
                return  # a snapshot on a read-only medium: nobody can write it, so nothing need be locked
            raise StoreError(
                f"the lock file {str(self.path)!r} cannot be written: {error.strerror}.",
                next_step="Put the workspace into a folder you may write.",
            ) from error
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if self._shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
            os.close(handle)
            raise StoreLockedError(
                f"{str(self._database)!r} is in use by process {owner or 'unknown'}.",
                next_step="Connect to the owner with workbench.open, or end that process.",
                details={"path": str(self._database), "pid": int(owner) if owner.isdigit() else None},
            ) from error
        if not self._shared:
            with contextlib.suppress(OSError):  # on a full disk the lock holds all the same, without a name
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would let two owners lock different files."""
        if self._handle is not None:
            if not self._shared:
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def refuse_network(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Refuse a file on a network file system, where the system tells.

    Raises
    ------
    StoreError
        The folder of ``path`` lies on one.
    """
    kind = file_system_of(path.resolve(), mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"{str(path)!r} lies on a network file system ({kind}), where file locks cannot be relied upon.",
            next_step="Move the workspace to a local disk; share it through 'workbench serve'.",
            details={"path": str(path), "file_system": kind},
        )


def file_system_of(path: Path, mounts: Path) -> str:
    """Type of the file system that holds ``path`` (absolute), empty when the system does not tell."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = left.split()[4].encode().decode("unicode_escape")
        # Of mounts on the same point the later one covers the earlier.
        if path.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), right.split()[0]
    return kind
