"""The tantivy index itself: adding, deleting and finding, in a folder or in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.domain import Term, TextQuery
from workbench.domain.tokens import words
from workbench.store.search.matching import COLUMNS

try:
    import tantivy as _tantivy
except ImportError:  # the extra 'search' is not installed: SQL finds the words
    _tantivy = None  # type: ignore[assignment]

tantivy: Any = _tantivy

_TOKENIZER = "words"
_ASCII = {i: chr(i).lower() if chr(i).isalnum() else " " for i in range(128)}
_SUBJECT_WEIGHT = 3.0
_HEAP_BYTES = 128_000_000
_N_THREADS = 1


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Messages of an index, in order.

    Attributes
    ----------
    seqs
        int64, (n,), their ``upload_seq``.
    keys
        (n,), what they are ordered by: int64, or float64 for scores.
    n_total
        How many pass in all.
    """

    seqs: np.ndarray
    keys: np.ndarray
    n_total: int


class EngineError(Exception):
    """The library failed; the index cannot be relied on for this."""


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        # A panic of the library is no Exception; what else is none goes its way.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise EngineError(f"{type(error).__name__}: {str(error)[:200]}") from error
        raise


Row = tuple[int, str, int, str, str]
"""``upload_seq``, source id, microseconds since 1970, subject, body."""


def is_installed() -> bool:
    """Whether the extra ``search`` is there."""
    return tantivy is not None


class Engine:
    """An index of messages by the words of their subjects and bodies.

    Parameters
    ----------
    folder
        Where it lies; None = in memory. What lies there already is opened.

    Raises
    ------
    EngineError
        What lies there cannot be read; every method raises it when the library fails.
    """

    @_guarded()
    def __init__(self, folder: Path | None) -> None:
        self._schema = _schema()
        self._index = tantivy.Index(self._schema, path=str(folder) if folder else None)
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer(_TOKENIZER, analyzer)
        self._index.config_reader(reload_policy="manual")

    @_guarded()
    def write(self, *, removed: Iterable[int], added: Iterable[Row]) -> None:
        """Take messages out by ``upload_seq``, then put others in; visible at once, on disk when it returns."""
        writer = self._index.writer(_HEAP_BYTES, _N_THREADS)
        for seq in removed:
            # By query: a plain term would be taken for a signed number, which this field has none of.
            writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "seq", seq))
        for seq, source_id, at, subject, body in added:
            document = tantivy.Document()
            document.add_unsigned("seq", seq)
            document.add_text("source", source_id)
            document.add_integer("at", at)
            document.add_text("subject", spaced(subject))
            document.add_text("body", spaced(body))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    @_guarded()
    def n_messages(self) -> int:
        """How many messages it holds."""
        return int(self._index.searcher().num_docs)

    @_guarded()
    def count(self, query: Any) -> int:
        """How many messages pass a compiled query."""
        return int(self._index.searcher().search(query, limit=1).count)

    @_guarded()
    def found(self, query: Any, limit: int, *, by: str = "seq") -> Hits:
        """The first ``limit`` that pass a compiled query, and how many do.

        Parameters
        ----------
        by
            ``seq`` or ``at`` (highest first), ``-at`` (lowest first), or ``score`` (best first).
        """
        searcher = self._index.searcher()
        order = tantivy.Order.Asc if by.startswith("-") else tantivy.Order.Desc
        field = None if by == "score" else by.removeprefix("-")
        result = searcher.search(query, limit=max(limit, 1), order_by_field=field, order=order)
        hits = result.hits[:limit]
        keys = np.fromiter((key for key, _ in hits), np.float64 if field is None else np.int64, len(hits))
        if field == "seq":
            return Hits(seqs=keys, keys=keys, n_total=result.count)
        seqs = searcher.fast_field_values("seq", [address for _, address in hits])
        return Hits(seqs=np.fromiter(seqs, np.int64, len(seqs)), keys=keys, n_total=result.count)

    @_guarded()
    def compiled(
        self, query: TextQuery, source_ids: Sequence[str], since: int | None = None, until: int | None = None
    ) -> Any:
        """A search within sources and times (microseconds, ``until`` not included)."""
        kind, occur = tantivy.Query, tantivy.Occur
        parts = [(occur.Must, self._any([self._term(term) for term in group])) for group in query.groups]
        limits = [kind.term_set_query(self._schema, "source", list(source_ids))]
        if since is not None or until is not None:
            last = None if until is None else until - 1
            limits.append(kind.range_query(self._schema, "at", tantivy.FieldType.Integer, since, last))
        parts += [(occur.Must, kind.const_score_query(limit, 0.0)) for limit in limits]
        parts += [(occur.MustNot, self._term(term)) for term in query.excluded]
        return kind.boolean_query(parts)

    def _term(self, term: Term) -> Any:
        fields = {column: self._in_field(term, column) for column in COLUMNS}
        fields["subject"] = tantivy.Query.boost_query(fields["subject"], _SUBJECT_WEIGHT)
        return self._any(list(fields.values()))

    def _in_field(self, term: Term, field: str) -> Any:
        kind, asked = tantivy.Query, list(term.words)
        if term.prefix:
            last = re.escape(asked[-1]) + ".*"
            if len(asked) == 1:
                return kind.regex_query(self._schema, field, last)
            return kind.regex_phrase_query(self._schema, field, [*map(re.escape, asked[:-1]), last])
        if len(asked) == 1:
            return kind.term_query(self._schema, field, asked[0], "freq")
        return kind.phrase_query(self._schema, field, asked)

    @staticmethod
    def _any(queries: list[Any]) -> Any:
        if len(queries) == 1:
            return queries[0]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def spaced(text: str) -> str:
    """The words of ``text`` with a space between them, for an index that parts words at spaces."""
    return text.translate(_ASCII) if text.isascii() else " ".join(words(text))


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("seq", indexed=True, fast=True)
    builder.add_integer_field("at", indexed=True, fast=True)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    for column in COLUMNS:
        builder.add_text_field(column, tokenizer_name=_TOKENIZER, index_option="position")
    return builder.build()
