"""Looking after streams over HTTP: expected errors, another version compared, and how it is kept up with."""

from __future__ import annotations

from typing import Any

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes import stream_upkeep as shapes
from workbench.api.shapes.names import find_dataset


def _errors(asked: Asked) -> Ok:
    found = asked.operations.stream_errors(find_dataset(asked).dataset_id, asked.path["stream"])
    return shapes.expected_errors_of(found)


def _comparison(asked: Asked) -> Ok:
    dataset_id, query = find_dataset(asked).dataset_id, asked.query
    return shapes.comparison_of(
        asked.operations.compare_stream(dataset_id, asked.path["stream"], query.version, query.max_messages)
    )


def _status(asked: Asked) -> Ok:
    found = asked.operations.stream_status(find_dataset(asked).dataset_id, asked.path["stream"])
    return shapes.status_of(found)


def _get(path: str, summary: str, **more: Any) -> Endpoint:
    home = "/api/v1/datasets/{dataset}/streams/{stream}"
    return Endpoint(method="GET", path=f"{home}/{path}", summary=summary, names={"stream": NAME}, **more)


ENDPOINTS = (
    _get(
        "expected-errors",
        "False positives and misses a week to expect of each label of a stream",
        handle=_errors,
        reply=shapes.ExpectedErrorsShown,
    ),
    _get(
        "comparison",
        "What another model version would change in a stream",
        handle=_comparison,
        query=shapes.ComparisonQuery,
        reply=shapes.ComparisonShown,
    ),
    _get(
        "status",
        "What waits in a stream, and what it handed on by hour",
        handle=_status,
        reply=shapes.StatusShown,
    ),
)
