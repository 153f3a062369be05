"""What is asked of a finder, taken apart: what the message tells itself, what an index tells, what is joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, MessageFilter, MessageOrder, parse_text
from workbench.store.cursor import EPOCH
from workbench.store.filters import OLDEST, RECENT, Condition, Newest, relevance_order
from workbench.store.search.engine import Engine, Hits
from workbench.store.threads import is_told_by_rows

_MOST_OF = 3
TimedOrder = Literal["recent", "oldest", "arrival"]
ORDERS: dict[TimedOrder, str] = {"recent": RECENT, "oldest": OLDEST, "arrival": "m.upload_seq"}
"""ORDER BY lists in which no two messages have the same place."""
# Bounded by the time alone first, so that the database can pass over what lies outside.
_BEHIND: dict[TimedOrder, str] = {
    "recent": "(m.timestamp <= $b_at AND (m.timestamp < $b_at OR m.upload_seq < $b_seq))",
    "oldest": "(m.timestamp >= $b_at AND (m.timestamp > $b_at OR m.upload_seq > $b_seq))",
    "arrival": "m.upload_seq > $b_seq",
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A page that is asked for.

    ``hits`` is what an index found for its words, None = SQL has to find them; ``newest`` is there where labels are
    asked for.
    """

    dataset_id: DatasetId
    where: MessageFilter
    order: MessageOrder
    offset: int
    limit: int
    seed: int
    source_ids: list[str]
    hits: pa.Table | None = None
    newest: Newest | None = None

    @property
    def end(self) -> int:
        """Place after the last message of the page."""
        return self.offset + self.limit


def parted(where: MessageFilter) -> tuple[MessageFilter, MessageFilter]:
    """What plain columns of a message tell, and what costs more to ask: reading its JSON, joining."""
    told = MessageFilter(
        since=where.since,
        until=where.until,
        sources=where.sources,
        languages=where.languages,
        thread_id=where.thread_id,
        text=where.text,
        text_in=where.text_in,
    )
    rest = replace(
        where, since=None, until=None, sources=(), languages=(), thread_id=None, text="", text_in="original"
    )
    return told, rest if rest.labels else replace(rest, labels_match="all")


def first_in_time(
    where: MessageFilter, times: np.ndarray, place: int, order: MessageOrder
) -> MessageFilter | None:
    """``where`` with a limit in time, that of the sampled message at ``place``; None when most would keep it.

    Parameters
    ----------
    times
        int64, (n_sampled,): microseconds, newest first, of some of the messages that pass.
    """
    if place * _MOST_OF >= len(times):
        return None
    if order == "recent":
        return replace(where, since=EPOCH + timedelta(microseconds=int(times[place])))
    return replace(where, until=EPOCH + timedelta(microseconds=int(times[-1 - place]) + 1))


def is_told_by_columns(where: MessageFilter) -> bool:
    """Whether a condition costs so little that all that pass may be counted."""
    return parted(where)[1] == MessageFilter() and not (where.sources or where.text)


def is_told_in_one_pass(where: MessageFilter) -> bool:
    """Whether columns of a message and the rows of threads tell all: then looking at the first ones saves nothing."""
    rest = parted(where)[1]
    return (
        rest.thread is not None
        and is_told_by_rows(rest.thread)
        and replace(rest, thread=None) == MessageFilter()
    )


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


def behind_one(condition: Condition, order: TimedOrder, behind: tuple[datetime, int] | None) -> Condition:
    """A condition that also demands to stand behind a message in an order; None = behind none."""
    if behind is None:
        return condition
    at, seq = behind
    told = {"b_seq": seq} if order == "arrival" else {"b_at": at, "b_seq": seq}
    return Condition(
        sql=f"({condition.sql})\nAND {_BEHIND[order]}", parameters={**condition.parameters, **told}
    )


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
            return relevance_order(asked.where, searched=searched, newest=asked.newest)
