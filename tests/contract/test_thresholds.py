"""Thresholds by cost and by promise, what a week brings, what is kept, and suspect labels, by every way in."""

from __future__ import annotations

import secrets

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from workbench.domain import (
    ActionCosts,
    DatasetId,
    Judgement,
    LabelFilter,
    LabelId,
    MessageFilter,
    Operations,
    Verdict,
)
from workbench.door import Job
from workbench.errors import (
    InputError,
    ModelError,
    NotTrainedError,
    TooFewAnnotationsError,
    UnknownNameError,
)

N = 400
COSTS = ActionCosts(wrong_action=20, missed=10, manual_check=2, checks_per_day=1)


def test_thresholds_and_suspects(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(N), "first", N)
    did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    check_nothing_yet(operations, did)
    say(operations, did, N - 40)
    spoiled = spoil(operations, did)
    train(operations, did)
    labels = {one.name: one.label_id for one in operations.labels(did)}
    check_week(operations, did, labels["Refund"])
    check_cost(operations, did, labels["Refund"])
    check_promise(operations, did, labels["Refund"])
    check_refusals(operations, did, labels["Refund"])
    check_suspects(operations, did, labels, spoiled)
    check_kept(operations, did, labels)


def check_nothing_yet(operations: Operations, did: DatasetId) -> None:
    label = operations.create_label(did, "Refund").label_id
    with pytest.raises(NotTrainedError, match=r"no validated model version. Review messages and train"):
        operations.expected_errors(did, label, 0.5)
    with pytest.raises(UnknownNameError, match="unknown model version 'newest'"):
        operations.kept_thresholds(did)
    report = operations.label_suspects(did)
    assert (report.version, report.n_judged, report.suspects, report.found.value) == (None, 0, (), None)


def spoil(operations: Operations, did: DatasetId) -> list[str]:
    """Give a few messages on refunds to the other label; returns their uids."""
    labels = {one.name: one.label_id for one in operations.labels(did)}
    refund = LabelFilter(label_id=labels["Refund"], status="assigned")
    found = operations.find_messages(did, MessageFilter(labels=(refund,)), limit=6).messages
    operations.judge(
        did,
        tuple(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=one.uid,
                assigned=(labels["Delivery > Late"],),
                mode="shuffle",
                revision=one.revision,
            )
            for one in found
        ),
    )
    return [one.uid for one in found]


def check_week(operations: Operations, did: DatasetId, label: LabelId) -> None:
    found = operations.expected_errors(did, label, 0.5)
    # An hour between messages: 168 a week, and two whole weeks of 400 hours.
    assert (found.version, found.n_weeks, found.n_messages) == (1, 2, 168)
    column = operations.predictions_table(did, MessageFilter())
    n_all = sum(
        name == "Refund" and p >= 0.5
        for name, p in zip(column["label"].to_pylist(), column["probability"].to_pylist(), strict=True)
    )
    assert found.predicted.value == pytest.approx(n_all * 168 / N, abs=2)
    assert found.predicted.low < found.predicted.value < found.predicted.high
    above = found.n_right + found.n_wrong
    assert found.wrong.value == pytest.approx(found.predicted.value * found.n_wrong / above)
    assert found.missed.value == pytest.approx(found.predicted.value * found.n_missed / above)
    assert 10 <= above + found.n_missed <= found.n_held_out < N / 3
    fifth = operations.expected_errors(did, label, 0.5, where=MessageFilter(text="driver"))
    assert 30 < fifth.n_messages < 37 and fifth.n_held_out == found.n_held_out
    assert operations.expected_errors(did, label, 0.5) == found, "the same seed gives the same answer"


def check_cost(operations: Operations, did: DatasetId, label: LabelId) -> None:
    free = operations.threshold_for_cost(did, label, ActionCosts(wrong_action=20, missed=10, manual_check=2))
    assert (free.act_from, free.check_from, free.price_of_check) == (0.9, 0.2, 2)
    few = operations.threshold_for_cost(did, label, COSTS)
    assert few.checks.value is not None and few.checks.value <= 7
    assert few.price_of_check >= 2 and few.check_from >= 0.2
    assert few.cost.value == pytest.approx(
        20 * few.wrong.value + 10 * few.missed.value + 2 * few.checks.value
    )
    assert few.cost.low <= few.cost.value < few.cost_of_nothing.value
    blunt = operations.threshold_for_cost(did, label, ActionCosts(wrong_action=1, missed=3))
    assert blunt.act_from == blunt.check_from == 0.25 and blunt.price_of_check is None
    assert blunt.checks.value == 0


def check_promise(operations: Operations, did: DatasetId, label: LabelId) -> None:
    none = operations.threshold_with_promise(did, label, at_most=0.01)
    assert none.threshold is None and none.n_needed == 299
    assert none.reason.startswith(
        "Too few held-out messages reach a threshold: without one mistake at least 299"
    )
    few = operations.threshold_with_promise(did, label, "missed", 0.3, 0.6)
    every = operations.threshold_with_promise(did, label, "missed", 0.3, 0.6, held_out="cross_validated")
    assert few.n_held_out < every.n_held_out / 3 and every.n_random == every.n_held_out
    # Two messages make a thread, and each thread speaks once.
    assert every.n_held_out <= N / 2
    assert every.threshold is not None and every.n_bad <= 0.3 * every.n and every.upper <= 0.3
    assert every.recall == pytest.approx(1 - every.n_bad / every.n)
    bad = operations.threshold_with_promise(did, label, "missed", 1e-9, 1e-9)
    assert bad.threshold is None or bad.n_bad == 0
    ahead = operations.threshold_with_promise(did, label, "missed", 0.3, 0.6, over_next=50)
    assert ahead.over_next == 50


