"""Policies of retention, by every way in: what is set is what is listed, and what may not be taken is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.messages import batch
from workbench.domain import Operations, RetentionTimer
from workbench.errors import InputError


def test_policies_and_what_they_would_take(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(2), "a", 2)
    made = operations.set_retention("source", "demo/mail", "delete", 1, 3, "delete", unattended=True)
    assert made.timer == RetentionTimer(next_at=made.set_at + timedelta(days=1))
    assert (made.name, made.target, made.set_by) == ("demo/mail", source.source_id, operations.whoami())
    wide = operations.set_retention("workspace", "", "report")
    assert (wide.keep_days, wide.notice_days, wide.annotated) == (730, 30, "keep")
    assert operations.retention_policies() == (wide, made)
    (planned,) = operations.retention_preview("project", "demo").sources
    assert (planned.policy, planned.n_messages, planned.oldest, planned.possible_at) == (made, 0, None, None)
    assert operations.announce_retention().n_due == 0
    with pytest.raises(InputError, match="source 'demo/mail' has nothing past its retention policy"):
        operations.start_retention("source", "demo/mail")
    assert operations.remove_retention("source", "demo/mail") == made
    with pytest.raises(InputError, match="the workspace has only a policy that reports; nothing is taken"):
        operations.start_retention()
