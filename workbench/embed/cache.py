"""Built graphs on disk: each file is the SHA-256 of its content followed by the content.

A file that does not match its own hash counts as absent and is built again. Files are renamed into place
whole, so two processes that build the same graph at once leave one good file.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

from workbench.primitives import write_atomically

_N_HASH_BYTES = 32


def cached_bytes(path: Path, build: Callable[[], bytes]) -> bytes:
    """Return the content kept at ``path``, or build and keep it.

    A folder that cannot be written costs the build at each start and nothing else.
    """
    kept = _read(path)
    if kept is not None:
        return kept
    content = build()

    def write(draft: Path) -> None:
        with draft.open("wb") as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)

    with contextlib.suppress(OSError):
        write_atomically(path, write)
    return content


def _read(path: Path) -> bytes | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = raw[_N_HASH_BYTES:]
    good = hashlib.sha256(content).digest() == raw[:_N_HASH_BYTES]
    return content if good and content else None
