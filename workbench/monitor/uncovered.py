"""What no label covers: the messages without an informative label, in groups of like ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError
from workbench.monitor.coverage import COVERED
from workbench.monitor.explain import telling_phrases
from workbench.monitor.windows import FindPhrases, k_means, principal_components

FEWEST_IN_GROUP = 5
"""Uncovered messages that make a group."""
_MOST_FITTED = 5_000
_COMPONENTS = 30
_PER_GROUP = 40
_MOST_GROUPS, _SHOWN = 40, 12
_N_SEEDS = 12
_NAMED_MESSAGES = 2_000


@dataclass(frozen=True, kw_only=True)
class UncoveredGroup:
    """Like messages that no label covers.

    Attributes
    ----------
    name
        Up to two of its phrases; the start of its most typical message where it has none.
    phrases
        Up to 5 phrases that tell it from the covered messages, best first.
    n
        Its messages; ``share`` of all messages, in [0, 1].
    rows
        Up to 12 of them, the most typical first.
    """

    name: str
    phrases: tuple[str, ...]
    n: int
    share: float
    rows: tuple[int, ...]


def uncovered(
    vectors: npt.ArrayLike,
    cover: npt.ArrayLike,
    *,
    texts: Sequence[str],
    find_phrases: FindPhrases,
    random_state: int,
) -> tuple[UncoveredGroup, ...]:
    """Group the messages whose cover is below 0.5.

    Parameters
    ----------
    vectors
        (n, d), every message.
    cover
        (n,), in [0, 1]; see :func:`workbench.monitor.coverage`.
    texts
        One per message.
    find_phrases
        Finds phrases in texts.
    random_state
        Seed of samples and groups.

    Returns
    -------
    tuple of UncoveredGroup
        Up to 12, the largest first: k-means on 30 principal components of up to 5,000 uncovered messages, about 40 to
        a group. What is known of the groups is that their messages are alike, not that each is one topic.

    Raises
    ------
    InputError
        The lengths differ.
    """
    table = np.asarray(vectors, dtype=np.float32)
    covered = np.asarray(cover, dtype=np.float64) >= COVERED
    if not len(table) == len(covered) == len(texts):
        raise InputError(
            f"{len(table)} vectors came with {len(covered)} values of cover and {len(texts)} texts.",
            next_step="Hand in one of each for every message.",
        )
    without = np.flatnonzero(~covered)
    if len(without) < FEWEST_IN_GROUP:
        return ()
    random = np.random.default_rng(random_state)
    points = principal_components(table[without], _COMPONENTS)
    n_groups = int(np.clip(len(without) // _PER_GROUP, 1, _MOST_GROUPS))
    sample = points[random.permutation(len(points))[:_MOST_FITTED]]
    groups = k_means(sample, n_groups, n_starts=2, random_state=random_state).predict(points)
    sizes = np.bincount(groups, minlength=n_groups)
    largest = [g for g in np.argsort(-sizes, kind="stable")[:_SHOWN] if sizes[g] >= FEWEST_IN_GROUP]
    members = [np.flatnonzero(groups == group) for group in largest]
    typical = [
        part[np.argsort(((points[part] - points[part].mean(axis=0)) ** 2).sum(axis=1), kind="stable")]
        for part in members
    ]
    named = _phrases_of(
        [without[part] for part in typical], np.flatnonzero(covered), texts, find_phrases, random
    )
    return tuple(
        UncoveredGroup(
            name=" / ".join(phrases[:2]) or texts[without[part[0]]][:60],
            phrases=phrases,
            n=len(part),
            share=len(part) / len(table),
            rows=tuple(without[part[:_N_SEEDS]].tolist()),
        )
        for part, phrases in zip(typical, named, strict=True)
    )


def _phrases_of(
    groups: Sequence[npt.NDArray[np.intp]],
    covered: npt.NDArray[np.intp],
    texts: Sequence[str],
    find_phrases: FindPhrases,
    random: np.random.Generator,
) -> list[tuple[str, ...]]:
    """The phrases of each group against the covered messages and the other groups, on samples of both."""
    parts = [random.permutation(group)[:_NAMED_MESSAGES] for group in (*groups, covered)]
    table = find_phrases([texts[row] for part in parts for row in part])
    ends = np.cumsum([len(part) for part in parts])
    place = np.arange(ends[-1])
    return [
        telling_phrases(table, (place >= end - len(part)) & (place < end))
        for part, end in zip(parts[:-1], ends[:-1], strict=True)
    ]
