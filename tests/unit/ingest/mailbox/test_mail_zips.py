"""ZIP archives of mail: names are wishes, sizes are bounded, and what is no mail says what to do."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from workbench.errors import FileFormatError
from workbench.ingest.mailbox import is_archive, read_mailbox, unpack_archive, zipped

MAIL = b"From: a@b.example\nSubject: hello\n\nhello there\n"
MBOX = b"From a@b.example Tue Mar  5 10:00:00 2024\n" + MAIL
ROOM = 10_000_000


def packed(path: Path, *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def unpacked(path: Path, room: int = ROOM) -> list[str]:
    target = path.parent / "out"
    unpack_archive(path, target, unpacked_bytes=room)
    return sorted(str(one.relative_to(target)) for one in target.rglob("*") if one.is_file())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_lead_nowhere_and_nothing_is_written_over(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        ("../../etc/a.eml", b"1"),
        ("/root/a.eml", b"2"),
        ("C:\\mails\\a.eml", b"3"),
        ("mails/a.eml", b"4"),
        ("mails/a.eml", b"5"),
        ("mails/2-a.eml", b"6"),
        ("mails/a.eml/b.eml", b"7"),
        ("x" * 300 + "/" + "é" * 300 + ".eml", b"8"),
        ("bell\x07/li\u202ene.eml", b"9"),
        ("__MACOSX/mails/a.eml", b"no"),
        ("mails/._a.eml", b"no"),
        ("empty/", b""),
    )
    found = unpacked(path)
    contents = {(tmp_path / "out" / name).read_bytes() for name in found}
    assert contents == {b"%d" % number for number in range(1, 10)}
    assert {"etc/a.eml", "root/a.eml", "mails/a.eml", "bell_/li_ne.eml"} <= set(found)
    assert max(len(part.encode()) for name in found for part in name.split("/")) <= 210
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.zip", "out"]


def test_names_in_utf8_are_read_as_such_even_when_nothing_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("Gr__e.eml", MAIL))
    path.write_bytes(path.read_bytes().replace(b"Gr__e.eml", b"Gr\xc3\xbce.eml"))
    assert unpacked(path) == ["Grüe.eml"]


def test_links_are_passed_over(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        link = zipfile.ZipInfo("link.eml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("a.eml", MAIL)
    assert unpacked(tmp_path / "a.zip") == ["a.eml"]


def test_mailboxes_at_any_depth_are_read(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        ("Takeout/Mail/All mail.mbox", MBOX + b"\n" + MBOX),
        ("Takeout/archive", MBOX),
        ("box/cur/1:2,S", MAIL),  # and no folder "new", as it is empty
        ("box/.Claims.Motor/new/2", MAIL),
        ("letters/a.EML", MAIL),
        ("letters/notes.txt", b"Note: no mail"),
    )
    unpacked(path)
    told: list[tuple[str, str]] = []
    mails = list(
        read_mailbox(tmp_path / "out", mailbox="a", on_problem=lambda place, why: told.append((place, why)))
    )
    assert [one.folder for one in mails] == [
        ("Takeout", "Mail", "All mail"),
        ("Takeout", "Mail", "All mail"),
        ("Takeout", "archive"),
        ("box",),
        ("box", "Claims", "Motor"),
        ("letters",),
    ]
    assert told == [] and {one.mailbox for one in mails} == {"a"}


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", ("a.eml", b"\0" * 300_000), ("b.eml", b"x"))
    with pytest.raises(FileFormatError, match=r"'a.zip' holds more than 200,000 bytes"):
        unpacked(path, 200_000)
    monkeypatch.setattr(zipped, "_FREE_BYTES", 1_000)
    with pytest.raises(FileFormatError, match="unpacks to more than 250 times its size, as no mail does"):
        unpacked(path)
    monkeypatch.setattr(zipped, "MAX_ENTRIES", 1)
    with pytest.raises(FileFormatError, match="has more than 1 entries"):
        unpacked(path)


def test_archives_within_are_not_opened(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", ("a.eml", MAIL)).read_bytes()
    unpacked(packed(tmp_path / "a.zip", ("inner.zip", inner), ("b.eml", MAIL)))
    with pytest.raises(FileFormatError, match=r"'inner.zip' is packed within the folder or archive"):
        list(read_mailbox(tmp_path / "out"))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([("x.csv", b"a,b,c"), ("y.csv", b"")], "holds no mail, but 2 tables such as 'x.csv'"),
        ([("x.txt", b"hello")], "holds no mail: no .eml, .msg or mbox file and no Maildir"),
        ([("[Content_Types].xml", b"")], "is an Office document, not a folder of mails"),
    ],
)
def test_what_is_no_mail_says_what_to_do(tmp_path: Path, entries: list[tuple[str, bytes]], said: str) -> None:
    path = packed(tmp_path / "a.zip", *entries)
    with pytest.raises(FileFormatError, match=said) as refused:
        unpacked(path)
        list(read_mailbox(tmp_path / "out", mailbox="a.zip"))
    assert refused.value.next_step


def test_damage_and_passwords_are_said(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.eml", MAIL * 9))
    whole = path.read_bytes()
    for broken in (whole[:60], whole[:45] + b"\xff\xff" + whole[47:], b"PK\x05\x06"):
        path.write_bytes(broken)
        assert is_archive(path)
        with pytest.raises(FileFormatError, match="is a damaged ZIP archive after 0 files"):
            unpacked(path)
    locked = bytearray(whole)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[whole.index(mark) + place] |= 1
    path.write_bytes(locked)
    with pytest.raises(FileFormatError, match="is protected by a password"):
        unpacked(path)
