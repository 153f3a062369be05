"""What a masked source hides is in nothing that is shown, whoever asks; with the right it comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from tests.stores import AT, batch, message
from workbench.domain import (
    ALL_PERMISSIONS,
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    Dataset,
    Grants,
    MessageChoice,
    MessageFilter,
    MessageId,
    MessagePart,
    Operations,
    PartText,
    Source,
    Uid,
    UploadId,
    write_parts,
)
from workbench.door import Dataset as DatasetDoor
from workbench.door import Job
from workbench.errors import AccessError, InputError, StoreError
from workbench.language.personal import PersonalSpan, find_personal
from workbench.settings import Settings
from workbench.store import prepare
from workbench.workspace import open_workspace
from workbench.workspace.opening import OpenedWorkspace

ADDRESS, PHONE, IBAN, PERSON = (
    "Zoë.Quist@mail.example",
    "+49 30 901820",
    "DE89 3704 0044 0532 0130 00",
    "Quist",
)
PLANTED = (
    ADDRESS,
    ADDRESS.casefold(),
    "quist",
    PHONE,
    "4930901820",
    IBAN,
    "DE89370400440532013000",
    PERSON,
    "Zoë",
)
SAID = f"Ms Quist ({ADDRESS}, {PHONE}) waits for the money on {IBAN}."
WITHOUT = Grants(everywhere=ALL_PERMISSIONS - {"source.unmask"})
ALL = MessageFilter()


def rows(n: int = 3) -> pa.Table:
    """Messages with something personal in every field; the last one has none."""
    part = MessagePart(
        body=PartText(text=SAID, translated_from=SAID, text_markup=msgspec.json.encode({"b": SAID}).decode()),
        subject=PartText(text=f"From {ADDRESS}"),
        signature=PartText(text="Zoë Quist"),
        sender=f"Zoë Quist <{ADDRESS}>",
        to=(f"Zoë Quist <{ADDRESS}>",),
    )
    file = {
        "name": f"{PERSON}.txt",
        "size": 5,
        "content_type": "text/plain",
        "content_hash": None,
        "inline": False,
    }
    listed = [
        message(
            f"m{number}",
            thread_id="t",
            timestamp=AT + timedelta(minutes=number),
            subject=f"From {ADDRESS}",
            body=SAID,
            signature="Kind regards,\nZoë Quist",
            full_text=f"{SAID}\nKind regards,\nZoë Quist",
            sender=f"Zoë Quist <{ADDRESS}>",
            recipients=[ADDRESS],
            properties=msgspec.json.encode({"string:Contact": PHONE, "number:NPS": 3.0}).decode(),
        )
        | {
            "parts": write_parts([part]) if number == 0 else None,
            "cc": [ADDRESS],
            "bcc": [ADDRESS],
            "sent_at": None,
            "attachments": [file | {"content": SAID.encode()[:5]}] if number == 0 else None,
        }
        for number in range(n)
    ]
    listed.append(
        message("plain", thread_id="u", body="where is my parcel") | dict.fromkeys(MESSAGE_EXTRAS.names)
    )
    return pa.Table.from_pylist(listed, schema=pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS]))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as made:
        yield made


@pytest.fixture
def trusted(opened: OpenedWorkspace) -> Operations:
    return opened.operations("ann")


@pytest.fixture
def other(opened: OpenedWorkspace) -> Operations:
    return opened.operations("bob", grants=WITHOUT)


def made(there: Operations, *, masked: bool) -> tuple[Source, Dataset]:
    source = there.create_source("demo", "mail", mask_personal=masked)
    there.put_messages(source.source_id, rows(), "a", 4)
    return source, there.create_dataset("demo", "all", (source.source_id,))


def ways_out(there: Operations, source: Source, dataset: Dataset) -> dict[str, Any]:
    """Every way by which texts leave the store."""
    id_ = dataset.dataset_id
    uids = tuple(Uid(f"{source.source_id}.m{number}") for number in range(3))
    door = DatasetDoor(there, id_)
    return {
        "find": there.find_messages(id_, ALL).messages,
        "get": there.get_messages(id_, uids),
        "thread": there.thread(id_, "t"),
        "letters": there.thread_letters(id_, uids),
        "table": there.messages_table(id_, ALL).to_pylist(),
        "export": there.export_piece(id_, ALL).to_pylist(),
        "frame": door.messages(ALL).to_dicts(),
        "sender": there.filter_values(id_, "sender"),
        "recipient": there.filter_values(id_, "recipient"),
        "cc": there.filter_values(id_, "cc"),
        "values": there.filter_values(id_, "string:Contact"),
        "sources": there.sources(),
        **{
            table: there.sql(f"SELECT * FROM {table}").to_pylist()
            for table in (
                "message",
                "message_property",
                "thread",
                "attachment",
                "translation",
                "cluster",
                "cluster_run",
            )
        },
    }


def shows(found: object) -> list[str]:
    return [planted for planted in PLANTED if planted in repr(found) or planted in str(found)]


def test_every_way_out_shows_masks_to_everybody(trusted: Operations, other: Operations) -> None:
    source, dataset = made(trusted, masked=True)
    for there in (trusted, other):
        for way, found in ways_out(there, source, dataset).items():
            assert not shows(found), way
    one = trusted.get_messages(dataset.dataset_id, (Uid(f"{source.source_id}.m1"),))[0]
    assert one.body == "Ms [name 1] ([email 1], [phone 1]) waits for the money on [iban 1]."
    assert (one.sender, one.recipients, one.cc) == ("[email 1]", ("[email 1]",), ("[email 1]",))
    assert one.properties == {"string:Contact": "[phone 1]", "number:NPS": 3.0}
    first = trusted.get_messages(dataset.dataset_id, (Uid(f"{source.source_id}.m0"),))[0]
    assert first.body == one.body
    assert [file.name for file in first.attachments] == ["[attachment 1]"]


def test_an_unmasked_source_shows_all_of_it_so_that_this_test_can_fail(trusted: Operations) -> None:
    source, dataset = made(trusted, masked=False)
    found = ways_out(trusted, source, dataset)
    assert [way for way in found if not shows(found[way])] == [
        "sources",
        "translation",
        "cluster",
        "cluster_run",
    ]


def test_searching_for_what_is_masked_tells_nothing(trusted: Operations) -> None:
    _, dataset = made(trusted, masked=True)
    for words in ("quist", "901820", '"Zoë Quist"', "mail.example"):
        assert trusted.count_messages(dataset.dataset_id, MessageFilter(text=words)) == 0
    assert trusted.count_messages(dataset.dataset_id, MessageFilter(text="money")) == 3


def test_only_the_right_gives_the_originals_back_and_the_audit_log_says_so(
    trusted: Operations, other: Operations
) -> None:
    source, dataset = made(trusted, masked=True)
    uids = (Uid(f"{source.source_id}.m0"), Uid(f"{source.source_id}.m1"))
    first, second = DatasetDoor(trusted, dataset.dataset_id).unmasked(uids)
    assert (first.body, second.body, second.sender) == (SAID, SAID, f"Zoë Quist <{ADDRESS}>")
    assert second.properties["string:Contact"] == PHONE
    assert first.parts[0].sender == f"Zoë Quist <{ADDRESS}>"
    assert first.attachments[0].name == f"{PERSON}.txt"
    (logged,) = [row for row in trusted.audit_table().to_pylist() if row["action"] == "unmask"]
    assert (logged["actor"], uids[0] in logged["details"], shows(logged)) == ("ann", True, [])
    with pytest.raises(AccessError, match="'Source - Unmask' in project 'demo'"):
        other.unmasked_messages(dataset.dataset_id, uids)
    with pytest.raises(InputError, match="257 messages cannot be unmasked at once"):
        trusted.unmasked_messages(dataset.dataset_id, uids[:1] * 257)


def test_what_holds_the_original_is_refused_without_the_right(
    trusted: Operations, other: Operations, tmp_path: Path
) -> None:
    source, dataset = made(trusted, masked=True)
    uid = Uid(f"{source.source_id}.m0")
    assert trusted.attachment_content(dataset.dataset_id, uid, 0) == SAID.encode()[:5]
    with pytest.raises(AccessError, match="may not read what came with its messages"):
        other.attachment_content(dataset.dataset_id, uid, 0)
    with pytest.raises(AccessError, match="may not take a copy of what it masks"):
        other.publish(str(tmp_path / "copy.duckdb"))
    with pytest.raises(AccessError, match="may not turn its masking off"):
        other.amend_source(source.source_id, mask_personal=False)
    for table in ("original", "pseudonym", "main.original"):
        with pytest.raises(InputError, match="which is not for queries"):
            trusted.sql(f"SELECT * FROM {table}")


def test_the_mail_of_a_masked_source_is_refused_without_the_right(
    trusted: Operations, other: Operations
) -> None:
    bucket = trusted.create_bucket("demo", "raw")
    source = trusted.create_source("demo", "claims", bucket_id=bucket.bucket_id, mask_personal=True)
    content = (
        f"From: Zoe Quist <zoe.quist@mail.example>\nMessage-ID: <1@b>\nSubject: hi\n\n{PHONE}\n".encode()
    )
    upload_id = UploadId("a" * 32)
    trusted.begin_upload(upload_id, "one.eml", len(content))
    trusted.upload_piece(upload_id, 0, content)
    trusted.finish_mail_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    Job(trusted, trusted.start_mail_import(bucket.bucket_id, (upload_id,))).wait(progress=False)
    dataset = trusted.create_dataset("demo", "claims", (source.source_id,))
    (found,) = trusted.find_messages(dataset.dataset_id, ALL).messages
    assert (found.body, found.sender) == ("[phone 1]", "[email 1]")
    assert not shows(found)
    assert trusted.raw_mail(dataset.dataset_id, found.uid) == content
    with pytest.raises(AccessError, match="may not read the original mail"):
        other.raw_mail(dataset.dataset_id, found.uid)
    for table in ("raw_mail", "mail_thread", "blob"):
        assert trusted.sql(f"SELECT * FROM {table}").num_rows == 1
        assert other.sql(f"SELECT * FROM {table}").num_rows == 0


def test_switching_on_and_off_again_with_messages(trusted: Operations) -> None:
    source, dataset = made(trusted, masked=False)
    Job(trusted, trusted.start_embed(dataset.dataset_id)).wait(progress=False)
    before = trusted.messages_table(dataset.dataset_id, ALL).to_pylist()
    known = trusted.sql(
        "SELECT uid, name, string_value, number_value FROM message_property ORDER BY ALL"
    ).to_pylist()
    vectors = {row["text_hash"] for row in trusted.sql("SELECT text_hash FROM embedding").to_pylist()}

    amended = trusted.amend_source(source.source_id, mask_personal=True)
    assert amended.mask_personal
    for way, found in ways_out(trusted, source, dataset).items():  # done or not
        assert not shows(found), way
    _settle(trusted)
    assert not trusted.sources()[0].is_masking
    bodies = [row["body"] for row in trusted.messages_table(dataset.dataset_id, ALL).to_pylist()]
    assert bodies[1] == "Ms [name 1] ([email 1], [phone 1]) waits for the money on [iban 1]."
    assert bodies[3] == "where is my parcel"
    now = {row["text_hash"] for row in trusted.sql("SELECT text_hash FROM embedding").to_pylist()}
    assert len(now) == 2
    assert len(now & vectors) <= 1

    assert not trusted.amend_source(source.source_id, mask_personal=False).mask_personal
    _settle(trusted)
    assert trusted.messages_table(dataset.dataset_id, ALL).to_pylist() == before
    again = trusted.sql(
        "SELECT uid, name, string_value, number_value FROM message_property ORDER BY ALL"
    ).to_pylist()
    assert again == known
    first = trusted.get_messages(dataset.dataset_id, (Uid(f"{source.source_id}.m0"),))[0]
    assert [file.name for file in first.attachments] == [f"{PERSON}.txt"]


def test_until_the_job_is_done_texts_are_hidden_and_a_broken_off_one_goes_on(
    opened: OpenedWorkspace, trusted: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, dataset = made(trusted, masked=False)
    monkeypatch.setattr("workbench.workspace.context.Caller.submit", lambda *_args, **_more: None)
    assert trusted.amend_source(source.source_id, mask_personal=True).is_masking
    for way, found in ways_out(trusted, source, dataset).items():
        assert not shows(found), way
    shown = trusted.find_messages(dataset.dataset_id, ALL).messages
    assert {one.body for one in shown} == {"[being masked]"}
    monkeypatch.undo()
    assert trusted.amend_source(source.source_id, mask_personal=True).is_masking
    _settle(trusted)
    assert not trusted.sources()[0].is_masking
    assert "[being masked]" not in repr(trusted.find_messages(dataset.dataset_id, ALL).messages)


def test_numbers_go_on_within_a_thread_and_a_message_sent_again_is_unchanged(trusted: Operations) -> None:
    source, dataset = made(trusted, masked=True)
    counts = trusted.put_messages(source.source_id, rows(), "b", 4)
    assert (counts.unchanged, counts.units) == (4, 0)
    late = message(
        "late", thread_id="t", body=f"ring {PHONE} or +49 30 901821", sender="Ida <ida@mail.example>"
    )
    alone = message("alone", thread_id="z", body="ring +49 30 901821")
    trusted.put_messages(source.source_id, batch(late, alone), "c", 2)
    said = {
        one.message_id: (one.body, one.sender)
        for one in trusted.get_messages(
            dataset.dataset_id, tuple(Uid(f"{source.source_id}.{name}") for name in ("late", "alone"))
        )
    }
    assert said == {"late": ("ring [phone 1] or [phone 2]", "[email 2]"), "alone": ("ring [phone 1]", None)}


def test_deleting_a_message_deletes_what_it_came_with(opened: OpenedWorkspace, trusted: Operations) -> None:
    source, _ = made(trusted, masked=True)
    trusted.delete_messages(source.source_id, MessageChoice(since=AT), "delete")
    with opened._workspace.store._cursor() as cursor:
        for table in ("original", "pseudonym"):
            assert cursor.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_store_takes_nothing_unmasked_for_a_masked_source(
    opened: OpenedWorkspace, trusted: Operations
) -> None:
    source, _ = made(trusted, masked=True)
    with (
        pytest.raises(StoreError, match="came unmasked, and the source is masked"),
        opened._workspace.store.write() as session,
    ):
        session.messages.put(
            source.source_id, prepare(source.source_id, rows()), at=opened._workspace.clock()
        )


def _settle(there: Operations) -> None:
    while unfinished := [job for job in there.jobs() if not job.finished]:
        for job in unfinished:
            Job(there, job.job_id).wait(progress=False)
    assert not [job for job in there.jobs() if job.status == "failed"]


def test_what_is_personal_is_found_before_anybody_has_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    with open_workspace(
        tmp_path / "w.duckdb", settings=Settings(encoder="hash-test", fast_encoder="")
    ) as opened:
        store = opened._workspace.store

        def find(text: str, known: Mapping[str, str], language: str | None) -> tuple[PersonalSpan, ...]:
            seen.append(store._writing.locked())
            return find_personal(text, known, language)

        monkeypatch.setattr("workbench.workspace.masking.find_personal", find)
        operations = opened.operations("ann")
        source_id = operations.create_source("demo", "mail", mask_personal=True).source_id
        table = batch(message("m1", body=SAID), message("m2", body=SAID))
        operations.put_messages(source_id, table, "b", 2)
        assert seen and not any(seen)
        assert operations.source_messages(source_id, (MessageId("m1"),)).messages[0].body != SAID
        n_before = len(seen)
        operations.put_messages(source_id, table, "c", 2)
        assert len(seen) == 2 * n_before
