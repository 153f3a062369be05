"""User properties that every mail gets, named as people know them from mail analytics."""

from __future__ import annotations

from workbench.domain.mail import RawMail
from workbench.domain.messages import PropertyValue
from workbench.ingest.mailbox.addresses import Address
from workbench.ingest.text import sanitise


def derived_properties(
    raw: RawMail,
    *,
    internet_id: str,
    sender: Address | None,
    recipients: list[Address],
    has_signature: bool,
    n_messages: int,
) -> dict[str, PropertyValue]:
    """Build them; a property without a value is left out, and the raw mail's own come on top.

    ``number:Messages`` counts this mail and the earlier ones that its text quotes.
    ``string:Recipient Domain`` is the domain of the first recipient that has one. ``string:Thread`` is
    added once the thread is known.
    """
    domains = (person.domain for person in recipients)
    found: dict[str, PropertyValue] = {
        "number:Messages": float(n_messages),
        "string:Folder": folder_name(raw.folder),
        "string:Has Signature": "Yes" if has_signature else "No",
        "string:Message ID": internet_id,
        "string:Sender": sender.address if sender else "",
        "string:Sender Domain": sender.domain if sender else "",
        "string:Recipient Domain": next(filter(None, domains), ""),
    }
    found |= raw.properties
    return {
        key: text if isinstance(value, str) else value
        for key, value in found.items()
        if not isinstance(value, str) or (text := sanitise(value).strip())
    }


def folder_name(folder: tuple[str, ...]) -> str:
    """A folder as its own name and its path: ``Claims (/ Inbox / Claims)``; empty without a folder."""
    return f"{folder[-1]} (/ {' / '.join(folder)})" if folder else ""
