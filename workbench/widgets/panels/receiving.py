"""Files on their way from the browser to the server, piece by piece."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from workbench.domain import FilePreview, MailFile, Operations, UploadId
from workbench.settings import load_settings

PIECE = 1 << 20
"""Most bytes of a piece."""
HEAD = 4096


class Receiver:
    """Passes pieces on as they come; holds no more of a file than the piece at hand.

    Parameters
    ----------
    operations
        Where the files go.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._hashes: dict[str, hashlib._Hash] = {}
        self._pieces: dict[str, int] = {}
        self._heads: dict[str, bytes] = {}

    @property
    def is_receiving(self) -> bool:
        """Whether a file is on its way, or being looked at."""
        return bool(self._pieces)

    def begin(self, upload_id: str, name: str, n_bytes: int) -> None:
        """Open an upload; ``UploadError`` when the file is too large."""
        self._operations.begin_upload(_hex(upload_id), name, n_bytes)
        self._hashes[upload_id], self._pieces[upload_id] = hashlib.sha256(), 0

    def take_piece(self, upload_id: str, index: int, piece: bytes) -> None:
        """Pass a piece on."""
        self._operations.upload_piece(_hex(upload_id), index, piece)
        self._hashes[upload_id].update(piece)
        self._heads.setdefault(upload_id, piece[:HEAD])
        self._pieces[upload_id] = index + 1

    def finish(self, upload_id: str) -> FilePreview:
        """Let the whole file be looked at; ``FileFormatError`` when it cannot be read."""
        digest = self._hashes[upload_id].hexdigest()
        return self._operations.finish_upload(_hex(upload_id), self._pieces[upload_id], digest)

    def head(self, upload_id: str) -> bytes:
        """The first bytes of a file, from which its kind is told."""
        return self._heads.get(upload_id, b"")

    def finish_mail(self, upload_id: str) -> MailFile:
        """Let a mail file be looked at; ``FileFormatError`` when it is none."""
        digest = self._hashes[upload_id].hexdigest()
        return self._operations.finish_mail_upload(_hex(upload_id), self._pieces[upload_id], digest)

    def forget(self, upload_id: str) -> None:
        """The upload is over, one way or the other."""
        self._pieces.pop(upload_id, None)
        self._hashes.pop(upload_id, None)
        self._heads.pop(upload_id, None)

    def take_file(self, upload_id: str, path: Path) -> None:
        """Hand over a file of this machine as if it had been dropped."""
        content = path.read_bytes()
        self.begin(upload_id, path.name, len(content))
        for index, start in enumerate(range(0, len(content), PIECE)):
            self.take_piece(upload_id, index, content[start : start + PIECE])


def most_bytes() -> int:
    """The limit that the server keeps, told before anything is sent."""
    file = os.environ.get("WORKBENCH_FILE")
    return load_settings(Path(file) if file else None).import_max_bytes


def _hex(upload_id: str) -> UploadId:
    """Upload ids of the browser are not hex; their hash is."""
    return UploadId(hashlib.sha256(upload_id.encode()).hexdigest()[:32])
