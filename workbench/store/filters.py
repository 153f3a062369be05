"""``MessageFilter`` to SQL: the only place where SQL is put together from parts.

The result is a condition on a row ``m`` of ``message``. Every value is bound, under ``$f0``, ``$f1`` …;
an order's under ``$o0`` …;
the statement that takes the condition binds ``$dataset_id`` itself, which conditions on what is known
of a message in a dataset use too.
"""

# ruff: noqa: S608 - every value is bound; what is joined is written in this file

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from workbench.domain import LabelFilter, MessageFilter, PropertyFilter

NEWEST_VERSION = "(SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id)"
NEWEST_RUN = "(SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC LIMIT 1)"
_REVIEWED = "m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed)"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A compiled filter: SQL and the values it binds."""

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)


def compile_filter(where: MessageFilter) -> Condition:
    """Compile ``where``; the same filter gives the same text."""
    compiler = _Compiler()
    parts = compiler.plain(where)
    parts += [compiler.property(condition) for condition in where.properties]
    if where.labels:
        glue = " AND " if where.labels_match == "all" else " OR "
        parts.append("(" + glue.join(compiler.label(condition) for condition in where.labels) + ")")
    return Condition(sql="\nAND ".join(parts) or "TRUE", parameters=compiler.parameters)


def relevance_order(where: MessageFilter) -> Condition:
    """An ORDER BY list for ``relevance``.

    Most hits of the searched words first (a hit in the subject counts three), else most probable of the
    first label, else newest.
    """
    compiler = _Compiler("o")
    hits = []
    for words in search_terms(where.text):
        name = compiler.bind(" ".join(words))
        for column, weight in (("subject", 3), ("body", 1)):
            hits.append(
                f"{weight} * (length(m.{column}) - length(replace(lower(m.{column}), lower({name}), '')))"
                f" / length({name})"
            )
    if hits:
        return Condition(sql=f"({' + '.join(hits)}) DESC, {RECENT}", parameters=compiler.parameters)
    if where.labels:
        position = compiler.position(where.labels[0])
        best = (
            f"(SELECT list_extract(p.probabilities, {position}) FROM prediction p WHERE p.dataset_id = $dataset_id"
            f" AND p.version = {NEWEST_VERSION} AND p.uid = m.uid)"
        )
        return Condition(sql=f"{best} DESC NULLS LAST, {RECENT}", parameters=compiler.parameters)
    return Condition(sql=RECENT)


RECENT = "m.timestamp DESC, m.upload_seq DESC"
OLDEST = "m.timestamp, m.upload_seq"


def search_terms(text: str) -> list[tuple[str, ...]]:
    """Split a search text: each word a term of one word, each ``"quoted phrase"`` a term of its words."""
    terms = []
    for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', text):
        words = tuple(phrase.split()) if phrase else (word,)
        if words and words[0]:
            terms.append(words)
    return terms


class _Compiler:
    def __init__(self, prefix: str = "f") -> None:
        self.prefix = prefix
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
        parts += [self.term(words) for words in search_terms(where.text)]
        if where.reviewed is not None:
            parts.append(_REVIEWED if where.reviewed else f"NOT {_REVIEWED}")
        if where.sources:
            parts.append(f"m.source_id IN {self.any_of(where.sources)}")
        if where.languages:
            parts.append(f"coalesce(m.language, '') IN {self.any_of(where.languages)}")
        if where.thread_id is not None:
            parts.append(f"coalesce(m.thread_id = {self.bind(where.thread_id)}, FALSE)")
        if where.clusters:
            parts.append(self.clusters(where.clusters))
        if where.uids is not None:
            parts.append(f"m.uid IN {self.any_of(where.uids)}" if where.uids else "FALSE")
        return parts

    def term(self, words: tuple[str, ...]) -> str:
        if len(words) == 1:
            name = self.bind(words[0])
            return f"(contains(lower(m.subject), lower({name})) OR contains(lower(m.body), lower({name})))"
        # A phrase may be broken over lines.
        name = self.bind(r"\s+".join(re.sub(r"([^\w])", r"\\\1", word, flags=re.ASCII) for word in words))
        return f"(regexp_matches(lower(m.subject), lower({name})) OR regexp_matches(lower(m.body), lower({name})))"

    def clusters(self, clusters: tuple[int, ...]) -> str:
        members = f"SELECT uid FROM cluster_member WHERE run_id = {NEWEST_RUN} AND cluster_id"
        inside = f"m.uid IN ({members} IN {self.any_of(clusters)})"
        # What came after the run is unclustered too.
        return f"({inside} OR m.uid NOT IN ({members} >= 0))" if -1 in clusters else inside

    def property(self, condition: PropertyFilter) -> str:
        parts = [f"name = {self.bind(condition.name)}"]
        if condition.one_of:
            parts.append(f"string_value IN {self.any_of(condition.one_of)}")
        if condition.at_least is not None:
            parts.append(f"number_value >= {self.bind(float(condition.at_least))}")
        if condition.at_most is not None:
            parts.append(f"number_value <= {self.bind(float(condition.at_most))}")
        return f"m.uid IN (SELECT uid FROM message_property WHERE {' AND '.join(parts)})"

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
            f"(NOT {_REVIEWED} AND m.uid IN (SELECT uid FROM prediction WHERE dataset_id = $dataset_id"
            f" AND version = {NEWEST_VERSION}"
            f" AND list_extract(probabilities, {position}) BETWEEN {low} AND {high}))"
        )

    def position(self, condition: LabelFilter) -> str:
        return (
            f"(SELECT list_position(label_ids, {self.bind(condition.label_id)}) FROM model_version"
            f" WHERE dataset_id = $dataset_id AND version = {NEWEST_VERSION})"
        )
