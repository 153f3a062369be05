"""How long messages are kept, in a notebook."""

from __future__ import annotations

from workbench.domain import (
    INCLUDED_DAYS,
    NOTICE_DAYS,
    AnnotatedChoice,
    Operations,
    RetentionAction,
    RetentionPolicy,
    RetentionPreview,
    RetentionReport,
    RetentionScope,
)
from workbench.door.jobs import Job
from workbench.errors import InputError


class Retaining:
    """What ``Workspace`` offers about messages that are stored for long.

    Each verb is about the workspace, or about one ``project`` or one ``source``.
    """

    operations: Operations

    def retention_report(self, *, keep_days: int = INCLUDED_DAYS) -> RetentionReport:
        """Messages stored for more than ``keep_days`` days, by source; changes nothing."""
        return self.operations.retention_report(keep_days)

    def retention_policies(self) -> tuple[RetentionPolicy, ...]:
        """Every policy; for a source the nearest counts."""
        return self.operations.retention_policies()

    def set_retention(
        self,
        action: RetentionAction,
        *,
        project: str = "",
        source: str = "",
        keep_days: int = INCLUDED_DAYS,
        notice_days: int = NOTICE_DAYS,
        annotated: AnnotatedChoice = "keep",
        folder: str = "",
        unattended: bool = False,
    ) -> RetentionPolicy:
        """Say what happens to messages that are stored for longer: ``report``, ``archive`` or ``delete``.

        Parameters
        ----------
        notice_days
            Days between the notice and the first run that carries it out.
        annotated
            Whether annotated messages stay or go as all others.
        folder
            Where archives go, beside the workspace file unless it is absolute.
        unattended
            Whether it is announced and carried out once a day by itself, in your name, while the workspace is open;
            ``timer`` of the policy says how it goes.
        """
        scope, name = _scope(project, source)
        return self.operations.set_retention(
            scope, name, action, keep_days, notice_days, annotated, folder, unattended
        )

    def remove_retention(self, *, project: str = "", source: str = "") -> RetentionPolicy:
        """Take a policy away; the next wider one counts."""
        return self.operations.remove_retention(*_scope(project, source))

    def retention_preview(self, *, project: str = "", source: str = "") -> RetentionPreview:
        """What a run takes of each source, and from when on; changes nothing."""
        return self.operations.retention_preview(*_scope(project, source))

    def announce_retention(self, *, project: str = "", source: str = "") -> RetentionPreview:
        """Write down what would go; from then on the days of notice count."""
        return self.operations.announce_retention(*_scope(project, source))

    def run_retention(self, *, project: str = "", source: str = "") -> Job:
        """Archive or delete what was announced long enough ago; ``wait`` on the job for the counts."""
        return Job(self.operations, self.operations.start_retention(*_scope(project, source)))


def _scope(project: str, source: str) -> tuple[RetentionScope, str]:
    if project and source:
        raise InputError(
            f"retention is of project {project[:200]!r} or of source {source[:200]!r}, not of both.",
            next_step="Give one of them; give none for the workspace.",
        )
    if source:
        return "source", source
    return ("project", project) if project else ("workspace", "")
