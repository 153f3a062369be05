"""Every operation, every role, every way in: what passes is exactly what the table of rules says.

The use cases themselves are replaced, so that nothing happens but the decision; what lists show is looked at for real.
"""

from __future__ import annotations

import threading
import time
import typing
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pyarrow as pa
import pytest

from tests.contract.conftest import served_over_http
from tests.contract.messages import batch
from workbench.cli.opening import opened as opened_by_command
from workbench.client import SocketDoor, connect_http, connect_local
from workbench.domain import (
    BUILT_IN_ROLES,
    JOB_CHANGERS,
    JOB_READERS,
    PERMISSIONS,
    AnyConnection,
    Grants,
    ImapConnection,
    JobId,
    JobState,
    MessageFilter,
    Operations,
    Permission,
    Principal,
    Role,
    UploadId,
    WebhookSettings,
    grants_of,
    with_included,
)
from workbench.errors import AccessError, InputError, SignInError, UnknownNameError
from workbench.settings import Settings
from workbench.wire import signature, socket_path
from workbench.workspace.binding import USE_CASES
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.owner.doorkeeper import Doorkeeper, channel_of
from workbench.workspace.owner.server import OwnerServer

WAYS = ("python", "panel", "cli", "http")
DAILY = {("http", "developer"), ("http", "service_admin"), ("python", "viewer")}
"""What is tried with every change; each way with each role by night."""
AT = datetime(2026, 3, 1, tzinfo=UTC)
REACHED = "reached"
_NAMED = {"dataset": "all", "source": "mail", "bucket": "inbox"}


@dataclass(frozen=True, kw_only=True)
class Home:
    """A project and one of everything in it."""

    project: str
    ids: dict[str, Any]


class Accounts:
    """A token per role: its name."""

    guarded = True

    def __init__(self, grants: dict[str, Grants]) -> None:
        self.grants = grants

    def recognise(self, token: str, peer: str = "") -> Principal:
        if token not in self.grants:
            raise SignInError("nobody has this token.", next_step="Sign in.")
        return Principal(name=token, grants=self.grants[token], kind="token")


def _home(opened: OpenedWorkspace, project: str) -> Home:
    there = opened.operations("ops")
    there.create_project(project)
    bucket = there.create_bucket(project, "inbox")
    source = there.create_source(project, "mail")
    there.put_messages(source.source_id, batch(3), "first", 3)
    dataset = there.create_dataset(project, "all", (source.source_id,))
    integration = there.create_integration(
        project, "box", AnyConnection.of(ImapConnection(host="localhost", user_name="u")), enabled=False
    )
    label = there.create_label(dataset.dataset_id, "Claims")
    job_id = JobId(project.encode().hex().rjust(16, "0"))
    state = JobState(
        job_id=job_id,
        kind="train",
        status="done",
        dataset_id=dataset.dataset_id,
        created_at=AT,
        finished_at=AT,
    )
    with opened._workspace.store.write() as session:
        session.jobs.add(state, '{"actor": "ops"}')
    ids = {
        "dataset_id": dataset.dataset_id,
        "source_id": source.source_id,
        "source_ids": (source.source_id,),
        "bucket_id": bucket.bucket_id,
        "integration_id": integration.integration_id,
        "label_id": label.label_id,
        "job_id": job_id,
        "project": project,
        "upload_id": UploadId("a" * 32),
        "upload_ids": (UploadId("a" * 32),),
    }
    return Home(project=project, ids=ids)


_PLAIN: dict[Any, Any] = {
    str: "x",
    int: 1,
    float: 0.5,
    bool: False,
    bytes: b"x",
    datetime: AT,
    pa.Table: batch(1),
    WebhookSettings: WebhookSettings(url="https://hooks.example.org/x"),
    AnyConnection: AnyConnection.of(ImapConnection(host="localhost", user_name="u")),
}


