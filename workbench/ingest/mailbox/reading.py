"""A mail read so far that it can be kept, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workbench.domain.mail import MailMessage, RawMail
from workbench.errors import InputError
from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.parsing import parse

NO_TEXT = "a text is needed: it has none beside its signature."
"""A message without text is none (decision 005); the bucket keeps the mail."""


@dataclass(frozen=True, kw_only=True)
class ReadMail:
    """A mail and what was read in it.

    Attributes
    ----------
    message
        None where the mail could not be read.
    problem
        Why it becomes no message; empty where it becomes one.
    """

    raw: RawMail
    message: MailMessage | None = None
    problem: str = ""


def read_mail(
    raw: RawMail, *, limits: MailLimits = DEFAULT_LIMITS, attachment_max_bytes: int = 0
) -> ReadMail:
    """Read a mail; whatever is wrong with it is said, never raised.

    Parameters
    ----------
    attachment_max_bytes
        Attachments of more bytes lose their content and keep their description; 0 = no limit.
    """
    try:
        message = parse(raw, limits=limits)
    except InputError as error:
        return ReadMail(raw=raw, problem=error.message)
    if attachment_max_bytes:
        files = tuple(
            one
            if one.content is None or len(one.content) <= attachment_max_bytes
            else replace(one, content=None, size=len(one.content))
            for one in message.attachments
        )
        message = replace(message, attachments=files)
    return ReadMail(raw=raw, message=message, problem="" if message.body.strip() else NO_TEXT)
