"""Handing a file over, piece by piece."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from workbench.domain import FilePreview, Operations, UploadId
from workbench.errors import InputError

PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file whose pieces are all there; its end frame is still to come."""

    upload_id: UploadId
    n_pieces: int
    sha256: str


def upload(operations: Operations, path: Path, *, sheet: str | None = None) -> FilePreview:
    """Send a file and let it be looked at.

    Raises
    ------
    InputError
        There is no such file.
    FileFormatError, UploadError
        It cannot be read, or is too large.
    """
    sent = send(operations, path)
    return operations.finish_upload(sent.upload_id, sent.n_pieces, sent.sha256, sheet)


def send(operations: Operations, path: Path) -> Sent:
    """Send a file; pieces that are there from an earlier try are not sent again.

    The upload id is the hash of the content, so the same file again continues where the last try broke off.

    Raises
    ------
    InputError
        There is no such file.
    UploadError
        It is too large.
    """
    if not path.is_file():
        raise InputError(
            f"there is no file {str(path)!r}.", next_step="Check the path.", details={"path": str(path)}
        )
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        n_bytes = file.tell()
        upload_id = UploadId(
            hashlib.sha256(f"{path.name}\0{sha256}".encode("utf-8", "replace")).hexdigest()[:32]
        )
        there = operations.begin_upload(upload_id, path.name, n_bytes)
        n_pieces = -(-n_bytes // PIECE)
        file.seek(there * PIECE)
        for index in range(there, n_pieces):
            operations.upload_piece(upload_id, index, file.read(PIECE))
    return Sent(upload_id=upload_id, n_pieces=n_pieces, sha256=sha256)
