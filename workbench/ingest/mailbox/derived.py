"""User properties that every mail gets, named as people know them from mail analytics."""

from __future__ import annotations

from workbench.domain.mail import RawMail
from workbench.domain.messages import PropertyValue
from workbench.ingest.mailbox.addresses import Address
from workbench.ingest.mailbox.headers import Headers
from workbench.ingest.text import sanitise

_IMPORTANCE = {
    "high": "High",
    "low": "Low",
    "normal": "Normal",
    "1": "High",
    "2": "High",
    "4": "Low",
    "5": "Low",
}
_SENSITIVITY = {"personal": "Personal", "private": "Private", "company-confidential": "Confidential"}


def derived_properties(
    raw: RawMail,
    *,
    internet_id: str,
    sender: Address | None,
    recipients: list[Address],
    has_signature: bool,
    n_messages: int,
    headers: Headers,
    has_attachments: bool,
) -> dict[str, PropertyValue]:
    """Build them; a property without a value is left out, and the raw mail's own come on top.

    ``number:Messages`` counts this mail and the earlier ones that its text quotes.
    ``string:Recipient Domain`` is the domain of the first recipient that has one. ``string:Thread`` is
    added once the thread is known. Importance, sensitivity and whether files came with it are read from the mail,
    so that they are there wherever it comes from; what its server says of them goes before.
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
        "string:Importance": _importance(headers),
        "string:Sensitivity": _SENSITIVITY.get(headers.text("sensitivity").strip().lower(), "Normal"),
        "string:Has Attachments": "Yes" if has_attachments else "No",
    }
    found |= raw.properties
    return {
        key: text if isinstance(value, str) else value
        for key, value in found.items()
        if not isinstance(value, str) or (text := sanitise(value).strip())
    }


def _importance(headers: Headers) -> str:
    """As Exchange words it; where ``Importance`` says nothing, by ``X-Priority`` of 1 (highest) to 5."""
    said = headers.text("importance").strip().lower()
    return _IMPORTANCE.get(said) or _IMPORTANCE.get(headers.text("x-priority").strip()[:1], "Normal")


def folder_name(folder: tuple[str, ...]) -> str:
    """A folder as its own name and its path: ``Claims (/ Inbox / Claims)``; empty without a folder."""
    return f"{folder[-1]} (/ {' / '.join(folder)})" if folder else ""
