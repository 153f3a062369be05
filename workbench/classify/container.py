"""Arrays and a JSON header in one blob (safetensors): nothing in it can run code.

Layout of safetensors: 8 bytes little-endian header length, JSON header, raw arrays. Our own header is one
metadata entry, because several entries would be written in no fixed order.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.errors import ModelError
from workbench.primitives import hex_digest

Value = str | int | float | bool | None | list[str] | dict[str, str]
FORMAT_VERSION = 1
_ENTRY = "workbench"


def pack(kind: str, header: Mapping[str, Value], arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    """Bytes that ``unpack`` reads; equal input gives equal bytes."""
    from safetensors.numpy import save  # noqa: PLC0415 - heavy

    tensors = {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}
    own = {
        "kind": kind,
        "format": FORMAT_VERSION,
        "digest": _digest(tensors),
        "header": dict(header),
    }
    return bytes(save(tensors, metadata={_ENTRY: json.dumps(own, sort_keys=True)}))


def unpack(
    kind: str, raw: bytes, *, expected: Mapping[str, Value] | None = None
) -> tuple[dict[str, Value], dict[str, npt.NDArray[np.generic]]]:
    """Header and arrays of bytes written by ``pack`` for the same ``kind``.

    Raises
    ------
    ModelError
        Not safetensors, another kind or format version, damaged arrays, or a header value that differs from
        ``expected``.
    """
    from safetensors import SafetensorError  # noqa: PLC0415 - heavy
    from safetensors.numpy import load  # noqa: PLC0415 - heavy

    try:
        (length,) = struct.unpack("<Q", raw[:8])
        own = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"][_ENTRY])
        tensors: dict[str, npt.NDArray[np.generic]] = load(raw)
        found, version = own["kind"], own["format"]
        header: dict[str, Value] = dict(own["header"])
        digest = own["digest"]
    except (
        SafetensorError,
        struct.error,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        MemoryError,
    ) as error:
        raise ModelError(
            f"these {len(raw)} bytes are not a stored {kind}.",
            next_step="Train again, or choose another model version.",
            details={"kind": kind, "n_bytes": len(raw)},
        ) from error
    wanted: dict[str, Value] = {"kind": kind, "format": FORMAT_VERSION, "digest": _digest(tensors)}
    actual: dict[str, Value] = {"kind": found, "format": version, "digest": digest}
    for name, value in (expected or {}).items():
        wanted[name], actual[name] = value, header.get(name)
    for name, value in wanted.items():
        if actual[name] != value:
            raise ModelError(
                f"a stored {kind} has {name} {actual[name]!r}, expected {value!r}.",
                next_step="Train again, or choose another model version.",
                details={"field": name, "found": str(actual[name]), "expected": str(value)},
            )
    return header, tensors


def _digest(tensors: Mapping[str, npt.NDArray[np.generic]]) -> str:
    parts: list[str | bytes] = []
    for name in sorted(tensors):
        array = tensors[name]
        parts += [name, str(array.dtype), str(array.shape), array.tobytes()]
    return hex_digest(*parts)
