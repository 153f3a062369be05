"""Mail files by every way in: looked at, counted, imported, and imported again."""

from __future__ import annotations

import io
import secrets
import tarfile
import zipfile
from dataclasses import asdict
from hashlib import sha256

import msgspec
import pytest

from tests.contract.messages import batch
from workbench.domain import (
    BucketId,
    JobId,
    Judgement,
    MailFile,
    MailImportReport,
    MessageChoice,
    MessageFilter,
    MessageId,
    Operations,
    Uid,
    UploadId,
)
from workbench.door import Dataset as DatasetDoor
from workbench.door import Job
from workbench.errors import (
    FileFormatError,
    InputError,
    JobError,
    LimitError,
    NotEmptyError,
    UnknownMessageError,
    UnknownNameError,
    UploadError,
)


def mail(number: int, text: str = "Where is my parcel?", more: str = "") -> bytes:
    return (
        f"From: Kim <kim{number}@shop.example>\nTo: help@carrier.example\nSubject: Parcel {number}\n{more}"
        f"Date: Tue, 5 Mar 2024 10:{number % 60:02d}:00 +0100\nMessage-ID: <{number}@shop.example>\n\n{text}\n"
    ).encode()


def mbox(*mails: bytes) -> bytes:
    return b"".join(b"From kim@shop.example Tue Mar  5 10:00:00 2024\n" + one + b"\n" for one in mails)


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/") + ".eml")
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def send(operations: Operations, content: bytes, name: str = "care.mbox") -> MailFile:
    upload_id = UploadId(secrets.token_hex(16))
    operations.begin_upload(upload_id, name, len(content))
    operations.upload_piece(upload_id, 0, content)
    return operations.finish_mail_upload(upload_id, 1, sha256(content).hexdigest())


def imported(
    operations: Operations, bucket_id: str | None, *files: MailFile, dry_run: bool = False
) -> MailImportReport:
    upload_ids = tuple(file.upload_id for file in files)
    job_id = operations.start_mail_import(bucket_id, upload_ids, dry_run=dry_run)  # type: ignore[arg-type]
    return msgspec.convert(Job(operations, job_id).wait(progress=False), MailImportReport)


def test_an_import_does_what_the_dry_run_said(operations: Operations) -> None:
    bucket = operations.create_bucket("demo", "mail")
    source = operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
    content = mbox(mail(1), mail(2, more="References: <1@shop.example>\n"), mail(1), mail(3, " "))
    file = send(operations, content)
    assert (file.name, file.kind, file.n_bytes) == ("care.mbox", "mbox", len(content))
    folder = send(operations, archive(Inbox__a=mail(2), Inbox__b=mail(4), c=b" "), "box.tar")
    assert folder.kind == "archive"
    news = imported(operations, None, file, folder, dry_run=True)
    foreseen = imported(operations, bucket.bucket_id, file, folder, dry_run=True)
    assert operations.buckets()[0].n_mails == 0
    report = imported(operations, bucket.bucket_id, file, folder)
    for one in (news, foreseen, report):
        assert (one.n_mails, one.n_stored, one.n_known) == (7, 4, 2)
        assert (one.counts.new, one.counts.unchanged, one.counts.units) == (3, 2, 3)
        assert [problem.problem[:17] for problem in one.problems] == [
            "a text is needed:",
            "'c.eml' is empty.",
        ]
    assert (report.dry_run, foreseen.dry_run, report.n_problems, report.name) == (
        False,
        True,
        2,
        "care.mbox, box.tar",
    )
    assert report.problems[1].place == "c.eml"
    assert operations.usage().units == 3
    dataset = operations.create_dataset("demo", "d", (source.source_id,))
    found = operations.find_messages(dataset.dataset_id, MessageFilter(), "oldest").messages
    assert [one.subject for one in found] == ["Parcel 1", "Parcel 2", "Parcel 4"]
    assert found[0].thread_id == found[1].thread_id != found[2].thread_id
    assert found[2].properties["string:Folder"] == "Inbox (/ Inbox)"
    again = imported(operations, bucket.bucket_id, send(operations, content))
    assert (again.n_stored, again.counts.new, again.counts.units) == (0, 0, 0)
    assert (operations.usage().units, operations.buckets()[0].n_mails) == (3, 4)


