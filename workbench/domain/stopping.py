"""When to stop training: what a version lacks to measure with, and to automate with."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.domain.guide import StopAdvice
from workbench.domain.ids import LabelId
from workbench.domain.results import ValidationReport

_GOOD, _EXCELLENT = 70.0, 90.0
_SHOWN_LABELS = 3


def advise(report: ValidationReport | None, names: Mapping[LabelId, str]) -> StopAdvice:
    """Whether a version is good enough to stop (section 6.7 of the published behaviour).

    ``names`` are the labels there are now by id: what a label that is gone lacked does not count.
    """
    if report is None:
        return StopAdvice(readiness="go_on", text="There is no validated model yet.")
    lacking = _missing(report, names, _GOOD, "good", warnings=True)
    if lacking:
        return StopAdvice(
            readiness="go_on", text="The model is not good enough to stop yet.", missing=lacking
        )
    lacking = _missing(report, names, _EXCELLENT, "excellent", warnings=False)
    if lacking:
        text = "Good enough to measure with: stop here, or go on to automate."
        return StopAdvice(readiness="good", text=text, missing=lacking)
    text = "Excellent: pin the version, and test it on live messages before anything is automated."
    return StopAdvice(readiness="excellent", text=text)


def _missing(
    report: ValidationReport, names: Mapping[LabelId, str], least: float, word: str, *, warnings: bool
) -> tuple[str, ...]:
    rating = report.rating
    said = []
    if rating.score is None:
        said.append(f"there is no rating: {rating.reason}")
    elif rating.score < least:
        said.append(f"the rating is {rating.score:.0f}, {word} begins at {least:.0f}")
    for factor in rating.factors:
        if factor.score is not None and factor.score < least:
            name = factor.name.replace("_", " ")
            said.append(f"{name}: {factor.score:.0f}, {word} begins at {least:.0f}")
    if warnings:
        weak = [one for one in report.labels if one.state in ("gathering", "poor", "fair")]
        weak = sorted((one for one in weak if one.label_id in names), key=lambda one: one.health)
        if weak:
            shown = ", ".join(f"{names[one.label_id]!r}" for one in weak[:_SHOWN_LABELS])
            more = f" and {len(weak) - _SHOWN_LABELS} more" if len(weak) > _SHOWN_LABELS else ""
            said.append(f"{len(weak)} label{'s' * (len(weak) != 1)} with a warning: {shown}{more}")
    return tuple(said)
