"""Charges in the transaction of what they charge: rules as data, corrections, budgets, reservations."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tests.contract.messages import batch
from workbench.domain import (
    ALL_PERMISSIONS,
    ColumnMapping,
    Grants,
    ImportOptions,
    ImportReport,
    JobId,
    MessageChoice,
    MessageId,
    Operations,
    SourceId,
    UploadId,
)
from workbench.door import Job
from workbench.errors import AccessError, InputError, LimitError, UnknownNameError
from workbench.metering import DEFAULT_RATE, DEFAULT_RULES, rules_from
from workbench.settings import Settings
from workbench.store import statements
from workbench.workspace import importing, open_workspace
from workbench.workspace.charges import reserve
from workbench.workspace.context import Caller
from workbench.workspace.opening import OpenedWorkspace

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, import_batch_rows=2)
MAPPING = ColumnMapping(id="id", timestamp="date", body="text")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Clock:
    """A clock that goes on by a second with each look."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a source, made once: what takes time is making it."""
    path = tmp_path_factory.mktemp("charging") / "w.duckdb"
    with open_workspace(path, settings=SETTINGS, clock=Clock()) as made:
        made.operations("tester").create_source("demo", "mail")
    return path


@pytest.fixture
def opened(template: Path, tmp_path: Path, clock: Clock) -> Iterator[OpenedWorkspace]:
    shutil.copy(template, tmp_path)
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS, clock=clock) as made:
        yield made


@pytest.fixture
def here(opened: OpenedWorkspace) -> Operations:
    return opened.operations("tester", "cli")


@pytest.fixture
def source_id(here: Operations) -> SourceId:
    return here.sources()[0].source_id


def put(here: Operations, source_id: SourceId, n: int, name: str = "b", **more: object) -> int:
    first = int(more.pop("first", 0))  # type: ignore[call-overload]
    suffix = str(more.pop("suffix", ""))
    return here.put_messages(source_id, batch(n, first=first, suffix=suffix), name, n, **more).units  # type: ignore[arg-type]


def start(here: Operations, source_id: SourceId, n: int, **options: object) -> JobId:
    content = ("id,date,text\n" + "".join(f"f{i},2026-01-01,text {i}\n" for i in range(n))).encode()
    upload_id = UploadId(secrets.token_hex(16))
    here.begin_upload(upload_id, "m.csv", len(content))
    here.upload_piece(upload_id, 0, content)
    here.finish_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    return here.start_import(source_id, upload_id, MAPPING, ImportOptions(**options))  # type: ignore[arg-type]


def bring(here: Operations, source_id: SourceId, n: int, **options: object) -> ImportReport:
    return msgspec.convert(Job(here, start(here, source_id, n, **options)).wait(progress=False), ImportReport)


# ---- rules ---------------------------------------------------------------------------------------


def test_a_workspace_begins_with_the_default_rules(here: Operations) -> None:
    assert dict(rules_from(here.charge_rules())) == dict(DEFAULT_RULES)
    assert [one.platform_units for one in here.unit_rates()] == [DEFAULT_RATE]


def test_a_rule_holds_from_its_moment_on_and_no_row_changes(
    here: Operations, source_id: SourceId, clock: Clock
) -> None:
    assert put(here, source_id, 2) == 2
    before = here.ledger_table()
    made = here.set_charge_rule("sync", "created", 3)
    here.set_charge_rule("sync", "created", 0, clock.now + timedelta(days=1))
    here.set_unit_rate(Decimal("0.25"))
    assert made.set_by == "tester" and made.valid_from == made.set_at
    assert put(here, source_id, 2, "c", first=2) == 6
    clock.now += timedelta(days=2)
    assert put(here, source_id, 1, "d", first=4) == 0
    after = here.ledger_table()
    assert after.slice(0, 2).equals(before)
    assert after["units"].to_pylist() == [1, 1, 3, 3]
    assert after["rate"].to_pylist() == [Decimal("0.2")] * 2 + [Decimal("0.25")] * 2
    assert here.usage().platform_units_per_unit == 0.25
    assert {one.units for one in here.charge_rules(made.valid_from)} == {1, 3}
    actions = here.audit_table()["action"].to_pylist()
    assert actions.count("set_charge_rule") == 2 and actions.count("set_unit_rate") == 1


