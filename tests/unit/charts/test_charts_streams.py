"""Figures of streams: their rows, and the calls that make them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from workbench import charts
from workbench.domain import (
    DatasetId,
    Estimate,
    ExceptionTotal,
    ExpectedErrors,
    LabelDifference,
    LabelId,
    MessageFilter,
    StreamBatch,
    StreamComparison,
    StreamStatus,
)

DID = DatasetId("d" * 16)
AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOSTILE = "it's <b>\u202e\""
STATUS = StreamStatus(
    name="robot",
    version=3,
    n_waiting=4,
    oldest_waiting=AT,
    n_delivered=9,
    rates=((AT, 2), (AT, 3)),
    n_exceptions=1,
    last_fetched=None,
)
ERRORS = ExpectedErrors(
    dataset_id=DID,
    version=3,
    label_id=LabelId("a" * 16),
    threshold=0.5,
    n_weeks=8,
    n_messages=70.0,
    predicted=Estimate(value=20.0, low=15.0, high=25.0),
    wrong=Estimate(value=2.0, low=1.0, high=4.0),
    missed=Estimate(value=3.0, low=2.0, high=5.0),
    n_held_out=60,
    n_right=18,
    n_wrong=2,
    n_missed=3,
    seed=7,
)


def test_what_waits_is_told_by_stream_and_in_all() -> None:
    found = [STATUS, replace(STATUS, name="b", n_waiting=0, oldest_waiting=None, version=None)]
    one = charts.streams_standing(found, dataset_id=DID)
    assert one.frame()["n"].to_list() == [4, 0] and one.frame()["delivered_24_hours"].to_list() == [5, 5]
    assert one.query().count("stream_status(") == 2 and "4 in 2 streams" in one.caption
    (row,) = charts.streams_total(found, dataset_id=DID).frame().to_dicts()
    assert row == {"streams": 2, "exceptions": 2, "n": 4}
    assert charts.streams_total([], dataset_id=DID).frame().to_dicts() == [
        {"streams": 0, "exceptions": 0, "n": 0}
    ]


def test_errors_to_expect_name_the_filter_they_are_counted_over() -> None:
    where = MessageFilter(text='"it\'s" refund', since=AT)
    made = charts.stream_errors_expected(
        [(HOSTILE, 0.5, ERRORS), ("Few", 0.4, None)], dataset_id=DID, version=3, where=where
    )
    known, few = made.frame().to_dicts()
    assert (known["wrong"], known["wrong_low"], known["missed_high"], known["n"]) == (2.0, 1.0, 5.0, 60)
    assert (few["wrong"], few["n_weeks"], few["n"]) == (None, None, 0)
    assert made.query().count("expected_errors(") == 1 and "('Few', 0.4, None)" in made.query()
    scope = {"charts": charts}
    (said, *_), _, given = made.query().rpartition("where=")
    assert said == "c" and eval(given[:-1], scope) == where
    everything = charts.stream_passing(7, dataset_id=DID, where=MessageFilter())
    assert everything.frame()["n"].to_list() == [7] and "MessageFilter()" in everything.query()


def test_what_another_version_changes_is_told_by_label_and_in_all() -> None:
    labels = (
        LabelDifference(label_id=LabelId("a" * 16), name=HOSTILE, n_now=5, n_then=7, gained=3, lost=1),
        LabelDifference(
            label_id=LabelId("b" * 16), name="Gone", n_now=2, n_then=0, gained=0, lost=2, known=False
        ),
    )
    found = StreamComparison(stream="robot", version=3, other=4, n=40, n_changed=6, labels=labels)
    rows = charts.stream_changes(found, dataset_id=DID).frame().to_dicts()
    assert [(row["gained"], row["lost"], row["known"], row["n"]) for row in rows] == [
        (3, 1, True, 40),
        (0, 2, False, 40),
    ]
    (row,) = charts.stream_change(found, dataset_id=DID).frame().to_dicts()
    assert (row["changed"], row["n"]) == (6, 40)
    nothing = charts.stream_change(replace(found, n=0, n_changed=0, labels=()), dataset_id=DID)
    assert "none would come otherwise" in nothing.caption


def test_the_queue_and_its_exceptions_are_counted_of_one_stream() -> None:
    batch = StreamBatch(items=(), n_filtered=12, sequence_id="x", is_end=True)
    made = charts.stream_ahead(batch, stream="robot", dataset_id=DID, size=20)
    assert (
        made.frame().to_dicts() == [{"passed_over": 12, "is_end": True, "n": 0}]
        and "'robot', 20)" in made.query()
    )
    totals = [
        ExceptionTotal(stream="robot", type=HOSTILE, n=3, newest_at=AT),
        ExceptionTotal(stream="other", type="x", n=9, newest_at=AT),
    ]
    mine = charts.stream_exceptions(totals, stream="robot", dataset_id=DID)
    assert mine.frame()["n"].to_list() == [3] and mine.caption == "n = 3 exceptions."
