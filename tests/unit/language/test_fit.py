"""The share of messages an encoder does not know, and what a screen says of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.language import language_fit

ENGLISH = frozenset({"en"})
SIX = frozenset({"en", "de", "nl", "fr", "it", "es"})


def test_counts_and_share() -> None:
    fit = language_fit({"en": 60, "de": 20, "nl": 20, None: 100}, ENGLISH, encoder="small")
    assert (fit.n_messages, fit.n_undetected, fit.n_foreign) == (200, 100, 40)
    assert fit.foreign == (("de", 20), ("nl", 20))
    assert fit.share_foreign == pytest.approx(0.4)


def test_the_warning_says_how_many_which_and_what_to_do() -> None:
    fit = language_fit(
        {"en": 15_400, "de": 3_000, "nl": 1_200, "fr": 250, "pl": 100, "sv": 50, None: 12},
        ENGLISH,
        encoder="small",
        others={"large": SIX, "other": frozenset({"en", "de"}), "same": ENGLISH},
    )
    assert fit.warning == (
        "23 % of the messages (4,600 of 20,000) are in languages the encoder 'small' was not trained on: "
        "German (3,000), Dutch (1,200), French (250), 2 others (150). Expect poor clusters and predictions for them. "
        "The encoder 'large' knows all but 150; an encoder is chosen when a dataset is created."
    )


def test_one_other_language_and_an_encoder_that_knows_all() -> None:
    counts = {"de": 4, "nl": 3, "fr": 2, "it": 1}
    fit = language_fit(counts, ENGLISH, encoder="small", others={"large": SIX})
    assert "100 % of the messages (10 of 10)" in fit.warning
    assert "1 other (1)" in fit.warning
    assert "'large' knows them all" in fit.warning


def test_an_encoder_that_is_hardly_better_is_not_named() -> None:
    fit = language_fit({"de": 60, "nl": 40}, ENGLISH, encoder="small", others={"half": frozenset({"nl"})})
    assert fit.warning
    assert "'half'" not in fit.warning


@pytest.mark.parametrize(
    ("counts", "known"),
    [
        ({}, ENGLISH),
        ({None: 5}, ENGLISH),
        ({"en": 5}, ENGLISH),
        ({"de": 5}, None),
        ({"en": 1_000, "de": 9}, ENGLISH),
    ],
)
def test_nothing_to_warn_of(counts: dict[str | None, int], known: frozenset[str] | None) -> None:
    assert language_fit(counts, known, encoder="small").warning == ""


def test_a_part_is_never_called_nothing_or_all() -> None:
    assert language_fit({"en": 1, "de": 999}, ENGLISH, encoder="small").warning.startswith("99 % ")
    assert language_fit({"en": 989, "de": 11}, ENGLISH, encoder="small").warning.startswith("1 % ")


@given(st.dictionaries(st.sampled_from([None, "en", "de", "xx", "pt"]), st.integers(0, 1_000)))
def test_counts_add_up(counts: dict[str | None, int]) -> None:
    fit = language_fit(counts, ENGLISH, encoder="small")
    n_known = counts.get("en", 0)
    assert fit.n_messages == fit.n_undetected + fit.n_foreign + n_known
    assert 0 <= fit.share_foreign <= 1
    assert bool(fit.warning) == (fit.n_foreign > 0 and fit.share_foreign >= 0.01)
