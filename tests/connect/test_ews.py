"""Exchange Web Services through exchangelib, against a local server that speaks its SOAP."""

from __future__ import annotations

import base64
import itertools
import logging
import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.connect.ews_server import (
    PASSWORD,
    SECRET,
    EwsFolder,
    EwsMail,
    EwsServer,
    failure,
    respond,
    success,
)
from tests.connect.mails import mail, number_of
from tests.connect.services import Reply, Request, serving
from workbench.connect import FetchLimits, Page, open_connector
from workbench.connect.protocol import Connector
from workbench.domain import Secrets
from workbench.domain.connections import EwsConnection, Mailbox
from workbench.errors import (
    ConnectError,
    CredentialsRefusedError,
    InputError,
    JobCancelledError,
    RemoteProtocolError,
    ThrottledError,
    UnreachableError,
)

pytest.importorskip("exchangelib", reason="the extra 'connect' is not installed")
pytestmark = pytest.mark.slow
MAILBOX = Mailbox(address="care@shop.example")


@pytest.fixture
def server() -> Iterator[EwsServer]:
    service = EwsServer()
    service.inbox.mails = [_stored(n) for n in range(5)]
    with serving(service):
        yield service


def _stored(
    number: int, sender: str = "ann@buyer.example", body: str = "hello", tag: str = "Message"
) -> EwsMail:
    content = mail(number, sender=sender, body=body)
    return EwsMail(f"id{number}=", content, f"2026-03-{number % 28 + 1:02d}T10:00:00Z", tag)


def _connector(
    server: EwsServer, *, password: str = PASSWORD, app: bool = False, **limits: float
) -> Connector:
    connection = EwsConnection(endpoint=f"{server.base}/EWS/Exchange.asmx", user_name="svc")
    if app:
        connection = replace(
            connection, sign_in="app", access="impersonation", user_name="", tenant_id="t", client_id="app-id",
            authority=server.base,
        )  # fmt: skip
    return open_connector(
        connection,
        Secrets(password=password, client_secret=SECRET),
        limits=FetchLimits(**{"page_size": 2, "timeout_s": 10, **limits}),  # type: ignore[arg-type]
    )


def _numbers(pages: list[Page]) -> list[int]:
    return [number_of(raw.content) for page in pages for raw in page.mails]


def test_mail_comes_in_pages_and_then_only_what_is_new(server: EwsServer) -> None:
    pages = list(_connector(server).fetch(MAILBOX))
    assert _numbers(pages) == [0, 1, 2, 3, 4]
    assert [page.state.up_to_date for page in pages] == [False, False, True]
    first = pages[0].mails[0]
    assert first.content == mail(0)
    assert first.folder == ("Inbox",)
    assert first.received_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert type(first.received_at) is datetime
    assert type(first.content) is bytes
    assert pickle.loads(pickle.dumps(pages)) == pages
    assert first.properties == {
        "string:Importance": "High", "string:Sensitivity": "Private", "string:Categories": "Claims; Urgent",
        "string:Conversation ID": "AAconv", "string:Conversation Topic": "Refund", "string:Is Read": "No",
        "string:Has Attachments": "Yes",
    }  # fmt: skip
    server.inbox.mails.append(_stored(5))
    assert _numbers(list(_connector(server).fetch(MAILBOX, [pages[-1].state]))) == [5]
    asked = {
        word
        for request in server.heard
        for word in (b"Update", b"Delete", b"Move", b"Mark")
        if word in request.body
    }
    assert asked == set()


def test_a_crash_fetches_one_page_again(server: EwsServer) -> None:
    reading = _connector(server).fetch(MAILBOX)
    (stored,) = itertools.islice(reading, 1)
    next(reading)  # never stored
    reading.close()
    assert _numbers([stored, *_connector(server).fetch(MAILBOX, [stored.state])]) == [0, 1, 2, 3, 4]


def test_bytes_bound_a_page_and_its_state_waits_for_the_last_part(server: EwsServer) -> None:
    server.inbox.mails = [_stored(n, body="x" * 600) for n in range(4)] + [_stored(9, body="y" * 5000)]
    pages = list(_connector(server, page_size=10, page_bytes=1000, mail_bytes=3000).fetch(MAILBOX))
    assert _numbers(pages) == [0, 1, 2, 3]
    assert [bool(page.state.cursor) for page in pages] == [False, False, False, True]
    assert "longer than 3000" in "".join(problem for page in pages for problem in page.problems)


