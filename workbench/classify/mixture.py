"""What a label is called and what was learned of it, joined on the logit scale; the name fades out.

Stacking (Wolpert 1992): three numbers for all labels, found on held-out scores, times a share of each label that
falls with its examples. A mean of the two probabilities, the usual way, costs accuracy from five examples on
(see docs/explanation/zero-shot.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.classify.hierarchy import Parents
from workbench.classify.zero_shot import ZeroShot

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
NAMES_GONE = 50
"""Examples from which on a label's name no longer counts."""
_HALF = 3.0
_USUAL = (-0.7, 1.2, 1.3)
"""Change of the learned logit, weight of the name's, and level: as on the public sets, before held-out scores."""
_PENALTY = 3.0
_STRANGER = 3.0
"""Examples that the rule is worth against what reviews say of one label's frequency."""
_MAX_PAIRS = 300_000
_LIMIT = 12.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixture:
    """``logit = learned * (what was learned) + named * (the name's logit) + level``, label by label.

    Attributes
    ----------
    names
        What labels are called.
    learned, named, level
        float32, (n_labels,). A label with no model has ``learned`` 0; from 50 examples on ``named`` is 0.
    blend
        The three numbers that stacking found; a refresh takes them over.
    """

    names: ZeroShot
    learned: Floats
    named: Floats
    level: Floats
    blend: tuple[float, float, float]

    @property
    def share(self) -> Floats:
        """float32, (n_labels,): how much of a label's logit is its name's, from 1 (all of it) to 0."""
        whole = np.abs(self.learned) + np.abs(self.named)
        return np.asarray(np.abs(self.named) / np.maximum(whole, 1e-9), dtype=np.float32)

    def mix(self, logits: Floats, vectors: npt.NDArray[np.floating], parents: Parents) -> None:
        """Replace learned logits, float32 (n, n_labels), by the joint ones."""
        if not self.named.any():
            return
        logits *= self.learned
        logits += self.named * self.names.logits(vectors, parents)
        logits += self.level


def fade(n_positive: npt.NDArray[np.integer] | Doubles) -> Doubles:
    """Share of stacking that a label with so many examples gets: 1 for none, about a half for 3, 0 from 50 on."""
    last = _HALF / (_HALF + NAMES_GONE)
    return np.maximum(_HALF / (_HALF + n_positive) - last, 0.0) / (1.0 - last)


def fit_mixture(
    names: ZeroShot,
    vectors: Floats,
    targets: npt.NDArray[np.bool_],
    parents: Parents,
    trained: npt.NDArray[np.bool_],
    *,
    held_out: Floats | None = None,
    blend: tuple[float, float, float] | None = None,
    n_folds: int = 5,
) -> Mixture:
    """Bend the names' rule by the reviewed messages, and find how far to trust it.

    Parameters
    ----------
    names
        From ``ZeroShot.from_names``.
    vectors, targets, parents
        Reviewed messages, float32 (n, d) and bool (n, n_labels) with ancestors set; n may be 0.
    trained
        bool, (n_labels,): labels that have a model.
    held_out
        float32, (n, n_labels): calibrated logits of models that did not see the row; None = not known.
    blend
        Stacking of an earlier version, used as it is.
    n_folds
        Of ``held_out``.

    Returns
    -------
    Mixture
        Without effect when every label has 50 examples or more.
    """
    n_positive = targets.sum(axis=0)
    share = fade(n_positive)
    step = max(1, -(-targets.size // _MAX_PAIRS))
    truth = targets[::step]
    logits = names.logits(vectors[::step], parents).astype(np.float64)
    slope, offset = 1.0, np.zeros(targets.shape[1])
    if len(truth):
        columns = np.stack([logits.ravel(), np.ones(logits.size)], axis=1)
        slope, level = fit_logistic(columns, np.zeros(logits.size), truth.ravel(), np.array([1.0, 0.0]))
        slope = max(slope, 0.1)
        expected = _expit(slope * logits + level).sum(axis=0)
        offset = level + np.log((truth.sum(axis=0) + _STRANGER) / (expected + _STRANGER))
    young = trained & (share > 0)
    if blend is None:
        found = np.array(_USUAL)
        if held_out is not None and young.any() and len(truth):
            # A held-out score comes from fewer examples than the label has.
            seen = np.maximum(n_positive - np.maximum(1.0, n_positive / n_folds), 0.0)[young]
            own = np.clip(held_out[::step][:, young].astype(np.float64), -_LIMIT, _LIMIT)
            named = slope * logits[:, young] + offset[young]
            weight = np.broadcast_to(fade(seen), own.shape)
            columns = np.stack([(weight * part).ravel() for part in (own, named, np.ones_like(own))], axis=1)
            found = fit_logistic(columns, own.ravel(), truth[:, young].ravel(), found)
            if found[1] < 0:  # names that mislead are not listened to, nor turned round
                usual = np.array([_USUAL[0], _USUAL[2]])
                change, level = fit_logistic(columns[:, [0, 2]], own.ravel(), truth[:, young].ravel(), usual)
                found = np.array([change, 0.0, level])
        blend = (float(found[0]), float(found[1]), float(found[2]))
    change, trust, level = blend
    learned = np.where(trained, np.maximum(1.0 + share * change, 0.0), np.where(share > 0, 0.0, 1.0))
    weight = np.where(trained, share * trust, share > 0)
    constant = np.where(young, share * level, 0.0) + weight * offset
    return Mixture(
        names=names,
        learned=learned.astype(np.float32),
        named=(weight * slope).astype(np.float32),
        level=constant.astype(np.float32),
        blend=blend,
    )


def fit_logistic(columns: Doubles, base: Doubles, truth: npt.NDArray[np.bool_], centre: Doubles) -> Doubles:
    """Weights of ``base + columns @ weights`` by Newton's method, drawn towards ``centre``."""
    found = centre.copy()
    for _ in range(30):
        p = _expit(base + columns @ found)
        slope = columns.T @ (p - truth) + _PENALTY * (found - centre)
        bend = (columns * (p * (1.0 - p))[:, None]).T @ columns + _PENALTY * np.eye(len(found))
        step = np.linalg.solve(bend, slope)
        found -= np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:  # noqa: PLR2004 - done
            break
    return found


def _expit(logit: Doubles) -> Doubles:
    result: Doubles = 0.5 * (1.0 + np.tanh(0.5 * logit))
    return result