def sample(kind: Any) -> Any:
    """Some value of a type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, typing.NewType):
        return kind(sample(kind.__supertype__))
    origin = get_origin(kind)
    if origin is Literal:
        return get_args(kind)[0]
    if origin in (tuple, dict, frozenset):
        return origin()
    if origin is not None:  # a union: none where it may be, else the first
        members = get_args(kind)
        return None if type(None) in members else sample(members[0])
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
        return kind(**{name: sample(hints[name]) for name in needed})
    return kind()


def arguments(operation: str, home: Home) -> dict[str, Any]:
    """Arguments of an operation that name what lies in a home."""
    hints = typing.get_type_hints(getattr(Operations, operation))
    hints.pop("return")
    made = {name: home.ids.get(name, sample(hint)) for name, hint in hints.items()}
    if operation in _NAMED:
        made["name"] = f"{home.project}/{_NAMED[operation]}"
    return made


def says(role: Role, operation: str, *, at_home: bool) -> bool:
    """What the table says of a role that is given in the home (roles of the tenant: everywhere)."""
    rule, held = PERMISSIONS[operation], with_included(role.permissions)
    everywhere = held if role.scope == "tenant" else frozenset[Permission]()
    here = held if at_home or role.scope == "tenant" else frozenset[Permission]()
    if rule.place in ("anybody", "listed"):
        return True
    if rule.place == "tenant":
        return everywhere >= set(rule.needs)
    if rule.place == "upload":
        return bool(held & set(rule.needs))
    if rule.place == "job":
        changes = {JOB_CHANGERS["train"]} if operation in ("cancel_job", "resume_job") else set()
        return here >= {JOB_READERS["train"], *rule.needs, *changes}
    return here >= {*rule.needs, *rule.sources, *rule.target}


def passed(ask: Any) -> bool:
    """Whether a call came to the use case; refused otherwise, in words that help."""
    with pytest.raises((AccessError, InputError)) as told:
        ask()
    if isinstance(told.value, AccessError | UnknownNameError):
        assert told.value.next_step
        return False
    assert told.value.message == REACHED
    return True


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, short_runtime: Path
) -> Iterator[tuple[OpenedWorkspace, Path, Home, Home, str]]:
    file = tmp_path_factory.mktemp("rights") / "w.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(file, settings=settings) as opened:
        homes = _home(opened, "home"), _home(opened, "away")
        grants = {
            role.name: grants_of([(role, "home" if role.scope == "project" else None)])
            for role in BUILT_IN_ROLES.values()
        }
        keeper = Doorkeeper(Accounts(grants), operator_token="op")
        server = OwnerServer(
            socket_path(file),
            operations_of=lambda call, user: opened.operations_for(
                keeper.principal(call, user), channel=channel_of(call), call_id=call.call_id
            ),
            busy=lambda: False,
            leaving=lambda: None,
            idle_s=0,
        )
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        while not socket_path(file).exists():
            time.sleep(0.01)
        door = SocketDoor(file, settings=settings)
        with served_over_http(door) as address:
            yield opened, file, *homes, address
        door.close()
        server.stop()
        thread.join(10)


def way_in(way: str, role: str, file: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Operations:
    """The operations, as somebody with a role gets hold of them."""
    if way == "http":
        return connect_http(address, token=role)
    if way == "cli":
        monkeypatch.setenv("WORKBENCH_TOKEN", role)
        return opened_by_command(file).operations
    return connect_local(file, channel=way, token=role)


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use cases that only say that they were reached."""

    def reached(*_args: object, **_kwargs: object) -> None:
        raise InputError(REACHED, next_step="")

    for name in USE_CASES:
        monkeypatch.setitem(USE_CASES, name, reached)


