"""Linear support vector machines for all labels at once.

Minimises, for each label on its own, ``|w|^2 / 2 + C * sum(max(0, 1 - y * f)^2)`` with ``f = X w``: the
problem LinearSVC solves. The method is a Newton method with preconditioned conjugate gradients (Keerthi and
DeCoste 2005; Lin, Weng and Keerthi 2008), run for many labels side by side, so that each step is one product
of the data with a block of vectors. It starts from given weights, which makes retraining after a few reviews
cheap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.classify.design import Design, Floats

_BACKTRACKS = 8
_ARMIJO = np.float32(1e-4)
_STILL_GOING = 0.75
"""Share of a block's labels at or below which those that are done are cut off it: cutting costs a copy."""


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What the solver found.

    Attributes
    ----------
    weights
        float32, (n_columns, n_labels).
    scores
        float32, (n_rows, n_labels): the training rows' scores under ``weights``.
    n_steps, n_products
        Newton steps, and products of the data with a block of vectors (either way).
    converged
        bool, (n_labels,): gradient within the tolerance.
    """

    weights: Floats
    scores: Floats
    n_steps: int
    n_products: int
    converged: np.ndarray[tuple[int], np.dtype[np.bool_]]


def solve(
    design: Design,
    signs: Floats,
    *,
    C: float,  # noqa: N803 - the name everybody knows
    start: Floats | None = None,
    tolerance: float = 1e-2,
    max_steps: int = 25,
    max_inner: int = 12,
) -> Solution:
    """Train one linear machine per column of ``signs``.

    Parameters
    ----------
    design
        Training rows.
    signs
        float32, (n_rows, n_labels), +1 where the label applies, else -1.
    C
        Weight of the errors against the length of the weights, > 0.
    start
        Weights to begin from, None = zero.
    tolerance
        A label is done when its gradient is shorter than ``tolerance * 2 C * min(positives, negatives)``.
    max_steps, max_inner
        Limits on Newton steps and on inner steps of each.
    """
    cost = np.float32(2.0 * C)
    n_labels = signs.shape[1]
    weights = (
        np.zeros((design.n_columns, n_labels), dtype=np.float32)
        if start is None
        else start.astype(np.float32, copy=True)
    )
    scores = np.zeros_like(signs) if start is None else design.forward(weights)
    n_products = 0 if start is None else 1
    positives = (signs > 0).sum(axis=0)
    goal = tolerance * cost * np.maximum(np.minimum(positives, len(signs) - positives), 1)
    live = np.arange(n_labels)
    converged = np.zeros(n_labels, dtype=bool)
    n_steps = 0
    for n_steps in range(max_steps + 1):
        part_signs, part_scores, part_weights = signs[:, live], scores[:, live], weights[:, live]
        slack = np.maximum(1.0 - part_signs * part_scores, 0.0, dtype=np.float32)
        gradient = part_weights - cost * design.backward(slack * part_signs)
        n_products += 1
        length = np.sqrt(np.einsum("ij,ij->j", gradient, gradient))
        going = length > goal[live]
        converged[live] = ~going
        if not going.any() or n_steps == max_steps:
            break
        if not going.all():
            live = live[going]
            part_signs, part_scores = part_signs[:, going], part_scores[:, going]
            part_weights, gradient = part_weights[:, going], gradient[:, going]
            slack, length = slack[:, going], length[going]
        active = (slack > 0).astype(np.float32)
        step, moved, used = _direction(design, gradient, active, cost, max_inner, goal[live])
        n_products += used
        size = _line_search(part_weights, step, part_signs, part_scores, moved, slack, cost, gradient)
        weights[:, live] = part_weights + size * step
        scores[:, live] = part_scores + size * moved
    return Solution(
        weights=weights,
        scores=scores,
        n_steps=n_steps,
        n_products=n_products,
        converged=converged,
    )


def _direction(
    design: Design,
    gradient: Floats,
    active: Floats,
    cost: np.float32,
    max_inner: int,
    goal: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[Floats, Floats, int]:
    """Newton direction by conjugate gradients, its image ``X d``, and the products spent."""
    n_active = active.sum(axis=0, dtype=np.float32)
    inverse = 1.0 / (1.0 + cost * design.mean_square[:, None] * n_active)
    step, moved = np.zeros_like(gradient), np.zeros_like(active)
    residual = -gradient
    # Inexact Newton: far from the end a rough direction is enough, near it half the goal is.
    length = np.sqrt(np.einsum("ij,ij->j", gradient, gradient))
    enough = np.maximum(0.1 * length, 0.5 * goal)
    turned = inverse * residual
    way = turned
    slope = np.einsum("ij,ij->j", residual, turned)
    whole_step, whole_moved, live = step, moved, np.arange(len(slope))
    n_products = 0
    for _ in range(max_inner):
        image = design.forward(way)
        curve = way + cost * design.backward(active * image)
        n_products += 2
        bend = np.einsum("ij,ij->j", way, curve)
        rate = np.where(bend > 0, slope / np.maximum(bend, 1e-30), 0.0).astype(np.float32)
        step += rate * way
        moved += rate * image
        residual -= rate * curve
        left = np.sqrt(np.einsum("ij,ij->j", residual, residual))
        going = left > enough
        if not going.any():
            break
        if going.mean() <= _STILL_GOING:
            # Labels that are done leave the block: a few slow ones would make all the others work on.
            whole_step[:, live], whole_moved[:, live] = step, moved
            live, enough, slope = live[going], enough[going], slope[going]
            step, moved, residual = step[:, going], moved[:, going], residual[:, going]
            active, inverse, way = active[:, going], inverse[:, going], way[:, going]
        turned = inverse * residual
        new_slope = np.einsum("ij,ij->j", residual, turned)
        way = turned + (new_slope / np.maximum(slope, 1e-30)).astype(np.float32) * way
        slope = new_slope
    if len(live) < len(n_active):
        whole_step[:, live], whole_moved[:, live] = step, moved
        step, moved = whole_step, whole_moved
    return step, moved, n_products


def _line_search(
    weights: Floats,
    step: Floats,
    signs: Floats,
    scores: Floats,
    moved: Floats,
    slack: Floats,
    cost: np.float32,
    gradient: Floats,
) -> Floats:
    """Step size of each label: 1, halved until the objective falls enough; 0 when it never does."""
    half = np.float32(0.5)
    ww = np.einsum("ij,ij->j", weights, step)
    ss = np.einsum("ij,ij->j", step, step)
    before = half * cost * np.einsum("ij,ij->j", slack, slack)
    promise = np.einsum("ij,ij->j", gradient, step)
    size = np.ones(weights.shape[1], dtype=np.float32)
    open_ = np.ones(len(size), dtype=bool)
    for _ in range(_BACKTRACKS):
        pick = np.flatnonzero(open_)
        trial = np.maximum(1.0 - signs[:, pick] * (scores[:, pick] + size[pick] * moved[:, pick]), 0.0)
        change = (
            half * cost * np.einsum("ij,ij->j", trial, trial)
            - before[pick]
            + size[pick] * ww[pick]
            + half * size[pick] ** 2 * ss[pick]
        )
        # Round-off of float32 sums: near the optimum a change of that order counts as no rise.
        room = 1e-6 * np.abs(before[pick])
        good = change <= _ARMIJO * size[pick] * promise[pick] + room
        open_[pick[good]] = False
        if not open_.any():
            break
        size[open_] *= half
    size[open_] = 0.0
    return size
