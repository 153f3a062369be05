"""Candidate phrases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.language import phrases, tokens

TEXTS = [
    "I want a new card, please: the change of address did not work",
    "Change of address was not accepted",
    "not accepted: wrong exchange rate",
    "The wrong exchange rate!",
    "",
]


def by_hand(texts: list[str], phrase: str) -> list[int]:
    return [int(f" {' '.join(tokens(phrase))} " in f" {' '.join(tokens(text))} ") for text in texts]


def test_incidence_marks_the_texts_that_contain_the_phrase() -> None:
    table = phrases(TEXTS, min_count=1)
    dense = table.incidence.toarray()
    assert dense.shape == (len(TEXTS), len(table.phrases))
    for column, phrase in enumerate(table.phrases):
        assert dense[:, column].tolist() == by_hand(TEXTS, phrase), phrase


def test_edges_are_never_stop_words_but_the_middle_may_be() -> None:
    found = set(phrases(TEXTS, min_count=1).phrases)
    assert {"change of address", "exchange rate", "not accepted", "new card"} <= found
    assert not {"of address", "want", "a new card", "the wrong", "change of"} & found


def test_negation_begins_but_neither_ends_nor_stands_alone() -> None:
    found = phrases(TEXTS, min_count=1).phrases
    assert "not accepted" in found
    assert not [phrase for phrase in found if phrase.split()[-1] == "not"]


def test_rare_phrases_are_left_out() -> None:
    assert set(phrases(TEXTS, min_count=2).phrases) == {
        "accepted",
        "address",
        "change",
        "change of address",
        "exchange",
        "exchange rate",
        "not accepted",
        "rate",
        "wrong",
        "wrong exchange",
        "wrong exchange rate",
    }


def test_repeats_in_one_text_count_once() -> None:
    table = phrases(["late late parcel", "late late parcel"], min_count=2)
    assert table.incidence.max() == 1
    assert phrases(["parcel parcel parcel"], min_count=2).phrases == ()


def test_phrases_do_not_cross_texts() -> None:
    assert "parcel refund" not in phrases(["late parcel", "refund due"], min_count=1).phrases


def test_words_of_other_scripts() -> None:
    assert "доставка" in phrases(["доставка", "доставка"]).phrases


@pytest.mark.parametrize("texts", [[], [""], ["?!"], ["12 34"]])
def test_nothing_to_find(texts: list[str]) -> None:
    table = phrases(texts, min_count=1)
    assert table.phrases == ()
    assert table.incidence.shape == (len(texts), 0)


@pytest.mark.parametrize("n_max", [1, 2])
def test_length_limit(n_max: int) -> None:
    assert max(len(p.split()) for p in phrases(TEXTS, n_max, min_count=1).phrases) == n_max


def test_other_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="n_max 4"):
        phrases(TEXTS, 4)


@given(st.lists(st.text(alphabet="ab not\0-'Z9é", max_size=30), max_size=6))
def test_any_text_agrees_with_a_count_by_hand(texts: list[str]) -> None:
    table = phrases(texts, min_count=1)
    assert len(set(table.phrases)) == len(table.phrases)
    for column, phrase in enumerate(table.phrases):
        in_text = np.asarray(table.incidence[:, [column]].todense()).ravel()
        assert in_text.tolist() == by_hand(texts, phrase)


def test_numbers_of_orders_and_days_name_nothing() -> None:
    found = phrases(["parcel bp952639856ng late on wednesday", "parcel bp952639856ng late, wednesday"])
    assert set(found.phrases) == {"parcel", "late"}
