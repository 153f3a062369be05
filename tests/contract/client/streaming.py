"""``get stream-comments`` and ``get stream-stats``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.contract.client.comments import Batch, FetchedComment
from tests.contract.client.decoding import UnreadableError
from tests.contract.client.resources import Curve, LabelValidated, OneStream, Stream, Validated
from tests.contract.client.session import PRIVATE, V1, Cli
from tests.contract.client.transport import named

PATIENCE_S, PAUSE_S = 60, 0.1


@dataclass(frozen=True, kw_only=True)
class LabelStats:
    """What ``get stream-stats`` shows of a label: precision and recall at its threshold, and by another version."""

    label: str
    threshold: float
    precision: float
    recall: float
    compared: tuple[float, float] | None = None


def path_of(stream: str) -> tuple[str, ...]:
    """The address of ``<owner>/<dataset>/<stream>``."""
    owner, dataset, name = stream.split("/")
    return (*V1, "datasets", f"{owner}/{dataset}", "streams", name)


def fetch(cli: Cli, stream: str, size: int = 16) -> Batch:
    """``get stream-comments`` without ``--listen``: one batch, and nothing moves."""
    cli.begin()
    return _fetch(cli, stream, size)


def _fetch(cli: Cli, stream: str, size: int) -> Batch:
    return cli.client.call("POST", (*path_of(stream), "fetch"), Batch, body={"size": size}, single=True)


def advance(cli: Cli, stream: str, sequence_id: str) -> None:
    """Say that everything up to a place is done."""
    cli.client.call("POST", (*path_of(stream), "advance"), body={"sequence_id": sequence_id}, single=True)


def listen(
    cli: Cli, stream: str, *, size: int = 16, one_by_one: bool = False, at_least: int = 0
) -> Iterator[FetchedComment]:
    """``get stream-comments --listen``, until there is nothing new behind ``at_least`` comments.

    The original sleeps whenever there is nothing new, and goes on; predictions of a version may take a moment.
    """
    cli.begin()
    deadline, n = time.monotonic() + PATIENCE_S, 0
    while time.monotonic() < deadline:
        batch = _fetch(cli, stream, size)
        if not batch.results and not batch.filtered:
            if n >= at_least:
                return
            time.sleep(PAUSE_S)
            continue
        for one in batch.results:
            n += 1
            yield one
            if one_by_one:
                advance(cli, stream, one.sequence_id)
        if not one_by_one or not batch.results:
            advance(cli, stream, batch.sequence_id)
    raise UnreadableError("a stream without an end")


def stream(cli: Cli, name: str) -> Stream:
    """One stream."""
    return cli.client.call("GET", path_of(name), OneStream).stream


def stats(cli: Cli, name: str, *, version: int = 0) -> list[LabelStats]:
    """``get stream-stats``, and beside it by another version."""
    cli.begin()
    model = stream(cli, name).model
    if model is None:
        raise ValueError("no model associated with stream")
    owner, dataset, _ = name.split("/")
    known: set[str] = set()
    if version:
        path = (*PRIVATE, "datasets", f"{owner}/{dataset}", "labellers", str(version), "validation")
        groups = cli.client.call("GET", path, Validated).label_groups
        (default,) = [one for one in groups if one.name == "default"]
        known = {one.name for one in default.label_defs}
    found = []
    for one in model.label_thresholds:
        label = " > ".join(one.name)
        at = _at(curve(cli, f"{owner}/{dataset}", model.version, label), one.threshold, label)
        compared = None
        if label in known:
            other = curve(cli, f"{owner}/{dataset}", version, label)
            compared = _at(other, one.threshold, label)
            _first(other.recalls, at[1]), _last(other.precisions, at[0])
        found.append(
            LabelStats(label=label, threshold=one.threshold, precision=at[0], recall=at[1], compared=compared)
        )
    return found


def curve(cli: Cli, dataset: str, version: int, label: str) -> Curve:
    """Precision and recall of a label by threshold."""
    path = (*PRIVATE, "datasets", named(dataset), "labellers", str(version), "label-validation")
    return cli.client.call("POST", path, LabelValidated, body={"label": label}).label_validation


def _at(found: Curve, threshold: float, label: str) -> tuple[float, float]:
    for at, one in enumerate(found.thresholds):
        if one <= threshold:
            return found.precisions[at], found.recalls[at]
    raise UnreadableError(f"could not find threshold for label {label}")


def _first(recalls: list[float], least: float) -> int | None:
    return next((at for at, one in enumerate(recalls) if one >= least), None)


def _last(precisions: list[float], least: float) -> int | None:
    return next((at for at in reversed(range(len(precisions))) if precisions[at] >= least), None)
