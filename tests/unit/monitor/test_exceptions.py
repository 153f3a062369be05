"""The rate of exceptions, now against before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.monitor import Drift, WindowData
from workbench.monitor.exceptions import exception_changes, exception_rate, why_untested

Make = Callable[..., WindowData]
Compare = Callable[..., Drift]
NONE, WRONG = ("refunds", "No Prediction"), ("refunds", "Wrong Prediction")


@pytest.fixture
def with_exceptions(make_window: Make) -> Callable[..., WindowData]:
    """A window of ``n`` messages: so many of each kind, so many that came too early to be told."""

    def make(n: int, none: int = 0, wrong: int = 0, early: int = 0, *, seed: int = 0) -> WindowData:
        kinds = [None] * early + [(NONE,)] * none + [(WRONG,)] * wrong
        rest: list[tuple[tuple[str, str], ...] | None] = [()] * (n - len(kinds))
        return replace(make_window(n, seed=seed), exceptions=(*kinds, *rest))

    return make


@pytest.mark.parametrize(
    ("before", "now"),
    [((40, 18), (40, 10)), ((600, 12), (600, 12)), ((600, 6), (300, 9)), ((300, 1), (600, 2))],
    ids=["small", "the same", "rare", "hardly any"],
)
def test_the_p_value_is_exact(with_exceptions: Make, before: tuple[int, int], now: tuple[int, int]) -> None:
    reference, window = with_exceptions(*before), with_exceptions(*now, seed=1)
    found = exception_rate(reference, window)
    assert found is not None
    # The oracle: exceptions fall on messages by chance.
    random = np.random.default_rng(0)
    total, n = before[1] + now[1], before[0] + now[0]
    drawn = random.hypergeometric(total, n - total, now[0], size=400_000)
    expected = total * now[0] / n
    share = np.mean(np.abs(drawn - expected) >= abs(now[1] - expected) - 1e-9)
    assert found.p_value == pytest.approx(share, abs=5 * (share * (1 - share) / 400_000) ** 0.5 + 1e-5)
    assert found.effect == pytest.approx(now[1] / now[0] - before[1] / before[0])


def test_rare_exceptions_ring_no_more_often_than_stated(make_window: Make) -> None:
    """With 5 of 1,000 before and 1.5 expected of 300 now a normal p-value below 0.01 comes in 2 to 3 % of cases."""
    random = np.random.default_rng(0)
    reference, window = make_window(1_000), make_window(300, seed=1)

    def by_chance(part: WindowData) -> WindowData:
        drawn = random.random(len(part.uids)) < 0.005
        return replace(part, exceptions=tuple((NONE,) if one else () for one in drawn))

    found = [exception_rate(by_chance(reference), by_chance(window)) for _ in range(1_000)]
    p_values = np.array([1.0 if one is None else one.p_value for one in found])
    # 3 standard deviations above 1 and 5 % of 1,000.
    assert (p_values < 0.01).sum() <= 19
    assert (p_values < 0.05).sum() <= 70


def test_more_exceptions_ring_and_are_told_by_type_with_messages(
    with_exceptions: Make, compare: Compare
) -> None:
    reference, window = with_exceptions(1_000, 20, 10), with_exceptions(1_000, 20, 50, seed=1)
    found = compare(reference, window, n_permutations=999)
    assert [test.name for test in found.tests if test.alarm] == ["exception_rate"]
    (test,) = (test for test in found.tests if test.name == "exception_rate")
    assert test.effect == pytest.approx(0.04) and test.effect_unit == "share of messages"
    assert found.alarm
    assert "differs from the reference in more messages that could not be handled" in found.summary
    first, second = found.exceptions
    assert (first.stream, first.type, first.n_before, first.n_now) == (*WRONG, 10, 50)
    assert (first.share_before, first.share_now) == (0.01, 0.05)
    assert (second.type, second.n_before, second.n_now) == (NONE[1], 20, 20)
    assert first.messages == window.uids[20:25]
    fewer = compare(window, reference, n_permutations=19)
    assert "fewer messages that could not be handled" in fewer.summary


def test_a_change_below_one_point_is_not_material(with_exceptions: Make) -> None:
    found = exception_rate(with_exceptions(20_000, 200), with_exceptions(20_000, 390, seed=1))
    assert found is not None
    assert found.p_value < 1e-9 and abs(found.effect) < found.least_effect


def test_without_exceptions_nothing_is_tested_and_that_is_said(
    make_window: Make, with_exceptions: Make, compare: Compare
) -> None:
    told = "The exception rate was not compared: no message is tagged as an exception of a stream."
    for reference, window in (
        (make_window(60), make_window(60, seed=1)),
        (with_exceptions(60), with_exceptions(60, seed=1)),
    ):
        found = compare(reference, window, n_permutations=19)
        assert "exception_rate" not in {test.name for test in found.tests}
        assert told in found.untested and found.exceptions == ()


def test_what_came_before_exceptions_were_tagged_says_nothing(
    with_exceptions: Make, compare: Compare
) -> None:
    # 5 of the 100 that could be tagged before, 30 of 600 now: the same rate, though of all 600 before it was 0.8 %.
    reference, window = with_exceptions(600, 5, early=500), with_exceptions(600, 30, seed=1)
    found = exception_rate(reference, window)
    assert found is not None and found.effect == 0 and found.p_value == 1
    assert exception_changes(reference, window)[0].share_before == 0.05
    late = with_exceptions(600, early=571)
    assert exception_rate(late, window) is None and exception_changes(late, window) == ()
    assert why_untested(late, window) == (
        "The exception rate was not compared: since exceptions are tagged, 29 messages of the reference and 600 of the window"
        " have come; 30 of each are needed."
    )
    assert why_untested(with_exceptions(600, early=570), window) == ""


def test_volume_that_was_not_compared_is_said_too(make_window: Make, compare: Compare) -> None:
    told = "The volume was not compared: that needs 6 whole weeks in the reference and one in the window."
    assert told in compare(make_window(60), make_window(60, seed=1), n_permutations=19).untested
    known = (10,) * 6
    both = [replace(make_window(60, seed=seed), weekly=known) for seed in (0, 1)]
    assert told not in compare(*both, n_permutations=19).untested


def test_a_message_with_two_exceptions_counts_once_in_the_rate_and_in_both_types(
    with_exceptions: Make,
) -> None:
    reference = with_exceptions(100, 5)
    window = replace(reference, exceptions=((NONE, WRONG),) * 5 + ((),) * 95)
    found = exception_rate(reference, window)
    assert found is not None and found.effect == 0
    assert [(one.type, one.n_now) for one in exception_changes(reference, window)] == [
        (WRONG[1], 5),
        (NONE[1], 5),
    ]


def test_exceptions_of_other_messages_are_refused(make_window: Make) -> None:
    with pytest.raises(InputError, match="a window has 20 ids and the exceptions of 19 messages"):
        replace(make_window(20), exceptions=((),) * 19)
