"""Newton's method for the dual weights of several machines on the same few rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.classify.design import Floats

Flags = npt.NDArray[np.bool_]

_MAX_STEPS, _MAX_INNER, _BACKTRACKS = 30, 60, 8
_ENOUGH = np.float32(1e-6)
"""Squared residual, relative to the first, at which a Newton step is accurate: less and its direction may rise."""
_WORTH_CUTTING = 0.8
"""Share of active rows below which the others are cut off for the inner steps: cutting costs a copy."""


def settle(
    products: Floats,
    signs: Floats,
    trains_on: Flags,
    weights: Floats,
    active: Flags | None,
    cost: np.float32,
    goal: np.float32,
) -> Floats:
    """Newton steps of ``k`` machines side by side, until each one's gradient is shorter than ``goal``.

    Parameters
    ----------
    products
        float32, (m, m): of the rows with one another.
    signs
        float32, (m,).
    trains_on
        bool, (k, m): rows of each machine.
    weights
        float32, (k, m): to begin from, zero outside ``trains_on``.
    active
        bool, (k, m): rows within the margin, as far as known; None = as the weights say.
    cost
        ``2 C``.

    Returns
    -------
    numpy.ndarray
        float32, (k, m).
    """
    scores = _times(products, weights)
    slack = np.maximum(1 - signs * scores, 0) * trains_on
    value = _objective(weights, scores, slack, cost)
    for _ in range(_MAX_STEPS):
        wrong = cost * signs * slack - weights
        # The gradient is X' wrong: its length needs the products alone.
        length = np.sqrt(np.maximum(_dot(wrong, _times(products, wrong)), 0))
        if (length <= goal).all():
            break
        target = _target(products, slack > 0 if active is None else active, signs, weights, cost)
        active, step = None, target - weights
        moved = _times(products, step)
        size = np.ones((len(weights), 1), dtype=np.float32)
        for _ in range(_BACKTRACKS):
            trial, seen = weights + size * step, scores + size * moved
            slack = np.maximum(1 - signs * seen, 0) * trains_on
            new = _objective(trial, seen, slack, cost)
            worse = new > value + 1e-6 * np.abs(value)
            if not worse.any():
                break
            size[worse] *= np.float32(0.5)
        if worse.any():
            size[worse] = 0
            trial, seen = weights + size * step, scores + size * moved
            slack = np.maximum(1 - signs * seen, 0) * trains_on
        weights, scores, value = trial, seen, np.where(worse, value, new)
        if not size.any():
            break
    return weights


def _times(products: Floats, weights: Floats) -> Floats:
    """float32, (k, m): one product of matrix and vector per machine, which is quicker than one of all is for few."""
    found: Floats = np.matmul(products, weights[:, :, None])[:, :, 0]
    return found


def _dot(some: Floats, others: Floats) -> Floats:
    """float32, (k,)."""
    found: Floats = np.einsum("ij,ij->i", some, others)
    return found


def _objective(weights: Floats, scores: Floats, slack: Floats, cost: np.float32) -> Floats:
    found: Floats = np.float32(0.5) * (_dot(weights, scores) + cost * _dot(slack, slack))
    return found


def _target(products: Floats, active: Flags, signs: Floats, weights: Floats, cost: np.float32) -> Floats:
    """Where Newton's step leads: ``(K + I / (2 C)) b = y`` on each machine's active rows, 0 on the others."""
    used = np.flatnonzero(active.any(axis=0))
    if len(used) > _WORTH_CUTTING * active.shape[1]:
        return _conjugate(products, active, signs, weights, cost)
    target = np.zeros_like(weights)
    within = products.take(used, 0).take(used, 1)
    target[:, used] = _conjugate(within, active[:, used], signs[used], weights[:, used], cost)
    return target


def _conjugate(products: Floats, active: Flags, signs: Floats, weights: Floats, cost: np.float32) -> Floats:
    """Conjugate gradients for ``_target``, from the weights that are there."""
    mask, ridge = active.astype(np.float32), 1 / cost
    target = weights * mask
    residual = mask * (signs - _times(products, target)) - ridge * target
    way, length = residual, _dot(residual, residual)
    enough = np.maximum(_ENOUGH * length, 1e-10)
    for _ in range(_MAX_INNER):
        image = mask * _times(products, way) + ridge * way
        rate = (length / np.maximum(_dot(way, image), 1e-30))[:, None]
        target = target + rate * way
        residual = residual - rate * image
        left = _dot(residual, residual)
        if (left <= enough).all():
            break
        way = residual + (left / np.maximum(length, 1e-30))[:, None] * way
        length = left
    return target
