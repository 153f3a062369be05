"""Mail by name: which bucket takes it, folders packed and sent, counts before anything is charged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.test_mail_import import mail, mbox
from workbench.domain import MessageFilter
from workbench.door import Job, Workspace
from workbench.door.mail_packing import packed_folder
from workbench.errors import FileFormatError, InputError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    (tmp_path / "care.mbox").write_bytes(mbox(mail(1), mail(2)))
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        yield Workspace(opened.operations("tester"), address="w.duckdb")


def maildir(top: Path) -> Path:
    for box in (top, top / ".Claims.Motor"):
        for name in ("cur", "new", "tmp"):
            (box / name).mkdir(parents=True)
    (top / "cur" / "1709629200.a:2,S").write_bytes(mail(1))
    (top / "new" / "1709629200.b").write_bytes(mail(2))
    (top / ".Claims.Motor" / "cur" / "1709629200.c:2,RF").write_bytes(mail(3))
    (top / "dovecot.index.eml").symlink_to("/etc/passwd")
    return top


def properties(ws: Workspace, source: str) -> list[dict[str, str | float]]:
    made = ws.create_dataset(source.replace("/", "/d-"), sources=[source])
    page = ws.operations.find_messages(made.info.dataset_id, MessageFilter(), "oldest", limit=100)
    return [one.properties for one in page.messages]


def test_a_source_gets_a_bucket_of_its_name(ws: Workspace, tmp_path: Path) -> None:
    foreseen = ws.import_mail(tmp_path / "care.mbox", source="demo/mail", dry_run=True, progress=False)
    assert (foreseen.counts.new, foreseen.counts.units) == (2, 2)
    assert (ws.buckets(), ws.operations.sources()) == ((), ())
    report = ws.import_mail(tmp_path / "care.mbox", source="demo/mail", progress=False)
    assert report.counts == foreseen.counts
    (source,) = ws.operations.sources()
    (bucket,) = ws.buckets()
    assert (source.kind, source.bucket_id, bucket.full_name) == ("email", bucket.bucket_id, "demo/mail")
    again = ws.import_mail(tmp_path / "care.mbox", source="demo/mail", bucket="demo/mail", progress=False)
    assert (again.counts.new, again.counts.unchanged) == (0, 2)


def test_a_maildir_comes_with_folders_flags_and_times(ws: Workspace, tmp_path: Path) -> None:
    folder = maildir(tmp_path / "box")
    report = ws.import_mail(folder, source="demo/mail", progress=False)
    assert (report.n_mails, report.counts.new, report.problems) == (3, 3, ())
    found = properties(ws, "demo/mail")
    assert [one["string:Folder"] for one in found] == ["INBOX (/ INBOX)"] * 2 + ["Motor (/ Claims / Motor)"]
    assert [one.get("string:Is Read", one.get("string:Flagged")) for one in found] == ["Yes", None, "Yes"]
    assert ws.operations.sql("SELECT DISTINCT mailbox FROM raw_mail").column(0).to_pylist() == ["box"]


def test_a_large_folder_goes_in_several_archives(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "box")
    sizes = [(archive.name, archive.stat().st_size) for archive in packed_folder(folder, archive_bytes=1)]
    assert [name for name, _ in sizes] == [f"box.{number:04d}.tar" for number in (1, 2, 3)]
    again = [(archive.name, archive.read_bytes()) for archive in packed_folder(folder, archive_bytes=1)]
    assert again == [
        (archive.name, archive.read_bytes()) for archive in packed_folder(folder, archive_bytes=1)
    ]


def test_each_archive_of_a_maildir_is_one(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_folder, "__kwdefaults__", {"archive_bytes": 1})
    report = ws.import_mail(maildir(tmp_path / "box"), source="demo/mail", progress=False)
    assert (report.n_mails, report.counts.new) == (3, 3)
    folders = [one["string:Folder"] for one in properties(ws, "demo/mail")]
    assert folders == ["INBOX (/ INBOX)"] * 2 + ["Motor (/ Claims / Motor)"]


def test_a_folder_of_mails(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "mails" / "Inbox"
    folder.mkdir(parents=True)
    (folder / "a.eml").write_bytes(mail(1))
    (folder / "b.eml").write_bytes(mbox(mail(2)))
    (folder / "notes.txt").write_text("no mail", "utf-8")
    report = ws.import_mail(tmp_path / "mails", source="demo/mail", mailbox="care", progress=False)
    assert (report.n_mails, report.counts.new) == (2, 1)
    assert [(one.place, one.problem) for one in report.problems] == [
        ("Inbox/b.eml", "'Inbox/b.eml' is called .eml and is mbox.")
    ]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileFormatError, match="holds no mail"):
        ws.import_mail(empty, source="demo/mail", progress=False)


def test_a_folder_of_everything(ws: Workspace, tmp_path: Path) -> None:
    top = tmp_path / "mails"
    maildir(top / "old")
    (top / "Archive").mkdir()
    (top / "Archive" / "2024").write_bytes(mbox(mail(4), mail(5)))
    (top / "Sent.mbox").write_bytes(mbox(mail(6)))
    (top / "Archive" / "boxes.zip").write_bytes(b"PK\3\4" + bytes(5_000_000))
    (top / "Archive" / "letter.txt").write_text("From here on\nit is no mail.", "utf-8")
    (top / "a.eml").write_bytes(mail(7))
    assert max(archive.stat().st_size for archive in packed_folder(top)) < 100_000
    report = ws.import_mail(top, source="demo/mail", progress=False)
    assert (report.n_mails, report.counts.new) == (8, 7)
    assert [one.place for one in report.problems] == ["Archive/boxes.zip"]
    assert "is packed within the folder" in report.problems[0].problem
    folders = {one.get("string:Folder") for one in properties(ws, "demo/mail")}
    assert folders >= {"2024 (/ Archive / 2024)", "Sent (/ Sent)", "Motor (/ old / Claims / Motor)"}


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").write_bytes(b"")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileFormatError, match=r"shut' cannot be read: Permission denied\."):
        next(packed_folder(tmp_path))


def test_buckets_by_name(ws: Workspace, tmp_path: Path) -> None:
    report = ws.import_mail(tmp_path / "care.mbox", bucket="demo/raw", progress=False)
    assert (report.n_stored, report.counts.new, report.counts.units) == (2, 0, 0)
    ws.create_source("demo/mail", kind="email")
    filled = ws.attach_bucket("demo/mail", "demo/raw", progress=False)
    assert (filled.counts.new, filled.counts.units) == (2, 2)
    assert ws.amend_bucket("demo/raw", title="Raw").title == "Raw"
    with pytest.raises(InputError, match="source 'demo/mail' reads another bucket than 'demo/other'"):
        ws.import_mail(tmp_path / "care.mbox", source="demo/mail", bucket="demo/other", progress=False)
    with pytest.raises(
        InputError, match="does not read bucket 'demo/raw', which is in use and holds 2 mails"
    ):
        ws.import_mail(tmp_path / "care.mbox", source="demo/new", bucket="demo/raw", progress=False)
    assert ws.detach_bucket("demo/mail").bucket_id is None
    made = ws.create_source("demo/more", bucket="demo/raw")
    assert ws.buckets()[0].source_ids == (made.source_id,)
    for job in ws.operations.jobs():
        Job(ws.operations, job.job_id).wait(progress=False)
    assert ws.operations.sources()[1].n_messages == 2
    assert ws.delete_bucket("demo/raw", confirm="demo/raw").n_mails == 2


def test_a_source_without_bucket_gets_one(ws: Workspace, tmp_path: Path) -> None:
    ws.create_source("demo/mail")
    assert ws.import_mail(tmp_path / "care.mbox", source="demo/mail", progress=False).counts.new == 2


def test_wrong_names(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a source nor a bucket is named"):
        ws.import_mail(tmp_path / "care.mbox", progress=False)
    with pytest.raises(InputError, match="there is no file"):
        ws.import_mail(tmp_path / "none.mbox", source="demo/mail", progress=False)
    with pytest.raises(UnknownNameError, match="unknown bucket 'demo/none'"):
        ws.create_source("demo/mail", bucket="demo/none")
    with pytest.raises(UnknownNameError, match="unknown bucket 'demo/none'"):
        ws.delete_bucket("demo/none", confirm="demo/none")
    with pytest.raises(UnknownNameError, match="unknown source 'demo/none'"):
        ws.detach_bucket("demo/none")