def test_a_zip_of_mails_goes_in_by_its_content(operations: Operations) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("../../Inbox/a.eml", mail(1))
        made.writestr("Old.mbox", mbox(mail(1), mail(2)))
        made.writestr("Maildir/cur/1700000000.a:2,S", mail(3))
        made.writestr("more.zip", b"PK")
    file = send(operations, out.getvalue(), "box.dat")
    assert (file.kind, file.name) == ("archive", "box.dat")
    bucket = operations.create_bucket("demo", "zip")
    source = operations.create_source("demo", "zip", bucket_id=bucket.bucket_id)
    report = imported(operations, bucket.bucket_id, file)
    assert (report.n_mails, report.n_stored, report.counts.new) == (5, 3, 3)
    assert [(one.place, one.problem[:20]) for one in report.problems] == [
        ("more.zip", "'more.zip' is packed")
    ]
    dataset = operations.create_dataset("demo", "zip", (source.source_id,))
    found = operations.find_messages(dataset.dataset_id, MessageFilter(), "oldest").messages
    assert [one.properties["string:Folder"] for one in found] == [
        "Inbox (/ Inbox)",
        "Old (/ Old)",
        "Maildir (/ Maildir)",
    ]
    assert found[2].properties["string:Is Read"] == "Yes"


def test_a_message_gives_back_the_mail_that_it_came_as(operations: Operations) -> None:
    bucket = operations.create_bucket("demo", "mail")
    source = operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
    content = mail(1, "caf\xe9 <script>alert(1)</script>")
    imported(operations, bucket.bucket_id, send(operations, content, "one.eml"))
    operations.put_messages(source.source_id, batch(1), "a", 1)
    dataset = operations.create_dataset("demo", "all", (source.source_id,))
    found = operations.find_messages(dataset.dataset_id, MessageFilter()).messages
    by_mail = next(one for one in found if "script" in one.body)
    other = next(one for one in found if one is not by_mail)
    assert operations.raw_mail(dataset.dataset_id, by_mail.uid) == content
    assert DatasetDoor(operations, dataset.dataset_id).raw_mail(by_mail.uid) == content
    with pytest.raises(InputError, match="there is no original mail of message"):
        operations.raw_mail(dataset.dataset_id, other.uid)
    with pytest.raises(UnknownMessageError, match="unknown message 'x'"):
        operations.raw_mail(dataset.dataset_id, Uid("x"))
    operations.detach_bucket(source.source_id)
    with pytest.raises(InputError, match="while their source reads the bucket"):
        operations.raw_mail(dataset.dataset_id, by_mail.uid)


def test_deleting_says_what_goes_and_takes_it(operations: Operations) -> None:
    bucket = operations.create_bucket("demo", "mail")
    operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
    imported(operations, bucket.bucket_id, send(operations, mbox(mail(1), mail(2))))
    with pytest.raises(InputError, match="still holds 1 source and 1 bucket and 2 mails"):
        operations.delete_project("demo", "demo")
    report = operations.delete_bucket(bucket.bucket_id, "demo/mail")
    assert (report.n_mails, report.n_contents, report.n_buckets) == (2, 2, 1)
    assert operations.sources()[0].n_messages == 2
    for table in ("bucket", "raw_mail", "mail_place", "mail_thread", "blob"):
        assert operations.sql(f"SELECT count(*) FROM {table}").column(0).to_pylist() == [0], table


