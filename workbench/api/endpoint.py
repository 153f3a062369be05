"""An address of the HTTP interface: what it takes, what it gives, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request

from workbench.api.envelope import Ok
from workbench.domain import Operations
from workbench.errors import InputError


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No body, or an empty object."""


class NoQuery(msgspec.Struct, forbid_unknown_fields=True):
    """No query parameters."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, read and typed.

    Attributes
    ----------
    operations
        Acting for whoever asks.
    path
        Decoded path parameters.
    """

    operations: Operations
    path: Mapping[str, str]
    query: Any
    body: Any


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method at one address.

    Attributes
    ----------
    path
        With ``{name}`` for each parameter; a parameter is one segment.
    handle
        Called in a thread with the request; whatever ``WorkbenchError`` it raises becomes the answer.
    names
        Pattern of each path parameter, for the description.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[Asked], Ok]
    reply: type[Ok] = Ok
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] = NoQuery
    names: Mapping[str, str] = field(default_factory=dict)


def read_body(raw: bytes, kind: type[msgspec.Struct] | None) -> Any:
    """A request body of a type; ``InputError`` in the words of the validator when it is none."""
    if kind is None:
        return None
    if not raw:
        raise InputError("the body is missing.", next_step=_SEE)
    try:
        return msgspec.convert(_whole_numbers(msgspec.json.decode(raw)), kind)
    except msgspec.ValidationError as error:
        raise InputError(f"the body is not as described: {error}.", next_step=_SEE) from None
    except (msgspec.DecodeError, RecursionError):
        raise InputError("the body is no JSON.", next_step=_SEE) from None


def _whole_numbers(value: Any) -> Any:
    """JSON knows one kind of number: ``5.0`` is as whole as ``5``."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole_numbers(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole_numbers(one) for name, one in value.items()}
    return value


def read_query(request: Request, kind: type[msgspec.Struct]) -> Any:
    """Query parameters of a type; ``InputError`` when they are not."""
    given = dict(request.query_params.multi_items())
    if len(given) < len(request.query_params.multi_items()):
        raise InputError("a query parameter is given twice.", next_step=_SEE)
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"the query is not as described: {error}.", next_step=_SEE) from None


_SEE = "See /openapi.json."
