"""Translations beside the originals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from workbench.domain import MessageTranslation, SourceId, Uid
from workbench.store.cursor import Cursor


class Translations:
    """Keeps translations of subjects and bodies; they go with their message, and with its text."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def of(self, uids: Sequence[Uid]) -> dict[Uid, MessageTranslation]:
        """Translations by message."""
        return {
            uid: MessageTranslation(
                language=language,
                translated_from=translated_from,
                translator=translator,
                subject=subject,
                body=body,
            )
            for uid, language, translated_from, translator, subject, body in self._cursor.rows(
                "translation.of", uids=list(uids)
            )
        }

    def wanted(self, source_id: SourceId, target: str, after_seq: int, n_most: int) -> pa.Table:
        """upload_seq, uid, text_hash, language, subject, body of what is not in the target language yet."""
        return self._cursor.table(
            "translation.wanted", source_id=source_id, target=target, after_seq=after_seq, n_most=n_most
        )

    def n_wanted(self, source_id: SourceId, target: str) -> int:
        """How many messages ``wanted`` would give."""
        rows = self._cursor.rows("translation.count_wanted", source_id=source_id, target=target)
        return int(rows[0][0])

    def kept(self, wanted: pa.Table, target: str, translator: str) -> dict[tuple[str, str], tuple[str, str]]:
        """Subject and body that a translator gave before, by text hash and language of the original."""
        with self._cursor.staged(wanted.select(["text_hash", "language"])):
            rows = self._cursor.rows("translation.kept", target=target, translator=translator)
        return {(text_hash, language): (subject, body) for text_hash, language, subject, body in rows}

    def put(self, made: pa.Table, target: str, translator: str, at: datetime) -> None:
        """Keep translations: uid, text_hash, language (of the original), subject, body."""
        self._cursor.bulk("translation.put", made, target=target, translator=translator, at=at)

    def drop(self, uids: pa.Table) -> None:
        """Remove the translations of messages (column ``uid``)."""
        self._cursor.bulk("translation.drop_of", uids)
