"""What a window of messages brings to a comparison."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError
from workbench.primitives import unit_interval

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.cluster import KMeans

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
_ROWS_AT_ONCE = 16_384


class Phrases(Protocol):
    """What is needed of a table of phrases: their words, and which message contains which.

    ``incidence`` is sparse, (n_messages, n_phrases), 1 where the message contains the phrase.
    """

    @property
    def phrases(self) -> tuple[str, ...]: ...  # noqa: D102 - see the class

    @property
    def incidence(self) -> csr_matrix: ...  # noqa: D102 - see the class


FindPhrases = Callable[[Sequence[str]], Phrases]


@dataclass(frozen=True, kw_only=True)
class WindowData:
    """Messages of one span of time, rows as in ``uids``.

    Attributes
    ----------
    uids, texts
        One per message.
    vectors
        float32, (n, d), one encoder's.
    probabilities
        float, (n, n_labels), calibrated, of one model version.
    start, end
        Half-open span, UTC.
    weekly
        How many messages came in each whole week of the span, whether they are among these or not; empty = not known,
        volumes are then not compared.
    exceptions
        Of each message the exceptions that it is tagged with, as pairs of stream and type; () = none, None = it came before
        exceptions were tagged. Empty = not known, the rate of exceptions is then not compared.
    """

    uids: tuple[str, ...]
    vectors: Floats
    probabilities: Floats
    texts: tuple[str, ...]
    start: datetime
    end: datetime
    weekly: tuple[int, ...] = ()
    exceptions: tuple[tuple[tuple[str, str], ...] | None, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that do not belong together."""
        n = len(self.uids)
        if not (len(self.vectors) == len(self.probabilities) == len(self.texts) == n):
            raise InputError(
                f"a window has {n} ids, {len(self.vectors)} vectors, {len(self.probabilities)} rows of "
                f"probabilities and {len(self.texts)} texts.",
                next_step="Hand in one of each for every message.",
            )
        if self.exceptions and len(self.exceptions) != n:
            raise InputError(
                f"a window has {n} ids and the exceptions of {len(self.exceptions)} messages.",
                next_step="Hand in those of every message, or none.",
            )


def draw(uids: Sequence[str], most: int) -> Rows:
    """Rows of at most ``most`` messages in the order of their ids' hashes: the same however they were sorted."""
    keys = np.array([unit_interval(uid) for uid in uids])
    return np.argsort(keys, kind="stable")[:most]


def principal_components(vectors: Floats, n_components: int) -> Floats:
    """Rows of length 1, centred, on their first principal axes: float32, (n, min(n_components, d))."""
    n, d = vectors.shape
    kept = min(n_components, d)
    pieces = [slice(start, start + _ROWS_AT_ONCE) for start in range(0, n, _ROWS_AT_ONCE)]
    # In pieces: a million vectors would otherwise be copied several times over.
    total = np.zeros(d, dtype=np.float64)
    squares = np.zeros((d, d), dtype=np.float64)
    for piece in pieces:
        unit = _unit(vectors[piece]).astype(np.float64)
        total += unit.sum(axis=0)
        squares += unit.T @ unit
    mean = total / max(n, 1)
    axes = np.linalg.eigh(squares - n * np.outer(mean, mean))[1][:, ::-1][:, :kept]
    reduced = np.empty((n, kept), dtype=np.float32)
    for piece in pieces:
        reduced[piece] = (_unit(vectors[piece]) - mean) @ axes
    return reduced


def k_means(points: Floats, n_groups: int, *, n_starts: int, random_state: int) -> KMeans:
    """Fit groups; fewer come out where fewer messages differ, which is no reason for a warning."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - heavy
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - heavy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(n_groups, n_init=n_starts, random_state=random_state).fit(points)


def _unit(vectors: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
