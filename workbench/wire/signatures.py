"""What each operation takes and gives, read from the ``Operations`` protocol itself."""

from __future__ import annotations

import inspect
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from workbench.domain import operation_methods
from workbench.errors import UnknownNameError
from workbench.wire.codec import decode, encode


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One operation: its name, its Python signature (without ``self``), and the types that travel."""

    name: str
    call: inspect.Signature
    arguments: type[msgspec.Struct]
    answer: object

    def pack(self, args: tuple[object, ...], kwargs: dict[str, object]) -> bytes:
        """Bind like Python does, then encode. ``TypeError`` on a wrong call, as for any function."""
        bound = self.call.bind(*args, **kwargs)
        return encode(bound.arguments)

    def unpack(self, raw: bytes) -> dict[str, Any]:
        """Decode arguments, strictly typed; ``InputError`` otherwise."""
        value = decode(raw, self.arguments)
        return {name: getattr(value, name) for name in self.arguments.__struct_fields__}


@cache
def signatures() -> dict[str, Signature]:
    """Every operation by name."""
    return {name: _signature(name, function) for name, function in operation_methods().items()}


def signature(name: str) -> Signature:
    """One operation; ``UnknownNameError`` when there is none of that name."""
    try:
        return signatures()[name]
    except KeyError:
        raise UnknownNameError("operation", name, signatures()) from None


def _signature(name: str, function: Any) -> Signature:
    hints = typing.get_type_hints(function)
    answer = hints.pop("return")
    call = inspect.signature(function)
    parameters = [p for p in call.parameters.values() if p.name != "self"]
    fields: list[Any] = [
        (p.name, hints[p.name])
        if p.default is inspect.Parameter.empty
        else (p.name, hints[p.name], p.default)
        for p in parameters
    ]
    arguments = msgspec.defstruct(f"{name}_arguments", fields, kw_only=True, forbid_unknown_fields=True)
    return Signature(
        name=name,
        call=call.replace(parameters=parameters),
        arguments=arguments,
        answer=answer,
    )
