"""The audit log in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.domain import AuditCheck, AuditEvent, AuditQuery, Operations

if TYPE_CHECKING:
    import polars as pl

_PAGE = 1_000


class Auditing:
    """What ``Workspace`` offers to look at who did what."""

    operations: Operations

    def audit(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        actors: tuple[str, ...] = (),
        types: tuple[str, ...] = (),
        projects: tuple[str, ...] = (),
        object: str = "",  # noqa: A002 - the name of the column
        n_most: int = 10_000,
    ) -> pl.DataFrame:
        """Events of the audit log, newest first, at most ``n_most``.

        Parameters
        ----------
        since, until
            Aware bounds; ``since`` inclusive, ``until`` exclusive.
        object
            A part of the name of what it was done to, capitals or not.
        """
        import polars as pl  # noqa: PLC0415

        query = AuditQuery(
            since=since, until=until, actors=actors, types=types, projects=projects, object=object
        )
        columns = AuditEvent.__dataclass_fields__
        rows = [tuple(getattr(one, name) for name in columns) for one in self.audit_pages(query, n_most)]
        schema = {name: pl.String() for name in columns}
        return pl.DataFrame(
            rows, schema=schema | {"seq": pl.Int64(), "at": pl.Datetime("us", "UTC")}, orient="row"
        )

    def audit_pages(self, query: AuditQuery, n_most: int) -> Iterator[AuditEvent]:
        """Events that fit, newest first, page after page; ``limit`` of the query does not count."""
        asked, continuation, left = replace(query, limit=min(_PAGE, n_most)), "", n_most
        while left > 0:
            page = self.operations.audit_events(asked, continuation)
            yield from page.events[:left]
            left -= len(page.events)
            continuation = page.continuation
            if not continuation:
                return

    def verify_audit(self, head: str = "") -> AuditCheck:
        """Check the chain of hashes, its end against the head beside the file, and against ``head``."""
        return self.operations.verify_audit(head)
