"""Languages of messages: what they declare, and what was found in their text."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from workbench.domain import DatasetId, SourceId
from workbench.store.cursor import Cursor


class Languages:
    """Keeps which language a message was found to be in; what it declares goes before it and is never changed."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def unknown(self, source_id: SourceId, after_seq: int, n_most: int) -> pa.Table:
        """upload_seq, text_hash, subject, body of messages that nobody has looked at, in order of arrival."""
        return self._cursor.table("language.unknown", source_id=source_id, after_seq=after_seq, n_most=n_most)

    def n_unknown(self, dataset_id: DatasetId) -> int:
        """How many messages of a dataset nobody has looked at."""
        return int(self._cursor.rows("language.count_unknown", dataset_id=dataset_id)[0][0])

    def put(self, found: pa.Table, languages: Sequence[str | None]) -> None:
        """Keep the languages of what ``unknown`` gave, row by row; None = looked at and not known.

        A message whose text was changed meanwhile is left to be looked at again.
        """
        seqs = found.column("upload_seq")
        if not len(seqs):
            return
        codes = pa.array([code or "" for code in languages], pa.string())
        staged = found.select(["upload_seq", "text_hash"]).append_column("language", codes)
        self._cursor.bulk("language.put", staged, first=seqs[0].as_py(), last=seqs[-1].as_py())

    def of_source(self, source_id: SourceId) -> dict[str | None, int]:
        """Messages by language, most first; None = not known."""
        return dict(self._cursor.rows("language.of_source", source_id=source_id))

    def of_dataset(self, dataset_id: DatasetId) -> dict[str | None, int]:
        """Messages by language, most first; None = not known."""
        return dict(self._cursor.rows("language.of_dataset", dataset_id=dataset_id))
