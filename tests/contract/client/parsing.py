"""``parse …``: files that the client reads itself, and what it uploads of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime

from tests.contract.client.comments import Synced
from tests.contract.client.creating import put_emails, said, sync
from tests.contract.client.session import V1, Cli, Line, charge, full_name

TAG = "generic.0.CONVKER5"
EMAILS_PER_CALL, CSV_BATCH = 4, 128
_READ_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The client takes the time when it reads a line."""


def msgs(
    cli: Cli,
    into: str,
    files: Mapping[str, tuple[str, Mapping[str, str]]],
    *,
    no_charge: bool = False,
    tag: str = TAG,
) -> Synced:
    """``parse msgs``: headers and body of each file by its name, as the client reads them out of it."""
    cli.begin(refreshing=True)
    documents = [
        {
            "raw_email": {"headers": {"raw": headers}, "body": dict(body)},
            "user_properties": {"string:MSG NAME ID": name},
        }
        for name, (headers, body) in files.items()
    ]
    path = (*V1, "sources", full_name(cli.source(into)), "sync-raw-emails")
    body = {"documents": documents, "include_comments": False, "transform_tag": tag}
    return cli.client.call("POST", path, Synced, body=body, query=charge(no_charge))


def emls(cli: Cli, into: str, files: Mapping[str, bytes], *, no_charge: bool = False) -> None:
    """``parse emls``: whole mails into a bucket, four per request."""
    cli.begin(refreshing=True)
    lines: list[Line] = []
    for name, content in files.items():
        mail = message_from_bytes(content)
        lines.append(
            {
                "id": mail["Message-ID"] or name,
                "mailbox": str(mail["To"]),
                "timestamp": parsedate_to_datetime(mail["Date"]).isoformat(),
                "mime_content": content.decode(),
                "metadata": None,
                "attachments": [],
            }
        )
    put_emails(cli, cli.bucket(into), lines, batch_size=EMAILS_PER_CALL, no_charge=no_charge)


def classification_csv(cli: Cli, into: str, about: str, text: str, *, no_charge: bool = False) -> Synced:
    """``parse aic-classification-csv``: the number of a row is the id of its comment, its target the label."""
    cli.begin(refreshing=True)
    where, of = cli.source(into), cli.dataset(about)
    rows = list(csv.DictReader(io.StringIO(text)))
    comments = [
        {
            "id": str(number),
            "timestamp": _READ_AT.isoformat(),
            "messages": [{"body": {"text": row["input"]}}],
        }
        for number, row in enumerate(rows)
    ]
    told = sync(cli, where, comments, no_charge=no_charge, batch_size=CSV_BATCH)
    labelled = [
        {
            "comment": {"id": str(number)},
            "labelling": [
                {"group": "default", "assigned": [{"name": row["target"], "sentiment": "positive"}]}
            ],
        }
        for number, row in enumerate(rows)
    ]
    said(cli, of, where, labelled)
    return told
