"""Results kept as JSON."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from workbench.errors import StoreError

Report = TypeVar("Report")


def encode_report(report: object) -> str:
    """A result as JSON.

    Raises
    ------
    StoreError
        It would not come back as it is: a number is not finite, say.
    """
    encoded = msgspec.json.encode(report)
    decode_report(encoded, type(report))
    return encoded.decode()


def decode_report(text: str | bytes, kind: type[Report]) -> Report:
    """The result that ``encode_report`` wrote.

    Raises
    ------
    StoreError
        The text does not describe one.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise StoreError(
            f"a {kind.__name__} cannot be kept or read: {error}.",
            next_step="Compute it again.",
            details={"kind": kind.__name__},
        ) from error
