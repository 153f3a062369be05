"""Exceptions of streams in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from workbench.domain import LIMITS, DatasetId, Operations, StreamException, TagCounts, Uid
from workbench.primitives import batched

if TYPE_CHECKING:
    import polars as pl

_ROWS_AT_ONCE = 16_384


class Excepting:
    """Messages that the automation behind a stream could not handle."""

    operations: Operations
    dataset_id: DatasetId

    def tag_exceptions(
        self, stream: str, uids: Iterable[str], kind: str, metadata: Mapping[str, str] | None = None
    ) -> TagCounts:
        """Say of messages that they could not be handled; ``ds.tag_exceptions("refunds", uids, "No Prediction")``.

        A message is an exception of a stream once: another kind takes the place of the old one, and saying the same again
        changes nothing. With more than 1,024 messages an error leaves those before it tagged; call again with all.

        Raises
        ------
        UnknownNameError
            There is no such stream, or a message is not in the dataset.
        LimitError
            ``kind`` is empty or has more than 256 characters, or the metadata is too long.
        """
        known = dict(metadata or {})
        tagged = [
            StreamException(uid=uid, type=kind, metadata=known)
            for uid in dict.fromkeys(Uid(uid) for uid in uids)
        ]
        counts = TagCounts()
        for some in batched(tagged, LIMITS["exceptions_per_call"].most):
            more = self.operations.tag_exceptions(self.dataset_id, stream, tuple(some))
            counts = TagCounts(
                new=counts.new + more.new,
                updated=counts.updated + more.updated,
                unchanged=counts.unchanged + more.unchanged,
            )
        return counts

    def untag_exceptions(self, stream: str, uids: Iterable[str]) -> int:
        """Take exceptions off messages; returns how many there were. Messages that are none are passed over."""
        pieces = batched([Uid(uid) for uid in dict.fromkeys(uids)], LIMITS["exceptions_per_call"].most)
        return sum(self.operations.untag_exceptions(self.dataset_id, stream, tuple(some)) for some in pieces)

    def exceptions(self, stream: str) -> pl.DataFrame:
        """Exceptions of a stream, those tagged last first: uid, type, metadata (JSON), tagged_at, tagged_by."""
        import polars as pl  # noqa: PLC0415

        pieces: list[pl.DataFrame] = []
        while not pieces or len(pieces[-1]) == _ROWS_AT_ONCE:
            after = sum(len(piece) for piece in pieces)
            table = self.operations.stream_exceptions(self.dataset_id, stream, after, _ROWS_AT_ONCE)
            pieces.append(pl.DataFrame(pl.from_arrow(table)))
        return pl.concat(pieces)

    def exception_totals(self) -> pl.DataFrame:
        """Exceptions by stream and type: stream, type, n, newest_at."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (one.stream, one.type, one.n, one.newest_at)
            for one in self.operations.exception_totals(self.dataset_id)
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "stream": pl.String,
            "type": pl.String,
            "n": pl.Int64,
            "newest_at": pl.Datetime("us", "UTC"),
        }
        return pl.DataFrame(rows, schema=schema, orient="row")
