"""Streams over HTTP: made, read, changed, consumed; under their own name and the old one, ``triggers``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes import streams as shapes
from workbench.api.shapes.comments import utc
from workbench.api.shapes.filters import comment_filter_of, message_filter
from workbench.api.shapes.labels import joined, split_name
from workbench.api.shapes.names import find_dataset
from workbench.api.shapes.stream_results import fetched, results_of
from workbench.domain import (
    Dataset,
    LabelThreshold,
    MessageFilter,
    Stream,
    StreamSettings,
    Unlisted,
)
from workbench.errors import DuplicateNameError, InputError, UnknownNameError


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The keys of bodies and answers under one name."""

    one: str
    put: type[msgspec.Struct]
    post: type[msgspec.Struct]
    shown: type[Ok]
    listed: type[Ok]
    reset: type[Ok]


_WORDINGS = (
    Wording(
        one="stream",
        put=shapes.StreamPut,
        post=shapes.StreamPost,
        shown=shapes.OneStream,
        listed=shapes.AllStreams,
        reset=shapes.ResetStream,
    ),
    Wording(
        one="trigger",
        put=shapes.TriggerPut,
        post=shapes.TriggerPost,
        shown=shapes.OneTrigger,
        listed=shapes.AllTriggers,
        reset=shapes.ResetTrigger,
    ),
)


def _put(wording: Wording, asked: Asked) -> Ok:
    """Create a stream; the same one again is the one there is."""
    dataset, told = find_dataset(asked), getattr(asked.body, wording.one)
    settings = StreamSettings(
        title=told.title or told.name,
        description=told.description or "",
        where=_where(told.comment_filter, asked, dataset),
        **_model(told.model, asked, dataset, ()),
    )
    there = {one.name: one for one in asked.operations.streams(dataset.dataset_id)}
    if told.name in there:
        # Clients send what got no answer again.
        if _plain(there[told.name].settings) != _plain(settings):
            raise DuplicateNameError("stream", told.name)
        return _one(wording.shown, wording, asked, dataset, there[told.name])
    made = asked.operations.create_stream(dataset.dataset_id, told.name, settings)
    return _one(wording.shown, wording, asked, dataset, made)


def _get(wording: Wording, asked: Asked) -> Ok:
    dataset = find_dataset(asked)
    found = asked.operations.stream(dataset.dataset_id, asked.path["stream"])
    return _one(wording.shown, wording, asked, dataset, found)


def _list(wording: Wording, asked: Asked) -> Ok:
    dataset = find_dataset(asked)
    found = asked.operations.streams(dataset.dataset_id)
    told: dict[str, Any] = {f"{wording.one}s": [_shown(asked, dataset, one) for one in found]}
    return wording.listed(**told)


def _post(wording: Wording, asked: Asked) -> Ok:
    """Change what is told."""
    dataset, told = find_dataset(asked), getattr(asked.body, wording.one)
    known = asked.operations.stream(dataset.dataset_id, asked.path["stream"])
    if told.name not in (UNSET, known.name):
        raise InputError(
            f"the stream {known.name!r} cannot be called {told.name[:100]!r}: other systems know it by its name.",
            next_step="Create another stream.",
        )
    changes: dict[str, Any] = {
        name: value for name in ("title", "description") if (value := getattr(told, name)) is not UNSET
    }
    if told.comment_filter is not UNSET:
        changes["where"] = _where(told.comment_filter, asked, dataset)
    if told.model is not UNSET:
        held = (
            known.settings.thresholds if told.model and told.model.version == known.settings.version else ()
        )
        changes |= _model(told.model, asked, dataset, held)
    settings = replace(known.settings, **changes)
    if settings != known.settings:
        known = asked.operations.amend_stream(dataset.dataset_id, known.name, settings)
    return _one(wording.shown, wording, asked, dataset, known)


def _delete(asked: Asked) -> Ok:
    asked.operations.delete_stream(find_dataset(asked).dataset_id, asked.path["stream"])
    return Ok()


def _fetch(asked: Asked) -> Ok:
    dataset = find_dataset(asked)
    return fetched(
        asked.operations.fetch_stream(
            dataset.dataset_id, asked.path["stream"], asked.body.size, asked.body.max_filtered
        )
    )


def _results(asked: Asked) -> Ok:
    dataset = find_dataset(asked)
    return results_of(
        asked.operations.fetch_stream(
            dataset.dataset_id, asked.path["stream"], asked.query.max_results, asked.query.max_filtered
        )
    )


def _advance(asked: Asked) -> Ok:
    place = asked.operations.advance_stream(
        find_dataset(asked).dataset_id, asked.path["stream"], asked.body.sequence_id
    )
    return shapes.Advanced(sequence_id=place.sequence_id)


def _reset(wording: Wording, asked: Asked) -> Ok:
    dataset, name = find_dataset(asked), asked.path["stream"]
    place = asked.operations.reset_stream(dataset.dataset_id, name, utc(asked.body.to_comment_created_at))
    known = asked.operations.stream(dataset.dataset_id, name)
    return _one(wording.reset, wording, asked, dataset, known, sequence_id=place.sequence_id)


# ---- settings


def _where(given: Any, asked: Asked, dataset: Dataset) -> MessageFilter:
    return message_filter(given, asked.operations, dataset) if given else MessageFilter()


