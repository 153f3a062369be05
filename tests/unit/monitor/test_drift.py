"""Drift."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.monitor.conftest import START
from workbench.errors import InputError
from workbench.monitor import Drift, WindowData, drift
from workbench.monitor.panel import holm
from workbench.monitor.rates import label_rates, largest_z_by_chance, share_beyond
from workbench.monitor.volume import volume

Make = Callable[..., WindowData]
Compare = Callable[..., Drift]
NEW_TOPIC = (0.4, 0.35, 0.1, 0.15)


def by_name(found: Drift) -> dict[str, float]:
    return {test.name: test.p_adjusted for test in found.tests}


@given(st.integers(1, 400), st.integers(0, 10))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_identical_samples_never_ring(make_window: Make, compare: Compare, n: int, seed: int) -> None:
    part = replace(make_window(n, seed=seed), weekly=tuple(range(n, n + 8)))
    found = compare(part, part, n_permutations=19)
    assert [test.statistic for test in found.tests] == [0] * 6
    assert [test.p_value for test in found.tests] == [1] * 6
    assert [test.effect for test in found.tests] == pytest.approx([0] * 6, abs=1e-9)
    assert not found.alarm
    assert found.clusters == ()
    assert found.phrases == ()


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 99))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_statistics_are_never_negative(
    make_window: Make, compare: Compare, n: int, m: int, seed: int
) -> None:
    found = compare(make_window(n, seed=seed), make_window(m, NEW_TOPIC, seed=seed + 1), n_permutations=19)
    for test in found.tests:
        assert test.statistic >= 0
        assert 0 < test.p_value <= test.p_adjusted <= 1
        assert np.isfinite(test.effect)


def test_order_of_messages_does_not_matter(make_window: Make, compare: Compare) -> None:
    reference, now = make_window(300), make_window(1100, NEW_TOPIC, seed=1)
    turn = np.random.default_rng(3).permutation(1100)
    turned = replace(
        now,
        uids=tuple(now.uids[i] for i in turn),
        texts=tuple(now.texts[i] for i in turn),
        vectors=now.vectors[turn],
        probabilities=now.probabilities[turn],
    )
    first, second = compare(reference, now), compare(reference, turned)
    assert [t.statistic for t in first.tests] == pytest.approx([t.statistic for t in second.tests])


def test_a_new_topic_rings_and_is_explained(make_window: Make, compare: Compare) -> None:
    found = compare(make_window(), make_window(shares=NEW_TOPIC, seed=1), n_permutations=999)
    assert found.alarm
    assert {test.name for test in found.tests if test.alarm} >= {"low_confidence", "embedding"}
    group = found.clusters[0]
    assert group.phrases[0] == "landed on roof"
    assert group.share_before == 0
    assert group.share_now == pytest.approx(0.15, abs=0.05)
    assert group.mean_confidence < 0.2
    assert 1 <= len(group.messages) <= 5
    assert found.phrases[0].phrase == "landed on roof"
    assert found.phrases[0].log_odds > 0
    assert f"The group '{group.name}' grew" in found.summary


def test_a_rising_label_is_named_with_both_shares(make_window: Make, compare: Compare) -> None:
    found = compare(make_window(1000), make_window(1000, (0.4, 0.4, 0.2, 0.0), seed=1))
    top = {change.name: change for change in found.labels[:2]}
    assert top["Customs"].alarm
    assert top["Customs"].z > 4
    assert top["Customs"].share_now > top["Customs"].share_before
    assert "'Customs' went from" in found.summary


def test_one_window_is_no_alarm_unless_sure_but_two_are(make_window: Make, compare: Compare) -> None:
    reference = make_window(1000)
    slight = [make_window(1000, (0.5, 0.34, 0.16, 0.0), seed=s, week=s) for s in (5, 6)]
    ringing = [compare(reference, window, n_permutations=199) for window in slight]
    assert all(any(test.alarm for test in found.tests) for found in ringing)
    assert compare(reference, *slight, n_permutations=199).alarm


def test_an_effect_that_is_not_material_does_not_ring(make_window: Make) -> None:
    rates = label_rates(
        make_window(40_000),
        make_window(40_000, (0.49, 0.40, 0.11, 0.0), seed=1),
        n_permutations=199,
        random=np.random.default_rng(0),
    )
    assert rates.p_value < 0.01
    assert abs(rates.effect) < rates.least_effect


def test_rare_labels_in_a_short_window_ring_no_more_often_than_stated(make_window: Make) -> None:
    """60 labels of 2 %, 300 messages against 5,000: with normal p-values 5 % rang where 1.25 % may."""
    random = np.random.default_rng(1)
    reference, window = make_window(5_000), make_window(300, seed=1)

    def unchanged(part: WindowData) -> WindowData:
        return replace(part, probabilities=(random.random((len(part.uids), 60)) < 0.02).astype(np.float32))

    rang = 0
    for _ in range(300):
        rates = label_rates(unchanged(reference), unchanged(window), n_permutations=199, random=random)
        rang += rates.p_value < 0.0125
    # 3 standard deviations above 1.25 % of 300.
    assert rang <= 9


def test_labels_are_corrected_for_their_number(make_window: Make) -> None:
    reference, window = make_window(), make_window(shares=(0.4, 0.5, 0.1, 0.0), seed=1)
    chance = largest_z_by_chance(reference, window, n_permutations=99, random=np.random.default_rng(0))
    assert (np.diff(chance) >= 0).all()
    assert share_beyond([0.0, chance[94], 99.0], chance).tolist() == pytest.approx([1.0, 0.06, 0.01])


def test_nothing_changed_says_so_with_the_rate(make_window: Make, compare: Compare) -> None:
    found = compare(make_window(), make_window(seed=1))
    assert not found.alarm
    assert "do not differ" in found.summary
    assert "5.0 % of windows" in found.summary
    assert found.warnings == ()


def test_small_and_uneven_windows_are_warned_of(make_window: Make, compare: Compare) -> None:
    small = make_window(200, seed=1)
    found = compare(make_window(), replace(small, end=small.end + timedelta(days=1)))
    assert any("200 messages" in warning for warning in found.warnings)
    assert any("whole weeks" in warning for warning in found.warnings)


def test_the_seed_fixes_the_outcome(make_window: Make, compare: Compare) -> None:
    parts = make_window(), make_window(shares=NEW_TOPIC, seed=1)
    assert compare(*parts) == compare(*parts)


def test_tests_are_listed_per_window(make_window: Make, compare: Compare) -> None:
    found = compare(
        make_window(), make_window(seed=1, week=1), make_window(seed=2, week=2), n_permutations=19
    )
    assert [test.name for test in found.tests] == [
        "low_confidence",
        "label_rates",
        "label_mix",
        "embedding",
        "wording",
    ] * 2
    assert [test.window_start for test in found.tests] == sorted(test.window_start for test in found.tests)


def test_one_window_can_be_sure_by_any_of_seven_tests() -> None:
    """One window can raise an alarm by any test: the smallest p-value, corrected, is below a tenth of the rate."""
    usual = inspect.signature(drift).parameters
    smallest = 1 / (usual["n_permutations"].default + 1)
    assert 7 * smallest < 0.1 * usual["false_alarm_rate"].default


def test_changed_wording_rings_where_labels_stay(make_window: Make, compare: Compare) -> None:
    reference, window = make_window(), make_window(seed=1)
    polite = tuple(
        f"good morning dear people {text}" if i % 5 == 0 else text for i, text in enumerate(window.texts)
    )
    assert not compare(reference, window, n_permutations=299).alarm
    found = compare(reference, replace(window, texts=polite), n_permutations=1999)
    assert [test.name for test in found.tests if test.alarm] == ["wording"]
    assert found.alarm
    assert next(t.effect for t in found.tests if t.name == "wording") == pytest.approx(0.2, abs=0.01)
    assert "differs from the reference in the wording" in found.summary


@pytest.mark.parametrize(
    ("now", "rings", "effect"),
    [((150, 160, 140, 155), True, 0.51), ((60, 55, 65, 58), True, -0.40), ((104, 97, 110, 101), False, 0.03)],
    ids=["more", "fewer", "as usual"],
)
def test_volume_rings_when_more_or_fewer_come_in(
    make_window: Make, compare: Compare, now: tuple[int, ...], rings: bool, effect: float
) -> None:
    before = (100, 90, 110, 95, 105, 98, 102, 99)
    found = compare(replace(make_window(), weekly=before), replace(make_window(seed=1), weekly=now))
    volume = next(test for test in found.tests if test.name == "volume")
    assert volume.alarm == rings
    assert volume.effect == pytest.approx(effect, abs=0.01)
    assert ("how many come in" in found.summary) == rings


def test_volume_rings_no_more_often_than_stated_although_weeks_differ_by_more_than_chance() -> None:
    random = np.random.default_rng(0)
    part = WindowData(
        uids=("a",),
        vectors=np.zeros((1, 2), np.float32),
        probabilities=np.zeros((1, 0), np.float32),
        texts=("",),
        start=START,
        end=START + timedelta(weeks=4),
    )

    def weekly(n: int) -> tuple[int, ...]:
        return tuple(random.poisson(100 * random.lognormal(0, 0.2, n)).tolist())

    found = [volume(replace(part, weekly=weekly(12)), replace(part, weekly=weekly(4))) for _ in range(2_000)]
    rang = sum(one is not None and one.p_value < 0.05 for one in found)
    # 3 standard deviations about 5 % of 2,000.
    assert 71 <= rang <= 129


def test_volume_is_not_compared_before_six_weeks_are_known(make_window: Make, compare: Compare) -> None:
    short = replace(make_window(), weekly=(100,) * 5)
    found = compare(short, replace(make_window(seed=1), weekly=(900,) * 4), n_permutations=19)
    assert "volume" not in {test.name for test in found.tests}


def test_the_share_of_the_new_topic_is_told_with_its_interval(make_window: Make, compare: Compare) -> None:
    found = compare(make_window(), make_window(shares=NEW_TOPIC, seed=1), n_permutations=19)
    group = found.clusters[0]
    assert group.share_new_low < 0.15 < group.share_new_high
    assert group.share_new == pytest.approx(group.share_now, abs=0.02)  # none of it was there before
    assert group.share_new_high - group.share_new_low < 0.08
    assert set(group.messages) <= set(group.seeds)
    assert len(group.seeds) == 12


def test_a_label_that_rings_is_explained_by_its_phrases_and_messages(
    make_window: Make, compare: Compare
) -> None:
    reference, window = make_window(1000), make_window(1000, (0.4, 0.4, 0.2, 0.0), seed=2)
    found = compare(reference, window)
    told = {change.name: change for change in found.labels}
    customs, delivery = told["Customs"], told["Delivery"]
    assert customs.alarm and delivery.alarm
    assert "fee for import" in customs.phrases
    assert delivery.phrases == ("parcel",)
    # What rose is shown from the window, what fell from the reference.
    texts = dict(zip(window.uids, window.texts, strict=True))
    assert [texts[uid].split()[0] for uid in customs.messages] == ["customs"] * 5
    assert set(delivery.messages) <= set(reference.uids)
    assert told["Refund"].messages == told["Refund"].phrases == ()


def test_no_label_yet(make_window: Make, compare: Compare) -> None:
    bare = replace(make_window(), probabilities=np.zeros((600, 0), dtype=np.float32))
    found = drift(bare, [bare], label_ids=(), names=(), random_state=0, n_permutations=19)
    assert found.labels == ()
    assert not found.alarm


def test_unusable_windows_are_refused(make_window: Make, compare: Compare) -> None:
    part = make_window(20)
    with pytest.raises(InputError, match="no window"):
        compare(part)
    with pytest.raises(InputError, match="no messages"):
        compare(part, make_window(0))
    with pytest.raises(InputError, match="columns of probabilities"):
        compare(part, replace(part, probabilities=part.probabilities[:, :2]))
    with pytest.raises(InputError, match="dimensions"):
        compare(part, replace(part, vectors=part.vectors[:, :4]))
    with pytest.raises(InputError, match="20 ids, 19 vectors"):
        replace(part, vectors=part.vectors[1:])


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).tolist() == []
