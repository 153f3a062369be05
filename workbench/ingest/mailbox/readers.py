"""Raw mail from any kind of mailbox on disk, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.domain.mail import RawMail
from workbench.ingest.mailbox.folders import folder_mails, maildir_mails, single_mail
from workbench.ingest.mailbox.kinds import find_mailbox_kind
from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.mbox import mbox_mails
from workbench.ingest.mailbox.personal_folders import read_pst

UNPACKED_BYTES = 68_719_476_736
"""64 GiB: the most that one mbox file may hold, unpacked."""


def read_mailbox(
    path: Path,
    *,
    mailbox: str = "",
    limits: MailLimits = DEFAULT_LIMITS,
    unpacked_bytes: int = UNPACKED_BYTES,
    on_problem: Callable[[str, str], None] | None = None,
) -> Iterator[RawMail]:
    """Read the mails of a file or folder, in a fixed order, one in memory at a time.

    Parameters
    ----------
    path
        Anything that ``find_mailbox_kind`` knows. Links in folders are not followed.
    mailbox
        What to call it; the name of the file or folder where empty.
    limits
        ``mail_bytes`` bounds each mail.
    unpacked_bytes
        The most that an mbox file may hold, which bounds what a gzip bomb can cost.
    on_problem
        Told where a file of a folder lies and why it cannot be read, which is then passed over; None = it
        ends the reading.

    Raises
    ------
    FileFormatError
        The path is no mailbox, a mail or the whole is too large, or a file is damaged. Mails before it have
        been handed over.
    MissingExtraError
        A ``.msg`` or ``.pst`` file, and the package that opens it is not installed.
    """
    kind = find_mailbox_kind(path)
    name = mailbox or path.name
    if kind == "mbox":
        for number, content in enumerate(
            mbox_mails(path, mail_bytes=limits.mail_bytes, unpacked_bytes=unpacked_bytes), 1
        ):
            yield RawMail(content=content, mailbox=name, remote_id=str(number))
    elif kind == "maildir":
        yield from maildir_mails(path, name, limits, on_problem)
    elif kind == "folder":
        yield from folder_mails(path, name, limits, unpacked_bytes, on_problem)
    elif kind == "pst":
        yield from read_pst(path, mailbox=name, limits=limits)
    else:
        yield single_mail(path, name, (), limits, is_msg=kind == "msg")
