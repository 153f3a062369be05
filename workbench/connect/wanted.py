"""Which folders and which mail a mailbox's lists let through: pure rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.errors import MessageError
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from workbench.connect.protocol import Folder
from workbench.domain.connections import Mailbox

_PARTICIPANTS = ("From", "Sender", "To", "Cc", "Bcc")


def is_folder_wanted(mailbox: Mailbox, folder: Folder) -> bool:
    """Whether the folder is read: not denied, and allowed by name or, without names, by its role."""
    if any(_lies_in(folder.path, listed) for listed in mailbox.folder_deny):
        return False
    if mailbox.folder_allow:
        return any(_lies_in(folder.path, listed) for listed in mailbox.folder_allow)
    return folder.role not in mailbox.skipped_roles


def _lies_in(path: tuple[str, ...], listed: tuple[str, ...]) -> bool:
    folded = tuple(name.casefold() for name in listed)
    return bool(folded) and tuple(name.casefold() for name in path[: len(folded)]) == folded


def is_time_wanted(mailbox: Mailbox, received_at: datetime | None) -> bool:
    """Whether mail of that time is read; mail of unknown time is."""
    return mailbox.start_at is None or received_at is None or received_at >= mailbox.start_at


def reaches_back(start: str, start_at: datetime | None) -> bool:
    """Whether the start date now lies before the one a cursor was begun with, ISO 8601, empty = none.

    Then older mail is wanted that was passed over, and reading begins again.
    """
    if not start:
        return False
    try:
        return start_at is None or start_at < datetime.fromisoformat(start)
    except (ValueError, TypeError):
        return True


def has_people_lists(mailbox: Mailbox) -> bool:
    """Whether participants decide anything."""
    return bool(
        mailbox.participant_allow or mailbox.participant_deny or mailbox.domain_allow or mailbox.domain_deny
    )


def are_people_wanted(mailbox: Mailbox, addresses: Iterable[str]) -> bool:
    """Whether mail between these people is read."""
    people = {address.strip().casefold() for address in addresses} - {""}
    if _match(people, mailbox.participant_deny, mailbox.domain_deny):
        return False
    if mailbox.participant_allow or mailbox.domain_allow:
        return _match(people, mailbox.participant_allow, mailbox.domain_allow)
    return True


def _match(people: set[str], participants: tuple[str, ...], domains: tuple[str, ...]) -> bool:
    if people & {address.strip().casefold() for address in participants}:
        return True
    ends = tuple(f".{domain.strip().casefold().lstrip('@.')}" for domain in domains if domain.strip())
    return any(f".{person.rpartition('@')[2]}".endswith(ends) for person in people) if ends else False


def read_participants(header: bytes) -> tuple[str, ...]:
    """Addresses in the header fields of a mail; what cannot be read is left out."""
    try:
        message = BytesHeaderParser().parsebytes(header)
        values = [str(value) for name in _PARTICIPANTS for value in message.get_all(name, [])]
        return tuple(address for _, address in getaddresses(values) if address)
    except (MessageError, ValueError, IndexError):
        return ()
