"""What an exception of a stream may say."""

from __future__ import annotations

import pytest

from workbench.domain import StreamException, Uid
from workbench.errors import LimitError

UID = Uid("a.m1")


@pytest.mark.parametrize(
    ("kind", "metadata", "told"),
    [
        ("", {}, "message 'a.m1' has an exception whose type has 0 characters"),
        (" \t", {}, "message 'a.m1' has an exception whose type has 0 characters"),
        ("x" * 257, {}, "whose type has 257 characters; 1 to 256 are allowed"),
        ("x", {str(i): "" for i in range(33)}, "with 33 entries of metadata; at most 32 are allowed"),
        ("x", {"name": "v" * 4_093}, "with 4,097 characters of metadata; at most 4,096 are allowed"),
    ],
    ids=["empty", "blank", "long", "many entries", "long metadata"],
)
def test_what_is_no_note_is_refused(kind: str, metadata: dict[str, str], told: str) -> None:
    with pytest.raises(LimitError, match=told):
        StreamException(uid=UID, type=kind, metadata=metadata)


def test_the_largest_note_is_taken() -> None:
    metadata = {str(i % 10) + chr(97 + i // 10): "" for i in range(31)} | {"n": "v" * (4_095 - 62)}
    assert StreamException(uid=UID, type="x" * 256, metadata=metadata).metadata == metadata
