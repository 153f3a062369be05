"""Reading mails, away from the owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from workbench.domain import SourceId
from workbench.errors import InputError
from workbench.ingest.mailbox import DEFAULT_LIMITS, MailLimits, ReadMail, assign_threads, read_mail, to_batch
from workbench.store import prepare
from workbench.workspace.jobs.worker import Report

_SOURCE = SourceId("0" * 16)
_SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)


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
