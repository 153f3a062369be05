"""Reviewed messages with predictions of a model that did not learn from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain import AveragePrecision, CorrectedLabel
from workbench.evaluate.corrected import corrected_label
from workbench.evaluate.curves import Bools, Floats, Scores
from workbench.evaluate.intervals import ap_interval
from workbench.evaluate.weighting import Draws, inverse_weights


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """What labels are judged on.

    Attributes
    ----------
    truth, scores
        bool and float, (n, n_labels).
    groups
        int64, (n,): rows with one number (thread-mates) count together.
    weights
        float64, (n,): they make the rows stand for all messages; None = not known.
    is_random
        bool, (n,): which rows were drawn at random; all False where it is not known.
    """

    truth: Bools
    scores: Scores
    groups: npt.NDArray[np.int64]
    weights: Floats | None
    is_random: Bools

    @classmethod
    def of(
        cls,
        truth: Bools,
        scores: Scores,
        groups: npt.NDArray[np.int64],
        chosen: Bools,
        draws: Draws | None = None,
        n_population: int = 0,
    ) -> HeldOut:
        """The chosen rows, which ``draws`` (of all rows; None = not known) took from a population."""
        weights, is_random = None, np.zeros(int(chosen.sum()), dtype=bool)
        if draws is not None:
            is_random = draws.is_random[chosen]
            weights = inverse_weights(is_random, draws.places[chosen], n_population)
        return cls(
            truth=truth[chosen],
            scores=scores[chosen],
            groups=groups[chosen],
            weights=weights,
            is_random=is_random,
        )

    def finite(self) -> HeldOut:
        """The rows with a score for every label."""
        usable = np.isfinite(self.scores).all(axis=1)
        return HeldOut(
            truth=self.truth[usable],
            scores=self.scores[usable],
            groups=self.groups[usable],
            weights=None if self.weights is None else self.weights[usable],
            is_random=self.is_random[usable],
        )

    def judge(self, column: int, *, approximate: bool) -> AveragePrecision:
        """Average precision of a label with its interval."""
        return ap_interval(
            self.truth[:, column], self.scores[:, column], groups=self.groups, approximate=approximate
        )

    def correct(
        self, column: int, thresholds: tuple[float, ...], *, approximate: bool
    ) -> CorrectedLabel | None:
        """Weighted figures of a label; None without weights."""
        if self.weights is None:
            return None
        return corrected_label(
            self.truth[:, column],
            self.scores[:, column],
            thresholds,
            self.weights,
            self.is_random,
            self.groups,
            approximate=approximate,
        )
