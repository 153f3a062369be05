"""The policy of least expected cost."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.domain import ActionCosts
from workbench.errors import InputError
from workbench.evaluate import cheapest, cost_of, reaches, tally, weekly_draws


def expected_cost(costs, p, act_from, check_from):
    """Plain Python: what acting, checking and passing over cost on average."""
    total = 0.0
    for one in p.tolist():
        if one >= np.float32(act_from):
            total += (1 - one) * costs.wrong_action
        elif one >= np.float32(check_from):
            total += costs.manual_check
        else:
            total += one * costs.missed
    return total


def test_without_checks_the_two_mistakes_balance():
    policy = cheapest(ActionCosts(wrong_action=9, missed=1), np.zeros(0, dtype=np.float32), 7)
    assert (policy.act_from, policy.check_from, policy.price) == (0.9, 0.9, None)


def test_no_other_thresholds_are_cheaper():
    rng = np.random.default_rng(3)
    p = rng.beta(0.4, 1.2, 800).astype(np.float32)
    costs = ActionCosts(wrong_action=20, missed=8, manual_check=2)
    policy = cheapest(costs, p, 7)
    assert (policy.act_from, policy.check_from) == (0.9, 0.25)
    least = expected_cost(costs, p, policy.act_from, policy.check_from)
    for act in np.linspace(0.02, 1, 50):
        for check in np.linspace(0.01, act, 15):
            assert least <= expected_cost(costs, p, act, check) + 1e-9


def test_checks_that_cost_more_than_they_save_are_not_made():
    policy = cheapest(
        ActionCosts(wrong_action=4, missed=4, manual_check=2), np.full(9, 0.5, dtype=np.float32), 7
    )
    assert policy.act_from == policy.check_from == 0.5


@pytest.mark.parametrize("per_day", [0, 1, 3, 8])
def test_people_check_no_more_than_they_can_and_what_saves_most(per_day):
    rng = np.random.default_rng(5)
    p = rng.random(700).astype(np.float32)
    costs = ActionCosts(wrong_action=10, missed=10, manual_check=1, checks_per_day=per_day)
    policy = cheapest(costs, p, 7)
    between = reaches(p, policy.check_from) & ~reaches(p, policy.act_from)
    assert between.sum() <= per_day * 7
    assert between.sum() >= per_day * 7 - 2, "rounding may leave a message or two"
    if between.any():
        # Costs are alike on both sides, so what saves most is what is nearest to even odds.
        doubt = np.abs(p - 0.5)
        assert doubt[between].max() <= doubt[~between].min() + 2e-4
        assert policy.price > 1


def test_the_cost_of_a_week_is_that_of_its_messages():
    truth = np.array([1, 1, 0, 0, 1, 0], dtype=bool)
    scores = np.array([0.9, 0.9, 0.9, 0.5, 0.1, 0.1])
    costs = ActionCosts(wrong_action=6, missed=4, manual_check=1)
    week = weekly_draws([30], [10], tally(truth, scores, 0.8, 0.4))
    value, draws = cost_of(costs, week)
    # 30 acted on, a third wrong; 10 checked; a missed one for each four that reach 0.4.
    assert value == pytest.approx(6 * 10 + 1 * 10 + 4 * 10)
    assert draws.shape == week.wrong.shape and (draws > 0).all()


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        (ActionCosts(wrong_action=-1, missed=1), r"wrong_action is -1, .* Give numbers of 0 or more"),
        (ActionCosts(wrong_action=1, missed=float("nan")), "missed is nan"),
        (ActionCosts(wrong_action=1, missed=1, manual_check=float("inf")), "manual_check is inf"),
        (ActionCosts(wrong_action=1, missed=1, checks_per_day=-2), "checks_per_day is -2"),
        (
            ActionCosts(wrong_action=0, missed=0, manual_check=1),
            "every threshold is as good. Say what at least",
        ),
    ],
)
def test_costs_that_weigh_nothing_are_refused(costs, said):
    with pytest.raises(InputError, match=said):
        cheapest(costs, np.zeros(1, dtype=np.float32), 7)


def test_one_free_mistake_leaves_one_side_only():
    recent = np.zeros(1, dtype=np.float32)
    assert cheapest(ActionCosts(wrong_action=0, missed=1, manual_check=0.5), recent, 7).act_from == 0
    assert cheapest(ActionCosts(wrong_action=1, missed=0, manual_check=0.5), recent, 7).act_from == 1
