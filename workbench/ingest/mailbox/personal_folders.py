"""Outlook data files (PST, OST): folders of mails kept as MAPI properties.

They are opened by ``pypff`` of ``libpff-python`` (LGPL-3.0-or-later, wheels for common systems), an optional
extra. It is C code that reads untrusted bytes; where that matters, convert the file elsewhere.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.domain.mail import RawMail
from workbench.errors import FileFormatError, MissingExtraError
from workbench.ingest.mailbox.limits import MailLimits
from workbench.ingest.mailbox.mapi import DATA, MapiObject, mapi_mail
from workbench.ingest.mailbox.outlook import INSTALL
from workbench.ingest.text import sanitise

_MAX_DEPTH = 50
_MAX_SETS = 10_000
_MESSAGE_CLASS = 0x001A
_MAILS = ("ipm.note", "report.ipm.note", "ipm.schedule")


def read_pst(path: Path, *, mailbox: str, limits: MailLimits) -> Iterator[RawMail]:
    """The mails of all folders, folder by folder; appointments, contacts and tasks are left out.

    Raises
    ------
    MissingExtraError
        ``libpff-python`` is not installed.
    FileFormatError
        The file is damaged, or a mail is too large. Mails before it have been handed over.
    """
    try:
        pypff = importlib.import_module("pypff")
    except ImportError:
        raise MissingExtraError("libpff-python, which opens PST and OST files,", INSTALL) from None
    file = pypff.file()
    try:
        file.open(str(path))
        try:
            yield from _folder(file.get_root_folder(), (), mailbox, limits)
        finally:
            file.close()
    except (OSError, ValueError, LookupError, TypeError, MemoryError) as error:
        raise FileFormatError(
            f"{path.name!r} is a damaged PST or OST file: {str(error)[:200]}.",
            next_step="Repair it with Outlook's scanpst, or export its folders as .eml or mbox.",
        ) from None


def _folder(top: Any, names: tuple[str, ...], mailbox: str, limits: MailLimits) -> Iterator[RawMail]:
    stack: list[tuple[Any, tuple[str, ...]]] = [(top, names)]
    while stack:
        folder, path = stack.pop()
        for number in range(folder.get_number_of_sub_messages()):
            message = folder.get_sub_message(number)
            item = _Item(message, limits)
            if not item.is_mail():
                continue
            content = mapi_mail(item, max_recipients=limits.addresses)
            yield RawMail(
                content=content, mailbox=mailbox, folder=path, remote_id=str(message.get_identifier())
            )
        if len(path) < _MAX_DEPTH:
            for number in reversed(range(folder.get_number_of_sub_folders())):
                below = folder.get_sub_folder(number)
                name = sanitise(below.get_name() or "").replace("\n", " ").strip()
                stack.append((below, (*path, name) if name else path))


class _Item:
    """One mail, recipient or attachment; ``number`` is its record set."""

    def __init__(self, item: Any, limits: MailLimits, number: int = 0) -> None:
        self._item, self._limits = item, limits
        self._entries: dict[int, Any] = {}
        if number < item.get_number_of_record_sets():
            records = item.get_record_set(number)
            for place in range(min(records.get_number_of_entries(), _MAX_SETS)):
                entry = records.get_entry(place)
                self._entries.setdefault(entry.get_entry_type(), entry)

    def is_mail(self) -> bool:
        found = self.raw(_MESSAGE_CLASS)
        name = found[1].replace(b"\0", b"").decode("ascii", "replace").lower() if found else ""
        return name.startswith(_MAILS) or not name

    def raw(self, tag: int) -> tuple[int, bytes] | None:
        entry = self._entries.get(tag)
        if entry is None:
            return None
        if tag == DATA and self._item.get_size() > self._limits.mail_bytes:
            raise FileFormatError(
                f"an attachment has {self._item.get_size():,} bytes; a mail may have at most {self._limits.mail_bytes:,}.",
                next_step="Leave it out, or raise the limit mail_bytes.",
                details={"n_bytes": self._item.get_size(), "max_bytes": self._limits.mail_bytes},
            )
        data = entry.get_data()
        return None if data is None else (entry.get_value_type(), bytes(data))

    def recipients(self) -> Iterator[MapiObject]:
        found = self._item.recipients
        if found is not None:
            for number in range(found.get_number_of_record_sets()):
                yield _Item(found, self._limits, number)

    def attachments(self) -> Iterator[tuple[MapiObject, MapiObject | None]]:
        for number in range(self._item.get_number_of_attachments()):
            attachment = self._item.get_attachment(number)
            inner = attachment.get_sub_item(0) if attachment.get_number_of_sub_items() else None
            yield _Item(attachment, self._limits), None if inner is None else _Item(inner, self._limits)
