"""How long messages are kept: what is past that, by source, and what happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from workbench.domain.deleting import AnnotatedChoice
from workbench.domain.ids import JobId, SourceId, Uid

INCLUDED_DAYS = 730
"""Days of storage that a message's unit includes: two years."""
NOTICE_DAYS = 30
"""Days between a notice and the first run that may carry it out, unless a policy says otherwise."""

RetentionScope = Literal["workspace", "project", "source"]
RetentionAction = Literal["report", "archive", "delete"]
"""``report``: nothing is done. ``archive``: written to files, read back, then deleted. ``delete``: deleted."""
RetentionOutcome = Literal["", "nothing", "running", "done", "failed", "cancelled"]
"""What a policy that is carried out unattended did last. Empty: not tried yet. ``nothing``: nothing could be taken."""


@dataclass(frozen=True, kw_only=True)
class PastRetention:
    """Messages of one source that are stored longer than asked about.

    Attributes
    ----------
    source
        Its full name.
    n_messages, n_annotated
        Messages past it, and those of them that people annotated in any dataset.
    n_bytes
        Bytes of their subjects, texts and signatures, without attachments and vectors.
    oldest
        When the one that is stored longest was stored, UTC.
    """

    source_id: SourceId
    source: str
    n_messages: int
    n_annotated: int
    n_bytes: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True)
class RetentionReport:
    """What is past a number of days of storage.

    Attributes
    ----------
    before
        Stored before this moment, UTC.
    sources
        Sources that hold such messages, most messages first.
    """

    keep_days: int
    before: datetime
    sources: tuple[PastRetention, ...]

    @property
    def n_messages(self) -> int:
        """Messages of all sources."""
        return sum(one.n_messages for one in self.sources)


@dataclass(frozen=True, kw_only=True)
class RetentionTimer:
    """How it goes with a policy that is carried out unattended.

    Attributes
    ----------
    last_at
        When it was tried last, UTC; None = not yet.
    outcome
        What became of that.
    error
        Why it failed; empty when it did not.
    n_failures
        Failures in a row.
    next_at
        From when on it is tried next while the workspace is open, UTC; None = not before ``blocked`` is empty, or while
        it runs.
    blocked
        Why nothing is announced or taken now, the one who set it having lost the right, for instance; empty = nothing
        stands in the way.
    """

    last_at: datetime | None = None
    outcome: RetentionOutcome = ""
    error: str = ""
    n_failures: int = 0
    next_at: datetime | None = None
    blocked: str = ""


@dataclass(frozen=True, kw_only=True)
class RetentionPolicy:
    """What happens to messages that are stored for longer than ``keep_days``.

    Attributes
    ----------
    name
        The project, or the source by its full name; empty for the workspace.
    target
        The project, or the id of the source; empty for the workspace.
    notice_days
        Days between the notice and the first run that may carry it out, 0 = none.
    annotated
        Whether annotated messages stay (``keep``) or go as all others (``delete``).
    folder
        Where archives are written; empty where nothing is archived.
    timer
        How it goes where the policy is carried out unattended; None = it waits for somebody who starts a run.
    """

    scope: RetentionScope
    name: str = ""
    target: str = ""
    action: RetentionAction
    keep_days: int = INCLUDED_DAYS
    notice_days: int = NOTICE_DAYS
    annotated: AnnotatedChoice = "keep"
    folder: str = ""
    set_by: str
    set_at: datetime
    timer: RetentionTimer | None = None

    @property
    def unattended(self) -> bool:
        """Whether it is announced and carried out by itself, while the workspace is open."""
        return self.timer is not None


@dataclass(frozen=True, kw_only=True)
class RetentionNotice:
    """It was announced that messages of a source would go, and on which terms.

    Attributes
    ----------
    before
        Those stored before this moment, UTC; what is past the limit since then was not announced.
    n_messages
        How many they were then.
    """

    source_id: SourceId
    action: RetentionAction
    keep_days: int
    annotated: AnnotatedChoice
    before: datetime
    noticed_at: datetime
    noticed_by: str
    n_messages: int


