"""Days that stand out: which are left out, which are a habit, and how a habit goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_FAR = 5.0
"""Times the usual day that a day must have to stand out where most days have some; twice that where few have any."""
_DENSE = 0.25
"""Share of days with any units from which on there is such a thing as a usual day."""
_GAP, _SPAN = 3, 7
"""Days that stand out are one event while no more than three days lie between them; an event lasts a week at most."""
_BEGINNING, _WHOLE = 14, 28
"""Days at the beginning in which what had piled up is imported; told from a habit once there are four weeks."""
_WINDOW = 180
"""Days that the rate of a habit is taken from."""
_RENEWAL_FROM = 6
_AS_RANDOM = 4.0
"""Events at random that are thought to have been seen before: a few even gaps are no proof of a rule."""
_SMOOTHING = 0.5


@dataclass(frozen=True, kw_only=True)
class Habit:
    """Events that come now and then: their sizes, the days they came at, and over how many days they were seen."""

    at: IntArray
    sizes: FloatArray
    n_days: int

    def paths(self, horizon: int, n_paths: int, rng: np.random.Generator) -> FloatArray:
        """Daily units (n_paths, horizon) of possible futures.

        The rate comes from a gamma distribution, the posterior of a Poisson process under Jeffreys' prior; it is as
        much narrower as the gaps are more even than those of such a process. Gaps are drawn from those seen,
        stretched to that rate; of fewer than six events, as at random. Sizes are drawn from those seen, each a
        little larger or smaller (a smoothed bootstrap), and all by what is not known of their mean.
        """
        n = len(self.at)
        gaps = np.sort(np.diff(self.at)).astype(np.float64)
        renews = n >= _RENEWAL_FROM
        variation = float(gaps.var(ddof=1) / gaps.mean() ** 2) if renews else 1.0
        shape = (n + 0.5) / ((n * variation + _AS_RANDOM) / (n + _AS_RANDOM))
        wait = self.n_days / (n + 0.5) * shape / rng.gamma(shape, size=n_paths)
        n_most = int(3 * horizon / wait.mean()) + 20
        if renews:
            stretch = (wait / gaps.mean())[:, None]
            age = self.n_days - int(self.at[-1])
            shorter = np.searchsorted(gaps, age / stretch[:, 0])
            place = shorter + (rng.random(n_paths) * (len(gaps) - shorter)).astype(np.int64)
            known = shorter < len(gaps)
            first = np.where(
                known, gaps[np.minimum(place, len(gaps) - 1)] * stretch[:, 0] - age, rng.exponential(wait)
            )
            between = rng.choice(gaps, (n_paths, n_most)) * stretch
        else:
            first = rng.exponential(wait)
            between = rng.exponential(np.broadcast_to(wait[:, None], (n_paths, n_most)))
        at = (np.cumsum(np.column_stack([first, between]), axis=1)).astype(np.int64)
        spread = float(np.log(self.sizes).std(ddof=1))
        noise = _SMOOTHING * rng.standard_normal(at.shape) + rng.standard_normal((n_paths, 1)) / np.sqrt(n)
        sizes = rng.choice(self.sizes, at.shape) * np.exp(spread * noise)
        found = np.zeros((n_paths, horizon))
        path, event = np.nonzero(at < horizon)
        np.add.at(found, (path, at[path, event]), sizes[path, event])
        return found


def split_days(days: FloatArray) -> tuple[FloatArray, Habit | None, IntArray]:
    """What comes day by day, what comes now and then, and the places of what is left out."""
    used = days > 0
    if not used.any():
        return days.copy(), None, np.empty(0, np.int64)
    dense = used.mean() >= _DENSE
    fence = float(np.median(days[used])) * (_FAR if dense else 2 * _FAR)
    events = _events(np.flatnonzero(days > fence))
    late = [event for event in events if event[0] >= _BEGINNING or len(days) < _WHOLE]
    single = late if len(late) == 1 else []
    left_out = [event for event in events if event[0] < _BEGINNING and len(days) >= _WHOLE] + single
    aside = np.concatenate([np.empty(0, np.int64), *left_out])
    if not dense:
        kept = np.setdiff1d(np.flatnonzero(used), aside)
        if len(kept) <= 1:  # one alone is no habit
            return np.zeros_like(days), None, np.union1d(aside, kept)
        return np.zeros_like(days), _habit(days, kept), aside
    habits = [event for event in late if not single]
    base = days.copy()
    taken = np.concatenate([aside, *habits])
    rest = np.setdiff1d(np.arange(len(days)), taken)
    for place in taken:
        same = rest[(rest - place) % 7 == 0]
        base[place] = np.median(days[same]) if len(same) else np.median(days[rest])
    extra = days - base
    if not habits:
        return base, None, aside
    at = np.array([event[0] for event in habits])
    sizes = np.array([extra[event].sum() for event in habits])
    return base, _recent(at, sizes, len(days)), aside


def _events(places: IntArray) -> list[IntArray]:
    """Places that lie close together, as one event each; what lasts longer is a new level and no event."""
    groups = np.split(places, np.flatnonzero(np.diff(places) > _GAP) + 1) if len(places) else []
    return [group for group in groups if group[-1] - group[0] < _SPAN]


def _habit(days: FloatArray, places: IntArray) -> Habit:
    return _recent(places, days[places], len(days))


def _recent(at: IntArray, sizes: FloatArray, n_days: int) -> Habit:
    """What happened in the last 180 days, or the last six events where they lie further back."""
    start = max(0, min(n_days - _WINDOW, int(at[-_RENEWAL_FROM]) if len(at) >= _RENEWAL_FROM else 0))
    kept = at >= start
    return Habit(at=at[kept] - start, sizes=sizes[kept], n_days=n_days - start)
