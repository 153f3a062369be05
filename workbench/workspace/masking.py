"""Messages of masked sources lose what is personal before they are stored: everything else then reads masked texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain import (
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    MessagePart,
    PartText,
    Source,
    SourceId,
    read_parts,
    read_properties,
    write_parts,
)
from workbench.language.personal import PersonalSpan, Pseudonyms, find_personal, known_names
from workbench.store import PreparedBatch, Session, prepare
from workbench.workspace.context import Caller

_TEXTS = ("subject", "body", "signature", "full_text")
_EXTRAS = ("parts", "cc", "bcc", "sent_at")


class Detections:
    """What is personal in texts, each looked at once; found before the transaction that stores them where it can be."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, tuple[tuple[str, str], ...], str | None], tuple[PersonalSpan, ...]] = {}

    def find(self, text: str, known: Mapping[str, str], language: str | None) -> tuple[PersonalSpan, ...]:
        """As ``find_personal``."""
        key = (text, tuple(sorted(known.items())), language)
        if key not in self._found:
            self._found[key] = find_personal(text, known, language)
        return self._found[key]


def detected(source: Source, batch: PreparedBatch) -> Detections:
    """What is personal in a batch, so that nobody waits for it while the batch is stored; nothing for other sources."""
    found = Detections()
    for row in batch.messages.to_pylist() if source.mask_personal else ():
        _masked(row, Pseudonyms(find=found.find), source.language)
    return found


def look_ahead(caller: Caller, source_id: SourceId, batch: PreparedBatch) -> Detections:
    """What is personal in a batch for a masked source, found while others may write."""
    with caller.store.read() as session:
        source = session.catalog.bare_source(source_id)
    return detected(source, batch)


def masked_batch(
    session: Session,
    source: Source,
    batch: PreparedBatch,
    *,
    keeps_numbers: bool = True,
    found: Detections | None = None,
) -> PreparedBatch:
    """A batch as it is shown, with what came in ``came``; unchanged where the source is not masked.

    In the transaction that stores it, for the numbers of masks go on from those of the thread. Whether a message
    changed is still judged by what came; whether its text did, by the masked one.

    Parameters
    ----------
    keeps_numbers
        False = only foreseeing; nothing is written.
    found
        What was found in the batch before; the rest is looked for now.
    """
    if not source.mask_personal:
        return batch
    rows = batch.messages.to_pylist()
    threads = [row["thread_id"] or row["uid"] for row in rows]
    kept = session.personal.numbers(source.source_id, dict.fromkeys(threads))
    find = (found or Detections()).find
    names = {
        thread: Pseudonyms(numbers=kept[thread], salt=f"{source.source_id}.{thread}", find=find)
        for thread in kept
    }
    masked = [_masked(row, names[thread], source.language) for row, thread in zip(rows, threads, strict=True)]
    if keeps_numbers:
        session.personal.add_numbers(
            source.source_id, [(thread, *new) for thread, one in names.items() for new in one.new]
        )
    return _as_batch(source, batch, masked)


def _as_batch(source: Source, batch: PreparedBatch, masked: list[dict[str, Any]]) -> PreparedBatch:
    schema = pa.schema([*MESSAGE_SCHEMA, *(MESSAGE_EXTRAS.field(name) for name in _EXTRAS)])
    made = prepare(source.source_id, pa.Table.from_pylist(masked, schema=schema))
    messages = made.messages
    for name in ("row", "content_hash", "n_attachments"):
        if name in batch.messages.column_names:
            place = messages.schema.get_field_index(name)
            messages = messages.set_column(place, messages.schema.field(place), batch.messages.column(name))
    return PreparedBatch(
        messages=messages,
        properties=made.properties,
        attachments=[one | {"name": f"[attachment {one['position'] + 1}]"} for one in batch.attachments],
        contents=batch.contents,
        came=batch,
    )


def _masked(row: dict[str, Any], names: Pseudonyms, language: str) -> dict[str, Any]:
    parts = read_parts(row["parts"]) if row["parts"] else ()
    people = [row["sender"], *row["recipients"], *(row["cc"] or ()), *(row["bcc"] or ())]
    people += [one for part in parts for one in (part.sender, *part.to, *part.cc, *part.bcc)]
    known = known_names(one for one in people if one)
    language = row["language"] or language

    @cache  # the whole text is often the body once more
    def text(said: str) -> str:
        return names.mask_text(said, known, language)

    def everybody(said: Iterable[str] | None) -> list[str] | None:
        return None if said is None else list(dict.fromkeys(map(names.mask_person, said)))

    properties = {
        name: text(value) if isinstance(value, str) else value
        for name, value in read_properties(row["properties"]).items()
    }
    shown = {name: row[name] for name in MESSAGE_SCHEMA.names} | {name: row[name] for name in _EXTRAS}
    return shown | {
        **{name: text(row[name]) for name in _TEXTS},
        "sender": names.mask_person(row["sender"]) if row["sender"] else row["sender"],
        "recipients": everybody(row["recipients"]),
        "cc": everybody(row["cc"]),
        "bcc": everybody(row["bcc"]),
        "properties": msgspec.json.encode(properties).decode(),
        "parts": write_parts([_part(part, names, known, language) for part in parts]) if parts else None,
    }


def _part(part: MessagePart, names: Pseudonyms, known: dict[str, str], language: str) -> MessagePart:
    def text(said: PartText | None) -> PartText | None:
        if said is None:
            return None
        own = said.translated_from
        return PartText(  # the layout would hold the text once more: it goes
            text=names.mask_text(said.text, known, language),
            translated_from=None if own is None else names.mask_text(own, known, part.language),
        )

    body = text(part.body)
    assert body is not None
    return replace(
        part,
        body=body,
        subject=text(part.subject),
        signature=text(part.signature),
        sender=names.mask_person(part.sender) if part.sender else part.sender,
        to=tuple(dict.fromkeys(map(names.mask_person, part.to))),
        cc=tuple(dict.fromkeys(map(names.mask_person, part.cc))),
        bcc=tuple(dict.fromkeys(map(names.mask_person, part.bcc))),
    )
