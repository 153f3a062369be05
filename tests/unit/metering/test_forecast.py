"""The forecast of usage: what it says of little, of much at once, of what comes again and again."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.metering import Forecast, forecast_units

WEEK = [120, 115, 110, 105, 100, 30, 20]


def made(daily: object, **more: int) -> Forecast:
    found = forecast_units(np.asarray(daily), **more)
    assert found is not None
    return found


def scattered(n: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.resize(WEEK, n)).astype(float)


@pytest.mark.parametrize("n", [0, 3, 6])
def test_a_few_days_say_nothing(n: int) -> None:
    assert forecast_units([5] * n) is None


def test_ten_days_say_little() -> None:
    short, long = made(scattered(10)), made(scattered(200))
    for found in (short, long):
        assert found.low[29] < sum(WEEK) * 30 / 7 < found.high[29]
    assert short.high[29] - short.low[29] > 2 * (long.high[29] - long.low[29])


def test_the_same_days_give_the_same_forecast() -> None:
    one, two = made(scattered(90)), made(scattered(90))
    assert one.expected.tolist() == two.expected.tolist() and one.high.tolist() == two.high.tolist()
    assert made(scattered(90), seed=1).high.tolist() != one.high.tolist()


@pytest.mark.parametrize(
    "daily", [[0] * 60, [7] * 60, [7] * 9, [0] * 7], ids=["zeros", "sevens", "nine", "week"]
)
def test_what_never_changes_goes_on(daily: list[int]) -> None:
    found = made(daily)
    assert np.allclose(found.expected, daily[0] * np.arange(1, 91), rtol=0.02)
    assert np.allclose(found.low, found.high, rtol=0.05)


def test_sums_grow_and_intervals_lie_within_one_another() -> None:
    found = made(scattered(120))
    assert (np.diff(found.expected) >= 0).all() and (np.diff(found.low) >= 0).all()
    for inner, outer in ((found.low80, found.low), (found.high, found.high80)):
        assert (inner >= outer).all()
    assert (found.low80 <= found.expected).all() and (found.expected <= found.high80).all()


def test_the_days_of_the_week_are_kept() -> None:
    weekend = np.diff(np.concatenate([[0], made(scattered(140)).expected]))[:28].reshape(4, 7).mean(axis=0)
    assert weekend[5:].max() < 0.5 * weekend[:5].min()


@pytest.mark.parametrize("day", [0, 5, 60, 119])
def test_an_archive_is_left_out_for_good(day: int) -> None:
    plain = scattered(120)
    filled = plain.copy()
    filled[day : day + 2] += 50_000
    without, found = made(plain), made(filled)
    assert set(found.set_aside) == set(range(day, min(day + 2, 120)))
    assert found.expected[89] == pytest.approx(without.expected[89], rel=0.1)
    assert found.high[89] < 1.5 * without.high[89]


def test_an_archive_alone_is_no_habit() -> None:
    found = made([6000, *[0] * 40])
    assert found.set_aside == (0,) and found.high[89] == 0


def test_what_comes_again_and_again_is_forecast() -> None:
    daily = scattered(180)
    daily[20::20] += 5_000
    found = made(daily)
    assert found.set_aside == ()
    expected = daily.sum() / 2
    assert found.expected[89] == pytest.approx(expected, rel=0.2)
    assert found.low[89] < expected < found.high[89]


def test_rare_imports_of_one_size_are_forecast() -> None:
    daily = np.zeros(150)
    daily[4::15] = 1000
    found = made(daily)
    assert found.expected[89] == pytest.approx(6000, rel=0.2)
    assert found.high[89] - found.low[89] < 6000


def test_a_new_level_is_the_one_that_counts() -> None:
    daily = np.concatenate([scattered(120), 3 * scattered(60)])
    assert made(daily).expected[29] == pytest.approx(3 * sum(WEEK) * 30 / 7, rel=0.1)


def test_a_trend_goes_on() -> None:
    daily = scattered(280) * np.linspace(1, 3, 280)
    assert made(daily).expected[29] == pytest.approx(3.1 * sum(WEEK) * 30 / 7, rel=0.15)


def test_corrections_make_days_negative_and_sums_never() -> None:
    daily = scattered(90)
    daily[50] = -5_000
    daily[-5:] = -100
    found = made(daily)
    assert (found.low >= 0).all() and np.isfinite(found.high).all()


def test_of_long_histories_the_last_two_years_count() -> None:
    long = np.concatenate([np.full(900, 1e6), scattered(730)])
    filled = long.copy()
    filled[-100] = 1e5
    assert made(long).expected.tolist() == made(scattered(730)).expected.tolist()
    assert made(filled).set_aside == (len(long) - 100,)
