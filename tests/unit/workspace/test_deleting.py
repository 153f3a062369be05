"""What deletions keep to beside the store: running jobs, derived files, lost replies; and the quotas."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.stores import AT, message
from tests.stores import batch as rows_of
from workbench.domain import (
    Dataset,
    DatasetId,
    DiscoverOptions,
    JobKind,
    JobState,
    Judgement,
    MessageChoice,
    MessageFilter,
    MessageId,
    Operations,
    Source,
    Uid,
)
from workbench.door import Job, Workspace
from workbench.errors import ConflictError, InputError, LimitError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace

FIRST = MessageChoice(message_ids=(MessageId("m0"),))


def opened_with(path: Path, **limits: int) -> OpenedWorkspace:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, **limits)  # type: ignore[arg-type]
    return open_workspace(path, settings=settings)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    with opened_with(tmp_path / "w.duckdb") as made:
        yield made


@pytest.fixture
def operations(opened: OpenedWorkspace) -> Operations:
    return opened.operations("tester")


@pytest.fixture
def source(operations: Operations) -> Source:
    made = operations.create_source("demo", "mail")
    operations.put_messages(made.source_id, batch(4), "a", 4)
    return made


@pytest.fixture
def dataset(operations: Operations, source: Source) -> Dataset:
    return operations.create_dataset("demo", "support", (source.source_id,))


def queue(
    opened: OpenedWorkspace, operations: Operations, kind: JobKind, dataset_id: DatasetId | None, told: str
) -> None:
    state = JobState(
        job_id=f"{kind}-job",  # type: ignore[arg-type]
        kind=kind,
        status="running",
        dataset_id=dataset_id,
        created_at=operations.sources()[0].created_at,
    )
    with opened._workspace.store.write() as session:
        session.jobs.add(state, told)


def test_nothing_goes_while_a_job_works_on_it(
    opened: OpenedWorkspace, operations: Operations, source: Source, dataset: Dataset
) -> None:
    queue(opened, operations, "train", dataset.dataset_id, "{}")
    other = operations.create_source("demo", "other")
    operations.add_sources(dataset.dataset_id, (other.source_id,))
    for delete in (
        lambda: operations.delete_messages(source.source_id, FIRST, "delete"),
        lambda: operations.delete_source(source.source_id, "demo/mail"),
        lambda: operations.delete_dataset(dataset.dataset_id, "demo/support"),
        lambda: operations.delete_project("demo", "demo", force=True),
        lambda: operations.remove_sources(dataset.dataset_id, (source.source_id,)),
    ):
        with pytest.raises(ConflictError, match=r"job train-job \(train\) still works on it"):
            delete()
    assert operations.dataset("demo/support").n_messages == 4


def test_a_source_that_is_loaded_stays(
    opened: OpenedWorkspace, operations: Operations, source: Source
) -> None:
    queue(opened, operations, "import", None, f'{{"source_id":"{source.source_id}"}}')
    other = operations.create_source("demo", "other")
    with pytest.raises(InputError, match=r"job import-job \(import\) still works on it"):
        operations.delete_source(source.source_id, "demo/mail")
    assert operations.delete_source(other.source_id, "demo/other").n_sources == 1


def test_derived_files_go(
    opened: OpenedWorkspace, operations: Operations, source: Source, dataset: Dataset
) -> None:
    folder = opened._workspace.folder
    files = [
        folder / "matrices" / f"{dataset.dataset_id}-hash-test-0.npy",
        folder / "matrices" / f"{dataset.dataset_id}-0.arrow",
        folder / "held_out" / f"{dataset.dataset_id}.npz",
    ]
    other = folder / "matrices" / "other-0.arrow"
    for file in (*files, other):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"")
    operations.delete_messages(source.source_id, FIRST, "delete")
    assert [file.exists() for file in (*files, other)] == [False, False, False, True]


def test_a_deletion_whose_reply_was_lost_happens_once(
    opened: OpenedWorkspace, operations: Operations, source: Source, dataset: Dataset
) -> None:
    label = operations.create_label(dataset.dataset_id, "Praise")
    operations.judge(
        dataset.dataset_id,
        (Judgement(event_id="e", uid=Uid(f"{source.source_id}.m0"), assigned=(label.label_id,)),),
    )
    for number, delete in enumerate(
        (
            lambda o: o.delete_messages(source.source_id, FIRST, "delete"),
            lambda o: o.delete_dataset(dataset.dataset_id, "demo/support"),
            lambda o: o.delete_source(source.source_id, "demo/mail"),
            lambda o: o.delete_project("demo", "demo"),
        )
    ):
        first = delete(opened.operations("tester", call_id=f"call{number}"))
        n_events = operations.audit_table().num_rows
        assert delete(opened.operations("tester", call_id=f"call{number}")) == first
        assert operations.audit_table().num_rows == n_events
    assert operations.projects() == ()


def test_annotations_that_a_dataset_hides_count(
    operations: Operations, source: Source, dataset: Dataset
) -> None:
    label = operations.create_label(dataset.dataset_id, "Praise")
    judgement = Judgement(event_id="e", uid=Uid(f"{source.source_id}.m0"), assigned=(label.label_id,))
    operations.judge(dataset.dataset_id, (judgement,))
    other = operations.create_source("demo", "other")
    operations.add_sources(dataset.dataset_id, (other.source_id,))
    operations.remove_sources(dataset.dataset_id, (source.source_id,))
    preview = operations.preview_deletion(source.source_id, FIRST)
    assert (preview.n_annotated, preview.datasets) == (1, ())
    assert operations.delete_messages(source.source_id, FIRST, "keep").n_kept == 1


def test_quotas_are_settings(tmp_path: Path) -> None:
    limits = {
        "most_projects": 1,
        "most_buckets": 1,
        "most_sources": 2,
        "most_datasets": 1,
        "sources_per_dataset": 1,
    }
    with opened_with(tmp_path / "q.duckdb", datasets_per_source=1, **limits) as opened:
        operations = opened.operations("tester")
        first, second = (operations.create_source("demo", name) for name in ("a", "b"))
        with pytest.raises(LimitError, match="source demo/c would be source number 3; at most 2"):
            operations.create_source("demo", "c")
        with pytest.raises(LimitError, match="project other would be project number 2; at most 1"):
            operations.create_project("other")
        operations.create_bucket("demo", "a")
        with pytest.raises(LimitError, match="bucket demo/b would be bucket number 2; at most 1"):
            operations.create_bucket("demo", "b")
        both = (first.source_id, second.source_id)
        with pytest.raises(LimitError, match="dataset demo/d would have 2 sources; a dataset has at most 1"):
            operations.create_dataset("demo", "d", both)
        operations.create_dataset("demo", "d", both[:1])
        with pytest.raises(LimitError, match="dataset demo/e would be dataset number 2; at most 1"):
            operations.create_dataset("demo", "e", both[1:])


def test_a_dataset_beyond_a_lowered_limit_may_shrink(tmp_path: Path) -> None:
    with opened_with(tmp_path / "q.duckdb") as opened:
        operations = opened.operations("tester")
        ids = tuple(operations.create_source("demo", name).source_id for name in "abcd")
        made = operations.create_dataset("demo", "d", ids)
    with opened_with(tmp_path / "q.duckdb", sources_per_dataset=2) as opened:
        operations = opened.operations("tester")
        assert operations.remove_sources(made.dataset_id, ids[:1]).source_ids == ids[1:]
        with pytest.raises(LimitError, match="would have 4 sources; a dataset has at most 2"):
            operations.add_sources(made.dataset_id, ids[:1])


def test_quotas_of_messages_are_settings(tmp_path: Path) -> None:
    limits = {"most_messages": 5, "most_messages_per_source": 4, "attachment_max_bytes": 8}
    with opened_with(tmp_path / "q.duckdb", **limits) as opened:
        operations = opened.operations("tester")
        first, second = (operations.create_source("demo", name) for name in ("a", "b"))
        with pytest.raises(LimitError, match="source 'demo/a' would hold 5 messages; at most 4"):
            operations.put_messages(first.source_id, batch(5), "five", 5)
        assert operations.usage().units == 0
        operations.put_messages(first.source_id, batch(4), "four", 4)
        with pytest.raises(LimitError, match="the workspace would hold 6 messages; at most 5"):
            operations.put_messages(second.source_id, batch(2), "two", 2)
        assert operations.put_messages(first.source_id, batch(4), "again", 4).unchanged == 4


def test_the_notebook_door_goes_by_names(operations: Operations, dataset: Dataset) -> None:
    ws = Workspace(operations, address="w.duckdb")
    assert ws.amend_project("demo", title="P").title == "P"
    assert ws.amend_source("demo/mail", sensitive_properties=["string:Team"]).sensitive_properties
    assert ws.amend_dataset("demo/support", description="d").description == "d"
    assert ws.copy_dataset("demo/support", "demo/copy", sources=["demo/mail"]).n_messages == 4
    assert ws.create_project("new", title="New", description="d").title == "New"
    with pytest.raises(InputError, match="kind 'fax' is unknown"):
        ws.create_source("demo/fax", kind="fax")  # type: ignore[arg-type]
    german = ws.create_source("demo/post", kind="ticket", language="de", sensitive_properties=["number:n"])
    assert (german.kind, german.language, german.sensitive_properties) == ("ticket", "de", ("number:n",))
    made = ws.create_dataset("demo/german", sources=["demo/post"], has_sentiment=True)
    assert (made.info.language, made.info.has_sentiment) == ("de", True)
    ws.delete_dataset("demo/german", confirm="demo/german")
    ws.delete_source("demo/post", confirm="demo/post")
    ws.create_source("demo/chat")
    assert len(ws.add_sources("demo/support", ["demo/chat"]).source_ids) == 2
    assert len(ws.remove_sources("demo/support", ["demo/mail"]).source_ids) == 1
    with pytest.raises(UnknownNameError, match="did you mean 'demo/mail'"):
        ws.preview_deletion("demo/mial")
    assert ws.preview_deletion("demo/mail").n_messages == 4
    assert ws.delete_messages("demo/mail", message_ids=["m0", "m1"], annotated="keep").n_messages == 2
    assert ws.delete_dataset("demo/copy", confirm="demo/copy").n_datasets == 1
    assert ws.delete_source("demo/mail", confirm="demo/mail").n_messages == 2
    assert ws.delete_project("demo", confirm="demo", force=True).n_sources == 1


def _holding(folder: Path, words: list[str]) -> dict[str, int]:
    """Files with any of the words, and how many of them each has."""
    found = {
        file.relative_to(folder).as_posix(): sum(word.encode() in file.read_bytes() for word in words)
        for file in folder.rglob("*")
        if file.is_file()
    }
    return {name: n for name, n in found.items() if n}


@pytest.mark.parametrize("by", ["ids", pytest.param("time", marks=pytest.mark.nightly)])
def test_no_word_of_a_deleted_message_stays_in_any_file(tmp_path: Path, by: str) -> None:
    gone = [hashlib.sha256(f"gone {n}".encode()).hexdigest()[:20] for n in range(30)]
    kept = [hashlib.sha256(f"kept {n}".encode()).hexdigest()[:20] for n in range(300)]
    later = AT + timedelta(days=1)
    rows = [
        message(
            f"g{n}", subject=f"s{word}", body=f"parcel {word}", timestamp=later, sender=f"{word}@b.example"
        )
        for n, word in enumerate(gone)
    ] + [message(f"k{n}", body=f"parcel {word}") for n, word in enumerate(kept)]
    chosen = (
        MessageChoice(message_ids=tuple(MessageId(f"g{n}") for n in range(len(gone))))
        if by == "ids"
        else MessageChoice(since=later)
    )
    with opened_with(tmp_path / "w.duckdb") as opened:
        operations = opened.operations("tester")
        mail = operations.create_source("demo", "mail")
        operations.put_messages(mail.source_id, rows_of(*rows), "a", len(rows))
        dataset = operations.create_dataset("demo", "support", (mail.source_id,))
        Job(operations, operations.start_embed(dataset.dataset_id)).wait(progress=False)
        Job(operations, operations.start_discover(dataset.dataset_id, DiscoverOptions())).wait(progress=False)
        store = opened._workspace.store
        store.search.catch_up()
        store.checkpoint()
        assert _holding(tmp_path, gone)["w.duckdb"] == len(gone)
        assert operations.delete_messages(mail.source_id, chosen, "delete").n_messages == len(gone)
        assert not any(name.startswith("w.duckdb.workbench/") for name in _holding(tmp_path, gone))
        found = operations.find_messages(dataset.dataset_id, MessageFilter(text=kept[7])).messages
        assert [one.message_id for one in found] == ["k7"]
    assert _holding(tmp_path, gone) == {}
    assert not (tmp_path / "w.duckdb.workbench" / "purge").exists()
    with opened_with(tmp_path / "w.duckdb") as again:
        operations = again.operations("tester")
        assert operations.dataset("demo/support").n_messages == len(kept)
        assert operations.find_messages(dataset.dataset_id, MessageFilter(text=gone[0])).messages == ()
        assert operations.put_messages(mail.source_id, rows_of(message("new")), "b", 1).new == 1


def test_a_file_that_could_not_be_written_anew_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with opened_with(tmp_path / "w.duckdb") as opened:
        operations = opened.operations("tester")
        mail = operations.create_source("demo", "mail")
        operations.put_messages(mail.source_id, batch(3), "a", 3)
        operations.delete_messages(mail.source_id, FIRST, "delete")
        monkeypatch.setattr("workbench.store.purging.rewrite", full)
    mark = tmp_path / "w.duckdb.workbench" / "purge"
    assert mark.exists()
    assert "the next close tries again" in caplog.text
    monkeypatch.undo()
    with opened_with(tmp_path / "w.duckdb") as opened:
        assert opened.operations("tester").sources()[0].n_messages == 2
    assert not mark.exists()
