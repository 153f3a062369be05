"""Exchange, Graph and Salesforce, each from its own kind of server into a workspace."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.connect import ews_server, graph_server, salesforce_server
from tests.connect.dovecot import PASSWORD, USER, Dovecot
from tests.connect.mails import mail
from tests.connect.services import serving
from tests.connect.test_syncing_dovecot import BUCKET, n_messages, status, sync, units, wait
from workbench.connect import open_connector
from workbench.domain import (
    AnyConnection,
    EwsConnection,
    GraphConnection,
    ImapConnection,
    Mailbox,
    MessageFilter,
    Operations,
    SalesforceConnection,
    Secrets,
)
from workbench.ingest.mailbox import parse, read_mailbox
from workbench.settings import Settings
from workbench.workspace.jobs import JobRun
from workbench.workspace.opening import open_workspace
from workbench.workspace.work import fetching

pytestmark = pytest.mark.slow
ADDRESS = "care@shop.example"
DERIVED = {
    "number:Messages", "string:Folder", "string:Has Signature", "string:Message ID", "string:Sender",
    "string:Sender Domain", "string:Recipient Domain", "string:Thread",
}  # fmt: skip
FACTS = {"string:Importance", "string:Sensitivity", "string:Has Attachments", "string:Is Read"}


@pytest.fixture
def operations(tmp_path: Path) -> Iterator[Operations]:
    settings = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0, sync_timeout_s=20)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, cache_dir=tmp_path / "c") as opened:
        yield opened.operations("tester")


def test_graph(operations: Operations) -> None:
    service = graph_server.GraphServer()
    service.inbox.mails = [
        graph_server.StoredMail(f"id/{n}", mail(n), f"2026-03-0{n}T10:00:00Z", "ann@buyer.example")
        for n in range(1, 6)
    ]
    with serving(service):
        connection = GraphConnection(
            tenant_id="tenant", client_id="app-id", endpoint=f"{service.base}/v1.0", authority=service.base
        )
        into_a_bucket(operations, AnyConnection.of(connection), Secrets(client_secret=graph_server.SECRET), 5)


def test_exchange_web_services(operations: Operations) -> None:
    pytest.importorskip("exchangelib", reason="the extra 'connect' is not installed")
    service = ews_server.EwsServer()
    service.inbox.mails = [
        ews_server.EwsMail(f"id{n}=", mail(n), f"2026-03-0{n}T10:00:00Z", "Message") for n in range(1, 6)
    ]
    with serving(service):
        connection = EwsConnection(endpoint=f"{service.base}/EWS/Exchange.asmx", user_name="svc")
        into_a_bucket(operations, AnyConnection.of(connection), Secrets(password=ews_server.PASSWORD), 5)


def into_a_bucket(operations: Operations, connection: AnyConnection, secrets: Secrets, n_mails: int) -> None:
    source = operations.create_source("demo", "care", kind="email")
    bucket = operations.create_bucket("demo", "mail")
    wait(operations, operations.start_attach(source.source_id, bucket.bucket_id))
    made = operations.create_integration(
        "demo", "shop", connection, (Mailbox(address=ADDRESS, bucket=BUCKET),)
    )
    operations.set_secrets(made.integration_id, secrets)
    found = sync(operations, made)
    assert (found["mails"], found["new"], found["units"]) == (n_mails, n_mails, n_mails)
    assert status(operations, made, ADDRESS).up_to_date
    assert sync(operations, made).get("mails", 0) == 0
    assert n_messages(operations) == units(operations) == n_mails


def test_salesforce(operations: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever host is asked for, the local server answers; so the fetching runs in this process for once."""
    pytest.importorskip("simple_salesforce", reason="the extra 'connect' is not installed")
    from workbench.connect.salesforce import session

    service = salesforce_server.SalesforceServer()
    service.rows["Case"] = [salesforce_server.case(n) for n in range(5)]
    service.rows["CaseComment"] = [salesforce_server.comment(1, 3)]

    class LocalAdapter(session.BoundedAdapter):
        def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
            return self.poolmanager.connection_from_url(service.base)

    def in_this_process(_run: JobRun, function: str, payload: dict[str, Any], **_: Any) -> Any:
        assert function == "fetching:fetch_mailbox"
        pages: list[object] = []
        report = SimpleNamespace(item=pages.append, cancelled=lambda: False)
        more = fetching.fetch_mailbox(payload, report)  # type: ignore[arg-type]
        yield from (("item", page) for page in pages)
        yield "result", more

    monkeypatch.setattr(session, "BoundedAdapter", LocalAdapter)
    monkeypatch.setattr(JobRun, "work_items", in_this_process)
    source = operations.create_source("demo", "cases", kind="ticket")
    connection = SalesforceConnection(login_host=salesforce_server.HOST, client_id="consumer-key")
    mailbox = Mailbox(address="org", source=source.source_id)
    with serving(service):
        made = operations.create_integration("demo", "sf", AnyConnection.of(connection), (mailbox,))
        operations.set_secrets(made.integration_id, Secrets(client_secret=salesforce_server.SECRET))
        found = sync(operations, made)
        assert (found["records"], found["new"], found["units"]) == (6, 6, 6)
        again = sync(operations, made)
        assert (again["new"], again["units"], units(operations)) == (0, 0, 6)
        changed = "2026-03-02T10:00:00.000+0000"
        service.rows["Case"][2] = salesforce_server.case(2, changed, Description="It is here now.")
        later = sync(operations, made)
        assert (later["updated"], later["units"], units(operations)) == (1, 1, 7)
        found_status = status(operations, made, "org")
        assert found_status.up_to_date
        assert [(one.path, one.n_messages) for one in found_status.folders] == [
            (("Case",), 5),
            (("CaseComment",), 1),
        ]
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    messages = operations.find_messages(dataset.dataset_id, MessageFilter()).messages
    answer = next(one for one in messages if one.body == "We found it.")
    assert answer.thread_id == salesforce_server.case(3)["Id"]
    assert len(operations.thread(dataset.dataset_id, answer.thread_id)) == 2
    assert answer.sender == "agent@shop.example"
    assert answer.recipients == ("ann@Buyer.example",)
    mine = {name: answer.properties[name] for name in DERIVED - {"string:Has Signature"}}
    assert mine == {
        "number:Messages": 1.0,
        "string:Folder": "CaseComment (/ CaseComment)",
        "string:Message ID": salesforce_server.comment(1, 3)["Id"],
        "string:Sender": "agent@shop.example",
        "string:Sender Domain": "shop.example",
        "string:Recipient Domain": "buyer.example",
        "string:Thread": answer.thread_id,
    }
    assert answer.properties["string:Record"] == "CaseComment"


