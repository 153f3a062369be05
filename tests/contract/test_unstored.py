"""Predictions of messages that are handed in: answered, charged once, stored nowhere."""

from __future__ import annotations

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import reviewed_dataset, train
from tests.mails import raw_mail
from workbench.domain import MessageFilter, Operations
from workbench.errors import InputError, LimitError, NotTrainedError


@pytest.mark.nightly
def test_predictions_of_what_is_not_stored(operations: Operations) -> None:
    did = reviewed_dataset(operations)
    with pytest.raises(NotTrainedError, match="has no model version yet"):
        operations.predict_messages(did, batch(1))
    version = train(operations, did)
    n_stored, charged = operations.dataset(did).n_messages, operations.usage().units
    stored = operations.predictions_table(did, MessageFilter(), version).to_pylist()
    known = {(row["uid"].partition(".")[2], row["label"]): row["probability"] for row in stored}

    found = operations.predict_messages(did, batch(60))
    assert (found.version, found.units, len(found.predictions)) == (version, 60, 60)
    assert [one.message_id for one in found.predictions] == [f"m{n}" for n in range(60)]
    said = {
        (one.message_id, label.name): label.probability for one in found.predictions for label in one.labels
    }
    assert said and all(label >= 0.05 for label in said.values())
    same = said.keys() & known.keys()
    assert len(same) > 30
    assert all(abs(said[key] - known[key]) < 1e-5 for key in same)
    for one in found.predictions:
        assert list(one.labels) == sorted(one.labels, key=lambda label: (-label.probability, label.name))
    assert operations.predict_messages(did, batch(1), version, 1.0, True).units == 0
    assert operations.dataset(did).n_messages == n_stored
    assert operations.usage().units == charged + 60
    last = operations.ledger_table().slice(operations.ledger_table().num_rows - 61)
    assert set(last["operation"].to_pylist()) == {"predict"}
    assert set(last["source"].to_pylist()) == {did}
    assert last["charged"].to_pylist() == [True] * 60 + [False]

    mails = (raw_mail("From: kim@shop.example\nSubject: vase\n\nI want a refund\n"), raw_mail(""))
    answers = operations.predict_raw_mails(did, mails)
    assert answers.units == 1
    assert [bool(one.problem) for one in answers.predictions] == [False, True]
    assert operations.ledger_table()["operation"].to_pylist()[-1] == "predict_raw_mails"

    operations.set_budget("demo", "year", hard=operations.usage().units + 1)
    with pytest.raises(LimitError, match=r"2 units are needed; the budget of project 'demo' .* has 1 left"):
        operations.predict_messages(did, batch(2))
    assert operations.usage().units == charged + 61
    with pytest.raises(
        LimitError, match="was handed 4,097 messages to predict; 1 to 4,096 are taken at once"
    ):
        operations.predict_messages(did, batch(4_097))
    with pytest.raises(LimitError, match="was handed 0 messages"):
        operations.predict_raw_mails(did, ())
    with pytest.raises(InputError, match=r"labels cannot come from the probability 1\.5 on"):
        operations.predict_messages(did, batch(1), None, 1.5)
