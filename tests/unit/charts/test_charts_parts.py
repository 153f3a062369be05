"""Wording, scales, layout and sums below the displays."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.charts.drawings import Axis
from workbench.charts.svg.canvas import Canvas, fitted, text_width
from workbench.charts.svg.plot import spread
from workbench.charts.svg.scales import make_scale, time_ticks
from workbench.charts.svg.treemap import squarify
from workbench.charts.theme import DARK, LIGHT, dark_rules
from workbench.charts.totals import Totals, benjamini_hochberg, two_proportion_p
from workbench.charts.words import change, percent, percent_range, plain, points, spark_text
from workbench.primitives import wilson

S = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0"), (0.0004, "<0.1"), (0.034, "3.4"), (0.0996, "10"), (0.42, "42"), (1.0, "100")],
)
def test_percent_has_one_decimal_below_ten(share: float, words: str) -> None:
    assert percent(share) == f"{words}{S}%"


def test_changes_in_words() -> None:
    assert change(112, 100) == f"+12{S}%"
    assert change(92, 100) == f"−8{S}%"
    assert change(420, 100) == "×4.2"
    assert change(1, 0) == "new"
    assert change(100.2, 100) == "no change"
    assert points(0.132, 0.1) == f"+3.2{S}points"
    assert percent_range(0.71, 0.83) == f"71–83{S}%"
    assert percent(None) == "not known"
    assert spark_text([0, 1, 2]) == "▁▄█"


@pytest.mark.parametrize(("last", "n"), [(1, 2), (2, 2), (4, 9), (5, 3), (26, 9), (400, 12)])
def test_versions_are_numbered_whole(last: int, n: int) -> None:
    scale = make_scale(Axis(title="Version", whole=True), [1.0, float(last)], 0, 70 * n + 1)
    assert all(value == int(value) and text == f"{value:.0f}" for value, text in scale.ticks)
    assert 2 <= len(scale.ticks) <= n + 2


@given(st.text(max_size=200))
def test_any_text_can_be_drawn(text: str) -> None:
    canvas = Canvas(200, 100, text, text, LIGHT)
    canvas.text(1, 20, text)
    canvas.rect(0, 0, 9, 9, "accent", tip=text)
    root = ET.fromstring(canvas.render())
    assert len(plain(text)) <= 80
    assert root.get("width") == "200"


@given(st.text(min_size=1, max_size=80), st.floats(20, 300))
def test_shortened_text_fits(text: str, width: float) -> None:
    short = fitted(text, width, 12)
    assert short == "…" or text_width(short, 12) <= width


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_scale_holds_its_values(values: list[float]) -> None:
    scale = make_scale(Axis(title="", low=0.0), list(values), 0, 500)
    assert all(0 <= scale(v) <= 500 for v in values)
    assert scale.high >= max(values)
    assert len({text for _, text in scale.ticks}) == len(scale.ticks)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 9000), st.integers(2, 12))
def test_time_ticks_are_few_and_inside(first: date, days: int, n: int) -> None:
    low, high = float(first.toordinal()), float(first.toordinal() + days)
    ticks = time_ticks(low, high, n)
    assert len(ticks) <= n + 1
    assert all(low <= value <= high for value, _ in ticks)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_spread_labels_do_not_touch(places: list[float]) -> None:
    moved = sorted(spread(places, 15))
    assert all(b - a >= 15 - 1e-6 for a, b in pairwise(moved))


@given(st.lists(st.floats(0.5, 1000), min_size=1, max_size=25))
def test_treemap_areas_are_proportional(values: list[float]) -> None:
    ordered = sorted(values, reverse=True)
    boxes = squarify(ordered, 0, 0, 600, 300)
    for value, (x, y, width, height) in zip(ordered, boxes, strict=True):
        assert width * height == pytest.approx(value / sum(values) * 180_000, rel=1e-6)
        assert -1e-6 <= x <= 600.001 - width
        assert -1e-6 <= y <= 300.001 - height


def test_every_colour_has_a_dark_twin() -> None:
    rules = dark_rules("svg")
    for role in LIGHT.__dataclass_fields__:
        assert f'svg [fill="{LIGHT.colour(role)}"]{{fill:{DARK.colour(role)}}}' in rules
    assert len({LIGHT.colour(role) for role in LIGHT.__dataclass_fields__}) == len(LIGHT.__dataclass_fields__)
    assert LIGHT.colour("label:abc") == DARK.colour("label:abc")


def test_wilson_matches_a_published_value() -> None:
    low, high = wilson(81 / 263, 263)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0.5, 0) == (0.0, 1.0)


def test_two_proportions_and_correction() -> None:
    assert two_proportion_p(10, 100, 10, 100) == pytest.approx(1.0)
    assert two_proportion_p(30, 100, 10, 100) == pytest.approx(0.000407, abs=1e-5)
    assert two_proportion_p(1, 0, 1, 10) == 1.0
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])


def test_days_sum_to_weeks_and_windows_compare() -> None:
    days = [date(2026, 11, d) for d in range(2, 16)]
    table = pa.table(
        {
            "period": days,
            "label": ["L"] * 14,
            "expected": [1.0] * 7 + [3.0] * 7,
            "n_messages": [10] * 14,
        }
    )
    weeks = Totals.read(table, "week")
    assert weeks.messages == {date(2026, 11, 2): 70, date(2026, 11, 9): 70}
    (trend,) = Totals.read(table, "day").trends(date(2026, 11, 9), date(2026, 11, 16))
    assert (trend.now, trend.before, trend.n_now, trend.n_before) == (21.0, 7.0, 70, 70)
    assert (trend.share_now, trend.share_before) == (0.3, 0.1)
    assert trend.p_adjusted < 0.05
