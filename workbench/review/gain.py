"""What a batch will bring: mean average precision after it, less what it is now, with an interval.

Learning curves of all labels are pooled into one power law (Cortes et al. 1994; Figueroa et al. 2012), because a
label with five examples has no curve of its own. A label's own measurement and the dataset's own past batches pull the
forecast towards what happens here, the more the surer they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.primitives import Z95
from workbench.review.standing import Gain, LabelStanding, Standing

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GainModel:
    """Constants of the forecast.

    Attributes
    ----------
    start, slope
        A label with ``n`` examples misses ``(1 + n / start) ** -slope`` of average precision 1, with under two all of
        it: the classifier does not learn from one.
    worth
        How many examples from Shuffle one example from a mode is worth, by mode; other modes have no forecast.
    evenness
        0 = a mode finds labels as often as they occur, 1 = all labels equally often.
    teach_share
        Share of a Teach batch that carries the chosen label.
    noise
        Standard deviation of a label's change that the curve does not explain, as a share of what the label misses.
    own
        Standard deviation of realised over promised gain: half of its variance lies between datasets, which past batches
        tell, and half between the batches of one.
    """

    start: float
    slope: float
    worth: Mapping[str, float] = field(hash=False)
    evenness: Mapping[str, float] = field(hash=False)
    teach_share: float
    noise: float
    own: float


FITTED = GainModel(
    start=0.27,
    slope=0.60,
    worth={"cluster": 0.30, "low_confidence": 1.7, "rebalance": 1.8, "shuffle": 1.0, "teach": 1.0},
    evenness={"cluster": 0.87, "low_confidence": 0.92, "rebalance": 0.81},
    teach_share=0.33,
    noise=0.15,
    own=0.5,
)
"""Fitted on BANKING77 by ``benchmarks/gain_fit.py``; ``noise`` and ``own`` are set."""

_LEAST_EXAMPLES = 2.0
"""From so many examples on the classifier learns a label."""
_PSEUDO_LABELS = 5.0
"""As many labels as the pooled curve counts for against the labels measured here."""
_PSEUDO_MESSAGES, _LABELS_A_MESSAGE = 10.0, 1.5
"""A label's share of the messages is pulled by that many messages towards that of labels met alike."""
_LABEL_SPREAD = 0.5
"""Standard deviation of a label's error around the curve, as a share of it."""
_UNKNOWN_SD = 0.15
"""Standard deviation of an average precision whose interval is not known."""
_MOST_EXAMPLES = 500.0
"""Beyond these a batch closes no more: keeps the sum over counts short."""
_LEAST_OWN, _MOST_OWN = 0.5, 2.0


def forecast(
    standing: Standing, mode: str, label_id: str | None, n: int, model: GainModel = FITTED
) -> Gain | None:
    """Gain in mean average precision, over all labels alike, of reviewing ``n`` messages in ``mode``.

    Parameters
    ----------
    label_id
        The chosen label in ``teach``; an id that is not in ``standing.labels`` counts as none.
    model
        Constants.

    Returns
    -------
    Gain or None
        None where there is no label or no forecast for the mode.
    """
    if not standing.labels or mode not in model.worth:
        return None
    labels = standing.labels
    pins = np.array([label.n_pins for label in labels], dtype=np.float64)
    errors = _errors(labels, pins, model)
    found = _examples(labels, pins, standing.n_reviewed, (mode, label_id, n), model)
    promised = float((errors * _closed(pins, found, model.worth[mode], model)).mean())
    own, own_variance = _own(standing, pins, errors, model)
    value = min(promised * own, float(errors.mean()))
    half = Z95 * float(np.sqrt(_unexplained(errors, model) + value**2 * (own_variance + model.own**2 / 2)))
    return Gain(value=value, low=max(value - half, -1.0), high=min(value + half, 1.0))


def _errors(labels: tuple[LabelStanding, ...], pins: Floats, model: GainModel) -> Floats:
    """(n_labels,): what each label misses of average precision 1, from the curve and its own measurement."""
    curve = _curve(pins, pins, model)
    measured = np.array([label.average_precision is not None for label in labels])
    missed = np.array([1.0 - (label.average_precision or 0.0) for label in labels])
    # Labels here are harder or easier than those of the fit, by a factor.
    prior = _PSEUDO_LABELS * (curve[measured].mean() if measured.any() else 1.0)
    hardness = (prior + missed[measured].sum()) / (prior + curve[measured].sum())
    expected = np.minimum(curve * hardness, 1.0)
    variance = np.maximum(_LABEL_SPREAD * expected, 1e-6) ** 2
    trust = np.where(measured, variance / (variance + _variances(labels)), 0.0)
    result: Floats = np.clip((1.0 - trust) * expected + trust * missed, 0.0, 1.0)
    return result


