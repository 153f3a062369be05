"""Salesforce through simple-salesforce, against a local server that speaks its sign-in and queries."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.connect.salesforce_server import (
    HOST,
    PASSWORD,
    SECRET,
    TOKEN,
    SalesforceServer,
    _json,
    case,
    comment,
)
from tests.connect.services import Reply, serving
from workbench.connect import FetchLimits, Page, open_connector
from workbench.connect.protocol import Connector
from workbench.domain import Secrets
from workbench.domain.connections import Mailbox, SalesforceConnection
from workbench.errors import (
    ConnectError,
    CredentialsRefusedError,
    InputError,
    RemoteProtocolError,
    ThrottledError,
    UnreachableError,
)

pytest.importorskip("simple_salesforce", reason="the extra 'connect' is not installed")
pytestmark = pytest.mark.slow
MAILBOX = Mailbox(address="shop")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceServer]:
    """Whatever host is asked for, the local server answers; the rest of the line is the real one."""
    from workbench.connect.salesforce import session

    service = SalesforceServer()
    service.rows["Case"] = [case(n) for n in range(5)]
    service.rows["CaseComment"] = [comment(1, 3)]

    class LocalAdapter(session.BoundedAdapter):
        def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
            return self.poolmanager.connection_from_url(service.base)

    monkeypatch.setattr(session, "BoundedAdapter", LocalAdapter)
    with serving(service):
        yield service


def _connector(*, sign_in: str = "app", page_size: int = 2, **secrets: str) -> Connector:
    connection = SalesforceConnection(
        login_host=HOST,
        sign_in=sign_in,
        user_name="svc@shop.example",
        client_id="consumer-key",  # type: ignore[arg-type]
    )
    given = {"client_secret": SECRET, "password": PASSWORD, "security_token": TOKEN, **secrets}
    return open_connector(connection, Secrets(**given), limits=FetchLimits(page_size=page_size, timeout_s=10))


def _subjects(pages: list[Page]) -> list[str]:
    return [
        record.subject
        for page in pages
        for record in page.records
        if record.properties["string:Record"] == "Case"
    ]


@pytest.mark.parametrize("sign_in", ["app", "password"])
def test_cases_and_comments_become_records_of_one_thread(server: SalesforceServer, sign_in: str) -> None:
    pages = list(_connector(sign_in=sign_in).fetch(MAILBOX))
    assert _subjects(pages) == [f"Case {n}" for n in range(5)]
    (answer,) = pages[-1].records
    assert answer.body == "We found it."
    assert answer.sender == "agent@shop.example"
    assert answer.thread_id == case(3)["Id"]
    third = next(r for page in pages for r in page.records if r.message_id == answer.thread_id)
    assert third.sender == "ann@buyer.example"
    assert third.created_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert third.changed_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert third.properties["string:Priority"] == "High"
    assert "string:Type" not in third.properties
    assert [folder.path for folder in _connector().folders(MAILBOX)] == [("Case",), ("CaseComment",)]
    assert {page.state.folder for page in pages if page.state.up_to_date} == {("Case",), ("CaseComment",)}


def test_a_crash_asks_for_one_page_again_though_all_changed_in_one_second(server: SalesforceServer) -> None:
    reading = _connector().fetch(MAILBOX)
    (stored,) = itertools.islice(reading, 1)
    next(reading)  # never stored
    assert _subjects([stored, *_connector().fetch(MAILBOX, [stored.state])]) == [
        f"Case {n}" for n in range(5)
    ]


def test_only_changes_come_later_and_late_commits_are_not_lost(server: SalesforceServer) -> None:
    pages = list(_connector().fetch(MAILBOX))
    states = [page.state for page in pages if page.state.up_to_date]
    server.rows["Case"][0] = case(0, "2026-03-02T10:00:00.000+0000", Subject="Changed")
    server.rows["Case"].append(case(7, "2026-03-01T09:59:30.000+0000"))  # committed late
    server.rows["Case"].append(case(8, "2026-02-01T09:59:30.000+0000"))
    again = list(_connector(page_size=50).fetch(MAILBOX, states))
    assert {"Changed", "Case 7"} < set(_subjects(again))
    assert "Case 8" not in _subjects(again)
    server.rows["Case"].clear()
    emptied = [page.state for page in _connector().fetch(MAILBOX, states) if page.state.folder == ("Case",)]
    assert [state.cursor for state in emptied] == [states[0].cursor]  # it does not creep back


def test_rows_that_come_in_parts_are_all_read(server: SalesforceServer) -> None:
    server.most_rows = 2
    assert _subjects(list(_connector(page_size=50).fetch(MAILBOX))) == [f"Case {n}" for n in range(5)]


def test_start_date_lists_and_what_is_read(server: SalesforceServer) -> None:
    server.rows["Case"] += [
        case(10, CreatedDate="2026-04-01T09:00:00.000+0000"),
        case(11, CreatedDate="2026-04-01T09:00:00.000+0000", SuppliedEmail="x@spam.example"),
    ]
    mailbox = replace(
        MAILBOX,
        start_at=datetime(2026, 4, 1, tzinfo=UTC),
        domain_deny=("spam.example",),
        folder_deny=(("CaseComment",),),
    )
    pages = list(_connector().fetch(mailbox))
    assert _subjects(pages) == ["Case 10"]
    assert sum(page.n_skipped for page in pages) == 1
    assert "Case 0" in _subjects(list(_connector().fetch(MAILBOX, [pages[-1].state])))
    asked = [request for request in server.heard if request.method != "GET"]
    assert all("oauth2/token" in request.path for request in asked)


def test_an_expired_session_is_opened_again_in_the_middle(server: SalesforceServer) -> None:
    server.calls_per_session = 2
    assert len(_subjects(list(_connector().fetch(MAILBOX)))) == 5
    assert server.n_sessions == 2


def test_a_session_that_never_works_is_refused(server: SalesforceServer) -> None:
    server.calls_per_session = 0
    with pytest.raises(CredentialsRefusedError, match="INVALID_SESSION_ID"):
        next(_connector().fetch(MAILBOX))


@pytest.mark.parametrize(
    ("sign_in", "secrets", "code"),
    [
        ("app", {"client_secret": "wrong-secret"}, "invalid_client"),
        ("password", {"password": "wrong-secret"}, "INVALID_LOGIN"),
        ("password", {"security_token": "wrong-secret"}, "INVALID_LOGIN"),
    ],
)
def test_wrong_credentials_are_refused_and_never_shown(
    server: SalesforceServer,
    caplog: pytest.LogCaptureFixture,
    sign_in: str,
    secrets: dict[str, str],
    code: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CredentialsRefusedError, match=code) as raised:
        next(_connector(sign_in=sign_in, **secrets).fetch(MAILBOX))
    list(_connector(sign_in=sign_in).fetch(MAILBOX))
    shown = f"{raised.value} {raised.value.details} {caplog.text}"
    for secret in ("wrong-secret", PASSWORD, SECRET, TOKEN, "session-1"):
        assert secret not in shown
    assert HOST in raised.value.message


def test_a_foreign_instance_never_gets_the_session(server: SalesforceServer) -> None:
    server.instance = "evil.example"
    for sign_in in ("app", "password"):
        with pytest.raises(RemoteProtocolError, match="not Salesforce's"):
            next(_connector(sign_in=sign_in).fetch(MAILBOX))
    assert not any("/query" in request.path for request in server.heard)


ROW = case(1)
FAULTS = {
    "limit": (_json([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}], 403), ThrottledError),
    "busy": (Reply(b"", 503, {"Retry-After": "9"}), ThrottledError),
    "down": (Reply(b"<html>", 502), UnreachableError),
    "failing": (_json([{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}], 500), UnreachableError),
    "no right": (_json([{"errorCode": "INVALID_TYPE", "message": "sObject type 'Case' is not supported"}], 400), CredentialsRefusedError),
    "switched off": (_json([{"errorCode": "API_DISABLED_FOR_ORG", "message": "x"}], 403), CredentialsRefusedError),
    "bad query": (_json([{"errorCode": "MALFORMED_QUERY", "message": "x"}], 400), RemoteProtocolError),
    "error as text": (Reply(b"nope", 400), RemoteProtocolError),
    "odd error": (_json({"odd": 1}, 403), RemoteProtocolError),
    "not json": (Reply(b"<html>"), RemoteProtocolError),
    "a list": (_json([]), RemoteProtocolError),
    "no records": (_json({"done": True}), RemoteProtocolError),
    "rows of text": (_json({"done": True, "records": ["x"]}), RemoteProtocolError),
    "bad id": (_json({"done": True, "records": [ROW | {"Id": "1' OR Id != '"}]}), RemoteProtocolError),
    "no time": (_json({"done": True, "records": [ROW | {"SystemModstamp": None}]}), RemoteProtocolError),
    "no zone": (_json({"done": True, "records": [ROW | {"SystemModstamp": "2026-01-01T00:00:00"}]}), RemoteProtocolError),
    "promises": (_json({"done": False, "records": []}), RemoteProtocolError),
    "redirect": (Reply(b"", 302, {"Location": "https://evil.example/"}), RemoteProtocolError),
    "broken off": (Reply(b'{"done"', claimed=900), UnreachableError),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_worded_and_lose_nothing(server: SalesforceServer, fault: str) -> None:
    reply, kind = FAULTS[fault]
    server.next_replies.append(("/query", reply))
    with pytest.raises(kind) as raised:
        next(_connector().fetch(MAILBOX))
    assert isinstance(raised.value, ConnectError)
    assert "salesforce.com" in raised.value.message
    assert raised.value.next_step
    assert len(_subjects(list(_connector().fetch(MAILBOX)))) == 5


def test_records_in_circles_end(server: SalesforceServer) -> None:
    page = _json({"done": True, "records": [case(1), case(2)]})
    server.next_replies += [("/query", page), ("/query", page)]
    with pytest.raises(RemoteProtocolError, match="circles"):
        list(_connector().fetch(MAILBOX))


@pytest.mark.parametrize(
    "answer",
    [Reply(b"{}"), Reply(b"[1]"), Reply(b"<html>"), Reply(b'{"access_token": 5, "instance_url": "x"}')],
)
def test_nonsense_at_sign_in_is_an_error(server: SalesforceServer, answer: Reply) -> None:
    server.next_replies.append(("oauth2", answer))
    with pytest.raises(ConnectError):
        next(_connector().fetch(MAILBOX))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "login.salesforce.com.evil.example", "login.salesforce.com/x", "a b.salesforce.com"],
)
def test_only_salesforce_may_be_signed_in_to(host: str) -> None:
    connection = SalesforceConnection(login_host=host)
    with pytest.raises(InputError, match="not a login host"):
        open_connector(connection, Secrets(client_secret=SECRET)).folders(MAILBOX)