@pytest.mark.parametrize(
    ("way", "role"),
    [
        (way, role) if (way, role) in DAILY else pytest.param(way, role, marks=pytest.mark.nightly)
        for way in WAYS
        for role in BUILT_IN_ROLES
    ],
)
@pytest.mark.usefixtures("replaced")
def test_what_passes_is_what_the_table_says(
    role: str,
    way: str,
    served: tuple[OpenedWorkspace, Path, Home, Home, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, file, home, away, address = served
    asked = way_in(way, role, file, address, monkeypatch)
    for operation in PERMISSIONS:
        for place in (home, away):
            given = arguments(operation, place)
            expected = says(BUILT_IN_ROLES[role], operation, at_home=place is home)
            found = passed(lambda op=operation, args=given: getattr(asked, op)(**args))
            assert found == expected, f"{role} by {way}: {operation} in {place.project}"


def test_the_product_descriptions_of_the_roles_hold() -> None:
    """Written down by hand: what the roles are described to be able and unable to do."""
    can = {
        "service_admin": {"create_project", "amend_project", "delete_project", "audit_table", "ledger_table"},
        "audit_viewer": {"audit_table"},
        "project_admin": {"create_source", "delete_source", "create_dataset", "put_messages", "export_piece"},
        "model_trainer": {
            "judge",
            "create_label",
            "rename_label",
            "pin_version",
            "find_messages",
            "start_train",
        },
        "developer": {"put_messages", "export_piece", "pin_version", "create_stream", "delete_source"},
        "analyst": {"find_messages", "validation", "drift", "streams"},
        "viewer": {"find_messages", "validation", "labels", "integrations"},
        "automation_user": {"put_messages", "stream_predictions", "tag_exceptions", "delete_messages"},
    }
    cannot = {
        "service_admin": {"find_messages", "labels", "judge", "sql", "export_piece"},
        "audit_viewer": {"find_messages", "create_project", "ledger_table"},
        "project_admin": {"create_project", "delete_project", "judge", "pin_version", "audit_table", "sql"},
        "model_trainer": {
            "create_dataset",
            "delete_dataset",
            "put_messages",
            "export_piece",
            "delete_messages",
        },
        "developer": {"judge", "create_label", "create_dataset", "amend_dataset", "delete_dataset"},
        "analyst": {"put_messages", "export_piece", "judge", "stream_predictions", "messages_table"},
        "viewer": {"put_messages", "export_piece", "judge", "create_label", "start_train", "create_stream"},
        "automation_user": {"judge", "create_dataset", "export_piece", "create_stream", "pin_version"},
    }
    assert set(can) == set(cannot) == set(BUILT_IN_ROLES)
    for role, operations in can.items():
        assert {one for one in operations if says(BUILT_IN_ROLES[role], one, at_home=True)} == operations, (
            role
        )
    for role, operations in cannot.items():
        assert not {one for one in operations if says(BUILT_IN_ROLES[role], one, at_home=True)}, role


@pytest.mark.parametrize("way", WAYS)
def test_lists_hold_what_lies_where_one_may_look(
    way: str, served: tuple[OpenedWorkspace, Path, Home, Home, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, file, home, _, address = served
    admin = way_in(way, "project_admin", file, address, monkeypatch)
    assert [one.name for one in admin.projects()] == ["home"]
    for listed in (admin.sources(), admin.datasets(), admin.buckets(), admin.integrations()):
        assert [one.project for one in listed] == ["home"]
    assert [one.job_id for one in admin.jobs() if one.kind == "train"] == [home.ids["job_id"]]
    assert {total.project for total in admin.usage().totals} == {"home"}
    for named in ("away", ""):
        assert not [one for one in admin.sources(named or None) if one.project != "home"]
    with pytest.raises(UnknownNameError) as refused:
        admin.dataset("away/all")
    assert "away/all" not in refused.value.next_step
    page = admin.wait_events(0, 0)
    ours = opened.operations("ops")
    for project in ("away", "home"):
        ours.amend_source(served[3 if project == "away" else 2].ids["source_id"], title=f"{project} {way}")
        ours.create_label(served[3 if project == "away" else 2].ids["dataset_id"], f"New {way}")
    seen = admin.wait_events(page.last_seq, 5)
    assert {one.dataset_id for one in seen.events if one.dataset_id} == {home.ids["dataset_id"]}
    assert {one.subject for one in seen.events if one.dataset_id is None} <= {""}


def test_who_has_no_right_in_a_source_does_not_see_its_messages_through_a_dataset_elsewhere(
    served: tuple[OpenedWorkspace, Path, Home, Home, str],
) -> None:
    opened, _, home, away, _ = served
    ours = opened.operations("ops")
    both = ours.create_dataset("home", "both", (home.ids["source_id"], away.ids["source_id"]))
    seen = opened.operations(
        "vera", grants=grants_of([(BUILT_IN_ROLES["viewer"], "home"), (BUILT_IN_ROLES["audit_viewer"], None)])
    )
    assert seen.labels(both.dataset_id) == ()
    with pytest.raises(AccessError, match=r"^'vera' may not count messages\. Ask .* 'Source - Read'\.$"):
        seen.count_messages(both.dataset_id, MessageFilter())
    ours.delete_dataset(both.dataset_id, confirm="home/both")


def test_an_upload_belongs_to_whom_it_was_begun_by(
    served: tuple[OpenedWorkspace, Path, Home, Home, str],
) -> None:
    opened = served[0]
    grants = grants_of([(BUILT_IN_ROLES["developer"], "home")])
    dan, eve = opened.operations("dan", grants=grants), opened.operations("eve", grants=grants)
    upload_id = UploadId("b" * 32)
    dan.begin_upload(upload_id, "x.csv", 3)
    for ask in (
        lambda: eve.upload_piece(upload_id, 0, b"abc"),
        lambda: eve.begin_upload(upload_id, "x.csv", 3),
        lambda: eve.finish_upload(upload_id, 1, "00"),
    ):
        with pytest.raises(AccessError, match="was not begun by 'eve'"):
            ask()


def test_a_project_is_not_made_by_the_way(served: tuple[OpenedWorkspace, Path, Home, Home, str]) -> None:
    everywhere = grants_of([(BUILT_IN_ROLES["project_admin"], None)])
    seen = served[0].operations("pam", grants=everywhere)
    with pytest.raises(AccessError, match="'pam' may not create project 'new'"):
        seen.create_source("new", "mail")
    assert "new" not in {one.name for one in served[0].operations("ops").projects()}


def test_each_operation_can_be_given_arguments(served: tuple[OpenedWorkspace, Path, Home, Home, str]) -> None:
    """Otherwise a call could be refused for its form, and the matrix would say nothing."""
    for operation in PERMISSIONS:
        known = signature(operation)
        assert known.unpack(known.pack((), arguments(operation, served[2]))) is not None
