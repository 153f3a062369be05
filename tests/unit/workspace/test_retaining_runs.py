"""What a run of retention takes, what it must not take, and what is left of it in the files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.test_mail_import import imported, mail, mbox, send
from tests.scanning import traces
from tests.stores import AT, message
from tests.stores import batch as rows_of
from workbench.domain import (
    Dataset,
    Judgement,
    MessageFilter,
    Operations,
    Role,
    Source,
    Uid,
    grants_of,
)
from workbench.door import Job, Workspace
from workbench.errors import AccessError, InputError, StoreError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace import retention_runs
from workbench.workspace.opening import OpenedWorkspace, open_workspace

WORD = "zqgoneword"


class Bench:
    """A workspace whose clock is set by hand; messages of demo/mail hold ``WORD``."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.opened: OpenedWorkspace = open_workspace(
            file, settings=Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
        )
        self.set_day(0)
        self.operations: Operations = self.opened.operations("ann")
        self.source: Source = self.operations.create_source("demo", "mail")

    def set_day(self, day: float) -> None:
        self.opened._workspace.clock = lambda: AT + timedelta(days=day)

    def put(self, first: int, n: int) -> None:
        rows = rows_of(
            *(message(f"m{i}", body=f"{WORD} {i}", subject=f"{WORD}s {i}") for i in range(first, first + n))
        )
        self.operations.put_messages(self.source.source_id, rows, f"b{first}", n)

    def run(self, **scope: str) -> dict[str, Any]:
        return Workspace(self.operations, address="here").run_retention(**scope).wait(progress=False)

    def left(self) -> set[str]:
        table = self.operations.sql("SELECT message_id FROM message", 10_000)
        return set(table.column("message_id").to_pylist())

    def events(self, kind: str) -> int:
        found = self.operations.sql(f"SELECT count(*) AS n FROM audit_event WHERE action = '{kind}'", 1)
        return int(found.column("n").to_pylist()[0])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "w.duckdb")
    yield made
    made.opened.close()


def annotate(bench: Bench, message_id: str) -> Dataset:
    dataset = bench.operations.create_dataset("demo", "support", (bench.source.source_id,))
    label = bench.operations.create_label(dataset.dataset_id, "Praise")
    uid = Uid(f"{bench.source.source_id}.{message_id}")
    judged = Judgement(event_id="e", uid=uid, assigned=(label.label_id,), mode="search")
    bench.operations.judge(dataset.dataset_id, (judged,))
    return dataset


def test_only_what_was_announced_long_enough_ago_goes_and_really_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_runs, "PIECE_ROWS", 2)
    bench.put(0, 5)
    dataset = annotate(bench, "m1")
    bench.set_day(50)
    bench.put(5, 2)
    bench.operations.set_retention("workspace", "", "delete", 100, 30)
    bench.set_day(101)
    with pytest.raises(InputError, match="the workspace has 4 messages past its retention policy") as told:
        bench.operations.start_retention()
    assert told.value.next_step.startswith(
        f"Start again from {AT + timedelta(days=131):%Y-%m-%d %H:%M} UTC on"
    )
    bench.set_day(130.9)
    with pytest.raises(InputError, match="announced too recently"):
        bench.operations.start_retention()
    assert len(bench.left()) == 7
    assert bench.events("announce_retention") == 1
    bench.set_day(151)  # m5 and m6 are past the limit by now, and were not announced
    (planned,) = bench.operations.retention_preview().sources
    assert (planned.n_messages, planned.n_kept, planned.is_due) == (4, 1, True)
    assert [uid.partition(".")[2] for uid in planned.first_uids] == ["m0", "m2", "m3", "m4"]
    assert planned.n_bytes == sum(len(f"{WORD} {i}{WORD}s {i}") for i in (0, 2, 3, 4))
    units = bench.operations.sql("SELECT sum(units) AS n FROM ledger", 1).column("n").to_pylist()
    assert bench.run()["n_messages"] == 4
    assert bench.left() == {"m1", "m5", "m6"}
    assert bench.operations.count_messages(dataset.dataset_id, MessageFilter()) == 3
    assert bench.events("apply_retention") == 2
    assert bench.events("announce_retention") == 2
    assert bench.operations.sql("SELECT sum(units) AS n FROM ledger", 1).column("n").to_pylist() == units
    with pytest.raises(InputError, match="2 messages past its retention policy that were announced too rec"):
        bench.operations.start_retention()
    bench.set_day(182)
    bench.operations.set_retention("workspace", "", "delete", 100, 0, "delete")
    assert bench.run()["n_messages"] == 3  # without days of notice it is announced and taken at once
    assert traces([bench.file.parent], [WORD])  # the search would find it
    bench.opened.close()
    assert traces([bench.file.parent], [WORD]) == []


