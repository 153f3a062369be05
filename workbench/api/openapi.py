"""The description of the HTTP interface (OpenAPI 3.1), made from its endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from workbench.api.addresses import patterns
from workbench.api.endpoint import Endpoint
from workbench.api.envelope import CONTENT_TYPE, Content, Failed
from workbench.api.shapes.times import TAKEN

_REF = "#/components/schemas/{name}"
_GIVEN = "given.{name}"
"""What is handed in is described apart: of times it says more than what is told."""
_FAILURES = {
    "400": "The request is not as described.",
    "401": "Nobody is recognised.",
    "403": "Whoever asks may not do this.",
    "404": "There is no such thing, or whoever asks may not know of it.",
    "409": "It is there already, or not empty, or not confirmed.",
    "413": "The body is too large.",
    "415": "The body is packed in a way that is not known.",
    "422": "Beyond a limit.",
    "429": "Too much was asked for in a minute, or too many unknown tokens came from the address, and this one was not "
    "looked at; Retry-After says how long to wait.",
    "500": "A defect.",
    "501": "A part that this needs is not installed.",
    "502": "A mail server or service does not do as it should.",
    "503": "The owner of the workspace cannot be reached.",
}
_WAITS = ("429", "503")
_RETRY_AFTER = {
    "description": "Seconds to wait, where they are known.",
    "schema": {"type": "integer", "minimum": 0},
}


def description(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document, as JSON-able objects."""
    replies = (one.reply for one in endpoints if one.reply is not Content)
    _, schemas = msgspec.json.schema_components([Failed, *replies], ref_template=_REF)
    bodies = [one.body for one in endpoints if one.body]
    _, given = msgspec.json.schema_components(bodies, ref_template=_REF.format(name=_GIVEN))
    _say_less_of_times(schemas)
    schemas |= {_GIVEN.format(name=name): schema for name, schema in given.items()}
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        for path in one.spelled:
            paths.setdefault(path, {})[one.method.lower()] = _operation(one, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Workbench", "version": version("workbench-comms")},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _say_less_of_times(schema: Any) -> None:
    """Times that are told are all those that there are, and have an offset."""
    if isinstance(schema, dict):
        if schema.get("pattern") == TAKEN:
            del schema["pattern"]
            schema["format"] = "date-time"
        for inner in schema.values():
            _say_less_of_times(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _say_less_of_times(inner)


def _operation(one: Endpoint, path: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "summary": one.summary,
        "operationId": f"{one.method.lower()}{path}".replace("/", "_")
        .replace("{", "")
        .replace("}", "")
        .replace(":", "_"),
        "parameters": [*_path_parameters(one, path), *_query_parameters(one)],
        "responses": {
            "200": {
                "description": "Done.",
                "content": _bytes() if one.reply is Content else _json(one.reply.__name__),
            },
            **{code: _failure(code, text) for code, text in _FAILURES.items()},
        },
    }
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": _json(_GIVEN.format(name=one.body.__name__))}
    if one.takes_file:
        form = {
            "type": "object",
            "required": ["file"],
            "properties": {"file": _BYTES},
            "additionalProperties": False,
        }
        told["requestBody"] = {
            "required": True,
            "content": {**_bytes(), "multipart/form-data": {"schema": form}},
        }
    return told


def _failure(code: str, text: str) -> dict[str, Any]:
    told: dict[str, Any] = {"description": text, "content": _json("Failed")}
    if code in _WAITS:
        told["headers"] = {"Retry-After": _RETRY_AFTER}
    return told


def _path_parameters(one: Endpoint, path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, pattern in patterns(path, one.names).items()
    ]


def _query_parameters(one: Endpoint) -> list[dict[str, Any]]:
    (schema,), components = msgspec.json.schema_components([one.query], ref_template=_REF)
    properties = components[schema["$ref"].rpartition("/")[2]].get("properties", {})
    return [{"name": name, "in": "query", "schema": kind} for name, kind in properties.items()]


def _json(kind: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(name=kind)}}}


def _bytes() -> dict[str, Any]:
    return {CONTENT_TYPE: {"schema": _BYTES}}


_BYTES = {"type": "string", "format": "binary"}