@dataclass(frozen=True, kw_only=True)
class PlannedRetention:
    """What a run takes of a source, now or once its notice is old enough.

    Attributes
    ----------
    before
        Messages stored before this moment, UTC.
    n_messages, n_bytes
        Those that go, and the bytes of their subjects, texts and signatures.
    n_kept
        Those past the limit that stay because people annotated them.
    oldest
        When the oldest of those that go was stored; None = nothing goes.
    first_uids
        The first of those that go, in order of arrival, at most ten.
    noticed_at
        When it was announced; None = not yet.
    possible_at
        From when on a run may take it; None = not before it is announced.
    is_due
        Whether a run now takes it.
    """

    source_id: SourceId
    source: str
    policy: RetentionPolicy
    before: datetime
    n_messages: int
    n_kept: int
    n_bytes: int
    oldest: datetime | None
    first_uids: tuple[Uid, ...] = ()
    noticed_at: datetime | None = None
    possible_at: datetime | None = None
    is_due: bool = False


@dataclass(frozen=True, kw_only=True)
class RetentionPreview:
    """What would happen, by source; sources without a policy are left out.

    Attributes
    ----------
    at
        The moment that it is true of, UTC.
    """

    at: datetime
    sources: tuple[PlannedRetention, ...]

    @property
    def n_due(self) -> int:
        """Messages that a run now takes."""
        return sum(one.n_messages for one in self.sources if one.is_due)


class RetentionOperations(Protocol):
    """How long messages are kept. Nothing is taken that was not announced.

    It is taken by ``start_retention``, or by the workspace itself where a policy was set ``unattended``.
    """

    def retention_report(self, keep_days: int = INCLUDED_DAYS) -> RetentionReport:
        """Messages stored for more than ``keep_days`` days, by source; changes nothing.

        ``InputError`` for less than one day.
        """
        ...

    def retention_policies(self) -> tuple[RetentionPolicy, ...]:
        """Every policy: of the workspace, of projects, of sources. For a source the nearest counts."""
        ...

    def set_retention(
        self,
        scope: RetentionScope,
        name: str,
        action: RetentionAction,
        keep_days: int = INCLUDED_DAYS,
        notice_days: int = NOTICE_DAYS,
        annotated: AnnotatedChoice = "keep",
        folder: str = "",
        unattended: bool = False,  # noqa: FBT001, FBT002
    ) -> RetentionPolicy:
        """Say what happens to messages of the workspace, a project or a source that are stored for longer.

        What was announced on other terms counts no more. An ``unattended`` policy is announced and carried out once in
        each ``retention_interval_s``, first one such time from now, in the caller's name and with the rights that the
        caller then has.

        Parameters
        ----------
        name
            The project, or the source by full name or id; empty for the workspace.
        folder
            Where archives go, beside the workspace file unless it is absolute; only to archive.

        Raises
        ------
        UnknownNameError
            There is no such project or source.
        InputError
            Days out of range, no folder to archive into, or an unattended policy that only reports.
        """
        ...

    def remove_retention(self, scope: RetentionScope, name: str = "") -> RetentionPolicy:
        """Take a policy away; the next wider one counts. ``InputError`` when there is none."""
        ...

    def retention_preview(self, scope: RetentionScope = "workspace", name: str = "") -> RetentionPreview:
        """What a run takes of each source, and from when on; changes nothing."""
        ...

    def announce_retention(self, scope: RetentionScope = "workspace", name: str = "") -> RetentionPreview:
        """Write down what would go and was not announced yet; from then on the days of notice count."""
        ...

    def start_retention(self, scope: RetentionScope = "workspace", name: str = "") -> JobId:
        """Archive or delete what was announced long enough ago; a job. What is new past the limit is announced.

        Raises
        ------
        InputError
            There is no policy, or nothing was announced long enough ago; the text says from when on.
        """
        ...
