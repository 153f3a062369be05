"""What is exported as JSON lines comes back as it was: parts, layout, people, times, attachments, any text."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.domain import (
    MESSAGE_TIMES,
    DatasetId,
    ImportOptions,
    Message,
    MessageFilter,
    MessageId,
    MessagePart,
    NewAttachment,
    NewMessage,
    PartText,
    SourceId,
    UploadId,
    message_batch,
)
from workbench.ingest import look, read
from workbench.reports import export_messages
from workbench.settings import Settings
from workbench.store import PreparedBatch
from workbench.workspace import OpenedWorkspace, open_workspace
from workbench.workspace.importing import _spooled
from workbench.workspace.work.tables import spooled

START = datetime(2026, 3, 4, tzinfo=UTC)
NUMBERS = itertools.count()
LETTERS = st.characters(exclude_characters="\0", exclude_categories=("Cs",))
TEXTS = st.text(LETTERS, max_size=30) | st.sampled_from(
    ["", " ", "a\r\nb", "> old", "<p>x</p>", "\x85\x1b", "漢😀"]
)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
ADDRESSES = st.lists(NAMES | st.sampled_from(["Doe, Jane", "a;b", " a@x "]), max_size=3).map(tuple)
TREES = st.none() | st.sampled_from(['{ "b":[1, 2.50]}', "{}", '"\\u00e9"', "[]", "12345678901234567890123"])
MOMENTS = st.datetimes(
    *(time.replace(tzinfo=None) for time in (MESSAGE_TIMES[0], MESSAGE_TIMES[1] - timedelta(microseconds=1))),
    timezones=st.just(UTC),
)
TIMES = st.none() | MOMENTS
PART_TEXTS = st.builds(
    PartText,
    text=TEXTS,
    translated_from=st.none() | TEXTS,
    text_markup=TREES,
    translated_from_markup=TREES,
)
PLAIN_TEXTS = st.builds(PartText, text=TEXTS)
PARTS = st.builds(
    MessagePart,
    body=PLAIN_TEXTS | PART_TEXTS,
    subject=st.none() | PLAIN_TEXTS | PART_TEXTS,
    signature=st.none() | PLAIN_TEXTS,
    sender=st.none() | NAMES,
    to=ADDRESSES,
    cc=ADDRESSES,
    bcc=ADDRESSES,
    sent_at=TIMES,
    language=st.none() | st.sampled_from(["en", "pt-BR", "xx"]),
)
FILES = st.builds(
    NewAttachment,
    name=NAMES,
    content=st.none() | st.binary(max_size=8),
    content_type=st.sampled_from(["", ".pdf", "text/plain"]),
    inline=st.booleans(),
)
KNOWN = FILES.map(
    lambda one: one if one.content is not None else replace(one, size=7, content_hash="5" * 64)
) | (FILES.map(lambda one: replace(one, size=7 if one.content is None else one.size, content_hash="theirs")))
PROPERTIES = st.dictionaries(
    st.sampled_from(["string:Team", "string:née", "string:_"]), TEXTS, max_size=2
) | st.dictionaries(st.just("number:n"), st.floats(allow_nan=False, allow_infinity=False).map(abs))
MESSAGES = st.builds(
    NewMessage,
    message_id=st.builds(lambda: MessageId(f"m{next(NUMBERS)}")),
    timestamp=TIMES.map(lambda time: time or START),
    parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple),
    thread_id=st.none() | NAMES,
    properties=PROPERTIES,
    attachments=st.lists(KNOWN, max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    chosen = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path_factory.mktemp("full") / "w.duckdb", settings=chosen) as opened:
        opened.operations("tester").create_project("demo")
        yield opened


def place(here: OpenedWorkspace) -> tuple[SourceId, DatasetId]:
    operations, name = here.operations("tester"), f"n{next(NUMBERS)}"
    source = operations.create_source("demo", name)
    return source.source_id, operations.create_dataset("demo", name, (source.source_id,)).dataset_id


def as_read(path: Path, source_id: SourceId) -> list[PreparedBatch]:
    preview = look(path, name=path.name, upload_id=UploadId("u"), max_bytes=1 << 27)
    assert preview.guess is not None
    assert preview.left_out == ()
    batches = read(path, mapping=preview.guess, options=ImportOptions(), batch_rows=2)
    return [_spooled(item) for item in spooled(batches, source_id, path.parent, 2)]


def stored(here: OpenedWorkspace, dataset_id: DatasetId, n: int) -> list[Message]:
    page = here.operations("tester").find_messages(dataset_id, MessageFilter(), limit=max(n, 1))
    assert page.n_total == n
    return sorted(
        (
            replace(
                one,
                uid=one.message_id,
                source_id="",
                created_at=None,
                updated_at=None,
                attachments=tuple(replace(file, stored=False) for file in one.attachments),
            )
            for one in page.messages
        ),
        key=lambda one: one.message_id,
    )  # fmt: skip


@pytest.mark.nightly
@settings(deadline=None, max_examples=20)
@given(st.lists(MESSAGES, min_size=1, max_size=4))
def test_everything_comes_back(here: OpenedWorkspace, messages: list[NewMessage]) -> None:
    operations = here.operations("tester")
    (source_id, dataset_id), (copy_id, copied) = place(here), place(here)
    operations.put_messages(source_id, message_batch(messages), "all", len(messages))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.jsonl"
        export_messages(operations, dataset_id, MessageFilter(), path, kind="jsonl")
        for batch in as_read(path, source_id):
            with here._workspace.store.read() as session:
                counts = session.messages.foresee(batch).counts
            assert (counts.new, counts.updated) == (0, 0)
            assert counts.unchanged == batch.messages.num_rows
        for batch in as_read(path, copy_id):
            with here._workspace.store.write() as session:
                session.messages.put(copy_id, batch, at=START)
    assert stored(here, copied, len(messages)) == stored(here, dataset_id, len(messages))