def test_folders_lists_and_start_date(server: EwsServer) -> None:
    server.folders += [
        EwsFolder("AAjunk", "Junk", known_as="junkemail", mails=[_stored(10)]),
        EwsFolder("AAteam", "Team", parent="AAinbox", mails=[_stored(20), _stored(21, "bob@spam.example")]),
    ]
    server.inbox.mails += [_stored(25, tag="Contact"), _stored(26, tag="MeetingRequest")]
    mailbox = replace(MAILBOX, start_at=datetime(2026, 3, 4, tzinfo=UTC), domain_deny=("spam.example",))
    pages = list(_connector(server).fetch(mailbox))
    assert sorted(_numbers(pages)) == [3, 4, 20, 26]
    assert {raw.folder for page in pages for raw in page.mails} == {("Inbox",), ("Inbox", "Team")}
    roles = {folder.path: folder.role for folder in _connector(server).folders(mailbox)}
    assert roles == {("Inbox",): "inbox", ("Junk",): "junk", ("Inbox", "Team"): None}
    states = [page.state for page in pages if page.state.up_to_date]
    assert 0 in _numbers(list(_connector(server).fetch(MAILBOX, states)))  # an earlier start reads back


def test_an_application_impersonates_and_renews_its_token(server: EwsServer) -> None:
    server.calls_per_token = 4
    assert _numbers(list(_connector(server, app=True).fetch(MAILBOX))) == [0, 1, 2, 3, 4]
    assert server.n_tokens > 1
    bodies = [request.body for request in server.heard if b"Envelope" in request.body]
    assert all(b"<t:PrimarySmtpAddress>care@shop.example<" in body for body in bodies)


def test_a_token_that_never_works_is_refused(server: EwsServer) -> None:
    server.calls_per_token = 0
    with pytest.raises(CredentialsRefusedError, match="app-id"):
        next(_connector(server, app=True).fetch(MAILBOX))


def test_a_wrong_password_is_refused_and_never_shown(
    server: EwsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CredentialsRefusedError, match="refused 'svc'") as raised:
        next(_connector(server, password="wrong-pass").fetch(MAILBOX))
    list(_connector(server, app=True).fetch(MAILBOX))
    shown = f"{raised.value} {raised.value.details} {caplog.text}"
    for secret in ("wrong-pass", PASSWORD, SECRET, "token-1", "Basic "):
        assert secret not in shown


def test_nothing_stays_in_the_library(server: EwsServer) -> None:
    from exchangelib.protocol import CachingProtocol

    list(_connector(server).fetch(MAILBOX))
    assert CachingProtocol._protocol_cache == {}


def _busy() -> bytes:
    return (
        b'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b"<faultcode>a:ErrorServerBusy</faultcode><faultstring>busy</faultstring><detail>"
        b'<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">ErrorServerBusy'
        b'</e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">busy'
        b'</e:Message><t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">'
        b'<t:Value Name="BackOffMilliseconds">42000</t:Value></t:MessageXml></detail></s:Fault></s:Body></s:Envelope>'
    )


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [(Reply(_busy(), 500), 42.0), (Reply(b"", 503, {"Retry-After": "7"}), 7.0), (Reply(b"", 429), None)],
)
def test_throttling_says_how_long_to_wait(server: EwsServer, reply: Reply, wait_s: float | None) -> None:
    reading = _connector(server).fetch(MAILBOX)
    stored = next(reading)
    server.next_replies.append(("SyncFolderItems", reply))
    with pytest.raises(ThrottledError) as raised:
        next(reading)
    assert raised.value.retry_after_s == wait_s
    assert _numbers(list(_connector(server).fetch(MAILBOX, [stored.state]))) == [2, 3, 4]


