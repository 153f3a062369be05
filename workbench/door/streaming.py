"""Streams of a dataset in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.domain import (
    MAX_STREAM_MESSAGES,
    DatasetId,
    LabelThreshold,
    MessageFilter,
    Operations,
    Stream,
    StreamBatch,
    StreamComparison,
    StreamPosition,
    StreamSettings,
    StreamStatus,
    Uid,
    Unlisted,
)
from workbench.door.names import message_filter
from workbench.errors import UnknownNameError
from workbench.primitives import batched

if TYPE_CHECKING:
    import polars as pl

_ALL = MessageFilter()


class Streaming:
    """What a dataset hands on to other systems."""

    operations: Operations
    dataset_id: DatasetId

    def streams(self) -> pl.DataFrame:
        """Streams by name: title, version (null = none), thresholds (how many of its own), unlisted, updated_at."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (
                one.name,
                one.settings.title,
                one.settings.version,
                len(one.settings.thresholds),
                one.settings.for_unlisted,
                one.updated_at,
            )
            for one in self.operations.streams(self.dataset_id)
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "name": pl.String,
            "title": pl.String,
            "version": pl.Int64,
            "thresholds": pl.Int64,
            "unlisted": pl.String,
            "updated_at": pl.Datetime("us", "UTC"),
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def stream(self, name: str) -> Stream:
        """One stream with its filter and thresholds."""
        return self.operations.stream(self.dataset_id, name)

    def create_stream(
        self,
        name: str,
        *,
        version: int | None = None,
        thresholds: Mapping[str, float] | None = None,
        unlisted: Unlisted | None = None,
        title: str = "",
        description: str = "",
        where: MessageFilter = _ALL,
        **conditions: Any,
    ) -> Stream:
        """Create a stream, which pins its version: ``ds.create_stream("refunds", version=3)``.

        Parameters
        ----------
        version
            The model version whose labels come with the messages; None = none come.
        thresholds
            By label name, 0-1: ``{"Refund": 0.7}``; a label comes at or above it, at exactly 1 never.
        unlisted
            What becomes of labels not named in ``thresholds``. ``"kept"``: they come by the threshold kept with the
            version (``ds.keep_threshold``), as it is at the time, else not at all. ``"off"``: they do not come.
            ``"every"``: all come. None = ``"off"`` where some are named, else ``"kept"``.
        where
            Only messages that pass are in the stream; or as keyword arguments, as in ``ds.messages``.

        Raises
        ------
        UnknownNameError
            There is no such label, version or use of unlisted labels.
        DuplicateNameError
            The dataset has a stream of that name.
        InputError
            A threshold is not in [0, 1], or there is no version for it.
        """
        settings = StreamSettings(
            title=title,
            description=description,
            where=message_filter(conditions) if conditions else where,
            version=version,
            thresholds=self._thresholds(thresholds or {}, ()),
            unlisted=unlisted,
        )
        return self.operations.create_stream(self.dataset_id, name, settings)

    def amend_stream(
        self,
        name: str,
        *,
        version: int | None = None,
        thresholds: Mapping[str, float] | None = None,
        unlisted: Unlisted | None = None,
        title: str | None = None,
        description: str | None = None,
        where: MessageFilter | None = None,
    ) -> Stream:
        """Change a stream; None = as it is. Errors as for ``create_stream``.

        New ``thresholds`` take the place of all it has, and ``unlisted`` becomes what it is for a new stream unless it is
        given too: ``thresholds={}`` = all by what is kept with the version.
        """
        known = self.stream(name).settings
        said = {"version": version, "title": title, "description": description, "where": where}
        changes: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
        if thresholds is not None:
            # A label that is gone may have given its name to another, which the version it holds does not know.
            held = known.thresholds if version in (None, known.version) else ()
            changes["thresholds"] = self._thresholds(thresholds, held)
        if thresholds is not None or unlisted is not None:
            changes["unlisted"] = unlisted
        return self.operations.amend_stream(self.dataset_id, name, replace(known, **changes))

    def delete_stream(self, name: str) -> Stream:
        """Delete a stream; its version stays pinned until you unpin it."""
        return self.operations.delete_stream(self.dataset_id, name)

    def fetch_stream(self, name: str, size: int = 16, *, max_filtered: int | None = None) -> StreamBatch:
        """The next messages of a stream with what it says of them; moves nothing.

        Parameters
        ----------
        size
            Messages at most, 1-1,024.
        max_filtered
            Messages that do not pass its filter and are passed over at most, 1-1,024; None = all that come first.
        """
        return self.operations.fetch_stream(self.dataset_id, name, size, max_filtered)

    def advance_stream(self, name: str, sequence_id: str) -> StreamPosition:
        """Be done with all messages up to a sequence id of ``fetch_stream``; never goes back.

        Raises
        ------
        InputError
            The stream did not give it, or gave it before it was reset.
        """
        return self.operations.advance_stream(self.dataset_id, name, sequence_id)

    def reset_stream(self, name: str, to_created_at: datetime) -> StreamPosition:
        """Go to the first message that was stored at a time or later; a time without an offset is in UTC."""
        return self.operations.reset_stream(self.dataset_id, name, to_created_at)

    def stream_position(self, name: str) -> StreamPosition:
        """How far a stream has been consumed, and how many messages are behind that place."""
        return self.operations.stream_position(self.dataset_id, name)

    def stream_status(self, name: str) -> StreamStatus:
        """What waits in a stream, how many messages were handed on hour by hour, exceptions, and its webhook."""
        return self.operations.stream_status(self.dataset_id, name)

    def stream_errors(self, name: str) -> pl.DataFrame:
        """What to expect a week of each label that comes by a threshold: label, threshold, predicted, wrong, missed.

        Messages a week among those that pass the filter; null = too few were held out to tell.
        """
        import polars as pl  # noqa: PLC0415

        rows = [
            (
                one.name,
                one.threshold,
                *(
                    (one.errors.predicted.value, one.errors.wrong.value, one.errors.missed.value)
                    if one.errors
                    else (None, None, None)
                ),
            )
            for one in self.operations.stream_errors(self.dataset_id, name)
        ]
        numbers = ("threshold", "predicted", "wrong", "missed")
        schema: dict[str, type[pl.DataType]] = {"label": pl.String, **dict.fromkeys(numbers, pl.Float64)}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def compare_stream(self, name: str, version: int, n: int = 1_000) -> StreamComparison:
        """What another version would change among the newest ``n`` messages (1-10,000) that pass a stream's filter."""
        return self.operations.compare_stream(self.dataset_id, name, version, n)

    def stream_thresholds(self, name: str) -> pl.DataFrame:
        """What each label of a stream's version comes by now: label, threshold (1 = never) and its origin.

        ``own`` = listed in the stream, ``kept`` = kept with the version, ``every`` = all labels come, ``off`` = it has none.
        """
        import polars as pl  # noqa: PLC0415

        rows = [
            (one.name, one.threshold, one.origin)
            for one in self.operations.stream_thresholds(self.dataset_id, name)
        ]
        schema: dict[str, type[pl.DataType]] = {
            "label": pl.String,
            "threshold": pl.Float64,
            "origin": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def stream_predictions(self, name: str, uids: Iterable[str]) -> pl.DataFrame:
        """What a stream says of messages: uid, predicted, and side by side labels, probabilities, thresholds, origins.

        Messages that do not pass its filter are left out. ``predicted`` is False where its version has said nothing yet:
        ``ds.predict(version=…)``.
        """
        import polars as pl  # noqa: PLC0415

        said = [
            one
            for some in batched([Uid(uid) for uid in uids], MAX_STREAM_MESSAGES)
            for one in self.operations.stream_predictions(self.dataset_id, name, tuple(some))
        ]
        columns = {
            "uid": pl.Series([one.uid for one in said], dtype=pl.String),
            "predicted": pl.Series([one.predicted for one in said], dtype=pl.Boolean),
            "labels": pl.Series(
                [[label.name for label in one.labels] for one in said], dtype=pl.List(pl.String)
            ),
            "probabilities": pl.Series(
                [[label.probability for label in one.labels] for one in said], dtype=pl.List(pl.Float32)
            ),
            "thresholds": pl.Series(
                [[label.threshold for label in one.labels] for one in said], dtype=pl.List(pl.Float64)
            ),
            "origins": pl.Series(
                [[label.origin for label in one.labels] for one in said], dtype=pl.List(pl.String)
            ),
        }
        return pl.DataFrame(columns)

    def _thresholds(
        self, named: Mapping[str, float], known: tuple[LabelThreshold, ...]
    ) -> tuple[LabelThreshold, ...]:
        """Thresholds by id; names in ``known`` mean the labels there, which may be gone from the taxonomy."""
        ids = {label.name: label.label_id for label in self.operations.labels(self.dataset_id)}
        ids |= {one.name: one.label_id for one in known}
        for name in named:
            if name not in ids:
                raise UnknownNameError("label", name, ids)
        return tuple(
            LabelThreshold(label_id=ids[name], threshold=threshold, name=name)
            for name, threshold in named.items()
        )
