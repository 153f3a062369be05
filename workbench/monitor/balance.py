"""Balance: how far the reviewed messages resemble all messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain.results.models import RatingBand
from workbench.errors import InputError
from workbench.monitor.windows import Doubles, FindPhrases, Floats, k_means, principal_components

FEWEST_REVIEWED = 100
"""Below this many reviewed messages balance says nothing."""

_COMPONENTS = 30
_MOST_FITTED = 20_000
_DRAWS = 200
_INTERVAL = (0.025, 0.975)
_GOOD, _FAIR = 0.9, 0.75
_EXCELLENT = 0.97
_N_MESSAGES = 5
_NAMED_MESSAGES = 400
_FOLDS = 5
_SIMILARITY_ROWS = 2_000


@dataclass(frozen=True, kw_only=True)
class Region:
    """A group of like messages.

    Attributes
    ----------
    name
        Up to two phrases of its messages, or empty.
    share_all, share_reviewed
        Its share of all and of the reviewed messages, in [0, 1].
    low, high
        Between these lies ``share_reviewed`` in 95 % of random samples of that size.
    n_reviewed
        Its reviewed messages.
    rows
        Up to 5 of its messages nearest the middle that nobody reviewed yet.
    """

    name: str
    share_all: float
    share_reviewed: float
    low: float
    high: float
    n_reviewed: int
    rows: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How far the reviewed messages resemble all messages.

    Attributes
    ----------
    balance, low, high
        In [0, 1], with its 95 % interval; None below 100 reviewed messages.
    band
        ``excellent`` from 0.97, ``good`` from 0.9, ``average`` from 0.75, ``poor`` below, ``none`` when unknown.
    regions
        All groups, the most under-represented first.
    """

    balance: float | None
    low: float | None
    high: float | None
    band: RatingBand
    regions: tuple[Region, ...]


