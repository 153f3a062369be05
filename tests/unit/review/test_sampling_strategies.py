from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.review import (
    STRATEGIES,
    Pool,
    cluster,
    rebalance,
    recent,
    search,
    shuffle,
    systematic_sample,
)


def make_pool(n: int = 60, n_labels: int = 4, seed: int = 0) -> Pool:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    reviewed = np.arange(n) < n // 3
    probabilities = rng.random((n, n_labels)).astype(np.float32)
    assigned = (rng.random((n, n_labels)) < 0.4) & reviewed[:, None]
    out_of_fold = np.where(reviewed[:, None], probabilities, np.float32(np.nan))
    return Pool(
        reviewed=reviewed,
        times=rng.integers(0, 1000, n),
        probabilities=probabilities,
        out_of_fold=out_of_fold,
        assigned=assigned,
        vectors=vectors,
        clusters=rng.integers(-1, 5, n),
        matches=np.where(rng.random(n) < 0.3, rng.random(n) + 0.1, 0.0),
    )


@pytest.mark.parametrize("mode", sorted(STRATEGIES))
def test_every_strategy_picks_different_rows_of_its_population_and_repeats(mode):
    pool = make_pool()
    picks = STRATEGIES[mode](pool, 7, label=1, random_state=3)
    again = STRATEGIES[mode](pool, 7, label=1, random_state=3)
    np.testing.assert_array_equal(picks.indices, again.indices)
    np.testing.assert_array_equal(picks.probabilities, again.probabilities)
    assert len(np.unique(picks.indices)) == len(picks.indices) <= 7
    assert picks.indices.dtype == np.int64
    assert ((picks.probabilities > 0) & (picks.probabilities <= 1)).all()
    if mode in {"check", "missed"}:
        assert pool.reviewed[picks.indices].all()
    elif mode not in {"recent", "search"}:
        assert not pool.reviewed[picks.indices].any()
        assert len(picks.indices) == 7


@pytest.mark.parametrize("mode", sorted(STRATEGIES))
def test_asking_for_nothing_gives_nothing(mode):
    assert len(STRATEGIES[mode](make_pool(), 0, label=0).indices) == 0


@pytest.mark.parametrize("mode", sorted(STRATEGIES))
def test_strategies_explain_themselves(mode):
    text = STRATEGIES[mode].__doc__ or ""
    assert "Population:" in text
    assert "nclusion probability:" in text.replace("\n    ", " ")


@pytest.mark.parametrize("mode", sorted(set(STRATEGIES) - {"shuffle"}))
def test_a_missing_array_says_what_to_do(mode):
    with pytest.raises(InputError, match="do not exist yet") as caught:
        STRATEGIES[mode](Pool(reviewed=np.zeros(3, dtype=bool)), 1, label=0)
    assert caught.value.next_step


def test_more_than_there_is_gives_all():
    pool = make_pool(9)
    assert sorted(shuffle(pool, 100).indices.tolist()) == np.flatnonzero(~pool.reviewed).tolist()
    assert (shuffle(pool, 100).probabilities == 1).all()
    assert len(rebalance(pool, 100).indices) == 6


def test_everything_reviewed_leaves_nothing():
    pool = Pool(reviewed=np.ones(4, dtype=bool), clusters=np.zeros(4, dtype=np.int64))
    assert len(shuffle(pool, 5).indices) == 0
    assert len(rebalance(pool, 5).indices) == 0


def test_shuffle_draws_all_unreviewed_equally_often():
    pool = make_pool(30)
    drawn = np.zeros(30)
    for seed in range(2_000):
        drawn[shuffle(pool, 5, random_state=seed).indices] += 1
    expected = np.where(pool.reviewed, 0, 2_000 * 5 / 20)
    # 5 standard deviations of a binomial count.
    assert np.abs(drawn - expected).max() < 5 * np.sqrt(2_000 * 0.25 * 0.75)


