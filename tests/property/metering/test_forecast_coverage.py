"""Intervals of the forecast hold what they promise on histories that can be forecast."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.metering import forecast_units

pytestmark = pytest.mark.nightly
N = 200


@pytest.mark.parametrize("kind", ["weekly", "habit", "backfill"])
def test_ninety_five_percent_intervals_hold_at_least_nine_in_ten(kind: str) -> None:
    held = 0
    for seed in range(N):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(60, 300)) + 90
        daily = rng.poisson(
            rng.gamma(12, 1 / 12, n) * 10 ** rng.uniform(1, 3) * np.resize([5, 5, 5, 5, 5, 1, 1], n)
        )
        if kind == "habit":
            daily = np.where(rng.random(n) < 1 / 10, daily * 10, 0)
        history, future = daily[:-90].astype(float), daily[-90:]
        if kind == "backfill":
            history[rng.integers(0, len(history))] += 200 * history.mean()
        found = forecast_units(history)
        assert found is not None
        held += bool(found.low[89] <= future.sum() <= found.high[89])
    assert held >= 0.88 * N
