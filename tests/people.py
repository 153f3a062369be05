"""People with accounts, for tests: passwords, a clock that is turned by hand, callers as the owner makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workbench.workspace.context import Caller, Workspace
from workbench.workspace.people.recognising import Recogniser

PASSWORD = "correct horse battery"
OTHER = "stapled lamp under oak"


@dataclass
class Time:
    """A clock that is turned by hand."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def caller_of(workspace: Workspace, recogniser: Recogniser, secret: str) -> Caller:
    """The caller behind a secret."""
    found = recogniser.recognise(secret)
    return Caller(
        workspace=workspace, actor=found.name, grants=found.grants, credential_id=found.credential_id
    )
