"""Streams in a package: their names, filters and words. Positions and model versions stay where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from workbench.domain import (
    DatasetId,
    Label,
    LabelId,
    MessageFilter,
    Operations,
    SourceId,
    Stream,
    StreamSettings,
    Uid,
    filter_from_query,
    filter_to_query,
)


class PackagedThreshold(msgspec.Struct, kw_only=True):
    """From which probability on a label came."""

    name: str
    threshold: float


class PackagedStream(msgspec.Struct, kw_only=True):
    """A stream of the dataset.

    ``where`` is its filter as addresses write it, with the ids of the package; ``labels`` names the labels in it.
    """

    name: str
    title: str = ""
    description: str = ""
    where: str = ""
    labels: dict[str, str] = {}
    version: int | None = None
    thresholds: tuple[PackagedThreshold, ...] = ()


def packed_stream(one: Stream, labels: Iterable[Label]) -> PackagedStream:
    """A stream as it is written."""
    told, names = one.settings, {label.label_id: label.name for label in labels}
    asked = {label.label_id for label in told.where.labels}
    return PackagedStream(
        name=one.name,
        title=told.title,
        description=told.description,
        where=filter_to_query(told.where),
        labels={label_id: names[label_id] for label_id in sorted(asked & names.keys())},
        version=told.version,
        thresholds=tuple(
            PackagedThreshold(name=own.name, threshold=own.threshold) for own in told.thresholds
        ),
    )


def unpack_streams(
    operations: Operations,
    dataset_id: DatasetId,
    streams: Iterable[PackagedStream],
    sources: Mapping[str, SourceId],
) -> tuple[int, list[str]]:
    """Create the streams of a package; how many, and what could not be taken along, in words.

    Parameters
    ----------
    sources
        Ids of sources in the package to ids here.
    """
    ids = {label.name: label.label_id for label in operations.labels(dataset_id)}
    n_made, left_out = 0, []
    for one in streams:
        where = filter_from_query(one.where)
        reason = _untold(where, one, ids, sources)
        if reason:
            left_out.append(f"the stream {one.name[:100]!r}: {reason}")
            continue
        operations.create_stream(
            dataset_id,
            one.name,
            StreamSettings(
                title=one.title, description=one.description, where=_here(where, one, ids, sources)
            ),
        )
        n_made += 1
        if one.version is not None:
            own = ", ".join(f"{told.name[:100]} from {told.threshold:.4g}" for told in one.thresholds)
            left_out.append(
                f"version {one.version} of the stream {one.name[:100]!r}{f' ({own})' if own else ''}: train here, "
                f"then name a version: workbench streams amend FILE DATASET {one.name[:100]} --version N"
            )
    return n_made, left_out


def _untold(
    where: MessageFilter, one: PackagedStream, ids: Mapping[str, LabelId], sources: Mapping[str, SourceId]
) -> str:
    """Why a filter cannot mean the same here; empty = it can."""
    if where.clusters:
        return "its filter asks for clusters, which are another dataset's"
    if any(one.labels.get(label.label_id) not in ids for label in where.labels):
        return "its filter asks for a label that the package does not have"
    held = (*where.sources, *(uid.partition(".")[0] for uid in where.uids or ()))
    if any(source not in sources for source in held):
        return "its filter asks for a source that the package does not have"
    return ""


def _here(
    where: MessageFilter, one: PackagedStream, ids: Mapping[str, LabelId], sources: Mapping[str, SourceId]
) -> MessageFilter:
    """A filter with the ids of this workspace."""

    def uid(known: Uid) -> Uid:
        source, _, message = known.partition(".")
        return Uid(f"{sources[source]}.{message}")

    return replace(
        where,
        sources=tuple(sources[source] for source in where.sources),
        labels=tuple(replace(label, label_id=ids[one.labels[label.label_id]]) for label in where.labels),
        uids=None if where.uids is None else tuple(map(uid, where.uids)),
    )
