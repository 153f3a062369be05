"""Which values messages have: what a screen offers where a filter is put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from workbench.domain import DatasetId, FilterValues, MessageFilter, ValueCount
from workbench.domain.conditions import lowered
from workbench.store.cursor import Cursor
from workbench.store.repositories.kept import Reading, State


class Values:
    """Reads values and how often they occur; see the operation ``filter_values``.

    Of a million messages a list takes up to a second, and an editor asks for it each time it opens. So lists are
    kept as long as the messages are the same, whatever is written beside them (judgements above all): the counts
    stay exact, which those of a sample would not be, and a rare value is found. Whether they are the same tells one
    number over their ids and contents, in some hundredths of a second, or nothing when nothing was written at all.
    """

    def __init__(self, cursor: Cursor, reading: Reading | None = None) -> None:
        self._cursor = cursor
        self._reading = reading

    def people(self, dataset_id: DatasetId, of: str, part: str, n_most: int) -> FilterValues:
        """Addresses or domains; ``of`` is ``sender`` or ``cc-domain``, for instance."""
        how, _, domain = of.partition("-")
        is_sender = how == "sender"
        return self._listed(
            dataset_id,
            of,
            "values.senders" if is_sender else "values.receivers",
            **({} if is_sender else {"how": how}),
            domains=bool(domain),
            part=lowered(part),
            n_most=n_most,
        )

    def content_types(self, dataset_id: DatasetId, part: str, n_most: int) -> FilterValues:
        """Content types of attachments."""
        return self._listed(
            dataset_id, "attachment", "values.content_types", part=part.lower(), n_most=n_most
        )

    def property_names(self, dataset_id: DatasetId, part: str, n_most: int) -> FilterValues:
        """Full names of properties."""
        return self._listed(dataset_id, "property", "values.property_names", part=part.lower(), n_most=n_most)

    def texts(self, dataset_id: DatasetId, name: str, part: str, n_most: int) -> FilterValues:
        """Values of a string property."""
        return self._listed(dataset_id, name, "values.texts", name=name, part=part.lower(), n_most=n_most)

    def numbers(self, dataset_id: DatasetId, name: str) -> FilterValues:
        """How far the values of a number property reach."""

        def read(source_ids: list[str]) -> FilterValues:
            row = self._cursor.one("values.numbers", source_ids=source_ids, name=name)
            n_values, lowest, highest = row or (0, None, None)
            return FilterValues(of=name, n_values=n_values, lowest=lowest, highest=highest)

        return self._kept(dataset_id, ("values.numbers", name), read)

    def of_messages(self, uids: Sequence[str], by: str) -> dict[str, str]:
        """The value of each message by uid: ``source``, ``language``, ``month``, or a property's full name.

        Empty for an unknown language; messages without the property are left out.
        """
        with self._cursor.staged(pa.table({"uid": pa.array(uids, pa.string())})):
            if ":" in by:
                return dict(self._cursor.rows("values.properties_of_messages", name=by))
            return dict(self._cursor.rows("values.kinds_of_messages", by=by))

    def _listed(self, dataset_id: DatasetId, of: str, statement: str, **parameters: Any) -> FilterValues:
        def read(source_ids: list[str]) -> FilterValues:
            rows = self._cursor.rows(statement, source_ids=source_ids, **parameters)
            return FilterValues(
                of=of,
                values=tuple(ValueCount(value=value, n_messages=n) for value, n, _ in rows),
                n_values=rows[0][2] if rows else 0,
            )

        return self._kept(dataset_id, (statement, of, *sorted(parameters.items())), read)

    def _kept(
        self, dataset_id: DatasetId, asked: object, read: Callable[[list[str]], FilterValues]
    ) -> FilterValues:
        source_ids = [row[0] for row in self._cursor.rows("search.sources", dataset_id=dataset_id)]
        if self._reading is None:
            return read(source_ids)
        state = self._state(self._reading, dataset_id, source_ids)
        found = self._reading.values.get(state, dataset_id, asked)
        if found is None:
            found = read(source_ids)
            self._reading.values.put(state, dataset_id, asked, found)
        return found

    def _state(self, reading: Reading, dataset_id: DatasetId, source_ids: list[str]) -> State:
        state = reading.states.get(reading.version, dataset_id, MessageFilter())
        if state is None:
            ((n_messages, number),) = self._cursor.rows("values.state", source_ids=source_ids)
            state = (tuple(source_ids), n_messages, number)
            reading.states.put(reading.version, dataset_id, MessageFilter(), state)
        return state
