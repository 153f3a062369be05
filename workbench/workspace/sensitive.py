"""Sensitive properties: what a source marks so is not there for callers without the right to read it.

It is left out of every message, table and export; a condition on it is refused, since what passes would tell
it; and so is what would take a whole copy of it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import pyarrow as pa

from workbench.domain import (
    RIGHTS,
    DatasetId,
    Message,
    MessageFilter,
    Permission,
    Source,
    SourceId,
    read_properties,
)
from workbench.errors import AccessError
from workbench.store import SensitiveSource, Session
from workbench.workspace.context import Caller

Hidden = Mapping[SourceId, frozenset[str]]
"""Full names of properties that the caller may not read, by source; sources without are left out."""

PERMISSION: Permission = "source.read_sensitive"


def hidden_from(caller: Caller, session: Session) -> Hidden:
    """What ``caller`` may not read, in the whole workspace."""
    return {} if caller.may(PERMISSION) else hidden_of(caller, session.catalog.sensitive_sources())


def hidden_of(caller: Caller, sources: Sequence[SensitiveSource]) -> Hidden:
    """What ``caller`` may not read of sources."""
    return {
        source.source_id: source.properties
        for source in sources
        if not (caller.may(PERMISSION) or caller.may(PERMISSION, source.project))
    }


def check_conditions(caller: Caller, session: Session, dataset_id: DatasetId, where: MessageFilter) -> None:
    """Refuse a filter that asks for a property hidden from the caller in any source of the dataset.

    So it does as well where it asks for exceptions of a stream whose filter asks for one.

    Raises
    ------
    AccessError
        It does; the text names the property.
    """
    if not where.properties and where.exceptions is None:
        return
    hidden = hidden_from(caller, session)
    if not hidden:
        return
    names = _of_dataset(session, dataset_id, hidden)
    for condition in where.properties:
        if condition.name in names:
            raise _refused(caller, f"filter by the sensitive property {condition.name!r}")
    if where.exceptions is not None:
        streams = {one.name: one.settings.where for one in session.streams.all(dataset_id)}
        told = sorted(_telling(streams, names) & frozenset(where.exceptions.streams or streams))
        if told:
            raise _refused(
                caller,
                f"filter by exceptions of the stream {told[0]!r}, whose own filter asks for a sensitive property",
            )


def check_source_conditions(
    caller: Caller, session: Session, source_id: SourceId, where: MessageFilter
) -> None:
    """The same for the messages of one source."""
    names = hidden_from(caller, session).get(source_id, frozenset()) if where.properties else frozenset()
    for condition in where.properties:
        if condition.name in names:
            raise _refused(caller, f"filter by the sensitive property {condition.name!r}")


def without_hidden(messages: Sequence[Message], hidden: Hidden) -> tuple[Message, ...]:
    """Messages without what is hidden."""
    if not hidden:
        return tuple(messages)
    return tuple(
        replace(
            one,
            properties={
                name: value
                for name, value in one.properties.items()
                if name not in hidden.get(one.source_id, frozenset())
            },
        )
        for one in messages
    )


def table_without_hidden(table: pa.Table, hidden: Hidden) -> pa.Table:
    """A table with ``uid`` and ``properties`` (JSON) without what is hidden."""
    if not hidden or not table.num_rows:
        return table
    shown = []
    for uid, text in zip(table["uid"].to_pylist(), table["properties"].to_pylist(), strict=True):
        names = hidden.get(SourceId(uid.partition(".")[0]))
        if names:
            kept = {name: value for name, value in read_properties(text).items() if name not in names}
            shown.append(msgspec.json.encode(kept).decode())
        else:
            shown.append(text)
    place = table.schema.get_field_index("properties")
    return table.set_column(place, table.schema.field(place), pa.array(shown, pa.string()))


def shown_names(session: Session, dataset_id: DatasetId, names: Sequence[str], hidden: Hidden) -> list[str]:
    """Names of properties without those that are hidden in any source of the dataset."""
    if not hidden:
        return list(names)
    gone = _of_dataset(session, dataset_id, hidden)
    return [name for name in names if name not in gone]


def check_copy(caller: Caller, session: Session) -> None:
    """Refuse to take a copy of everything while something of it is hidden.

    Raises
    ------
    AccessError
        Something is.
    """
    if hidden_from(caller, session):
        raise _refused(caller, "take a copy of sensitive properties")


def check_amended(caller: Caller, source: Source, after: Sequence[str]) -> None:
    """Refuse to make readable what the caller may not read.

    Raises
    ------
    AccessError
        A name was taken off the list.
    """
    bared = sorted(set(source.sensitive_properties) - set(after))
    if bared and not caller.may(PERMISSION, source.project):
        raise _refused(caller, f"make the sensitive property {bared[0]!r} readable")


def _telling(streams: Mapping[str, MessageFilter], names: frozenset[str]) -> frozenset[str]:
    """Streams whose messages would tell a property of these names; a filter may ask for another stream's exceptions."""
    found = {
        stream for stream, where in streams.items() if any(one.name in names for one in where.properties)
    }
    n_before = -1
    while n_before != len(found):
        n_before = len(found)
        found |= {
            stream
            for stream, where in streams.items()
            if where.exceptions is not None and found & set(where.exceptions.streams or streams)
        }
    return frozenset(found)


def _of_dataset(session: Session, dataset_id: DatasetId, hidden: Hidden) -> frozenset[str]:
    members = session.places.find_dataset(dataset_id).sources
    return frozenset().union(*(hidden.get(source_id, frozenset()) for source_id in members))


def _refused(caller: Caller, what: str) -> AccessError:
    return AccessError(
        f"{caller.actor!r} may not {what}.",
        next_step=f"Ask an administrator for a role with {RIGHTS[PERMISSION].title!r}.",
        details={"permission": PERMISSION},
    )
