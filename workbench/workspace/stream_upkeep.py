"""Looking after streams: what their thresholds lead to, and what another version would change."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import (
    DatasetId,
    LabelDifference,
    LabelId,
    StreamComparison,
    StreamErrors,
    StreamPrediction,
)
from workbench.errors import InputError, ModelError, TooFewAnnotationsError, UnknownNameError
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_conditions
from workbench.workspace.streaming import said_of, stream_thresholds
from workbench.workspace.thresholding import expected_errors

MOST_COMPARED = 10_000


def stream_errors(caller: Caller, dataset_id: DatasetId, name: str) -> tuple[StreamErrors, ...]:
    """What to expect of each label that comes."""
    with caller.store.read() as session:
        dataset_id = session.catalog.find_dataset(dataset_id).dataset_id
        settings = session.streams.get(dataset_id, name).settings
        check_conditions(caller, session, dataset_id, settings.where)
    found = []
    for one in stream_thresholds(caller, dataset_id, name):
        if one.origin not in ("own", "kept") or one.threshold == 1:
            continue
        try:
            errors = expected_errors(
                caller, dataset_id, one.label_id, one.threshold, settings.version, settings.where
            )
        except (TooFewAnnotationsError, ModelError, UnknownNameError):
            errors = None
        found.append(
            StreamErrors(label_id=one.label_id, name=one.name, threshold=one.threshold, errors=errors)
        )
    return tuple(found)


def compare_stream(
    caller: Caller, dataset_id: DatasetId, name: str, version: int, n: int = 1_000
) -> StreamComparison:
    """What another version would change."""
    if not 1 <= n <= MOST_COMPARED:
        raise InputError(
            f"{n:,} messages cannot be compared.",
            next_step=f"Compare 1 to {MOST_COMPARED:,}.",
            details={"n": n, "most": MOST_COMPARED},
        )
    with caller.store.read() as session:
        dataset_id = session.catalog.find_dataset(dataset_id).dataset_id
        settings = session.streams.get(dataset_id, name).settings
        if settings.version is None:
            raise InputError(
                f"the stream {name[:100]!r} has no model version to compare with.",
                next_step="Give it one first.",
                details={"stream": name[:300]},
            )
        session.models.version(dataset_id, version)
        check_conditions(caller, session, dataset_id, settings.where)
        passing = session.messages.passing(dataset_id, settings.where)["uid"]
        uids = passing.slice(max(len(passing) - n, 0)).to_pylist()
        now = said_of(session, dataset_id, settings, uids, passing=True)
        then = said_of(session, dataset_id, replace(settings, version=version), uids, passing=True)
        known = frozenset(session.models.label_ids(dataset_id, version))
    pairs = [(a, b) for a, b in zip(now, then, strict=True) if a.predicted and b.predicted]
    return StreamComparison(
        stream=name,
        version=settings.version,
        other=version,
        n=len(pairs),
        n_changed=sum(_ids(a) != _ids(b) for a, b in pairs),
        labels=_differences(pairs, known),
    )


def _ids(one: StreamPrediction) -> frozenset[LabelId]:
    return frozenset(label.label_id for label in one.labels)


def _differences(
    pairs: list[tuple[StreamPrediction, StreamPrediction]], known: frozenset[LabelId]
) -> tuple[LabelDifference, ...]:
    names = {label.label_id: label.name for pair in pairs for one in pair for label in one.labels}
    sets = [(_ids(a), _ids(b)) for a, b in pairs]
    found = [
        LabelDifference(
            label_id=label_id,
            name=name,
            n_now=sum(label_id in a for a, _ in sets),
            n_then=sum(label_id in b for _, b in sets),
            gained=sum(label_id in b - a for a, b in sets),
            lost=sum(label_id in a - b for a, b in sets),
            known=label_id in known,
        )
        for label_id, name in names.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.gained - one.lost, one.name)))