LOOP = success(
    "SyncFolderItems",
    "<m:SyncState></m:SyncState><m:IncludesLastItemInRange>false</m:IncludesLastItemInRange><m:Changes/>",
)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;&c;&c;</x>'
)
FAULTS = {
    "down": (Reply(b"", 502), UnreachableError),
    "not xml": (Reply(b"hello"), RemoteProtocolError),
    "empty": (Reply(b""), RemoteProtocolError),
    "html": (Reply(b"<html><body>Sign in</body></html>"), RemoteProtocolError),
    "entities": (Reply(BOMB), RemoteProtocolError),
    "no body": (Reply(b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>'), RemoteProtocolError),
    "circles": (Reply(respond("SyncFolderItems", LOOP)), RemoteProtocolError),
    "nothing in it": (Reply(respond("SyncFolderItems", success("SyncFolderItems", ""))), RemoteProtocolError),
    "redirect": (Reply(b"", 302, {"Location": "https://evil.example/"}), RemoteProtocolError),
    "wrong path": (Reply(b"", 404), RemoteProtocolError),
    "forbidden": (Reply(b"", 403), CredentialsRefusedError),
    "broken off": (Reply(b"<s:Env", claimed=900), UnreachableError),
    "no right": (Reply(respond("SyncFolderItems", failure("SyncFolderItems", "ErrorAccessDenied"))), CredentialsRefusedError),
    "no mailbox": (Reply(respond("SyncFolderItems", failure("SyncFolderItems", "ErrorNonExistentMailbox"))), CredentialsRefusedError),
    "other": (Reply(respond("SyncFolderItems", failure("SyncFolderItems", "ErrorInternalServerError"))), ConnectError),
}  # fmt: skip


@pytest.mark.parametrize(
    ("challenge", "kind"),
    [
        ("NTLM bm8gY2hhbGxlbmdl", RemoteProtocolError),
        ("NTLM %%%", RemoteProtocolError),
        ("NTLM", CredentialsRefusedError),
    ],
)
def test_a_bad_challenge_is_an_error(server: EwsServer, challenge: str, kind: type[ConnectError]) -> None:
    """Answers to the first two steps of NTLM: asked for, then a challenge that is none."""
    server.next_replies += [
        ("Exchange", Reply(b"", 401, {"WWW-Authenticate": "NTLM"})),
        ("Exchange", Reply(b"", 401, {"WWW-Authenticate": challenge})),
    ]
    connection = EwsConnection(
        endpoint=f"{server.base}/EWS/Exchange.asmx", sign_in="ntlm", user_name="EXAMPLE\\svc"
    )
    with pytest.raises(kind) as raised:
        open_connector(connection, Secrets(password=PASSWORD)).folders(MAILBOX)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_worded_and_lose_nothing(server: EwsServer, fault: str) -> None:
    reply, kind = FAULTS[fault]
    server.next_replies.append(("SyncFolderItems", reply))
    with pytest.raises(kind) as raised:
        next(_connector(server).fetch(MAILBOX))
    assert isinstance(raised.value, ConnectError)
    assert server.base.removeprefix("http://") in raised.value.message
    assert raised.value.next_step
    assert PASSWORD not in str(raised.value)
    assert _numbers(list(_connector(server).fetch(MAILBOX))) == [0, 1, 2, 3, 4]


def test_a_stale_state_begins_again(server: EwsServer) -> None:
    pages = list(_connector(server).fetch(MAILBOX))
    stale = respond("SyncFolderItems", failure("SyncFolderItems", "ErrorInvalidSyncStateData"))
    server.next_replies.append(("SyncFolderItems", Reply(stale)))
    assert _numbers(list(_connector(server).fetch(MAILBOX, [pages[-1].state]))) == [0, 1, 2, 3, 4]


def test_mail_deleted_between_list_and_text_is_passed(server: EwsServer) -> None:
    gone = failure("GetItem", "ErrorItemNotFound", "<m:Items/>")
    server.next_replies.append(("GetItem", Reply(respond("GetItem", gone + gone))))
    pages = list(_connector(server).fetch(MAILBOX))
    assert _numbers(pages) == [2, 3, 4]
    assert pages[0].n_gone == 2


def test_an_answer_without_end_is_cut_off(server: EwsServer) -> None:
    server.next_replies.append(("SyncFolderItems", Reply(b"x" * 40_000_000)))
    with pytest.raises(RemoteProtocolError, match="longer than"):
        next(_connector(server, page_bytes=1000, mail_bytes=1000).fetch(MAILBOX))


def test_cancelling_stops_before_the_next_exchange(server: EwsServer) -> None:
    said: list[bool] = []
    reading = _connector(server).fetch(MAILBOX, cancelled=lambda: bool(said))
    next(reading)
    said.append(True)
    with pytest.raises(JobCancelledError):
        next(reading)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://mail.example/EWS/Exchange.asmx"},
        {"build": "fifteen"},
        {"build": "3.1.0.0"},
        {"user_name": ""},
    ],
)
def test_a_configuration_that_cannot_work_says_so(server: EwsServer, change: dict[str, str]) -> None:
    connection = replace(
        EwsConnection(endpoint=f"{server.base}/EWS/Exchange.asmx", user_name="svc"), **change
    )  # type: ignore[arg-type]
    with pytest.raises(InputError) as raised:
        open_connector(connection, Secrets(password=PASSWORD)).folders(MAILBOX)
    assert raised.value.next_step


