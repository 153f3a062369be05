from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.evaluate import effective_number, inverse_weights, random_picks, reserve_warning


def review(n: int, n_population: int, hard: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Batches of 10: three at random, then the seven hardest that are left."""
    left = np.ones(n_population, dtype=bool)
    rows: list[int] = []
    is_random: list[bool] = []
    while len(rows) < n:
        drawn = rng.choice(np.flatnonzero(left), size=3, replace=False)
        left[drawn] = False
        chosen = hard[left[hard]][:7]
        left[chosen] = False
        rows += [*drawn.tolist(), *chosen.tolist()]
        is_random += [True] * 3 + [False] * 7
    return np.array(rows), np.array(is_random)


def test_sums_are_unbiased_although_the_hardest_were_chosen():
    rng = np.random.default_rng(0)
    n_population, n = 400, 100
    value = rng.random(n_population) ** 3
    hard = np.argsort(-value)
    raw, corrected = [], []
    for _ in range(600):
        rows, is_random = review(n, n_population, hard, rng)
        weights = inverse_weights(is_random, np.arange(n), n_population)
        raw.append(value[rows].mean())
        corrected.append((weights * value[rows]).sum() / n_population)
    assert np.mean(raw) > value.mean() + 0.2
    error = np.mean(corrected) - value.mean()
    assert abs(error) < 4 * np.std(corrected) / np.sqrt(len(corrected))
    assert np.std(corrected) / np.sqrt(len(corrected)) < 0.005


def test_everything_reviewed_at_random_counts_alike():
    weights = inverse_weights(np.ones(8, dtype=bool), np.arange(8), 8)
    assert weights.sum() == pytest.approx(8)
    # The last random pick knows all others as they are, and its own estimate is exact.
    whole = inverse_weights(np.arange(8) == 7, np.arange(8), 8)
    np.testing.assert_allclose(whole, np.ones(8))


def test_what_was_chosen_after_the_last_random_pick_does_not_count():
    weights = inverse_weights(np.array([True, False, True, False]), np.arange(4), 100)
    assert weights[3] == 0
    assert 0 < weights[1] < 1 < weights[0]
    assert weights.sum() == pytest.approx(100)


def test_without_a_random_pick_nothing_counts():
    assert inverse_weights(np.zeros(3, dtype=bool), np.arange(3), 9).tolist() == [0, 0, 0]
    assert inverse_weights(np.zeros(0, dtype=bool), np.zeros(0, dtype=int), 9).tolist() == []


def test_more_reviewed_than_there_are_is_refused():
    with pytest.raises(InputError, match="4 messages are reviewed in a population of 3") as caught:
        inverse_weights(np.ones(4, dtype=bool), np.arange(4), 3)
    assert "Count all messages" in caught.value.next_step


@pytest.mark.parametrize(
    ("mode", "chance", "population", "is_random"),
    [
        ("shuffle", 0.1, 100, True),
        ("shuffle", 0.1, 80, True),
        ("shuffle", 0.1, 79, False),  # within a filter, or before the dataset grew
        ("shuffle", None, 100, False),
        ("shuffle", 0.1, None, False),
        ("teach", 1.0, 100, False),
        ("rebalance", 0.1, 100, False),
    ],
)
def test_random_is_what_shuffle_drew_from_nearly_all(mode, chance, population, is_random):
    found = random_picks([mode], [chance], [population], np.array([5]), 100)
    assert found.tolist() == [is_random]


def test_fewer_are_open_the_later_it_is():
    # Of 10 messages, 8 were open when the third was drawn: 0.8 * 8 = 6.4.
    found = random_picks(
        ["teach", "shuffle", "teach"], [1.0, 0.2, 1.0], [None, 7, None], np.array([4, 9, 2]), 10
    )
    assert found.tolist() == [False, True, False]


def test_effective_number_is_kishs():
    assert effective_number(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_number(np.array([1.0, 3.0])) == pytest.approx(16 / 10)
    assert effective_number(np.zeros(3)) == 0
    assert effective_number(np.zeros(0)) == 0
    # Thread-mates speak together.
    assert effective_number(np.ones(6), np.array([1, 1, 1, 2, 2, 2])) == pytest.approx(2)


def test_warning_names_the_one_action():
    assert reserve_warning(50.0, 60, 0.2) == ""
    few = reserve_warning(12.3, 14, 0.2)
    assert "14 test messages that were drawn at random" in few
    assert "worth 12 effective" in few
    assert few.endswith("review 190 more messages with Shuffle.")
    assert reserve_warning(0.0, 0, 0.2).startswith("No test message was drawn at random")
    assert "review 250 more" in reserve_warning(0.0, 0, 0.2)
