"""Labels that shut one another out: a message near two of them is seldom both.

One machine per label knows nothing of the others. Where reviewed messages carry one label each (a taxonomy of topics)
that throws away what a softmax would use; where they carry several (NLU++) a softmax is wrong. So reviews decide: a
label's share of examples that carry no other leaf says how far it stands alone, and two numbers for all labels, found
on held-out logits (stacking, Wolpert 1992), say what the rivals' logits are worth. See docs/explanation/rivalry.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.classify.hierarchy import Parents
from workbench.classify.mixture import fit_logistic

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
_LIMIT = np.float32(8.0)
"""Logits count up to here among the rivals: in float32, own weight must not drown the others' in the sum."""
_DOUBT = 2.0
"""Examples that the mean of all labels is worth against a label's own share."""
_MAX_PAIRS = 300_000
_LEAST_RIVALS = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Rivalry:
    """``logit += alone * (push * ln(1 + sum of the others' alone * exp(logit)) + level)``, label by label.

    Attributes
    ----------
    alone
        float32, (n_labels,), 0 to 1: share of a label's examples that carry no other leaf; 0 for parents and for
        labels that nothing speaks for.
    push
        Below 0: what the rivals take away.
    level
        What a label without rivals gains.
    """

    alone: Floats
    push: float
    level: float

    def weigh(self, logits: Floats) -> None:
        """Change logits, float32 (n, n_labels), in place."""
        pressure = _pressure(logits, self.alone)
        pressure *= np.float32(self.push)
        pressure += np.float32(self.level)
        pressure *= self.alone
        logits += pressure


def fit_rivalry(
    targets: npt.NDArray[np.bool_],
    parents: Parents,
    speaks: npt.NDArray[np.bool_],
    *,
    held_out: Floats | None = None,
    found: tuple[float, float] | None = None,
) -> Rivalry | None:
    """Learn from reviewed messages how far labels shut one another out.

    Parameters
    ----------
    targets, parents
        bool, (n, n_labels), ancestors set; int64, (n_labels,).
    speaks
        bool, (n_labels,): labels that have a model or a name.
    held_out
        float32, (n, n_labels): calibrated logits of models that did not see the row; None = not known.
    found
        ``push`` and ``level`` of an earlier version, used as they are.

    Returns
    -------
    Rivalry | None
        None where rivals take nothing away, too little to tell from chance, or nothing is known of them.
    """
    leaf = speaks.copy()
    leaf[parents[parents >= 0]] = False
    alone = _alone(targets, leaf)
    if np.count_nonzero(alone) < _LEAST_RIVALS:
        return None
    if found is None and held_out is not None:
        step = max(1, -(-targets.size // _MAX_PAIRS))
        logits = held_out[::step]
        weight = np.broadcast_to(alone, logits.shape)[:, leaf]
        pressure = _pressure(logits, alone)[:, leaf]
        columns = np.stack([(weight * pressure).ravel(), weight.ravel()], axis=1).astype(np.float64)
        base = np.clip(logits[:, leaf].astype(np.float64), -30.0, 30.0).ravel()
        truth = targets[::step][:, leaf].ravel()
        weights = fit_logistic(columns, base, truth, np.zeros(2))
        gain = _fit(base + columns @ weights, truth) - _fit(base, truth)
        if gain > np.log(len(base)):  # two numbers have to earn their keep (Schwarz 1978)
            found = (float(weights[0]), float(weights[1]))
    if found is None or found[0] >= 0:
        return None
    return Rivalry(alone=alone, push=found[0], level=found[1])


def _alone(targets: npt.NDArray[np.bool_], leaf: npt.NDArray[np.bool_]) -> Floats:
    """Share of each leaf's examples without another leaf, drawn to that of all leaves; 0 for other labels."""
    own = targets & leaf
    n_positive = own.sum(axis=0)
    n_single = (own & (own.sum(axis=1, keepdims=True) == 1)).sum(axis=0)
    common = (n_single.sum() + 1.0) / (n_positive.sum() + 2.0)
    share = (n_single + _DOUBT * common) / (n_positive + _DOUBT)
    return np.where(leaf, share, 0.0).astype(np.float32)


def _fit(logits: Doubles, truth: npt.NDArray[np.bool_]) -> float:
    """Log likelihood of logits."""
    return float((truth * logits - np.logaddexp(0.0, logits)).sum())


def _pressure(logits: Floats, alone: Floats) -> Floats:
    """``ln(1 + sum of the others' alone * exp(logit))``, float32 (n, n_labels)."""
    weight: Floats = np.minimum(logits, _LIMIT)
    np.exp(weight, out=weight)
    weight *= alone
    np.subtract(weight.sum(axis=1, keepdims=True), weight, out=weight)
    np.maximum(weight, np.float32(0.0), out=weight)
    weight += np.float32(1.0)
    np.log(weight, out=weight)
    return weight
