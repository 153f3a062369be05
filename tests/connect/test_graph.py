"""Microsoft Graph against a local server that speaks its JSON."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.connect.graph_server import SECRET, GraphServer, StoredFolder, StoredMail
from tests.connect.mails import mail, number_of
from tests.connect.services import Reply, serving
from workbench.connect import FetchLimits, Page, open_connector
from workbench.connect.protocol import Connector
from workbench.domain import Secrets
from workbench.domain.connections import GraphConnection, Mailbox
from workbench.errors import (
    ConnectError,
    CredentialsRefusedError,
    InputError,
    RemoteProtocolError,
    ThrottledError,
    UnreachableError,
)

pytestmark = pytest.mark.slow
MAILBOX = Mailbox(address="care@shop.example")


@pytest.fixture
def server() -> Iterator[GraphServer]:
    service = GraphServer()
    service.inbox.mails = [_stored(n) for n in range(5)]
    with serving(service):
        yield service


def _stored(number: int, sender: str = "ann@buyer.example", body: str = "hello") -> StoredMail:
    received = f"2026-03-{number % 28 + 1:02d}T10:00:00Z"
    return StoredMail(f"id/{number}+=", mail(number, body=body), received, sender)


def _connector(server: GraphServer, secret: str = SECRET, **limits: float) -> Connector:
    connection = GraphConnection(
        tenant_id="tenant", client_id="app-id", endpoint=f"{server.base}/v1.0", authority=server.base
    )
    return open_connector(
        connection,
        Secrets(client_secret=secret),
        limits=FetchLimits(**{"page_size": 2, "timeout_s": 10, **limits}),  # type: ignore[arg-type]
    )


def _numbers(pages: list[Page]) -> list[int]:
    return [number_of(raw.content) for page in pages for raw in page.mails]


def test_mail_comes_in_pages_and_then_only_what_is_new(server: GraphServer) -> None:
    pages = list(_connector(server).fetch(MAILBOX))
    assert _numbers(pages) == [0, 1, 2, 3, 4]
    assert [page.state.up_to_date for page in pages] == [False, False, True]
    first = pages[0].mails[0]
    assert first.folder == ("Inbox",)
    assert first.received_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert first.properties["string:Categories"] == "Claims; Urgent"
    assert first.properties["string:Importance"] == "High"
    assert pages[-1].state.synced_until == datetime(2026, 3, 5, 10, tzinfo=UTC)
    server.inbox.mails.append(_stored(5))
    assert _numbers(list(_connector(server).fetch(MAILBOX, [pages[-1].state]))) == [5]
    assert {request.method for request in server.heard if "oauth2" not in request.path} == {"GET"}


def test_a_crash_fetches_one_page_again(server: GraphServer) -> None:
    reading = _connector(server).fetch(MAILBOX)
    (stored,) = itertools.islice(reading, 1)
    next(reading)  # never stored
    assert _numbers([stored, *_connector(server).fetch(MAILBOX, [stored.state])]) == [0, 1, 2, 3, 4]


def test_bytes_bound_a_page_and_its_state_waits_for_the_last_part(server: GraphServer) -> None:
    server.inbox.mails = [_stored(n, body="x" * 600) for n in range(4)] + [_stored(9, body="y" * 5000)]
    pages = list(_connector(server, page_size=10, page_bytes=1000, mail_bytes=3000).fetch(MAILBOX))
    assert _numbers(pages) == [0, 1, 2, 3]
    assert [len(page.mails) for page in pages] == [1, 1, 1, 1]
    assert [bool(page.state.cursor) for page in pages] == [False, False, False, True]
    newest = [page.state.synced_until.day for page in pages if page.state.synced_until]
    assert newest == [1, 2, 3, 4]
    assert "longer than 3000" in pages[-1].problems[0]


def test_lists_folders_and_start_date(server: GraphServer) -> None:
    junk = StoredFolder("AAjunk", "Junk Email", [_stored(10)])
    server.folders.append(junk)
    server.known["junkemail"] = junk
    server.inbox.children = [StoredFolder("AA/team", "Team", [_stored(20), _stored(21, "bob@spam.example")])]
    mailbox = replace(MAILBOX, start_at=datetime(2026, 3, 4, tzinfo=UTC), domain_deny=("spam.example",))
    pages = list(_connector(server).fetch(mailbox))
    assert sorted(_numbers(pages)) == [3, 4, 20]
    assert {raw.folder for page in pages for raw in page.mails} == {("Inbox",), ("Inbox", "Team")}
    roles = {folder.path: folder.role for folder in _connector(server).folders(mailbox)}
    assert roles == {("Inbox",): "inbox", ("Junk Email",): "junk", ("Inbox", "Team"): None}
    states = [page.state for page in pages if page.state.up_to_date]
    assert 0 in _numbers(list(_connector(server).fetch(MAILBOX, states)))  # an earlier start reads back


def test_an_expired_token_is_renewed_once_in_the_middle(server: GraphServer) -> None:
    server.calls_per_token = 9
    assert _numbers(list(_connector(server).fetch(MAILBOX))) == [0, 1, 2, 3, 4]
    assert server.n_tokens == 2


def test_a_token_that_never_works_is_refused(server: GraphServer) -> None:
    server.calls_per_token = 0
    with pytest.raises(CredentialsRefusedError, match="InvalidAuthenticationToken") as raised:
        next(_connector(server).fetch(MAILBOX))
    assert "Mail.Read" in raised.value.next_step


def test_a_wrong_secret_is_refused_and_never_shown(
    server: GraphServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CredentialsRefusedError, match="invalid_client, AADSTS7000215") as raised:
        next(_connector(server, "wrong-secret").fetch(MAILBOX))
    assert "wrong-secret" not in f"{raised.value} {raised.value.details} {caplog.text}"
    list(_connector(server).fetch(MAILBOX))
    assert SECRET not in caplog.text
    assert "token-1" not in caplog.text


def test_a_missing_mailbox_is_refused_with_its_next_step(server: GraphServer) -> None:
    with pytest.raises(CredentialsRefusedError, match="ErrorInvalidUser") as raised:
        next(_connector(server).fetch(Mailbox(address="nobody@shop.example")))
    assert "address of the mailbox" in raised.value.next_step


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "Wed, 25 Nov 2026 10:02:00 GMT", "Date": "Wed, 25 Nov 2026 10:00:30 GMT"}, 90.0),
        ({"Retry-After": "99999999999999"}, None),
        ({"Retry-After": "999999"}, 86_400.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_throttling_says_how_long_to_wait(
    server: GraphServer, headers: dict[str, str], wait_s: float | None
) -> None:
    reading = _connector(server).fetch(MAILBOX)
    stored = next(reading)
    server.next_replies.append(("delta", Reply(b"{}", 429, headers)))
    with pytest.raises(ThrottledError) as raised:
        next(reading)
    assert raised.value.retry_after_s == wait_s
    assert _numbers(list(_connector(server).fetch(MAILBOX, [stored.state]))) == [2, 3, 4]


FAULTS = {
    "busy": (Reply(b"", 503, {"Retry-After": "5"}), ThrottledError),
    "down": (Reply(b"<html>", 502), UnreachableError),
    "not json": (Reply(b"<html>hello</html>"), RemoteProtocolError),
    "not utf-8": (Reply(b'{"value": "\xff"}'), RemoteProtocolError),
    "wrong types": (Reply(b'{"value": [{"id": 7}], "@odata.deltaLink": "x"}'), RemoteProtocolError),
    "no link": (Reply(b'{"value": []}'), RemoteProtocolError),
    "deep": (Reply(b"[" * 200_000), RemoteProtocolError),
    "foreign link": (
        Reply(b'{"value": [], "@odata.nextLink": "https://evil.example/x"}'),
        RemoteProtocolError,
    ),
    "bad link": (Reply(b'{"value": [], "@odata.deltaLink": "http://[::"}'), RemoteProtocolError),
    "no time zone": (
        Reply(
            b'{"value": [{"id": "a", "receivedDateTime": "2026-01-01T00:00:00"}], "@odata.deltaLink": "x"}'
        ),
        RemoteProtocolError,
    ),
    "redirect": (Reply(b"", 302, {"Location": "https://evil.example/"}), RemoteProtocolError),
    "broken off": (Reply(b'{"val', claimed=900), UnreachableError),
    "compressed": (Reply(b"x", headers={"Content-Encoding": "gzip"}), RemoteProtocolError),
    "forbidden": (Reply(b'{"error": {"code": "ErrorAccessDenied"}}', 403), CredentialsRefusedError),
    "bad request": (Reply(b'{"error": {"code": "BadRequest"}}', 400), RemoteProtocolError),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_worded_and_lose_nothing(server: GraphServer, fault: str) -> None:
    reply, kind = FAULTS[fault]
    server.next_replies.append(("delta", reply))
    with pytest.raises(kind) as raised:
        next(_connector(server).fetch(MAILBOX))
    assert isinstance(raised.value, ConnectError)
    assert server.base.removeprefix("http://") in raised.value.message
    assert raised.value.next_step
    assert SECRET not in str(raised.value)
    assert _numbers(list(_connector(server).fetch(MAILBOX))) == [0, 1, 2, 3, 4]


def test_an_expired_link_begins_again(server: GraphServer) -> None:
    pages = list(_connector(server).fetch(MAILBOX))
    server.next_replies.append(("delta", Reply(b'{"error": {"code": "SyncStateNotFound"}}', 410)))
    assert _numbers(list(_connector(server).fetch(MAILBOX, [pages[-1].state]))) == [0, 1, 2, 3, 4]
    gone = Reply(b'{"error": {"code": "SyncStateNotFound"}}', 410)
    server.next_replies += [("delta", gone), ("delta", gone)]
    with pytest.raises(RemoteProtocolError, match="does not know the link"):
        list(_connector(server).fetch(MAILBOX, [pages[-1].state]))


def test_mail_deleted_between_list_and_text_is_passed(server: GraphServer) -> None:
    server.next_replies.append(
        ("$value", Reply(json.dumps({"error": {"code": "ErrorItemNotFound"}}).encode(), 404))
    )
    pages = list(_connector(server).fetch(MAILBOX))
    assert _numbers(pages) == [1, 2, 3, 4]
    assert pages[0].n_gone == 1


def test_folders_in_circles_end(server: GraphServer) -> None:
    server.inbox.children = [server.inbox]
    with pytest.raises(RemoteProtocolError, match="circles"):
        _connector(server).folders(MAILBOX)


@pytest.mark.parametrize(
    "endpoint",
    ["http://graph.example/v1.0", "ftp://graph.example", "graph.example", "https://me:pw@graph.example"],
)
def test_addresses_that_would_leak_are_refused(endpoint: str) -> None:
    connection = GraphConnection(tenant_id="t", client_id="c", endpoint=endpoint)
    with pytest.raises(InputError) as raised:
        open_connector(connection, Secrets(client_secret=SECRET)).folders(MAILBOX)
    assert "pw" not in str(raised.value)


def test_a_damaged_mail_is_named_and_passed(server: GraphServer) -> None:
    server.next_replies.append(
        ("$value", Reply(b'{"error": {"code": "ErrorMimeContentConversionFailed"}}', 500))
    )
    pages = list(_connector(server).fetch(MAILBOX))
    assert _numbers(pages) == [1, 2, 3, 4]
    assert "damaged" in pages[0].problems[0]


def test_a_new_folder_under_an_old_name_is_read_from_its_beginning(server: GraphServer) -> None:
    pages = list(_connector(server).fetch(MAILBOX))
    server.folders[0] = StoredFolder("AAnew", "Inbox", [_stored(7)])
    assert _numbers(list(_connector(server).fetch(MAILBOX, [pages[-1].state]))) == [7]


def test_a_folder_deleted_after_it_was_listed_is_named(server: GraphServer) -> None:
    server.next_replies.append(("delta", Reply(b'{"error": {"code": "ErrorItemNotFound"}}', 404)))
    (page,) = _connector(server).fetch(MAILBOX)
    assert page.problems == ("folder 'Inbox' cannot be opened",)


def test_the_newest_mail_of_an_answer_counts_whatever_its_place(server: GraphServer) -> None:
    server.inbox.mails = [_stored(n, body="x" * 600) for n in (20, 3, 1)]
    pages = list(_connector(server, page_size=10, page_bytes=1000).fetch(MAILBOX))
    assert [page.state.synced_until.day for page in pages if page.state.synced_until] == [21, 21, 21]
