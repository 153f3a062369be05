"""Mails gathered into pages of bounded size."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from workbench.connect.protocol import FetchLimits, Page
from workbench.domain.mail import FolderState, RawMail


@dataclass
class Collector:
    """What the next page will hold; ``page`` hands it out and begins anew."""

    limits: FetchLimits
    n_skipped: int = 0
    n_gone: int = 0
    _mails: list[RawMail] = field(default_factory=list)
    _problems: list[str] = field(default_factory=list)
    _n_bytes: int = 0
    _newest: datetime | None = None

    def is_full(self, mail: RawMail) -> bool:
        """Whether the mail must go to the next page."""
        too_long = self._n_bytes + len(mail.content) > self.limits.page_bytes
        return bool(self._mails) and (too_long or len(self._mails) >= self.limits.page_size)

    def add(self, mail: RawMail) -> None:
        """Take a mail in."""
        self._mails.append(mail)
        self._n_bytes += len(mail.content)

    def leave_out(self, name: str) -> None:
        """Note a mail that is too long."""
        self._problems.append(f"mail {name[:80]!r} is longer than {self.limits.mail_bytes} bytes: left out")

    def note(self, problem: str) -> None:
        """Note what else could not be read."""
        self._problems.append(problem)

    def page(self, state: FolderState) -> Page:
        """The page so far, with the state that goes with it, brought up to its newest mail."""
        times = [mail.received_at for mail in self._mails] + [state.synced_until, self._newest]
        self._newest = max((time for time in times if time is not None), default=None)
        page = Page(
            state=replace(state, synced_until=self._newest),
            mails=tuple(self._mails),
            n_skipped=self.n_skipped,
            n_gone=self.n_gone,
            problems=tuple(self._problems),
        )
        self.n_skipped = self.n_gone = self._n_bytes = 0
        self._mails, self._problems = [], []
        return page
