"""Tests of many shares at once: how often each label, or each phrase, occurs now and before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.monitor.panel import LEAST_SHARE_CHANGE, Outcome
from workbench.monitor.windows import Doubles, FindPhrases, WindowData, draw

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LEAST_EXPECTED = 5.0
_MOST_DRAWN = 4_000_000  # rows of all permutations done in one product
_MOST_TEXTS = 2_000
_MOST_PHRASES = 300


def label_z(reference: WindowData, window: WindowData) -> Doubles:
    """Z of each label's mean probability, now against before, with pooled variance; float64, (n_labels,).

    0 where fewer than 5 messages of the label are expected in the smaller part: too few to judge.
    """
    return _z(_both(reference, window), len(reference.uids))


def largest_z_by_chance(
    reference: WindowData,
    window: WindowData,
    *,
    n_permutations: int,
    random: np.random.Generator,
) -> Doubles:
    """Largest absolute z over the judged labels when messages change places by chance.

    Normal p-values promise too much for rare labels and windows of unequal length: their far tails ring two to four
    times as often as stated (60 labels of 2 %, 300 messages against 5,000). Messages keep their labels together, so
    labels that go together are no further chances to ring (Westfall and Young 1993).

    Returns
    -------
    ndarray
        float64, (n_permutations,), ascending.
    """
    both = _both(reference, window)
    return _largest_by_chance(both, len(reference.uids), n_permutations=n_permutations, random=random)


def share_beyond(z: npt.ArrayLike, largest: Doubles) -> Doubles:
    """P-value of each ``z`` against the largest ones by chance, corrected for their number."""
    least = np.abs(np.asarray(z, dtype=np.float64)) * (1 - 1e-9)
    beyond = len(largest) - np.searchsorted(largest, least, side="left")
    return np.asarray((1 + beyond) / (1 + len(largest)))


def label_rates(
    reference: WindowData, window: WindowData, *, n_permutations: int, random: np.random.Generator
) -> Outcome:
    """Largest change of any label's share against its standard error, p-value by permutation."""
    both = _both(reference, window)
    return _largest_change("label_rates", both, len(reference.uids), n_permutations, random)


def wording(
    reference: WindowData,
    window: WindowData,
    *,
    find_phrases: FindPhrases,
    n_permutations: int,
    random: np.random.Generator,
) -> Outcome:
    """Largest change of any phrase's share of messages against its standard error, p-value by permutation.

    Phrases are the 300 most frequent ones of both parts together, found in up to 2,000 messages of each: chosen
    without looking at which part they are in, so that permuting messages is fair.
    """
    parts = [[part.texts[row] for row in draw(part.uids, _MOST_TEXTS)] for part in (reference, window)]
    table = find_phrases([*parts[0], *parts[1]])
    frequent = _most_frequent(table.incidence)
    both = np.asarray(table.incidence[:, frequent].todense(), dtype=np.float32)
    return _largest_change("wording", both, len(parts[0]), n_permutations, random)


def _most_frequent(incidence: csr_matrix) -> npt.NDArray[np.intp]:
    counts = np.asarray(incidence.sum(axis=0)).ravel()
    return np.argsort(-counts, kind="stable")[:_MOST_PHRASES]


def _largest_change(
    name: str, both: npt.NDArray[np.float32], n_before: int, n_permutations: int, random: np.random.Generator
) -> Outcome:
    """The column that changed most for its standard error."""
    z = _z(both, n_before)
    largest = _largest_by_chance(both, n_before, n_permutations=n_permutations, random=random)
    top = int(np.abs(z).argmax()) if len(z) else 0
    judged = len(z) > 0 and z[top] != 0
    return Outcome(
        name=name,
        statistic=float(np.abs(z).max(initial=0.0)),
        p_value=float(share_beyond(z[top], largest)) if len(z) else 1.0,
        effect=float(_change(both, n_before)[top]) if judged else 0.0,
        effect_unit="share of messages",
        least_effect=LEAST_SHARE_CHANGE,
    )


def _both(reference: WindowData, window: WindowData) -> npt.NDArray[np.float32]:
    return np.concatenate((reference.probabilities, window.probabilities))


def _change(both: npt.NDArray[np.float32], n_before: int) -> Doubles:
    now, before = (part.mean(axis=0, dtype=np.float64) for part in (both[n_before:], both[:n_before]))
    return np.asarray(now - before)


def _z(both: npt.NDArray[np.float32], n_before: int) -> Doubles:
    spread = _standard_errors(both, n_before)
    change = _change(both, n_before)
    return np.asarray(np.where(spread > 0, change, 0) / np.where(spread > 0, spread, 1))


def _standard_errors(both: npt.NDArray[np.float32], n_before: int) -> Doubles:
    """Of each column's change when nothing changed; 0 for columns that are not judged."""
    n_now = len(both) - n_before
    spread = np.sqrt(both.var(axis=0, dtype=np.float64) * (1 / n_before + 1 / n_now))
    expected = both.mean(axis=0, dtype=np.float64) * min(n_before, n_now)
    return np.asarray(np.where(expected >= _LEAST_EXPECTED, spread, 0))


def _largest_by_chance(
    both: npt.NDArray[np.float32], n_before: int, *, n_permutations: int, random: np.random.Generator
) -> Doubles:
    """See :func:`largest_z_by_chance`; rows are messages, those of the reference first."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - heavy

    spread = _standard_errors(both, n_before)
    judged = np.flatnonzero(spread)
    n = len(both)
    n_drawn = min(n_before, n - n_before)
    if not len(judged):
        return np.zeros(n_permutations)
    centred = both[:, judged].astype(np.float64)
    centred -= centred.mean(axis=0)
    largest = np.empty(n_permutations)
    step = max(1, _MOST_DRAWN // n_drawn)
    for begin in range(0, n_permutations, step):
        count = min(step, n_permutations - begin)
        rows = [random.choice(n, n_drawn, replace=False, shuffle=False) for _ in range(count)]
        chosen = csr_matrix(
            (np.ones(count * n_drawn), np.concatenate(rows), np.arange(0, count * n_drawn + 1, n_drawn)),
            shape=(count, n),
        )
        # Centred, the means of the two parts have sums of opposite sign: one sum tells their difference.
        change = (chosen @ centred) * (1 / n_drawn + 1 / (n - n_drawn))
        largest[begin : begin + count] = np.abs(change / spread[judged]).max(axis=1)
    return np.sort(largest)