def test_single_mails_are_deleted_and_come_again_as_new_ones(operations: Operations) -> None:
    bucket = operations.create_bucket("demo", "mail")
    source, _ = (operations.create_source("demo", name, bucket_id=bucket.bucket_id) for name in "ab")
    answer = mail(2, more="References: <1@shop.example>\n")
    content = mbox(mail(1), answer, mail(3), mail(4))
    imported(operations, bucket.bucket_id, send(operations, content))
    dataset = operations.create_dataset("demo", "all", (source.source_id,))
    messages = operations.find_messages(dataset.dataset_id, MessageFilter(), order="oldest").messages
    first, second, third, fourth = (one.message_id for one in messages)
    label = operations.create_label(dataset.dataset_id, "Late")
    seen = Judgement(event_id="e" * 16, uid=messages[2].uid, assigned=(label.label_id,))
    operations.judge(dataset.dataset_id, (seen,))

    preview = operations.preview_mail_deletion(bucket.bucket_id, (first, third, MessageId("none")))
    assert (preview.bucket, preview.n_mails, preview.n_unknown) == ("demo/mail", 2, 1)
    assert preview.n_bytes == len(mail(1)) + len(mail(3))
    assert [(one.source, one.n_messages, one.n_annotated, one.n_unknown) for one in preview.messages] == [
        ("demo/a", 2, 1, 0),
        ("demo/b", 2, 0, 0),
    ]
    assert operations.buckets()[0].n_mails == 4

    # Messages stay: without their original, in their thread, which goes on.
    report = operations.delete_mails(bucket.bucket_id, (first, MessageId("none")), "keep")
    assert (report.name, report.n_mails, report.n_contents, report.n_messages) == ("demo/mail", 1, 1, 0)
    audit = operations.audit_table().to_pylist()[-1]
    assert (audit["action"], audit["object"]) == ("delete_mails", "demo/mail")
    assert first not in audit["details"] and '"n_ids":2' in audit["details"].replace(" ", "")
    with pytest.raises(InputError, match="there is no original mail"):
        operations.raw_mail(dataset.dataset_id, messages[0].uid)
    left = operations.sql(
        "SELECT message_id, subject, people::VARCHAR AS people FROM mail_thread"
    ).to_pylist()
    assert {"message_id": first, "subject": "", "people": "[]"} in left and len(left) == 4

    # Messages go: annotated ones stay where that was said, and not where it was not.
    report = operations.delete_mails(bucket.bucket_id, (third,), "keep_annotated")
    assert (report.n_mails, report.n_messages, report.n_kept, report.n_annotated) == (1, 1, 1, 0)
    report = operations.delete_mails(bucket.bucket_id, (second, fourth), "delete")
    assert (report.n_mails, report.n_messages, operations.buckets()[0].n_mails) == (2, 4, 0)
    for table in ("raw_mail", "mail_place", "mail_thread", "blob"):
        assert operations.sql(f"SELECT count(*) FROM {table}").column(0).to_pylist() == [0], table
    assert operations.delete_mails(bucket.bucket_id, (second,), "delete").n_mails == 0

    # Nothing remembers them: the same file brings all four again, and charges what is a new message.
    again = imported(operations, bucket.bucket_id, send(operations, content))
    assert (again.n_stored, again.counts.new, again.counts.unchanged) == (4, 5, 3)
    assert operations.raw_mail(dataset.dataset_id, messages[0].uid) == mail(1)
    later = operations.get_messages(dataset.dataset_id, (messages[0].uid, messages[1].uid))
    assert later[0].thread_id == later[1].thread_id
    with pytest.raises(UnknownNameError, match="unknown bucket"):
        operations.delete_mails(BucketId("none"), (first,), "keep")
    with pytest.raises(LimitError, match="would lose 100,001 messages named by id"):
        operations.preview_mail_deletion(bucket.bucket_id, (first,) * 100_001)


