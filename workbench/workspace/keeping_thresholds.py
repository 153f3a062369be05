"""Thresholds kept with a model version."""

from __future__ import annotations

from typing import get_args

from workbench.domain import DatasetId, KeptThreshold, LabelId, Stream, ThresholdBasis
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller

_BASES: tuple[ThresholdBasis, ...] = get_args(ThresholdBasis)


def keep_threshold(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    threshold: float | None,
    version: int | None = None,
    check_from: float | None = None,
    basis: ThresholdBasis = "chosen",
    reason: str = "",
) -> tuple[KeptThreshold, ...]:
    """Keep a threshold, or none."""
    if basis not in _BASES:
        raise UnknownNameError("basis", str(basis)[:100], _BASES)
    check_texts("threshold", None, reason)
    if threshold is not None:
        check_threshold("threshold", threshold)
        if check_from is not None:
            check_threshold("check_from", check_from)
            if check_from > threshold:
                raise InputError(
                    f"checks would begin at {check_from}, above the threshold of {threshold}.",
                    next_step="Give check_from at or below the threshold, or None when nobody checks.",
                    details={"check_from": str(check_from), "threshold": str(threshold)},
                )
    with caller.store.write() as session:
        chosen = _chosen(session, dataset_id, version)
        names = {one.label_id: one.name for one in session.labels.all(dataset_id, counted=False)}
        known = session.models.label_ids(dataset_id, chosen)
        if label_id not in known:
            raise UnknownNameError("label", label_id, {one: names.get(one, one) for one in known})
        if threshold is None:
            session.thresholds.drop(dataset_id, chosen, label_id)
        else:
            session.thresholds.put(
                KeptThreshold(
                    dataset_id=dataset_id,
                    version=chosen,
                    label_id=label_id,
                    name=names.get(label_id, ""),
                    threshold=threshold,
                    check_from=check_from,
                    basis=basis,
                    reason=reason,
                    kept_at=caller.workspace.clock(),
                    kept_by=caller.actor,
                )
            )
        following = _following(session, dataset_id, chosen, label_id)
        about = {"label_id": label_id, "threshold": threshold, "check_from": check_from, "basis": basis}
        names_of = [one.name for one in following]
        caller.audit(session, "keep_threshold", dataset_id, version=chosen, streams=names_of, **about)
        kept = session.thresholds.of_version(dataset_id, chosen)
    caller.tell("model", str(chosen), dataset_id=dataset_id)
    for one in following:
        caller.tell("stream", one.stream_id, dataset_id=dataset_id)
    return kept


def kept_thresholds(
    caller: Caller, dataset_id: DatasetId, version: int | None = None
) -> tuple[KeptThreshold, ...]:
    """Those kept with a version."""
    with caller.store.read() as session:
        return session.thresholds.of_version(dataset_id, _chosen(session, dataset_id, version))


def _following(session: Session, dataset_id: DatasetId, version: int, label_id: LabelId) -> list[Stream]:
    """Streams whose answers change when a threshold of a label is kept with a version."""
    return [
        one
        for one in session.streams.all(dataset_id)
        if one.settings.version == version
        and one.settings.for_unlisted == "kept"
        and all(own.label_id != label_id for own in one.settings.thresholds)
    ]


def _chosen(session: Session, dataset_id: DatasetId, version: int | None) -> int:
    """The version asked for, which there is; None = the newest that was validated, else the newest."""
    if version is not None:
        return session.models.version(dataset_id, version).version
    known = session.models.versions(dataset_id)
    if not known:
        raise UnknownNameError("model version", "newest", ())
    return next((one.version for one in known if one.validated), known[0].version)


def check_threshold(name: str, value: float) -> None:
    """Refuse what is no probability, with an ``InputError``."""
    if not 0 <= value <= 1:
        raise InputError(
            f"{name} is {value}, which is no probability.",
            next_step="Give a number from 0 to 1.",
            details={name: str(value)},
        )
