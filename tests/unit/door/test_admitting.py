"""People in a notebook: each verb asks its operation, and passwords are asked for without echo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.people import OTHER, PASSWORD
from workbench.domain import PERMISSIONS
from workbench.domain.people_operations import PeopleOperations
from workbench.door import Workspace
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.workspace import open_workspace


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", password_memory_kib=8, password_passes=1)
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        yield Workspace(opened.operations("root"), address="w")


def test_people_come_and_go(ws: Workspace) -> None:
    ws.create_project("demo")
    assert ws.create_user("ann", ask_password=True).has_password
    assert not ws.create_user("bob", email="bob@buyer.example", roles=["viewer"]).has_password
    assert ws.set_password("bob").must_change_password
    assert ws.amend_user("bob", title="Bob").title == "Bob"
    assert ws.disable_user("bob").disabled_at and not ws.enable_user("bob").disabled_at
    assert ws.create_group("team", members=["bob"]).members == ("bob",)
    assert ws.amend_group("team", members=["ann", "bob"]).members == ("ann", "bob")
    made = ws.create_role("reader", ["dataset.read"])
    assert ws.roles()[-1] == made and ws.amend_role("reader", permissions=["source.read"]).permissions == (
        "source.read",
    )
    given = ws.assign_role("team", "reader", project="demo", kind="group")
    assert ws.role_assignments("demo") == (given,)
    ws.remove_role_assignment(given.assignment_id)
    ws.delete_role("reader", confirm="reader")
    ws.delete_group("team", confirm="team")
    token = ws.create_token("robot", days=3, projects=["demo"], permissions=["dataset.read"], user="ann")
    assert token.token.expires_at is not None
    assert token.token.expires_at - datetime.now(UTC) < timedelta(days=3)
    assert ws.tokens(everybody=True) == ws.tokens("ann") == (token.token,)
    assert ws.revoke_token(token.token.token_id).revoked_at
    ws.delete_user("bob", confirm="bob")
    assert [one.name for one in ws.users()] == ["ann"] and ws.groups() == () and ws.my_rights().guarded


def test_two_passwords_that_differ_are_refused(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter((PASSWORD, OTHER))
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    with pytest.raises(InputError, match="the two passwords differ"):
        ws.create_user("ann", ask_password=True)
    assert ws.users() == ()


def test_each_operation_on_people_has_a_verb() -> None:
    names = {name for name in vars(PeopleOperations) if name in PERMISSIONS}
    assert len(names) == 16 and not [name for name in names if not hasattr(Workspace, name)]
