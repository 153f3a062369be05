"""Archives of folders: unpacked within their folder, to a bounded size, or refused with a reason."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from workbench.errors import FileFormatError
from workbench.ingest.mailbox import is_archive, read_mailbox, unpack_archive


def packed(path: Path, *entries: tuple[str, bytes, bytes]) -> Path:
    with tarfile.open(path, "w") as made:
        for name, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, len(content), "/etc/passwd"
            made.addfile(entry, io.BytesIO(content))
    return path


def test_files_and_folders_are_unpacked_and_nothing_else(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.tar",
        ("cur", tarfile.DIRTYPE, b""),
        ("new", tarfile.DIRTYPE, b""),
        ("cur/./1", tarfile.REGTYPE, b"From: a@b.example\n\nhello"),
        ("cur/link", tarfile.SYMTYPE, b""),
        ("cur/hard", tarfile.LNKTYPE, b""),
        ("cur/pipe", tarfile.FIFOTYPE, b""),
        ("cur/device", tarfile.CHRTYPE, b""),
    )
    told: list[int] = []
    assert is_archive(path)
    assert unpack_archive(path, tmp_path / "out", unpacked_bytes=1_000, progress=told.append) == 1
    assert told == [1]
    assert sorted(str(one.relative_to(tmp_path / "out")) for one in (tmp_path / "out").rglob("*")) == [
        "cur",
        "cur/1",
        "new",
    ]
    (raw,) = read_mailbox(tmp_path / "out")
    assert raw.folder == ("INBOX",)


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "a/" * 61 + "b", "x" * 256])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.tar", (name, tarfile.REGTYPE, b"x"))
    with pytest.raises(FileFormatError, match="which cannot be unpacked"):
        unpack_archive(path, tmp_path / "out", unpacked_bytes=1_000)


def test_size_is_bounded(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar", ("a", tarfile.REGTYPE, b"x" * 600), ("b", tarfile.REGTYPE, b"x" * 600))
    with pytest.raises(FileFormatError, match=r"'a.tar' holds more than 1,000 bytes"):
        unpack_archive(path, tmp_path / "out", unpacked_bytes=1_000)


def test_damage_is_said(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar", ("a", tarfile.REGTYPE, b"x" * 5_000))
    path.write_bytes(path.read_bytes()[:2_000])
    with pytest.raises(FileFormatError, match=r"'a.tar' is a damaged archive after 0 files"):
        unpack_archive(path, tmp_path / "out", unpacked_bytes=10_000)


def test_a_file_in_the_place_of_a_folder_is_damage(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar", ("a", tarfile.REGTYPE, b"x"), ("a/b", tarfile.REGTYPE, b"x"))
    with pytest.raises(FileFormatError, match="is a damaged archive after 1 files"):
        unpack_archive(path, tmp_path / "out", unpacked_bytes=10_000)


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"From: a@b.example\n\nhello")
    assert not is_archive(tmp_path / "a.eml")
