"""What a window of messages brings to a comparison."""

from __future__ import annotations

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

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


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
    """

    uids: tuple[str, ...]
    vectors: Floats
    probabilities: Floats
    texts: tuple[str, ...]
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse parts that do not belong together."""
        n = len(self.uids)
        if not (len(self.vectors) == len(self.probabilities) == len(self.texts) == n):
            raise InputError(
                f"a window has {n} ids, {len(self.vectors)} vectors, {len(self.probabilities)} rows of "
                f"probabilities and {len(self.texts)} texts.",
                next_step="Hand in one of each for every message.",
            )


def draw(uids: Sequence[str], most: int) -> Rows:
    """Rows of at most ``most`` messages in the order of their ids' hashes: the same however they were sorted."""
    keys = np.array([unit_interval(uid) for uid in uids])
    return np.argsort(keys, kind="stable")[:most]


def principal_components(vectors: Floats, n_components: int) -> Floats:
    """Rows of length 1, centred, on their first principal axes: float32, (n, min(n_components, d))."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    unit = unit - unit.mean(axis=0) if len(unit) else unit
    axes = np.linalg.eigh(unit.T.astype(np.float64) @ unit)[1][:, ::-1][:, :n_components]
    return np.asarray(unit @ axes, dtype=np.float32)
