"""How long messages are stored: policies, notices, and which messages they concern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from workbench.domain import (
    AnnotatedChoice,
    JobId,
    PastRetention,
    RetentionNotice,
    RetentionOutcome,
    RetentionPolicy,
    RetentionScope,
    SourceId,
)
from workbench.domain.ids import TokenId, UserId
from workbench.store.cursor import Cursor

_POLICY = ["scope", "target", "action", "keep_days", "notice_days", "annotated", "folder", "set_by", "set_at"]
_NOTICE = [
    "source_id",
    "action",
    "keep_days",
    "annotated",
    "before",
    "noticed_at",
    "noticed_by",
    "n_messages",
]
_NO_JOB = JobId("")


@dataclass(frozen=True, kw_only=True)
class TimerRow:
    """A policy that is carried out unattended, as it is written down.

    Attributes
    ----------
    user_id
        Who set it; empty = the person whose file it is.
    token_id
        The API token that it was set with; empty = none.
    tried_at
        None = not yet.
    job_id
        The run that was started last; empty = none.
    """

    scope: RetentionScope
    target: str
    user_id: UserId
    token_id: TokenId
    tried_at: datetime | None = None
    outcome: RetentionOutcome = ""
    job_id: JobId = _NO_JOB
    error: str = ""
    n_failures: int = 0


class Retention:
    """What is stored longer than it is to be kept, and what was said of that."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def past(self, until: datetime) -> tuple[PastRetention, ...]:
        """Messages stored before a moment, by source, most first."""
        names = PastRetention.__dataclass_fields__
        rows = self._cursor.rows("retention.past", until=until)
        return tuple(PastRetention(**dict(zip(names, row, strict=True))) for row in rows)

    # ---- policies and notices --------------------------------------------------------------------

    def policies(self) -> tuple[RetentionPolicy, ...]:
        """Every policy, the widest first; ``name`` is the target."""
        rows = [dict(zip(_POLICY, row, strict=True)) for row in self._cursor.rows("retention.policies")]
        return tuple(RetentionPolicy(name=row["target"], **row) for row in rows)

    def put_policy(self, policy: RetentionPolicy) -> None:
        """Write a policy down, in the place of an earlier one."""
        self.forget_policy(policy.scope, policy.target)
        self._cursor.execute(
            "retention.put_policy",
            scope=policy.scope,
            target=policy.target,
            action=policy.action,
            n_keep_days=policy.keep_days,
            n_notice_days=policy.notice_days,
            annotated=policy.annotated,
            folder=policy.folder,
            set_by=policy.set_by,
            set_at=policy.set_at,
        )

    def forget_policy(self, scope: str, target: str) -> None:
        """Take a policy away, and its timer with it."""
        self._cursor.execute("retention.forget_policy", scope=scope, target=target)
        self._cursor.execute("retention.forget_timer", scope=scope, target=target)

    def timers(self) -> tuple[TimerRow, ...]:
        """Of policies that are carried out unattended."""
        names = TimerRow.__dataclass_fields__
        rows = self._cursor.rows("retention.timers")
        return tuple(TimerRow(**dict(zip(names, row, strict=True))) for row in rows)

    def put_timer(self, timer: TimerRow) -> None:
        """Write down how it goes with a policy, in the place of what stood there."""
        self._cursor.execute("retention.forget_timer", scope=timer.scope, target=timer.target)
        self._cursor.execute("retention.put_timer", **asdict(timer))

    def notices(self) -> dict[SourceId, list[RetentionNotice]]:
        """Notices by source, oldest first."""
        found: dict[SourceId, list[RetentionNotice]] = {}
        for row in self._cursor.rows("retention.notices"):
            values: dict[str, Any] = dict(zip(_NOTICE, row, strict=True))
            found.setdefault(values["source_id"], []).append(RetentionNotice(**values))
        return found

    def add_notice(self, notice: RetentionNotice) -> None:
        """Write a notice down."""
        self._cursor.execute(
            "retention.add_notice",
            source_id=notice.source_id,
            action=notice.action,
            n_keep_days=notice.keep_days,
            annotated=notice.annotated,
            before_at=notice.before,
            noticed_at=notice.noticed_at,
            noticed_by=notice.noticed_by,
            n_messages=notice.n_messages,
        )

    def forget_source(self, source_id: SourceId) -> None:
        """Forget policy and notices of a source."""
        self.forget_policy("source", source_id)
        self._cursor.execute("retention.forget_notices", source_id=source_id)

    # ---- messages --------------------------------------------------------------------------------

    def count(
        self, source_id: SourceId, until: datetime, annotated: AnnotatedChoice
    ) -> tuple[int, int, int, datetime | None]:
        """How many messages go, how many annotated ones stay, bytes that go, since when the oldest is stored."""
        row = self._cursor.one("retention.count", source_id=source_id, until=until, annotated=annotated)
        n_messages, n_kept, n_bytes, oldest = row or (0, 0, 0, None)
        return n_messages, n_kept, n_bytes, oldest

    def first(
        self, source_id: SourceId, until: datetime, annotated: AnnotatedChoice, n_most: int
    ) -> list[tuple[str, str, int]]:
        """(uid, message id, bytes of files) of the messages that go first, in order of arrival."""
        return self._cursor.rows(
            "retention.first", source_id=source_id, until=until, annotated=annotated, n_most=n_most
        )

    # ---- what an archive holds -------------------------------------------------------------------

    def archived(self, uids: Sequence[str], *, with_files: bool) -> dict[str, pa.Table]:
        """Messages, labels and, when asked, files of messages, for an archive."""
        with self._cursor.staged(pa.table({"uid": pa.array(uids, pa.string())})):
            found = {
                "messages": self._cursor.table("retention.archived_messages"),
                "labels": self._cursor.table("retention.archived_labels"),
            }
            if with_files:
                found["files"] = self._cursor.table("retention.archived_files")
        return found

    def archived_mails(self, mails: pa.Table) -> pa.Table:
        """Raw mails (column ``mail_id``) as received."""
        with self._cursor.staged(mails.select(["mail_id"])):
            return self._cursor.table("retention.archived_mails")
