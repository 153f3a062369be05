"""Deleting messages, sources, datasets and projects: previewed, confirmed, audited, and really gone."""

from __future__ import annotations

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from tests.contract.messages import START, batch
from workbench.domain import (
    ATTACHMENT_TYPE,
    Dataset,
    DiscoverOptions,
    Judgement,
    MessageChoice,
    MessageFilter,
    MessageId,
    Operations,
    Source,
    Uid,
)
from workbench.door import Job
from workbench.errors import ConfirmationError, InputError, LimitError, NotEmptyError, UnknownNameError

ALL = MessageFilter()
TABLES = (
    "message",
    "message_property",
    "attachment",
    "review_state",
    "review_event",
    "assigned_label",
    "dismissed_label",
    "prediction",
    "cluster_member",
    "projection",
)


def with_attachment(n: int, content: bytes) -> pa.Table:
    file = {
        "name": "a.txt",
        "size": len(content),
        "content_type": ".txt",
        "content_hash": None,
        "inline": False,
        "content": content,
    }
    return batch(n).append_column(
        pa.field("attachments", pa.list_(ATTACHMENT_TYPE)), pa.array([[file]] * n, pa.list_(ATTACHMENT_TYPE))
    )


@pytest.fixture
def sources(operations: Operations) -> tuple[Source, Source]:
    mail, chat = (operations.create_source("demo", name) for name in ("mail", "chat"))
    operations.put_messages(mail.source_id, with_attachment(8, b"mail"), "mail", 8)
    operations.put_messages(chat.source_id, batch(4, first=100), "chat", 4)
    return mail, chat


@pytest.fixture
def dataset(operations: Operations, sources: tuple[Source, Source]) -> Dataset:
    return operations.create_dataset("demo", "support", tuple(source.source_id for source in sources))


def annotate(operations: Operations, dataset: Dataset, source: Source, *names: str) -> None:
    label = operations.create_label(dataset.dataset_id, "Praise")
    for name in names:
        judgement = Judgement(
            event_id=f"{dataset.name}{name}",
            uid=Uid(f"{source.source_id}.{name}"),
            assigned=(label.label_id,),
        )
        operations.judge(dataset.dataset_id, (judgement,))


def n_rows(operations: Operations, table: str, condition: str = "TRUE") -> int:
    found = operations.sql(f"SELECT count(*) AS n FROM {table} WHERE {condition}")
    return int(found.column("n")[0].as_py())


def ids(*names: str) -> MessageChoice:
    return MessageChoice(message_ids=tuple(MessageId(name) for name in names))


def hours(first: int, last: int) -> MessageChoice:
    return MessageChoice(since=START + timedelta(hours=first), until=START + timedelta(hours=last))


def last_audit(operations: Operations) -> tuple[str, str, dict[str, object]]:
    row = operations.audit_table().to_pylist()[-1]
    return row["action"], row["object"], json.loads(row["details"])


