"""A workspace file of the first release, with rows in it, opened by this one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.stores import AT, DATASET, SOURCE, batch, message, uid
from workbench.domain import MessageChoice, MessageFilter, SyncCounts
from workbench.store import Store
from workbench.store.migrations import all_migrations

FIRST_RELEASE = 9
N = 5000
ROWS = f"""
INSERT INTO project VALUES ('acme', 'Acme', '', '2026-03-02');
INSERT INTO source VALUES ('{SOURCE}', 'acme', 'mail', 'Mail', 'email', 'de', '2026-03-02');
INSERT INTO dataset VALUES ('{DATASET}', 'acme', 'support', 'Support', '', 'tiny', '2026-03-02');
INSERT INTO dataset_source VALUES ('{DATASET}', '{SOURCE}', 0);
INSERT INTO message
SELECT '{SOURCE}.m' || i, '{SOURCE}', 'm' || i, i, '2026-03-02'::TIMESTAMPTZ + to_minutes(i), '2026-03-02',
    '2026-03-02', NULL, '', 'body', '', '', NULL, ['a@b'], 'en', md5(i::VARCHAR), md5(i::VARCHAR), NULL, '{{}}'
FROM range({N}) t(i);
"""


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            "CREATE TABLE migration"
            " (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
        )
        for migration in all_migrations()[:FIRST_RELEASE]:
            migration.apply(connection)
            connection.execute(
                "INSERT INTO migration VALUES (?, ?, now())", [migration.number, migration.name]
            )
        connection.execute(ROWS)
    return path


def test_rows_of_the_first_release_stay_and_can_be_written(old_file: Path) -> None:
    for _ in range(2):  # the second time it is reopened as it was left
        with Store.open(old_file, n_threads=1) as store:
            with store.write() as session:
                found, n_total = session.messages.find(DATASET, MessageFilter(), limit=1)
                (source,) = session.catalog.sources()
                (dataset,) = session.catalog.datasets()
                counts = session.messages.put(SOURCE, batch(message("m7"), message("new")), at=AT).counts
            store.checkpoint()
    assert n_total == N + 1
    assert counts == SyncCounts(unchanged=2)
    assert (found[0].cc, found[0].attachments, found[0].parts, found[0].sent_at) == ((), (), (), None)
    assert (source.description, source.should_translate, source.sensitive_properties) == ("", False, ())
    assert (dataset.has_sentiment, dataset.language, dataset.n_messages) == (False, "de", N + 1)
    with Store.open(old_file, n_threads=1) as store, store.write() as session:
        doomed = session.deletion.chosen(SOURCE, MessageChoice()).select(["uid"])
        assert session.deletion.messages(doomed.slice(0, N)).n_messages == N
        assert session.messages.get(DATASET, (uid("m0"),)) == ()
