"""The audit log: every changing operation has its event, events can be searched, refusals and reads are recorded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import workbench.workspace
from tests.contract.messages import batch
from tests.stores import AT
from workbench.domain import (
    EVENT_TYPES,
    KEPT_ELSEWHERE,
    PERMISSIONS,
    READS,
    AuditQuery,
    Grants,
    Judgement,
    MessageFilter,
    Operations,
    Uid,
    operations_with_events,
)
from workbench.door.workspace import Workspace
from workbench.errors import AccessError, ConflictError, InputError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace

ROOM = Path(workbench.workspace.__file__).parent
NAMED_WHEN_CALLED = re.compile(
    r"taxonomy_\w+|start_(embed|discover)|(un)?(pin|star)_version|(add|remove)_sources"
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as made:
        yield made


@pytest.fixture
def operations(opened: OpenedWorkspace) -> Operations:
    return opened.operations("ann")


# ---- the table


def test_every_operation_has_one_place() -> None:
    places = (operations_with_events(), frozenset(KEPT_ELSEWHERE), READS)
    assert {name: sum(name in one for one in places) for name in PERMISSIONS} == dict.fromkeys(PERMISSIONS, 1)
    assert frozenset().union(*places) == frozenset(PERMISSIONS)


def _words() -> set[str]:
    """Every text that stands alone in the code of the workspace."""
    return {
        node.value
        for file in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_type_is_written_somewhere() -> None:
    words = _words()
    assert [one for one in EVENT_TYPES if one not in words and not NAMED_WHEN_CALLED.fullmatch(one)] == []


def test_every_event_that_is_written_has_a_type() -> None:
    written = set()
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "append":  # without a caller
                named = {one.arg: one.value for one in node.keywords}
                if isinstance(found := named.get("action"), ast.Constant):
                    written.add(found.value)
            if name in ("audit", "record", "record_read", "note", "_record") and len(node.args) > 1:
                action = node.args[0 if name == "record_read" and len(node.args) == 1 else 1]
                if isinstance(action, ast.Constant):
                    written.add(action.value)
    assert len(written) > 50
    assert written - EVENT_TYPES.keys() == set()


# ---- what is written


def test_an_event_says_what_it_is_about(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3), "a", 3)
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    operations.start_languages(dataset.dataset_id)
    started, made, put, *_ = operations.audit_events(AuditQuery()).events
    assert (started.type, started.project, started.dataset_id) == (
        "start_languages",
        "demo",
        dataset.dataset_id,
    )
    assert (started.actor, started.channel, started.outcome) == ("ann", "python", "done")
    assert (made.object, made.dataset_id, len(made.event_id)) == ("demo/support", dataset.dataset_id, 16)
    assert (put.source_id, put.project) == (source.source_id, "demo")
    assert '"n_messages":3' in put.details


def test_annotating_in_bulk_is_one_event_and_says_no_text(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3), "a", 3)
    dataset_id = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    label = operations.create_label(dataset_id, "Praise")
    judgements = tuple(
        Judgement(
            event_id=f"e{i}", uid=Uid(f"{source.source_id}.m{i}"), assigned=(label.label_id,), mode="search"
        )
        for i in range(3)
    )
    operations.judge(dataset_id, judgements)
    (event,) = operations.audit_events(AuditQuery(types=("judge",))).events
    assert '"n_messages":3' in event.details
    body = operations.get_messages(dataset_id, (judgements[0].uid,))[0].body
    assert len(body) > 3
    assert body not in repr(operations.audit_table().to_pylist())


def test_what_leaves_the_workspace_is_recorded(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3), "a", 3)
    dataset_id = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    operations.export_piece(dataset_id, MessageFilter(), 0, 2)
    operations.export_piece(dataset_id, MessageFilter(), 2, 2)
    operations.messages_table(dataset_id, MessageFilter())
    operations.sql("SELECT 1")
    events = operations.audit_events(AuditQuery(types=("export", "sql"))).events
    assert [one.type for one in events] == ["sql", "export", "export"]


def test_who_may_not_is_recorded_by_the_rule(opened: OpenedWorkspace, operations: Operations) -> None:
    nobody = opened.operations("eve", grants=Grants())
    with pytest.raises(AccessError):
        nobody.create_project("mine")
    (event,) = operations.audit_events(AuditQuery(outcome="refused")).events
    assert (event.actor, event.channel, event.type) == ("eve", "python", "refused")
    assert event.object == "create_project" and "tenant.manage" in event.details


def test_who_may_not_by_what_the_thing_itself_is_is_recorded_once(
    opened: OpenedWorkspace, operations: Operations
) -> None:
    """The rule lets everybody ask for tokens, of their own; a dataset's reader for mail, where nothing is masked."""
    source = operations.create_source("demo", "mail", mask_personal=True)
    operations.put_messages(source.source_id, batch(1), "a", 1)
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    uid = operations.message_uids(dataset.dataset_id, MessageFilter())["uid"][0].as_py()
    reader = opened.operations("eve", grants=Grants(everywhere=frozenset({"dataset.read", "source.read"})))
    for ask in (lambda: reader.tokens(everybody=True), lambda: reader.raw_mail(dataset.dataset_id, uid)):
        with pytest.raises(AccessError):
            ask()
    mail, tokens = operations.audit_events(AuditQuery(outcome="refused")).events
    assert (mail.object, tokens.object) == ("raw_mail", "tokens")
    assert "source.unmask" in mail.details and "tenant.manage" in tokens.details


# ---- search


