"""What share of a window is new with a topic, of which a group of messages shows a part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.monitor.windows import Doubles, Floats
from workbench.primitives import wilson

_PASSES = 0.03
_SHRINKAGE = 0.1
_GREW = 2.0


def share_new(
    points: Floats,
    groups: npt.NDArray[np.int32],
    inside: npt.NDArray[np.bool_],
    is_now: npt.NDArray[np.bool_],
) -> tuple[float, float, float]:
    """Share of the window that is new with the topic of a group, in [-1, 1], and its 95 % interval.

    A group that grew is often a part of its topic: the rest lies in groups that did not grow enough to be seen, and the
    group's own share would be told too low. So messages are ordered by how much nearer they are to the centre of the
    group than to that of any group that did not grow, and counted on both sides of a cut. If a share s of the window is the
    topic and the rest is as before, the part beyond the cut holds ``s + (1 - s) * before`` of the window wherever the
    cut is, as long as the topic is beyond it. The cut lets 3 % of the reference's messages pass that are not in the
    group: where it is does not depend on the window's counts, so that neither does its error. Distances are in units of the
    scatter within groups (Fisher 1936; Hastie and Tibshirani 1996).

    Parameters
    ----------
    points
        float32, (n, d): the reference's messages and the window's.
    groups
        int32, (n,): the group of each message before any were joined.
    inside, is_now
        bool, (n,): the message is in the group that grew; it is in the window (True) or the reference (False).

    Returns
    -------
    tuple of float
        The share and its interval: that of the difference of two shares (Newcombe 1998, method 10), with what was there
        before taken as known. Where no message of the reference is in another group that did not grow, the group's own
        share.
    """
    steady = _steady(groups, inside, is_now)
    others = ~inside & ~is_now
    if not others.any() or not steady:
        return _told(inside, is_now)
    scaled = _scaled(points.astype(np.float64), groups)
    away = np.full(len(points), np.inf)
    for group in steady:
        away = np.minimum(away, _squares(scaled, (groups == group) & ~inside))
    scores = away - _squares(scaled, inside)
    return _told(scores >= np.quantile(scores[others], 1 - _PASSES), is_now)


def _steady(
    groups: npt.NDArray[np.int32], inside: npt.NDArray[np.bool_], is_now: npt.NDArray[np.bool_]
) -> list[int]:
    """Groups that have no more of the window than chance explains; others may be pieces of the topic."""
    n_groups = int(groups.max()) + 1
    before = np.bincount(groups[~inside & ~is_now], minlength=n_groups)
    now = np.bincount(groups[~inside & is_now], minlength=n_groups)
    total, share = before + now, float(is_now.mean())
    excess = (now - share * total) / np.sqrt(np.maximum(total * share * (1 - share), 1e-9))
    return [int(group) for group in np.flatnonzero((before > 0) & (excess < _GREW))]


def _scaled(points: Doubles, groups: npt.NDArray[np.int32]) -> Doubles:
    """Points in units of their scatter within groups, shrunk towards an equal one: few messages tell little of it."""
    sums = np.zeros((int(groups.max()) + 1, points.shape[1]))
    np.add.at(sums, groups, points)
    counts = np.bincount(groups, minlength=len(sums))
    within = points - (sums / np.maximum(counts, 1)[:, None])[groups]
    scatter = within.T @ within / len(points)
    spread = float(np.trace(scatter)) / len(scatter)
    # Messages that are all alike have none.
    shrunk = (1 - _SHRINKAGE) * scatter + (_SHRINKAGE * spread or 1.0) * np.eye(len(scatter))
    return np.asarray(np.linalg.solve(np.linalg.cholesky(shrunk), points.T).T)


def _squares(points: Doubles, chosen: npt.NDArray[np.bool_]) -> Doubles:
    """Squared distance of each point from the centre of the chosen ones, of these from the centre of the others."""
    squares = np.asarray(((points - points[chosen].mean(axis=0)) ** 2).sum(axis=1))
    n = int(chosen.sum())
    # A message draws the centre towards itself: most of the group are of the window, which would seem nearer by that.
    return np.asarray(np.where(chosen, squares * (n / max(n - 1, 1)) ** 2, squares))


def _told(beyond: npt.NDArray[np.bool_], is_now: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """What is new beyond a cut, and its interval."""
    n_before, n_now = int((~is_now).sum()), int(is_now.sum())
    before, now = float(beyond[~is_now].mean()), float(beyond[is_now].mean())
    (low_before, high_before), (low_now, high_now) = wilson(before, n_before), wilson(now, n_now)
    difference = now - before
    low = difference - ((now - low_now) ** 2 + (high_before - before) ** 2) ** 0.5
    high = difference + ((high_now - now) ** 2 + (before - low_before) ** 2) ** 0.5
    rest = max(1 - before, 1 / n_before)
    share, least, most = (float(np.clip(value / rest, -1, 1)) for value in (difference, low, high))
    return share, least, most
