"""People with accounts, through a real owner: over its socket and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.conftest import served_over_http, stop_owner
from tests.people import OTHER, PASSWORD
from workbench.client import SocketDoor, connect_http, connect_local
from workbench.domain import Operations
from workbench.errors import AccessError, SignInError
from workbench.settings import Settings
from workbench.wire import companion_folder


@dataclass(frozen=True, kw_only=True)
class Served:
    """A workspace and its ways in."""

    file: Path
    address: str
    operator: Operations

    def ways(self, token: str) -> tuple[Operations, Operations]:
        """Over the socket and over HTTP, with a token."""
        return connect_local(self.file, token=token), connect_http(self.address, token=token)


@pytest.fixture
def served(tmp_path: Path, short_runtime: Path) -> Iterator[Served]:
    file = tmp_path / "w.duckdb"
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\npassword_memory_kib = 8\npassword_passes = 1\n', "utf-8"
    )
    door = SocketDoor(file, settings=Settings(owner_idle_s=60))
    try:
        with served_over_http(door) as address:
            yield Served(file=file, address=address, operator=connect_local(file, actor="root"))
        door.close()
    finally:
        stop_owner(file)


def refused(served: Served, token: str, text: str) -> None:
    """Nobody is behind a token any more; over HTTP the words are those of the client."""
    local, remote = served.ways(token)
    with pytest.raises(SignInError, match=text):
        local.projects()
    with pytest.raises(SignInError):
        remote.projects()


def test_people_by_every_way(served: Served) -> None:
    root = served.operator
    assert root.my_rights().kind == "local" and not root.my_rights().guarded
    root.create_project("demo")
    root.create_user("ann", password=PASSWORD)
    root.create_user("bob", password=OTHER)
    root.assign_role("bob", "viewer", "demo")
    assert root.my_rights().kind == "operator" and root.my_rights().guarded

    began = root.sign_in("ann", PASSWORD)
    with pytest.raises(SignInError, match="name or password is wrong"):
        root.sign_in("ann", OTHER)
    for ann in served.ways(began.session_token):
        rights = ann.my_rights()
        assert (rights.name, rights.kind) == ("ann", "session") and "tenant.manage" in rights.everywhere
        assert ann.whoami() == "ann"
        assert [one.name for one in ann.users()] == ["ann", "bob"]

    first = root.sign_in("bob", OTHER)
    assert first.must_change_password
    for bob in served.ways(first.session_token):
        assert bob.projects() == ()
        with pytest.raises(AccessError, match="'bob' may not create user"):
            bob.create_user("eve")
        with pytest.raises(AccessError, match="'bob' may not act for user 'ann'"):
            bob.tokens("ann")
    bob.set_password("a pebble in my shoe", OTHER)
    for bob in served.ways(first.session_token):
        assert [one.name for one in bob.projects()] == ["demo"]
        assert dict(bob.my_rights().projects)["demo"] and not bob.my_rights().everywhere

    ann = served.ways(began.session_token)[0]
    made = ann.create_token("robot", None, ("demo",), ("dataset.read",))
    for robot in served.ways(made.secret):
        assert robot.my_rights().projects == {"demo": ("dataset.read",)}
        with pytest.raises(AccessError, match="'ann' came with a token, and making a token needs a sign-in"):
            robot.create_token("another")
    ann.revoke_token(made.token.token_id)
    refused(served, made.secret, "the token of 'ann' was revoked")
    refused(served, "wbt_nonsense", "the token is not known here")
    ann.enable_user("bob", False)
    refused(served, first.session_token, "the session of 'bob' was revoked")
    ann.sign_out()
    refused(served, began.session_token, "the session of 'ann' was revoked")


@pytest.mark.nightly
def test_no_secret_lies_where_it_should_not(served: Served, tmp_path: Path) -> None:
    root = served.operator
    root.create_user("ann", password=PASSWORD)
    began = root.sign_in("ann", PASSWORD)
    made = root.create_token("robot", user="ann")
    with pytest.raises(SignInError):
        root.sign_in("ann", OTHER)
    for ann in served.ways(began.session_token):
        ann.users()
    copy = tmp_path / "copy.duckdb"
    root.publish(str(copy))
    hashes = b"$argon2id$"
    folder = companion_folder(served.file)
    left = [path for path in (served.file, served.file.with_suffix(".duckdb.wal"), copy) if path.exists()]
    left += [path for path in folder.rglob("*") if path.is_file()]
    for path in left:
        content = path.read_bytes()
        for secret in (PASSWORD, OTHER, began.session_token, made.secret):
            assert secret.encode() not in content, path
        assert hashes not in content or path.name == "secrets.duckdb", path
