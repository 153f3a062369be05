"""Values to bytes and back: MessagePack, with arrays as NPY and tables as Arrow IPC streams.

Decoding is by type: what does not have the declared type is refused, nothing is executed, nothing pickled.
"""

from __future__ import annotations

import io
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from workbench.errors import InputError


def encode(value: object) -> bytes:
    """Turn a value of the domain into bytes."""
    return _encoder.encode(value)


def decode(raw: bytes, kind: object) -> Any:
    """Turn bytes back into a value of type ``kind``.

    Raises
    ------
    InputError
        The bytes are not a value of that type; the text says where.
    """
    try:
        return msgspec.msgpack.decode(raw, type=kind, dec_hook=_from_builtin)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(
            f"a value does not fit: {error}.",
            next_step="Check the argument's type in the reference.",
            details={"problem": str(error)},
        ) from error


def _to_builtin(value: object) -> object:
    if isinstance(value, np.ndarray):
        buffer = io.BytesIO()
        np.save(buffer, value, allow_pickle=False)
        return buffer.getvalue()
    if isinstance(value, pa.Table):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, value.schema) as writer:
            writer.write_table(value)
        return sink.getvalue().to_pybytes()
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"{type(value).__name__} does not travel")


def _from_builtin(kind: type, value: object) -> object:
    if kind is np.ndarray and isinstance(value, bytes):
        return np.load(io.BytesIO(value), allow_pickle=False)
    if kind is pa.Table and isinstance(value, bytes):
        return _read_table(value)
    raise NotImplementedError(f"{kind!r} does not travel")


def _read_table(raw: bytes) -> pa.Table:
    try:
        return pa.ipc.open_stream(raw).read_all()
    except pa.ArrowInvalid as error:
        raise ValueError(f"not an Arrow stream ({error})") from error


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_builtin)
