"""Predictions over HTTP: of documents that are handed in, charged; of stored comments, free."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes import documents, labels
from workbench.api.shapes.names import wanted
from workbench.api.shapes.versions import VERSION, ModelOf, model_of, version_choice
from workbench.domain import (
    DatasetId,
    LabelsFrom,
    PredictedLabel,
    RawMail,
    Uid,
    UnstoredPredictions,
    WantedLabel,
    check_transform_tag,
)
from workbench.errors import InputError, UnsupportedError

DEFAULT_THRESHOLD = 0.25
"""Where a request names none."""

Probability = Annotated[float, Meta(ge=0, le=1)]
Part = Annotated[str, Meta(min_length=1)]


class WantedByName(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A label that is wanted, from a probability of its own on."""

    name: list[Part] | Part
    threshold: Probability | Literal["auto"] | None = None


class _Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    threshold: Probability | Literal["auto"] | None = None
    labels: list[WantedByName] | None = None


class PredictAsked(_Asked, kw_only=True, forbid_unknown_fields=True):
    """Documents to predict, 1 to 4,096."""

    documents: list[documents.PredictDocument]


class PredictMailsAsked(_Asked, kw_only=True, forbid_unknown_fields=True):
    """Mails to predict, 1 to 4,096."""

    documents: list[documents.MailDocument]
    transform_tag: str | None = None
    include_comments: bool = False


class PredictCommentsAsked(_Asked, kw_only=True, forbid_unknown_fields=True):
    """Stored comments, 1 to 4,096."""

    uids: list[str]


class ExtractionsAsked(msgspec.Struct, kw_only=True):
    """Documents to extract from."""

    documents: list[Any]


class Predictions(Ok, kw_only=True):
    """One list of labels for each document, in their order."""

    predictions: list[list[labels.PredictedLabel]]
    model: ModelOf
    problems: list[PredictProblem] | UnsetType = UNSET


class PredictProblem(msgspec.Struct, kw_only=True):
    """Why nothing is predicted of a mail; it is not charged."""

    document: int
    message: str


class CommentPrediction(msgspec.Struct, kw_only=True):
    """What a model says of one stored comment."""

    uid: str
    labels: list[labels.PredictedLabel]


class CommentPredictions(Ok, kw_only=True):
    """One for each uid, in their order."""

    predictions: list[CommentPrediction]
    model: ModelOf


def _predict(asked: Asked) -> Predictions:
    batch = documents.batch_of(asked.body.documents)
    found = asked.operations.predict_messages(
        DatasetId(wanted(asked, "dataset")),
        batch,
        version_choice(asked),
        _threshold(asked.body),
        wanted=_wanted(asked.body),
    )
    return _answer(found)


def _predict_mails(asked: Asked) -> Predictions:
    told = asked.body
    check_transform_tag(told.transform_tag or "")
    if told.include_comments:
        raise UnsupportedError(
            "comments cannot be included in the answer yet.",
            next_step="Leave 'include_comments' out, or store the mails with sync-raw-emails.",
        )
    mails: tuple[RawMail, ...] = tuple(
        documents.mail_of(one.raw_email, number) for number, one in enumerate(told.documents)
    )
    found = asked.operations.predict_raw_mails(
        DatasetId(wanted(asked, "dataset")),
        mails,
        version_choice(asked),
        _threshold(told),
        wanted=_wanted(told),
    )
    return _answer(found)


def _predict_comments(asked: Asked) -> CommentPredictions:
    found = asked.operations.predict_stored(
        DatasetId(wanted(asked, "dataset")),
        tuple(map(Uid, asked.body.uids)),
        version_choice(asked),
        _threshold(asked.body),
        _wanted(asked.body),
    )
    return CommentPredictions(
        predictions=[
            CommentPrediction(uid=one.uid, labels=[_label(label) for label in one.labels])
            for one in found.predictions
        ],
        model=model_of(found.version, found.created_at),
    )


def _no_extractions(_asked: Asked) -> Ok:
    raise UnsupportedError(
        "extractions cannot be predicted yet: this release has no fields.",
        next_step="Ask for labels with 'predict'.",
    )


def _threshold(told: _Asked) -> LabelsFrom:
    return DEFAULT_THRESHOLD if told.threshold is None else told.threshold


def _wanted(told: _Asked) -> tuple[WantedLabel, ...]:
    found = []
    for one in told.labels or ():
        name = one.name if isinstance(one.name, str) else labels.joined(one.name)
        if one.threshold == "auto" and told.threshold != "auto":
            raise InputError(
                f"label {name[:100]!r} cannot have the threshold 'auto' by itself.",
                next_step="Give 'auto' as the threshold of the request.",
            )
        own = None if one.threshold == "auto" else one.threshold
        found.append(WantedLabel(name=name, threshold=own))
    return tuple(found)


def _answer(found: UnstoredPredictions) -> Predictions:
    problems = [
        PredictProblem(document=number, message=one.problem)
        for number, one in enumerate(found.predictions)
        if one.problem
    ]
    return Predictions(
        predictions=[[_label(label) for label in one.labels] for one in found.predictions],
        model=model_of(found.version, found.created_at),
        problems=problems or UNSET,
    )


def _label(one: PredictedLabel) -> labels.PredictedLabel:
    return labels.PredictedLabel(
        name=labels.split_name(one.name),
        probability=one.probability,
        sentiment=UNSET if one.sentiment is None else one.sentiment,
        auto_thresholds=UNSET if one.auto_thresholds is None else list(one.auto_thresholds),
    )


_OF = "/datasets/{dataset}/labellers"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"/api/v1{_OF}/{{version}}/predict",
        summary="Predict documents; each is charged",
        handle=_predict,
        body=PredictAsked,
        reply=Predictions,
        names=VERSION,
    ),
    Endpoint(
        method="POST",
        path=f"/api/_private{_OF}/predict",
        summary="Predict documents with the newest model; each is charged",
        handle=_predict,
        body=PredictAsked,
        reply=Predictions,
    ),
    Endpoint(
        method="POST",
        path=f"/api/v1{_OF}/{{version}}/predict-raw-emails",
        summary="Predict mails; each is charged",
        handle=_predict_mails,
        body=PredictMailsAsked,
        reply=Predictions,
        names=VERSION,
    ),
    Endpoint(
        method="POST",
        path=f"/api/v1{_OF}/{{version}}/predict-comments",
        summary="Predictions of stored comments, free",
        handle=_predict_comments,
        body=PredictCommentsAsked,
        reply=CommentPredictions,
        names=VERSION,
    ),
    Endpoint(
        method="POST",
        path=f"/api/_private{_OF}/{{version}}/predict-extractions",
        summary="Extractions: not in this release",
        handle=_no_extractions,
        body=ExtractionsAsked,
        names=VERSION,
    ),
)
