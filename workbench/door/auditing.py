"""The audit log in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.domain import EVENT_TYPES, AuditCheck, AuditEvent, AuditQuery, Operations
from workbench.errors import UnknownNameError

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
        actors: str | Sequence[str] = (),
        types: str | Sequence[str] = (),
        projects: str | Sequence[str] = (),
        object: str = "",  # noqa: A002 - the name of the column
        n_most: int = 10_000,
    ) -> pl.DataFrame:
        """Events of the audit log, newest first, at most ``n_most``.

        Parameters
        ----------
        since, until
            Aware bounds; ``since`` inclusive, ``until`` exclusive.
        actors, types, projects
            One or several; none = any.
        object
            A part of the name of what it was done to, capitals or not.

        Raises
        ------
        UnknownNameError
            There is no such type of event.
        """
        import polars as pl  # noqa: PLC0415

        query = AuditQuery(
            since=since,
            until=until,
            actors=_several(actors),
            types=_several(types),
            projects=_several(projects),
            object=object,
        )
        columns = AuditEvent.__dataclass_fields__
        rows = [tuple(getattr(one, name) for name in columns) for one in self.audit_pages(query, n_most)]
        schema = {name: pl.String() for name in columns}
        return pl.DataFrame(
            rows, schema=schema | {"seq": pl.Int64(), "at": pl.Datetime("us", "UTC")}, orient="row"
        )

    def audit_pages(self, query: AuditQuery, n_most: int) -> Iterator[AuditEvent]:
        """Events that fit, newest first, page after page; ``limit`` of the query does not count.

        ``UnknownNameError`` for a type that there is not: nothing found would read as if nothing had happened.
        """
        for one in query.types:
            older = AuditQuery(types=(one,), limit=1)  # a type that only an older version wrote
            if one not in EVENT_TYPES and not self.operations.audit_events(older).events:
                raise UnknownNameError("type of audit event", one, EVENT_TYPES)
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


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
