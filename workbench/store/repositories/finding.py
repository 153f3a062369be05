"""Which messages pass a filter, page by page, without looking at more of them than the page needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter, MessageOrder, Uid, parse_text
from workbench.store.cursor import Cursor
from workbench.store.filters import Condition, Newest, compile_filter
from workbench.store.repositories.asking import (
    ORDERS,
    Asked,
    TimedOrder,
    behind_one,
    compiled_search,
    dataset_parameter,
    first_in_time,
    is_told_by_columns,
    is_told_in_one_pass,
    is_words_only,
    ordering_of,
    parted,
    staged_hits,
)
from workbench.store.repositories.kept import Reading
from workbench.store.search.engine import Engine, EngineError, Hits

SMALL = 50_000
"""Messages that are looked at all at once."""
_FIRST_LOOKS = (2_000, 32_000)
"""About how many of the first messages are looked at before all are."""
_ONE_IN = 64
"""One in so many messages tells when the others came."""
_MOST_HITS = 10_000
"""Hits of a search that are handed over all at once."""
_BY = {"recent": "at", "oldest": "-at", "relevance": "score"}


@dataclass(frozen=True, kw_only=True)
class FoundUids:
    """A page of uids; ``n_total`` is how many pass, or with ``is_exact`` False at least how many."""

    uids: tuple[Uid, ...]
    n_total: int
    is_exact: bool = True


class Finder:
    """Finds and counts the messages of a dataset."""

    def __init__(self, cursor: Cursor, reading: Reading | None = None) -> None:
        self._cursor = cursor
        self._reading = reading

    def count(self, dataset_id: DatasetId, where: MessageFilter) -> int:
        """How many messages pass."""
        known = self._known(dataset_id, where)
        if known is not None:
            return known
        asked = self._asked(dataset_id, where, "recent", 0, 1, 0)
        try:
            n = self._count(asked, self._engine(where))
        except EngineError:
            n = self._count(asked, None)
        if self._reading:
            self._reading.counts.put(self._reading.version, dataset_id, where, n)
        return n

    def page(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageOrder = "recent",
        offset: int = 0,
        limit: int = 20,
        seed: int = 0,
    ) -> FoundUids:
        """A page of what passes; how many pass in all is counted where that costs little."""
        asked = self._asked(dataset_id, where, order, offset, limit, seed)
        if not asked.source_ids:
            return FoundUids(uids=(), n_total=0)
        engine = self._engine(where)
        try:
            found = self._searched(asked, engine) if engine else self._scanned(asked)
        except EngineError:
            found = self._scanned(asked)
        if found.is_exact and self._reading:
            self._reading.counts.put(self._reading.version, dataset_id, where, found.n_total)
        elif not found.is_exact:
            known = self._known(dataset_id, where)
            if known is not None:
                return FoundUids(uids=found.uids, n_total=known)
        return found

    def following(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: TimedOrder,
        behind: tuple[datetime, int] | None,
        limit: int,
    ) -> list[tuple[Uid, datetime, int]]:
        """uid, timestamp and ``upload_seq`` of the next messages behind one with this timestamp and ``upload_seq``."""
        with self.condition(dataset_id, where) as condition:
            passing = behind_one(condition, order, behind)
            return [
                (Uid(uid), at, seq)
                for uid, at, seq in self._cursor.rows(
                    "search.following", where=passing, order=ORDERS[order], dataset_id=dataset_id, limit=limit
                )
            ]

    @contextmanager
    def condition(
        self, dataset_id: DatasetId, where: MessageFilter, *, near: bool = False
    ) -> Iterator[Condition]:
        """The filter as SQL, while what it needs beside the tables is there: the hits of an index.

        ``near`` is that of ``compile_filter``.
        """
        asked, engine = self._asked(dataset_id, where, "recent", 0, 1, 0), self._engine(where)
        hits = None
        if engine is not None and asked.source_ids:
            with suppress(EngineError):
                compiled = compiled_search(engine, asked)
                hits = engine.found(compiled, engine.count(compiled))
        if hits is None:
            yield compile_filter(where, newest=asked.newest, near=near)
            return
        with self._cursor.staged(staged_hits(hits), "hits"):
            yield compile_filter(where, searched=True, newest=asked.newest, near=near)

    def _engine(self, where: MessageFilter) -> Engine | None:
        if self._reading is None or where.text_in != "original" or not parse_text(where.text):
            return None
        return self._reading.index.engine(self._cursor, self._reading.messages)

    def _known(self, dataset_id: DatasetId, where: MessageFilter) -> int | None:
        return self._reading.counts.get(self._reading.version, dataset_id, where) if self._reading else None

    def _asked(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageOrder,
        offset: int,
        limit: int,
        seed: int,
    ) -> Asked:
        of_dataset = [row[0] for row in self._cursor.rows("search.sources", dataset_id=dataset_id)]
        source_ids = [one for one in of_dataset if one in where.sources] if where.sources else of_dataset
        query = parse_text(where.text)
        if order == "relevance" and not query.groups and not where.labels:
            order = "recent"
        return Asked(
            dataset_id=dataset_id,
            where=replace(where, sources=(), text=where.text if query else ""),
            order=order,
            offset=offset,
            limit=limit,
            seed=seed,
            source_ids=source_ids,
            newest=self._newest(dataset_id) if where.labels else None,
        )

    def _newest(self, dataset_id: DatasetId) -> Newest:
        row = self._cursor.one("model.newest", dataset_id=dataset_id)
        if row is None:
            return Newest()
        return Newest(version=row[0], positions={label_id: i for i, label_id in enumerate(row[1], 1)})

    # ---- with an index of words ------------------------------------------------------------------

    def _count(self, asked: Asked, engine: Engine | None) -> int:
        if not asked.source_ids:
            return 0
        if engine is None:
            return self._counted(asked)
        compiled = compiled_search(engine, asked)
        n_hits = engine.count(compiled)
        if is_words_only(asked.where) or n_hits == 0:
            return n_hits
        return self._counted(replace(asked, hits=staged_hits(engine.found(compiled, n_hits))))

    def _searched(self, asked: Asked, engine: Engine) -> FoundUids:
        compiled, by = compiled_search(engine, asked), _BY.get(asked.order, "seq")
        index_tells = is_words_only(asked.where) and by != "seq"
        hits = engine.found(compiled, asked.end if index_tells else _FIRST_LOOKS[0], by=by)
        if index_tells:
            seqs = hits.seqs if by == "score" else self._in_order(engine, asked, hits)
            return FoundUids(uids=self._uids(seqs[asked.offset : asked.end].tolist()), n_total=hits.n_total)
        if hits.n_total > _MOST_HITS and by != "seq":
            for n_looked in _FIRST_LOOKS:
                if n_looked > len(hits.seqs):
                    hits = engine.found(compiled, n_looked, by=by)
                rows = self._page_of_first(replace(asked, hits=staged_hits(hits)), parted(asked.where)[0])
                # What has the same time as the last one looked at may be missing: the page has to end before.
                if len(rows) > asked.limit and (by == "score" or rows[-1][1] != hits.keys[-1]):
                    return self._ended(asked, [row[0] for row in rows])
        if hits.n_total > len(hits.seqs):
            hits = engine.found(compiled, hits.n_total, by=by)
        return self._page_and_count(replace(asked, hits=staged_hits(hits)))

    def _in_order(self, engine: Engine, asked: Asked, hits: Hits) -> np.ndarray:
        """``upload_seq`` of the first hits; of equal times what arrived later comes first (or last)."""
        seqs, keys = hits.seqs, hits.keys
        if len(seqs) < hits.n_total and len(seqs):
            last = int(keys[-1])
            equal = engine.compiled(parse_text(asked.where.text), asked.source_ids, last, last + 1)
            tied = engine.found(equal, engine.count(equal)).seqs
            before = keys != last
            seqs = np.concatenate([seqs[before], tied])
            keys = np.concatenate([keys[before], np.full(len(tied), last)])
        sign = 1 if asked.order == "oldest" else -1
        return seqs[np.lexsort([sign * seqs, sign * keys])]

    def _uids(self, seqs: list[int]) -> tuple[Uid, ...]:
        if not seqs:
            return ()
        with self._cursor.staged(pa.table({"upload_seq": pa.array(seqs, pa.int64())})):
            known = dict(self._cursor.rows("search.uids", first=min(seqs), last=max(seqs)))
        return tuple(known[seq] for seq in seqs if seq in known)

    # ---- by the database -------------------------------------------------------------------------

    def _scanned(self, asked: Asked) -> FoundUids:
        if asked.where.text or asked.where.uids is not None:
            return self._page_and_count(asked)
        if is_told_by_columns(asked.where) or not self._is_large(asked):
            return FoundUids(uids=tuple(row[0] for row in self._page(asked)), n_total=self._counted(asked))
        if asked.order in ("recent", "oldest") and not is_told_in_one_pass(asked.where):
            found = self._looked_at_first(asked)
            if found is not None:
                return found
        return self._ended(asked, [row[0] for row in self._page(replace(asked, limit=asked.limit + 1))])

    def _ended(self, asked: Asked, uids: list[Uid]) -> FoundUids:
        """A page of which one more than asked for was looked for, to know whether it is the last."""
        page = tuple(uids[: asked.limit])
        if len(uids) > asked.limit:
            return FoundUids(uids=page, n_total=asked.end + 1, is_exact=False)
        is_past_the_end = not page and asked.offset > 0
        n_total = self._counted(asked) if is_past_the_end else asked.offset + len(page)
        return FoundUids(uids=page, n_total=n_total)

    def _is_large(self, asked: Asked) -> bool:
        return self.count(asked.dataset_id, MessageFilter()) > SMALL

    def _looked_at_first(self, asked: Asked) -> FoundUids | None:
        """Ask what costs much of the first messages only; None when those are not enough."""
        told, _ = parted(asked.where)
        times = self._times(asked, told)
        for n_looked in _FIRST_LOOKS:
            bounded = first_in_time(told, times, n_looked // _ONE_IN, asked.order)
            if bounded is None:
                return None
            rows = self._page_of_first(asked, bounded)
            if len(rows) > asked.limit:
                return self._ended(asked, [row[0] for row in rows])
        return None

    def _times(self, asked: Asked, told: MessageFilter) -> np.ndarray:
        """int64, (n,): microseconds, newest first, when one in so many of those that pass came."""
        reading = self._reading
        kept = reading.times.get(reading.version, asked.dataset_id, told) if reading else None
        if kept is not None:
            return kept
        found = self._cursor.table(
            "search.times", where=compile_filter(told), source_ids=asked.source_ids, one_in=_ONE_IN
        )
        times: np.ndarray = found.column("at").to_numpy()
        if reading:
            reading.times.put(reading.version, asked.dataset_id, told, times)
        return times

    def _page_of_first(self, asked: Asked, told: MessageFilter) -> list[tuple[Any, ...]]:
        """The page and one more, of those that pass ``told`` and are among the hits."""
        within = compile_filter(told, searched=asked.hits is not None, prefix="w")
        condition = compile_filter(parted(asked.where)[1], newest=asked.newest, of_first=True)
        ordering = ordering_of(asked)
        with self._with_hits(asked):
            return self._cursor.rows(
                "search.page_of_first",
                where=condition,
                within=within,
                order=ordering.sql,
                **ordering.parameters,
                offset=asked.offset,
                limit=asked.limit + 1,
                source_ids=asked.source_ids,
                **dataset_parameter(asked, condition.sql + ordering.sql),
            )

    def _page(self, asked: Asked) -> list[tuple[Any, ...]]:
        return self._rows("search.page", asked, paged=True)

    def _page_and_count(self, asked: Asked) -> FoundUids:
        rows = self._rows("search.page_and_count", asked, paged=True)
        n_total = rows[0][2] if rows else (0 if asked.offset == 0 else self._counted(asked))
        return FoundUids(uids=tuple(row[0] for row in rows), n_total=n_total)

    def _counted(self, asked: Asked) -> int:
        return int(self._rows("search.count", asked, paged=False)[0][0])

    def _rows(self, name: str, asked: Asked, *, paged: bool) -> list[tuple[Any, ...]]:
        condition = compile_filter(asked.where, searched=asked.hits is not None, newest=asked.newest)
        parameters: dict[str, Any] = {"source_ids": asked.source_ids}
        order = ""
        if paged:
            ordering = ordering_of(asked)
            order = ordering.sql
            parameters |= {**ordering.parameters, "offset": asked.offset, "limit": asked.limit}
        parameters |= dataset_parameter(asked, condition.sql + order)
        with self._with_hits(asked):
            return self._cursor.rows(name, where=condition, order=order or None, **parameters)

    def _with_hits(self, asked: Asked) -> AbstractContextManager[None]:
        return nullcontext() if asked.hits is None else self._cursor.staged(asked.hits, "hits")
