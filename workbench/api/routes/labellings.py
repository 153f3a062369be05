"""What people say of messages, over HTTP (``/api/_private/datasets/…/labellings``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.annotated import (
    AnnotatedComment,
    Entities,
    LabellingGroup,
    ThreadProperties,
    annotated_of,
    label_paths,
)
from workbench.api.shapes.comments import Comment
from workbench.api.shapes.labellings import NewLabelling, labelling_of
from workbench.api.shapes.labels import LabelName, joined, split_name
from workbench.api.shapes.names import find_dataset, wanted
from workbench.domain import (
    Dataset,
    DatasetId,
    Judgement,
    Labelling,
    Message,
    MessageFilter,
    Operations,
    SourceId,
    Uid,
)
from workbench.errors import ConfirmationError, InputError, UnknownMessageError
from workbench.primitives import new_id

PAGE = 256
MOST_IDS = 128


class AnnotatedReply(Ok, kw_only=True):
    """An annotated comment, its keys beside ``status``."""

    comment: Comment
    labelling: list[LabellingGroup]
    entities: Entities
    thread_properties: ThreadProperties | UnsetType = UNSET
    model_version: int | UnsetType = UNSET


class LabellingsQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which: all of a source (or of the dataset), page by page, or those of some uids (``id``)."""

    source_id: str | None = None
    id: list[str] = []
    return_predictions: bool = False
    after: str | None = None
    limit: Annotated[int, Meta(ge=1, le=999)] = PAGE
    allow_missing: bool = False
    compute_moon_predictions: bool = False


class Labellings(Ok, kw_only=True):
    """A page; ``after`` is null on an empty page only."""

    results: list[AnnotatedComment]
    after: str | None = None


