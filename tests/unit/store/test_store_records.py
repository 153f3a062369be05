"""Cluster runs, monitoring, jobs, ledger, audit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, add_model, add_run, batch, message, uid
from workbench.domain import (
    BalanceReport,
    DriftReport,
    DriftTest,
    JobId,
    JobState,
    Judgement,
    LabelId,
    LedgerTotal,
    MessageFilter,
)
from workbench.errors import InputError, UnknownNameError
from workbench.store import Store


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as session:
        session.messages.put(SOURCE, batch(*(message(str(i)) for i in range(4))), at=AT)
    return store


# ---- discovery -----------------------------------------------------------------------------------


def test_nothing_discovered_yet(filled: Store) -> None:
    with filled.read() as session:
        assert session.discovery.newest_run(DATASET) is None
        assert session.discovery.map_data(DATASET) is None
        uids, clusters = session.discovery.members(DATASET)
        assert (uids, clusters.tolist()) == ((), [])


def test_newest_run_with_counts_of_now(filled: Store) -> None:
    with filled.write() as session:
        add_run(session, "r1", {"0": 0})
        add_run(session, "r2", {"2": 0, "0": 0, "1": -1})
        given = Judgement(event_id="a", uid=uid("0"), assigned=(LabelId("l1"),))
        session.reviews.judge(DATASET, (given,), actor="ann", at=AT)
        run = session.discovery.newest_run(DATASET)
        uids, clusters = session.discovery.members(DATASET)
    assert run is not None
    assert (run.run_id, run.n_messages, run.n_new, run.share_unclustered) == ("r2", 3, 1, 0.25)
    (cluster,) = run.clusters
    assert (cluster.n_reviewed, cluster.name, cluster.phrases) == (1, "late / lost", ("late", "lost"))
    assert cluster.shown == (uid("2"), uid("0"))
    assert (uids, clusters.tolist()) == ((uid("2"), uid("0"), uid("1")), [0, 0, -1])
    assert clusters.dtype == np.int32


def test_map(filled: Store) -> None:
    with filled.write() as session:
        add_run(session, "r1", {"2": 0, "0": 0, "1": -1})
        add_model(session, 1, {"0": (0.9, 0.1, 0.2), "1": (0.2, 0.1, 0.3), "2": (0.01, 0.02, 0.03)})
        given = Judgement(event_id="a", uid=uid("0"), assigned=(LabelId("l2"),))
        session.reviews.judge(DATASET, (given,), actor="ann", at=AT)
        found = session.discovery.map_data(DATASET)
    assert found is not None
    assert found.uids == (uid("2"), uid("0"), uid("1"))
    assert found.label_ids == ("l0", "l3", "l1", "l2")
    assert found.label.tolist() == [-1, 3, 3]
    assert found.reviewed.tolist() == [False, True, False]
    assert found.cluster.tolist() == [0, 0, -1]
    np.testing.assert_array_equal(found.xy, np.arange(6, dtype=np.float32).reshape(3, 2))
    assert (found.xy.dtype, found.label.dtype) == (np.float32, np.int32)


def test_three_runs_are_kept(filled: Store) -> None:
    with filled.write() as session:
        for number in range(5):
            add_run(session, f"r{number}", {"0": 0})
    found = filled.sql(
        "SELECT run_id FROM cluster_run UNION ALL SELECT run_id FROM cluster UNION ALL"
        " SELECT run_id FROM cluster_member UNION ALL SELECT run_id FROM projection",
        limit=99,
        limit_s=10,
    )
    assert sorted(found.column(0).to_pylist()) == sorted(["r2", "r3", "r4"] * 4)


def test_wrong_shapes_are_refused(filled: Store) -> None:
    with filled.write() as session:
        add_run(session, "r1", {"0": 0})
        run = session.discovery.newest_run(DATASET)
        assert run is not None
        with pytest.raises(InputError, match="one row per message"):
            session.discovery.add_run(run, [uid("0")], np.zeros((2, 2)), np.zeros(1))


# ---- monitoring ----------------------------------------------------------------------------------


def test_newest_reports(store: Store) -> None:
    test = DriftTest(
        name="label_mix",
        window_start=AT,
        window_end=AT + timedelta(days=7),
        n=10,
        statistic=1.5,
        p_value=1e-12,
        p_adjusted=1e-10,
        effect=0.1,
        effect_unit="share",
        material=True,
        alarm=True,
    )
    drift = DriftReport(
        dataset_id=DATASET,
        version=1,
        created_at=AT,
        reference_start=AT,
        reference_end=AT,
        n_reference=5,
        false_alarm_rate=0.01,
        tests=(test,),
        labels=(),
        phrases=(),
        clusters=(),
        alarm=True,
        summary="größer",
    )
    balance = BalanceReport(
        dataset_id=DATASET,
        created_at=AT,
        n_messages=5,
        n_reviewed=1,
        balance=None,
        balance_low=None,
        balance_high=None,
        similarity=0.5,
        band="none",
        groups=(),
        mode_shares={"shuffle": 1.0},
        coverage=None,
    )
    with store.write() as session:
        assert session.monitoring.drift(DATASET) is None
        assert session.monitoring.balance(DATASET) is None
        session.monitoring.put_drift(drift)
        later = replace(drift, created_at=AT + timedelta(days=1), alarm=False)
        session.monitoring.put_drift(later)
        session.monitoring.put_balance(balance)
        assert session.monitoring.drift(DATASET) == later
        assert session.monitoring.balance(DATASET) == balance


def test_messages_and_reviews_by_value(store: Store) -> None:
    """Text with more than 50 values is left out, numbers with more than 12 come in four bands."""

    def properties(n: int) -> str:
        few = {
            "string:Team": "NS"[n % 2],
            "string:Ticket": f"T{n}",
            "number:Stars": 1 + n % 5,
            "number:Wait": n / 2,
        }
        return json.dumps(few if n else {})

    rows = [
        message(
            f"m{n}",
            timestamp=AT + timedelta(days=n),
            language="en" if n % 3 else None,
            properties=properties(n),
        )
        for n in range(61)
    ]
    with store.write() as session:
        session.messages.put(SOURCE, batch(*rows), at=AT)
        session.messages.put(
            OTHER_SOURCE, batch(message("elsewhere", properties='{"string:Team":"N"}')), at=AT
        )
        judged = tuple(Judgement(event_id=f"{n:016}", uid=uid(f"m{n}")) for n in (1, 2, 4))
        session.reviews.judge(DATASET, judged, actor="ann", at=AT)
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for name, value, n_messages, n_reviewed in session.monitoring.spread(DATASET):
            found.setdefault(name, {})[value] = (n_messages, n_reviewed)
    assert set(found) == {"string:Team", "number:Stars", "number:Wait", "language", "month", "source"}
    assert found["string:Team"] == {"N": (30, 2), "S": (30, 1)}
    assert found["number:Stars"] == {"1": (12, 0), "2": (12, 1), "3": (12, 1), "4": (12, 0), "5": (12, 1)}
    assert found["number:Wait"] == {
        "0.5 to 7.875": (15, 3),
        "above 7.875 to 15.25": (15, 0),
        "above 15.25 to 22.625": (15, 0),
        "above 22.625 to 30": (15, 0),
    }
    assert found["language"] == {"en": (40, 3)}
    assert list(found["month"].items()) == [("2026-03", (30, 3)), ("2026-04", (30, 0)), ("2026-05", (1, 0))]
    assert found["source"] == {"acme/mail": (61, 3)}


# ---- jobs ----------------------------------------------------------------------------------------


def test_life_of_a_job(store: Store) -> None:
    first = JobState(job_id=JobId("a"), kind="embed", status="queued", dataset_id=DATASET, created_at=AT)
    second = replace(first, job_id=JobId("b"), dataset_id=None, created_at=AT + timedelta(seconds=1))
    done = replace(
        second,
        status="done",
        stage="vectors",
        done=3,
        total=4,
        unit="messages",
        started_at=AT,
        finished_at=AT,
        eta_s=0.5,
        error_code="x",
        error="y",
        next_step="z",
        result='{"n":1}',
    )
    with store.write() as session:
        session.jobs.add(first, '{"p":1}')
        session.jobs.add(second)
        session.jobs.update(done)
        assert session.jobs.get(JobId("b")) == done
        assert session.jobs.list() == (done, first)
        assert session.jobs.list(DATASET, 5) == (first,)
        assert session.jobs.list(None, 1) == (done,)
        assert session.jobs.parameters(JobId("a")) == '{"p":1}'
        assert session.jobs.mark_interrupted(AT) == ("a",)
        assert session.jobs.get(JobId("a")).status == "interrupted"
        assert session.jobs.get(JobId("b")) == done
        for ask in (session.jobs.get, session.jobs.parameters):
            with pytest.raises(UnknownNameError):
                ask(JobId("c"))


# ---- ledger --------------------------------------------------------------------------------------


def entries(*keys: str, **values: object) -> pa.Table:
    row = {
        "entry_id": "e",
        "at": AT,
        "project": "acme",
        "source": SOURCE,
        "channel": "python",
        "operation": "sync",
        "uid": uid("1"),
        "units": 2,
        "charged": True,
        "actor": "ann",
        "rate": Decimal("0.200000"),
        "corrects": None,
        "note": None,
    } | values
    return pa.Table.from_pylist([{**row, "entry_id": f"e{key}", "idempotency_key": key} for key in keys])


def test_a_key_counts_once(store: Store) -> None:
    with store.write() as session:
        assert session.ledger.append(entries("a", "b")) == 2
        assert session.ledger.append(entries("b", "c", units=9)) == 1
        assert session.ledger.append(entries("a").slice(0, 0)) == 0
        assert session.ledger.table().column("units").to_pylist() == [2, 2, 9]
        assert session.ledger.table().column_names == [
            "entry_id",
            "at",
            "project",
            "source",
            "channel",
            "operation",
            "uid",
            "units",
            "charged",
            "actor",
            "rate",
            "corrects",
            "note",
        ]


def test_totals_by_day_and_bounds(store: Store) -> None:
    with store.write() as session:
        session.ledger.append(entries("a", "b"))
        session.ledger.append(entries("c", at=AT + timedelta(days=1)))
        session.ledger.append(entries("d", charged=False))
        ask = session.ledger.totals
        first, second = ask()
        assert first == LedgerTotal(
            day=date(2026, 3, 2),
            project="acme",
            source=SOURCE,
            channel="python",
            operation="sync",
            units=4,
            n_entries=3,
        )
        assert (second.day, second.units) == (date(2026, 3, 3), 2)
        assert ask(AT + timedelta(days=1)) == (second,)
        assert ask(None, AT + timedelta(days=1)) == (first,)
        assert ask(AT, AT) == ()
        assert session.ledger.table(AT + timedelta(days=1)).num_rows == 1


def test_a_ledger_column_is_missing(store: Store) -> None:
    with store.write() as session, pytest.raises(InputError, match="actor"):
        session.ledger.append(entries("a").drop_columns("actor"))


# ---- audit ---------------------------------------------------------------------------------------


def test_audit_chain(store: Store) -> None:
    with store.write() as session:
        assert session.audit.verify() is None
        for number in range(3):
            assert (
                session.audit.append(
                    actor="änn", action="pin", object=f"v{number}", details='{"ü": 1.0}', at=AT
                )
                == number + 1
            )
    with store.read() as session:
        assert session.audit.verify() is None
        table = session.audit.table()
    assert table.column("previous_hash").to_pylist()[1:] == table.column("hash").to_pylist()[:-1]


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit_event SET actor = 'eve' WHERE seq = 2", 2),
        ("UPDATE audit_event SET details = '{}' WHERE seq = 3", 3),
        ("DELETE FROM audit_event WHERE seq = 1", 1),
        ("DELETE FROM audit_event WHERE seq = 2", 2),
    ],
)
def test_tampering_shows(store: Store, change: str, broken: int) -> None:
    with store.write() as session:
        for number in range(3):
            session.audit.append(actor="a", action="b", object=str(number), details='{"x":1}', at=AT)
    with store._cursor() as cursor:
        cursor.execute(change)
    with store.read() as session:
        assert session.audit.verify() == broken


def test_messages_count_the_cluster_filter_of_the_newest_run(filled: Store) -> None:
    with filled.write() as session:
        add_run(session, "r1", {"0": 0, "1": 0, "2": 0, "3": 0})
        add_run(session, "r2", {"0": 0, "1": -1})
        count = session.messages.count
        assert count(DATASET, MessageFilter(clusters=(0,))) == 1
        assert count(DATASET, MessageFilter(clusters=(-1,))) == 3
        assert count(DATASET, MessageFilter(clusters=(-1, 0))) == 4
        assert count(DATASET, MessageFilter(clusters=(5,))) == 0
