"""What every way in must do alike."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pytest

from tests.contract.conftest import upload
from tests.contract.messages import START, batch
from workbench.domain import (
    PERMISSIONS,
    AddressFilter,
    AuditQuery,
    ColumnMapping,
    Dataset,
    DiscoverOptions,
    ImportOptions,
    ImportReport,
    JobId,
    Judgement,
    LabelFilter,
    MessageFilter,
    Operations,
    PropertyFilter,
    Source,
    Uid,
    UploadId,
)
from workbench.door import Job
from workbench.errors import (
    BadRowsError,
    DuplicateNameError,
    FilterError,
    InputError,
    LabelPathError,
    NotTrainedError,
    QueryLimitError,
    StoreError,
    TooFewAnnotationsError,
    UnknownMessageError,
    UnknownNameError,
    UploadError,
    WorkbenchError,
)

CSV = b"id,when,text,Team,NPS\n1,2026-03-01T10:00:00Z,hello there,North,3\n2,2026-03-02,second one,South,9\n"
MAPPING = ColumnMapping(
    id="id", timestamp="when", body="text", properties={"Team": "string", "NPS": "number"}
)


@pytest.fixture
def source(operations: Operations) -> Source:
    return operations.create_source("demo", "mail", kind="email")


@pytest.fixture
def dataset(operations: Operations, source: Source) -> Dataset:
    operations.put_messages(source.source_id, batch(60), "first", 60)
    return operations.create_dataset("demo", "support", (source.source_id,), title="Support")


def finish(operations: Operations, job_id: JobId) -> dict[str, object]:
    return Job(operations, job_id).wait(progress=False)


def test_every_operation_is_reachable(operations: Operations) -> None:
    assert all(callable(getattr(operations, name)) for name in PERMISSIONS)


def test_sources_and_datasets(operations: Operations, dataset: Dataset, source: Source) -> None:
    assert [s.full_name for s in operations.sources()] == ["demo/mail"]
    assert operations.sources()[0].n_messages == 60
    found = operations.dataset("demo/support")
    assert found == operations.dataset(dataset.dataset_id)
    assert (found.n_messages, found.source_ids, found.encoder) == (60, (source.source_id,), "hash-test")
    bare = operations.dataset("demo/support", counted=False)
    assert bare == replace(found, n_messages=0, n_reviewed=0, language_warning="")


def test_names_that_are_taken_or_unknown(operations: Operations, dataset: Dataset) -> None:
    with pytest.raises(DuplicateNameError, match="a source named 'demo/mail' exists already"):
        operations.create_source("demo", "mail")
    with pytest.raises(UnknownNameError, match="did you mean 'demo/support'"):
        operations.dataset("demo/suport")
    with pytest.raises(InputError, match="cannot be used"):
        operations.create_source("demo", "a/b")
    with pytest.raises(UnknownNameError, match="encoder"):
        operations.create_dataset("demo", "other", dataset.source_ids, encoder="nonsense")


def test_put_messages_counts_and_charges_once(operations: Operations, source: Source) -> None:
    counts = operations.put_messages(source.source_id, batch(10), "a", 10)
    assert (counts.new, counts.updated, counts.unchanged, counts.units) == (10, 0, 0, 10)
    assert operations.put_messages(source.source_id, batch(10), "a", 10) == counts
    assert operations.put_messages(source.source_id, batch(10), "b", 10).unchanged == 10
    changed = operations.put_messages(source.source_id, batch(4, suffix=" and more"), "c", 4)
    assert (changed.updated, changed.text_modified, changed.units) == (4, 4, 4)
    assert operations.usage().units == 14
    assert operations.ledger_table().num_rows == 14


def test_property_only_update_is_free(operations: Operations, source: Source) -> None:
    operations.put_messages(source.source_id, batch(3), "a", 3)
    table = batch(3)
    column = pa.array(['{"string:Team":"X"}'] * 3, pa.string())
    index = table.schema.get_field_index("properties")
    counts = operations.put_messages(
        source.source_id, table.set_column(index, table.schema.field(index), column), "b", 3
    )
    assert (counts.updated, counts.text_modified, counts.units) == (3, 0, 0)
    assert operations.usage().units == 3


def test_a_batch_that_is_not_whole_is_refused(operations: Operations, source: Source) -> None:
    with pytest.raises(InputError, match="announced"):
        operations.put_messages(source.source_id, batch(9), "a", 10)
    assert operations.sources()[0].n_messages == 0
    assert operations.usage().units == 0


def test_import_a_file(operations: Operations, source: Source) -> None:
    job_id = operations.start_import(source.source_id, upload(operations, CSV), MAPPING, ImportOptions())
    report = msgspec.convert(finish(operations, job_id), ImportReport)
    assert (report.counts.new, report.counts.units, report.n_rows) == (2, 2, 2)
    made = operations.create_dataset("demo", "d", (source.source_id,))
    page = operations.find_messages(made.dataset_id, MessageFilter(), order="oldest")
    assert [m.body for m in page.messages] == ["hello there", "second one"]
    assert page.messages[0].properties == {"string:Team": "North", "number:NPS": 3.0}
    assert page.messages[0].timestamp == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_bad_rows_load_nothing_unless_skipped(operations: Operations, source: Source) -> None:
    content = CSV + b"3,not a time,third,North,1\n"
    upload_id = upload(operations, content)
    with pytest.raises(BadRowsError, match="row 3") as caught:
        finish(operations, operations.start_import(source.source_id, upload_id, MAPPING, ImportOptions()))
    assert caught.value.details["rows"][0]["column"] == "when"
    assert operations.sources()[0].n_messages == 0
    job_id = operations.start_import(source.source_id, upload_id, MAPPING, ImportOptions(on_bad_row="skip"))
    report = msgspec.convert(finish(operations, job_id), ImportReport)
    assert (report.counts.new, report.n_bad_rows, report.bad_rows[0].row) == (2, 1, 3)


def test_uploads_count_only_when_whole(operations: Operations) -> None:
    upload_id = UploadId(secrets.token_hex(16))
    assert operations.begin_upload(upload_id, "x.csv", len(CSV)) == 0
    operations.upload_piece(upload_id, 0, CSV[:30])
    assert operations.begin_upload(upload_id, "x.csv", len(CSV)) == 1
    with pytest.raises(UploadError, match="1 of 2 pieces"):
        operations.finish_upload(upload_id, 2, hashlib.sha256(CSV).hexdigest())
    operations.upload_piece(upload_id, 1, CSV[30:-1])
    with pytest.raises(UploadError, match="damaged"):
        operations.finish_upload(upload_id, 2, hashlib.sha256(CSV).hexdigest())
    operations.upload_piece(upload_id, 1, CSV[30:])
    preview = operations.finish_upload(upload_id, 2, hashlib.sha256(CSV).hexdigest())
    assert preview.columns == ("id", "when", "text", "Team", "NPS")
    assert preview.n_rows == 2
    with pytest.raises(UploadError, match="cannot be used"):
        operations.begin_upload(UploadId("../../etc/passwd"), "x", 1)
    other = UploadId(secrets.token_hex(16))
    operations.begin_upload(other, "x.csv", 10)
    operations.upload_piece(other, 0, b"123456")
    operations.upload_piece(other, 0, b"1234567")
    with pytest.raises(UploadError, match="beyond the 10 bytes"):
        operations.upload_piece(other, 1, b"1234")
    with pytest.raises(UploadError, match="one too many"):
        operations.upload_piece(other, 5_000, b"1")
    with pytest.raises(UploadError, match="cannot be used"):
        operations.begin_upload(UploadId("../../etc/passwd"), "x", 1)
    with pytest.raises(UploadError, match="at most"):
        operations.begin_upload(UploadId(secrets.token_hex(16)), "x", 10**12)


def test_filters(operations: Operations, dataset: Dataset) -> None:
    count = lambda **f: operations.count_messages(dataset.dataset_id, MessageFilter(**f))  # noqa: E731
    assert count() == 60
    assert count(text="refund") == 24
    assert count(text='"refund please"') == 12
    assert count(text="refund -vase") == 12
    assert count(text="ref* OR driver") == 36
    assert count(sender=AddressFilter(one_of=("Customer3@MAIL.example",))) == 9
    assert count(sender=AddressFilter(domain_not_one_of=("mail.example",))) == 0
    assert count(recipient=AddressFilter(domain_one_of=("carrier.example",))) == 60
    assert count(properties=(PropertyFilter(name="number:NPS", one_of=(3, 4)),)) == 12
    assert count(properties=(PropertyFilter(name="string:Team", not_one_of=("N",)),)) == 30
    assert count(properties=(PropertyFilter(name="string:Gone", missing="only"),)) == 60
    assert count(properties=(PropertyFilter(name="string:Team", one_of=("N",)),)) == 30
    assert count(properties=(PropertyFilter(name="number:NPS", at_least=10),)) == 5
    assert count(since=START, until=START.replace(hour=19)) == 10
    assert count(uids=()) == 0
    assert count(reviewed=True) == 0
    with pytest.raises(FilterError):
        MessageFilter(since=datetime(2026, 1, 1))  # noqa: DTZ001


def test_pages(operations: Operations, dataset: Dataset) -> None:
    first = operations.find_messages(dataset.dataset_id, MessageFilter(), order="shuffle", limit=25, seed=3)
    rest = operations.find_messages(
        dataset.dataset_id, MessageFilter(), order="shuffle", offset=25, limit=100, seed=3
    )
    uids = [m.uid for m in (*first.messages, *rest.messages)]
    assert first.n_total == 60
    assert len(set(uids)) == 60
    with pytest.raises(InputError, match="page"):
        operations.find_messages(dataset.dataset_id, MessageFilter(), limit=0)
    found = operations.find_messages(dataset.dataset_id, MessageFilter(text="refund"), "relevance", limit=2)
    assert (found.n_total, found.n_total_is) == (24, "exact")
    for message, hits in zip(found.messages, found.hits, strict=True):
        assert {message.body[start:end] for start, end in hits.body} == {"refund"}


def test_exports_come_in_pieces(operations: Operations, dataset: Dataset) -> None:
    found, after = [], 0
    while (
        piece := operations.export_piece(dataset.dataset_id, MessageFilter(), after=after, n_rows=3)
    ).num_rows:
        assert msgspec.json.decode(piece.schema.metadata[b"labels"], type=list[str]) == [
            label.name for label in operations.labels(dataset.dataset_id)
        ]
        found += piece.column("uid").to_pylist()
        after = piece.column("upload_seq")[-1].as_py()
    whole = operations.messages_table(dataset.dataset_id, MessageFilter())
    assert found == whole.column("uid").to_pylist()
    named = operations.message_uids(dataset.dataset_id, MessageFilter())
    assert (named.column_names, named.column("uid").to_pylist()) == (["uid"], found)
    few = operations.message_uids(dataset.dataset_id, MessageFilter(uids=tuple(map(Uid, found[2:9]))), 3)
    assert few.column("uid").to_pylist() == found[2:5]
    with pytest.raises(InputError, match=r"1,000,001 messages cannot be named at once.*1-1,000,000"):
        operations.message_uids(dataset.dataset_id, MessageFilter(), 1_000_001)


def test_what_stands_beside_messages_in_their_threads(operations: Operations, dataset: Dataset) -> None:
    """In one call as in a thread each."""
    seen = operations.find_messages(dataset.dataset_id, MessageFilter(), limit=8).messages
    found = operations.thread_letters(dataset.dataset_id, tuple(one.uid for one in seen))
    wanted = {
        (one.uid, other.uid, other.timestamp, other.sender, other.body)
        for one in seen
        for other in operations.thread(dataset.dataset_id, one.thread_id or "none")
        if other.source_id == one.source_id and other.timestamp != one.timestamp
    }
    assert wanted
    assert {(one.beside, one.uid, one.timestamp, one.sender, one.body) for one in found} == wanted
    with pytest.raises(InputError, match=r"513 messages were asked for at once.*at most 512"):
        operations.thread_letters(dataset.dataset_id, (seen[0].uid,) * 513)


def test_judgements(operations: Operations, dataset: Dataset) -> None:
    child = operations.create_label(dataset.dataset_id, "Delivery > Late", "a parcel is late")
    names = {label.name: label.label_id for label in operations.labels(dataset.dataset_id)}
    assert set(names) == {"Delivery", "Delivery > Late"}
    assert operations.create_label(dataset.dataset_id, "Delivery>Late").label_id == child.label_id
    uid = operations.find_messages(dataset.dataset_id, MessageFilter(), limit=1).messages[0].uid
    judgement = Judgement(event_id=secrets.token_hex(8), uid=uid, assigned=(child.label_id,), mode="shuffle")
    (receipt,) = operations.judge(dataset.dataset_id, (judgement,))
    assert set(receipt.assigned) == set(names.values())
    assert receipt.revision == 1
    assert operations.judge(dataset.dataset_id, (judgement,)) == (receipt,)
    (message,) = operations.get_messages(dataset.dataset_id, (uid,))
    assert message.reviewed
    assert message.reviewed_by == operations.whoami()
    where = MessageFilter(labels=(LabelFilter(label_id=names["Delivery"], status="assigned"),))
    assert operations.count_messages(dataset.dataset_id, where) == 1
    assert operations.review_events(dataset.dataset_id).num_rows == 1
    with pytest.raises(UnknownNameError):
        operations.judge(dataset.dataset_id, (Judgement(event_id="ff", uid=Uid("no.such")),))


def test_two_people_on_one_message(operations: Operations, dataset: Dataset) -> None:
    one = operations.create_label(dataset.dataset_id, "One").label_id
    two = operations.create_label(dataset.dataset_id, "Two").label_id
    uid = operations.find_messages(dataset.dataset_id, MessageFilter(), limit=1).messages[0].uid
    operations.judge(dataset.dataset_id, (Judgement(event_id="a1", uid=uid, assigned=(one,), revision=0),))
    (second,) = operations.judge(
        dataset.dataset_id, (Judgement(event_id="b1", uid=uid, assigned=(two,), revision=0),)
    )
    assert second.merged
    assert set(second.assigned) == {one, two}
    assert second.revision == 2
    operations.merge_labels(dataset.dataset_id, (one,), two)
    (late,) = operations.judge(dataset.dataset_id, (Judgement(event_id="c1", uid=uid, assigned=(one,)),))
    assert late.assigned == (two,)  # said of a label that was merged meanwhile
    newest, change, *_, first = operations.review_history(dataset.dataset_id, uid)
    assert (newest.event_id, newest.before_assigned, newest.merged) == ("c1", (two,), True)
    assert (change.mode, change.change, change.assigned) == ("taxonomy", "merge 'One' into 'Two'", (two,))
    assert (first.actor, first.mode, first.revision) == (operations.whoami(), "recent", 1)
    assert (first.before_assigned, first.assigned, first.before_reviewed) == ((), (one,), False)
    assert operations.review_history(dataset.dataset_id, uid, 1) == (newest,)
    with pytest.raises(UnknownNameError, match="message"):
        operations.review_history(dataset.dataset_id, Uid("no.such"))
    with pytest.raises(InputError, match="0 events cannot be had"):
        operations.review_history(dataset.dataset_id, uid, 0)


def test_a_batch_among_messages_that_pass(operations: Operations, dataset: Dataset) -> None:
    dataset_id = dataset.dataset_id
    table = operations.messages_table(dataset_id, MessageFilter())
    uids = tuple(Uid(uid) for uid in table.column("uid").to_pylist()[:10])
    where = MessageFilter(uids=uids)
    batch = operations.next_batch(dataset_id, "shuffle", 4, seed=1, where=where)
    assert set(batch.uids) <= set(uids)
    assert (batch.probabilities, batch.n_population) == ((0.4,) * 4, 10)
    judgement = Judgement(
        event_id="c1", uid=batch.uids[0], mode="shuffle", probability=0.4, n_population=batch.n_population
    )
    operations.judge(dataset_id, (judgement,))
    (event,) = operations.review_events(dataset_id).select(["probability", "n_population"]).to_pylist()
    assert event == {"probability": 0.4, "n_population": 10}
    assert operations.next_batch(dataset_id, "shuffle", 4, where=where).n_population == 9
    assert operations.next_batch(dataset_id, "shuffle", 4).n_population == 59
    nothing = operations.next_batch(dataset_id, "recent", where=MessageFilter(uids=()))
    assert (nothing.uids, nothing.n_population) == ((), 0)


def test_label_rules(operations: Operations, dataset: Dataset) -> None:
    for name, text in (
        ("", "label '' has an empty level"),
        (" > Late", "has an empty level. Write a name on each side"),
        ("x" * 65, "has 65 characters; at most 64 are allowed"),
        ("a\x00b", "holds a character that cannot be shown"),
    ):
        with pytest.raises(LabelPathError, match=text):
            operations.create_label(dataset.dataset_id, name)


def test_discover(operations: Operations, dataset: Dataset) -> None:
    assert operations.cluster_run(dataset.dataset_id) is None
    assert operations.map_data(dataset.dataset_id) is None
    finish(operations, operations.start_discover(dataset.dataset_id, DiscoverOptions(min_cluster_size=5)))
    run = operations.cluster_run(dataset.dataset_id)
    assert run is not None
    assert run.n_messages == 60
    assert 0 <= run.share_unclustered <= 1
    points = operations.map_data(dataset.dataset_id)
    assert points is not None
    assert points.xy.shape == (60, 2)
    assert len(points.uids) == len(set(points.uids)) == 60


def test_train_validate_monitor(operations: Operations, dataset: Dataset) -> None:
    with pytest.raises(TooFewAnnotationsError, match="'demo/support' has 0 reviewed messages and 0 labels"):
        operations.start_train(dataset.dataset_id)
    for start in (operations.start_monitor, operations.start_predict):
        with pytest.raises(NotTrainedError, match="'demo/support' has no model version"):
            start(dataset.dataset_id)
    refund = operations.create_label(dataset.dataset_id, "Refund").label_id
    late = operations.create_label(dataset.dataset_id, "Delivery > Late").label_id
    table = operations.messages_table(dataset.dataset_id, MessageFilter())
    judgements = tuple(
        Judgement(
            event_id=secrets.token_hex(8),
            uid=uid,
            assigned=(refund,) if "refund" in body else (late,) if "not arrived" in body else (),
            mode="shuffle",
        )
        for uid, body in zip(table["uid"].to_pylist(), table["body"].to_pylist(), strict=True)
    )
    operations.judge(dataset.dataset_id, judgements[:50])
    result = finish(operations, operations.start_train(dataset.dataset_id))
    assert result["version"] == 1
    (version,) = operations.model_versions(dataset.dataset_id)
    assert version.validated
    assert version.n_reviewed == 50
    report = operations.validation(dataset.dataset_id)
    assert report is not None
    assert report.n_train + report.n_test == 50
    predicted = operations.predictions_table(dataset.dataset_id, MessageFilter(reviewed=False))
    assert set(predicted["uid"].to_pylist()) <= {j.uid for j in judgements[50:]}
    assert finish(operations, operations.start_predict(dataset.dataset_id)) == {"version": 1, "predicted": 0}
    uids = (judgements[1].uid, judgements[0].uid, judgements[1].uid)
    stored = operations.predict_stored(dataset.dataset_id, uids, 1, "auto")
    assert (stored.version, stored.created_at) == (1, version.created_at)
    assert tuple(one.uid for one in stored.predictions) == uids
    with pytest.raises(UnknownMessageError, match="unknown message 'none'"):
        operations.predict_stored(dataset.dataset_id, (Uid("none"),))
    totals = operations.label_totals(dataset.dataset_id, "week")
    assert {"period", "label", "expected", "n_messages"} <= set(totals.column_names)
    assert operations.pin_version(dataset.dataset_id, 1).pinned
    finish(operations, operations.start_monitor(dataset.dataset_id))
    assert operations.drift(dataset.dataset_id) is not None
    balance = operations.balance(dataset.dataset_id)
    assert balance is not None
    assert balance.n_reviewed == 50


def test_messages_that_come_later_are_predicted_by_themselves(
    operations: Operations, dataset: Dataset, source: Source
) -> None:
    refund = operations.create_label(dataset.dataset_id, "Refund").label_id
    table = operations.messages_table(dataset.dataset_id, MessageFilter())
    operations.judge(
        dataset.dataset_id,
        tuple(
            Judgement(event_id=secrets.token_hex(8), uid=uid, assigned=(refund,) if "refund" in body else ())
            for uid, body in zip(table["uid"].to_pylist(), table["body"].to_pylist(), strict=True)
        ),
    )
    finish(operations, operations.start_train(dataset.dataset_id))
    later = batch(20, first=60)
    operations.put_messages(source.source_id, later, "later", later.num_rows)
    query = "SELECT count(*) AS n FROM prediction WHERE version = 1"
    deadline = time.monotonic() + 60
    while operations.sql(query)["n"].to_pylist() != [80] and time.monotonic() < deadline:
        time.sleep(0.2)
    assert operations.sql(query)["n"].to_pylist() == [80]
    (by_itself,) = [job for job in operations.jobs(dataset.dataset_id) if job.kind == "predict"]
    assert json.loads(by_itself.result) == {"version": 1, "predicted": 20}
    predicted = operations.predictions_table(dataset.dataset_id, MessageFilter(reviewed=False))
    shown = dict(zip(predicted["uid"].to_pylist(), predicted["probability"].to_pylist(), strict=True))
    fresh = operations.messages_table(dataset.dataset_id, MessageFilter(reviewed=False))
    about = [
        uid
        for uid, body in zip(fresh["uid"].to_pylist(), fresh["body"].to_pylist(), strict=True)
        if "refund" in body
    ]
    rest = [uid for uid in fresh["uid"].to_pylist() if uid not in about]
    assert min(shown.get(uid, 0.0) for uid in about) > max(shown.get(uid, 0.0) for uid in rest)


def test_sql_reads_and_only_reads(operations: Operations, dataset: Dataset) -> None:
    assert operations.sql("SELECT count(*) AS n FROM message")["n"].to_pylist() == [60]
    for query in (
        "DELETE FROM message",
        "SELECT 1; DROP TABLE message",
        "COPY message TO '/tmp/stolen.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH '/tmp/x.duckdb'",
        "SET memory_limit = '1TB'",
        "nonsense",
    ):
        with pytest.raises((InputError, StoreError, QueryLimitError)):
            operations.sql(query)
    assert operations.dataset(dataset.dataset_id).n_messages == 60


def test_events_tell_what_others_did(operations: Operations, dataset: Dataset) -> None:
    start = operations.wait_events(timeout_s=0).last_seq
    operations.create_label(dataset.dataset_id, "News")
    page = operations.wait_events(start, 5)
    assert [e.topic for e in page.events] == ["taxonomy"]
    assert not page.missed


def test_events_tell_what_became_of_the_catalog(operations: Operations) -> None:
    start = operations.wait_events(timeout_s=0).last_seq

    def told() -> list[tuple[str, str]]:
        nonlocal start
        page = operations.wait_events(start, 5)
        start = page.last_seq
        return [(one.topic, one.subject) for one in page.events if one.topic == "catalog"]

    source = operations.create_source("demo", "chat")
    assert told() == [("catalog", source.source_id)]
    operations.amend_source(source.source_id, title="Chat")
    assert told() == [("catalog", source.source_id)]
    bucket = operations.create_bucket("demo", "raw")
    assert told() == [("catalog", bucket.bucket_id)]
    operations.amend_bucket(bucket.bucket_id, "Raw")
    assert told() == [("catalog", bucket.bucket_id)]
    operations.detach_bucket(source.source_id)
    assert told() == [("catalog", source.source_id)]
    operations.delete_bucket(bucket.bucket_id, "demo/raw")
    assert told() == [("catalog", bucket.bucket_id)]
    operations.delete_source(source.source_id, "demo/chat")
    assert told() == [("catalog", source.source_id)]


def test_jobs(operations: Operations, dataset: Dataset) -> None:
    job_id = operations.start_embed(dataset.dataset_id)
    finish(operations, job_id)
    assert operations.job(job_id).status == "done"
    assert operations.cancel_job(job_id).status == "done"
    assert [j.job_id for j in operations.jobs(dataset.dataset_id)] == [job_id]
    with pytest.raises(UnknownNameError):
        operations.job(JobId("nope"))
    with pytest.raises(WorkbenchError, match="nothing to resume"):
        operations.resume_job(job_id)


def test_audit_is_a_chain(operations: Operations, dataset: Dataset) -> None:
    table = operations.audit_table()
    actions = table["action"].to_pylist()
    assert {"create_project", "create_source", "create_dataset"} <= set(actions)
    assert table["previous_hash"].to_pylist()[1:] == table["hash"].to_pylist()[:-1]


def test_the_audit_log_is_searched_and_checked(operations: Operations) -> None:
    operations.create_project("demo")
    page = operations.audit_events(AuditQuery(projects=("demo",), limit=1))
    assert [one.type for one in page.events] == ["create_project"]
    assert operations.verify_audit(str(operations.audit_head())).intact


def test_publish(operations: Operations, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("copy") / "copy.duckdb"
    assert operations.publish(str(target)) == str(target)
    assert target.stat().st_size > 0
    with pytest.raises(InputError):
        operations.publish("/no/such/folder/x.duckdb")


def test_health_and_caller(operations: Operations) -> None:
    health = operations.health()
    assert health["file"] == "test.duckdb"
    assert "minilm-l6-int8" in health["encoders"].split() and "hash-test" not in health["encoders"]
    assert operations.whoami()
