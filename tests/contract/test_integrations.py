"""Integrations are set up, looked at, paused and deleted by every way in; their secrets never come out."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.domain import (
    AnyConnection,
    BucketTarget,
    EwsConnection,
    GraphConnection,
    ImapConnection,
    Integration,
    IntegrationId,
    Mailbox,
    Operations,
    SalesforceConnection,
    Secrets,
    SourceId,
)
from workbench.errors import (
    ConfirmationError,
    DuplicateNameError,
    InputError,
    LimitError,
    NotEmptyError,
    UnknownNameError,
    UnreachableError,
)

IMAP = AnyConnection.of(ImapConnection(host="127.0.0.1", port=9, user_name="care", security="plain"))
CARE = Mailbox(
    address="care@shop.example",
    bucket=BucketTarget(project="demo", name="mail"),
    start_at=datetime(2026, 1, 1, tzinfo=UTC),
    folder_deny=(("Private",),),
)
SECRET = "korrekt-pferd-batterie"


@pytest.fixture
def made(operations: Operations) -> Integration:
    return operations.create_integration("demo", "shop", IMAP, (CARE,), "Shop", False)


def test_create_look_and_amend(operations: Operations, made: Integration) -> None:
    assert (made.full_name, made.title, made.connection) == ("demo/shop", "Shop", IMAP)
    assert (made.enabled, made.disabled_reason, made.secrets) == (False, "user", ())
    assert [one.mailbox for one in made.mailboxes] == [CARE]
    assert operations.integrations() == operations.integrations("demo") == (made,)
    assert operations.integrations("other") == ()
    assert operations.integration(made.integration_id) == made

    second = Mailbox(address="sales@shop.example", bucket=CARE.bucket, enabled=False)
    after = operations.amend_integration(made.integration_id, "New", mailboxes=(second, CARE))
    assert after.title == "New"
    assert [one.mailbox.address for one in after.mailboxes] == ["sales@shop.example", "care@shop.example"]
    assert after.mailboxes[0].mailbox.disabled_reason == "user"
    assert operations.amend_integration(made.integration_id, mailboxes=(CARE,)).mailboxes == made.mailboxes


def test_other_kinds_travel_whole(operations: Operations) -> None:
    source = operations.create_source("demo", "cases")
    graph = GraphConnection(tenant_id="t", client_id="c")
    ews = EwsConnection(endpoint="https://mail.example/EWS/Exchange.asmx", sign_in="ntlm", user_name="svc")
    cases = SalesforceConnection(login_host="login.salesforce.com", sign_in="password", user_name="svc")
    for name, connection, mailbox in (
        ("graph", graph, CARE),
        ("ews", ews, CARE),
        ("cases", cases, Mailbox(address="org", source=source.source_id)),
    ):
        found = operations.create_integration("demo", name, AnyConnection.of(connection), (mailbox,))
        assert found.connection.only == connection
        assert operations.integration(found.integration_id).mailboxes[0].mailbox == mailbox


def test_what_cannot_be_set_up_is_refused(operations: Operations, made: Integration) -> None:
    with pytest.raises(DuplicateNameError, match="integration named 'demo/shop'"):
        operations.create_integration("demo", "shop", IMAP)
    with pytest.raises(InputError, match="a connection is of one kind, none was given"):
        AnyConnection()
    with pytest.raises(InputError, match="is of kind 'imap', not 'graph'"):
        graph = AnyConnection.of(GraphConnection(tenant_id="t", client_id="c"))
        operations.amend_integration(made.integration_id, connection=graph)
    with pytest.raises(InputError, match=r"'care@shop\.example' cannot be a mailbox of integration"):
        operations.amend_integration(made.integration_id, mailboxes=(CARE, CARE))
    with pytest.raises(InputError, match="mailbox 'x' has no bucket for its mail"):
        operations.amend_integration(made.integration_id, mailboxes=(Mailbox(address="x"),))
    salesforce = AnyConnection.of(SalesforceConnection(login_host="login.salesforce.com"))
    with pytest.raises(InputError, match="mailbox 'x' has no source for its records"):
        operations.create_integration("demo", "cases", salesforce, (Mailbox(address="x"),))
    with pytest.raises(UnknownNameError, match="unknown source 'gone'"):
        gone = Mailbox(address="x", source=SourceId("gone"))
        operations.create_integration("demo", "cases", salesforce, (gone,))
    with pytest.raises(LimitError, match="would have 1,001 mailboxes"):
        operations.amend_integration(made.integration_id, mailboxes=(CARE,) * 1_001)
    with pytest.raises(UnknownNameError, match="unknown integration 'nix'"):
        operations.integration(IntegrationId("nix"))
    with pytest.raises(UnknownNameError, match="unknown mailbox 'nix'"):
        operations.enable_integration(made.integration_id, False, "nix")


def test_a_connection_that_leads_nowhere_names_the_host(operations: Operations, made: Integration) -> None:
    with pytest.raises(InputError, match="integration 'demo/shop' has no secret 'password' yet"):
        operations.mailbox_folders(made.integration_id, CARE.address)
    operations.set_secrets(made.integration_id, Secrets(password=SECRET))
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
        operations.mailbox_folders(made.integration_id, CARE.address)
    assert "Check host name, port and firewall" in caught.value.next_step


def test_pause_and_resume(operations: Operations, made: Integration) -> None:
    on = operations.enable_integration(made.integration_id, True)
    assert (on.enabled, on.disabled_reason) == (True, None)
    off = operations.enable_integration(made.integration_id, False, CARE.address)
    assert (off.enabled, off.mailboxes[0].mailbox.disabled_reason) == (True, "user")
    assert off.mailboxes[0].next_try_at is None
    # The pause of a mailbox outlasts that of its integration.
    operations.enable_integration(made.integration_id, False)
    back = operations.enable_integration(made.integration_id, True)
    assert back.mailboxes[0].mailbox.disabled_reason == "user"
    back = operations.enable_integration(made.integration_id, True, CARE.address)
    assert back.mailboxes[0].mailbox.enabled
    with pytest.raises(UnknownNameError, match="unknown folder 'INBOX'"):
        operations.resync_mailbox(made.integration_id, CARE.address, folder=("INBOX",))
    anew = operations.resync_mailbox(made.integration_id, CARE.address, datetime(2026, 2, 1, tzinfo=UTC))
    assert anew.mailboxes[0].mailbox.start_at == datetime(2026, 2, 1, tzinfo=UTC)
    actions = operations.audit_table().column("action").to_pylist()
    assert actions.count("pause_integration") == 2
    assert actions.count("resume_integration") == 3


def test_secrets_go_in_and_never_come_out(operations: Operations, made: Integration, tmp_path: Path) -> None:
    after = operations.set_secrets(made.integration_id, Secrets(password=SECRET, security_token="t0ken"))
    assert after.secrets == ("password", "security_token")
    file = tmp_path / "test.duckdb.workbench" / "secrets.duckdb"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tables = operations.sql("SELECT table_name FROM duckdb_tables()").column("table_name").to_pylist()
    assert "secret" not in tables
    assert "integration" in tables
    seen = [str(after), str(operations.audit_table().to_pylist())]
    closed = {"access_token", "original", "pseudonym", "sign_in_attempt", "user_account", "user_group_member"}
    assert closed <= set(tables)
    seen += [str(operations.sql(f'SELECT * FROM "{one}"').to_pylist()) for one in tables if one not in closed]
    with pytest.raises(InputError):
        operations.sql(f"SELECT * FROM read_blob('{file}')")
    copy = Path(operations.publish(str(tmp_path / "copy.duckdb")))
    seen += [
        one.read_bytes().decode("latin-1") for one in tmp_path.rglob("*") if one.is_file() and one != file
    ]
    assert copy.exists()
    assert not [text for text in seen if SECRET in text or "t0ken" in text]

    fewer = operations.set_secrets(made.integration_id, Secrets(client_secret="c"))
    assert fewer.secrets == ("client_secret",)
    assert SECRET.encode() not in file.read_bytes()


def test_deleting_leaves_nothing_behind(operations: Operations, made: Integration, tmp_path: Path) -> None:
    operations.set_secrets(made.integration_id, Secrets(password=SECRET))
    with pytest.raises(ConfirmationError, match="integration 'demo/shop' was to be deleted"):
        operations.delete_integration(made.integration_id, "shop")
    assert operations.delete_integration(made.integration_id, "demo/shop").full_name == "demo/shop"
    assert operations.integrations() == ()
    for table in ("integration", "integration_mailbox", "sync_state"):
        assert operations.sql(f"SELECT * FROM {table}").num_rows == 0
    held = (tmp_path / "test.duckdb.workbench" / "secrets.duckdb").read_bytes()
    assert SECRET.encode() not in held
    assert made.integration_id.encode() not in held


def test_a_project_with_an_integration_is_not_empty(operations: Operations, made: Integration) -> None:
    operations.set_secrets(made.integration_id, Secrets(password=SECRET))
    with pytest.raises(NotEmptyError, match="still holds 1 integration"):
        operations.delete_project("demo", "demo")
    operations.delete_project("demo", "demo", True)
    assert operations.integrations() == ()