def test_conditions_hold_together(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.create_source("other", "chat")
    ask = operations.audit_events
    assert {one.object for one in ask(AuditQuery(projects=("demo",))).events} == {"demo", "demo/mail"}
    assert [one.type for one in ask(AuditQuery(object="MAIL")).events] == ["create_source"]
    assert ask(AuditQuery(source_ids=(source.source_id,), types=("create_project",))).events == ()
    assert ask(AuditQuery(actors=("bob",))).events == ()
    assert len(ask(AuditQuery(since=AT, until=None)).events) == 4
    assert ask(AuditQuery(until=AT)).events == ()


def test_pages_go_on_where_the_last_one_ended(operations: Operations) -> None:
    for name in "abcde":
        operations.create_project(name)
    query, seen, continuation = AuditQuery(limit=2), [], ""
    for _ in range(3):
        page = operations.audit_events(query, continuation)
        seen += [one.object for one in page.events]
        continuation = page.continuation
    assert seen == ["e", "d", "c", "b", "a"]
    assert continuation == ""


def test_names_are_told_of_what_is_gone(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    operations.amend_dataset(dataset.dataset_id, title="Support")
    operations.delete_dataset(dataset.dataset_id, "demo/support")
    page = operations.audit_events(AuditQuery(dataset_ids=(dataset.dataset_id,)))
    assert page.datasets == {dataset.dataset_id: "demo/support"}
    assert {one.type for one in page.events} == {"create_dataset", "amend_dataset", "delete_dataset"}


@pytest.mark.parametrize("forged", ["3.0123456789abcdef", "x", "-1.a", "²." + "0" * 16, "9" * 40 + ".a"])
def test_a_forged_continuation_is_refused(operations: Operations, forged: str) -> None:
    with pytest.raises(ConflictError, match="does not belong to this audit query") as refused:
        operations.audit_events(AuditQuery(), forged)
    assert "leave it out to begin" in refused.value.next_step


def test_the_continuation_of_another_query_is_refused(operations: Operations) -> None:
    for name in "abc":
        operations.create_project(name)
    query = AuditQuery(limit=1)
    page = operations.audit_events(query)
    with pytest.raises(InputError, match="does not belong"):
        operations.audit_events(replace(query, projects=("a",)), page.continuation)


def test_a_query_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="of an audit query has no time zone"):
        AuditQuery(since=AT.replace(tzinfo=None))
    with pytest.raises(InputError, match="a page of 1,001 audit events cannot be had"):
        AuditQuery(limit=1001)


def test_a_type_that_there_is_not_is_no_empty_answer(opened: OpenedWorkspace, operations: Operations) -> None:
    ws = Workspace(operations, address="")
    operations.create_project("demo")
    with pytest.raises(UnknownNameError, match="unknown type of audit event 'create_projects'") as caught:
        ws.audit(types="create_projects")
    assert caught.value.next_step.startswith("did you mean 'create_project'?")
    assert ws.audit(types="create_project", actors=["ann"], projects="demo")["object"].to_list() == ["demo"]
    assert ws.audit(types="delete_project").is_empty()
    with opened._workspace.store.write() as session:
        session.audit.append("ann", "of_an_older_version", "x", "{}", AT)
    assert ws.audit(types=("of_an_older_version",))["object"].to_list() == ["x"]


# ---- the check


def test_the_end_is_compared_with_the_head_beside_and_the_one_given(opened: OpenedWorkspace) -> None:
    operations = opened.operations("ann")
    for name in "abc":
        operations.create_project(name)
    given = str(operations.audit_head())
    assert operations.verify_audit(given).intact
    store = opened._workspace.store
    with store._cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE seq = 3")
    found = operations.verify_audit()
    assert (found.first_bad, found.kept_beside) == (3, True)
    assert "the end was cut off" in found.problem
    (store.path.with_name(store.path.name + ".workbench") / "audit.head").unlink()
    assert operations.verify_audit().intact  # the chain alone cannot tell
    assert operations.verify_audit(given).first_bad == 3


def test_a_log_written_anew_is_not_the_one_that_was(opened: OpenedWorkspace) -> None:
    operations = opened.operations("ann")
    for name in "ab":
        operations.create_project(name)
    with opened._workspace.store._cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE seq = 2")
        head = (opened._workspace.store.path.with_name("w.duckdb.workbench") / "audit.head").read_text()
    operations.create_project("c")
    kept = opened._workspace.store.path.with_name("w.duckdb.workbench") / "audit.head"
    kept.write_text(head)
    found = operations.verify_audit()
    assert found.first_bad == 2
    assert "the log was written anew" in found.problem


@pytest.mark.parametrize("head", ["", "{", "[]", '{"seq": "x", "hash": 1}'])
def test_a_head_that_cannot_be_read_counts_as_none(opened: OpenedWorkspace, head: str) -> None:
    operations = opened.operations("ann")
    operations.create_project("a")
    (opened._workspace.store.path.with_name("w.duckdb.workbench") / "audit.head").write_text(head)
    assert not operations.verify_audit().kept_beside


@pytest.mark.parametrize("head", ["3", "3:abc", "x:" + "0" * 64, ":" + "0" * 64])
def test_what_is_no_head_is_refused(operations: Operations, head: str) -> None:
    with pytest.raises(InputError, match="is no head of an audit log"):
        operations.verify_audit(head)


def test_a_head_that_cannot_be_written_undoes_nothing(
    opened: OpenedWorkspace, caplog: pytest.LogCaptureFixture
) -> None:
    operations = opened.operations("ann")
    kept = opened._workspace.store.path.with_name("w.duckdb.workbench") / "audit.head"
    kept.unlink(missing_ok=True)
    kept.mkdir()
    operations.create_project("a")
    assert [one.name for one in operations.projects()] == ["a"]
    assert "could not be kept beside the file" in caplog.text