def check_refusals(operations: Operations, did: DatasetId, label: LabelId) -> None:
    with pytest.raises(
        InputError, match=r"threshold is 1.5, which is no probability. Give a number from 0 to 1"
    ):
        operations.expected_errors(did, label, 1.5)
    with pytest.raises(UnknownNameError, match="unknown label"):
        operations.threshold_for_cost(did, LabelId("0" * 16), COSTS)
    with pytest.raises(UnknownNameError, match="unknown model version '7'"):
        operations.threshold_with_promise(did, label, version=7)
    with pytest.raises(InputError):
        operations.threshold_with_promise(did, label, "odd")  # type: ignore[arg-type]
    with pytest.raises(
        InputError, match=r"checks would begin at 0.8, above the threshold of 0.5. Give check_from"
    ):
        operations.keep_threshold(did, label, 0.5, check_from=0.8)
    with pytest.raises(InputError, match="check_from is -1"):
        operations.keep_threshold(did, label, 0.5, check_from=-1)
    with pytest.raises(InputError):
        operations.keep_threshold(did, label, 0.5, basis="odd")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"257 suspects cannot be had. Ask for 1 to 256"):
        operations.label_suspects(did, 257)
    with pytest.raises(UnknownNameError, match="unknown label"):
        operations.label_suspects(did, 5, LabelId("0" * 16))


def check_suspects(
    operations: Operations, did: DatasetId, labels: dict[str, LabelId], spoiled: list[str]
) -> None:
    report = operations.label_suspects(did, 6)
    assert report.version == 1 and report.n_judged == N - 40
    assert {one.uid for one in report.suspects} == set(spoiled)
    first = report.suspects[0]
    assert (first.kind, first.said, first.expected) == (
        "instead",
        labels["Delivery > Late"],
        labels["Refund"],
    )
    assert first.said_probability < 0.5 < first.expected_probability
    scores = [one.score for one in report.suspects]
    assert scores == sorted(scores, reverse=True)
    about = operations.label_suspects(did, 6, labels["Refund"])
    assert {one.expected for one in about.suspects} <= {labels["Refund"], None}
    # One is corrected, one is kept: both leave the list, and the yield is one of two.
    right, kept = (one.uid for one in report.suspects[:2])
    messages = {one.uid: one for one in operations.get_messages(did, (right, kept))}
    operations.judge(
        did,
        (
            Judgement(
                event_id=secrets.token_hex(8),
                uid=right,
                assigned=(labels["Refund"],),
                mode="check",
                revision=messages[right].revision,
            ),
        ),
    )
    for label_id in (report.suspects[1].said, report.suspects[1].expected):
        assert label_id is not None
        verdict = Verdict(
            event_id=secrets.token_hex(8), uid=kept, label_id=label_id, revision=messages[kept].revision
        )
        operations.keep_as_is(did, verdict)
    after = operations.label_suspects(did, 6)
    assert {one.uid for one in after.suspects} & {right, kept} == set()
    assert after.n_suspects == report.n_suspects - 2
    assert (after.n_looked_at, after.n_changed, after.found.value) == (2, 1, 0.5)


def check_kept(operations: Operations, did: DatasetId, labels: dict[str, LabelId]) -> None:
    operations.keep_threshold(did, labels["Refund"], 0.4)
    kept = operations.keep_threshold(
        did, labels["Refund"], 0.9, check_from=0.2, basis="cost", reason="20 : 10 : 2"
    )
    assert [(one.name, one.threshold, one.check_from, one.basis, one.version) for one in kept] == [
        ("Refund", 0.9, 0.2, "cost", 1)
    ]
    operations.keep_threshold(did, labels["Delivery > Late"], 0.7, 1)
    assert [one.name for one in operations.kept_thresholds(did, 1)] == ["Delivery > Late", "Refund"]
    operations.keep_threshold(did, labels["Delivery > Late"], None, 1)
    # Another version has none of them; going back takes them along; deleting leaves none.
    train(operations, did)
    assert operations.kept_thresholds(did) == ()
    with pytest.raises(
        ModelError, match=r"version 1 was kept without its predictions. Predict with it again"
    ):
        operations.expected_errors(did, labels["Refund"], 0.5, 1)
    with pytest.raises(ModelError, match="version 1 has no cross-validated probabilities"):
        operations.threshold_with_promise(did, labels["Refund"], version=1, held_out="cross_validated")
    Job(operations, operations.start_rollback(did, 1)).wait(progress=False)
    assert [(one.version, one.threshold, one.reason) for one in operations.kept_thresholds(did)] == [
        (3, 0.9, "20 : 10 : 2")
    ]
    with pytest.raises(ModelError, match="version 3 has no cross-validated probabilities"):
        operations.threshold_with_promise(did, labels["Refund"], held_out="cross_validated")
    operations.delete_version(did, 1)
    versions = operations.sql("SELECT version FROM model_threshold")["version"].to_pylist()
    assert versions == [3]
    operations.delete_label(did, labels["Refund"], "reviewed")
    assert [one.name for one in operations.kept_thresholds(did, 3)] == [""]
    operations.delete_dataset(did, "demo/support")
    assert operations.sql("SELECT count(*) AS n FROM model_threshold")["n"].to_pylist() == [0]


def test_few_test_messages_count_for_no_week(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(60), "first", 60)
    did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    say(operations, did, 50)
    train(operations, did)
    label = next(one.label_id for one in operations.labels(did) if one.name == "Refund")
    said = (
        r"label 'Refund' has \d test messages under version 1; at least 10 are needed .* Review more messages"
    )
    with pytest.raises(TooFewAnnotationsError, match=said):
        operations.expected_errors(did, label, 0.5)
