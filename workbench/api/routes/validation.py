"""Validation over HTTP: how good a model version is, overall and label by label."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.labels import split_name
from workbench.api.shapes.names import find_dataset
from workbench.api.shapes.times import Moment
from workbench.api.shapes.versions import VERSION, find_version
from workbench.domain import LabelValidation, Rating, ValidationReport
from workbench.errors import NotTrainedError, UnknownNameError

_GROUP = "default"
_AUTO = ("high_precision", "balanced", "high_recall")
_RED, _AMBER = ("untrained", "poor"), ("gathering", "fair")
_GOOD = ("good", "excellent")


class NamedLabel(msgspec.Struct, kw_only=True):
    """A label by its name."""

    name: str


class NamedGroup(msgspec.Struct, kw_only=True):
    """The one group of labels there is."""

    name: str
    label_defs: list[NamedLabel]


class ShownFactor(msgspec.Struct, kw_only=True):
    """One of the four factors of a rating; null = it cannot be known yet."""

    name: str
    score: float | None
    quality: str
    weight: float


class ModelRating(msgspec.Struct, kw_only=True):
    """0-100; 0 with the quality ``none`` where there is no rating yet."""

    score: int
    quality: str
    needs_refinement: bool
    factors: list[ShownFactor]
    bins: list[float] = []


class LabelFigures(msgspec.Struct, kw_only=True):
    """How one label does; counts are of examples, ``health`` is 0-100."""

    train_size: int
    test_size: int
    reviewed_size: int
    average_precision: float | None
    optimal_thresholds: dict[str, float]
    health: float


class Summary(msgspec.Struct, kw_only=True):
    """A model version on its test part; counts are of messages."""

    version: int
    trained_time: Moment
    train_size: int
    test_size: int
    reviewed_size: int
    mean_average_precision_safe: float | None
    recalls: list[float]
    mean_precision_curve_safe: list[float]
    labels: dict[str, LabelFigures]
    model_rating: ModelRating
    entities: dict[str, float] = {}


class PrivateValidation(Ok, kw_only=True):
    """With the groups of labels."""

    label_groups: list[NamedGroup]
    validation: Summary


class LabelParts(msgspec.Struct, kw_only=True):
    """A label and its levels."""

    name: str
    parts: list[str]


class PublicSummary(msgspec.Struct, kw_only=True):
    """A model version in a few figures: scores are 0-100, null where they cannot be known yet."""

    version: int
    labels: list[LabelParts]
    num_reviewed_comments: int
    num_labels: int
    num_amber_labels: int
    num_red_labels: int
    mean_average_precision_safe: float | None
    dataset_quality: str
    dataset_score: int
    balance: float | None
    balance_quality: str
    coverage: float | None
    coverage_quality: str
    underperforming_labels_quality: str
    all_labels_quality: str
    entities: list[NamedLabel] = []


class PublicValidation(Ok, kw_only=True):
    """How good a model version is."""

    validation: PublicSummary


class LabelAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A label by its name."""

    label: Annotated[str, Meta(min_length=1)]


class Curve(msgspec.Struct, kw_only=True):
    """Aligned: thresholds descend, so recalls ascend."""

    thresholds: list[float]
    precisions: list[float]
    recalls: list[float]


class LabelCurve(Ok, kw_only=True):
    """Precision and recall of one label at each threshold."""

    label_validation: Curve


def _private(asked: Asked) -> PrivateValidation:
    report, made_at = _report(asked)
    rating = report.rating
    return PrivateValidation(
        label_groups=[
            NamedGroup(name=_GROUP, label_defs=[NamedLabel(name=one.name) for one in report.labels])
        ],
        validation=Summary(
            version=report.version,
            trained_time=made_at,
            train_size=report.n_train,
            test_size=report.n_test,
            reviewed_size=report.n_reviewed,
            mean_average_precision_safe=report.mean_average_precision.value,
            recalls=list(report.recall_grid),
            mean_precision_curve_safe=list(report.mean_precision),
            labels={one.name: _figures(one) for one in report.labels},
            model_rating=ModelRating(
                score=_score(rating),
                quality=rating.band,
                needs_refinement=rating.band not in _GOOD,
                factors=[
                    ShownFactor(name=one.name, score=one.score, quality=one.band, weight=one.weight)
                    for one in rating.factors
                ],
            ),
        ),
    )


