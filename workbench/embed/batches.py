"""What all encoders share: equal texts once, pieces with progress and cancelling, unit length."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.embed.protocol import Cancelled, Progress
from workbench.embed.text import printable
from workbench.errors import JobCancelledError
from workbench.primitives import batched


def distinct(texts: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """Return the distinct texts in order of first appearance, and where each text went.

    Returns
    -------
    texts, rows
        ``rows`` is (n,), ``texts[rows[i]]`` is the i-th text given, lone surrogates replaced.
    """
    places: dict[str, int] = {}
    rows = np.fromiter(
        (places.setdefault(printable(text), len(places)) for text in texts), np.intp, len(texts)
    )
    return list(places), rows


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale rows to unit length; a row of zeros becomes the constant unit vector."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    constant = np.float32(1 / np.sqrt(max(1, vectors.shape[1])))
    safe = np.where(lengths > 0, lengths, np.float32(1))
    return np.where(lengths > 0, vectors / safe, constant).astype(np.float32, copy=False)


def stop_if(cancelled: Cancelled | None, done: int, total: int) -> None:
    """Raise `JobCancelledError` when ``cancelled`` says so."""
    if cancelled is not None and cancelled():
        raise JobCancelledError(
            f"embedding was cancelled after {done:,} of {total:,} texts.",
            next_step="Start it again; texts embedded and stored before are not encoded again.",
            details={"done": done, "total": total},
        )


def encode_in_pieces(
    texts: Sequence[str],
    encode_piece: Callable[[Sequence[str]], NDArray[np.float32]],
    *,
    dim: int,
    size: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> NDArray[np.float32]:
    """Encode distinct texts ``size`` at a time with a function that is quick per piece."""
    unique, rows = distinct(texts)
    vectors = np.empty((len(unique), dim), np.float32)
    done = 0
    for piece in batched(unique, size):
        stop_if(cancelled, done, len(unique))
        vectors[done : done + len(piece)] = unit_rows(encode_piece(piece))
        done += len(piece)
        if progress is not None:
            progress(done * len(texts) // len(unique), len(texts))
    return vectors[rows]