def test_preview_names_what_goes_and_changes_nothing(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, chat = sources
    other = operations.create_dataset("demo", "other", (mail.source_id,))
    operations.create_dataset("demo", "apart", (chat.source_id,))
    annotate(operations, other, mail, "m2")
    annotate(operations, dataset, mail, "m1", "m2", "m7")
    before = operations.audit_table().num_rows
    preview = operations.preview_deletion(mail.source_id, ids("m1", "m2", "m3", "none"))
    assert (preview.source, preview.n_messages, preview.n_annotated, preview.n_unknown) == (
        "demo/mail",
        3,
        2,
        1,
    )
    assert [(one.full_name, one.n_annotated) for one in preview.datasets] == [
        ("demo/other", 1),
        ("demo/support", 2),
    ]
    whole = operations.preview_deletion(mail.source_id, MessageChoice())
    assert (whole.n_messages, whole.n_annotated, whole.n_unknown) == (8, 3, 0)
    assert operations.sources()[1].n_messages == 8
    assert operations.audit_table().num_rows == before


def test_annotated_messages_stay_or_go_as_the_caller_says(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, _ = sources
    annotate(operations, dataset, mail, "m1")
    units = operations.usage().units
    kept = operations.delete_messages(mail.source_id, ids("m0", "m1", "none"), "keep")
    assert (kept.n_messages, kept.n_annotated, kept.n_kept) == (1, 0, 1)
    assert last_audit(operations)[:2] == ("delete_messages", "demo/mail")
    details = last_audit(operations)[2]
    assert (details["source_id"], details["n_ids"]) == (mail.source_id, 3)
    assert details["report"] == {"n_messages": 1, "n_kept": 1}
    gone = operations.delete_messages(mail.source_id, ids("m0", "m1"), "delete")
    assert (gone.n_messages, gone.n_annotated, gone.n_kept) == (1, 1, 0)
    info = operations.dataset("demo/support")
    assert (info.n_messages, info.n_reviewed) == (10, 0)
    assert operations.usage().units == units
    assert operations.delete_messages(mail.source_id, ids("m0", "m1"), "delete").n_messages == 0


def test_bounds_of_time_are_inclusive(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, _ = sources
    assert operations.preview_deletion(mail.source_id, hours(2, 4)).n_messages == 3
    assert operations.delete_messages(mail.source_id, hours(2, 4), "delete").n_messages == 3
    left = operations.find_messages(dataset.dataset_id, ALL, order="oldest", limit=50).messages
    assert [message.message_id for message in left][:5] == ["m0", "m1", "m5", "m6", "m7"]
    until = MessageChoice(until=START)
    assert operations.delete_messages(mail.source_id, until, "keep").n_messages == 1


def test_a_deleted_message_is_really_gone_and_may_come_again(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, chat = sources
    annotate(operations, dataset, mail, "m0", "m1", "m2")
    annotate(operations, dataset, chat, "m100")
    job_id = operations.start_discover(dataset.dataset_id, DiscoverOptions(min_cluster_size=2))
    Job(operations, job_id).wait(progress=False)
    run = operations.cluster_run(dataset.dataset_id)
    assert run is not None
    n_vectors = n_rows(operations, "embedding")
    assert n_vectors == 12
    report = operations.delete_messages(mail.source_id, hours(0, 7), "delete")
    assert (report.n_messages, report.n_annotated, report.n_vectors, report.n_contents) == (8, 3, 8, 1)
    for table in TABLES:
        assert n_rows(operations, table, f"starts_with(uid, '{mail.source_id}.')") == 0, table
    assert (n_rows(operations, "embedding"), n_rows(operations, "blob")) == (4, 0)
    after = operations.cluster_run(dataset.dataset_id)
    assert after is not None
    for cluster in after.clusters:
        assert all(uid.startswith(chat.source_id) for uid in cluster.shown)
        assert cluster.n_messages > 0
    map_data = operations.map_data(dataset.dataset_id)
    assert map_data is not None
    assert all(uid.startswith(chat.source_id) for uid in map_data.uids)
    assert operations.dataset("demo/support").n_reviewed == 1
    # The ledger remembers what was charged; the same message again is a new one.
    counts = operations.put_messages(mail.source_id, batch(8), "again", 8)
    assert (counts.new, counts.units) == (8, 8)
    (message,) = operations.get_messages(dataset.dataset_id, (Uid(f"{mail.source_id}.m0"),))
    assert (message.revision, message.assigned, message.attachments) == (0, (), ())


def test_the_same_batch_may_bring_deleted_messages_again(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, chat = sources
    operations.put_messages(mail.source_id, batch(8), "one", 8)
    # A batch is known by its source and its name.
    assert operations.put_messages(chat.source_id, batch(8), "one", 8).new == 8
    operations.delete_messages(mail.source_id, ids("m3"), "delete")
    counts = operations.put_messages(mail.source_id, batch(8), "one", 8)
    assert (counts.new, counts.unchanged) == (1, 7)
    assert operations.put_messages(mail.source_id, batch(8), "one", 8) == counts
    assert operations.dataset("demo/support").n_messages == 20


def test_contents_and_vectors_that_others_use_stay(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, chat = sources
    operations.put_messages(chat.source_id, with_attachment(1, b"mail"), "same text and file", 1)
    Job(operations, operations.start_embed(dataset.dataset_id)).wait(progress=False)
    report = operations.delete_messages(mail.source_id, ids("m0", "m1"), "delete")
    assert (report.n_vectors, report.n_contents) == (1, 0)
    assert operations.attachment_content(dataset.dataset_id, Uid(f"{chat.source_id}.m0"), 0) == b"mail"


def test_choices_that_cannot_be(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, _ = sources
    with pytest.raises(InputError, match="no messages were chosen"):
        operations.delete_messages(mail.source_id, MessageChoice(), "delete")
    with pytest.raises(InputError, match="both by id and by time"):
        MessageChoice(message_ids=(), since=START)
    with pytest.raises(InputError, match="has no time zone"):
        MessageChoice(until=START.replace(tzinfo=None))
    with pytest.raises(InputError, match=r"begins at .* but ends at"):
        hours(2, 1)
    with pytest.raises(UnknownNameError, match="unknown source"):
        operations.preview_deletion("0" * 16, ids("m0"))  # type: ignore[arg-type]
    with pytest.raises(LimitError, match="would lose 100,001 messages named by id"):
        operations.delete_messages(mail.source_id, ids(*map(str, range(100_001))), "delete")
    assert operations.delete_messages(mail.source_id, ids(), "delete").n_messages == 0
    assert operations.dataset("demo/support").n_messages == 12


def test_delete_a_source(operations: Operations, dataset: Dataset, sources: tuple[Source, Source]) -> None:
    mail, chat = sources
    annotate(operations, dataset, mail, "m0")
    alone = operations.create_dataset("demo", "alone", (mail.source_id,))
    with pytest.raises(ConfirmationError, match="source 'demo/mail' was to be deleted, but 'mail' was given"):
        operations.delete_source(mail.source_id, "mail")
    with pytest.raises(NotEmptyError, match="is the only source of dataset 'demo/alone'"):
        operations.delete_source(mail.source_id, "demo/mail")
    operations.delete_dataset(alone.dataset_id, "demo/alone")
    report = operations.delete_source(mail.source_id, "demo/mail")
    assert (report.n_messages, report.n_annotated, report.n_sources, report.n_contents) == (8, 1, 1, 1)
    assert [source.full_name for source in operations.sources()] == ["demo/chat"]
    info = operations.dataset("demo/support")
    assert (info.source_ids, info.n_messages, info.n_reviewed) == ((chat.source_id,), 4, 0)
    assert last_audit(operations)[:2] == ("delete_source", "demo/mail")
    with pytest.raises(UnknownNameError):
        operations.delete_source(mail.source_id, "demo/mail")
    assert operations.create_source("demo", "mail").n_messages == 0


def test_delete_a_dataset(operations: Operations, dataset: Dataset, sources: tuple[Source, Source]) -> None:
    annotate(operations, dataset, sources[0], "m0", "m1")
    Job(operations, operations.start_discover(dataset.dataset_id, DiscoverOptions(min_cluster_size=2))).wait(
        progress=False
    )
    with pytest.raises(ConfirmationError, match=r"pass confirm='demo/support'"):
        operations.delete_dataset(dataset.dataset_id, "demo/suport")
    report = operations.delete_dataset(dataset.dataset_id, "demo/support")
    assert (report.n_datasets, report.n_messages) == (1, 0)
    assert last_audit(operations)[:2] == ("delete_dataset", "demo/support")
    assert operations.datasets() == ()
    for table in ("label", "dataset_source", *TABLES[3:]):
        assert n_rows(operations, table) == 0, table
    assert n_rows(operations, "cluster_run") == n_rows(operations, "cluster") == 0
    assert sum(source.n_messages for source in operations.sources()) == 12
    assert operations.create_dataset("demo", "support", dataset.source_ids).n_reviewed == 0


def test_delete_a_project(operations: Operations, dataset: Dataset, sources: tuple[Source, Source]) -> None:
    operations.create_project("empty")
    with pytest.raises(ConfirmationError, match="project 'empty'"):
        operations.delete_project("empty", "emtpy")
    assert operations.delete_project("empty", "empty").n_messages == 0
    with pytest.raises(NotEmptyError, match="project 'demo' still holds 2 sources and 1 dataset") as caught:
        operations.delete_project("demo", "demo")
    assert caught.value.details == {"sources": 2, "datasets": 1}
    outside = operations.create_dataset("elsewhere", "d", (sources[1].source_id,))
    with pytest.raises(NotEmptyError, match="'demo/chat' is the only source of dataset 'elsewhere/d'"):
        operations.delete_project("demo", "demo", force=True)
    assert len(operations.sources()) == 2
    operations.delete_dataset(outside.dataset_id, "elsewhere/d")
    report = operations.delete_project("demo", "demo", force=True)
    assert (report.n_messages, report.n_sources, report.n_datasets) == (12, 2, 1)
    assert [project.name for project in operations.projects()] == ["elsewhere"]
    assert n_rows(operations, "message") == n_rows(operations, "blob") == 0
    with pytest.raises(UnknownNameError):
        operations.delete_project("demo", "demo")
