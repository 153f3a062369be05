"""What a cluster looks like: its middle, its members to show, its place on the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.discover.naming import ClusterName
from workbench.discover.vectors import Floats, Ints, check_vectors, unit_rows

N_SHOWN = 12
"""Messages shown for each cluster."""

UNLIKE = 0.95
"""Two shown messages have a cosine below this."""

_LOOKED_AT = 300


@dataclass(frozen=True, kw_only=True)
class ClusterSummary:
    """One cluster, described by rows of the input.

    Attributes
    ----------
    cluster
        Its number in the labels.
    name, phrases
        See :class:`ClusterName`.
    size
        Members.
    share
        Members over all messages, in [0, 1].
    cohesion
        Mean cosine of members to their mean direction, in [-1, 1].
    score
        ``size ** 0.5 * cohesion``: the order in which clusters are offered.
    medoid
        Row of the member nearest the mean direction.
    shown
        Rows of up to 12 members, nearest first, any two with a cosine below 0.95.
    x, y
        Median position of its members on the map.
    """

    cluster: int
    name: str
    phrases: tuple[str, ...]
    size: int
    share: float
    cohesion: float
    score: float
    medoid: int
    shown: tuple[int, ...]
    x: float
    y: float


def describe(
    vectors: npt.ArrayLike, labels: Ints, xy: Floats, names: list[ClusterName]
) -> tuple[ClusterSummary, ...]:
    """Summarise each cluster.

    Parameters
    ----------
    vectors
        (n, d), finite.
    labels
        int, (n,), -1 = in no cluster.
    xy
        float32, (n, 2), the map.
    names
        One per cluster; a cluster without one gets an empty name.

    Returns
    -------
    tuple of ClusterSummary
        By descending ``score``.
    """
    unit = unit_rows(check_vectors(vectors))
    known = {name.cluster: name for name in names}
    summaries = []
    for number in np.unique(labels[labels >= 0]).tolist():
        members = np.flatnonzero(labels == number)
        centre = unit_rows(unit[members].mean(axis=0, keepdims=True))[0]
        near = unit[members] @ centre
        members = members[np.argsort(-near, kind="stable")]
        cohesion = float(near.mean())
        name = known.get(number)
        x, y = np.median(xy[members], axis=0)
        summaries.append(
            ClusterSummary(
                cluster=number,
                name=name.name if name else "",
                phrases=name.phrases if name else (),
                size=len(members),
                share=len(members) / len(labels),
                cohesion=cohesion,
                score=len(members) ** 0.5 * cohesion,
                medoid=int(members[0]),
                shown=unlike(unit, members[:_LOOKED_AT], N_SHOWN),
                x=float(x),
                y=float(y),
            )
        )
    return tuple(sorted(summaries, key=lambda summary: (-summary.score, summary.cluster)))


def unlike(unit: Floats, rows: npt.NDArray[np.intp], most: int) -> tuple[int, ...]:
    """The first ``most`` of ``rows`` that are no near copies (cosine 0.95 or more) of one taken before."""
    taken: list[int] = []
    for row in rows:
        if not taken or float((unit[taken] @ unit[row]).max()) < UNLIKE:
            taken.append(int(row))
            if len(taken) == most:
                break
    return tuple(taken)