@pytest.mark.nightly
def test_the_nearest_policy_takes_and_the_others_stay(bench: Bench) -> None:
    bench.put(0, 2)
    other = bench.operations.create_source("away", "chat")
    bench.operations.put_messages(other.source_id, rows_of(message("x")), "x", 1)
    bench.operations.set_retention("workspace", "", "delete", 10, 0)
    bench.operations.set_retention("project", "demo", "report", 10, 0)
    bench.set_day(11)
    assert bench.run()["n_messages"] == 1
    assert bench.left() == {"m0", "m1"}
    with pytest.raises(InputError, match="project 'demo' has only a policy that reports; nothing is taken"):
        bench.operations.start_retention("project", "demo")
    bench.operations.set_retention("source", "demo/mail", "delete", 10, 0)
    assert [one.name for one in bench.operations.retention_policies()] == ["", "demo", "demo/mail"]
    assert bench.operations.remove_retention("source", "demo/mail").action == "delete"
    with pytest.raises(InputError, match="source 'demo/mail' has no retention policy of its own"):
        bench.operations.remove_retention("source", "demo/mail")


def test_an_archive_holds_what_went_and_its_manifest_fits(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_runs, "PIECE_ROWS", 2)
    bench.put(0, 3)
    annotate(bench, "m1")
    bench.operations.set_retention("source", "demo/mail", "archive", 10, 0, "delete", "old")
    bench.set_day(11)
    assert bench.run(source="demo/mail")["n_archived_bytes"] > 0
    assert bench.left() == set()
    (manifest,) = (tmp_path / "old").rglob("manifest.json")
    told = json.loads(manifest.read_text("utf-8"))
    assert told["source"] == "demo/mail"
    assert {one["name"] for one in told["files"]} == {p.name for p in manifest.parent.glob("*.parquet")}
    for one in told["files"]:
        content = (manifest.parent / one["name"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["n_bytes"])
    kept = pa.concat_tables(pq.read_table(f) for f in manifest.parent.glob("*-messages.parquet"))
    assert sorted(kept.column("body").to_pylist()) == [f"{WORD} {i}" for i in range(3)]
    (labels,) = (pq.read_table(f).to_pylist() for f in manifest.parent.glob("*-labels.parquet"))
    assert labels == [{"message_id": "m1", "dataset": "demo/support", "label": "Praise", "is_assigned": True}]


def test_what_cannot_be_read_back_is_not_deleted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put(0, 2)
    bench.operations.set_retention("workspace", "", "archive", 10, 0, folder="old")
    bench.set_day(11)

    def half(table: pa.Table, file: Path, **_: object) -> None:
        pq.ParquetWriter(file, table.schema).close()

    monkeypatch.setattr(pq, "write_table", half)
    with pytest.raises(StoreError, match="does not hold what was written into it; nothing is deleted"):
        bench.run()
    assert bench.left() == {"m0", "m1"}


@pytest.mark.nightly
def test_raw_mail_goes_unless_another_source_has_its_message(bench: Bench, tmp_path: Path) -> None:
    operations = bench.operations
    bucket = operations.create_bucket("demo", "inbox")
    one, _ = (operations.create_source("demo", name, bucket_id=bucket.bucket_id) for name in ("one", "two"))
    imported(operations, bucket.bucket_id, send(operations, mbox(mail(1), mail(2))))
    bench.set_day(5)
    imported(operations, bucket.bucket_id, send(operations, mbox(mail(3))))
    for name in ("one", "two"):
        operations.set_retention("source", f"demo/{name}", "archive", 10, 0, folder=f"old-{name}")
    bench.set_day(11)
    first = bench.run(source="demo/one")
    assert (first["n_messages"], first["n_mails"], operations.buckets()[0].n_mails) == (2, 0, 3)
    second = bench.run(source="demo/two")
    assert (second["n_messages"], second["n_mails"], operations.buckets()[0].n_mails) == (2, 2, 1)
    assert operations.sql("SELECT count(*) FROM blob").column(0).to_pylist() == [1]
    assert len(operations.sql("SELECT uid FROM message WHERE source_id = '" + one.source_id + "'")) == 1
    (kept,) = (tmp_path / "old-two").rglob("*-mails.parquet")
    assert pq.read_table(kept).column("content").to_pylist() == [mail(1), mail(2)]
    assert not list((tmp_path / "old-one").rglob("*-mails.parquet"))


@pytest.mark.nightly
def test_an_archive_of_a_masked_source_shows_what_anybody_sees(bench: Bench, tmp_path: Path) -> None:
    secret = "kim.sander@shop.example"
    source_id = bench.operations.create_source("demo", "masked", mask_personal=True).source_id
    rows = rows_of(message("m0", body=f"write to {secret} please", sender=secret))
    bench.operations.put_messages(source_id, rows, "b", 1)
    bench.operations.set_retention("workspace", "", "archive", 10, 0, folder="old")
    bench.set_day(11)
    assert bench.run()["n_messages"] == 1
    (kept,) = (tmp_path / "old").rglob("*-messages.parquet")
    assert "write to [" in pq.read_table(kept).column("body").to_pylist()[0]
    assert traces([tmp_path / "old"], [secret]) == []
    bench.put(0, 1)
    bench.set_day(22)
    with bench.opened._workspace.store.write() as session:
        session.personal.hide(bench.source.source_id)
    with pytest.raises(
        InputError, match="source 'demo/mail' is being masked; an archive would hold no texts"
    ):
        bench.run()
    bench.opened.close()
    assert traces([tmp_path], [secret]) == []


@pytest.mark.nightly
def test_sensitive_properties_are_archived_by_who_may_read_them(bench: Bench) -> None:
    bench.put(0, 1)
    bench.operations.amend_source(bench.source.source_id, sensitive_properties=("string:Team",))
    bench.operations.set_retention("workspace", "", "archive", 10, 0, folder="old")
    bench.set_day(11)
    grants = grants_of([(Role(name="r", title="R", scope="tenant", permissions=("tenant.manage",)), None)])
    with pytest.raises(AccessError, match="sensitive"):
        bench.opened.operations("bob", grants=grants).start_retention()


def test_a_policy_that_changed_meanwhile_stops_the_run(bench: Bench) -> None:
    bench.put(0, 1)
    bench.operations.set_retention("workspace", "", "delete", 10, 0)
    bench.set_day(11)
    chosen = [
        {
            "source_id": bench.source.source_id,
            "before": (AT + timedelta(days=1)).isoformat(),
            "terms": ["delete", 5, "keep", ""],
        }
    ]
    told = {"actor": "ann", "channel": "python", "run": "r", "sources": chosen}
    job = Job(bench.operations, bench.opened._workspace.jobs.submit("retention", told))
    with pytest.raises(InputError, match="'demo/mail' was changed while a run took messages by it"):
        job.wait(progress=False)
    assert bench.left() == {"m0"}


def test_policies_that_cannot_be(bench: Bench, tmp_path: Path) -> None:
    put = bench.operations.set_retention
    with pytest.raises(InputError, match="messages cannot be kept for 0 days"):
        put("workspace", "", "delete", 0)
    with pytest.raises(InputError, match="a notice cannot run for -1 days"):
        put("workspace", "", "delete", 10, -1)
    with pytest.raises(InputError, match="the folder 'old' is only for a policy that archives"):
        put("workspace", "", "delete", 10, 1, "keep", "old")
    with pytest.raises(InputError, match="the workspace is not chosen by a name, and 'demo' is given"):
        put("workspace", "demo", "delete")
    with pytest.raises(UnknownNameError, match="unknown source 'demo/none'"):
        put("source", "demo/none", "delete")
    with pytest.raises(UnknownNameError, match="unknown project 'none'"):
        put("project", "none", "delete")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for folder in ("", "..", "no/such", "file", "link", "w.duckdb.workbench", "w.duckdb.workbench/old"):
        with pytest.raises(InputError, match="cannot take an archive"):
            put("workspace", "", "archive", folder=folder)
    with pytest.raises(InputError, match="the workspace has no retention policy; nothing is taken"):
        bench.operations.start_retention()
    put("workspace", "", "delete")
    with pytest.raises(InputError, match="the workspace has nothing past its retention policy"):
        bench.operations.start_retention()
    with pytest.raises(InputError, match="retention is of project 'a' or of source 'b', not of both"):
        Workspace(bench.operations, address="here").retention_preview(project="a", source="b")


@pytest.mark.nightly
def test_policies_go_with_what_they_are_of(bench: Bench) -> None:
    bench.operations.set_retention("source", bench.source.source_id, "delete")
    bench.operations.set_retention("project", "demo", "delete")
    bench.operations.delete_source(bench.source.source_id, "demo/mail")
    assert [one.scope for one in bench.operations.retention_policies()] == ["project"]
    bench.operations.delete_project("demo", "demo")
    assert bench.operations.retention_policies() == ()
