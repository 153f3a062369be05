"""What the settings of a stream refuse, and which labels its thresholds let through."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from workbench.domain import LabelId, LabelThreshold, StreamSettings, effective_thresholds, returned
from workbench.errors import InputError, LimitError, UnknownNameError

REFUND, LATE = LabelId("a" * 16), LabelId("b" * 16)


@pytest.mark.parametrize("threshold", [-0.001, 1.001, math.nan, math.inf, -math.inf])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(InputError) as caught:
        LabelThreshold(label_id=REFUND, threshold=threshold, name="Refund")
    assert str(caught.value) == (
        f"a threshold of {threshold} cannot be used for the label 'Refund'. "
        "Use a number from 0 to 1; 1 switches the label off."
    )
    assert caught.value.details == {"label_id": REFUND, "threshold": str(threshold)}


def test_a_label_has_one_threshold() -> None:
    twice = tuple(LabelThreshold(label_id=one, threshold=0.5) for one in (REFUND, LATE, REFUND))
    with pytest.raises(InputError, match=f"the label '{REFUND}' has two thresholds. Give each label one"):
        StreamSettings(version=1, thresholds=twice)


def test_thresholds_need_a_version() -> None:
    one = LabelThreshold(label_id=REFUND, threshold=0.5)
    with pytest.raises(
        InputError, match=r"has thresholds \(1\) and no model version. Name the version whose"
    ):
        StreamSettings(thresholds=(one,))


def test_thresholds_are_counted() -> None:
    many = tuple(LabelThreshold(label_id=LabelId(f"{i:016x}"), threshold=0.5) for i in range(4_097))
    assert len(StreamSettings(version=1, thresholds=many[:-1]).thresholds) == 4_096
    with pytest.raises(LimitError, match="the stream would have 4,097 thresholds; at most 4,096 are allowed"):
        StreamSettings(version=1, thresholds=many)


def test_equal_is_reached_in_the_precision_of_what_is_stored() -> None:
    stored = np.array([[0.7], [np.nextafter(np.float32(0.7), np.float32(0))]], np.float32)
    assert float(stored[0, 0]) < 0.7  # as it is typed it would not be reached
    assert returned(stored, np.array([0.7])).tolist() == [[True], [False]]


def test_a_threshold_of_exactly_one_is_off_and_nearly_one_is_on() -> None:
    sure = np.array([[1.0, 1.0, 0.99]], np.float32)
    assert returned(sure, np.array([1.0, 0.999_999_999, 0.99])).tolist() == [[False, True, True]]


def test_thresholds_of_its_own_come_first_then_what_it_does_with_the_rest() -> None:
    own = (LabelThreshold(label_id=REFUND, threshold=0.25),)
    kept = {REFUND: 0.5, LATE: 0.75, LabelId("c" * 16): 0.1}

    def of(**settings: Any) -> list[tuple[float, str]]:
        made = StreamSettings(version=1, **settings)
        return list(effective_thresholds(made, (LATE, REFUND), kept).values())

    assert of() == [(0.75, "kept"), (0.5, "kept")]
    assert of(thresholds=own) == [(1.0, "off"), (0.25, "own")]
    assert of(thresholds=own, unlisted="kept") == [(0.75, "kept"), (0.25, "own")]
    assert of(thresholds=own, unlisted="every") == [(0.0, "every"), (0.25, "own")]
    assert of(unlisted="off") == [(1.0, "off")] * 2
    assert effective_thresholds(StreamSettings(version=1), (LATE,), {}) == {LATE: (1.0, "off")}


def test_what_becomes_of_unlisted_labels_is_one_of_three_words() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown use of unlisted labels 'odd'. Known: every, kept, off"
    ):
        StreamSettings(unlisted="odd")  # type: ignore[arg-type]
