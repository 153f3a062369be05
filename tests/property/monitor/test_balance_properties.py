"""Balance is high of any random reviewed set and low of a biased one, however many are reviewed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.monitor import Balance, ValueCounts, balance, property_balance

N, N_TOPICS = 8_000, 40
SIZES = (100, 500, 2_000)


@cache
def world() -> tuple[np.ndarray, np.ndarray]:
    """Messages of 40 topics, some three times as frequent as others, that run into one another."""
    random = np.random.default_rng(5)
    share = random.uniform(1, 3, N_TOPICS)
    topic = random.choice(N_TOPICS, N, p=share / share.sum())
    centres = random.normal(size=(N_TOPICS, 24))
    return (centres[topic] + random.normal(0, 0.5, (N, 24))).astype(np.float32), topic


def weigh(rows: np.ndarray, seed: int) -> Balance:
    reviewed = np.zeros(N, dtype=bool)
    reviewed[rows] = True
    return balance(world()[0], reviewed, random_state=seed)


@pytest.mark.parametrize("n", SIZES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=3)
def test_a_random_reviewed_set_is_balanced(n: int, seed: int) -> None:
    found = weigh(np.random.default_rng(seed).permutation(N)[:n], seed)
    assert found.balance is not None
    assert found.balance > 0.93
    assert found.band in ("good", "excellent")


@pytest.mark.parametrize("n", SIZES)
@given(seed=st.integers(0, 10_000), share=st.sampled_from((0.1, 0.3)))
@settings(max_examples=3)
def test_a_set_of_a_part_of_the_topics_is_not(n: int, seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    _, topic = world()
    liked = random.permutation(N_TOPICS)
    # As many topics as give enough messages: of 2,000 reviewed ones a tenth of the topics has too few.
    order = np.argsort(np.argsort(liked)[topic], kind="stable")
    pool = order[: max(round(share * N), n)]
    found = weigh(random.permutation(pool)[:n], seed)
    assert found.balance is not None and found.high is not None
    if n > SIZES[0]:
        assert found.band == "poor" and found.high < 0.8
    else:  # a hundred messages say little: of 151 such sets 6 came out as average, the highest bound was 0.86
        assert found.band in ("poor", "average") and found.high < 0.9
    assert found.regions[0].share_reviewed < found.regions[0].low


@pytest.mark.parametrize("n", SIZES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=3)
def test_the_more_of_it_is_random_the_better_balanced(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, _ = world()
    near = np.argsort(((vectors - vectors[random.integers(N)]) ** 2).sum(axis=1))
    drawn = random.permutation(N)
    found = []
    for share in (0.0, 0.5, 1.0):
        k = round(share * n)
        rows = np.concatenate((drawn[:k], near[~np.isin(near, drawn[:k])][: n - k]))
        found.append(weigh(rows, seed).balance or 0)
    assert found[0] < found[1] < found[2]


@given(
    everywhere=st.lists(st.integers(1, 500), min_size=2, max_size=20),
    share=st.floats(0.05, 1.0),
    seed=st.integers(0, 100),
)
@settings(max_examples=40)
def test_shares_by_property_are_shares_of_everything(everywhere: list[int], share: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    n_reviewed = max(1, round(share * sum(everywhere)))
    drawn = random.multivariate_hypergeometric(everywhere, n_reviewed)
    counts = [
        ValueCounts(value=str(at), n_messages=n, n_reviewed=int(here))
        for at, (n, here) in enumerate(zip(everywhere, drawn, strict=True))
    ]
    for one in property_balance(
        {"p": counts}, n_messages=sum(everywhere) + 3, n_reviewed=n_reviewed, random_state=0
    ):
        assert 0 <= one.balance <= 1
        assert 0 < one.p_adjusted <= 1
        for of in ("share_all", "share_reviewed"):
            assert sum(getattr(value, of) for value in one.values) == pytest.approx(1)
        assert all(0 <= value.low <= value.high <= 1 for value in one.values)
        assert sum(value.n_reviewed for value in one.values) == n_reviewed
