"""Users, groups, roles and tokens on the command line; passwords come from a prompt or standard input."""

from __future__ import annotations

import io
import json

import pytest

from tests.people import OTHER, PASSWORD
from tests.unit.cli.test_cli import Run, run

__all__ = ["run"]


def test_people_come_work_and_go(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, _ = run(
        "users", "add", "a.duckdb", "ann", "--admin", "--email", "ann@buyer.example", "--no-password"
    )
    assert (status, out) == (0, "ann  ann@buyer.example, no password, last sign-in never\n")
    asked: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or OTHER)
    assert run("users", "add", "a.duckdb", "bob")[1] == "bob  must change the password, last sign-in never\n"
    assert asked == ["first password of bob: ", "once more: "]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run("users", "password", "a.duckdb", "ann", "--password-stdin")[0] == 0
    answers = iter((PASSWORD, OTHER))
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    status, out, err = run("users", "password", "a.duckdb", "bob")
    assert (status, "the two passwords differ" in err) == (1, True)
    assert PASSWORD not in out + err

    assert run("groups", "add", "a.duckdb", "team", "--member", "bob")[1] == "team  bob\n"
    assert run("groups", "members", "a.duckdb", "team", "ann", "bob")[1] == "team  ann, bob\n"
    assert run("groups", "list", "a.duckdb")[1] == "team  ann, bob\n"
    out = run("roles", "add", "a.duckdb", "reader", "--permission", "dataset.read")[1]
    assert out == "reader  (project)  dataset.read\n"
    roles = [line.split("  ") for line in run("roles", "list", "a.duckdb")[1].splitlines()]
    viewer = [cell.strip() for row in roles if row[0] == "viewer" for cell in row if cell.strip()]
    assert viewer[1] == "(built in, project)" and viewer[2].startswith("alert.read, dataset.read")
    given = run("roles", "give", "a.duckdb", "team", "reader", "--group")[1]
    assert given.endswith("  group team  reader  everywhere\n")
    assert given.split() in [line.split() for line in run("roles", "given", "a.duckdb")[1].splitlines()]
    status, _, err = run("roles", "delete", "a.duckdb", "reader", "--confirm", "reader")
    assert (status, "role 'reader' is still given to team" in err) == (1, True)
    assert run("roles", "take", "a.duckdb", given.split()[0])[1] == given
    assert run("roles", "delete", "a.duckdb", "reader", "--confirm", "reader")[1] == "reader: deleted\n"

    status, secret, err = run(
        "tokens", "add", "a.duckdb", "ann", "robot", "--days", "3", "--permission", "dataset.read"
    )
    assert status == 0 and secret.startswith("wbt_") and "this is shown once" in err
    assert "only dataset.read" in err
    listed = [json.loads(line) for line in run("tokens", "list", "a.duckdb", "-o", "json")[1].splitlines()]
    assert [one["title"] for one in listed] == ["robot"] and secret.strip() not in str(listed)
    assert "  revoked, " in run("tokens", "revoke", "a.duckdb", listed[0]["token_id"])[1]

    assert "disabled" in run("users", "disable", "a.duckdb", "bob")[1]
    assert "disabled" not in run("users", "enable", "a.duckdb", "bob")[1]
    assert "<Ann>" not in run("users", "amend", "a.duckdb", "ann", "--title", "<Ann>")[1]
    assert run("users", "remove-code", "a.duckdb", "bob")[0] == 0
    assert [
        one["name"] for one in map(json.loads, run("users", "list", "a.duckdb", "-o", "json")[1].splitlines())
    ] == [
        "ann",
        "bob",
    ]
    assert run("groups", "delete", "a.duckdb", "team", "--confirm", "team")[1] == "team: deleted\n"
    status, _, err = run("users", "delete", "a.duckdb", "bob")
    assert (status, "pass confirm='bob'" in err) == (1, True)
    assert run("users", "delete", "a.duckdb", "bob", "--confirm", "bob")[1] == "bob: deleted, 1 users left\n"
    out = run("users", "delete", "a.duckdb", "ann", "--confirm", "ann")[1]
    assert out == "ann: deleted; the workspace has no users now\n"
    out = run("whoami", "a.duckdb")[1]
    assert (
        "(local)\nthe workspace has no users: whoever may open the file may do everything\neverywhere: "
        in out
    )


def test_no_password_is_an_argument(run: Run) -> None:
    for operation in ("set_password", "create_user", "sign_in", "confirm_code", "remove_code"):
        status, out, err = run("call", "a.duckdb", operation, f'{{"password": "{PASSWORD}"}}')
        assert (status, f"'{operation}' takes a password" in err) == (1, True)
        assert PASSWORD not in out + err
