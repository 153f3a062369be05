"""What changed: labels, phrases and groups of messages that the reference does not have so much of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.domain.ids import LabelId, Uid
from workbench.domain.results import ClusterChange, LabelChange, PhraseChange
from workbench.monitor.new_share import share_new
from workbench.monitor.rates import label_z, largest_z_by_chance, share_beyond
from workbench.monitor.windows import (
    Doubles,
    Floats,
    Phrases,
    WindowData,
    draw,
    k_means,
    principal_components,
)

_MOST_MESSAGES = 3_000
_COMPONENTS = 30
_MESSAGES_PER_GROUP = 25
_LEAST_RESIDUAL = 3.0
_N_GROUPS = 6
_N_MESSAGES = 5
_N_SEEDS = 12
_CARRIES = 0.5
_N_PHRASES = 5
_PRIOR = 0.5
_LEAST_Z = 2.0
_STEM = 5


def label_changes(
    reference: WindowData,
    window: WindowData,
    *,
    label_ids: Sequence[str],
    names: Sequence[str],
    false_alarm_rate: float,
    least_change: float,
    n_permutations: int,
    random: np.random.Generator,
    table: Phrases | None = None,
) -> tuple[LabelChange, ...]:
    """Every label's change, the largest absolute z first; ``p_adjusted`` counts permutations with a larger z anywhere.

    ``table`` has the phrases of the reference's messages followed by the window's.
    """
    z = label_z(reference, window)
    largest = largest_z_by_chance(reference, window, n_permutations=n_permutations, random=random)
    adjusted = share_beyond(z, largest)
    before = reference.probabilities.mean(axis=0, dtype=np.float64)
    now = window.probabilities.mean(axis=0, dtype=np.float64)
    changes = [
        LabelChange(
            label_id=LabelId(label_ids[i]),
            name=names[i],
            share_before=float(before[i]),
            share_now=float(now[i]),
            z=float(z[i]),
            p_adjusted=float(adjusted[i]),
            alarm=bool(adjusted[i] < false_alarm_rate and abs(now[i] - before[i]) >= least_change),
        )
        for i in range(len(z))
    ]
    place = {label_id: i for i, label_id in enumerate(label_ids)}
    told = [
        _with_reasons(change, reference, window, place[change.label_id], table) if change.alarm else change
        for change in changes
    ]
    return tuple(sorted(told, key=lambda change: (-abs(change.z), change.label_id)))


def _with_reasons(
    change: LabelChange, reference: WindowData, window: WindowData, column: int, table: Phrases | None
) -> LabelChange:
    """The phrases of the label's messages that rose or fell with it, and its surest messages."""
    rose = change.share_now > change.share_before
    shown = window if rose else reference
    surest = np.argsort(-shown.probabilities[:, column], kind="stable")[:_N_MESSAGES]
    phrases: tuple[str, ...] = ()
    if table is not None:
        carries = [part.probabilities[:, column] >= _CARRIES for part in (reference, window)]
        rows = [np.flatnonzero(carries[0]), np.flatnonzero(carries[1]) + len(reference.uids)]
        before, now = (
            np.asarray(table.incidence[part].sum(axis=0), dtype=np.float64).ravel() for part in rows
        )
        _, z = _log_odds(now, len(window.uids), before, len(reference.uids))
        phrases = tuple(table.phrases[at] for at in _telling(table.phrases, z if rose else -z, _N_PHRASES))
    return replace(change, messages=tuple(Uid(shown.uids[row]) for row in surest), phrases=phrases)


