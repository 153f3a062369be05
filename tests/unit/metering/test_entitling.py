"""What a plan gives at a moment, and how far a limit rises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import ChosenPlan, EntitlementRequest, Plan, QuotaRule
from workbench.metering import PLAN_END, having, in_force, is_expired, limit_of, room, status

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLANS = (
    Plan(edition="e", name="free", title="Free", entitlements={"communications_data": "no"}),
    Plan(
        edition="e",
        name="big",
        title="Big",
        entitlements={"communications_data": "yes", "customer_managed_key": "by_request"},
    ),
    Plan(edition="other", name="big", title="Other", entitlements={"customer_managed_key": "yes"}),
)
BIG = ChosenPlan(edition="e", name="big", since=NOW - DAY, chosen_by="ann")


def request(state: str = "open", *, plan: str = "big", until: datetime | None = None) -> EntitlementRequest:
    return EntitlementRequest(
        request_id=f"r-{state}",
        entitlement="customer_managed_key",
        edition="e",
        plan=plan,
        reason="policy",
        requested_by="ann",
        requested_at=NOW - DAY,
        state=state,  # type: ignore[arg-type]
        granted_until=until,
    )


def holds(chosen: ChosenPlan | None, *requests: EntitlementRequest, now: datetime = NOW) -> tuple[bool, bool]:
    communications, key = status(chosen, PLANS, requests, now).entitlements
    return communications.is_held, key.is_held


def test_without_a_plan_everything_is_held() -> None:
    found = status(None, PLANS, (), NOW)
    assert (found.plan, found.edition, holds(None)) == ("self-hosted", "", (True, True))


def test_a_plan_ends_at_its_end_and_not_a_moment_before() -> None:
    chosen = ChosenPlan(edition="e", name="big", since=NOW - DAY, chosen_by="ann", ends_at=NOW)
    assert in_force(chosen, NOW - timedelta(microseconds=1)) == chosen
    assert in_force(chosen, NOW + 9 * DAY) == ChosenPlan(
        edition="e", name="free", since=NOW, chosen_by=PLAN_END, before="big"
    )
    assert in_force(BIG, NOW + 99_999 * DAY) == BIG
    assert holds(chosen, request("granted"), now=NOW - DAY) == (True, True)
    assert holds(chosen, request("granted"), now=NOW) == (False, False)


@pytest.mark.parametrize(
    ("asked", "held", "newest"),
    [
        ((), False, None),
        ((request(),), False, "r-open"),
        ((request("refused"),), False, "r-refused"),
        ((request("granted"),), True, "r-granted"),
        ((request("granted", until=NOW + DAY),), True, "r-granted"),
        ((request("granted", until=NOW),), False, "r-granted"),
        ((request("granted", plan="free"),), False, None),
        ((request(), request("granted")), True, "r-granted"),
        ((request(), request("granted", until=NOW)), False, "r-open"),
    ],
)
def test_by_request_means_that_a_request_under_this_plan_is_granted_and_not_over(
    asked: tuple[EntitlementRequest, ...], held: bool, newest: str | None
) -> None:
    key = status(BIG, PLANS, asked, NOW).entitlements[1]
    found = key.request.request_id if key.request else None
    assert (key.answer, key.is_held, found) == ("by_request", held, newest)


def test_what_is_granted_ends_by_itself() -> None:
    assert is_expired(request("granted", until=NOW), NOW)
    assert not is_expired(request("granted", until=NOW + DAY), NOW)
    assert not is_expired(request("granted"), NOW)
    assert not is_expired(request("refused", until=NOW), NOW)


def test_which_plans_of_an_edition_have_it() -> None:
    assert having(PLANS, "e", "communications_data") == ("Big",)
    assert having(PLANS, "e", "customer_managed_key") == ("Big (by request)",)
    assert having(PLANS, "other", "customer_managed_key") == ("Other",)
    assert having(PLANS, "other", "communications_data") == ()


def test_what_an_administrator_set_wins_over_the_setting() -> None:
    assert limit_of(None, 0) is None
    assert limit_of(None, 7) == 7
    assert limit_of(QuotaRule(kind="k"), 7) == 7
    assert limit_of(QuotaRule(kind="k", hard_limit=3), 7) == 3
    assert limit_of(QuotaRule(kind="k", hard_limit=9), 7) == 9
    assert limit_of(QuotaRule(kind="k", hard_limit=0), 7) == 0


@given(
    found=st.integers(0, 10**12),
    hard_limit=st.none() | st.integers(0, 10**12),
    rise=st.none() | st.integers(0, 10**12),
    setting=st.integers(0, 10**12),
)
def test_room_is_within_the_limit_or_the_rise(
    found: int, hard_limit: int | None, rise: int | None, setting: int
) -> None:
    rule = QuotaRule(kind="k", hard_limit=hard_limit, auto_increase_up_to=rise)
    limit, answer = limit_of(rule, setting), room(found, rule, setting)
    assert answer.limit == limit
    assert answer.fits == (limit is None or found <= max(limit, rise or 0))
    if answer.raised_to is None:
        assert not answer.fits or limit is None or found <= limit
    else:
        assert limit is not None and rise is not None
        assert limit < found <= answer.raised_to <= rise


def test_a_limit_rises_in_steps_of_a_quarter() -> None:
    rule = QuotaRule(kind="k", hard_limit=100, auto_increase_up_to=130)
    assert room(101, rule, 0).raised_to == 125
    assert room(126, QuotaRule(kind="k", hard_limit=125, auto_increase_up_to=130), 0).raised_to == 130
    assert not room(131, rule, 0).fits