def test_rules_that_cannot_be(here: Operations, clock: Clock) -> None:
    with pytest.raises(UnknownNameError, match="unknown charged operation 'fax'"):
        here.set_charge_rule("fax", "created", 1)
    with pytest.raises(UnknownNameError, match="unknown reason to charge for 'sync' 'predicted'"):
        here.set_charge_rule("sync", "predicted", 1)
    with pytest.raises(InputError, match="a message cannot cost -1 units"):
        here.set_charge_rule("sync", "created", -1)
    with pytest.raises(InputError, match="a charge cannot change from 2026-11-27T12:00:00"):
        here.set_charge_rule("sync", "created", 2, NOW)
    for wrong in ("NaN", "-0.1", "1000.1", "0.1234567"):
        with pytest.raises(InputError, match=re.escape(f"a unit cannot be worth {wrong} platform units")):
            here.set_unit_rate(Decimal(wrong))
    assert dict(rules_from(here.charge_rules())) == dict(DEFAULT_RULES)


# ---- the row of each channel ---------------------------------------------------------------------


def test_rows_say_by_whom_how_and_where(opened: OpenedWorkspace, source_id: SourceId) -> None:
    for actor, channel in (("ann", "python"), ("bea", "panel"), ("cyd", "cli"), ("dan", "http")):
        here = opened.operations(actor, channel)
        put(here, source_id, 1, f"batch of {actor}", first=ord(actor[0]))
        start_id = start(here, source_id, ord(actor[0]) - 96)
        Job(here, start_id).wait(progress=False)
    rows = here.ledger_table().to_pylist()
    found = {(one["actor"], one["channel"], one["operation"], one["project"], one["source"]) for one in rows}
    ways = {("ann", "python"), ("bea", "panel"), ("cyd", "cli"), ("dan", "http")}
    assert found == {(*way, kind, "demo", source_id) for way in ways for kind in ("sync", "import")}
    assert len(rows) == 8  # each file holds the messages of the one before, which are free


def test_no_charge_is_recorded_and_for_administrators(
    opened: OpenedWorkspace, here: Operations, source_id: SourceId
) -> None:
    here.set_budget("demo", "month", hard=1)
    assert put(here, source_id, 2, no_charge=True) == 0
    assert bring(here, source_id, 3, no_charge=True).counts.units == 0
    table = here.ledger_table()
    assert table["charged"].to_pylist() == [False] * 5 and table["units"].to_pylist() == [1] * 5
    assert here.usage().units == 0
    other = opened.operations("bob", grants=Grants(everywhere=ALL_PERMISSIONS - {"tenant.manage"}))
    assert put(other, source_id, 1, "x", first=9, no_charge=True) == 1, "asked for, and charged all the same"
    with pytest.raises(LimitError, match="demo"):
        put(other, source_id, 1, "y", first=10, no_charge=True)
    with pytest.raises(AccessError, match="may not upload without charge"):
        start(other, source_id, 5, no_charge=True)
    (charged,) = here.ledger_table().to_pylist()[5:]
    assert (charged["actor"], charged["charged"], here.usage().units) == ("bob", True, 1)
    assert charged["note"] == "no_charge was asked for; only an administrator's is heeded"
    assert table["note"].to_pylist() == [None] * 5


def test_a_batch_that_comes_again_after_a_deletion_is_charged_again(
    here: Operations, source_id: SourceId
) -> None:
    assert (put(here, source_id, 2), put(here, source_id, 2)) == (2, 2)
    assert here.usage().units == 2
    here.delete_messages(source_id, MessageChoice(message_ids=(MessageId("m0"),)), "delete")
    assert put(here, source_id, 2) == 1
    assert here.usage().units == 3 == here.ledger_table().num_rows


# ---- corrections ---------------------------------------------------------------------------------


