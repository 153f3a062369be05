"""Words and their places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.language import phrase_ranges, tokens
from workbench.language.tokens import WORD, token_spans


def test_tokens_are_lower_case_words_with_joined_parts() -> None:
    assert tokens("Where’s my E-Mail, Zoë? 42!") == ["where's", "my", "e-mail", "zoë", "42"]


def test_tokens_of_nothing() -> None:
    assert tokens("  \n ?!") == []


def test_ranges_cover_longest_phrase_first() -> None:
    text = "The Exchange  rate; exchange it"
    found = phrase_ranges(text, ["exchange", "exchange rate"])
    assert [text[a:b] for a, b in found] == ["Exchange  rate", "exchange"]


def test_ranges_merge_overlaps() -> None:
    assert phrase_ranges("wrong exchange rate", ["wrong exchange", "exchange rate"]) == [(0, 19)]


def test_ranges_survive_characters_that_change_length_in_lower_case() -> None:
    text = "İİİ wrong fee"
    ((start, end),) = phrase_ranges(text, ["wrong fee"])
    assert text[start:end] == "wrong fee"


def test_no_phrases_no_ranges() -> None:
    assert phrase_ranges("anything", []) == []
    assert phrase_ranges("anything", ["?"]) == []


@given(st.text(max_size=80), st.lists(st.text(max_size=12), max_size=4))
def test_ranges_are_ascending_disjoint_and_inside(text: str, wanted: list[str]) -> None:
    found = phrase_ranges(text, wanted)
    edges = [edge for pair in found for edge in pair]
    assert edges == sorted(edges)
    assert all(0 <= a < b <= len(text) for a, b in found)


@given(st.text(st.characters() | st.sampled_from("aé1-' ’のカ荷"), max_size=40))
def test_the_fast_way_finds_the_same_words(text: str) -> None:
    plain = text.lower().replace("’", "'")
    assert tokens(text) == WORD.findall(plain)
    assert tokens(plain) == [word for word, _, _ in token_spans(plain)]
