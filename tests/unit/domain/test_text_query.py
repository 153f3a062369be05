"""What people type into a search box, and where it is found."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import Term, TextQuery, occurs, parse_text, text_spans
from workbench.domain.tokens import fold, is_unspaced, word_spans, words
from workbench.errors import FilterError


def term(*asked: str, prefix: bool = False) -> Term:
    return Term(words=asked, prefix=prefix)


def query(*groups: tuple[Term, ...], without: tuple[Term, ...] = ()) -> TextQuery:
    return TextQuery(groups=groups, excluded=without)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", query()),
        ('  ""  " " % --', query()),
        ("Late parcel", query((term("late"),), (term("parcel"),))),
        ('"late  parcel" now', query((term("late", "parcel"),), (term("now"),))),
        ('open "quote', query((term("open"),), (term("quote"),))),
        ('a"b c"d', query((term("a"),), (term("b", "c"),), (term("d"),))),
        ("AB-17 it's", query((term("ab", "17"),), (term("it", "s"),))),
        ('-late -"my parcel"', query(without=(term("late"), term("my", "parcel")))),
        ("well-known a- -", query((term("well", "known"),), (term("a"),))),
        ("ref* AB-1*", query((term("ref", prefix=True),), (term("ab", "1", prefix=True),))),
        ('"late par*" "late par"*', query(*[(term("late", "par", prefix=True),)] * 2)),
        ("foo-* * 返*", query((term("foo"),), (term("返"),))),
        ("late OR lost OR gone now", query((term("late"), term("lost"), term("gone")), (term("now"),))),
        ("OR late OR", query((term("or"),), (term("late"),), (term("or"),))),
        ("a OR OR b", query((term("a"), term("or")), (term("b"),))),
        ("-a OR b", query((term("or"),), (term("b"),), without=(term("a"),))),
        ("late or lost", query((term("late"),), (term("or"),), (term("lost"),))),
        ("返金", query((term("返", "金"),))),
    ],
)
def test_reading_a_search(text: str, read: TextQuery) -> None:
    assert parse_text(text) == read
    assert bool(parse_text(text)) == (read != query())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("late", True),
        ("lat", False),
        ("lat*", True),
        ('"my parcel"', True),
        ('"parcel my"', False),
        ("subject late", True),
        ('"line late"', False),  # the subject's last word and the body's first are no neighbours
        ("late -parcel", False),
        ("late -chat", True),
        ("chat OR late", True),
        ("chat OR talk", False),
        ("ÄRGER", True),
        ("Arger", False),
        ("金は", True),
        ("は返", False),
        ("parcel*", True),
        ('"my par*"', True),
        ("οδοσ", True),
    ],
)
def test_what_is_found(text: str, found: bool) -> None:
    assert (
        occurs(parse_text(text), ("Subject line", "Late: my\nparcel, A\u0308rger! 返金は ΟΔΌΣ ΟΔΟΣ")) == found
    )


@pytest.mark.parametrize(
    ("text", "within", "found"),
    [
        ("late", "Late, LATE, later", ["Late", "LATE"]),
        ('"my parcel" parcel', "my  parcel, parcel", ["my  parcel", "parcel"]),
        ("ref*", "refund, no reference", ["refund", "reference"]),
        ("金", "返金", ["金"]),
        ("が", "か\u3099 x", ["か\u3099"]),
        ("ärger", "A\u0308rger", ["A\u0308rger"]),
        ("한", "\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
        ("-late", "late", []),
        ("", "late", []),
    ],
)
def test_where_it_stands(text: str, within: str, found: list[str]) -> None:
    assert [within[start:end] for start, end in text_spans(parse_text(text), within)] == found


texts = st.text(
    st.sampled_from("ab Aä\u0308ß返金か\u3099ς.-*\"'ORé") | st.characters(exclude_categories=["Cs"]),
    max_size=20,
)


@given(texts)
def test_spans_are_the_words(text: str) -> None:
    spans = list(word_spans(text))
    assert [word for word, _, _ in spans] == words(text)
    last = 0
    for word, start, end in spans:
        assert last <= start < end <= len(text)
        assert fold(text[start:end]) == word or is_unspaced(word)
        last = end if not is_unspaced(word) else last


@given(texts, texts)
def test_what_is_found_is_marked(asked: str, text: str) -> None:
    read = parse_text(asked)
    spans = text_spans(read, text)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    if read.groups and occurs(TextQuery(groups=read.groups), (text,)):
        assert spans


def test_a_search_has_an_end() -> None:
    from workbench.domain import MessageFilter

    with pytest.raises(FilterError, match="2,001 characters"):
        MessageFilter(text="x" * 2_001)
