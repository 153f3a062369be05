"""The description of the HTTP interface (OpenAPI 3.1), made from its endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from workbench.api.addresses import patterns, spellings
from workbench.api.endpoint import Endpoint
from workbench.api.envelope import CONTENT_TYPE, Content, Failed

_REF = "#/components/schemas/{name}"
_FAILURES = {
    "400": "The request is not as described.",
    "401": "Nobody is recognised.",
    "403": "Whoever asks may not do this.",
    "404": "There is no such thing, or whoever asks may not know of it.",
    "409": "It is there already, or not empty, or not confirmed.",
    "413": "The body is too large.",
    "415": "The body is packed in a way that is not known.",
    "422": "Beyond a limit.",
    "429": "Too much was asked for in a minute; Retry-After says how long to wait.",
    "500": "A defect.",
    "501": "A part that this needs is not installed.",
    "502": "A mail server or service does not do as it should.",
    "503": "The owner of the workspace cannot be reached.",
}


def description(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document, as JSON-able objects."""
    replies = (one.reply for one in endpoints if one.reply is not Content)
    kinds = [Failed, *replies, *(one.body for one in endpoints if one.body)]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        for path in spellings(one.path):
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
            **{code: {"description": text, "content": _json("Failed")} for code, text in _FAILURES.items()},
        },
    }
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": _json(one.body.__name__)}
    if one.takes_file:
        form = {"type": "object", "required": ["file"], "properties": {"file": _BYTES}}
        told["requestBody"] = {
            "required": True,
            "content": {**_bytes(), "multipart/form-data": {"schema": form}},
        }
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
