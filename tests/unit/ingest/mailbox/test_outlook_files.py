"""Outlook .msg files, written here byte by byte."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ole_files import msg_streams, ole_file
from workbench.errors import FileFormatError, MissingExtraError
from workbench.ingest.mailbox import MailLimits, find_mailbox_kind, parse, read_mailbox

SENT = (
    (datetime(2024, 3, 5, 9, 15, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC))
    // timedelta(microseconds=1)
    * 10
)
MAIL = {
    0x0037: "Late parcel – 4411",
    0x1000: "Where is it?\r\n-- \r\nKim",
    0x1035: "<7@shop.example>",
    0x1042: "<6@shop.example>",
    0x0C1A: "Kim Müller",
    0x5D01: "kim@Shop.example",
}


def streams() -> dict[str, bytes]:
    return {
        **msg_streams(MAIL, times={0x0039: SENT}, numbers={0x3FFD: 65001}),
        **msg_streams(
            {0x3001: "Care", 0x39FE: "care@carrier.example"}, numbers={0x0C15: 1}, header=8,
            prefix="__recip_version1.0_#00000000/",
        ),
        **msg_streams(
            {0x3001: "Boss", 0x3003: "boss@carrier.example"}, numbers={0x0C15: 2}, header=8,
            prefix="__recip_version1.0_#00000001/",
        ),
        **msg_streams(
            {0x3707: "Beleg ü.pdf", 0x370E: "application/pdf"}, binaries={0x3701: b"%PDF" * 2_000}, header=8,
            prefix="__attach_version1.0_#00000000/",
        ),
    }  # fmt: skip


@pytest.fixture
def msg(tmp_path: Path) -> Path:
    pytest.importorskip("olefile", reason="the extra 'mail' is not installed")
    path = tmp_path / "late.msg"
    path.write_bytes(ole_file(streams()))
    return path


def test_a_msg_file_reads_like_any_mail(msg: Path) -> None:
    assert find_mailbox_kind(msg) == "msg"
    (raw,) = read_mailbox(msg, mailbox="care")
    mail = parse(raw)
    assert (mail.subject, mail.body, mail.signature) == ("Late parcel – 4411", "Where is it?", "--\nKim")
    assert (mail.sender, mail.to, mail.cc) == (
        "kim@shop.example",
        ("care@carrier.example",),
        ("boss@carrier.example",),
    )
    assert mail.sent_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert bytes.fromhex(mail.message_id) == b"7@shop.example"
    assert mail.references == ("6@shop.example",)
    (file,) = mail.attachments
    assert (file.name, file.content_type, file.content) == ("Beleg ü.pdf", "application/pdf", b"%PDF" * 2_000)
    assert mail.properties["string:MSG NAME ID"] == "late.msg"
    assert mail.problems == ()


def test_headers_of_the_way_it_came_win(tmp_path: Path) -> None:
    pytest.importorskip("olefile", reason="the extra 'mail' is not installed")
    headers = "Received: x\r\nSubject: =?utf-8?q?F=C3=BCr?=\r\n dich\r\nMessage-ID: <9@a.example>\r\nX-Bad: 1"
    path = tmp_path / "a.msg"
    path.write_bytes(ole_file(msg_streams({**MAIL, 0x007D: headers}, binaries={0x1013: b"<p>Caf\xe9</p>"})))
    mail = parse(*read_mailbox(path))
    assert mail.subject == "Für dich"
    assert bytes.fromhex(mail.message_id) == b"9@a.example"


def test_a_mail_within_the_mail_is_an_attachment(tmp_path: Path) -> None:
    pytest.importorskip("olefile", reason="the extra 'mail' is not installed")
    inner = "__attach_version1.0_#00000000/__substg1.0_3701000D/"
    path = tmp_path / "a.msg"
    path.write_bytes(
        ole_file(
            {
                **msg_streams({0x0037: "Fwd: Inner", 0x1000: "See below."}),
                **msg_streams({0x3001: "Inner"}, header=8, prefix="__attach_version1.0_#00000000/"),
                **msg_streams({0x0037: "Inner", 0x1000: "Deep text"}, header=24, prefix=inner),
            }
        )
    )
    mail = parse(*read_mailbox(path))
    assert mail.body == "See below."
    (file,) = mail.attachments
    assert (file.name, file.content_type) == ("message.eml", "message/rfc822")
    assert b"Subject: Inner" in file.content


@pytest.mark.parametrize("cut", [8, 100, 512, 600, 1_100, 2_000, 4_000])
def test_a_damaged_msg_file_is_refused_or_read(msg: Path, cut: int) -> None:
    msg.write_bytes(msg.read_bytes()[:cut])
    with pytest.raises(FileFormatError, match=r"damaged|no Outlook mail"):
        list(read_mailbox(msg))


@pytest.mark.parametrize("place", range(512, 6_000, 97))
def test_a_flipped_byte_never_crashes(msg: Path, place: int) -> None:
    content = bytearray(msg.read_bytes())
    content[place % len(content)] ^= 0xFF
    msg.write_bytes(bytes(content))
    try:
        assert [parse(raw).full_text is not None for raw in read_mailbox(msg)] == [True]
    except FileFormatError as error:
        assert error.next_step  # noqa: PT017


def test_other_ole_files_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("olefile", reason="the extra 'mail' is not installed")
    path = tmp_path / "a.msg"
    path.write_bytes(ole_file({"WordDocument": b"x" * 5_000}))
    with pytest.raises(FileFormatError, match="no Outlook mail"):
        list(read_mailbox(path))


def test_parts_are_bounded(msg: Path) -> None:
    with pytest.raises(FileFormatError, match="more than 1,000 bytes together"):
        list(read_mailbox(msg, limits=MailLimits(decoded_bytes=1_000)))


def test_without_the_extra_the_error_names_the_install_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "olefile", None)
    path = tmp_path / "a.msg"
    path.write_bytes(ole_file(streams()))
    with pytest.raises(MissingExtraError, match=r"workbench-comms\[mail\]"):
        list(read_mailbox(path))
