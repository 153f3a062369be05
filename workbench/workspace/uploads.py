"""Files handed in piece by piece; they count only when the end frame matches."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import msgspec

from workbench.domain import FilePreview, UploadId
from workbench.errors import UploadError
from workbench.primitives import hex_digest, write_atomically
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.derived import ensure_room

MAX_PIECE = 1 << 20
MAX_PIECES = 4096
_ID = re.compile(r"[0-9a-f]{16,64}")


def begin_upload(caller: Caller, upload_id: UploadId, name: str, n_bytes: int) -> int:
    """Open an upload, or find it again: how many pieces are there."""
    limit = caller.settings.import_max_bytes
    if n_bytes > limit:
        raise UploadError(
            f"{name[:100]!r} has {n_bytes:,} bytes; at most {limit:,} may be imported at once.",
            next_step="Split the file, or raise the setting 'import_max_bytes'.",
            details={"n_bytes": n_bytes, "limit": limit},
        )
    folder = _folder(caller.workspace, upload_id)
    ensure_room(caller.workspace, 2 * n_bytes)  # pieces, and the file they are joined to
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "file").exists():  # sent before, and still here
        return -(-n_bytes // MAX_PIECE)
    about = msgspec.json.encode({"name": name, "n_bytes": n_bytes, "actor": caller.actor})
    write_atomically(folder / "about.json", lambda draft: _write(draft, about))
    return _n_pieces(folder)


def upload_piece(caller: Caller, upload_id: UploadId, index: int, piece: bytes) -> None:
    """Keep a piece."""
    folder = _opened(caller.workspace, upload_id)
    if len(piece) > MAX_PIECE or index < 0:
        raise UploadError(
            f"piece {index} has {len(piece):,} bytes; a piece has at most {MAX_PIECE:,}.",
            next_step="Send smaller pieces, numbered from 0.",
        )
    announced = _about(folder)["n_bytes"]
    others = [other for other in folder.glob("*.piece") if other.name != f"{index:07d}.piece"]
    if index > MAX_PIECES or sum(other.stat().st_size for other in others) + len(piece) > announced:
        raise UploadError(
            f"piece {index} goes beyond the {announced:,} bytes that were announced, or is one too many.",
            next_step=f"Begin again with the file's size, in at most {MAX_PIECES:,} pieces.",
            details={"announced": announced},
        )
    write_atomically(folder / f"{index:07d}.piece", lambda draft: _write(draft, piece))


def finish_upload(
    caller: Caller, upload_id: UploadId, n_pieces: int, sha256: str, sheet: str | None = None
) -> FilePreview:
    """Join the pieces when all have come unharmed, then look at the file; what was seen once is kept."""
    from workbench.ingest import look  # noqa: PLC0415 - loads readers only when needed

    target = joined_file(caller.workspace, upload_id, n_pieces, sha256)
    folder = target.parent
    seen = folder / f"preview-{hex_digest(repr(sheet), n_digits=16)}.json"
    if not seen.exists():
        preview = look(
            target,
            name=file_name(caller.workspace, upload_id),
            upload_id=upload_id,
            max_bytes=caller.settings.import_max_bytes,
            sheet=sheet,
            unpacked_bytes=caller.settings.import_unpacked_max_bytes,
        )
        write_atomically(seen, lambda draft: _write(draft, msgspec.json.encode(preview)))
    return msgspec.json.decode(seen.read_bytes(), type=FilePreview)


def joined_file(workspace: Workspace, upload_id: UploadId, n_pieces: int, sha256: str) -> Path:
    """Path of the file, joined from its pieces when all have come unharmed; ``UploadError`` otherwise."""
    folder = _opened(workspace, upload_id)
    target = folder / "file"
    if not target.exists():
        _join(folder, target, n_pieces=n_pieces, sha256=sha256)
    return target


def uploaded_file(workspace: Workspace, upload_id: UploadId) -> Path:
    """Path of a finished upload; ``UploadError`` when it is not finished or unknown."""
    target = _opened(workspace, upload_id) / "file"
    if not target.exists():
        raise UploadError(
            f"upload {upload_id!r} is not finished.", next_step="Send the rest, then finish_upload."
        )
    return target


def file_name(workspace: Workspace, upload_id: UploadId) -> str:
    """The name the file had where it came from."""
    return str(_about(_opened(workspace, upload_id))["name"])


def uploader(workspace: Workspace, upload_id: UploadId) -> str | None:
    """Who began an upload, None when there is none of that id."""
    folder = _folder(workspace, upload_id)
    return str(_about(folder).get("actor", "")) if (folder / "about.json").exists() else None


def drop_upload(workspace: Workspace, upload_id: UploadId) -> None:
    """Forget an upload that was imported."""
    shutil.rmtree(_folder(workspace, upload_id), ignore_errors=True)


def _join(folder: Path, target: Path, *, n_pieces: int, sha256: str) -> None:
    there = _n_pieces(folder)
    if there != n_pieces:
        raise UploadError(
            f"{there} of {n_pieces} pieces arrived; nothing was kept as a file.",
            next_step="Send the missing pieces, then finish again.",
            details={"arrived": there, "expected": n_pieces},
        )
    digest = hashlib.sha256()

    def join(draft: Path) -> None:
        with draft.open("wb") as whole:
            for index in range(n_pieces):
                piece = (folder / f"{index:07d}.piece").read_bytes()
                digest.update(piece)
                whole.write(piece)
        if digest.hexdigest() != sha256.lower():
            raise UploadError(
                "the file arrived damaged (its SHA-256 differs).",
                next_step="Upload it again.",
                details={"expected": sha256, "found": digest.hexdigest()},
            )

    write_atomically(target, join)
    for piece in folder.glob("*.piece"):
        piece.unlink()


def _n_pieces(folder: Path) -> int:
    count = 0
    while (folder / f"{count:07d}.piece").exists():
        count += 1
    return count


def _opened(workspace: Workspace, upload_id: UploadId) -> Path:
    folder = _folder(workspace, upload_id)
    if not (folder / "about.json").exists():
        raise UploadError(
            f"there is no upload {upload_id[:64]!r}.", next_step="Begin with begin_upload.", details={}
        )
    return folder


def _about(folder: Path) -> dict[str, Any]:
    about: dict[str, Any] = msgspec.json.decode((folder / "about.json").read_bytes())
    return about


def _folder(workspace: Workspace, upload_id: UploadId) -> Path:
    if not _ID.fullmatch(upload_id):
        raise UploadError(
            f"upload id {upload_id[:64]!r} cannot be used.", next_step="Use 16 to 64 hex digits."
        )
    return workspace.folder / "uploads" / upload_id


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
