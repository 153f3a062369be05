"""The same mails through files and through a real IMAP server end in the same messages and threads.

    python benchmarks/mail_imap.py

Input: the raw list mails of the real data folder (WORKBENCH_REAL_DATA, default ``../shared/data``), and the mailbox of
the sample corpus written as raw mails with its threads. Both are imported from mbox files into one source, and synced
from a Dovecot (which must be installed) into another, one folder per set. Compared: id, subject, body, signature, full
text, sender, time and thread of every message. A mail that does not say when it was sent gets the time at which the
server received it, which here is now: such times are counted apart. Then both ways are gone once more, which must store nothing. Exits
with 1 when anything differs. Mails per second of IMAP include the server's reading.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from common import ROOT, machine, real_data

import workbench as wb
from tests.connect.dovecot import PASSWORD, USER, running_dovecot
from workbench.domain import AnyConnection, BucketTarget, ImapConnection, Mailbox, Secrets
from workbench.door import Job
from workbench.ingest.mailbox import compose_mail, read_mailbox

COLUMNS = "message_id, subject, body, signature, full_text, sender, timestamp, thread_id"


def real_mails() -> list[bytes]:
    paths = sorted((real_data() / "emails-apache-lists").glob("*.mbox.gz"))
    return [raw.content for path in paths for raw in read_mailbox(path)]


def sample_mails() -> Iterator[bytes]:
    """Each row of the sample mailbox as a mail that answers the one before it in its thread."""
    newest: dict[str, str] = {}
    with (ROOT / "data/sample/mailbox.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = f"<{row['id']}@sample.example>"
            headers = {
                "From": row["from"],
                "To": row["to"],
                "Subject": row["subject"],
                "Date": format_datetime(datetime.fromisoformat(row["timestamp"])),
                "Message-ID": name,
            }
            before = newest.get(row["thread_id"])
            if before:
                headers |= {"In-Reply-To": before, "References": before}
            newest[row["thread_id"]] = name
            yield compose_mail(headers=headers, plain=row["body"])


def write_mbox(path: Path, mails: list[bytes]) -> Path:
    with path.open("wb") as out:
        for mail in mails:
            lines = mail.replace(b"\r\n", b"\n").split(b"\n")
            out.write(b"From sender@example.org Thu Jan  1 00:00:00 2026\n")
            out.writelines(
                (b">" if line.lstrip(b">").startswith(b"From ") else b"") + line + b"\n" for line in lines
            )
            out.write(b"\n")
    return path


def main() -> None:
    print(machine())
    sets = {"real list mails": real_mails(), "sample mailbox": list(sample_mails())}
    failed, started = False, datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as spare, running_dovecot() as dovecot:
        ws = wb.open(Path(spare) / "mail.duckdb", predict_after_s=-1.0, languages_after_s=-1.0)
        ops = ws.operations
        for number, (what, mails) in enumerate(sets.items()):
            file = write_mbox(Path(spare) / f"{number}.mbox", mails)
            begun = time.perf_counter()
            by_file = ws.import_mail(file, source=f"demo/file-{number}", progress=False)
            file_s = time.perf_counter() - begun
            dovecot.clear()
            dovecot.drop_in(mails, f"Set{number}")
            bucket = ops.create_bucket("demo", f"imap-{number}")
            source = ops.create_source("demo", f"imap-{number}", kind="email", bucket_id=bucket.bucket_id)
            box = Mailbox(address=USER, bucket=BucketTarget(project=bucket.project, name=bucket.name))
            connection = ImapConnection(host="127.0.0.1", port=dovecot.port, user_name=USER, security="plain")
            made = ops.create_integration("demo", f"shop-{number}", AnyConnection.of(connection), (box,))
            ops.set_secrets(made.integration_id, Secrets(password=PASSWORD))
            begun = time.perf_counter()
            synced = Job(ops, ops.start_sync(made.integration_id)).wait(progress=False)
            imap_s = time.perf_counter() - begun
            found = [
                ws.sql(
                    f"SELECT {COLUMNS} FROM message JOIN source s USING (source_id) WHERE s.name = '{name}' ORDER BY ALL"
                )
                for name in (f"file-{number}", source.name)
            ]
            told = found[0]["timestamp"] != found[1]["timestamp"]
            same = found[0].drop("timestamp").equals(found[1].drop("timestamp")) and bool(
                (found[1].filter(told)["timestamp"] >= started).all()
            )
            again = ws.import_mail(file, source=f"demo/file-{number}", progress=False)
            more = Job(ops, ops.start_sync(made.integration_id)).wait(progress=False)
            nothing = again.counts.new + again.counts.units + more.get("new", 0) + more.get("units", 0) == 0
            n_threads = found[0]["thread_id"].n_unique()
            failed |= not (same and nothing)
            print(
                f"{what}: {len(mails):,} mails; file {by_file.counts.new:,} messages, {len(mails) / file_s:,.0f} mails/s; "
                f"IMAP {synced['new']:,} messages, {len(mails) / imap_s:,.0f} mails/s; {n_threads:,} threads; "
                f"{'the same' if same else 'NOT the same'} ({told.sum()} times told by the server); once more: {'nothing new' if nothing else 'NOT nothing'}"
            )
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