def test_a_mail_has_the_same_properties_wherever_it_comes_from(dovecot: Dovecot, tmp_path: Path) -> None:
    pytest.importorskip("exchangelib", reason="the extra 'connect' is not installed")
    content = mail(1, body="Where is it?\r\n\r\nBest regards,\r\nAnn").replace(
        b"Subject:", b"Importance: high\r\nSensitivity: Private\r\nSubject:"
    )
    box = Mailbox(address=USER, folder_allow=(("INBOX",),))
    dovecot.add([content])
    imap = ImapConnection(host="127.0.0.1", port=dovecot.port, user_name=USER, security="plain")
    exchange, graph = ews_server.EwsServer(), graph_server.GraphServer()
    exchange.inbox.mails = [ews_server.EwsMail("id1=", content, "2026-03-01T10:00:00Z", "Message")]
    graph.inbox.mails = [
        graph_server.StoredMail("id/1", content, "2026-03-01T10:00:00Z", "ann@buyer.example")
    ]
    maildir = mailbox.Maildir(str(tmp_path / "box"))
    kept = mailbox.MaildirMessage(content)
    kept.set_subdir("cur")
    kept.set_flags("S")
    maildir.add(kept)
    maildir.close()
    raw = {"files": next(iter(read_mailbox(tmp_path / "box")))}
    with serving(exchange), serving(graph):
        azure = GraphConnection(
            tenant_id="t", client_id="c", endpoint=f"{graph.base}/v1.0", authority=graph.base
        )
        old = EwsConnection(endpoint=f"{exchange.base}/EWS/Exchange.asmx", user_name="svc")
        for name, connection, secrets in (
            ("imap", imap, Secrets(password=PASSWORD)),
            ("graph", azure, Secrets(client_secret=graph_server.SECRET)),
            ("ews", old, Secrets(password=ews_server.PASSWORD)),
        ):
            pages = open_connector(connection, secrets).fetch(replace(box, folder_allow=()))
            raw[name] = next(one for page in pages for one in page.mails)
    found = {name: parse(one).properties for name, one in raw.items()}
    by_server = {"string:Folder", "string:Has Attachments", "string:Is Read"}
    same = (DERIVED | FACTS) - {
        "string:Thread"
    }  # that one is set once the thread is known, wherever it comes from
    for name, properties in found.items():
        assert same <= set(properties), f"{name} lacks {same - set(properties)}"
        assert {key: properties[key] for key in same - by_server} == {
            key: found["files"][key] for key in same - by_server
        }
    assert found["files"]["string:Importance"] == "High"
    assert {one["string:Sensitivity"] for one in found.values()} == {"Private"}