def test_an_entry_is_corrected_once(opened: OpenedWorkspace, here: Operations, source_id: SourceId) -> None:
    put(here, source_id, 2)
    first = here.ledger_table()["entry_id"][0].as_py()
    before = here.ledger_table()
    asked = opened.operations("ann", "cli", "call-1")
    made = asked.correct_charge(first, " sent twice by mistake ")
    assert (made.units, made.corrects, made.note, made.actor) == (-1, first, "sent twice by mistake", "ann")
    assert asked.correct_charge(first, "sent twice by mistake") == made  # its reply was lost
    with pytest.raises(
        InputError, match=rf"entry '{first}' was corrected already, by entry '{made.entry_id}'"
    ):
        here.correct_charge(first, "again")
    with pytest.raises(InputError, match="it is itself a correction"):
        here.correct_charge(made.entry_id, "back")
    assert here.usage().units == 1
    assert here.ledger_table().slice(0, 2).equals(before)
    assert here.audit_table()["action"].to_pylist().count("correct_charge") == 1


def test_corrections_that_cannot_be(here: Operations, source_id: SourceId) -> None:
    put(here, source_id, 1, no_charge=True)
    (entry_id,) = here.ledger_table()["entry_id"].to_pylist()
    with pytest.raises(InputError, match="it charged nothing"):
        here.correct_charge(entry_id, "why")
    with pytest.raises(InputError, match="there is no ledger entry 'none'"):
        here.correct_charge("none", "why")
    with pytest.raises(
        InputError, match="a correction needs a reason of 1 to 1,024 characters; 1 were given"
    ):
        here.correct_charge(entry_id, " ")


def test_no_statement_changes_or_removes_a_ledger_row() -> None:
    changing = re.compile(
        r"(UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|INSERT\s+OR\s+REPLACE\s+INTO)\s+ledger\b", re.IGNORECASE
    )
    written = [one.name for one in statements.all_statements().values() if "ledger" in one.sql]
    assert "ledger.append" in written
    assert not [one.name for one in statements.all_statements().values() if changing.search(one.sql)]
    assert changing.search("delete from ledger") and changing.search("UPDATE ledger SET units = 0")


def test_deletions_keep_the_ledger(here: Operations, source_id: SourceId) -> None:
    put(here, source_id, 4)
    before = here.ledger_table()
    here.delete_messages(source_id, MessageChoice(message_ids=(MessageId("m0"),)), "delete")
    here.delete_source(source_id, "demo/mail")
    here.delete_project("demo", "demo", True)
    assert here.ledger_table().equals(before)
    assert here.usage().units == 4


# ---- budgets -------------------------------------------------------------------------------------


def test_a_batch_beyond_the_hard_limit_is_refused_whole(here: Operations, source_id: SourceId) -> None:
    here.set_budget("demo", "month", hard=5)
    assert put(here, source_id, 3) == 3
    with pytest.raises(
        LimitError, match=r"3 units are needed; the budget of project 'demo' .* has 2 left: 3 used"
    ):
        put(here, source_id, 3, "c", first=3)
    assert here.sources()[0].n_messages == 3 == here.ledger_table().num_rows
    assert put(here, source_id, 5, "d") == 2  # three are there, and free
    (one,) = here.budgets("demo")
    assert (one.used, one.left) == (5, 0)


def test_an_import_beyond_the_hard_limit_stores_nothing(here: Operations, source_id: SourceId) -> None:
    here.set_budget("", "year", hard=9)
    assert bring(here, source_id, 4).counts.units == 4
    job_id = start(here, source_id, 10)
    with pytest.raises(LimitError, match=r"6 units are needed; the budget of the workspace .* has 5 left"):
        Job(here, job_id).wait(progress=False)
    assert here.sources()[0].n_messages == 4
    (one,) = here.budgets()
    assert (one.used, one.reserved) == (4, 0)
    done = bring(here, source_id, 9)
    assert (done.counts.units, done.budgets[0].left, done.budgets[0].reserved) == (5, 0, 0)


