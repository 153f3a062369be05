"""IMAP servers that answer nonsense, too much, or nothing."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from tests.connect.lines import scripted
from tests.connect.mails import mail, number_of
from workbench.connect import FetchLimits, open_connector
from workbench.connect.protocol import Connector
from workbench.domain import Secrets
from workbench.domain.connections import ImapConnection, Mailbox
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
PASSWORD = "s3cret-pass"
LIST = b'* LIST () "/" INBOX\r\n% OK done\r\n'
EXAMINE = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n% OK [READ-ONLY]\r\n"
SEARCH = b"* SEARCH 1\r\n% OK done\r\n"
SOUND = {"LIST": LIST, "EXAMINE": EXAMINE, "UID SEARCH": SEARCH}


def _connector(port: int, timeout_s: float = 5.0) -> Connector:
    connection = ImapConnection(host="127.0.0.1", port=port, user_name="care", security="plain")
    limits = FetchLimits(page_bytes=1000, mail_bytes=1000, timeout_s=timeout_s)
    return open_connector(connection, Secrets(password=PASSWORD), limits=limits)


def _fetched(mail: bytes, uid: int = 1, size: int | None = None) -> bytes:
    head = mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return (
        b'* 1 FETCH (UID %d RFC822.SIZE %d INTERNALDATE "01-Feb-2026 10:00:00 +0100" FLAGS (\\Seen) '
        b"BODY[HEADER.FIELDS (FROM TO)] {%d}\r\n%s BODY[] {%d}\r\n%s)\r\n"
        % (uid, len(mail) if size is None else size, len(head), head, len(mail), mail)
    ).replace(b"%", b"")


def test_the_script_itself_is_sound() -> None:
    body = b"* 1 FETCH (BODY[] {%d}\r\n%s UID 1)\r\n" % (len(mail(1)), mail(1))
    heads = b'* 2 FETCH (FLAGS ())\r\n* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE " 1-Feb-2026 10:00:00 +0100" BODY[HEADER.FIELDS (FROM)] "")\r\n'
    with scripted(SOUND | {"UID FETCH": heads + body + b"% OK done\r\n"}) as (port, heard):
        pages = list(_connector(port).fetch(MAILBOX))
    (raw,) = pages[0].mails
    assert number_of(raw.content) == 1
    assert raw.received_at is not None
    assert raw.received_at.isoformat() == "2026-02-01T09:00:00+00:00"
    assert not [line for line in heard if "STORE" in line or "SELECT" in line or "BODY[" in line]
    assert any("BODY.PEEK[]" in line for line in heard)


NONSENSE = {
    "web server": ({}, b"HTTP/1.1 400 Bad Request\r\n\r\n", RemoteProtocolError),
    "silence": ({}, b"", UnreachableError),
    "goodbye": ({}, b"* BYE too busy\r\n", ConnectError),
    "endless greeting": ({}, b"* OK " + b"x" * 2_000_000 + b"\r\n", RemoteProtocolError),
    "giant literal": (SOUND | {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"}, b"* OK\r\n", RemoteProtocolError),
    "literal of many digits": (SOUND | {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 5000 + b"}\r\n"}, b"* OK\r\n", RemoteProtocolError),
    "endless answers": (SOUND | {"UID SEARCH": b"* SEARCH 1\r\n" * 600_000}, b"* OK\r\n", RemoteProtocolError),
    "no validity": (SOUND | {"EXAMINE": b"* 1 EXISTS\r\n% OK done\r\n"}, b"* OK\r\n", RemoteProtocolError),
    "foreign tag": (SOUND | {"UID SEARCH": b"ZZZZ9 OK\r\n"}, b"* OK\r\n", RemoteProtocolError),
    "no line of IMAP": (SOUND | {"LIST": b"\x00\xff\xfe\r\n"}, b"* OK\r\n", RemoteProtocolError),
    "says BAD": (SOUND | {"UID SEARCH": b"% BAD what\r\n"}, b"* OK\r\n", RemoteProtocolError),
    "hangs up": (SOUND | {"UID FETCH": b""}, b"* OK\r\n", UnreachableError),
    "stays silent": (SOUND | {"UID FETCH": b"* OK wait\r\n"}, b"* OK\r\n", UnreachableError),
    "half a literal": (SOUND | {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {10}\r\nabc"}, b"* OK\r\n", UnreachableError),
    "says goodbye": (SOUND | {"UID SEARCH": b"* BYE shutting down\r\n% OK done\r\n"}, b"* OK\r\n", UnreachableError),
}  # fmt: skip


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_an_error_that_names_the_host(case: str) -> None:
    answers, greeting, kind = NONSENSE[case]
    with scripted(answers, greeting) as (port, _), pytest.raises(kind) as raised:
        list(_connector(port, timeout_s=1.0).fetch(MAILBOX))
    error = raised.value
    assert f"127.0.0.1:{port}" in error.message
    assert error.next_step
    assert PASSWORD not in str(error)


def test_a_server_that_lies_about_sizes_and_ids_does_no_harm() -> None:
    lies = (
        _fetched(mail(1), uid=1, size=1)
        + _fetched(mail(2), uid=99)
        + b"* 5 FETCH (UID x)\r\n"
        + b"% OK done\r\n"
    )
    with scripted(
        SOUND | {"UID FETCH": lies, "UID SEARCH": b"* SEARCH 1 4294967299 0 -3 x\r\n% OK done\r\n"}
    ) as (port, _):
        pages = list(_connector(port).fetch(MAILBOX))
    assert [raw.remote_id for page in pages for raw in page.mails] == ["1"]


def test_a_folder_name_cannot_smuggle_a_command() -> None:
    name = b'INBOX"\r\nX1 DELETE "INBOX'
    smuggler = b'* LIST () "/" {%d}\r\n%s\r\n' % (len(name), name)
    quoted = b'* LIST () "/" "a\\"b\\\\c"\r\n% OK done\r\n'
    with scripted(SOUND | {"LIST": smuggler + quoted}) as (port, heard):
        pages = list(_connector(port).fetch(MAILBOX))
    assert pages[-1].state.folder == ('a"b\\c',)
    assert not any("DELETE" in line for line in heard)
    assert any(line.endswith('EXAMINE "a\\"b\\\\c"') for line in heard)


def test_what_the_server_says_is_shown_without_the_password() -> None:
    answer = b"% NO [AUTHENTICATIONFAILED] \x1b[31m wrong: " + PASSWORD.encode() + b"\r\n"
    with scripted({"LOGIN": answer}) as (port, _), pytest.raises(CredentialsRefusedError) as raised:
        _connector(port).folders(MAILBOX)
    text = str(raised.value)
    assert "wrong: …" in text
    assert PASSWORD not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("code", "kind"),
    [(b"[UNAVAILABLE]", UnreachableError), (b"[LIMIT]", ThrottledError), (b"[INUSE]", ThrottledError)],
)
def test_response_codes_at_sign_in_decide_what_kind_of_failure_it_is(
    code: bytes, kind: type[ConnectError]
) -> None:
    with scripted({"LOGIN": b"% NO " + code + b" later\r\n"}) as (port, _), pytest.raises(kind):
        _connector(port).folders(MAILBOX)


def test_starttls_that_is_not_offered_stops_before_the_password() -> None:
    with scripted({}) as (port, heard):
        connection = ImapConnection(host="127.0.0.1", port=port, user_name="care", security="starttls")
        with pytest.raises(RemoteProtocolError):
            open_connector(connection, Secrets(password=PASSWORD)).folders(MAILBOX)
    assert not any("LOGIN" in line or PASSWORD in line for line in heard)


def test_a_token_is_sent_as_xoauth2_and_its_refusal_does_not_show_it() -> None:
    proof = base64.b64encode(b"user=care\x01auth=Bearer tok-en\x01\x01")
    connection = ImapConnection(host="127.0.0.1", user_name="care", security="plain", sign_in="token", port=0)
    with scripted({"AUTHENTICATE": b"+ \r\n", "CONTINUED": b"% NO tok-en refused\r\n"}) as (port, heard):
        connector = open_connector(replace(connection, port=port), Secrets(token="tok-en"))
        with pytest.raises(CredentialsRefusedError) as raised:
            connector.folders(MAILBOX)
    assert proof.decode() in heard
    assert "tok-en" not in str(raised.value)
    with scripted({"AUTHENTICATE": b"+ \r\n", "LIST": LIST}) as (port, _):
        connector = open_connector(replace(connection, port=port), Secrets(token="tok-en"))
        assert [folder.path for folder in connector.folders(MAILBOX)] == [("INBOX",)]


def test_control_characters_in_a_user_name_are_refused() -> None:
    connection = ImapConnection(host="127.0.0.1", user_name="a\r\nX DELETE", security="plain")
    with pytest.raises(InputError, match="control character"):
        open_connector(connection, Secrets(password=PASSWORD)).folders(MAILBOX)


def test_a_mail_the_server_cannot_give_is_named_and_passed() -> None:
    answers = SOUND | {"UID FETCH": _fetched(mail(1), uid=1) + b"% NO [SERVERBUG?] damaged\r\n"}
    answers["UID SEARCH"] = b"* SEARCH 1 2\r\n% OK done\r\n"
    answers["EXAMINE"] = EXAMINE.replace(b"1 EXISTS", b"2 EXISTS").replace(b"UIDNEXT 2", b"UIDNEXT 3")
    with scripted(answers) as (port, _):
        pages = list(_connector(port).fetch(MAILBOX))
    assert [raw.remote_id for page in pages for raw in page.mails] == ["1"]
    (problem,) = [problem for page in pages for problem in page.problems]
    assert problem.startswith("mail 2 cannot be read")
    assert sum(page.n_gone for page in pages) == 0
    assert pages[-1].state.up_to_date


@pytest.mark.parametrize("command", ["UID FETCH", "UID SEARCH", "EXAMINE", "LIST"])
def test_being_busy_is_never_taken_for_mail_that_is_gone(command: str) -> None:
    busy = b"% NO Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n"
    with scripted(SOUND | {command: busy}) as (port, _), pytest.raises(ThrottledError) as raised:
        list(_connector(port).fetch(MAILBOX))
    assert raised.value.retry_after_s == 92.415
    with (
        scripted(SOUND | {command: b"% NO [UNAVAILABLE] x\r\n"}) as (port, _),
        pytest.raises(UnreachableError),
    ):
        list(_connector(port).fetch(MAILBOX))


def test_a_folder_that_cannot_be_opened_is_named_and_the_others_are_read() -> None:
    with scripted(SOUND | {"EXAMINE": b"% NO [NOPERM] not yours\r\n"}) as (port, _):
        (page,) = _connector(port).fetch(MAILBOX)
    assert page.problems == ("folder 'INBOX' cannot be opened",)
    assert page.state.cursor == ""
