"""Outlook data files (PST, OST). Nothing writes such files, so the library that opens them is played here."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.domain.mail import RawMail
from workbench.errors import FileFormatError, MissingExtraError
from workbench.ingest.mailbox import MailLimits, find_mailbox_kind, parse, read_mailbox

SENT = datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
TICKS = (SENT - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


def value(data: object) -> tuple[int, bytes]:
    if isinstance(data, bytes):
        return 0x0102, data
    if isinstance(data, int):
        return (
            (0x0040, data.to_bytes(8, "little")) if data > 1 << 32 else (0x0003, data.to_bytes(4, "little"))
        )
    return 0x001F, str(data).encode("utf-16-le") + b"\0\0"


def records(*sets: dict[int, object], **more: Any) -> SimpleNamespace:
    """An item with one record set for each dictionary of properties."""

    def entry(tag: int, data: object) -> SimpleNamespace:
        kind, raw = value(data)
        return SimpleNamespace(get_entry_type=lambda: tag, get_value_type=lambda: kind, get_data=lambda: raw)

    def record_set(number: int) -> SimpleNamespace:
        entries = [entry(tag, data) for tag, data in sets[number].items()]
        return SimpleNamespace(get_number_of_entries=lambda: len(entries), get_entry=entries.__getitem__)

    return SimpleNamespace(get_number_of_record_sets=lambda: len(sets), get_record_set=record_set, **more)


def attachment(properties: dict[int, object], size: int, *inner: SimpleNamespace) -> SimpleNamespace:
    return records(
        properties,
        get_size=lambda: size,
        get_number_of_sub_items=lambda: len(inner),
        get_sub_item=lambda number: inner[number],
    )


def message(
    properties: dict[int, object], recipients: SimpleNamespace | None = None, *files: SimpleNamespace
) -> SimpleNamespace:
    return records(
        properties,
        recipients=recipients,
        get_identifier=lambda: 7,
        get_number_of_attachments=lambda: len(files),
        get_attachment=lambda number: files[number],
    )


def folder(name: str | None, messages: list[SimpleNamespace], *below: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(
        get_name=lambda: name,
        get_number_of_sub_messages=lambda: len(messages),
        get_sub_message=lambda number: messages[number],
        get_number_of_sub_folders=lambda: len(below),
        get_sub_folder=lambda number: below[number],
    )


def read(
    root: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: MailLimits | None = None
) -> list[RawMail]:
    file = SimpleNamespace(open=lambda _: None, close=lambda: None, get_root_folder=lambda: root)
    monkeypatch.setitem(sys.modules, "pypff", SimpleNamespace(file=lambda: file))  # type: ignore[arg-type]
    path = tmp_path / "box.pst"
    path.write_bytes(b"!BDN rest")
    assert find_mailbox_kind(path) == "pst"
    return list(read_mailbox(path, limits=limits or MailLimits()))


MAIL: dict[int, object] = {
    0x001A: "IPM.Note",
    0x0037: "\x01\x05Re: Late parcel",
    0x0039: TICKS,
    0x0C1A: "Kim",
    0x0C1F: "kim@shop.example",
    0x1000: "Hello\r\n",
    0x1035: "<7@shop.example>",
}
FILE: dict[int, object] = {0x3707: "a.pdf", 0x370E: "application/pdf", 0x3701: b"%PDF"}


def test_mails_of_all_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = records(
        {0x3001: "Care", 0x3003: "help@carrier.example", 0x0C15: 1}, {0x3003: "b@c.example", 0x0C15: 2}
    )
    inner = message({0x0037: "Inner", 0x1000: "deep"})
    mail = message(MAIL, people, attachment(FILE, 4), attachment({0x3001: "Inner"}, 0, inner))
    root = folder(
        None,
        [],
        folder(
            "Inbox",
            [mail, message({0x001A: "IPM.Appointment"})],
            folder("Claims", [message({**MAIL, 0x1035: "<8@x>"})]),
        ),
    )
    raws = read(root, tmp_path, monkeypatch)
    assert [(raw.folder, raw.mailbox) for raw in raws] == [
        (("Inbox",), "box.pst"),
        (("Inbox", "Claims"), "box.pst"),
    ]
    found = parse(raws[0])
    assert (found.subject, found.body, found.sender) == ("Re: Late parcel", "Hello", "kim@shop.example")
    assert (found.to, found.cc) == (("help@carrier.example",), ("b@c.example",))
    assert found.sent_at == SENT
    assert [file.name for file in found.attachments] == ["a.pdf", "message.eml"]
    assert found.attachments[0].content == b"%PDF"
    assert b"Subject: Inner" in found.attachments[1].content
    assert found.problems == ()


def test_attachments_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder("Inbox", [message(MAIL, None, attachment(FILE, 5_000))])
    with pytest.raises(FileFormatError, match="an attachment has 5,000 bytes; a mail may have at most 1,000"):
        read(root, tmp_path, monkeypatch, MailLimits(mail_bytes=1_000))


def test_mails_within_mails_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = message({0x1000: "deepest"})
    for _ in range(40):
        mail = message({0x1000: "text"}, None, attachment({}, 0, mail))
    (raw,) = read(folder("Inbox", [mail]), tmp_path, monkeypatch)
    assert raw.content.count(b"message/rfc822") == 10


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pypff", reason="the extra 'mail' is not installed")
    path = tmp_path / "box.pst"
    path.write_bytes(b"!BDN" + bytes(range(256)) * 40)
    with pytest.raises(FileFormatError, match="is a damaged PST or OST file"):
        list(read_mailbox(path))


def test_without_the_extra_the_error_names_the_install_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypff", None)
    path = tmp_path / "box.pst"
    path.write_bytes(b"!BDN rest")
    with pytest.raises(MissingExtraError, match=r"workbench-comms\[mail\]"):
        list(read_mailbox(path))
