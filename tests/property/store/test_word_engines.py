"""Python, SQL and the index agree on every text and every search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.domain import occurs, parse_text
from workbench.domain.tokens import fold, words
from workbench.store.search.engine import Engine, spaced
from workbench.store.search.matching import folded, text_condition

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Characters that this Python does not know yet may be letters to the others.
known = st.characters(exclude_categories=["Cs", "Cn"])
tricky = st.sampled_from(
    "aAb Kſ İıßẞσςΣÄä\u0308é\n\t.,-_'’\"*かが\u3099返金한\u1112\u1161\u11abกั١٢Ⅷ²ﬀ%\u00a0\u0000"
)
texts = st.text(tricky | known, max_size=16)
pieces = st.sampled_from(["a", "ab", "Ä", "返金", "が", "σ", "late", "kſ", "1"])
searches = st.one_of(
    texts,
    st.lists(
        st.tuples(st.sampled_from(["", "", "-", '"']), pieces, st.sampled_from(["", "*", '"'])), max_size=3
    ).map(lambda parts: " ".join(map("".join, parts))),
)
stored = texts | st.lists(pieces | st.sampled_from([" ", "-", "x", "\u0308"]), max_size=8).map("".join)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@given(texts)
def test_the_index_parts_words_as_python_does(text: str) -> None:
    assert spaced(text).split() == words(text)


@CALM
@given(text=texts)
def test_sql_folds_as_python_does(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    (found,) = connection.execute(f"SELECT {folded('body')} FROM (SELECT $1 AS body) m", [text]).fetchone()
    assert found == fold(text.replace("\0", " "))


@CALM
@example(asked="Ô", messages=[("", "\x00Ô")])
@given(asked=searches, messages=st.lists(st.tuples(stored, stored), min_size=1, max_size=4))
def test_all_find_the_same(
    connection: duckdb.DuckDBPyConnection, asked: str, messages: list[tuple[str, str]]
) -> None:
    query = parse_text(asked)
    expected = [place for place, message in enumerate(messages) if occurs(query, message)]

    values: dict[str, Any] = {}

    def bind(value: object) -> str:
        values[f"v{len(values)}"] = value
        return f"$v{len(values) - 1}"

    condition = " AND ".join(text_condition(query, bind)) or "TRUE"
    sql = f"SELECT {condition} FROM (SELECT $subject AS subject, $body AS body) m"
    by_sql = [
        place
        for place, (subject, body) in enumerate(messages)
        if connection.execute(sql, values | {"subject": subject, "body": body}).fetchone() == (True,)
    ]
    assert by_sql == expected

    engine = Engine(None)
    engine.write(removed=(), added=[(i, "s", 0, subject, body) for i, (subject, body) in enumerate(messages)])
    compiled = engine.compiled(query, ["s"])
    assert sorted(engine.found(compiled, 9).seqs.tolist()) == expected
    assert engine.count(compiled) == len(expected)
    assert engine.count(engine.compiled(query, ["other"])) == 0