def test_a_damaged_mail_is_named_and_passed(server: EwsServer) -> None:
    damaged = failure("GetItem", "ErrorMimeContentConversionFailed", "<m:Items/>")
    gone = failure("GetItem", "ErrorItemNotFound", "<m:Items/>")
    server.next_replies.append(("GetItem", Reply(respond("GetItem", damaged + gone))))
    pages = list(_connector(server).fetch(MAILBOX))
    assert _numbers(pages) == [2, 3, 4]
    assert "damaged" in pages[0].problems[0]
    assert pages[0].n_gone == 1


def test_a_new_folder_under_an_old_name_is_read_from_its_beginning(server: EwsServer) -> None:
    pages = list(_connector(server).fetch(MAILBOX))
    server.folders[0] = EwsFolder("AAnew", "Inbox", known_as="inbox", mails=[_stored(7)])
    assert _numbers(list(_connector(server).fetch(MAILBOX, [pages[-1].state]))) == [7]


def test_a_folder_deleted_after_it_was_listed_is_named(server: EwsServer) -> None:
    gone = respond("SyncFolderItems", failure("SyncFolderItems", "ErrorSyncFolderNotFound"))
    server.next_replies.append(("SyncFolderItems", Reply(gone)))
    (page,) = _connector(server).fetch(MAILBOX)
    assert page.problems == ("folder 'Inbox' cannot be opened",)


class _NtlmServer(EwsServer):
    """Asks for NTLM and checks it by an implementation of the other side; a connection is signed in, not a call."""

    def __init__(self) -> None:
        super().__init__()
        self.contexts: dict[int, object] = {}

    def answer(self, request: Request) -> Reply:
        import spnego

        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        context = self.contexts.get(request.line)
        if context is None or not context.complete:  # type: ignore[attr-defined]
            if kind != "NTLM":
                return Reply(b"", 401, {"WWW-Authenticate": "NTLM"})
            context = self.contexts.setdefault(
                request.line, spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            )
            try:
                challenge = context.step(base64.b64decode(token))  # type: ignore[attr-defined]
            except spnego.exceptions.SpnegoError:
                del self.contexts[request.line]
                return Reply(b"", 401, {"WWW-Authenticate": "NTLM"})
            if challenge:
                return Reply(b"", 401, {"WWW-Authenticate": f"NTLM {base64.b64encode(challenge).decode()}"})
        basic = "Basic " + base64.b64encode(f"svc:{PASSWORD}".encode()).decode()
        request.headers.replace_header("Authorization", basic) if "Authorization" in request.headers else (
            request.headers.add_header("Authorization", basic)
        )
        return super().answer(request)


def test_a_service_user_signs_in_by_ntlm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = tmp_path / "users"
    users.write_text(f"EXAMPLE:svc:{PASSWORD}\n", "utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    service = _NtlmServer()
    service.inbox.mails = [_stored(n) for n in range(3)]
    with serving(service) as base:
        connection = EwsConnection(
            endpoint=f"{base}/EWS/Exchange.asmx", sign_in="ntlm", user_name="EXAMPLE\\svc"
        )
        limits = FetchLimits(page_size=2, timeout_s=10)
        pages = list(open_connector(connection, Secrets(password=PASSWORD), limits=limits).fetch(MAILBOX))
        assert _numbers(pages) == [0, 1, 2]
        with pytest.raises(CredentialsRefusedError) as raised:
            open_connector(connection, Secrets(password="wrong-pass"), limits=limits).folders(MAILBOX)
    assert "wrong-pass" not in str(raised.value)
