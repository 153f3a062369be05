"""Handing a file over, piece by piece."""

from __future__ import annotations

import hashlib
from pathlib import Path

from workbench.domain import FilePreview, Operations, UploadId
from workbench.errors import InputError

PIECE = 1 << 20


def upload(operations: Operations, path: Path) -> FilePreview:
    """Send a file and let it be looked at; pieces that are there from an earlier try are not sent again.

    The upload id is the hash of the content, so the same file again continues where the last try broke off.

    Raises
    ------
    InputError
        There is no such file.
    FileFormatError, UploadError
        It cannot be read, or is too large.
    """
    if not path.is_file():
        raise InputError(
            f"there is no file {str(path)!r}.", next_step="Check the path.", details={"path": str(path)}
        )
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    upload_id = UploadId(hashlib.sha256(f"{path.name}\0{sha256}".encode()).hexdigest()[:32])
    there = operations.begin_upload(upload_id, path.name, len(content))
    n_pieces = -(-len(content) // PIECE)
    for index in range(there, n_pieces):
        operations.upload_piece(upload_id, index, content[index * PIECE : (index + 1) * PIECE])
    return operations.finish_upload(upload_id, n_pieces, sha256)
