"""IMAP against a real Dovecot."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.connect.dovecot import PASSWORD, SERVICE, USER, Dovecot
from tests.connect.lines import cutting
from tests.connect.mails import mail, number_of
from workbench.connect import FetchLimits, Page, open_connector
from workbench.connect.protocol import Connector
from workbench.domain import Secrets
from workbench.domain.connections import ImapConnection, Mailbox
from workbench.domain.mail import FolderState
from workbench.errors import (
    CertificateError,
    CredentialsRefusedError,
    InputError,
    JobCancelledError,
    RemoteProtocolError,
    UnreachableError,
)

pytestmark = pytest.mark.slow
INBOX = Mailbox(address=USER, folder_allow=(("INBOX",),))


def _connector(
    dovecot: Dovecot, *, port: int | None = None, page_size: int = 50, **limits: float
) -> Connector:
    connection = ImapConnection(host="127.0.0.1", port=port or dovecot.port, user_name=USER, security="plain")
    return open_connector(
        connection,
        Secrets(password=PASSWORD),
        limits=FetchLimits(page_size=page_size, timeout_s=20, **limits),  # type: ignore[arg-type]
    )


def _states(pages: Sequence[Page], before: Sequence[FolderState] = ()) -> tuple[FolderState, ...]:
    """What a caller holds after storing the pages one by one."""
    held = {state.folder: state for state in [*before, *(page.state for page in pages)]}
    return tuple(held.values())


def _numbers(pages: Sequence[Page]) -> list[int]:
    return [number_of(mail.content) for page in pages for mail in page.mails]


def test_a_service_user_reads_in_the_name_of_each_mailbox(dovecot: Dovecot) -> None:
    dovecot.add([mail(1)])
    own = ImapConnection(host="127.0.0.1", port=dovecot.port, user_name=SERVICE, security="plain")
    secrets = Secrets(password=PASSWORD)
    reader = open_connector(replace(own, access="delegate"), secrets)
    assert _numbers(list(reader.fetch(INBOX))) == [1]
    assert ("INBOX",) in {one.path for one in reader.folders(replace(INBOX, address="second@shop.example"))}
    log = (dovecot.base / "log").read_text("utf-8")
    assert f"user=<{USER}>" in log and "user=<second@shop.example>" in log and "user=<service>" not in log
    nobody = open_connector(replace(own, access="delegate", user_name="clerk"), secrets)
    with pytest.raises(CredentialsRefusedError, match=f"refused 'clerk for {USER}'"):
        nobody.folders(INBOX)
    with pytest.raises(InputError, match=r"user name, mailbox or password .* holds a control character"):
        reader.folders(replace(INBOX, address="a\0b"))


def test_mail_arrives_whole_once_and_unread(dovecot: Dovecot) -> None:
    sent = [mail(n, body="Grüße\r\n.\r\n" * n) for n in range(1, 4)]
    received_at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    dovecot.add(sent, received_at=received_at)
    pages = list(_connector(dovecot).fetch(INBOX))
    got = [raw for page in pages for raw in page.mails]
    assert [raw.content for raw in got] == sent[::-1]
    assert {raw.received_at for raw in got} == {received_at}
    assert {raw.folder for raw in got} == {("INBOX",)}
    assert {raw.mailbox for raw in got} == {USER}
    state = pages[-1].state
    assert state.up_to_date
    assert state.synced_until == received_at
    again = list(_connector(dovecot).fetch(INBOX, _states(pages)))
    assert _numbers(again) == []
    client = dovecot.client()
    client.select("INBOX", readonly=True)
    assert client.uid("SEARCH", "SEEN")[1] == [b""]
    assert client.uid("SEARCH", "RECENT")[1] != [b""]
    client.logout()


def test_new_mail_comes_first_and_older_mail_goes_on(dovecot: Dovecot) -> None:
    dovecot.add([mail(n) for n in range(1, 7)])
    first = list(itertools.islice(_connector(dovecot, page_size=2).fetch(INBOX), 2))
    assert _numbers(first) == [6, 5, 4, 3]
    dovecot.add([mail(7), mail(8)])
    rest = list(_connector(dovecot, page_size=2).fetch(INBOX, _states(first)))
    assert _numbers(rest) == [7, 8, 2, 1]
    assert [page.state.up_to_date for page in rest] == [False, False, True]


def test_oldest_first_reads_upwards(dovecot: Dovecot) -> None:
    dovecot.add([mail(n) for n in range(1, 6)])
    mailbox = Mailbox(address=USER, folder_allow=(("INBOX",),), order="oldest")
    assert _numbers(list(_connector(dovecot, page_size=2).fetch(mailbox))) == [1, 2, 3, 4, 5]


def test_two_thousand_mails_in_pages_survive_a_crash_at_any_page(dovecot: Dovecot) -> None:
    dovecot.drop_in([mail(n) for n in range(2000)], "Archive")
    mailbox = Mailbox(address=USER, folder_allow=(("Archive",),))
    states: tuple[FolderState, ...] = ()
    stored: list[int] = []
    for n_pages in (3, 1, 7, 10**6):
        reading = _connector(dovecot, page_size=100).fetch(mailbox, states)
        pages = list(itertools.islice(reading, n_pages))
        next(reading, None)  # read, but the process dies before it is stored
        reading.close()
        stored += _numbers(pages)
        states = _states(pages, states)
    assert sorted(stored) == list(range(2000))
    assert states[0].up_to_date


def test_a_page_is_bounded_in_bytes_and_a_giant_is_left_out(dovecot: Dovecot) -> None:
    dovecot.add([mail(n, body="x" * 3000) for n in range(6)] + [mail(9, body="y" * 30_000)])
    pages = list(_connector(dovecot, page_bytes=7000, mail_bytes=20_000).fetch(INBOX))
    assert sorted(_numbers(pages)) == list(range(6))
    assert max(sum(len(raw.content) for raw in page.mails) for page in pages) <= 7000
    (problem,) = [problem for page in pages for problem in page.problems]
    assert "more than 20000" in problem


def test_changed_uidvalidity_reads_the_folder_again(dovecot: Dovecot) -> None:
    dovecot.add([mail(1), mail(2)], "Team")
    mailbox = Mailbox(address=USER, folder_allow=(("Team",),))
    before = list(_connector(dovecot).fetch(mailbox))
    client = dovecot.client()
    client.delete("Team")
    client.logout()
    _wait_a_second()  # UIDVALIDITY is a time in seconds
    dovecot.add([mail(2), mail(3)], "Team")
    after = list(_connector(dovecot).fetch(mailbox, _states(before)))
    assert before[-1].state.cursor != after[-1].state.cursor
    assert sorted(_numbers(after)) == [2, 3]


def _wait_a_second() -> None:
    threading.Event().wait(1.1)


def test_a_moved_mail_comes_again_under_its_new_folder(dovecot: Dovecot) -> None:
    dovecot.add([mail(1), mail(2)])
    before = list(_connector(dovecot).fetch(Mailbox(address=USER)))
    client = dovecot.client()
    client.create("Done")
    client.select("INBOX")
    assert client.uid("MOVE", "1:*", "Done")[0] == "OK"
    client.logout()
    after = list(_connector(dovecot).fetch(Mailbox(address=USER), _states(before)))
    moved = [raw for page in after for raw in page.mails]
    assert {raw.folder for raw in moved} == {("Done",)}
    assert sorted(number_of(raw.content) for raw in moved) == [1, 2]


def test_mail_deleted_while_reading_is_counted_and_passed(dovecot: Dovecot) -> None:
    dovecot.add([mail(n) for n in range(1, 7)])
    reading = _connector(dovecot, page_size=2).fetch(INBOX)
    first = next(reading)
    client = dovecot.client()
    client.select("INBOX")
    client.store("2:3", "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.logout()
    rest = list(reading)
    assert sorted(_numbers([first, *rest])) == [1, 4, 5, 6]
    assert sum(page.n_gone for page in rest) == 2
    assert rest[-1].state.up_to_date


def test_start_date_cuts_to_the_second_and_an_earlier_one_reads_back(dovecot: Dovecot) -> None:
    days = [datetime(2026, 5, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    for number, day in enumerate(days, 1):
        dovecot.add([mail(number)], received_at=day)
    late = Mailbox(address=USER, folder_allow=(("INBOX",),), start_at=datetime(2026, 5, 2, 12, tzinfo=UTC))
    pages = list(_connector(dovecot).fetch(late))
    assert _numbers(pages) == [3, 2]
    assert sum(page.n_skipped for page in pages) == 1  # SEARCH knows days only; mail 1 lies on the day before
    assert _numbers(list(_connector(dovecot).fetch(late, _states(pages)))) == []
    assert 1 in _numbers(list(_connector(dovecot).fetch(INBOX, _states(pages))))


def test_lists_of_folders_people_and_domains(dovecot: Dovecot) -> None:
    dovecot.add([mail(1), mail(2, sender="bob@spam.example"), mail(3, sender="eve@sub.spam.example")])
    dovecot.add([mail(4)], "Junk")
    dovecot.add([mail(5)], "Team/R&AOk-sum&AOk-")
    dovecot.add([mail(6)], "Team/Private")
    mailbox = Mailbox(address=USER, domain_deny=("spam.example",), folder_deny=(("Team", "Private"),))
    assert sorted(_numbers(list(_connector(dovecot).fetch(mailbox)))) == [1, 5]
    folders = {folder.path: folder.role for folder in _connector(dovecot).folders(mailbox)}
    assert folders[("Junk",)] == "junk"
    assert folders[("Gesendet",)] == "sent"
    assert folders[("INBOX",)] == "inbox"
    assert folders[("Team", "Résumé")] is None


def test_a_wrong_password_is_refused_without_showing_it(dovecot: Dovecot) -> None:
    connection = ImapConnection(host="127.0.0.1", port=dovecot.port, user_name=USER, security="plain")
    connector = open_connector(connection, Secrets(password="wrong-pässword"))
    with pytest.raises(CredentialsRefusedError) as raised:
        next(connector.fetch(INBOX))
    assert "wrong-p" not in str(raised.value) + repr(raised.value.details) + repr(connector)
    assert f"127.0.0.1:{dovecot.port}" in str(raised.value)
    assert raised.value.next_step


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_trusts_the_named_authority_only(dovecot: Dovecot, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    base = {"host": "127.0.0.1", "port": port, "user_name": USER, "security": security}
    dovecot.add([mail(1)])
    good = ImapConnection(**base, ca_file=dovecot.ca_file)  # type: ignore[arg-type]
    assert _numbers(list(open_connector(good, Secrets(password=PASSWORD)).fetch(INBOX))) == [1]
    with pytest.raises(CertificateError, match="self-signed"):
        next(open_connector(ImapConnection(**base), Secrets(password=PASSWORD)).fetch(INBOX))  # type: ignore[arg-type]


def test_tls_to_a_plain_port_says_so(dovecot: Dovecot) -> None:
    connection = ImapConnection(host="127.0.0.1", port=dovecot.port, user_name=USER)
    with pytest.raises(RemoteProtocolError, match="is TLS spoken on this port"):
        open_connector(connection, Secrets(password=PASSWORD)).folders(INBOX)


def test_plain_to_another_machine_is_refused_before_anything_is_sent() -> None:
    connection = ImapConnection(host="imap.example", port=143, user_name=USER, security="plain")
    with pytest.raises(InputError, match="would not be encrypted"):
        open_connector(connection, Secrets(password=PASSWORD)).folders(INBOX)


def test_a_connection_that_breaks_loses_at_most_the_page_in_hand(dovecot: Dovecot) -> None:
    dovecot.add([mail(n, body="z" * 2000) for n in range(40)])
    states: tuple[FolderState, ...] = ()
    stored: list[int] = []
    for after_bytes in (200, 20_000, 35_000):
        with (
            cutting(dovecot.port, after_bytes) as port,
            pytest.raises(UnreachableError, match=r"ended|broke|reset"),
        ):
            for page in _connector(dovecot, port=port, page_size=5).fetch(INBOX, states):
                stored += _numbers([page])
                states = _states([page], states)
    assert 0 < len(stored) < 40
    stored += _numbers(list(_connector(dovecot).fetch(INBOX, states)))
    assert sorted(stored) == list(range(40))


def test_cancelling_stops_before_the_next_exchange(dovecot: Dovecot) -> None:
    dovecot.add([mail(n) for n in range(10)])
    stop = threading.Event()
    reading = _connector(dovecot, page_size=2).fetch(INBOX, cancelled=stop.is_set)
    next(reading)
    stop.set()
    with pytest.raises(JobCancelledError):
        next(reading)


def test_nobody_listening_is_unreachable(dovecot: Dovecot) -> None:
    with cutting(dovecot.port, 0) as port:
        pass
    with pytest.raises(UnreachableError) as raised:
        _connector(dovecot, port=port).folders(INBOX)
    assert f"127.0.0.1:{port}" in raised.value.message
