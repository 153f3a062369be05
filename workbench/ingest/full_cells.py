"""Cells of JSON: the parts of a message, and what is known of its attachments."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from workbench.domain import (
    LIMITS,
    PartColumns,
    RowError,
    check_parts,
    plain_columns,
    read_parts,
    write_parts,
)
from workbench.errors import InputError
from workbench.ingest.records import row_error

_MOST_BYTES = 2**63 - 1
_PARTS = frozenset(("body", "subject", "signature", "from", "to", "cc", "bcc", "sent_at", "language"))
_TEXTS = ("body", "subject", "signature")
_OF_TEXT = frozenset(("text", "translated_from", "text_markup", "translated_from_markup"))
_NO_VALUES = (b"null", b'""')
_parts = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_text = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, kw_only=True)
class InParts:
    """A message of parts: how it is stored, and what the plain columns hold."""

    stored: str
    columns: PartColumns


class _Attachment(msgspec.Struct, kw_only=True, frozen=True):
    name: str
    size: int
    content_type: str = ""
    content_hash: str | None = None
    inline: bool | None = None


_attachments = msgspec.json.Decoder(list[_Attachment] | None)


def read_part_cells(
    rows: list[int], column: str, cells: list[str], errors: list[RowError], *, as_is: bool = False
) -> dict[int, InParts]:
    """Messages of parts by row; those whose cell is blank have none.

    Parameters
    ----------
    as_is
        The parts are stored byte for byte, and no text is required. Else what is known of no part is left out,
        and one of the bodies must say something.
    """
    found: dict[int, InParts] = {}
    for row, cell in zip(rows, cells, strict=True):
        if not cell or cell.isspace():
            continue
        try:
            found[row] = _in_parts(cell, as_is=as_is)
        except (InputError, msgspec.MsgspecError, UnicodeError, RecursionError) as failure:
            errors.append(row_error(row, column, cell, _problem(failure)))
    return found


def _in_parts(cell: str, *, as_is: bool) -> InParts:
    parts = read_parts(cell if as_is else _known(cell))
    check_parts("", parts)
    columns = plain_columns(parts)
    said = [columns.subject, columns.full_text, columns.sender or "", *columns.recipients, *columns.cc]
    if any("\0" in text for text in (*said, *columns.bcc)):
        raise InputError("has a NUL byte; the file is damaged here", next_step="")
    if not as_is and not columns.body.strip():
        raise InputError("is empty; a text is needed", next_step="")
    return InParts(stored=cell if as_is else write_parts(parts), columns=columns)


def _known(cell: str) -> str:
    """Parts without keys that mean nothing here and without nulls; what is kept, is kept byte for byte."""
    return msgspec.json.encode([_known_of(part) for part in _parts.decode(cell)]).decode()


def _known_of(part: dict[str, msgspec.Raw]) -> dict[str, object]:
    found: dict[str, object] = {"body": {"text": ""}}
    for key, raw in part.items():
        if key not in _PARTS or bytes(raw) in _NO_VALUES:
            continue
        if key not in _TEXTS:
            found[key] = raw
        elif bytes(raw).startswith(b"{"):
            values = _text.decode(raw)
            found[key] = {k: v for k, v in values.items() if k in _OF_TEXT and bytes(v) != b"null"}
        else:
            found[key] = {"text": raw}
    return found


def read_attachment_cells(
    rows: list[int], column: str, cells: list[str], errors: list[RowError]
) -> list[list[dict[str, object]] | None]:
    """What is known of the attachments of each row, None without any; contents do not stand in files."""
    found: list[list[dict[str, object]] | None] = []
    for row, cell in zip(rows, cells, strict=True):
        known = None
        if cell and not cell.isspace():
            try:
                known = _attached(cell)
            except (InputError, msgspec.MsgspecError, UnicodeError, RecursionError) as failure:
                errors.append(row_error(row, column, cell, _problem(failure)))
        found.append(known)
    return found


def _attached(cell: str) -> list[dict[str, object]] | None:
    listed = _attachments.decode(cell) or []
    LIMITS["attachments_per_message"].check(len(listed), "")
    for one in listed:
        LIMITS["attachment_name_characters"].check(len(one.name), "")
        LIMITS["attachment_type_characters"].check(len(one.content_type), "")
        if not 0 <= one.size <= _MOST_BYTES:
            raise InputError(
                f"has an attachment {one.name[:100]!r} of {one.size:,} bytes; a size is 0 or more",
                next_step="",
            )
        if any("\0" in text for text in (one.name, one.content_type, one.content_hash or "")):
            raise InputError("has a NUL byte; the file is damaged here", next_step="")
    return [
        {
            "name": one.name,
            "size": one.size,
            "content_type": one.content_type,
            "content_hash": one.content_hash,
            "inline": bool(one.inline),
            "content": None,
        }
        for one in listed
    ] or None


def _problem(failure: Exception) -> str:
    if isinstance(failure, InputError):
        return failure.message.strip().rstrip(".")
    return f"cannot be read: {str(failure)[:200].rstrip('.')}"