def phrase_changes(table: Phrases, is_now: npt.NDArray[np.bool_], most: int) -> tuple[PhraseChange, ...]:
    """Phrases used more or less than before.

    Parameters
    ----------
    table
        Phrases of the messages.
    is_now
        bool, (n,): the message is in the window (True) or the reference (False).
    most
        Phrases given for each direction.

    Returns
    -------
    tuple of PhraseChange
        First those that rose, the surest first, then those that fell. The log-odds ratio is smoothed by half a
        message on each side and divided by its standard error for the order (Monroe et al. 2008); phrases within 2
        standard errors of no change are left out, as are those that repeat a better one.
    """
    counts_now = _counts(table, is_now)
    counts_before = _counts(table, ~is_now)
    n_now, n_before = int(is_now.sum()), int((~is_now).sum())
    log_odds, z = _log_odds(counts_now, n_now, counts_before, n_before)
    changes: list[PhraseChange] = []
    for sign in (1, -1):
        for at in _telling(table.phrases, sign * z, most):
            changes.append(  # noqa: PERF401 - a comprehension over two loops reads worse
                PhraseChange(
                    phrase=table.phrases[at],
                    share_before=float(counts_before[at] / max(n_before, 1)),
                    share_now=float(counts_now[at] / max(n_now, 1)),
                    log_odds=float(log_odds[at]),
                )
            )
    return tuple(changes)


