"""Model versions over HTTP: which there are, their marks and tags, and what the model of a dataset is doing."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from workbench.api.endpoint import Asked, Endpoint, Nothing
from workbench.api.envelope import Ok
from workbench.api.shapes.names import find_dataset
from workbench.api.shapes.times import Moment
from workbench.api.shapes.versions import VERSION, find_version
from workbench.domain import DatasetStatus, ModelVersion, VersionTag
from workbench.errors import UnknownNameError

TAGS: tuple[VersionTag, ...] = ("staging", "live")
_TAG = {"tag": f"^({'|'.join(TAGS)})$"}


class VersionMarks(msgspec.Struct, kw_only=True):
    """What people say of a version."""

    starred: bool
    description: str


class Labeller(msgspec.Struct, kw_only=True):
    """A model version as clients read it.

    Attributes
    ----------
    trained_time
        When it was made.
    used_by_triggers
        Names of the streams that return its predictions.
    freshness
        Always ``fresh``: there is one family of models, and no version of it is out of use.
    """

    version: int
    trained_time: Moment
    validated: bool
    pinned: bool
    reviewed_counts: dict[str, int]
    used_by_triggers: list[str]
    settings: VersionMarks
    freshness: str = "fresh"
    flags: list[str] = []


class TrainingBegun(Ok, kw_only=True):
    """A training was asked for; one that waits or runs is told again."""

    job_id: str


class ModelTag(msgspec.Struct, kw_only=True):
    """A version that serves as something.

    ``updated_at`` is when the version was made: when the tag came to it is in the audit log only.
    """

    name: VersionTag
    version: int
    updated_at: Moment


class LabellersAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which versions, newest first. Deleted ones are gone for good, so ``include_deleted`` adds none."""

    older_than_version: Annotated[int, Meta(ge=0)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] | None = None
    include_deleted: bool = False
    starred: bool | None = None
    validated: bool | None = None


class Labellers(Ok, kw_only=True):
    """Versions, newest first, and those that carry a tag."""

    labellers: list[Labeller]
    model_tags: list[ModelTag]


class OneLabeller(Ok, kw_only=True):
    """One version."""

    labeller: Labeller


class LabellerChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Left out = as it is."""

    starred: bool | None = None
    description: Annotated[str, Meta(max_length=16_384)] | None = None


class ModelTags(Ok, kw_only=True):
    """Versions that carry a tag."""

    model_tags: list[ModelTag]


class TagTarget(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A version by its number."""

    version: Annotated[int, Meta(ge=0, le=2**32 - 1)]


class TagAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which version a tag goes to."""

    model_tag: TagTarget


class ModelWork(msgspec.Struct, kw_only=True):
    """What the model of a dataset is doing; what is not complete is being done, waits, or was never begun."""

    training_complete: bool
    validation_complete: bool
    inference_complete: bool
    state: str
    version: int | None
    validated_version: int | None
    num_unlearned_comments: int


class LabellerStatus(Ok, kw_only=True):
    """How the model of a dataset stands."""

    dataset_status: ModelWork


def _listed(asked: Asked) -> Labellers:
    told: LabellersAsked = asked.body
    known = asked.operations.model_versions(find_dataset(asked).dataset_id)
    chosen = [
        one
        for one in known
        if (told.older_than_version is None or one.version < told.older_than_version)
        and told.starred in (None, one.starred)
        and told.validated in (None, one.validated)
    ]
    return Labellers(labellers=[_labeller(one) for one in chosen[: told.limit]], model_tags=_tags(known))


def _change(asked: Asked) -> OneLabeller:
    dataset, there = find_dataset(asked), asked.operations
    version = find_version(asked, dataset)
    if asked.body.starred is not None:
        version = there.star_version(dataset.dataset_id, version.version, asked.body.starred)
    if asked.body.description is not None:
        version = there.describe_version(dataset.dataset_id, version.version, asked.body.description)
    return OneLabeller(labeller=_labeller(version))


def _pin(asked: Asked) -> Ok:
    return _pinned(asked, pinned=True)


def _unpin(asked: Asked) -> Ok:
    return _pinned(asked, pinned=False)


def _pinned(asked: Asked, *, pinned: bool) -> Ok:
    dataset = find_dataset(asked)
    asked.operations.pin_version(dataset.dataset_id, find_version(asked, dataset).version, pinned)
    return Ok()


def _tagged(asked: Asked) -> ModelTags:
    return ModelTags(model_tags=_tags(asked.operations.model_versions(find_dataset(asked).dataset_id)))


def _tag(asked: Asked) -> ModelTags:
    dataset, tag = find_dataset(asked), _named(asked)
    asked.operations.tag_version(dataset.dataset_id, asked.body.model_tag.version, tag)
    return ModelTags(model_tags=_tags(asked.operations.model_versions(dataset.dataset_id)))


def _untag(asked: Asked) -> ModelTags:
    dataset, tag, there = find_dataset(asked), _named(asked), asked.operations
    for one in there.model_versions(dataset.dataset_id):
        if one.tag == tag:
            there.tag_version(dataset.dataset_id, one.version, None)
    return ModelTags(model_tags=_tags(there.model_versions(dataset.dataset_id)))


def _train(asked: Asked) -> TrainingBegun:
    return TrainingBegun(job_id=asked.operations.start_train(find_dataset(asked).dataset_id))


def _status(asked: Asked) -> LabellerStatus:
    return LabellerStatus(
        dataset_status=_work(asked.operations.dataset_status(find_dataset(asked).dataset_id))
    )


def _work(known: DatasetStatus) -> ModelWork:
    trained = known.predicted_by is not None
    return ModelWork(
        training_complete=trained and known.state not in ("queued", "training", "failed") and not known.n_new,
        validation_complete=trained and known.validated_by == known.predicted_by,
        inference_complete=trained and known.state in ("idle", "validating"),
        state=known.state,
        version=known.predicted_by,
        validated_version=known.validated_by,
        num_unlearned_comments=known.n_new,
    )


def _named(asked: Asked) -> VersionTag:
    for tag in TAGS:
        if asked.path["tag"] == tag:
            return tag
    raise UnknownNameError("tag", asked.path["tag"][:100], TAGS)


def _labeller(one: ModelVersion) -> Labeller:
    return Labeller(
        version=one.version,
        trained_time=one.created_at,
        validated=one.validated,
        pinned=one.pinned,
        reviewed_counts={"comments": one.n_reviewed},
        used_by_triggers=list(one.held_by),
        settings=VersionMarks(starred=one.starred, description=one.description),
    )


def _tags(known: tuple[ModelVersion, ...]) -> list[ModelTag]:
    return [
        ModelTag(name=one.tag, version=one.version, updated_at=one.created_at)
        for one in sorted(known, key=lambda one: one.tag or "")
        if one.tag is not None
    ]


_DATASET = "/datasets/{dataset}"
_OF = f"/api/_private{_DATASET}/labellers"
_ONE_TAG = f"/api/_private{_DATASET}/model-tags/{{tag}}"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_OF,
        summary="Model versions",
        handle=_listed,
        body=LabellersAsked,
        reply=Labellers,
    ),
    Endpoint(
        method="POST",
        path=f"{_OF}/train",
        summary="Train a model version on all that is reviewed",
        handle=_train,
        body=Nothing,
        reply=TrainingBegun,
    ),
    Endpoint(
        method="GET",
        path=f"{_OF}/status",
        summary="What the model of a dataset is doing",
        handle=_status,
        reply=LabellerStatus,
    ),
    Endpoint(
        method="PATCH",
        path=f"{_OF}/{{version}}",
        summary="Star or describe a model version",
        handle=_change,
        body=LabellerChange,
        reply=OneLabeller,
        names=VERSION,
    ),
    Endpoint(
        method="PUT",
        path=f"{_OF}/{{version}}/pin",
        summary="Keep a model version",
        handle=_pin,
        names=VERSION,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_OF}/{{version}}/pin",
        summary="Keep a model version no longer than others",
        handle=_unpin,
        names=VERSION,
    ),
    Endpoint(
        method="GET",
        path=f"/api/v1{_DATASET}/model-tags",
        summary="Model versions that carry a tag",
        handle=_tagged,
        reply=ModelTags,
    ),
    Endpoint(
        method="PUT",
        path=_ONE_TAG,
        summary="Give a tag to a model version",
        handle=_tag,
        body=TagAsked,
        reply=ModelTags,
        names=_TAG,
    ),
    Endpoint(
        method="DELETE",
        path=_ONE_TAG,
        summary="Take a tag away",
        handle=_untag,
        reply=ModelTags,
        names=_TAG,
    ),
)