def _public(asked: Asked) -> PublicValidation:
    report, _ = _report(asked)
    rating = report.rating
    factors = {one.name: one for one in rating.factors}
    quality = {name: one.band for name, one in factors.items()}
    return PublicValidation(
        validation=PublicSummary(
            version=report.version,
            labels=[LabelParts(name=one.name, parts=split_name(one.name)) for one in report.labels],
            num_reviewed_comments=report.n_reviewed,
            num_labels=len(report.labels),
            num_amber_labels=sum(one.state in _AMBER for one in report.labels),
            num_red_labels=sum(one.state in _RED for one in report.labels),
            mean_average_precision_safe=report.mean_average_precision.value,
            dataset_quality=rating.band,
            dataset_score=_score(rating),
            balance=factors["balance"].score if "balance" in factors else None,
            balance_quality=quality.get("balance", "none"),
            coverage=factors["coverage"].score if "coverage" in factors else None,
            coverage_quality=quality.get("coverage", "none"),
            underperforming_labels_quality=quality.get("underperforming_labels", "none"),
            all_labels_quality=quality.get("all_labels", "none"),
        )
    )


def _curve(asked: Asked) -> LabelCurve:
    report, _ = _report(asked)
    for one in report.labels:
        if one.name == asked.body.label:
            return LabelCurve(
                label_validation=Curve(
                    thresholds=list(reversed(one.thresholds)),
                    precisions=list(reversed(one.precisions)),
                    recalls=list(reversed(one.recalls)),
                )
            )
    raise UnknownNameError(
        f"label of version {report.version}", asked.body.label[:100], (one.name for one in report.labels)
    )


def _report(asked: Asked) -> tuple[ValidationReport, datetime]:
    """The report that an address means, and when its version was made; ``latest`` = the newest that was validated."""
    dataset, there = find_dataset(asked), asked.operations
    if asked.path["version"] == "latest":
        report = there.validation(dataset.dataset_id)
        why = f"dataset {dataset.full_name!r} has no validated model version."
    else:
        version = find_version(asked, dataset)
        report = there.validation(dataset.dataset_id, version.version)
        why = f"version {version.version} was not validated: another training was waiting."
    if report is None:
        raise NotTrainedError(why, next_step="Annotate, then train.")
    made = {one.version: one.created_at for one in there.model_versions(dataset.dataset_id)}
    return report, made.get(report.version, report.created_at)


def _figures(one: LabelValidation) -> LabelFigures:
    chosen = {choice.name: choice.threshold for choice in one.choices}
    return LabelFigures(
        train_size=one.n_train,
        test_size=one.n_test,
        reviewed_size=one.n_pins,
        average_precision=one.average_precision.value,
        optimal_thresholds={name: chosen[name] for name in _AUTO if name in chosen},
        health=one.health,
    )


def _score(rating: Rating) -> int:
    return 0 if rating.score is None else round(rating.score)


_ONE = "/datasets/{dataset}/labellers/{version}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path=f"/api/_private{_ONE}/validation",
        summary="Validation of a model version",
        handle=_private,
        reply=PrivateValidation,
        names=VERSION,
    ),
    Endpoint(
        method="GET",
        path=f"/api/v1{_ONE}/validation",
        summary="Validation of a model version in a few figures",
        handle=_public,
        reply=PublicValidation,
        names=VERSION,
    ),
    Endpoint(
        method="POST",
        path=f"/api/_private{_ONE}/label-validation",
        summary="Precision and recall of a label at each threshold",
        handle=_curve,
        body=LabelAsked,
        reply=LabelCurve,
        names=VERSION,
    ),
)
