"""The dataset that the benchmarks of the store and of picking lay out: one source, one dataset, a taxonomy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from workbench.domain import Dataset, DatasetId, Label, LabelId, Project, Source, SourceId, Uid
from workbench.store import Session

SOURCE, DATASET = SourceId("5" * 16), DatasetId("d" * 16)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def lay_out(session: Session, paths: Iterable[tuple[str, ...]], at: datetime) -> None:
    """Make them, created ``at``; the labels are ``l0``, ``l1``, … in the order of ``paths``."""
    session.catalog.add_project(Project(name="p", title="", created_at=at))
    session.catalog.add_source(
        Source(source_id=SOURCE, project="p", name="s", title="", kind="email", language="en", created_at=at)
    )
    session.catalog.add_dataset(
        Dataset(
            dataset_id=DATASET,
            project="p",
            name="d",
            title="",
            description="",
            source_ids=(SOURCE,),
            encoder="e",
            created_at=at,
        )
    )
    for i, path in enumerate(paths):
        session.labels.add(Label(label_id=LabelId(f"l{i}"), dataset_id=DATASET, path=path))


def write_messages(session: Session, n: int) -> None:
    """``m0``, ``m1``, … of the source, straight into the table: what an import costs is measured elsewhere."""
    session.messages._cursor._connection.execute(
        """
        INSERT INTO message (uid, source_id, message_id, upload_seq, timestamp, created_at, updated_at, subject, body,
            signature, full_text, recipients, language, text_hash, content_hash, properties)
        SELECT $source || '.m' || i, $source, 'm' || i, i + 1, $at::TIMESTAMPTZ - to_minutes(i * 7919 % $n), $at, $at,
            'message ' || i, CASE WHEN i % 2000 = 0 THEN 'a needle' ELSE 'some words' END, '', '', [], 'en',
            md5('' || i), md5('' || i), '{}'
        FROM range($n) t(i)
        """,
        {"source": SOURCE, "at": AT, "n": n},
    )


def uid(number: int) -> Uid:
    """Of the message with that number."""
    return Uid(f"{SOURCE}.m{number}")


def label_ids(n: int) -> list[LabelId]:
    """Of the first labels of ``lay_out``."""
    return [LabelId(f"l{i}") for i in range(n)]