def test_a_source_goes_with_its_bucket_when_asked(operations: Operations) -> None:
    bucket = operations.create_bucket("demo", "mail")
    source, other = (operations.create_source("demo", name, bucket_id=bucket.bucket_id) for name in "ab")
    imported(operations, bucket.bucket_id, send(operations, mbox(mail(1), mail(2))))
    preview = operations.preview_deletion(source.source_id, MessageChoice())
    assert (preview.n_messages, preview.bucket, preview.n_mails) == (2, "demo/mail", 2)
    with pytest.raises(NotEmptyError, match="bucket 'demo/mail' is read by 1 other sources"):
        operations.delete_source(source.source_id, "demo/a", with_bucket=True)
    report = operations.delete_source(other.source_id, "demo/b")
    assert (report.n_messages, report.n_mails, operations.buckets()[0].n_mails) == (2, 0, 2)
    report = operations.delete_source(source.source_id, "demo/a", with_bucket=True)
    assert (report.n_messages, report.n_sources, report.n_mails, report.n_buckets) == (2, 1, 2, 1)
    assert operations.buckets() == ()
    for table in ("message", "raw_mail", "mail_place", "mail_thread", "blob"):
        assert operations.sql(f"SELECT count(*) FROM {table}").column(0).to_pylist() == [0], table


def test_all_mails_without_message_are_kept_until_they_go(operations: Operations) -> None:
    n = 1_002
    content = mbox(mail(1, " "), mail(2))
    broken = send(operations, archive(**{f"Inbox__{i:04d}": b" " for i in range(n - 1)}), "box.tar")
    bucket = operations.create_bucket("demo", "mail")
    foreseen = imported(operations, None, send(operations, content), dry_run=True)
    assert operations.mail_problems(foreseen.job_id).to_pylist() == [asdict(foreseen.problems[0])]
    report = imported(operations, bucket.bucket_id, send(operations, content), broken)
    assert (report.n_problems, len(report.problems), report.n_stored) == (n, 1_000, 2)
    listed = operations.mail_problems(report.job_id).to_pylist()
    assert listed[:1_000] == [asdict(one) for one in report.problems]
    assert [(one["place"], one["kept"]) for one in (listed[0], listed[-1])] == [
        ("care.mbox / 1", True),
        ("Inbox/1000.eml", False),
    ]
    last = operations.mail_problems(report.job_id, after=n - 1, n_rows=5).to_pylist()
    assert last == listed[n - 1 :]
    source = operations.create_source("demo", "mail")
    filling = Job(operations, operations.start_attach(source.source_id, bucket.bucket_id))
    filled = msgspec.convert(filling.wait(progress=False), MailImportReport)
    assert (filled.n_problems, operations.mail_problems(filled.job_id).num_rows) == (1, 1)
    assert operations.bad_rows(report.job_id).num_rows == 0
    with pytest.raises(InputError, match="0 mails without message after 0 cannot be had"):
        operations.mail_problems(report.job_id, n_rows=0)
    with pytest.raises(UnknownNameError, match="unknown job"):
        operations.mail_problems(JobId("none"))
    operations.delete_mails(bucket.bucket_id, (MessageId(listed[0]["message_id"]),), "keep")
    assert operations.mail_problems(report.job_id).num_rows == n - 1
    operations.delete_source(source.source_id, source.full_name, with_bucket=True)
    assert operations.mail_problems(report.job_id).num_rows == 0


def test_refusals(operations: Operations) -> None:
    with pytest.raises(FileFormatError, match=r"'notes.txt' is no mail and no mailbox: it begins with"):
        send(operations, b"just some notes, nothing else", "notes.txt")
    bucket = operations.create_bucket("demo", "mail")
    with pytest.raises(InputError, match="no upload was named"):
        operations.start_mail_import(bucket.bucket_id, ())
    with pytest.raises(UploadError, match="there is no upload"):
        operations.start_mail_import(bucket.bucket_id, (UploadId("0" * 16),))
    file = send(operations, mbox(mail(1)))
    with pytest.raises(InputError, match="mail is imported into a bucket, and none was named"):
        operations.start_mail_import(None, (file.upload_id,))
    with pytest.raises(InputError, match="unknown bucket 'none'"):
        operations.start_mail_import("none", (file.upload_id,))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/../../out"])
def test_an_archive_that_reaches_out_is_refused(operations: Operations, name: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        made.addfile(entry, io.BytesIO(b"x"))
    bucket = operations.create_bucket("demo", "mail")
    file = send(operations, out.getvalue(), "bad.tar")
    with pytest.raises((JobError, InputError), match="which cannot be unpacked"):
        imported(operations, bucket.bucket_id, file)