class LabelToSync(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A label that applies; one that is not there yet is made, with its external id."""

    name: LabelName
    external_id: str | None = None


class AnnotationToSync(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Labels that stand on one or more comments from now on."""

    comment_uid: str | Annotated[list[str], Meta(min_length=1, max_length=1_024)]
    labels: list[LabelToSync] | None = None


class AnnotationsToSync(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to take over."""

    annotations: Annotated[list[AnnotationToSync], Meta(max_length=1_024)]


class Reset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``confirm`` repeats ``owner/name`` of the dataset."""

    confirm: str = ""


def _say(asked: Asked) -> AnnotatedReply:
    # By the name that it has in the address: looking a dataset up counts what it holds.
    there, dataset, uid = asked.operations, DatasetId(wanted(asked, "dataset")), Uid(asked.path["uid"])
    given: NewLabelling = asked.body
    said = labelling_of(given, ())
    if said is None or not given.labelling:
        message, paths = (
            _message(there, find_dataset(asked).dataset_id, uid),
            label_paths(there.taxonomy(dataset)),
        )
        said = labelling_of(given, [joined(paths[one]) for one in message.dismissed if one in paths])
    if said is not None:
        labelled = there.set_labels(dataset, uid, said)
        message, paths = labelled.message, labelled.paths
    told = annotated_of(message, paths)
    return AnnotatedReply(
        comment=told.comment,
        labelling=told.labelling,
        entities=told.entities,
        thread_properties=told.thread_properties,
    )


def _message(there: Operations, dataset_id: DatasetId, uid: Uid) -> Message:
    found = there.get_messages(dataset_id, (uid,))
    if not found:
        raise UnknownMessageError(uid)
    return found[0]


def _listed(asked: Asked) -> Labellings:
    query: LabellingsQuery = asked.query
    there, dataset = asked.operations, find_dataset(asked)
    mark = None
    if query.id:
        messages = _of_uids(there, dataset, query)
    else:
        sources = (SourceId(query.source_id),) if query.source_id else ()
        where = MessageFilter(reviewed=True, sources=sources)
        page = there.query_messages(dataset.dataset_id, where, "arrival", query.after or "", query.limit)
        messages, mark = page.messages, page.after or None
    paths = label_paths(there.taxonomy(dataset.dataset_id))
    version = dataset.model_version if query.return_predictions else None
    return Labellings(
        results=[
            annotated_of(
                one,
                paths,
                predicted=one.predicted if version else None,
                model_version=version,
            )
            for one in messages
        ],
        after=mark,
    )


def _of_uids(there: Operations, dataset: Dataset, query: LabellingsQuery) -> tuple[Message, ...]:
    if len(query.id) > MOST_IDS:
        raise InputError(
            f"{len(query.id)} comments were asked for at once.", next_step=f"Ask for at most {MOST_IDS}."
        )
    uids = tuple(Uid(one) for one in dict.fromkeys(query.id))
    found = there.get_messages(dataset.dataset_id, uids)
    _refuse_missing(uids, found, allowed=query.allow_missing)
    return found


def _refuse_missing(uids: Iterable[Uid], found: Iterable[Message], *, allowed: bool = False) -> None:
    known = {message.uid for message in found}
    missing = [uid for uid in uids if uid not in known]
    if missing and not allowed:
        raise UnknownMessageError(missing[0])


def _sync(asked: Asked) -> Ok:
    """Take labels over: all comments are looked for first, so that an unknown one leaves the others as they are."""
    there, dataset = asked.operations, find_dataset(asked)
    to_say: list[tuple[tuple[Uid, ...], list[LabelToSync]]] = []
    for one in asked.body.annotations:
        listed = [one.comment_uid] if isinstance(one.comment_uid, str) else one.comment_uid
        uids = tuple(Uid(uid) for uid in dict.fromkeys(listed))
        for start in range(0, len(uids), PAGE):
            some = uids[start : start + PAGE]
            _refuse_missing(some, there.get_messages(dataset.dataset_id, some))
        if one.labels is not None:
            to_say.append((uids, [_checked(label) for label in one.labels]))
    for uids, labels in to_say:
        for label in labels:
            if label.external_id:
                there.create_label(dataset.dataset_id, label.name, external_id=label.external_id)
        said = Labelling(assigned=tuple(dict.fromkeys(label.name for label in labels)))
        for uid in uids:
            there.set_labels(dataset.dataset_id, uid, said)
    return Ok()


def _checked(label: LabelToSync) -> LabelToSync:
    return LabelToSync(name=joined(split_name(label.name)), external_id=label.external_id)


def _reset(asked: Asked) -> Ok:
    """Take all annotations off; the history keeps them, and the taxonomy stays."""
    there, dataset = asked.operations, find_dataset(asked)
    if asked.body.confirm != dataset.full_name:
        raise ConfirmationError("annotations of dataset", dataset.full_name, asked.body.confirm)
    where = MessageFilter(reviewed=True)
    after = ""
    while (page := there.query_messages(dataset.dataset_id, where, "arrival", after, PAGE)).messages:
        after = page.after
        emptied = tuple(
            Judgement(event_id=new_id(), uid=one.uid, reviewed=False, mode="import", replaces=True)
            for one in page.messages
        )
        there.judge(dataset.dataset_id, emptied)
    return Ok()


_PATH = "/api/_private/datasets/{dataset}/labellings"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{uid}}",
        summary="Say what stands on a comment",
        handle=_say,
        reply=AnnotatedReply,
        body=NewLabelling,
        names={"uid": r"^[0-9a-f]{16}\.[^/]{1,1024}$"},
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        summary="Reviewed comments with what people said of them",
        handle=_listed,
        reply=Labellings,
        query=LabellingsQuery,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/datasets/{dataset}/sync-annotations",
        summary="Take labels of comments over",
        handle=_sync,
        body=AnnotationsToSync,
    ),
    Endpoint(
        method="POST",
        path="/api/_private/datasets/{dataset}/reset-annotations",
        summary="Take all annotations off",
        handle=_reset,
        body=Reset,
    ),
)
