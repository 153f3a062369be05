"""Sequence ids: read back by the stream that gave them, and by no other."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import StreamId, read_sequence_id, sequence_id
from workbench.errors import InputError

ONE, OTHER = StreamId("1" * 16), StreamId("2" * 16)


@given(seq=st.integers(0, 2**62), resets=st.integers(0, 2**32 - 1))
def test_an_id_comes_back_as_the_number_it_was_made_of(seq: int, resets: int) -> None:
    text = sequence_id(ONE, resets, seq)
    assert read_sequence_id(text, ONE, resets) == seq
    assert len(text) == 32 and text.isascii()
    with pytest.raises(InputError, match="is no sequence id of this stream"):
        read_sequence_id(text, OTHER, resets)


def test_an_id_from_before_a_reset_is_refused_by_name() -> None:
    text = sequence_id(ONE, 1, 7)
    with pytest.raises(InputError, match="is from before the stream was reset") as told:
        read_sequence_id(text, ONE, 2)
    assert told.value.next_step == "Fetch again: what the reset brought back comes first."


@given(
    st.text(max_size=300)
    | st.binary(min_size=24, max_size=24).map(lambda raw: base64.b64encode(raw).decode())
)
def test_anything_else_is_refused_and_never_shown_in_full(text: str) -> None:
    with pytest.raises(InputError, match="is no sequence id of this stream") as told:
        read_sequence_id(text, ONE, 0)
    assert told.value.details == {"sequence_id": text[:100]}


def test_a_changed_number_is_noticed() -> None:
    raw = bytearray(base64.urlsafe_b64decode(sequence_id(ONE, 0, 7)))
    raw[19] += 1
    with pytest.raises(InputError, match="is no sequence id"):
        read_sequence_id(base64.urlsafe_b64encode(bytes(raw)).decode(), ONE, 0)
    with pytest.raises(InputError, match="is no sequence id"):
        read_sequence_id(sequence_id(ONE, 0, 7) + "\n", ONE, 0)
