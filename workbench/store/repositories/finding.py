"""Which messages pass a filter, page by page, without looking at more of them than the page needs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter, MessageOrder, Uid, parse_text
from workbench.store.cursor import EPOCH, Cursor
from workbench.store.filters import OLDEST, RECENT, Condition, compile_filter, relevance_order
from workbench.store.search.engine import Engine, EngineError, Hits
from workbench.store.search.index import SearchIndex

SMALL = 50_000
"""Messages that are looked at all at once."""
_FIRST_LOOKS = (2_000, 32_000)
"""How many of the first messages are looked at before all are."""
_MOST_HITS = 50_000
"""Hits of a search that are handed over all at once."""
_COUNTS_KEPT = 512
_BY = {"recent": "at", "oldest": "-at", "relevance": "score"}


@dataclass(frozen=True, kw_only=True)
class FoundUids:
    """A page of uids; ``n_total`` is how many pass, or with ``is_exact`` False at least how many."""

    uids: tuple[Uid, ...]
    n_total: int
    is_exact: bool = True


class Counts:
    """How many messages passed a filter, kept until something is written."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._kept: dict[tuple[DatasetId, MessageFilter], int] = {}
        self._lock = threading.Lock()

    def get(self, version: int | None, dataset_id: DatasetId, where: MessageFilter) -> int | None:
        """What was kept for this state of the store, None when nothing was."""
        if version is None or not _can_be_kept(where):
            return None
        with self._lock:
            return self._kept.get((dataset_id, where)) if version == self._version else None

    def put(self, version: int | None, dataset_id: DatasetId, where: MessageFilter, n: int) -> None:
        """Keep a number."""
        if version is None or not _can_be_kept(where):
            return
        with self._lock:
            if version != self._version or len(self._kept) >= _COUNTS_KEPT:
                self._version, self._kept = version, {}
            self._kept[dataset_id, where] = n


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a read session may use beside its snapshot.

    Attributes
    ----------
    version
        Number of the state it sees; None = a write ran meanwhile, so nothing may be kept under it.
    """

    version: int | None
    index: SearchIndex
    counts: Counts


@dataclass(frozen=True, kw_only=True)
class _Asked:
    dataset_id: DatasetId
    where: MessageFilter
    order: MessageOrder
    offset: int
    limit: int
    seed: int
    source_ids: list[str]
    hits: pa.Table | None = field(default=None)

    @property
    def end(self) -> int:
        return self.offset + self.limit


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

    def _engine(self, where: MessageFilter) -> Engine | None:
        if self._reading is None or not parse_text(where.text):
            return None
        return self._reading.index.engine(self._cursor, self._reading.version)

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
    ) -> _Asked:
        of_dataset = [row[0] for row in self._cursor.rows("search.sources", dataset_id=dataset_id)]
        source_ids = [one for one in of_dataset if one in where.sources] if where.sources else of_dataset
        query = parse_text(where.text)
        if order == "relevance" and not query.groups and not where.labels:
            order = "recent"
        return _Asked(
            dataset_id=dataset_id,
            where=replace(where, sources=(), text=where.text if query else ""),
            order=order,
            offset=offset,
            limit=limit,
            seed=seed,
            source_ids=source_ids,
        )

    # ---- with an index of words ------------------------------------------------------------------

    def _count(self, asked: _Asked, engine: Engine | None) -> int:
        if not asked.source_ids:
            return 0
        if engine is None:
            return self._counted(asked)
        compiled = _compiled(engine, asked)
        n_hits = engine.count(compiled)
        if _is_words_only(asked.where) or n_hits == 0:
            return n_hits
        return self._counted(replace(asked, hits=_staged(engine.found(compiled, n_hits))))

    def _searched(self, asked: _Asked, engine: Engine) -> FoundUids:
        compiled, by = _compiled(engine, asked), _BY.get(asked.order, "seq")
        is_words_only = _is_words_only(asked.where) and by != "seq"
        hits = engine.found(compiled, asked.end if is_words_only else _FIRST_LOOKS[0], by=by)
        if is_words_only:
            seqs = hits.seqs if by == "score" else self._in_order(engine, asked, hits)
            return FoundUids(uids=self._uids(seqs[asked.offset : asked.end].tolist()), n_total=hits.n_total)
        if hits.n_total > _MOST_HITS and by != "seq":
            for n_looked in _FIRST_LOOKS:
                if n_looked > len(hits.seqs):
                    hits = engine.found(compiled, n_looked, by=by)
                rows = self._page(replace(asked, hits=_staged(hits), limit=asked.limit + 1))
                # What has the same time as the last one looked at may be missing: the page has to end before.
                if len(rows) > asked.limit and (by == "score" or rows[-1][1] != hits.keys[-1]):
                    return self._ended(asked, [row[0] for row in rows])
        if hits.n_total > len(hits.seqs):
            hits = engine.found(compiled, hits.n_total, by=by)
        return self._page_and_count(replace(asked, hits=_staged(hits)))

    def _in_order(self, engine: Engine, asked: _Asked, hits: Hits) -> np.ndarray:
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

    def _scanned(self, asked: _Asked) -> FoundUids:
        if asked.where.text:
            return self._page_and_count(asked)
        plain, joined = _parted(asked.where)
        if _is_told_by_columns(asked.where) or not self._is_large(asked):
            return FoundUids(uids=tuple(row[0] for row in self._page(asked)), n_total=self._counted(asked))
        if joined != MessageFilter() and asked.order in ("recent", "oldest"):
            found = self._looked_at_first(asked, plain, joined)
            if found is not None:
                return found
        return self._ended(asked, [row[0] for row in self._page(replace(asked, limit=asked.limit + 1))])

    def _ended(self, asked: _Asked, uids: list[Uid]) -> FoundUids:
        """A page of which one more than asked for was looked for, to know whether it is the last."""
        page = tuple(uids[: asked.limit])
        if len(uids) > asked.limit:
            return FoundUids(uids=page, n_total=asked.end + 1, is_exact=False)
        is_past_the_end = not page and asked.offset > 0
        n_total = self._counted(asked) if is_past_the_end else asked.offset + len(page)
        return FoundUids(uids=page, n_total=n_total)

    def _is_large(self, asked: _Asked) -> bool:
        ((n,),) = self._cursor.rows("search.size", source_ids=asked.source_ids)
        return bool(n > SMALL)

    def _looked_at_first(
        self, asked: _Asked, plain: MessageFilter, joined: MessageFilter
    ) -> FoundUids | None:
        """Join only the first messages with what is known of them; None when those are not enough."""
        within, condition = compile_filter(plain, prefix="w"), compile_filter(joined)
        for n_most in _FIRST_LOOKS:
            rows = self._cursor.rows(
                "search.page_of_first",
                where=condition,
                within=within,
                order=_ordering(asked).sql,
                n_most=n_most,
                offset=asked.offset,
                limit=asked.limit + 1,
                source_ids=asked.source_ids,
                **_dataset(asked, condition.sql),
            )
            is_all = bool(rows) and rows[0][1] < n_most
            if len(rows) > asked.limit or is_all:
                return self._ended(asked, [row[0] for row in rows])
        return None

    def _page(self, asked: _Asked) -> list[tuple[Any, ...]]:
        return self._rows("search.page", asked, paged=True)

    def _page_and_count(self, asked: _Asked) -> FoundUids:
        rows = self._rows("search.page_and_count", asked, paged=True)
        n_total = rows[0][2] if rows else (0 if asked.offset == 0 else self._counted(asked))
        return FoundUids(uids=tuple(row[0] for row in rows), n_total=n_total)

    def _counted(self, asked: _Asked) -> int:
        return int(self._rows("search.count", asked, paged=False)[0][0])

    def _rows(self, name: str, asked: _Asked, *, paged: bool) -> list[tuple[Any, ...]]:
        condition = compile_filter(asked.where, searched=asked.hits is not None)
        parameters: dict[str, Any] = {"source_ids": asked.source_ids}
        order = ""
        if paged:
            ordering = _ordering(asked)
            order = ordering.sql
            parameters |= {**ordering.parameters, "offset": asked.offset, "limit": asked.limit}
        parameters |= _dataset(asked, condition.sql + order)
        if asked.hits is None:
            return self._cursor.rows(name, where=condition, order=order or None, **parameters)
        with self._cursor.staged(asked.hits, "hits"):
            return self._cursor.rows(name, where=condition, order=order or None, **parameters)


def _can_be_kept(where: MessageFilter) -> bool:
    """Not a filter with ids of messages, which may be many, or with lists for tuples, which have no hash."""
    if where.uids is not None:
        return False
    try:
        hash(where)
    except TypeError:
        return False
    return True


def _parted(where: MessageFilter) -> tuple[MessageFilter, MessageFilter]:
    """What the message itself tells, and what has to be joined to it."""
    plain = replace(where, reviewed=None, clusters=(), labels=(), labels_match="all", uids=None)
    return plain, MessageFilter(
        reviewed=where.reviewed,
        clusters=where.clusters,
        labels=where.labels,
        labels_match=where.labels_match if where.labels else "all",
        uids=where.uids,
    )


def _is_told_by_columns(where: MessageFilter) -> bool:
    """Whether a condition costs so little that all that pass may be counted."""
    cheap = MessageFilter(
        since=where.since,
        until=where.until,
        languages=where.languages,
        thread_id=where.thread_id,
        labels_match=where.labels_match,
    )
    return where == cheap


def _is_words_only(where: MessageFilter) -> bool:
    """Whether the index alone tells what passes."""
    return replace(where, text="", since=None, until=None) == MessageFilter()


def _compiled(engine: Engine, asked: _Asked) -> Any:
    where = asked.where
    return engine.compiled(
        parse_text(where.text), asked.source_ids, _micros(where.since), _micros(where.until)
    )


def _staged(hits: Hits) -> pa.Table:
    scores = hits.keys.astype(np.float64)
    return pa.table({"upload_seq": pa.array(hits.seqs, pa.int64()), "score": pa.array(scores)})


def _micros(at: datetime | None) -> int | None:
    if at is None:
        return None
    passed = at.astimezone(UTC) - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _dataset(asked: _Asked, sql: str) -> dict[str, Any]:
    return {"dataset_id": asked.dataset_id} if "$dataset_id" in sql else {}


def _ordering(asked: _Asked) -> Condition:
    match asked.order:
        case "recent":
            return Condition(sql=RECENT)
        case "oldest":
            return Condition(sql=OLDEST)
        case "shuffle":
            return Condition(sql="md5(m.uid || $seed), m.upload_seq", parameters={"seed": f"/{asked.seed}"})
        case "relevance":
            searched = asked.hits is not None and bool(parse_text(asked.where.text).groups)
            return relevance_order(asked.where, searched=searched)
