"""``MessageFilter`` to SQL: the only place where SQL is put together from parts.

The result is a condition on a row ``m`` of ``message``. Every value is bound, under ``$f0``, ``$f1`` …;
an order's under ``$o0`` …;
the statement that takes the condition binds ``$dataset_id`` itself, which conditions on what is known
of a message in a dataset use too. Where an index has found the words of a search already, they stand in the
table ``hits``.
"""

# ruff: noqa: S608 - every value is bound; what is joined is written in this file

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    ExceptionFilter,
    LabelFilter,
    LabelId,
    MessageFilter,
    PropertyFilter,
    parse_text,
)
from workbench.domain.conditions import lowered
from workbench.store.people import address_parts, people, person
from workbench.store.search.matching import hit_count, text_condition
from workbench.store.statements import SHARED
from workbench.store.threads import thread_condition

NEWEST_VERSION = "(SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id)"
NEWEST_RUN = "(SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC LIMIT 1)"
_REVIEWED = "m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed)"


_TRANSLATED = (
    "(m.uid IN (SELECT uid FROM translation) OR coalesce(m.parts IS NOT NULL AND ("
    + " OR ".join(
        f"len(list_filter(json_extract_string(m.parts, '$[*].{name}.translated_from'), lambda x: x IS NOT NULL)) > 0"
        for name in ("body", "subject", "signature")
    )
    + "), FALSE))"
)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A compiled filter: SQL and the values it binds."""

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The newest model version of the dataset and where its labels stand, from 1; version 0 = there is none."""

    version: int = 0
    positions: dict[LabelId, int] = field(default_factory=dict)


def compile_filter(
    where: MessageFilter,
    *,
    searched: bool = False,
    prefix: str = "f",
    newest: Newest | None = None,
    of_first: bool = False,
    near: bool = False,
) -> Condition:
    """Compile ``where``; the same filter gives the same text.

    Parameters
    ----------
    searched
        The messages with the words of ``where.text`` stand in the table ``hits`` by ``upload_seq``.
    prefix
        Begins the names of bound values.
    newest
        Saves the database finding out for each row; None = it does.
    of_first
        Rows ``m`` are those of the table ``first``, and few.
    near
        Rows ``m`` have an ``upload_seq`` after ``$after`` and up to ``$last``, and are few: predictions are read of them
        alone.
    """
    compiler = _Compiler(prefix, newest, near=near)
    parts = compiler.plain(where)
    if searched:
        parts.append("m.upload_seq IN (SELECT upload_seq FROM hits)")
    else:
        parts += compiler.words(where)
    if where.sender is not None:
        parts.append(person("sender", where.sender, compiler.bind))
    if where.recipient is not None:
        parts.append(people("m.recipients", where.recipient, compiler.bind))
    if where.cc is not None:
        parts.append(people("m.cc", where.cc, compiler.bind))
    if where.bcc is not None:
        parts.append(people("m.bcc", where.bcc, compiler.bind))
    if where.attachments is not None:
        parts += compiler.attachments(where.attachments)
    if where.thread is not None:
        parts += thread_condition(where.thread, compiler.bind, of_first=of_first)
    if where.translated is not None:
        parts.append(_TRANSLATED if where.translated else f"NOT {_TRANSLATED}")
    parts += compiler.exceptions(where.exceptions)
    parts += [compiler.property(condition) for condition in where.properties]
    if where.labels:
        glue = " AND " if where.labels_match == "all" else " OR "
        parts.append("(" + glue.join(compiler.label(condition) for condition in where.labels) + ")")
    return Condition(sql="\nAND ".join(parts) or "TRUE", parameters=compiler.parameters)


def relevance_order(
    where: MessageFilter, *, searched: bool = False, newest: Newest | None = None
) -> Condition:
    """An ORDER BY list for ``relevance``.

    What fits the searched words best first (``hits.score`` where they are searched already, else most hits,
    one in the subject counting three), else most probable of the first label, else newest.
    """
    compiler = _Compiler("o", newest)
    if searched:
        return Condition(sql=f"(SELECT score FROM hits h WHERE h.upload_seq = m.upload_seq) DESC, {RECENT}")
    hits = hit_count(parse_text(where.text), compiler.bind)
    if hits:
        return Condition(sql=f"({hits}) DESC, {RECENT}", parameters=compiler.parameters)
    if where.labels:
        position = compiler.position(where.labels[0])
        best = (
            f"(SELECT list_extract(p.probabilities, {position}) FROM prediction p WHERE p.dataset_id = $dataset_id"
            f" AND p.version = {compiler.version()} AND p.uid = m.uid)"
        )
        return Condition(sql=f"{best} DESC NULLS LAST, {RECENT}", parameters=compiler.parameters)
    return Condition(sql=RECENT)