def _model(
    told: shapes.StreamModel | None, asked: Asked, dataset: Dataset, held: tuple[LabelThreshold, ...]
) -> dict[str, Any]:
    """Version, thresholds and what becomes of the rest.

    ``held`` are thresholds of the same version; their labels may be gone by now.
    """
    if told is None:
        return {"version": None, "thresholds": (), "unlisted": None}
    ids = {label.name: label.label_id for label in asked.operations.labels(dataset.dataset_id)}
    ids |= {one.name: one.label_id for one in held}
    made = []
    for one in told.label_thresholds:
        name = joined(one.name)
        if name not in ids:
            raise UnknownNameError("label", name[:300], ids)
        made.append(LabelThreshold(label_id=ids[name], threshold=one.threshold, name=name))
    unlisted: Unlisted = "off" if made else "every"
    return {"version": told.version, "thresholds": tuple(made), "unlisted": unlisted}


def _plain(settings: StreamSettings) -> StreamSettings:
    """Settings as they are compared: without the names that the workbench filled in."""
    own = {one.label_id: one.threshold for one in settings.thresholds}
    listed = tuple(LabelThreshold(label_id=one, threshold=own[one]) for one in sorted(own))
    return replace(settings, thresholds=listed, unlisted=settings.for_unlisted)


# ---- what is shown


def _one(reply: type[Ok], wording: Wording, asked: Asked, dataset: Dataset, found: Stream, **more: Any) -> Ok:
    more[wording.one] = _shown(asked, dataset, found)
    return reply(**more)


def _shown(asked: Asked, dataset: Dataset, one: Stream) -> shapes.ShownStream:
    told = one.settings
    where: Any = UNSET
    if told.where != MessageFilter():
        names = {label.label_id: label.name for label in asked.operations.labels(dataset.dataset_id)}
        where = comment_filter_of(told.where, names)
    return shapes.ShownStream(
        id=one.stream_id,
        dataset_id=one.dataset_id,
        name=one.name,
        title=told.title,
        description=told.description,
        created_at=one.created_at,
        updated_at=one.updated_at,
        comment_filter=where,
        model=_shown_model(asked, one),
    )


def _shown_model(asked: Asked, one: Stream) -> shapes.StreamModel | UnsetType:
    """The version and the thresholds that say as much as clients read out of them: none = every label comes."""
    told = one.settings
    if told.version is None:
        return UNSET
    pairs: list[tuple[str, float]]
    if told.for_unlisted == "every" and not told.thresholds:
        pairs = []
    elif told.for_unlisted == "off" and told.thresholds:
        pairs = [(own.name, own.threshold) for own in told.thresholds]
    else:  # each label as it comes now: those that do not come stand at 1
        by = asked.operations.stream_thresholds(one.dataset_id, one.name)
        pairs = [(label.name, label.threshold) for label in by]
    return shapes.StreamModel(
        version=told.version,
        label_thresholds=[
            shapes.NamedThreshold(name=split_name(name), threshold=threshold) for name, threshold in pairs
        ],
    )


# ---- the addresses

_DATASET = "/api/v1/datasets/{dataset}"
_PREVIEW = "/api/preview/datasets/{dataset}"
_NAMES = {"stream": NAME}


def _under(wording: Wording) -> tuple[Endpoint, ...]:
    several = f"{wording.one}s"
    home, here = f"{_DATASET}/{several}", f"{_DATASET}/{several}/{{stream}}"

    def endpoint(
        method: str, path: str, summary: str, handle: Callable[[Asked], Ok], **more: Any
    ) -> Endpoint:
        names = _NAMES if "{stream}" in path else {}
        return Endpoint(method=method, path=path, summary=summary, handle=handle, names=names, **more)

    results = partial(
        endpoint,
        summary=f"The next comments of a {wording.one} with confidences",
        handle=_results,
        query=shapes.ResultsQuery,
        reply=shapes.StreamResults,
    )
    return (
        endpoint(
            "PUT",
            home,
            f"Create a {wording.one}",
            partial(_put, wording),
            body=wording.put,
            reply=wording.shown,
        ),
        endpoint("GET", home, f"The {several} of a dataset", partial(_list, wording), reply=wording.listed),
        endpoint("GET", here, f"One {wording.one}", partial(_get, wording), reply=wording.shown),
        endpoint(
            "POST",
            here,
            f"Change a {wording.one}",
            partial(_post, wording),
            body=wording.post,
            reply=wording.shown,
        ),
        endpoint("DELETE", here, f"Delete a {wording.one}", _delete),
        endpoint(
            "POST",
            f"{here}/fetch",
            f"The next comments of a {wording.one}; moves nothing",
            _fetch,
            body=shapes.FetchAsked,
            reply=shapes.Fetched,
        ),
        endpoint(
            "POST",
            f"{here}/advance",
            f"Pass over comments of a {wording.one}",
            _advance,
            body=shapes.AdvanceAsked,
            reply=shapes.Advanced,
        ),
        endpoint(
            "POST",
            f"{here}/reset",
            f"Move a {wording.one} to a time of storing",
            partial(_reset, wording),
            body=shapes.ResetAsked,
            reply=wording.reset,
        ),
        results("GET", f"{here}/results"),
        results("GET", f"{_PREVIEW}/{several}/{{stream}}/results"),
    )


ENDPOINTS: tuple[Endpoint, ...] = tuple(one for wording in _WORDINGS for one in _under(wording))
