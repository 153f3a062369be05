"""The test messages behind a validation, by every way in."""

from __future__ import annotations

import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import OUTCOMES, DatasetId, Operations
from workbench.errors import InputError, NotTrainedError, UnknownNameError


def test_the_messages_behind_each_cell(operations: Operations) -> None:
    did = reviewed_dataset(operations, 120)
    late = next(one for one in operations.labels(did) if one.name == "Delivery > Late")
    with pytest.raises(NotTrainedError, match="no version of this dataset was validated"):
        operations.label_outcomes(did, late.label_id)
    version = train(operations, did)
    report = operations.validation(did)
    assert report is not None
    (of_report,) = (one for one in report.labels if one.label_id == late.label_id)
    balanced = next(one.threshold for one in of_report.choices if one.name == "balanced")
    for threshold in (None, 0.0, 0.7, 1.0):
        found = operations.label_outcomes(did, late.label_id, threshold)
        assert (found.version, found.name) == (version, "Delivery > Late")
        assert found.threshold == pytest.approx(balanced if threshold is None else threshold)
        assert found.counts.n == report.n_test
        assert found.counts.true_positive + found.counts.false_negative == of_report.n_test == found.recall.n
        for outcome, (carries, _) in OUTCOMES.items():
            page = operations.outcome_messages(did, late.label_id, outcome, threshold, limit=256)
            assert page.n_total == getattr(found.counts, outcome) == len(page.messages)
            for one in page.messages:
                assert (late.label_id in one.message.assigned) is carries
                said_yes = one.probability >= found.threshold - 1e-6
                assert said_yes is (outcome in ("true_positive", "false_positive"))
            said = [one.probability for one in page.messages]
            assert said == sorted(said, reverse=outcome != "false_negative")
    everything = operations.outcome_messages(did, late.label_id, "true_negative", 1.0, limit=256)
    second = operations.outcome_messages(did, late.label_id, "true_negative", 1.0, offset=1, limit=2)
    assert second.messages == everything.messages[1:3]
    _groups(operations, did, report.n_test)


def _groups(operations: Operations, did: DatasetId, n_test: int) -> None:
    labels = operations.labels(did)
    for by in ("source", "language", "month", "string:Team", "number:Never"):
        for label_id in (None, labels[0].label_id):
            found = operations.validation_breakdown(did, by, label_id)
            assert sum(one.n_messages for one in found.groups) == found.whole.n_messages == n_test
            assert found.n_groups == len(found.groups) >= 1
            columns = len(labels) if label_id is None else 1
            assert found.whole.counts.n == n_test * columns
            for name in OUTCOMES:
                whole = getattr(found.whole.counts, name)
                assert sum(getattr(one.counts, name) for one in found.groups) == whole
    (only,) = operations.validation_breakdown(did, "source").groups
    assert only.value == "demo/mail"


def test_what_cannot_be_asked(operations: Operations) -> None:
    did = reviewed_dataset(operations, 120)  # some in the test part, whatever the ids
    train(operations, did)
    label_id = operations.labels(did)[0].label_id
    with pytest.raises(InputError, match=r"1\.5 is no threshold.*from 0 to 1"):
        operations.label_outcomes(did, label_id, 1.5)
    with pytest.raises(InputError, match="nan is no threshold"):
        operations.validation_breakdown(did, "source", label_id, float("nan"))
    with pytest.raises(UnknownNameError, match=r"unknown label of this version .0000"):
        operations.label_outcomes(did, "0" * 16)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"unknown outcome .right.|Invalid enum value .right."):
        operations.outcome_messages(did, label_id, "right")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a page of 257 from 0 cannot be had"):
        operations.outcome_messages(did, label_id, "true_positive", limit=257)
    with pytest.raises(UnknownNameError, match=r"unknown breakdown .weather"):
        operations.validation_breakdown(did, "weather")
    with pytest.raises(UnknownNameError, match=r"unknown model version .9"):
        operations.label_outcomes(did, label_id, version=9)
