"""Every kind of mailbox on disk, and what is refused."""

from __future__ import annotations

import gzip
import mailbox
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.mails import HEAD
from workbench.errors import FileFormatError
from workbench.ingest.mailbox import MailLimits, find_mailbox_kind, parse, read_mailbox

SEPARATOR = "From kim@shop.example Tue Mar  5 10:15:00 2024\n"


def mbox(*texts: str) -> bytes:
    return "".join(f"{SEPARATOR}{text}\n\n" for text in texts).encode()


def bodies(path: Path) -> list[str]:
    return [parse(raw).full_text for raw in read_mailbox(path)]


def test_single_mail(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text(HEAD + "\nhello", "utf-8")
    (raw,) = read_mailbox(path)
    assert (raw.mailbox, raw.folder, raw.remote_id) == ("a.eml", (), "a.eml")
    assert find_mailbox_kind(path) == "eml"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_mbox(tmp_path: Path, packed: bool, ending: str) -> None:
    content = mbox(HEAD + "\none\n\n>From here\n>>From there", HEAD + "\ntwo\nFrom me, and\n\nFrom the start")
    content = content.replace(b"\n", ending.encode())
    path = tmp_path / "mails"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert find_mailbox_kind(path) == "mbox"
    assert bodies(path) == ["one\n\nFrom here\n>From there", "two\nFrom me, and\n\nFrom the start"]
    assert [raw.remote_id for raw in read_mailbox(path, mailbox="care")] == ["1", "2"]


def test_mbox_without_blank_lines_between_mails(tmp_path: Path) -> None:
    path = tmp_path / "mails"
    path.write_text(f"{SEPARATOR}{HEAD}\none\n{SEPARATOR}{HEAD}\ntwo\n{SEPARATOR}is no header\n", "utf-8")
    assert bodies(path) == ["one", f"two\n{SEPARATOR}is no header"]


@pytest.mark.parametrize(
    "line",
    ["From - Tue Mar  5 10:15:00 2024", "From MAILER-DAEMON Tue Mar 5 10:15:00 2024 +0100", "From a b@c.example  Tue Mar  5 10:15 2024",
     "From ???@??? Tue Mar 05 10:15:00 2024", "From a@b.example Tue, 5 Mar 2024 10:15:00 +0100"],
)  # fmt: skip
def test_separators_of_many_programs(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mails"
    path.write_text(f"{line}\n{HEAD}\none\n\n{line}\n{HEAD}\ntwo\n", "utf-8")
    assert bodies(path) == ["one", "two"]


def test_what_the_standard_library_writes(tmp_path: Path) -> None:
    box = mailbox.mbox(str(tmp_path / "box"))
    for number in range(3):
        box.add(mailbox.mboxMessage(f"{HEAD}\nFrom {number}\n"))
    box.close()
    assert bodies(tmp_path / "box") == ["From 0", "From 1", "From 2"]


def test_maildir(tmp_path: Path) -> None:
    box = mailbox.Maildir(str(tmp_path / "box"))
    message = mailbox.MaildirMessage(f"{HEAD}\nseen")
    message.set_subdir("cur")
    message.set_flags("RS")
    box.add(message)
    box.add_folder("Claims.Motor").add(f"{HEAD}\nmotor")
    box.close()
    (tmp_path / "box" / "new" / "1709630100.x.host").write_text(f"{HEAD}\nnew", "utf-8")
    assert find_mailbox_kind(tmp_path / "box") == "maildir"
    found = {parse(raw).full_text: raw for raw in read_mailbox(tmp_path / "box")}
    assert set(found) == {"seen", "motor", "new"}
    assert found["motor"].folder == ("Claims", "Motor")
    assert found["seen"].folder == ("INBOX",)
    assert found["seen"].properties == {"string:Is Read": "Yes", "string:Replied": "Yes"}
    assert found["new"].received_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert parse(found["motor"]).properties["string:Folder"] == "Motor (/ Claims / Motor)"


def test_a_tree_of_files(tmp_path: Path) -> None:
    for place in ("b.eml", "a/z.EML", "a/deep/c.eml"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(f"{HEAD}\n{place}", "utf-8")
    (tmp_path / "readme.txt").write_text("no mail", "utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "away.eml").symlink_to("/etc/hostname")
    raws = list(read_mailbox(tmp_path))
    assert [(parse(raw).full_text, raw.folder) for raw in raws] == [
        ("a/deep/c.eml", ("a", "deep")),
        ("a/z.EML", ("a",)),
        ("b.eml", ()),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"just text, no header", "is no mail"),
        (b"%PDF-1.7", "is no mail"),
        (b"PK\x03\x04", "is no mail"),
        (gzip.compress(b"no mail", mtime=0), "is no mail"),
        (gzip.compress(HEAD.encode(), mtime=0), "is no mail"),
        (gzip.compress(b"", mtime=0)[:-4], "damaged gzip|is empty"),
        (b"\x1f\x8bnonsense", "damaged gzip"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        list(read_mailbox(path))
    assert caught.value.next_step


def test_missing_path_and_folder_without_mail(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="does not exist"):
        list(read_mailbox(tmp_path / "nothing"))
    with pytest.raises(FileFormatError, match=r"holds no mail: no \.eml, \.msg or mbox"):
        list(read_mailbox(tmp_path))
    (tmp_path / "a.eml").write_bytes(mbox(HEAD))
    with pytest.raises(FileFormatError, match=r"called \.eml and is mbox"):
        list(read_mailbox(tmp_path))


def test_mails_before_the_damage_are_read(tmp_path: Path) -> None:
    noise = zlib.compress(bytes(range(256)) * 50).hex()
    path = tmp_path / "mails"
    path.write_bytes(gzip.compress(mbox(f"{HEAD}\none", f"{HEAD}\n{noise * 100}"))[:-20])
    reader = read_mailbox(path)
    assert parse(next(reader)).full_text == "one"
    with pytest.raises(FileFormatError, match="damaged gzip after"):
        next(reader)


def test_a_gzip_bomb_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(mbox(HEAD) + b"x\n" * 5_000_000))
    with pytest.raises(FileFormatError, match="holds more than 1,000,000 bytes"):
        list(read_mailbox(path, unpacked_bytes=1_000_000))
    with pytest.raises(FileFormatError, match="mail 1 of 'bomb' has more than 1,000 bytes"):
        list(read_mailbox(path, limits=MailLimits(mail_bytes=1_000)))


def test_one_endless_line_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "line"
    path.write_bytes(mbox(HEAD) + b"x" * 3_000_000)
    with pytest.raises(FileFormatError, match="has more than 1,000,000 bytes"):
        list(read_mailbox(path, limits=MailLimits(mail_bytes=1_000_000)))


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text(HEAD + "\n" + "x" * 5_000, "utf-8")
    with pytest.raises(FileFormatError, match="a mail may have at most 1,000"):
        list(read_mailbox(path, limits=MailLimits(mail_bytes=1_000)))
