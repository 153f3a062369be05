"""Fields from counts: figures, intervals, what to do."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.domain import FieldQuality
from workbench.errors import InputError
from workbench.evaluate import FieldCounts, average_quality, field_quality


def quality(n_train: int, n_test: int, n_predicted: int, n_matched: int) -> FieldQuality:
    return field_quality(
        FieldCounts(
            name="Policy number",
            kind="Policy number",
            n_train=n_train,
            n_test=n_test,
            n_predicted=n_predicted,
            n_matched=n_matched,
        )
    )


def test_figures_of_a_small_example() -> None:
    found = quality(80, 20, 25, 18)
    assert (found.n, found.n_train, found.n_test) == (100, 80, 20)
    assert (found.precision.value, found.precision.n) == (18 / 25, 25)
    assert (found.recall.value, found.recall.n) == (18 / 20, 20)
    assert found.f1.value == pytest.approx(2 * 0.72 * 0.9 / (0.72 + 0.9)) and found.f1.n == 27
    assert 0.6 < found.f1.low < found.f1.value < found.f1.high < 0.95


def test_without_a_test_example_nothing_is_known() -> None:
    found = quality(30, 0, 4, 0)
    assert [one.value for one in (found.f1, found.precision, found.recall)] == [None, None, None]
    assert [(one.low, one.high, one.n) for one in (found.f1, found.precision, found.recall)] == [
        (0, 1, 0)
    ] * 3
    assert found.action == "teach"
    assert found.warnings == ("No example is in the test part, so nothing is measured: annotate more.",)


def test_a_field_that_predicts_nothing_has_no_precision_and_an_f1_of_0() -> None:
    found = quality(80, 20, 0, 0)
    assert (found.f1.value, found.precision.value, found.recall.value) == (0.0, None, 0.0)


@pytest.mark.parametrize(
    ("counts", "action", "warning"),
    [
        ((16, 8, 8, 8), "teach", "24 of 25 examples: annotate 1 more, best with Teach."),
        ((80, 20, 12, 10), "check", "10 of 20 annotated values are not predicted: go through Check."),
        ((80, 20, 50, 19), "missed", "31 of 50 predicted values were annotated by nobody: go through Missed."),
        ((20, 5, 5, 5), "teach", "F1 is 1.00, but with so few test values may be as low as 0.72: annotate more with Teach."),
        ((400, 100, 100, 97), "none", None),
    ],
)  # fmt: skip
def test_what_to_do_follows_from_the_counts(
    counts: tuple[int, int, int, int], action: str, warning: str | None
) -> None:
    found = quality(*counts)
    assert found.action == action
    assert found.warnings == (() if warning is None else (warning,))


def test_few_examples_come_before_what_is_wrong_with_them() -> None:
    found = quality(12, 4, 9, 1)
    assert found.action == "teach" and len(found.warnings) == 2
    assert found.warnings[0].startswith("16 of 25 examples") and "predicted" in found.warnings[1]


@pytest.mark.parametrize("counts", [(-1, 5, 5, 5), (5, 5, 5, 6), (5, 4, 9, 5), (5, 5, -1, -1)])
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError, match="values of field 'Policy number' match") as refused:
        quality(*counts)
    assert refused.value.next_step == "Count each value of the test part once."


def draw(rng: np.random.Generator, n: int, precision: float, recall: float) -> FieldQuality:
    """A test part of ``n`` annotated values, each found with a chance; what is predicted wrongly comes by itself."""
    matched = int(rng.binomial(n, recall))
    wrong = int(rng.poisson(n * recall * (1 - precision) / precision))
    return quality(n, n, matched + wrong, matched)


@pytest.mark.parametrize("n", [8, 25, 100])
@pytest.mark.parametrize(("precision", "recall"), [(0.5, 0.5), (0.9, 0.6), (0.6, 0.9), (0.9, 0.9)])
def test_the_interval_of_f1_holds_the_truth_as_often_as_it_says(
    n: int, precision: float, recall: float
) -> None:
    rng, truth, rounds = np.random.default_rng(n), 2 * precision * recall / (precision + recall), 1_500
    drawn = [draw(rng, n, precision, recall).f1 for _ in range(rounds)]
    held = np.mean([one.low <= truth <= one.high for one in drawn])
    assert 0.93 <= held <= 0.99
    widths = [one.high - one.low for one in drawn]
    assert np.mean(widths) < 2.6 * 1.96 * np.std([one.value for one in drawn])


def test_the_interval_of_a_mean_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    fields = [(12, 0.7, 0.8), (40, 0.9, 0.9), (25, 0.8, 0.5), (100, 0.6, 0.95)]
    truth = np.mean([2 * p * r / (p + r) for _, p, r in fields])
    drawn = [average_quality([draw(rng, *one) for one in fields]).f1 for _ in range(1_000)]
    held = np.mean([one.low <= truth <= one.high for one in drawn])
    assert 0.93 <= held <= 0.985


def test_means_are_over_the_fields_that_have_figures() -> None:
    known, unknown, silent = quality(80, 20, 25, 18), quality(30, 0, 4, 0), quality(80, 20, 0, 0)
    found = average_quality([known, unknown, silent])
    assert known.f1.value is not None and found.f1.value == pytest.approx(known.f1.value / 2)
    assert (found.f1.n, found.precision.n, found.recall.n, found.n_test) == (2, 1, 2, 40)
    assert (found.precision.value, found.precision.low) == (
        known.precision.value,
        pytest.approx(known.precision.low),
    )
    nothing = average_quality([unknown])
    assert (nothing.f1.value, nothing.f1.low, nothing.f1.high, nothing.f1.n) == (None, 0.0, 1.0, 0)
