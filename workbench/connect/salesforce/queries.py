"""The two questions asked, where they go on, and what an answer becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

import msgspec

from workbench.domain.connections import MessageRecord
from workbench.domain.messages import PropertyValue

_ID = re.compile(r"[A-Za-z0-9]{15,18}")
OVERLAP = timedelta(minutes=2)
"""A record that was being saved during the last look may show up with an earlier time than the newest seen."""
_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{15,18}$")]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_CASE = (
    "Id, CaseNumber, Subject, Description, Status, Priority, Origin, Type, Reason, SuppliedEmail, SuppliedName, "
    "ContactEmail, CreatedDate, SystemModstamp"
)
_COMMENT = (
    "Id, ParentId, Parent.CaseNumber, Parent.Subject, Parent.SuppliedEmail, Parent.ContactEmail, CommentBody, "
    "IsPublished, CreatedBy.Email, CreatedDate, SystemModstamp"
)


class Cursor(msgspec.Struct, frozen=True):
    """The newest record read, by time of change and id, and the start date it was begun with."""

    changed_at: _Moment
    id: _Id
    start: str = ""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Decode; None for an empty or foreign text."""
        try:
            return msgspec.json.decode(text.encode(), type=cls) if text else None
        except msgspec.DecodeError:
            return None

    def write(self) -> str:
        """Encode as text."""
        return msgspec.json.encode(self).decode()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: an object and its fields. ``path`` is the folder it is kept under."""

    name: str
    fields: str

    @property
    def path(self) -> tuple[str, ...]:
        """The folder."""
        return (self.name,)

    def write(self, cursor: Cursor | None, start_at: datetime | None, limit: int) -> str:
        """SOQL for the next page after the cursor, oldest change first."""
        wanted = []
        if cursor is not None:
            moment = _literal(cursor.changed_at)
            wanted.append(
                f"(SystemModstamp > {moment} OR (SystemModstamp = {moment} AND Id > '{cursor.id}'))"
            )
        if start_at is not None:
            wanted.append(f"CreatedDate >= {_literal(start_at)}")
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        return (
            f"SELECT {self.fields} FROM {self.name}{where} ORDER BY SystemModstamp ASC, Id ASC LIMIT {limit}"  # noqa: S608
        )


CASES = Question(name="Case", fields=_CASE)
COMMENTS = Question(name="CaseComment", fields=_COMMENT)


def _literal(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_record(question: Question, row: Mapping[str, object]) -> MessageRecord:
    """A row as a record.

    Raises
    ------
    ValueError
        Id or times are missing or malformed.
    """
    record_id, changed_at = _text(row, "Id"), read_moment(row.get("SystemModstamp"))
    recipients: tuple[str, ...] = ()
    created_at = read_moment(row.get("CreatedDate"))
    if not _ID.fullmatch(record_id):
        raise ValueError("an id is malformed")
    if question is CASES:
        sender = _customer(row)
        thread_id, subject, body = record_id, _text(row, "Subject"), _text(row, "Description")
        facts = {
            "Case Number": _text(row, "CaseNumber"), "Status": _text(row, "Status"),
            "Priority": _text(row, "Priority"), "Origin": _text(row, "Origin"), "Type": _text(row, "Type"),
            "Reason": _text(row, "Reason"), "Supplied Name": _text(row, "SuppliedName"),
        }  # fmt: skip
    else:
        parent, author = row.get("Parent"), row.get("CreatedBy")
        sender = _text(author, "Email")
        thread_id, subject, body = _text(row, "ParentId"), _text(parent, "Subject"), _text(row, "CommentBody")
        published = "Yes" if row.get("IsPublished") is True else "No"
        customer = _customer(parent)  # who sees a comment that is published, unless it is their own
        recipients = (customer,) if published == "Yes" and customer and customer != sender else ()
        facts = {"Case Number": _text(parent, "CaseNumber"), "Published": published}
    properties: dict[str, PropertyValue] = {f"string:{name}": text for name, text in facts.items() if text}
    properties |= _derived(question, record_id, thread_id, sender, recipients)
    return MessageRecord(
        message_id=record_id,
        thread_id=thread_id,
        subject=subject,
        body=body,
        sender=sender or None,
        recipients=recipients,
        created_at=created_at,
        changed_at=changed_at,
        properties=properties,
    )


def _derived(
    question: Question, record_id: str, thread_id: str, sender: str, recipients: tuple[str, ...]
) -> dict[str, PropertyValue]:
    """The properties that every mail gets too, as far as a record has them; those without a value are left out."""
    found = {
        "Record": question.name,
        "Folder": f"{question.name} (/ {question.name})",
        "Message ID": record_id,
        "Thread": thread_id,
        "Sender": sender,
        "Sender Domain": _domain(sender),
        "Recipient Domain": next(filter(None, map(_domain, recipients)), ""),
    }
    return {"number:Messages": 1.0, **{f"string:{name}": text for name, text in found.items() if text}}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower() if "@" in address else ""


def _customer(row: object) -> str:
    return _text(row, "SuppliedEmail") or _text(row, "ContactEmail")


def read_moment(value: object) -> datetime:
    """A time as Salesforce writes it, ``2026-03-01T10:00:00.000+0000``."""
    moment = datetime.fromisoformat(str(value))
    if moment.utcoffset() is None:
        raise ValueError("a time has no zone")
    return moment.astimezone(UTC)


def _text(row: object, name: str) -> str:
    value = row.get(name) if isinstance(row, Mapping) else None
    return value if isinstance(value, str) else ""
