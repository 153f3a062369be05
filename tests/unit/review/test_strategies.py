"""Each query strategy says what it is, where it comes from, and what it promises."""

from __future__ import annotations

import inspect
import re
from typing import get_args

import numpy as np
import pytest

from workbench.domain import ReviewMode
from workbench.review import STRATEGIES, Picks, Pool

N, N_LABELS = 60, 3
ORIGIN = re.compile(r"\b(19|20)\d\d\b|no source:")


def pool() -> Pool:
    """Messages with all that any strategy asks for; a third is reviewed."""
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((N, 8)).astype(np.float32)
    reviewed = np.arange(N) % 3 == 0
    out_of_fold = rng.random((N, N_LABELS)).astype(np.float32)
    out_of_fold[~reviewed] = np.nan
    return Pool(
        reviewed=reviewed,
        times=rng.integers(0, 1000, N),
        probabilities=rng.random((N, N_LABELS)).astype(np.float32),
        out_of_fold=out_of_fold,
        assigned=(rng.random((N, N_LABELS)) > 0.5) & reviewed[:, None],
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        clusters=rng.integers(-1, 5, N),
        matches=rng.random(N).round(1),
    )


def picked(mode: str, *, seed: int) -> Picks:
    return STRATEGIES[mode](pool(), 5, label=1, random_state=seed)  # type: ignore[index]


def test_every_mode_that_chooses_has_a_strategy_of_its_name() -> None:
    assert set(STRATEGIES) == set(get_args(ReviewMode)) - {"import"}
    assert all(strategy.__name__ == mode for mode, strategy in STRATEGIES.items())  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", sorted(STRATEGIES))
def test_it_names_population_source_and_chance(mode: str) -> None:
    told = " ".join((inspect.getdoc(STRATEGIES[mode]) or "").split())
    for what in ("Population:", "nclusion probability:"):
        assert what in told, f"{mode} does not say its {what}"
    assert ORIGIN.search(told), f"{mode} names no source"
    assert inspect.signature(STRATEGIES[mode]).parameters["random_state"].default == 0


@pytest.mark.parametrize("mode", sorted(STRATEGIES))
def test_a_seed_repeats_the_picks_and_every_pick_has_its_chance(mode: str) -> None:
    first, again = picked(mode, seed=4), picked(mode, seed=4)
    assert first.indices.tolist() == again.indices.tolist()
    assert len(first.probabilities) == len(first.indices) > 0
    assert ((first.probabilities > 0) & (first.probabilities <= 1)).all()
    assert first.n_population >= len(first.indices)
    reviewed = pool().reviewed[first.indices]
    if mode in ("check", "missed"):
        assert reviewed.all()
    elif mode not in ("recent", "search"):
        assert not reviewed.any()