def balance(
    vectors_all: npt.ArrayLike,
    reviewed_mask: npt.ArrayLike,
    *,
    random_state: int,
    texts: Sequence[str] | None = None,
    find_phrases: FindPhrases | None = None,
) -> Balance:
    """Compare the spread of the reviewed messages with that of all.

    Parameters
    ----------
    vectors_all
        (n, d), every message.
    reviewed_mask
        bool, (n,).
    random_state
        Seed of groups and draws.
    texts, find_phrases
        For the names of regions; None = no names.

    Returns
    -------
    Balance
        Messages are grouped by k-means on 30 principal components, k = reviewed / 10 within 20 … 100. With p the
        groups' shares of all and q of the reviewed messages, balance is sum min(p, q) over its mean for random
        samples of the same size (without replacement), at most 1: without the division a small random sample would
        look biased. The interval is the basic bootstrap's over reviewed messages.

    Raises
    ------
    InputError
        The mask has another length than the vectors.
    """
    vectors = np.asarray(vectors_all, dtype=np.float32)
    reviewed = np.asarray(reviewed_mask, dtype=bool)
    if vectors.ndim != 2 or reviewed.shape != (len(vectors),):  # noqa: PLR2004
        raise InputError(
            f"a mask of shape {reviewed.shape} came with vectors of shape {vectors.shape}.",
            next_step="Hand in one value for each vector.",
        )
    n_reviewed = int(reviewed.sum())
    n_groups = int(np.clip(n_reviewed // 10, 20, 100))
    if n_reviewed == 0 or len(vectors) < 2 * n_groups:
        return Balance(balance=None, low=None, high=None, band="none", regions=())
    points, groups = _groups(vectors, n_groups, random_state)
    everywhere = np.bincount(groups, minlength=n_groups)
    among = np.bincount(groups[reviewed], minlength=n_groups)

    random = np.random.default_rng(random_state)
    drawn = random.multivariate_hypergeometric(everywhere, n_reviewed, size=_DRAWS, method="marginals")
    expected = float(_overlap(everywhere, drawn).mean())
    names = _names(groups, n_groups, texts, find_phrases, random)
    regions = _regions(points, groups, reviewed, drawn, names)
    if n_reviewed < FEWEST_REVIEWED:
        return Balance(balance=None, low=None, high=None, band="none", regions=regions)

    raw = float(_overlap(everywhere, among[None])[0]) / expected
    again = _overlap(everywhere, random.multinomial(n_reviewed, among / n_reviewed, size=_DRAWS)) / expected
    # A resample overlaps less than its sample does: the basic bootstrap turns that shift round, and what was drawn
    # without replacement varies the less the more of all messages it is.
    still = (1 - n_reviewed / len(vectors)) ** 0.5
    shift = (again - float(again.mean())) * still
    low, high = np.clip(raw - np.quantile(shift, _INTERVAL[::-1]), 0, 1)
    value = min(1.0, raw)
    return Balance(
        balance=value,
        low=float(min(low, value)),
        high=float(max(high, value)),
        band=_band(value),
        regions=regions,
    )


def similarity(reviewed: npt.ArrayLike, unreviewed: npt.ArrayLike, *, random_state: int) -> float | None:
    """How hard it is to tell reviewed from unreviewed messages, in [0, 1]; 1 = cannot be told.

    Parameters
    ----------
    reviewed, unreviewed
        (n, d) and (m, d), vectors, with or without label probabilities as further columns.
    random_state
        Seed of samples and folds.

    Returns
    -------
    float or None
        ``min(1, 2 e)`` with e the balanced error, by 5-fold cross-validation, of a logistic regression on 32 principal
        components of up to 2,000 rows of each (classifier two-sample test, Lopez-Paz and Oquab 2017). None below 100
        reviewed rows. Below 100 unreviewed ones it is the reviewed share: whatever the others are, reviewed messages
        and all messages cannot be told apart better than that.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy
    from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: PLC0415 - heavy

    random = np.random.default_rng(random_state)
    parts = [np.asarray(part, dtype=np.float32) for part in (reviewed, unreviewed)]
    n_reviewed, n_unreviewed = (len(part) for part in parts)
    if n_reviewed < FEWEST_REVIEWED:
        return None
    if n_unreviewed < FEWEST_REVIEWED:
        return n_reviewed / (n_reviewed + n_unreviewed)
    size = min(_SIMILARITY_ROWS, n_reviewed, n_unreviewed)
    rows = np.concatenate([part[random.permutation(len(part))[:size]] for part in parts])
    points = principal_components(rows, 32)
    points = points / np.maximum(points.std(axis=0), 1e-6)
    truth = np.repeat([0, 1], size)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=random_state)
    guess = cross_val_predict(LogisticRegression(C=0.1), points, truth, cv=folds)
    return float(min(1.0, 2 * (guess != truth).mean()))


def _band(value: float) -> RatingBand:
    if value >= _EXCELLENT:
        return "excellent"
    if value >= _GOOD:
        return "good"
    return "average" if value >= _FAIR else "poor"


def _groups(vectors: Floats, n_groups: int, random_state: int) -> tuple[Floats, npt.NDArray[np.int32]]:
    points = principal_components(vectors, _COMPONENTS)
    random = np.random.default_rng(random_state)
    sample = points[random.permutation(len(points))[:_MOST_FITTED]]
    fitted = k_means(sample, n_groups, n_starts=1, random_state=random_state)
    return points, fitted.predict(points)


def _overlap(everywhere: npt.NDArray[np.int64], samples: npt.NDArray[np.int64]) -> Doubles:
    p = everywhere / everywhere.sum()
    return np.asarray(np.minimum(p, samples / samples.sum(axis=1, keepdims=True)).sum(axis=1))


def _regions(
    points: Floats,
    groups: npt.NDArray[np.int32],
    reviewed: npt.NDArray[np.bool_],
    drawn: npt.NDArray[np.int64],
    names: list[str],
) -> tuple[Region, ...]:
    n_reviewed = int(reviewed.sum())
    regions = []
    for group, name in enumerate(names):
        members = np.flatnonzero(groups == group)
        if len(members) == 0:
            continue
        fresh = members[~reviewed[members]]
        away = ((points[fresh] - points[members].mean(axis=0)) ** 2).sum(axis=1)
        low, high = np.quantile(drawn[:, group] / n_reviewed, _INTERVAL)
        here = int(reviewed[members].sum())
        regions.append(
            Region(
                name=name,
                share_all=len(members) / len(points),
                share_reviewed=here / n_reviewed,
                low=float(low),
                high=float(high),
                n_reviewed=here,
                rows=tuple(fresh[np.argsort(away, kind="stable")[:_N_MESSAGES]].tolist()),
            )
        )
    return tuple(sorted(regions, key=lambda region: (region.share_reviewed - region.share_all, region.rows)))


def _names(
    groups: npt.NDArray[np.int32],
    n_groups: int,
    texts: Sequence[str] | None,
    find_phrases: FindPhrases | None,
    random: np.random.Generator,
) -> list[str]:
    """The phrase that tells each group from the others: share times log-lift, on a sample of its messages."""
    if texts is None or find_phrases is None:
        return [""] * n_groups
    some = np.concatenate(
        [random.permutation(np.flatnonzero(groups == g))[:_NAMED_MESSAGES] for g in range(n_groups)]
    )
    table = find_phrases([texts[row] for row in some])
    if not table.phrases:
        return [""] * n_groups
    everywhere = np.asarray(table.incidence.sum(axis=0), dtype=np.float64).ravel()
    names = []
    for group in range(n_groups):
        rows = np.flatnonzero(groups[some] == group)
        here = np.asarray(table.incidence[rows].sum(axis=0), dtype=np.float64).ravel()
        share = here / max(len(rows), 1)
        lift = np.log((here + 0.5) / (len(rows) + 1) * (len(some) - len(rows) + 2) / (everywhere - here + 1))
        score = share * np.maximum(lift, 0)
        names.append(table.phrases[int(score.argmax())] if score.max() > 0 else "")
    return names
