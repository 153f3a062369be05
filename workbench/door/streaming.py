"""Streams of a dataset in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.domain import (
    MAX_STREAM_MESSAGES,
    DatasetId,
    LabelThreshold,
    MessageFilter,
    Operations,
    Stream,
    StreamSettings,
    Uid,
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
        """Streams by name: name, title, version (null = none), thresholds (how many), updated_at."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (one.name, one.settings.title, one.settings.version, len(one.settings.thresholds), one.updated_at)
            for one in self.operations.streams(self.dataset_id)
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "name": pl.String,
            "title": pl.String,
            "version": pl.Int64,
            "thresholds": pl.Int64,
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
        title: str = "",
        description: str = "",
        where: MessageFilter = _ALL,
        **conditions: Any,
    ) -> Stream:
        """Create a stream, which pins its version; ``ds.create_stream("refunds", version=3, thresholds={"Refund": 0.7})``.

        Parameters
        ----------
        version
            The model version whose labels come with the messages; None = none come.
        thresholds
            By label name, 0-1: only labels named here come, at or above their threshold; exactly 1 = never. Without any
            every label of the version comes.
        where
            Only messages that pass are in the stream; or as keyword arguments, as in ``ds.messages``.

        Raises
        ------
        UnknownNameError
            There is no such label or version.
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
        )
        return self.operations.create_stream(self.dataset_id, name, settings)

    def amend_stream(
        self,
        name: str,
        *,
        version: int | None = None,
        thresholds: Mapping[str, float] | None = None,
        title: str | None = None,
        description: str | None = None,
        where: MessageFilter | None = None,
    ) -> Stream:
        """Change a stream; None = as it is, ``thresholds={}`` = every label comes. Errors as for ``create_stream``."""
        known = self.stream(name).settings
        said = {"version": version, "title": title, "description": description, "where": where}
        changes: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
        if thresholds is not None:
            # A label that is gone may have given its name to another, which the version it holds does not know.
            held = known.thresholds if version in (None, known.version) else ()
            changes["thresholds"] = self._thresholds(thresholds, held)
        return self.operations.amend_stream(self.dataset_id, name, replace(known, **changes))

    def delete_stream(self, name: str) -> Stream:
        """Delete a stream; its version stays pinned until you unpin it."""
        return self.operations.delete_stream(self.dataset_id, name)

    def stream_predictions(self, name: str, uids: Iterable[str]) -> pl.DataFrame:
        """What a stream says of messages: uid, predicted, labels and probabilities (lists side by side).

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
