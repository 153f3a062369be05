"""The HTTP addresses of this field, asked without HTTP: files in its formats mean the same here as there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from workbench.api.endpoint import Endpoint
    from workbench.domain import Operations


def request(
    operations: Operations,
    endpoints: Sequence[Endpoint],
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    **names: str,
) -> Any:
    """What the endpoint of a path answers, as JSON would hold it.

    Parameters
    ----------
    names
        Path parameters; a resource is named ``project/name``.

    Raises
    ------
    WorkbenchError
        As over HTTP; ``InputError`` for a body that is not as described.
    """
    from workbench.api.addresses import RESOURCES  # noqa: PLC0415 - other commands start faster
    from workbench.api.endpoint import Asked, read_body  # noqa: PLC0415 - as above

    (endpoint,) = [one for one in endpoints if (one.method, one.path) == (method, path)]
    given = None if body is None else read_body(json.dumps(body).encode(), endpoint.body)
    parts: dict[str, str] = {}
    for name, value in names.items():
        if name in RESOURCES:
            parts["owner"], _, parts[name] = value.partition("/")
        else:
            parts[name] = value
    asked = Asked(
        operations=operations,
        path=parts,
        query=msgspec.convert(dict(query or {}), endpoint.query, strict=False),
        body=given,
    )
    return msgspec.json.decode(msgspec.json.encode(endpoint.handle(asked)))
