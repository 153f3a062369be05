"""Reading mail files and mails, away from the owner."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.domain import SourceId
from workbench.errors import InputError
from workbench.ingest.mailbox import (
    DEFAULT_LIMITS,
    MailLimits,
    ReadMail,
    assign_threads,
    is_archive,
    read_mail,
    read_mailbox,
    to_batch,
    unpack_archive,
)
from workbench.store import prepare
from workbench.workspace.jobs.worker import Report
from workbench.workspace.mail_chunks import chunks

_SOURCE = SourceId("0" * 16)
_PIECE_OF_FOLDER = re.compile(r"((\.\d{4})?\.tar|\.zip)$", re.IGNORECASE)
_SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def read_files(payload: dict[str, Any], report: Report) -> int:
    """Hand over the mails of files, in order, as received: ``mails`` (``RawMail``) and ``problems`` (place, why).

    Archives are unpacked into the ``spool`` folder. Returns the number of files that could not be read.
    """
    n_problems = 0
    for path, name in payload["files"]:
        for item in _file(Path(path), name, Path(payload["spool"]), payload, report):
            n_problems += len(item["problems"])
            report.item(item)
    return n_problems


def _file(
    path: Path, name: str, spool: Path, payload: dict[str, Any], report: Report
) -> Iterator[dict[str, Any]]:
    problems: list[tuple[str, str]] = []
    box = spool / "mails"
    shutil.rmtree(spool, ignore_errors=True)
    opened = spool / "file" / _file_name(name)  # errors name the file as it was called
    opened.parent.mkdir(parents=True)
    os.link(path, opened)
    if is_archive(opened):
        report.stage("unpacking", unit="files")
        box.mkdir()
        unpack_archive(opened, box, unpacked_bytes=payload["unpacked_bytes"])
        opened = box
    mails = read_mailbox(
        opened,
        mailbox=payload["mailbox"] or _PIECE_OF_FOLDER.sub("", name),
        unpacked_bytes=payload["unpacked_bytes"],
        on_problem=lambda place, why: problems.append((place, why)),
    )
    report.stage(payload["stage"], unit="mails")
    for some in chunks(mails):
        told, problems[:] = problems[:], []
        yield {"mails": some, "problems": told}
    if problems:
        yield {"mails": [], "problems": problems}
    shutil.rmtree(spool, ignore_errors=True)


def _file_name(name: str) -> str:
    kept = "".join(one for one in name if one.isprintable() and one not in "/\\")[:100]
    return kept if kept.strip(". ") else "mail"


def parse_mails(payload: dict[str, Any], report: Report) -> list[ReadMail]:
    """Read ``mails`` (``RawMail``), in their order; the contents are not sent back."""
    report.progress(0, len(payload["mails"]))
    limits = payload.get("limits", DEFAULT_LIMITS)
    found = read_checked(payload["mails"], limits, payload["attachment_max_bytes"])
    return [replace(one, raw=replace(one.raw, content=b"")) for one in found]


def read_checked(mails: Sequence[Any], limits: MailLimits, attachment_max_bytes: int) -> list[ReadMail]:
    """Read mails; one that goes beyond a limit of messages is a problem of its own, not of the others."""
    found = [read_mail(raw, limits=limits, attachment_max_bytes=attachment_max_bytes) for raw in mails]
    if _refusal(found, attachment_max_bytes) is None:
        return found
    refusals = [_refusal([one], attachment_max_bytes) for one in found]
    return [
        one if refusal is None else replace(one, problem=one.problem or refusal)
        for one, refusal in zip(found, refusals, strict=True)
    ]


def _refusal(found: Sequence[ReadMail], attachment_max_bytes: int) -> str | None:
    messages = [one.message for one in found if one.message is not None]
    try:
        batch = to_batch(messages, assign_threads(messages), undated_at=_SOME_TIME)
        prepare(_SOURCE, batch, attachment_max_bytes=attachment_max_bytes)
    except InputError as error:
        return error.message
    return None
