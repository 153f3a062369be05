"""What would make the model better, in words and as links."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import LabelId, Rating, RatingFactor, ReviewStep
from workbench.evaluate import LabelEvidence, RatingEvidence, label_steps, rate
from workbench.widgets.panels.advice import Advice
from workbench.widgets.panels.rating_words import factors_html

REFUND, GONE = LabelId("00000000000000a1"), LabelId("00000000000000a2")
HOSTILE = '"><img src=x onerror=alert(1)>'
STEPS = (
    ReviewStep(mode="check", label_id=REFUND),
    ReviewStep(mode="teach", label_id=GONE),
    ReviewStep(mode="shuffle"),
)


def advice(*, name: str = "Money > Refund", visitor: str = "anna") -> Advice:
    return Advice(dataset="demo/support", names={REFUND: name}, visitor=visitor)


def factor(**changes: object) -> RatingFactor:
    told: dict[str, object] = {
        "name": "underperforming_labels",
        "score": 41.0,
        "band": "poor",
        "weight": 0.2,
        "contributors": {"Money > Refund": 41.0},
        "action": "Teach label: Money > Refund.",
        "steps": STEPS,
    }
    return RatingFactor(**(told | changes))  # type: ignore[arg-type]


def shown_by(told: Advice, one: RatingFactor) -> str:
    return factors_html(Rating(score=41.0, band="poor", factors=(one,)), told.steps)


def test_a_step_opens_its_mode_with_its_label_and_one_of_a_label_that_is_gone_is_not_offered() -> None:
    shown = shown_by(advice(), factor())
    assert (
        'href="annotate.ipynb?dataset=demo%2Fsupport&amp;mode=check&amp;label=Money+%3E+Refund&amp;user=anna"'
        in shown
    )
    assert ">Check label Money &gt; Refund</a>" in shown
    assert 'href="annotate.ipynb?dataset=demo%2Fsupport&amp;user=anna">Review with Shuffle</a>' in shown
    assert shown.count("<a ") == 2
    assert "41 · Poor" in shown


def test_a_notebook_is_told_the_call() -> None:
    shown = shown_by(advice(visitor=""), factor())
    assert "<a " not in shown
    assert "ds.next_batch(&#x27;check&#x27;, 20, label=&#x27;Money &gt; Refund&#x27;)" in shown
    assert advice(visitor="").steps(STEPS[1:2]) == ""


def test_names_are_text() -> None:
    hostile = factor(contributors={HOSTILE: 3.0}, action=HOSTILE, reason=HOSTILE)
    for visitor in ("anna", ""):
        assert "<img" not in shown_by(advice(name=HOSTILE, visitor=visitor), hostile)


def test_steps_of_a_label_answer_its_warnings_worst_first() -> None:
    few = LabelEvidence(n_pins=24, n_train=20)
    enough = LabelEvidence(n_pins=60, n_train=48, lower_bound=0.8)
    doubted = LabelEvidence(n_pins=60, n_train=48, lower_bound=0.7, disagreement_share=0.2, search_share=0.6)
    assert label_steps(few, None) == ("teach", "shuffle")
    assert label_steps(enough, 0.4) == ("check", "missed")
    assert label_steps(enough, 0.6) == ("teach",)
    assert label_steps(enough, 0.9) == ()
    assert label_steps(doubted, 0.9) == ("shuffle", "teach", "check", "missed")


def test_factors_hand_on_what_helps_their_labels() -> None:
    helps = {f"label {n}": (ReviewStep(mode="teach", label_id=LabelId(f"{n:016x}")),) for n in range(10)}
    evidence = RatingEvidence(
        healths={name: 40.0 + n for n, name in enumerate(helps)},
        n_ready=10,
        n_reviewed=500,
        coverage=0.6,
        similarity=0.7,
        mode_shares={"search": 1.0},
        steps=helps,
    )
    factors = {one.name: one for one in rate(evidence).factors}
    steps = {name: one.steps for name, one in factors.items()}
    assert steps["balance"] == (ReviewStep(mode="rebalance"), ReviewStep(mode="shuffle"))
    assert steps["coverage"] == (ReviewStep(mode="low_confidence"),)
    assert steps["all_labels"] == tuple(helps[f"label {n}"][0] for n in range(3))
    assert steps["underperforming_labels"] == helps["label 0"]
    assert factors["all_labels"].action == "Teach label: label 0."
    doubted = replace(evidence, steps={"label 0": (ReviewStep(mode="check", label_id=REFUND),)})
    assert {one.name: one.action for one in rate(doubted).factors}["all_labels"] == "Check label: label 0."