def _variances(labels: tuple[LabelStanding, ...]) -> Floats:
    """(n_labels,): variance of each measured average precision, from its interval."""
    widths = [
        2 * Z95 * _UNKNOWN_SD if label.low is None or label.high is None else label.high - label.low
        for label in labels
    ]
    result: Floats = (np.maximum(np.array(widths), 1e-3) / (2 * Z95)) ** 2
    return result


def _examples(
    labels: tuple[LabelStanding, ...],
    pins: Floats,
    n_reviewed: int,
    batch: tuple[str, str | None, int],
    model: GainModel,
) -> Floats:
    """(n_labels,): examples that a batch (mode, label, messages) is expected to bring."""
    mode, label_id, n = batch
    # Before anything is reviewed all labels are equally often met.
    unseen = _PSEUDO_MESSAGES * _LABELS_A_MESSAGE / len(labels)
    shares = np.minimum((pins + unseen) / (max(n_reviewed, 0) + _PSEUDO_MESSAGES), 1.0)
    even = model.evenness.get(mode, 0.0)
    expected: Floats = n * ((1.0 - even) * shares + even * shares.mean())
    if mode == "teach":
        chosen = np.array([label.label_id == label_id for label in labels])
        expected = np.where(chosen, np.maximum(expected, n * model.teach_share), expected)
    return expected


def _curve(pins: Floats, worth: Floats, model: GainModel) -> Floats:
    """What labels miss that have ``pins`` examples which are worth ``worth`` random ones."""
    result: Floats = np.where(pins < _LEAST_EXAMPLES, 1.0, (1.0 + worth / model.start) ** -model.slope)
    return result


def _closed(pins: Floats, found: Floats, worth: float, model: GainModel) -> Floats:
    """(n_labels,): share of what a label misses that a batch is expected to close.

    The number of examples it brings is Poisson around ``found``: the second example of a label is worth more than those
    after it, so their mean alone would promise too much of a batch that brings less than one.
    """
    found = np.minimum(found, _MOST_EXAMPLES)
    most = float(found.max(initial=0.0))
    counts = np.arange(int(most + 6.0 * np.sqrt(most)) + 6, dtype=np.float64)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.maximum(counts[1:], 1.0)))])
    expected = np.maximum(found, 1e-12)[:, None]
    chance = np.exp(counts * np.log(expected) - expected - log_factorial)
    after = _curve(pins[:, None] + counts, pins[:, None] + worth * counts, model)
    result: Floats = 1.0 - (chance * after).sum(axis=1) / chance.sum(axis=1) / _curve(pins, pins, model)
    return result


def _unexplained(errors: Floats, model: GainModel) -> float:
    """Variance of one batch's gain that the curve does not explain: independent between labels."""
    return float((model.noise**2 * errors**2).sum()) / len(errors) ** 2


def _own(standing: Standing, pins: Floats, errors: Floats, model: GainModel) -> tuple[float, float]:
    """Mean and variance of realised over promised gain in this dataset.

    Conjugate normal regression through the origin, prior mean 1: sums over the past batches, because the error of a
    measurement between two batches cancels in them. Only measured labels count, as in the measured means. Then there were
    as many examples fewer as there were messages.
    """
    prior = model.own**2 / 2
    measured = np.array([label.average_precision is not None for label in standing.labels])
    if not measured.any():
        return 1.0, prior
    promised = realised = 0.0
    # The first and the last measurement of a mean, and what each batch adds to chance.
    noise = 2.0 * float(_variances(standing.labels)[measured].sum()) / int(measured.sum()) ** 2
    n_then = standing.n_reviewed
    for batch in reversed(standing.history):
        n_then -= batch.n
        if n_then < 0 or batch.mode not in model.worth:
            continue
        if batch.before is None or batch.after is None:
            continue
        then = pins * (n_then / max(standing.n_reviewed, 1))
        scale = (1.0 - batch.before) / max(float(errors[measured].mean()), 1e-6)
        found = _examples(standing.labels, then, n_then, (batch.mode, batch.label_id, batch.n), model)
        closed = _closed(then, found, model.worth[batch.mode], model)
        brought = float((errors * scale * closed)[measured].mean())
        promised += brought
        realised += batch.after - batch.before
        noise += brought**2 * model.own**2 / 2 + _unexplained(errors[measured] * scale, model)
    precision = 1.0 / prior + promised**2 / max(noise, 1e-9)
    mean = (1.0 / prior + promised * realised / max(noise, 1e-9)) / precision
    return float(np.clip(mean, _LEAST_OWN, _MOST_OWN)), 1.0 / precision
