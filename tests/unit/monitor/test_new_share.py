"""What share of a window is new with a topic, told from a part of it."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.monitor.new_share import share_new

N = 600
N_TOPICS = 12


def world(seed: int, before: float, now: float) -> tuple[np.ndarray, ...]:
    """Points, groups, a group that holds three fifths of the last topic and little else, and which are of the window."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 1, (N_TOPICS + 1, 10))
    parts = []
    for share in (before, now):
        n_new = round(share * N)
        parts.append(np.concatenate((random.integers(0, N_TOPICS, N - n_new), np.full(n_new, N_TOPICS))))
    topic = np.concatenate(parts)
    points = (centres[topic] + random.normal(0, 0.6, (2 * N, 10))).astype(np.float32)
    # The part is on one side of the topic, as pieces of k-means are.
    side = (points - centres[N_TOPICS]) @ random.normal(0, 1, 10)
    inside = (topic == N_TOPICS) & (side > np.quantile(side[topic == N_TOPICS], 0.4))
    inside |= (topic != N_TOPICS) & (random.random(2 * N) < 0.003)
    apart = ((points[:, None] - centres[None, :N_TOPICS]) ** 2).sum(axis=2)
    groups = np.where(inside, N_TOPICS, apart.argmin(axis=1)).astype(np.int32)
    return points, groups, inside, np.arange(2 * N) >= N


@pytest.mark.parametrize(
    ("before", "now"), [(0.0, 0.05), (0.0, 0.1), (0.0, 0.2), (0.05, 0.15)], ids=["5", "10", "20", "grew"]
)
def test_it_is_right_on_average_and_its_interval_holds_it(before: float, now: float) -> None:
    truth = (now - before) / (1 - before)
    told = np.array([share_new(*world(seed, before, now)) for seed in range(60)])
    share, low, high = told.T
    # Three standard errors, and two tenths of a point for what of the topic lies this side of the cut.
    assert share.mean() == pytest.approx(truth, abs=3 * share.std() / 60**0.5 + 0.002)
    assert np.mean((low <= truth) & (truth <= high)) >= 0.9
    part = np.array(
        [inside[is_now].mean() for _, _, inside, is_now in (world(s, before, now) for s in range(60))]
    )
    assert part.mean() < 0.75 * now  # what the group itself would say


def test_the_interval_says_no_more_than_so_many_messages_can() -> None:
    share, low, high = share_new(*world(0, 0.0, 0.1))
    # Two independent shares of about 0.13 and 0.03 in 600 messages: 1.96 standard errors are 0.030.
    assert low < share < high
    assert high - low == pytest.approx(0.06, abs=0.01)


def test_a_group_with_all_that_was_there_before_tells_its_own_share() -> None:
    points = np.zeros((20, 2), np.float32)
    is_now = np.arange(20) >= 10
    inside = np.arange(20) < 15
    share, low, high = share_new(points, np.zeros(20, np.int32), inside, is_now)
    assert share == -1.0 and low <= share <= high


def test_messages_all_alike_tell_nothing() -> None:
    points = np.ones((20, 2), np.float32)
    is_now = np.arange(20) % 2 == 0
    inside = np.arange(20) < 6
    share, low, high = share_new(points, np.zeros(20, np.int32), inside, is_now)
    assert share == 0.0 and low < 0 < high
