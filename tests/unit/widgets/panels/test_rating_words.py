"""How the rating is made, on screen: weights, sum and formulas, which say what the code does."""

from __future__ import annotations

import html
from typing import Any

import pytest

from workbench.domain import Rating
from workbench.evaluate import WEIGHTS, LabelEvidence, RatingEvidence, label_health, rate
from workbench.evaluate.rating import CAP, MIN_LABELS, MIN_REVIEWED
from workbench.widgets.panels.rating_words import factors_html, sum_words


def rated(weights: dict[Any, float] | None = None, **changes: Any) -> Rating:
    known: dict[str, Any] = {
        "healths": {f"<b>label {n}": 80.0 for n in range(10)},
        "n_ready": 10,
        "n_reviewed": 500,
        "coverage": 0.85,
        "similarity": 0.95,
        "mode_shares": {"shuffle": 0.2},
    }
    return rate(RatingEvidence(**(known | changes)), weights=weights or WEIGHTS)


def test_each_factor_says_what_it_counts() -> None:
    shown = factors_html(rated(), lambda _: "")
    for share in ("30 %", "20 %", "25 %"):
        assert f"Counts {share}." in shown and f"counts {share}" in shown
    assert "<b>label" not in shown and "&lt;b&gt;label 0" in shown
    # Those that the version was rated by, whatever the settings are now.
    other = factors_html(rated({**WEIGHTS, "balance": 0.0}), lambda _: "")
    assert "Counts 33.3 %." in other and "Counts 0 %." in other


def test_the_rating_is_shown_as_the_sum_it_is() -> None:
    made = rated()
    assert sum_words(made) == (
        "25 % × 100.0 (balance) + 25 % × 90.0 (coverage) + 30 % × 80.0 (all labels) + "
        "20 % × 80.0 (underperforming labels) = 87.5."
    )
    assert made.score == 88
    held = rated(coverage=0.5)
    assert sum_words(held).endswith(f" = {0.25 * 100 + 0.25 * 70 / 3 + 40:.1f}. {held.reason}")
    assert held.reason.startswith("Held at 69")
    assert "coverage" not in sum_words(rated({**WEIGHTS, "coverage": 0.0}, coverage=None))
    assert sum_words(rated(n_ready=3)) == rated(n_ready=3).reason != ""


def test_the_formulas_say_what_the_code_does() -> None:
    shown = html.unescape(factors_html(rated(), lambda _: ""))
    enough = LabelEvidence(n_pins=30, n_train=24, lower_bound=0.75)
    for precision in (0.0, 0.5, 0.75, 0.9, 1.0):
        assert f"{label_health(enough, precision):.0f} at {precision:.0%}".replace("%", " %") in shown
    few = LabelEvidence(n_pins=24, n_train=24, lower_bound=0.75)
    assert label_health(few, 1.0) == 48 and "it is twice their number, 49 at most" in shown

    def score(name: str, **changes: Any) -> float:
        return next(one.score or 0.0 for one in rated(**changes).factors if one.name == name)

    points = {0.4: "Score 0 at 40 %", 0.7: "70 at 70 %", 0.85: "90 at 85 %", 0.95: "100 at 95 %"}
    for coverage, text in points.items():
        assert text in shown and text.split()[-4] == f"{score('coverage', coverage=coverage):.0f}"
    assert score("balance", similarity=0.5, mode_shares={}) == pytest.approx(10)
    assert score("balance", similarity=0.5) == pytest.approx(30)
    assert score("balance", similarity=0.95, mode_shares={"search": 0.3}) == pytest.approx(70)
    for text in (
        "70 points for how far",
        "20 for a fifth",
        "10 for no review by text search (none from 30 % on)",
    ):
        assert text in shown
    assert f"the rating is {CAP:.0f} at most" in shown
    assert f"before {MIN_LABELS} labels have enough examples, {MIN_REVIEWED} messages" in shown