def cluster_changes(
    reference: WindowData, window: WindowData, *, table: Phrases | None, random_state: int
) -> tuple[ClusterChange, ...]:
    """Groups of messages that are over-represented in the window.

    Parameters
    ----------
    reference, window
        Up to 3,000 messages of each are grouped together by k-means on 30 principal components, about 25 of the
        smaller part to a group.
    table
        Phrases of the reference's messages followed by the window's; None = groups are named by their medoid.
    random_state
        Seed of k-means.

    Returns
    -------
    tuple of ClusterChange
        Up to 6 groups whose standardised (adjusted Pearson) residual is 3 or more, the largest first.
    """
    old, new = draw(reference.uids, _MOST_MESSAGES), draw(window.uids, _MOST_MESSAGES)
    points = principal_components(np.concatenate((reference.vectors[old], window.vectors[new])), _COMPONENTS)
    is_now = np.arange(len(points)) >= len(old)
    n_groups = int(np.clip(min(len(old), len(new)) // _MESSAGES_PER_GROUP, 2, 60))
    if len(points) < 2 * n_groups:
        return ()
    pieces = k_means(points, n_groups, n_starts=2, random_state=random_state).labels_
    groups = _merge(points, pieces, _residuals(pieces, is_now, n_groups) >= _LEAST_RESIDUAL)
    residuals = _residuals(groups, is_now, n_groups)
    changes = []
    for group in np.argsort(-residuals, kind="stable")[:_N_GROUPS]:
        if residuals[group] < _LEAST_RESIDUAL:
            break
        members = np.flatnonzero((groups == group) & is_now)
        rows = new[members - len(old)]
        phrases = _group_phrases(table, rows + len(reference.uids), len(reference.uids))
        typical = rows[_medoids(points[members], _N_SEEDS)]
        n_before = int(((groups == group) & ~is_now).sum())
        share, low, high = share_new(points, pieces, groups == group, is_now)
        changes.append(
            ClusterChange(
                name=" / ".join(_name(phrases)) or window.texts[typical[0]][:60],
                share_before=n_before / len(old),
                share_now=len(members) / len(new),
                residual=float(residuals[group]),
                mean_confidence=float(window.probabilities[rows].max(axis=1, initial=0).mean()),
                messages=tuple(Uid(window.uids[row]) for row in typical[:_N_MESSAGES]),
                phrases=phrases,
                seeds=tuple(Uid(window.uids[row]) for row in typical),
                share_new=share,
                share_new_low=low,
                share_new_high=high,
            )
        )
    return tuple(changes)


def _residuals(groups: npt.NDArray[np.int32], is_now: npt.NDArray[np.bool_], n_groups: int) -> Doubles:
    """Adjusted Pearson residual of each group's count in the window (Haberman 1973)."""
    total = np.bincount(groups, minlength=n_groups)
    now = np.bincount(groups[is_now], minlength=n_groups)
    share = is_now.mean()
    spread = np.sqrt(total * share * (1 - share) * (1 - total / len(groups)))
    return np.asarray((now - total * share) / np.maximum(spread, 1e-9))


def _merge(
    points: Floats, groups: npt.NDArray[np.int32], rising: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int32]:
    """Join rising groups whose centres lie nearer than their members lie to them: pieces of one topic."""
    merged = groups.copy()
    numbers = np.flatnonzero(rising)
    centres = {int(g): points[groups == g].mean(axis=0) for g in numbers}
    spread = {
        int(g): float(((points[groups == g] - centres[int(g)]) ** 2).sum(axis=1).mean()) for g in numbers
    }
    into = {int(g): int(g) for g in numbers}
    for i, one in enumerate(into):
        for other in list(into)[:i]:
            apart = float(((centres[one] - centres[other]) ** 2).sum())
            if apart < (spread[one] + spread[other]) / 2:
                old, new = into[one], into[other]
                into = {group: new if goal == old else goal for group, goal in into.items()}
    for group, goal in into.items():
        merged[groups == group] = goal
    return merged


def _medoids(points: Floats, most: int) -> npt.NDArray[np.intp]:
    away = ((points - points.mean(axis=0)) ** 2).sum(axis=1)
    return np.argsort(away, kind="stable")[:most]


def _group_phrases(table: Phrases | None, rows: npt.NDArray[np.intp], n_before: int) -> tuple[str, ...]:
    """Phrases of ``rows`` against all messages of the reference."""
    if table is None:
        return ()
    here = np.asarray(table.incidence[rows].sum(axis=0), dtype=np.float64).ravel()
    before = np.asarray(table.incidence[:n_before].sum(axis=0), dtype=np.float64).ravel()
    _, z = _log_odds(here, len(rows), before, n_before)
    return tuple(table.phrases[at] for at in _telling(table.phrases, z, _N_PHRASES))


def telling_phrases(table: Phrases, inside: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Up to 5 phrases that messages have more often than the others, the surest first; ``inside`` is bool, (n,)."""
    here, there = _counts(table, inside), _counts(table, ~inside)
    _, z = _log_odds(here, int(inside.sum()), there, int((~inside).sum()))
    return tuple(table.phrases[at] for at in _telling(table.phrases, z, _N_PHRASES))


def _counts(table: Phrases, chosen: npt.NDArray[np.bool_]) -> Doubles:
    return np.asarray(table.incidence[np.flatnonzero(chosen)].sum(axis=0), dtype=np.float64).ravel()


def _log_odds(here: Doubles, n_here: int, there: Doubles, n_there: int) -> tuple[Doubles, Doubles]:
    """Smoothed log-odds ratio of each phrase, and the same over its standard error."""
    cells = (here + _PRIOR, n_here - here + _PRIOR, there + _PRIOR, n_there - there + _PRIOR)
    log_odds = np.log(cells[0]) - np.log(cells[1]) - np.log(cells[2]) + np.log(cells[3])
    return log_odds, log_odds / np.sqrt(sum(1 / cell for cell in cells))


def _telling(phrases: tuple[str, ...], z: Doubles, most: int) -> list[int]:
    """Phrases with the largest z above 2, without those that share a run of words with one chosen before."""
    chosen: list[int] = []
    for at in sorted(np.flatnonzero(z > _LEAST_Z), key=lambda i: (-z[i], -phrases[i].count(" "), phrases[i])):
        padded = f" {phrases[at]} "
        if not any(padded in f" {phrases[c]} " or f" {phrases[c]} " in padded for c in chosen):
            chosen.append(int(at))
            if len(chosen) == most:
                break
    return chosen


def _name(phrases: tuple[str, ...]) -> list[str]:
    if not phrases:
        return []
    first = {word[:_STEM] for word in phrases[0].split()}
    return [phrases[0], *[p for p in phrases[1:] if not first & {w[:_STEM] for w in p.split()}][:1]]
