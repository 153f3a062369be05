"""What kind of file lies at a path, told from its first bytes, before any program opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

DatabaseKind = Literal["absent", "empty", "plain", "encrypted", "other"]

_MAGIC_AT, _MAGIC = 8, b"DUCK"
_FLAGS_AT = 20
_ENCRYPTED = 1
_HEADER = 28


def database_kind(path: Path) -> DatabaseKind:
    """Whether ``path`` is a DuckDB file, plain or encrypted.

    ``absent`` means that there is nothing, ``empty`` a file without content (both become a new database),
    ``other`` a folder or any other kind of file.
    """
    if not path.exists():
        return "absent"
    if not path.is_file():
        return "other"
    with path.open("rb") as stream:
        head = stream.read(_HEADER)
    if not head:
        return "empty"
    if len(head) < _HEADER or head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] != _MAGIC:
        return "other"
    flags = int.from_bytes(head[_FLAGS_AT:_HEADER], "little")
    return "encrypted" if flags & _ENCRYPTED else "plain"
