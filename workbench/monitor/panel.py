"""Whether a window differs from the reference: tests of confidence, label mix and embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.monitor.windows import Doubles, Floats, WindowData, draw, principal_components

LEAST_SHARE_CHANGE = 0.02
"""A change of a share is material from 2 points on."""

LEAST_MIX_CHANGE = 0.03
"""A change of the label mix is material when 3 % of the messages would have to change their label."""

LEAST_EMBEDDING_CHANGE = 0.001
"""A change of the embeddings is material when the window explains 0.1 % of their kernel variance."""

_LOW_CONFIDENCE = 0.3
_COMPONENTS = 30
_MOST_MESSAGES = 1_000
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One test: its statistic (>= 0), p-value, and effect with the least effect that matters.

    ``effect`` is signed for shares (now minus before) and >= 0 otherwise.
    """

    name: str
    statistic: float
    p_value: float
    effect: float
    effect_unit: str
    least_effect: float


def holm(p_values: npt.ArrayLike) -> Doubles:
    """Adjusted p-values that keep the family's error rate (Holm 1979), in the order given."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def two_sided(z: npt.ArrayLike) -> Doubles:
    """Two-sided normal p-value of ``z``."""
    from scipy.special import ndtr  # noqa: PLC0415 - heavy

    return np.asarray(2 * ndtr(-np.abs(np.asarray(z, dtype=np.float64))), dtype=np.float64)


def low_confidence(reference: WindowData, window: WindowData) -> Outcome:
    """Share of messages whose highest probability is below 0.3: two-proportion test with pooled variance."""
    before, now = (_top(part) < _LOW_CONFIDENCE for part in (reference, window))
    pooled = float(np.concatenate((before, now)).mean())
    spread = (pooled * (1 - pooled) * (1 / len(before) + 1 / len(now))) ** 0.5
    change = float(now.mean() - before.mean())
    z = change / spread if spread > 0 else 0.0
    return Outcome(
        name="low_confidence",
        statistic=abs(z),
        p_value=float(two_sided(z)),
        effect=change,
        effect_unit="share of messages",
        least_effect=LEAST_SHARE_CHANGE,
    )


def label_mix(
    reference: WindowData, window: WindowData, *, n_permutations: int, random: np.random.Generator
) -> Outcome:
    """Jensen-Shannon divergence of the most probable labels, p-value by permutation.

    Permuting messages between two windows draws their label counts from the multivariate hypergeometric
    distribution, so the counts are drawn directly. ``statistic`` is in bits, [0, 1]; ``effect`` is the total
    variation distance above its mean under permutation.
    """
    n_labels = reference.probabilities.shape[1]
    before, now = (
        np.bincount(_winner(part, n_labels), minlength=n_labels + 1) for part in (reference, window)
    )
    total = before + now
    drawn = random.multivariate_hypergeometric(total, int(now.sum()), size=n_permutations, method="marginals")
    divergence, variation = _divergence(before[None], now[None])
    by_chance, variation_by_chance = _divergence(total - drawn, drawn)
    exceed = int((by_chance >= divergence[0] - _ROUNDING).sum())
    return Outcome(
        name="label_mix",
        statistic=float(divergence[0]),
        p_value=(1 + exceed) / (1 + n_permutations),
        effect=max(0.0, float(variation[0] - variation_by_chance.mean())),
        effect_unit="share of messages",
        least_effect=LEAST_MIX_CHANGE,
    )


def embedding(
    reference: WindowData, window: WindowData, *, n_permutations: int, random: np.random.Generator
) -> Outcome:
    """Maximum mean discrepancy of the embeddings (Gretton et al. 2012), p-value by permutation.

    Up to 1,000 messages of each part, 30 principal components of both together, Gaussian kernel as wide as
    the median distance. ``statistic`` is the biased estimate of the squared discrepancy, >= 0; ``effect`` is its
    excess over the mean under permutation, as a share of the kernel's variance.
    """
    parts = [part.vectors[draw(part.uids, _MOST_MESSAGES)] for part in (reference, window)]
    n_before, n_now = len(parts[0]), len(parts[1])
    kernel = _gaussian_kernel(principal_components(np.concatenate(parts), _COMPONENTS))
    weights = np.concatenate((np.full(n_before, -1 / n_before), np.full(n_now, 1 / n_now))).astype(np.float32)
    shuffled = np.stack([random.permutation(weights) for _ in range(n_permutations)] or [weights], axis=1)
    narrow = kernel.astype(np.float32)
    by_chance = np.maximum((shuffled * (narrow @ shuffled)).sum(axis=0, dtype=np.float64), 0)
    statistic = _floor(float(weights.astype(np.float64) @ kernel @ weights))
    exceed = int((by_chance >= statistic * (1 - 1e-9)).sum())
    variance = max(2 * (1 - float(kernel.mean())), 1e-9)
    return Outcome(
        name="embedding",
        statistic=statistic,
        p_value=(1 + exceed) / (1 + n_permutations) if statistic > 0 else 1.0,
        effect=max(0.0, (statistic - float(by_chance.mean())) / variance),
        effect_unit="share of kernel variance",
        least_effect=LEAST_EMBEDDING_CHANGE,
    )


def _floor(value: float) -> float:
    """Rounding leaves some 1e-15 where the samples are the same: that is 0."""
    return value if value > _ROUNDING else 0.0


def _top(part: WindowData) -> Floats:
    return np.asarray(part.probabilities.max(axis=1, initial=0), dtype=np.float32)


def _winner(part: WindowData, n_labels: int) -> npt.NDArray[np.int64]:
    """The most probable label of each message; ``n_labels`` where none reaches 0.3."""
    if n_labels == 0:
        return np.zeros(len(part.uids), dtype=np.int64)
    return np.where(_top(part) < _LOW_CONFIDENCE, n_labels, part.probabilities.argmax(axis=1))


def _divergence(before: npt.NDArray[np.int64], now: npt.NDArray[np.int64]) -> tuple[Doubles, Doubles]:
    """Jensen-Shannon divergence in bits, and total variation, of each row of counts."""
    p = before / before.sum(axis=1, keepdims=True)
    q = now / now.sum(axis=1, keepdims=True)
    middle = (p + q) / 2

    def entropy(shares: Doubles) -> Doubles:
        return np.asarray(-(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1))

    divergence = entropy(middle) - (entropy(p) + entropy(q)) / 2
    return np.where(divergence > _ROUNDING, divergence, 0), np.abs(p - q).sum(axis=1) / 2


def _gaussian_kernel(rows: Floats) -> Doubles:
    points = rows.astype(np.float64)
    squares = (points * points).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * (points @ points.T), 0)
    sample = distances[:: max(1, len(points) // 500)]
    width = float(np.median(sample[sample > 0])) if (sample > 0).any() else 1.0
    return np.asarray(np.exp(-distances / width))
