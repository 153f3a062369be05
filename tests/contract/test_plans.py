"""Plans and quotas by every way in: what may be left out, what is refused, as the same error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.contract.messages import batch
from workbench.domain import MessageFilter, Operations
from workbench.errors import EntitlementError


def test_a_plan_refuses_and_gives_by_every_way_in(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(2), "a", 2)
    dataset_id = operations.create_dataset("demo", "all", (source.source_id,)).dataset_id
    assert operations.plan_status().plan == "self-hosted"
    end = datetime(2099, 12, 31, tzinfo=UTC)
    assert operations.choose_plan("basic", "licence", end).ends_at == end
    with pytest.raises(EntitlementError, match="Plans that have it: Enterprise Trial, Enterprise") as caught:
        operations.count_messages(dataset_id, MessageFilter())
    assert caught.value.details["plans"] == ["Enterprise Trial", "Enterprise"]
    operations.choose_plan("enterprise")
    assert operations.count_messages(dataset_id, MessageFilter()) == 2
    asked = operations.request_entitlement("customer_managed_key", "policy")
    operations.answer_request(asked.request_id, True, "fine", end)
    assert operations.entitlement_requests()[0].granted_until == end
    assert [one.is_held for one in operations.plan_status().entitlements] == [True, True]
    assert len(operations.plans()) == 21


def test_a_quota_is_set_and_what_is_left_out_stays(operations: Operations) -> None:
    operations.set_quota("sources", 5, 9)
    assert operations.set_quota("sources", hard_limit=6).auto_increase_up_to == 9
    found = operations.set_quota("sources", auto_increase_up_to=None)
    assert (found.hard_limit, found.auto_increase_up_to) == (6, None)
    assert operations.set_quota("sources", None).hard_limit is None
