"""Integrations on the command line; secrets come from a prompt, a file or a variable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.cli.test_cli import Run, run
from workbench.cli.integrating import _lines
from workbench.domain import (
    AnyConnection,
    FolderStatus,
    ImapConnection,
    Integration,
    IntegrationId,
    Mailbox,
    MailboxStatus,
)

__all__ = ["run"]
SECRET = "korrekt-pferd"
SETUP = {"imap": {"host": "127.0.0.1", "port": 9, "user_name": "care@shop.example", "security": "plain"}}


@pytest.fixture
def added(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "setup.json").write_text(json.dumps(SETUP), "utf-8")
    assert run("import", "a.duckdb", "mail.csv", "--source", "demo/mail", "--yes")[0] == 0
    status, out, err = run(
        "integrations", "add", "a.duckdb", "demo/shop", "setup.json", "--into", "demo/care",
        "--folder", "INBOX", "--start", "2026-01-01",
    )  # fmt: skip
    assert status == 0, err
    assert "care@shop.example: no secret yet, none read yet" in out
    assert "next: workbench integrations secret a.duckdb demo/shop" in out
    return run


def test_set_up_test_and_look(added: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: SECRET)
    assert added("integrations", "secret", "a.duckdb", "demo/shop")[1] == "demo/shop: set password\n"
    status, _, err = added("integrations", "folders", "a.duckdb", "demo/shop")
    assert status == 1
    assert "127.0.0.1:9 cannot be reached" in err
    assert added("integrations", "sync", "a.duckdb", "demo/shop")[0] == 1
    out = added("integrations", "show", "a.duckdb", "demo/shop")[1]
    assert "demo/shop  imap 127.0.0.1:9" in out
    assert "will try again" in out
    assert "127.0.0.1:9 cannot be reached" in out
    found = json.loads(added("integrations", "list", "a.duckdb", "-o", "json")[1])
    assert found["mailboxes"][0]["n_failures"] >= 1
    assert found["mailboxes"][0]["mailbox"]["folder_allow"] == [["INBOX"]]
    assert SECRET not in str(found)


def test_pause_resume_resync_delete(added: Run) -> None:
    assert added("integrations", "pause", "a.duckdb", "demo/shop")[0] == 0
    listed = added("integrations", "list", "a.duckdb")[1]
    assert "demo/shop  care@shop.example  paused, none read yet, 0 messages, last read -" in listed
    assert added("integrations", "resume", "a.duckdb", "demo/shop", "care@shop.example")[0] == 0
    assert added("integrations", "resume", "a.duckdb", "demo/shop")[0] == 0
    assert added("integrations", "resync", "a.duckdb", "demo/shop", "--since", "2026-02-01")[0] == 0
    status, _, err = added("integrations", "resync", "a.duckdb", "demo/shop", "--folder", "Orders/2026")
    assert (status, "unknown folder 'Orders/2026'" in err) == (1, True)
    found = json.loads(added("integrations", "show", "a.duckdb", "demo/shop", "-o", "json")[1])
    assert found["mailboxes"][0]["mailbox"]["start_at"] == "2026-02-01T00:00:00Z"
    status, _, err = added("integrations", "delete", "a.duckdb", "demo/shop", "--confirm", "shop")
    assert (status, "was to be deleted" in err) == (1, True)
    assert added("integrations", "delete", "a.duckdb", "demo/shop", "--confirm", "demo/shop")[0] == 0
    assert added("integrations", "list", "a.duckdb")[1] == ""


def test_several_mailboxes_are_added_at_once(added: Run) -> None:
    again = ("integrations", "add", "a.duckdb", "demo/shop", "setup.json", "--into", "demo/care")
    status, out, err = added(*again, "--mailbox", "a@shop.example", "--mailbox", "b@shop.example")
    assert status == 0, err
    assert [line.partition(":")[0] for line in out.splitlines()[1:4]] == [
        "care@shop.example",
        "a@shop.example",
        "b@shop.example",
    ]


def test_folders_stand_below_each_other_with_their_numbers() -> None:
    read_at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    folders = (
        FolderStatus(
            path=("INBOX",), up_to_date=True, synced_until=read_at, last_synced_at=read_at, n_messages=1_234
        ),
        FolderStatus(path=("Orders", "2026"), error="it makes no sense."),
    )
    box = MailboxStatus(mailbox=Mailbox(address="care@shop.example"), folders=folders)
    info = Integration(
        integration_id=IntegrationId("i"),
        project="demo",
        name="shop",
        title="",
        connection=AnyConnection.of(ImapConnection(host="h", user_name="care")),
        secrets=("password",),
        mailboxes=(box,),
        created_at=read_at,
    )
    assert _lines(info)[1:] == [
        "care@shop.example: being read, 1 of 2 up to date, 1,234 messages, last read 2026-03-01 10:00:00, next try -",
        "  it makes no sense.",
        "  folder       state         messages  newest (UTC)         last read (UTC)      error",
        "  INBOX        up to date       1,234  2026-03-01 10:00:00  2026-03-01 10:00:00",
        "  Orders/2026  not readable         0  -                    -                    it makes no sense.",
    ]


def test_secrets_from_a_file_or_a_variable(
    added: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = ("integrations", "secret", "a.duckdb", "demo/shop")
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", "utf-8")
    assert added(*secret, "--from-file", "secret")[1] == "demo/shop: set password\n"
    file.write_text(json.dumps({"password": SECRET, "security_token": "t"}), "utf-8")
    assert "set password, security_token" in added(*secret, "--from-file", "secret")[1]
    monkeypatch.setenv("SHOP", SECRET)
    assert added(*secret, "--which", "token", "--from-variable", "SHOP")[1] == "demo/shop: set token\n"
    for text, problem in (
        ("", "there is no secret there"),
        (json.dumps({"pin": SECRET}), "'pin' is no secret"),
        ('{"password": 7, "x": "' + SECRET, "no JSON object of texts"),
    ):
        file.write_text(text, "utf-8")
        status, _, err = added(*secret, "--from-file", "secret")
        assert (status, problem in err, SECRET in err) == (1, True, False)
    assert "one text cannot be password and token" in added(
        *secret, "--which", "password", "--which", "token", "--from-variable", "SHOP"
    )[2]  # fmt: skip
    assert "'pin' is no secret" in added(*secret, "--which", "pin")[2]
    assert "'nix' cannot be read" in added(*secret, "--from-file", "nix")[2]


def test_a_secret_is_never_an_argument(added: Run) -> None:
    status, _, err = added("call", "a.duckdb", "set_secrets", json.dumps({"secrets": {"password": SECRET}}))
    assert status == 1
    assert "takes secrets" in err
    assert SECRET not in err


def test_a_setup_that_is_none_is_refused(added: Run, tmp_path: Path) -> None:
    for text, problem in (
        ("{}", "a connection is of one kind, none was given"),
        ('{"imap": {"host": "h"}}', "is no connection: Object missing required field `user_name`"),
        ("nonsense", "is no connection"),
    ):
        (tmp_path / "setup.json").write_text(text, "utf-8")
        status, _, err = added(
            "integrations", "add", "a.duckdb", "demo/x", "setup.json", "--into", "demo/care"
        )
        assert (status, problem in err) == (1, True), err
