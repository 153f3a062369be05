"""What a source marks as sensitive is nowhere to be seen for callers without the right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.stores import batch, message
from workbench.domain import (
    ALL_PERMISSIONS,
    BalanceReport,
    Dataset,
    Grants,
    MessageFilter,
    Operations,
    PropertyBalance,
    PropertyFilter,
    Uid,
    UploadId,
    ValueShare,
)
from workbench.door import Dataset as DatasetDoor
from workbench.door import Job
from workbench.errors import AccessError, InputError, NotTrainedError
from workbench.settings import Settings
from workbench.store import new_key_file, read_key
from workbench.workspace import open_workspace
from workbench.workspace.opening import OpenedWorkspace

SECRET = "DE89370400440532013000"
NAME = 'string:It\'s an "Account"'
PROPERTIES = msgspec.json.encode({NAME: SECRET, "string:Team": "North", "number:Salary": 4711.0}).decode()
WITHOUT = Grants(everywhere=ALL_PERMISSIONS - {"source.read_sensitive"})
ALL = MessageFilter()


@pytest.fixture(params=["plain", "encrypted"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenedWorkspace]:
    key = read_key(new_key_file(tmp_path / "key")) if request.param == "encrypted" else None
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, key=key) as made:
        yield made


@pytest.fixture
def trusted(opened: OpenedWorkspace) -> Operations:
    return opened.operations("ann")


@pytest.fixture
def other(opened: OpenedWorkspace) -> Operations:
    return opened.operations("bob", grants=WITHOUT)


@pytest.fixture
def dataset(trusted: Operations) -> Dataset:
    mail = trusted.create_source("demo", "mail", sensitive_properties=(NAME, "number:Salary"))
    chat = trusted.create_source("demo", "chat")
    for source in (mail, chat):
        rows = [message(f"m{n}", properties=PROPERTIES, thread_id="t") for n in range(2)]
        trusted.put_messages(source.source_id, batch(*rows), "a", 2)
    return trusted.create_dataset("demo", "all", (mail.source_id, chat.source_id))


def mail_only(there: Operations, dataset: Dataset) -> MessageFilter:
    return MessageFilter(sources=(dataset.source_ids[0],))


def everything_of(there: Operations, dataset: Dataset) -> dict[str, Any]:
    """All ways to read messages of the source that marks something."""
    where, id_ = mail_only(there, dataset), dataset.dataset_id
    uid = Uid(f"{dataset.source_ids[0]}.m0")
    mail = dataset.source_ids[0]
    return {
        "find": [one.properties for one in there.find_messages(id_, where).messages],
        "get": [one.properties for one in there.get_messages(id_, (uid,))],
        "thread": [one.properties for one in there.thread(id_, "t") if one.source_id == mail],
        "table": there.messages_table(id_, where).to_pylist(),
        "export": there.export_piece(id_, where).to_pylist(),
        "frame": DatasetDoor(there, id_).messages(where).to_dicts(),
        "sql": there.sql(f"SELECT properties FROM message WHERE source_id = '{mail}'").to_pylist(),
        "sql rows": there.sql(f"SELECT * FROM message_property WHERE starts_with(uid, '{mail}')").to_pylist(),
        "sql cte": there.sql(
            f"WITH x AS (FROM message m WHERE source_id = '{mail}') SELECT x FROM x"
        ).to_pylist(),
    }


def test_it_is_left_out_wherever_messages_are_read(
    trusted: Operations, other: Operations, dataset: Dataset
) -> None:
    for way, found in everything_of(trusted, dataset).items():
        assert SECRET in repr(found), way
    for way, found in everything_of(other, dataset).items():
        assert found, way
        assert "North" in repr(found), way
        for hidden in (SECRET, "Account", "Salary", "4711"):
            assert hidden not in repr(found), (way, hidden)


def test_nobody_is_offered_to_filter_by_it(trusted: Operations, other: Operations, dataset: Dataset) -> None:
    def offered(there: Operations) -> tuple[list[str], int]:
        found = there.filter_values(dataset.dataset_id, "property")
        return [one.value for one in found.values], found.n_values

    assert offered(trusted) == (sorted([NAME, "number:Salary", "string:Team"]), 3)
    assert offered(other) == (["string:Team"], 1)
    assert other.filter_values(dataset.dataset_id, "string:Team").values[0].n_messages == 4
    for name in (NAME, "number:Salary"):
        with pytest.raises(AccessError, match="may not filter by the sensitive property"):
            other.filter_values(dataset.dataset_id, name)


def test_the_original_mail_is_kept_from_them_too(trusted: Operations, other: Operations) -> None:
    bucket = trusted.create_bucket("demo", "raw")
    source = trusted.create_source(
        "demo", "claims", bucket_id=bucket.bucket_id, sensitive_properties=("string:Account",)
    )
    content = f"From: a@b.example\nMessage-ID: <1@b>\nAccount: {SECRET}\n\nhello\n".encode()
    upload_id = UploadId("a" * 32)
    trusted.begin_upload(upload_id, "one.eml", len(content))
    trusted.upload_piece(upload_id, 0, content)
    trusted.finish_mail_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    Job(trusted, trusted.start_mail_import(bucket.bucket_id, (upload_id,))).wait(progress=False)
    made = trusted.create_dataset("demo", "claims", (source.source_id,))
    (found,) = trusted.find_messages(made.dataset_id, ALL).messages
    assert trusted.raw_mail(made.dataset_id, found.uid) == content
    with pytest.raises(AccessError, match="'bob' may not read the original mail") as refused:
        other.raw_mail(made.dataset_id, found.uid)
    assert SECRET not in str(refused.value)
    for table, n_rows in (("raw_mail", 1), ("blob", 1)):
        assert trusted.sql(f"SELECT * FROM {table}").num_rows == n_rows
        assert other.sql(f"SELECT * FROM {table}").num_rows == 0


def test_balance_is_not_told_by_it(
    opened: OpenedWorkspace, trusted: Operations, other: Operations, dataset: Dataset
) -> None:
    def counted(name: str) -> PropertyBalance:
        share = ValueShare(
            value=f"of {name}",
            share_all=1.0,
            share_reviewed=1.0,
            low=1.0,
            high=1.0,
            n_messages=4,
            n_reviewed=1,
        )
        return PropertyBalance(name=name, balance=1.0, p_adjusted=1.0, values=(share,))

    names = (NAME, "number:Salary", "string:Team", "month")
    report = BalanceReport(
        dataset_id=dataset.dataset_id, created_at=dataset.created_at, n_messages=4, n_reviewed=1, balance=None,
        balance_low=None, balance_high=None, similarity=None, band="none", groups=(), mode_shares={}, coverage=None,
        properties=tuple(counted(name) for name in names),
    )  # fmt: skip
    with opened._workspace.store.write() as session:
        session.monitoring.put_balance(report)
    assert trusted.balance(dataset.dataset_id) == report
    shown = other.balance(dataset.dataset_id)
    assert shown is not None
    assert [one.name for one in shown.properties] == ["string:Team", "month"]
    assert trusted.sql("SELECT * FROM monitor_report").num_rows == 1
    assert other.sql("SELECT * FROM monitor_report").num_rows == 0


def test_other_sources_keep_theirs(other: Operations, dataset: Dataset) -> None:
    where = MessageFilter(sources=(dataset.source_ids[1],))
    assert other.find_messages(dataset.dataset_id, where).messages[0].properties[NAME] == SECRET
    assert SECRET in repr(other.export_piece(dataset.dataset_id, where).to_pylist())


def test_exports_have_no_column_of_it(
    trusted: Operations, other: Operations, dataset: Dataset, tmp_path: Path
) -> None:
    named = [
        msgspec.json.decode(there.export_piece(dataset.dataset_id, ALL).schema.metadata[b"properties"])
        for there in (trusted, other)
    ]
    assert named == [sorted([NAME, "number:Salary", "string:Team"]), ["string:Team"]]
    for suffix in ("csv", "jsonl", "xlsx", "parquet"):
        where = mail_only(other, dataset)
        path = DatasetDoor(other, dataset.dataset_id).export(tmp_path / f"out.{suffix}", where=where)
        assert SECRET.encode() not in path.read_bytes()


@pytest.mark.parametrize("name", [NAME, "number:Salary"])
def test_a_condition_on_it_is_refused(other: Operations, dataset: Dataset, name: str) -> None:
    where = MessageFilter(properties=(PropertyFilter(name=name),))
    for ask in (
        other.count_messages,
        other.find_messages,
        other.messages_table,
        other.export_piece,
        other.predictions_table,
    ):
        with pytest.raises(AccessError) as caught:
            ask(dataset.dataset_id, where)
        assert caught.value.message == f"'bob' may not filter by the sensitive property {name!r}."
        assert caught.value.next_step == "Ask an administrator for a role with 'Source - Read sensitive'."
    open_ = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("North",)),))
    assert other.count_messages(dataset.dataset_id, open_) == 4


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM main.message",
        "SELECT * FROM main.message_property",
        "SELECT * FROM {database}.main.message",
        "SELECT * FROM {database}.message_property",
        'SELECT * FROM (SELECT * FROM "main"."message_property")',
        "WITH message AS (SELECT * FROM main.message) SELECT * FROM message",
        "SELECT (SELECT max(string_value) FROM main.message_property)",
        "SUMMARIZE main.message_property",
        "DESCRIBE main.message",
        "FROM histogram(message_property, string_value)",
        "FROM histogram('main.message_property', 'string_value')",
        "FROM query_table('main.message_property')",
    ],
)
def test_no_query_leads_around(
    opened: OpenedWorkspace, other: Operations, dataset: Dataset, query: str
) -> None:
    database = "workspace" if opened._workspace.store.encrypted else "w"
    with pytest.raises(InputError, match=r"is not for queries|only one SELECT"):
        other.sql(query.format(database=database))


@pytest.mark.parametrize("query", ["SUMMARIZE message_property", "SUMMARIZE message", "FROM temp.message"])
def test_what_summarises_sees_the_same(other: Operations, dataset: Dataset, query: str) -> None:
    other.remove_sources(dataset.dataset_id, (dataset.source_ids[1],))
    other.delete_source(dataset.source_ids[1], "demo/chat")
    try:
        found = other.sql(query).to_pylist()
    except InputError:
        return
    assert SECRET not in repr(found)


def test_nothing_is_hidden_where_nothing_is_sensitive(
    trusted: Operations, other: Operations, dataset: Dataset
) -> None:
    trusted.amend_source(dataset.source_ids[0], sensitive_properties=())
    assert SECRET in repr(other.find_messages(dataset.dataset_id, ALL))
    assert SECRET in repr(other.sql("SELECT * FROM main.message_property").to_pylist())


def test_any_name_can_be_hidden(trusted: Operations, other: Operations, dataset: Dataset) -> None:
    odd = ("string:'; DROP TABLE message; --", 'string:\x00"\\', "string:ü\u2028", NAME)
    trusted.amend_source(dataset.source_ids[0], sensitive_properties=odd)
    rows = other.sql("SELECT name FROM message_property WHERE string_value IS NOT NULL").to_pylist()
    assert [one["name"] for one in rows].count(NAME) == 2
    assert other.sql("SELECT count(*) AS n FROM message")["n"].to_pylist() == [4]


def test_it_cannot_be_made_readable_or_copied_away(
    trusted: Operations, other: Operations, dataset: Dataset, tmp_path: Path
) -> None:
    mail = dataset.source_ids[0]
    with pytest.raises(AccessError, match="may not make the sensitive property 'number:Salary' readable"):
        other.amend_source(mail, sensitive_properties=(NAME,))
    other.amend_source(mail, sensitive_properties=(NAME, "number:Salary", "string:Team"))
    assert "North" not in repr(other.find_messages(dataset.dataset_id, mail_only(other, dataset)))
    with pytest.raises(AccessError, match="may not take a copy of sensitive properties"):
        other.publish(str(tmp_path / "copy.duckdb"))
    assert not (tmp_path / "copy.duckdb").exists()
    assert trusted.publish(str(tmp_path / "copy.duckdb"))


def test_sentences_do_not_know_what_is_hidden(
    trusted: Operations, other: Operations, dataset: Dataset
) -> None:
    said = "Salary at least 4000, Team is North"
    assert trusted.read_sentence(dataset.dataset_id, said).left == ()
    read = other.read_sentence(dataset.dataset_id, said)
    assert [one.name for one in read.where.properties] == ["string:Team"]
    assert [one.text for one in read.left] == ["Salary at least 4000"]


def test_it_groups_no_figures(trusted: Operations, other: Operations, dataset: Dataset) -> None:
    with pytest.raises(AccessError, match="may not filter by the sensitive property") as caught:
        other.validation_breakdown(dataset.dataset_id, NAME)
    assert SECRET not in str(caught.value)
    with pytest.raises(NotTrainedError, match="no version of this dataset was validated"):
        trusted.validation_breakdown(dataset.dataset_id, NAME)
