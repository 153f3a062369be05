"""Which values messages have: what a screen offers where a filter is put together."""

from __future__ import annotations

from typing import Any

from workbench.domain import DatasetId, FilterValues, ValueCount
from workbench.domain.conditions import lowered
from workbench.store.cursor import Cursor


class Values:
    """Reads values and how often they occur; see the operation ``filter_values``."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

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
        row = self._cursor.one("values.numbers", source_ids=self._sources(dataset_id), name=name)
        n_values, lowest, highest = row or (0, None, None)
        return FilterValues(of=name, n_values=n_values, lowest=lowest, highest=highest)

    def _listed(self, dataset_id: DatasetId, of: str, statement: str, **parameters: Any) -> FilterValues:
        rows = self._cursor.rows(statement, source_ids=self._sources(dataset_id), **parameters)
        return FilterValues(
            of=of,
            values=tuple(ValueCount(value=value, n_messages=n) for value, n, _ in rows),
            n_values=rows[0][2] if rows else 0,
        )

    def _sources(self, dataset_id: DatasetId) -> list[str]:
        return [row[0] for row in self._cursor.rows("search.sources", dataset_id=dataset_id)]
