"""The guide and its batches by every way in."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest

from tests.contract.test_versions import reviewed_dataset, say
from workbench.domain import DatasetId, GuidedBatch, Judgement, MessageChoice, Operations
from workbench.errors import InputError, UnknownNameError


def review(operations: Operations, done: GuidedBatch, n: int) -> None:
    """Judge the first ``n`` messages of a batch, each as it comes."""
    seen = {one.uid: one for one in operations.get_messages(done.dataset_id, done.uids[:n])}
    for uid, chance in list(zip(done.uids, done.probabilities, strict=True))[:n]:
        judgement = Judgement(
            event_id=secrets.token_hex(8),
            uid=uid,
            assigned=seen[uid].assigned,
            mode=done.mode,
            revision=seen[uid].revision,
            probability=chance,
        )
        operations.judge(done.dataset_id, (judgement,))


def rows(operations: Operations, dataset_id: DatasetId) -> list[int]:
    """Batches, and their messages."""
    return [
        operations.sql(f"SELECT count(*) AS n FROM {table} WHERE dataset_id = '{dataset_id}'")["n"][0].as_py()
        for table in ("review_batch", "review_batch_message")
    ]


def test_a_batch_from_the_first_step_to_its_end(operations: Operations) -> None:
    source = operations.create_source("demo", "other")
    empty = operations.create_dataset("demo", "empty", (source.source_id,)).dataset_id
    told = operations.guide(empty)
    assert (told.recommended.kind, told.n_messages, told.rating.band) == ("import", 0, "none")
    assert told.advice.readiness == "go_on"

    did = reviewed_dataset(operations, 40)  # ten of them are not reviewed yet
    told = operations.guide(did)
    kinds = [one.kind for one in (told.recommended, *told.alternatives)]
    assert kinds[0] == "train"
    assert {"batch", "discover"} <= set(kinds)
    assert (told.n_messages, told.n_reviewed, told.version, told.last_batch) == (40, 30, 0, None)

    first = operations.begin_batch(did, "shuffle", 4)
    assert (first.actor, len(first.uids), first.n_population) == (operations.whoami(), 4, 10)
    assert first.probabilities == pytest.approx((0.4,) * 4)
    review(operations, first, 1)
    found = operations.guide(did).open_batch
    assert found is not None
    assert (found.batch_id, found.done) == (first.batch_id, first.uids[:1])
    review(operations, first, 3)
    second = operations.begin_batch(did, "shuffle", 3)
    assert operations.guide(did).open_batch == second  # a person has one
    assert operations.finish_batch(did, second.batch_id).finished_at is not None
    assert rows(operations, did) == [1, 4]  # nothing was reviewed in it: it is forgotten
    ended = operations.finish_batch(did, first.batch_id)
    assert (ended.done, ended.after) == (first.uids[:3], None)
    refuses(operations, did, empty, first)

    mail = next(one for one in operations.sources() if one.name == "mail")
    gone = MessageChoice(since=datetime(2026, 1, 1, tzinfo=UTC))
    operations.delete_messages(mail.source_id, gone, "delete")
    assert rows(operations, did) == [1, 0]
    operations.delete_dataset(did, "demo/support")
    assert rows(operations, did) == [0, 0]


def refuses(operations: Operations, did: DatasetId, empty: DatasetId, first: GuidedBatch) -> None:
    for call in (
        lambda: operations.finish_batch(did, "x" * 300),
        lambda: operations.finish_batch(empty, first.batch_id),
    ):
        with pytest.raises(UnknownNameError, match="unknown batch of reviews"):
            call()
    say(operations, did, 40)
    with pytest.raises(InputError, match=r"mode 'shuffle' has no message to review. Choose another mode"):
        operations.begin_batch(did, "shuffle")
    with pytest.raises(InputError, match="mode 'teach' needs a label"):
        operations.begin_batch(did, "teach")
