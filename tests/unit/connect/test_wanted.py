"""Lists of folders, people and domains; start dates; where a connection may go; what is shown."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.connect import Folder
from workbench.connect.hosts import check_address, is_loopback, origin, tls_context
from workbench.connect.wanted import (
    are_people_wanted,
    is_folder_wanted,
    is_time_wanted,
    reaches_back,
    read_participants,
)
from workbench.connect.web import read_retry_after
from workbench.domain import Secrets
from workbench.domain.connections import Mailbox
from workbench.errors import InputError

MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("allow", "deny", "path", "role", "wanted"),
    [
        ((), (), ("Inbox",), "inbox", True),
        ((), (), ("Spam",), "junk", False),
        ((("Spam",),), (), ("Spam",), "junk", True),
        ((("a",),), (), ("A", "b"), None, True),
        ((("a", "b"),), (), ("a",), None, False),
        ((("a",),), (("a", "b"),), ("a", "b", "c"), None, False),
        ((), (("a",),), ("ab",), None, True),
        (((),), (), ("a",), None, False),
    ],
)
def test_folders(allow: tuple, deny: tuple, path: tuple[str, ...], role: str | None, wanted: bool) -> None:
    mailbox = Mailbox(address="m", folder_allow=allow, folder_deny=deny)
    assert is_folder_wanted(mailbox, Folder(path=path, role=role)) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lists", "people", "wanted"),
    [
        ({}, [], True),
        ({"participant_allow": ("ann@a.example",)}, ["ANN@A.example", "x@b.example"], True),
        ({"participant_allow": ("ann@a.example",)}, ["x@b.example"], False),
        ({"domain_allow": ("a.example",)}, ["x@sub.a.example"], True),
        ({"domain_allow": ("@A.example",)}, ["x@a.example"], True),
        ({"domain_allow": ("a.example",)}, ["x@ba.example"], False),
        ({"domain_allow": ("a.example",), "participant_deny": ("x@a.example",)}, ["x@a.example"], False),
        ({"participant_allow": ("z@z.example",), "domain_allow": ("a.example",)}, ["x@a.example"], True),
        ({"domain_deny": ("a.example",)}, ["y@c.example", "x@a.example"], False),
        ({"domain_deny": ("",)}, ["y@c.example"], True),
        ({"domain_allow": ("a.example",)}, [], False),
    ],
)
def test_people(lists: dict[str, tuple[str, ...]], people: list[str], wanted: bool) -> None:
    assert are_people_wanted(Mailbox(address="m", **lists), people) == wanted  # type: ignore[arg-type]


@given(st.binary(max_size=400))
def test_any_header_can_be_read(header: bytes) -> None:
    assert all(isinstance(address, str) for address in read_participants(b"From: " + header))


def test_participants_are_found_in_every_field() -> None:
    header = b"From: A <a@x>\r\nTo: b@x, =?utf-8?q?C=C3=A9?= <c@x>\r\nCc: d@x\r\nBcc: e@x\r\n\r\n"
    assert read_participants(header) == ("a@x", "b@x", "c@x", "d@x", "e@x")


def test_times_and_reaching_back() -> None:
    mailbox = Mailbox(address="m", start_at=MOMENT)
    assert is_time_wanted(mailbox, MOMENT)
    assert is_time_wanted(mailbox, None)
    assert not is_time_wanted(mailbox, MOMENT - timedelta(seconds=1))
    assert not reaches_back("", None)
    assert not reaches_back(MOMENT.isoformat(), MOMENT + timedelta(days=1))
    assert reaches_back(MOMENT.isoformat(), MOMENT - timedelta(days=1))
    assert reaches_back(MOMENT.isoformat(), None)
    assert reaches_back("gibberish", MOMENT)
    with pytest.raises(InputError, match="no time zone"):
        Mailbox(address="m", start_at=datetime(2026, 5, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("LocalHost", True),
        ("localhost.evil.example", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_its_look(host: str, here: bool) -> None:
    assert is_loopback(host) == here


def test_addresses() -> None:
    assert check_address("https://a.example/x/") == "https://a.example/x"
    assert check_address("http://127.0.0.1:8/x") == "http://127.0.0.1:8/x"
    assert check_address("http://a.example", allow_plain=True) == "http://a.example"
    for bad in (
        "http://a.example",
        "https://u:p@a.example",
        "https://",
        "file:///x",
        "https://a.example:x",
        "https://a/#f",
    ):
        with pytest.raises(InputError):
            check_address(bad)
    assert origin("https://A.example/x") == origin("https://a.example:443/y") == ("https", "a.example", 443)
    assert origin("http://[::") == ("", "", 0)
    with pytest.raises(InputError, match="cannot be read"):
        tls_context("/nowhere/ca.pem")


def test_secrets_never_show() -> None:
    secrets = Secrets(password="hunter2", token="tok", client_secret="", security_token="st")
    assert repr(secrets) == str(secrets) == f"{secrets}" == "Secrets(password=…, token=…, security_token=…)"
    assert pickle.loads(pickle.dumps(secrets)) == secrets  # a job's process gets them handed over
    text = secrets.clean("said hunter2\r\n\x1b[31m tok \u202e eve " + "x" * 500)
    assert "hunter2" not in text
    assert "tok" not in text
    assert not {"\r", "\n", "\x1b", "\u202e"} & set(text)
    assert len(text) == 201


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "Wed, 25 Nov 2026 10:00:00 GMT"}, None),
        ({"retry-after": "Wed, 25 Nov 2026 10:00:00 GMT", "date": "Wed, 25 Nov 2026 10:00:09 GMT"}, 0.0),
    ],
)
def test_retry_after(headers: dict[str, str], wait_s: float | None) -> None:
    assert read_retry_after(headers) == wait_s
