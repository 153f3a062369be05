"""What is hashed is what is read."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from workbench.embed import content_hash, message_text

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


def test_parts_are_joined_and_white_space_collapsed() -> None:
    assert message_text(" Lost\tparcel ", "It never\r\n\r\n came.\u00a0") == "Lost parcel\nIt never came."


def test_empty_parts_leave_no_trace() -> None:
    assert message_text("", "body") == "body"
    assert message_text("subject", " \n") == "subject"
    assert message_text("", "") == ""


def test_subject_and_body_stay_apart() -> None:
    assert content_hash("a b", "c") != content_hash("a", "b c")


def test_composition_does_not_change_the_hash() -> None:
    assert content_hash("", "caf\u00e9") == content_hash("", "cafe\u0301")


def test_length_is_bounded() -> None:
    assert len(message_text("s" * 10_000_000, "b" * 10_000_000)) == 8_000


def test_a_lone_surrogate_is_replaced() -> None:
    assert message_text("", "a\ud800b") == "a\ufffdb"


@given(ANY_TEXT, ANY_TEXT)
def test_text_is_stable_clean_and_encodable(subject: str, body: str) -> None:
    text = message_text(subject, body)
    text.encode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    head, _, tail = text.partition("\n")
    assert message_text(head, tail) == text


@given(ANY_TEXT, ANY_TEXT)
def test_hash_is_32_hex_digits(subject: str, body: str) -> None:
    digest = content_hash(subject, body)
    assert len(digest) == 32
    assert set(digest) <= set("0123456789abcdef")