def test_what_an_import_reserved_nobody_else_gets(
    opened: OpenedWorkspace, here: Operations, source_id: SourceId
) -> None:
    here.set_budget("demo", "once", hard=10)
    caller = Caller(workspace=opened._workspace, actor="tester")
    reserve(caller, JobId("one"), {"demo": 6})
    with pytest.raises(LimitError, match="has 4 left: 0 used, 6 reserved, 1 too few"):
        reserve(caller, JobId("two"), {"demo": 5})
    with pytest.raises(LimitError, match="has 4 left"):
        put(here, source_id, 5)
    assert put(here, source_id, 4) == 4
    assert here.budgets()[0].reserved == 6
    with opened._workspace.store.write() as session:
        session.budgets.settle(JobId("one"), "demo", 2)
        assert session.budgets.reserved_by(JobId("one"), "demo") == 4


def test_reservations_of_dead_jobs_are_dropped(template: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(template, tmp_path))
    with open_workspace(file, settings=SETTINGS) as opened:
        opened.operations("tester").set_budget("demo", "once", hard=10)
        reserve(Caller(workspace=opened._workspace, actor="tester"), JobId("one"), {"demo": 6})
        assert opened.operations("tester").budgets()[0].left == 4
    with open_workspace(file, settings=SETTINGS) as opened:
        assert opened.operations("tester").budgets()[0].left == 10


def test_a_soft_limit_warns_and_is_told_once(here: Operations, source_id: SourceId) -> None:
    here.set_budget("demo", "month", soft=3, hard=100)
    start_seq = here.wait_events(0, 0).last_seq
    counts = here.put_messages(source_id, batch(3), "a", 3)
    assert counts.warnings == ()
    counts = here.put_messages(source_id, batch(2, first=3), "b", 2)
    warning = (
        "The budget of project 'demo' (month) is past its soft limit: 5 units used of 3, hard limit 100."
    )
    assert counts.warnings == (warning,)
    report = bring(here, source_id, 1)
    assert report.counts.warnings == (warning.replace("5 units", "6 units"),)
    told = [one for one in here.wait_events(start_seq, 0).events if one.topic == "budget"]
    assert [one.subject for one in told] == ["demo"]
    assert msgspec.json.decode(told[0].payload)["used"] == 5


def test_a_new_period_begins_anew(here: Operations, source_id: SourceId, clock: Clock) -> None:
    here.set_budget("demo", "month", hard=3)
    put(here, source_id, 3)
    clock.now += timedelta(days=4)
    assert here.budgets()[0].used == 0
    assert put(here, source_id, 3, "c", first=3) == 3


def test_budgets_are_set_and_removed(here: Operations) -> None:
    made = here.set_budget("demo", "month", 5, 9)
    changed = here.set_budget("demo", "month", None, 7)
    assert (made.soft, made.hard, changed.soft, changed.hard) == (5, 9, None, 7)
    whole = here.set_budget("", "year", 5)
    assert [one.project for one in here.budgets()] == ["", "demo"]
    assert here.budgets("other") == (whole,)
    assert here.remove_budget("demo", "month") == changed
    assert here.budgets() == (whole,)
    assert replace(whole, used=0) == whole


def test_budgets_that_cannot_be(here: Operations) -> None:
    with pytest.raises(UnknownNameError, match="unknown budget period 'week'"):
        here.set_budget("demo", "week", 5)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="unknown project 'nowhere'"):
        here.set_budget("nowhere", "month", 5)
    for soft, hard in ((None, None), (-1, None), (5, 4)):
        with pytest.raises(InputError, match=f"the soft limit {soft} and the hard limit {hard}"):
            here.set_budget("demo", "month", soft, hard)
    with pytest.raises(UnknownNameError, match=r"unknown budget 'demo \(month\)'"):
        here.remove_budget("demo", "month")


def test_an_import_that_fails_gives_back_what_it_reserved(
    here: Operations, source_id: SourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.set_budget("demo", "once", hard=10)
    seen: list[int] = []

    def fail(*_: object, **__: object) -> None:
        seen.append(here.budgets()[0].reserved)
        raise InputError("the disk is gone.")

    monkeypatch.setattr(importing, "load_messages", fail)
    with pytest.raises(InputError, match="the disk is gone"):
        bring(here, source_id, 4)
    assert seen == [4]
    assert here.budgets()[0].reserved == 0
