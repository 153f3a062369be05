"""Whole mail imports: hostile mails, real threads in any order, cancelled and resumed, read twice."""

from __future__ import annotations

import csv
import io
import random
import secrets
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from tests.hostile_mails import HOSTILE
from workbench.domain import BucketId, JobState, MailImportReport, MessageFilter, Operations, UploadId
from workbench.door import Job
from workbench.errors import InputError, JobError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
N_THREADS = 40


@pytest.fixture
def operations(tmp_path: Path) -> Iterator[Operations]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        yield opened.operations("tester")


@pytest.fixture
def bucket_id(operations: Operations) -> BucketId:
    bucket = operations.create_bucket("demo", "mail")
    operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
    return bucket.bucket_id


def archive(mails: list[bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for number, content in enumerate(mails):
            entry = tarfile.TarInfo(f"{number:05d}.eml")
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def send(operations: Operations, mails: list[bytes]) -> UploadId:
    content = archive(mails)
    upload_id = UploadId(secrets.token_hex(16))
    operations.begin_upload(upload_id, "box.tar", len(content))
    pieces = [content[start : start + (1 << 20)] for start in range(0, len(content), 1 << 20)]
    for index, piece in enumerate(pieces):
        operations.upload_piece(upload_id, index, piece)
    operations.finish_mail_upload(upload_id, len(pieces), sha256(content).hexdigest())
    return upload_id


def imported(operations: Operations, bucket_id: BucketId, mails: list[bytes]) -> MailImportReport:
    job_id = operations.start_mail_import(bucket_id, (send(operations, mails),))
    return msgspec.convert(Job(operations, job_id).wait(progress=False), MailImportReport)


def numbers(operations: Operations, query: str) -> list[int]:
    return [int(value) for value in operations.sql(query).column(0).to_pylist()]


def test_each_hostile_mail_is_a_message_or_a_problem(operations: Operations, bucket_id: BucketId) -> None:
    mails = [
        make(3_000).replace(b"<7@shop.example>", f"<h{number}@shop.example>".encode())
        for number, make in enumerate(HOSTILE.values())
    ]
    report = imported(operations, bucket_id, mails)
    kept = [one for one in report.problems if one.kept]
    lost = [one for one in report.problems if not one.kept]
    assert report.n_mails == len(mails) == report.n_stored + report.n_known + len(lost)
    assert report.counts.new + len({one.message_id for one in kept}) == report.n_stored
    assert report.counts.new > len(mails) // 2
    assert all(one.problem and one.place for one in report.problems)
    assert numbers(operations, "SELECT count(*) FROM message") == [report.counts.new]
    assert numbers(operations, "SELECT count(*) FROM raw_mail") == [report.n_stored]
    assert operations.usage().units == report.counts.new
    again = imported(operations, bucket_id, mails)
    assert (again.n_stored, again.counts.new, again.counts.units) == (0, 0, 0)
    assert again.counts.unchanged == again.n_known - sum(one.kept for one in again.problems)


def sample_threads() -> dict[str, list[bytes]]:
    """Threads of the sample mailbox as mails that answer each other; the last of some comes without references."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (SAMPLE / "mailbox.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["thread_id"]].append(row)
    chosen = [found for found in rows.values() if len(found) > 1][:N_THREADS]
    return {found[0]["thread_id"]: [_mail(found, place) for place in range(len(found))] for found in chosen}


def _mail(thread: list[dict[str, str]], place: int) -> bytes:
    row, made = thread[place], EmailMessage()
    made["Message-ID"] = f"<{row['id']}@mail.example>"
    made["From"] = row["from"]
    made["To"] = "support@carrier.example"
    made["Subject"] = f"{'Re: ' if place else ''}{row['subject']}"
    made["Date"] = f"Tue, 5 Mar 2024 10:{place:02d}:00 +0000"
    if place:
        made["References"] = " ".join(f"<{one['id']}@mail.example>" for one in thread[:place][-2:])
    made.set_content(row["body"])
    return made.as_bytes()


@pytest.mark.parametrize("seed", [1, 2])
def test_threads_are_the_same_whatever_the_order_and_the_batches(
    operations: Operations, bucket_id: BucketId, seed: int
) -> None:
    threads = sample_threads()
    mails = [(key, one) for key, found in threads.items() for one in found]
    random.Random(seed).shuffle(mails)
    third = len(mails) // 3
    reports = [
        imported(operations, bucket_id, [one for _, one in some])
        for some in (mails[:third], mails[third:-3], mails[-3:])
    ]
    assert sum(report.counts.updated for report in reports) > 0, "no late mail joined two threads"
    empty = {bytes.fromhex(one.message_id).decode() for report in reports for one in report.problems}
    assert sum(report.counts.units for report in reports) == len(mails) - len(empty) > 90
    source_id = operations.sources()[0].source_id
    dataset = operations.create_dataset("demo", "d", (source_id,))
    table = operations.messages_table(dataset.dataset_id, MessageFilter())
    found: dict[str, set[str]] = defaultdict(set)
    for message_id, thread_id in zip(
        table["message_id"].to_pylist(), table["thread_id"].to_pylist(), strict=True
    ):
        found[thread_id].add(bytes.fromhex(message_id).decode())
    wanted = {
        frozenset(one.split(b"Message-ID: <")[1].split(b">")[0].decode() for one in mine)
        for mine in threads.values()
    }
    wanted = {ids - empty for ids in wanted}
    assert {frozenset(ids) for ids in found.values()} == wanted


def letters(n: int) -> list[bytes]:
    return [
        f"From: kim@shop.example\nMessage-ID: <{number}@shop.example>\nDate: 5 Mar 2024 10:00:00 +0000\n\n"
        f"Parcel {number} is late\n".encode()
        for number in range(n)
    ]


def test_a_cancelled_import_is_whole_up_to_there_and_goes_on(
    operations: Operations, bucket_id: BucketId
) -> None:
    job_id = operations.start_mail_import(bucket_id, (send(operations, letters(1_200)),))
    while not (state := operations.job(job_id)).finished and (state.stage, state.done >= 256) != (
        "loading",
        True,
    ):
        pass
    operations.cancel_job(job_id)
    with pytest.raises(JobError, match="cancelled"):
        Job(operations, job_id).wait(progress=False)
    (stored,) = numbers(operations, "SELECT count(*) FROM message")
    assert stored % 256 == 0
    assert 256 <= stored < 1_200
    assert numbers(operations, "SELECT count(*) FROM raw_mail") == [stored]
    assert operations.usage().units == stored
    again = operations.resume_job(job_id)
    report = msgspec.convert(Job(operations, again).wait(progress=False), MailImportReport)
    assert (report.n_stored, report.n_known) == (1_200 - stored, stored)
    assert operations.usage().units == 1_200


def test_a_bucket_is_not_deleted_while_mail_comes_in(operations: Operations, bucket_id: BucketId) -> None:
    job_id = operations.start_mail_import(bucket_id, (send(operations, letters(600)),))
    with pytest.raises(InputError, match=r"job \w+ \(import_mail\) still works on it"):
        operations.delete_bucket(bucket_id, "demo/mail")
    state: JobState = operations.cancel_job(job_id)
    assert state.kind == "import_mail"


def test_no_word_of_a_deleted_bucket_stays_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "gone.duckdb"
    secret = secrets.token_hex(16)
    settings = Settings(encoder="hash-test", fast_encoder="", predict_after_s=-1)
    with open_workspace(file, settings=settings) as opened:
        operations = opened.operations("tester")
        bucket = operations.create_bucket("demo", "mail")
        imported(operations, bucket.bucket_id, [f"From: a@b.example\n\nhello {secret}\n".encode()])
        operations.publish(str(tmp_path / "copy.duckdb"))
        operations.delete_bucket(bucket.bucket_id, "demo/mail")
    assert secret.encode() in (tmp_path / "copy.duckdb").read_bytes()
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "copy.duckdb"]
    assert file in left
    assert [path for path in left if secret.encode() in path.read_bytes()] == []
