"""What is asked of a finder, taken apart: what the message tells itself, what an index tells, what is joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter, MessageOrder, parse_text
from workbench.store.cursor import EPOCH
from workbench.store.filters import OLDEST, RECENT, Condition, relevance_order
from workbench.store.search.engine import Engine, Hits


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A page that is asked for; ``hits`` is what an index found for its words, None = SQL has to find them."""

    dataset_id: DatasetId
    where: MessageFilter
    order: MessageOrder
    offset: int
    limit: int
    seed: int
    source_ids: list[str]
    hits: pa.Table | None = None

    @property
    def end(self) -> int:
        """Place after the last message of the page."""
        return self.offset + self.limit


def parted(where: MessageFilter) -> tuple[MessageFilter, MessageFilter]:
    """What the message itself tells, and what has to be joined to it."""
    plain = replace(where, reviewed=None, clusters=(), labels=(), labels_match="all", uids=None)
    return plain, MessageFilter(
        reviewed=where.reviewed,
        clusters=where.clusters,
        labels=where.labels,
        labels_match=where.labels_match if where.labels else "all",
        uids=where.uids,
    )


def is_told_by_columns(where: MessageFilter) -> bool:
    """Whether a condition costs so little that all that pass may be counted."""
    cheap = MessageFilter(
        since=where.since,
        until=where.until,
        languages=where.languages,
        thread_id=where.thread_id,
        labels_match=where.labels_match,
        text_in=where.text_in,
    )
    return where == cheap


def is_words_only(where: MessageFilter) -> bool:
    """Whether the index alone tells what passes."""
    return replace(where, text="", since=None, until=None) == MessageFilter()


def compiled_search(engine: Engine, asked: Asked) -> Any:
    """The words, times and sources that are asked for, as a query of the index."""
    where = asked.where
    return engine.compiled(
        parse_text(where.text), asked.source_ids, _micros(where.since), _micros(where.until)
    )


def staged_hits(hits: Hits) -> pa.Table:
    """Hits as the table that conditions and orders speak of: upload_seq, score."""
    scores = hits.keys.astype(np.float64)
    return pa.table({"upload_seq": pa.array(hits.seqs, pa.int64()), "score": pa.array(scores)})


def _micros(at: datetime | None) -> int | None:
    if at is None:
        return None
    passed = at.astimezone(UTC) - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def dataset_parameter(asked: Asked, sql: str) -> dict[str, Any]:
    """The dataset, where SQL binds it: the database refuses values that nothing asks for."""
    return {"dataset_id": asked.dataset_id} if "$dataset_id" in sql else {}


def ordering_of(asked: Asked) -> Condition:
    """The order of a page as an ORDER BY list."""
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