def test_systematic_sample_keeps_its_inclusion_probabilities():
    weight, times = np.array([1.0, 2.0, 3.0, 40.0, 4.0]), np.array([1, 1, 2, 1, 5])
    drawn = np.zeros(5)
    for seed in range(2_000):
        stated, n_drawn = systematic_sample(weight, times, 4, np.random.default_rng(seed))
        assert n_drawn.sum() == 4
        drawn += n_drawn
    np.testing.assert_allclose(stated, [3 / 29, 6 / 29, 9 / 29, 1.0, 12 / 29])
    # 5 standard deviations of the counts, of which each lies between two neighbouring numbers.
    assert np.abs(drawn / 2_000 - stated * times).max() < 5 * 0.5 / np.sqrt(2_000)
    _, everything = systematic_sample(weight, times, 99, np.random.default_rng(1))
    assert everything.tolist() == times.tolist()


def test_rebalance_draws_each_message_as_often_as_it_says():
    clusters = np.array([0] * 12 + [1] * 8 + [2] * 3 + [-1] * 7)
    reviewed = np.arange(30) < 6
    allowed = np.arange(30) % 5 > 0
    drawn, stated = np.zeros(30), np.zeros(30)
    for seed in range(1_500):
        picks = rebalance(Pool(reviewed=reviewed, clusters=clusters, allowed=allowed), 5, random_state=seed)
        assert len(set(picks.indices.tolist())) == 5
        drawn[picks.indices] += 1
        stated[picks.indices] = picks.probabilities
    assert picks.n_population == np.count_nonzero(stated) < np.count_nonzero(~reviewed & allowed)
    assert np.isclose(stated.sum(), 5)
    # 5 standard deviations of a binomial count.
    assert (np.abs(drawn / 1_500 - stated) < 5 * np.sqrt(0.25 / 1_500)).all()


def test_rebalance_prefers_the_neglected_cluster():
    clusters = np.repeat([0, 1], 100)
    reviewed = np.zeros(200, dtype=bool)
    reviewed[:50] = True
    picks = rebalance(Pool(reviewed=reviewed, clusters=clusters), 20, random_state=1)
    assert (clusters[picks.indices] == 1).all()
    np.testing.assert_allclose(picks.probabilities, 0.2)


def test_recent_and_search_order():
    pool = Pool(
        reviewed=np.array([True, False, False, False]),
        times=np.array([5, 9, 1, 9]),
        matches=np.array([1.0, 0.0, 2.0, 1.0]),
    )
    assert recent(pool, 3).indices.tolist() == [1, 3, 0]
    assert search(pool, 9).indices.tolist() == [2, 3, 0]


def test_cluster_starts_with_large_unreviewed_clusters_and_takes_turns():
    vectors = np.eye(6, dtype=np.float32)
    pool = Pool(
        reviewed=np.array([True, False, False, False, False, False]),
        clusters=np.array([0, 0, 1, 2, 2, -1]),
        vectors=vectors,
    )
    picks = cluster(pool, 4).indices.tolist()
    assert pool.clusters[picks].tolist() == [2, 1, 0, 2]
    assert 5 not in cluster(pool, 99).indices


@pytest.mark.parametrize("mode", sorted(STRATEGIES))
def test_a_filter_bounds_the_picks_and_the_population(mode):
    pool = make_pool(60)
    allowed = np.arange(60) % 2 == 0
    some = replace(pool, allowed=allowed)
    picks = STRATEGIES[mode](some, 60, label=1, random_state=3)
    assert allowed[picks.indices].all()
    assert len(picks.indices) <= picks.n_population <= allowed.sum()
    nobody = replace(pool, allowed=np.zeros(60, dtype=bool))
    nothing = STRATEGIES[mode](nobody, 5, label=1, random_state=3)
    assert (len(nothing.indices), nothing.n_population) == (0, 0)
    everybody = replace(pool, allowed=np.ones(60, dtype=bool))
    same = STRATEGIES[mode](everybody, 7, label=1, random_state=3)
    np.testing.assert_array_equal(same.indices, STRATEGIES[mode](pool, 7, label=1, random_state=3).indices)


def test_random_modes_under_a_filter_draw_as_often_as_they_say():
    pool = replace(make_pool(30), allowed=np.arange(30) % 3 > 0)
    for strategy in (shuffle, rebalance):
        drawn, stated = np.zeros(30), np.zeros(30)
        for seed in range(1_500):
            picks = strategy(pool, 4, random_state=seed)
            drawn[picks.indices] += 1
            stated[picks.indices] = picks.probabilities
        assert stated.sum() == pytest.approx(4)
        # 5 standard deviations of a binomial share.
        assert np.abs(drawn / 1_500 - stated).max() < 5 * np.sqrt(0.25 / 1_500)