_NEAR = (
    "rowid IN (SELECT rowid FROM prediction WHERE uid_key IN"
    f" (SELECT {SHARED['key_of'].format('uid')} FROM message WHERE upload_seq > $after AND upload_seq <= $last)) AND "
)
# Rows are found by their keys alone, and what else is asked of them afterwards.
RECENT = "m.timestamp DESC, m.upload_seq DESC"
OLDEST = "m.timestamp, m.upload_seq"


def json_pointer(name: str) -> str:
    """Where a property stands in the JSON object of a message's properties."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


class _Compiler:
    def __init__(self, prefix: str = "f", newest: Newest | None = None, *, near: bool = False) -> None:
        self.prefix = prefix
        self.newest = newest
        self.near = near
        self.parameters: dict[str, Any] = {}

    def bind(self, value: object) -> str:
        name = f"{self.prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def any_of(self, values: tuple[Any, ...]) -> str:
        return f"(SELECT unnest({self.bind(list(values))}))"

    def plain(self, where: MessageFilter) -> list[str]:
        parts = []
        if where.since is not None:
            parts.append(f"m.timestamp >= {self.bind(where.since)}")
        if where.until is not None:
            parts.append(f"m.timestamp < {self.bind(where.until)}")
        if where.reviewed is not None:
            parts.append(_REVIEWED if where.reviewed else f"NOT {_REVIEWED}")
        if where.sources:
            parts.append(f"m.source_id IN {self.any_of(where.sources)}")
        if where.languages:
            parts.append(f"coalesce(m.language, m.detected_language, '') IN {self.any_of(where.languages)}")
        if where.thread_id is not None:
            parts.append(f"coalesce(m.thread_id = {self.bind(where.thread_id)}, FALSE)")
        if where.clusters:
            parts.append(self.clusters(where.clusters))
        if where.uids is not None:
            # Written so that the cursor can look a few of them up by the index.
            keys = f"(SELECT unnest({self.bind(list(where.uids))}::VARCHAR[]))" if where.uids else ""
            parts.append(f"m.uid IN {keys}" if keys else "FALSE")
        return parts

    def words(self, where: MessageFilter) -> list[str]:
        query = parse_text(where.text)
        parts = text_condition(query, self.bind)
        if where.text_in == "original" or not parts:
            return parts
        # Conditions on words speak of a row m: here of a translation.
        other = " AND ".join(text_condition(query, self.bind))
        return [f"(({' AND '.join(parts)}) OR m.uid IN (SELECT m.uid FROM translation m WHERE {other}))"]

    def exceptions(self, condition: ExceptionFilter | None) -> list[str]:
        if condition is None:
            return []
        parts = ["e.dataset_id = $dataset_id"]
        if condition.types:
            parts.append(f"e.type IN {self.any_of(condition.types)}")
        if condition.streams:
            parts.append(
                "e.stream_id IN (SELECT stream_id FROM stream WHERE dataset_id = $dataset_id AND name IN"
                f" {self.any_of(condition.streams)})"
            )
        tagged = f"m.uid IN (SELECT e.uid FROM stream_exception e WHERE {' AND '.join(parts)})"
        return [tagged if condition.tagged else f"NOT {tagged}"]

    def attachments(self, condition: AttachmentFilter) -> list[str]:
        parts = []
        if condition.at_least:
            parts.append(f"coalesce(m.n_attachments, 0) >= {self.bind(condition.at_least)}")
        if condition.at_most is not None:
            parts.append(f"coalesce(m.n_attachments, 0) <= {self.bind(condition.at_most)}")
        if condition.types:
            kinds = [lowered(kind) for kind in condition.types]
            found = "replace(lower(content_type), 'ς', 'σ')"
            whole = [kind for kind in kinds if not kind.endswith("/*")]
            begun = [kind.removesuffix("*") for kind in kinds if kind.endswith("/*")]
            tests = [f"{found} IN {self.any_of(tuple(whole))}"] if whole else []
            tests += [f"starts_with({found}, {self.bind(kind)})" for kind in begun]
            parts.append(f"m.uid IN (SELECT uid FROM attachment WHERE {' OR '.join(tests)})")
        return parts

    def clusters(self, clusters: tuple[int, ...]) -> str:
        members = f"SELECT uid FROM cluster_member WHERE run_id = {NEWEST_RUN} AND cluster_id"
        inside = f"m.uid IN ({members} IN {self.any_of(clusters)})"
        # What came after the run is unclustered too.
        return f"({inside} OR m.uid NOT IN ({members} >= 0))" if -1 in clusters else inside

    def property(self, condition: PropertyFilter) -> str:
        if condition.missing == "include" and not condition.compares:
            return "TRUE"
        # Read from the message itself: joining a million rows by uid takes three times as long.
        found = f"json_extract_string(m.properties, {self.bind(json_pointer(condition.name))})"
        if condition.missing == "only":
            return f"{found} IS NULL"
        if condition.is_number:
            found = f"try_cast({found} AS DOUBLE)"
        parts = self.number(condition, found) if condition.is_number else self.string(condition, found)
        if not parts:
            return f"{found} IS NOT NULL"
        return f"coalesce({' AND '.join(parts)}, {str(condition.passes_missing).upper()})"

    def number(self, condition: PropertyFilter, found: str) -> list[str]:
        parts = []
        if condition.one_of:
            values = [float(value) for value in condition.one_of]
            parts.append(f"list_contains({self.bind(values)}::DOUBLE[], {found})")
        if condition.at_least is not None:
            parts.append(f"{found} >= {self.bind(float(condition.at_least))}")
        if condition.at_most is not None:
            parts.append(f"{found} <= {self.bind(float(condition.at_most))}")
        return parts

    def string(self, condition: PropertyFilter, found: str) -> list[str]:
        parts = []
        if condition.one_of:
            parts.append(f"list_contains({self.bind(list(condition.one_of))}, {found})")
        if condition.not_one_of:
            parts.append(f"NOT list_contains({self.bind(list(condition.not_one_of))}, {found})")
        domains = AddressFilter(
            domain_one_of=condition.domain_one_of, domain_not_one_of=condition.domain_not_one_of
        )
        return parts + address_parts(
            domains,
            self.bind,
            whole=found,
            any_of=lambda listed, made: f"list_contains({listed}, {made})",
        )

    def label(self, condition: LabelFilter) -> str:
        match condition.status:
            case "assigned" | "dismissed":
                return self.judged(condition)
            case "predicted":
                return self.predicted(condition)
            case "present":
                return f"({self.judged(condition)} OR {self.predicted(condition)})"
            case "absent":
                return f"NOT ({self.judged(condition)} OR {self.predicted(condition)})"
            case "not_assigned":
                return f"NOT {self.judged(condition)}"
            case "not_predicted":
                return f"NOT {self.predicted(condition)}"

    def judged(self, condition: LabelFilter) -> str:
        table = "dismissed_label" if condition.status == "dismissed" else "assigned_label"
        return (
            f"m.uid IN (SELECT uid FROM {table} WHERE dataset_id = $dataset_id"
            f" AND label_id = {self.bind(condition.label_id)})"
        )

    def predicted(self, condition: LabelFilter) -> str:
        position = self.position(condition)
        low, high = self.bind(condition.at_least), self.bind(condition.at_most)
        return (
            f"(NOT {_REVIEWED} AND m.uid IN (SELECT uid FROM prediction WHERE {_NEAR if self.near else ''}"
            "dataset_id = $dataset_id"
            f" AND version = {self.version()}"
            # In the precision of what is stored: 0.7 as it is typed is not below 0.7 as it was predicted.
            f" AND list_extract(probabilities, {position}) BETWEEN {low}::FLOAT AND {high}::FLOAT))"
        )

    def version(self) -> str:
        return NEWEST_VERSION if self.newest is None else self.bind(self.newest.version)

    def position(self, condition: LabelFilter) -> str:
        if self.newest is not None:
            place = self.newest.positions.get(condition.label_id)
            return "NULL::BIGINT" if place is None else self.bind(place)
        return (
            f"(SELECT list_position(label_ids, {self.bind(condition.label_id)}) FROM model_version"
            f" WHERE dataset_id = $dataset_id AND version = {NEWEST_VERSION})"
        )
