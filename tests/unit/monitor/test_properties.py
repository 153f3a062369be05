"""Balance by property."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.domain import PropertyBalance
from workbench.errors import InputError
from workbench.monitor import ValueCounts, property_balance

TEAMS = {"North": 3_000, "South": 2_000, "West": 1_000}


def counted(reviewed: dict[str, int], everywhere: dict[str, int] = TEAMS) -> list[ValueCounts]:
    return [
        ValueCounts(value=value, n_messages=n, n_reviewed=reviewed.get(value, 0))
        for value, n in everywhere.items()
    ]


def weigh(
    counts: dict[str, list[ValueCounts]], n: int = 6_000, n_reviewed: int = 600
) -> list[PropertyBalance]:
    return list(property_balance(counts, n_messages=n, n_reviewed=n_reviewed, random_state=0))


def test_a_property_by_which_reviews_were_chosen_stands_out() -> None:
    fair = counted({"North": 303, "South": 196, "West": 101})
    skewed = counted({"North": 500, "South": 95, "West": 5})
    first, second = weigh({"string:Fair": fair, "string:Team": skewed})
    assert (first.name, second.name) == ("string:Team", "string:Fair")
    assert first.balance == pytest.approx((1 / 2 + 95 / 600 + 5 / 600) / 0.985, abs=0.02)
    assert first.p_adjusted == pytest.approx(2 / 1_000)
    assert second.balance > 0.98
    assert second.p_adjusted > 0.5
    north, south, west = first.values
    assert north.share_reviewed > north.high > north.share_all > north.low
    assert west.share_reviewed < west.low
    assert (south.n_messages, south.n_reviewed) == (2_000, 95)


def test_random_reviews_are_said_to_differ_no_more_often_than_stated() -> None:
    random = np.random.default_rng(0)
    sizes = list(TEAMS.values())
    told = 0
    for _ in range(200):
        drawn = random.multivariate_hypergeometric(sizes, 600)
        (one,) = weigh({"string:Team": counted(dict(zip(TEAMS, drawn.tolist(), strict=True)))})
        told += one.p_adjusted < 0.05
    # 3 standard deviations above 5 % of 200.
    assert told <= 19


def test_rare_values_stand_together_and_what_has_none_is_counted() -> None:
    many = {f"v{i}": 100 for i in range(20)} | {"a name": 3}
    (one,) = weigh({"string:Who": counted({"v1": 30, "a name": 1}, many)}, n=2_500, n_reviewed=50)
    names = [value.value for value in one.values]
    assert "a name" not in names
    assert len(names) == 14
    others, none = one.values[-2:]
    assert (others.value, others.n_messages, others.n_reviewed) == ("(others)", 803, 1)
    assert (none.value, none.n_messages, none.n_reviewed) == ("(no value)", 497, 19)
    assert sum(value.share_all for value in one.values) == pytest.approx(1)


def test_nothing_to_compare() -> None:
    assert weigh({"string:Same": counted({"A": 600}, {"A": 6_000})}) == []
    assert weigh({"string:Team": counted({})}, n_reviewed=0) == []


def test_more_values_than_messages_are_refused() -> None:
    with pytest.raises(InputError, match="the values of 'string:Team' are those of 6,000 messages") as caught:
        weigh({"string:Team": counted({})}, n=5_999)
    assert "at most one value" in caught.value.next_step
