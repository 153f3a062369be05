"""An address of the HTTP interface: what it takes, what it gives, and what it does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_origin

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from workbench.api.addresses import spellings
from workbench.api.envelope import Content, Ok
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
    body
        Of the type that the endpoint names; bytes where it takes a file.
    accept
        The kinds of answer that the client takes, as it says.
    """

    operations: Operations
    path: Mapping[str, str]
    query: Any
    body: Any
    accept: str = ""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method at one address.

    Attributes
    ----------
    path
        With ``{name}`` for each parameter; a parameter is one segment, but for ``{source}``, ``{dataset}`` and
        ``{bucket}``: ``spellings`` says how those are written.
    handle
        Called in a thread with the request; whatever ``WorkbenchError`` it raises becomes the answer.
    reply
        ``Content`` = bytes without an envelope.
    takes_file
        The body is a file: the part ``file`` of a form, or the bytes as they are.
    by_id
        Whether a resource can be named by its id; not where it is made.
    names
        Pattern of each path parameter, for the description; those of resources are known.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[Asked], Ok | Content]
    reply: type[Ok | Content] = Ok
    body: type[msgspec.Struct] | None = None
    takes_file: bool = False
    by_id: bool = True
    query: type[msgspec.Struct] = NoQuery
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def spelled(self) -> tuple[str, ...]:
        """The paths it is there at."""
        return spellings(self.path, by_id=self.by_id)


def read_body(raw: bytes, kind: type[msgspec.Struct] | None) -> Any:
    """A request body of a type; ``InputError`` in the words of the validator when it is none."""
    if kind is None:
        return None
    if not raw:
        raise InputError("the body is missing.", next_step=_SEE)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError):
        pass
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
    """Query parameters of a type; ``InputError`` when they are not. Only one that is a list may be given twice."""
    times = {one.encode_name for one in msgspec.structs.fields(kind) if "datetime" in str(one.type)}
    listed = {one.encode_name for one in msgspec.structs.fields(kind) if get_origin(one.type) is list}
    given: dict[str, Any] = defaultdict(list)
    for name, value in request.query_params.multi_items():
        if name in listed:
            given[name].append(value)
        elif name in given:
            raise InputError(f"the query parameter {name[:100]!r} is given twice.", next_step=_SEE)
        elif name in times and not _DATED.match(value):  # a bare number would be taken for seconds
            raise InputError(f"the query parameter {name!r} is no time: {value[:100]!r}.", next_step=_SEE)
        else:
            given[name] = value
    try:
        return msgspec.convert(dict(given), kind, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"the query is not as described: {error}.", next_step=_SEE) from None


async def read_file(request: Request, raw: bytes) -> bytes:
    """The bytes of a file that was sent; ``InputError`` where a form has no part ``file``."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/"):
        return raw

    async def whole() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        form = await MultiPartParser(request.headers, whole(), max_files=1, max_fields=1).parse()
    except (MultiPartException, KeyError):
        raise InputError("the form cannot be read.", next_step=_SEND_FILE) from None
    try:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise InputError("the form has no file.", next_step=_SEND_FILE)
        return await sent.read()
    finally:
        await form.close()


_DATED = re.compile(r"\d{4}-")
_SEE = "See /openapi.json."
_SEND_FILE = "Send the bytes as they are, or a form with one part named 'file'."
