"""Vectors, model versions, predictions, totals, validation."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from tests.stores import (
    AT,
    DATASET,
    OTHER_SOURCE,
    SOURCE,
    add_model,
    batch,
    message,
    model_version,
    uid,
)
from tests.unit.charts import make_results as make
from workbench.domain import (
    AveragePrecision,
    CorrectedMetrics,
    Estimate,
    Judgement,
    LabelId,
    LabelValidation,
    MessageFilter,
    OverallFigures,
    Rating,
    RatingFactor,
    ThresholdChoice,
    ValidationReport,
)
from workbench.errors import ModelError, StoreError, UnknownNameError
from workbench.store import Store
from workbench.store.repositories.reports import decode_report


@pytest.fixture
def filled(store: Store) -> Store:
    rows = [message(str(i), timestamp=AT + timedelta(days=7 * i)) for i in range(4)]
    with store.write() as session:
        session.messages.put(SOURCE, batch(*rows), at=AT)
    return store


def report(version: int, **values: object) -> ValidationReport:
    precision = AveragePrecision(value=0.8, low=0.7, high=None, n_positive=5, n=50)
    label = LabelValidation(
        label_id=LabelId("l1"),
        name="Claims > Motor",
        average_precision=precision,
        thresholds=(0.1, 0.9),
        precisions=(0.5, 1.0),
        recalls=(1.0, 0.1 + 0.2),
        precision_low=(0.4, 0.9),
        precision_high=(0.6, 1.0),
        recall_low=(0.9, 0.2),
        recall_high=(1.0, 0.4),
        choices=(ThresholdChoice(name="balanced", threshold=0.5, precision=0.7, recall=0.6),),
        n_train=20,
        n_test=5,
        n_pins=25,
        health=61.5,
        state="fair",
        warnings=("Größe: add more",),
    )
    factor = RatingFactor(
        name="balance", score=None, band="none", weight=0.25, contributors={"a": 1.0}, action="go"
    )
    fixed = {
        "dataset_id": DATASET,
        "version": version,
        "created_at": AT,
        "n_train": 20,
        "n_test": 5,
        "n_reviewed": 25,
        "n_labels": 1,
        "mean_average_precision": precision,
        "recall_grid": (0.0, 1.0),
        "mean_precision": (1.0, 0.5),
        "labels": (label,),
        "rating": Rating(score=66.0, band="good", factors=(factor,)),
        "seed": 7,
    }
    return ValidationReport(**(fixed | values))


# ---- vectors -------------------------------------------------------------------------------------


def test_vectors_in_row_order_and_shared_between_equal_texts(filled: Store) -> None:
    with filled.write() as session:
        session.messages.put(SOURCE, batch(message("9", body="body of 1")), at=AT)
        session.messages.put(OTHER_SOURCE, batch(message("8")), at=AT)
        missing = session.messages.texts_without_vector(DATASET, "tiny")
        assert missing.column("body").to_pylist() == [f"body of {i}" for i in range(4)]
        hashes = missing.column("text_hash").to_pylist()
        vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
        session.embeddings.put("tiny", hashes[::-1][:3], vectors[::-1][:3])
        assert session.embeddings.count(DATASET, "tiny") == 4
        left = session.messages.texts_without_vector(DATASET, "tiny").column("body").to_pylist()
        assert left == ["body of 0"]
        uids, matrix = session.embeddings.matrix(DATASET, "tiny")
    assert uids == (uid("1"), uid("2"), uid("3"), uid("9"))
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, vectors[[1, 2, 3, 1]])


def test_a_text_keeps_its_first_vector(filled: Store) -> None:
    with filled.write() as session:
        (text_hash,) = session.messages.texts_without_vector(DATASET, "tiny").column("text_hash")[:1]
        for value in (1.0, 2.0):
            vectors = np.full((1, 2), value, dtype=np.float32)
            session.embeddings.put("tiny", [text_hash.as_py()], vectors)
        np.testing.assert_array_equal(session.embeddings.matrix(DATASET, "tiny")[1], [[1, 1]])


def test_encoders_are_apart(filled: Store) -> None:
    with filled.write() as session:
        session.embeddings.put("long", ["h"], np.zeros((1, 5), dtype=np.float32))
        session.embeddings.put("short", ["h"], np.zeros((1, 2), dtype=np.float32))
        assert session.embeddings.length("long") == 5
        assert session.embeddings.length("none") is None
        assert session.embeddings.matrix(DATASET, "long")[0] == ()


@pytest.mark.parametrize(
    ("vectors", "match"),
    [
        (np.zeros((2, 3), dtype=np.float32), "shape"),
        (np.zeros(3, dtype=np.float32), "shape"),
        (np.zeros((1, 4), dtype=np.float32), "vectors of 3 numbers, got 4"),
        (np.full((1, 3), np.nan, dtype=np.float32), "not finite"),
    ],
)
def test_wrong_vectors_are_refused(filled: Store, vectors: np.ndarray, match: str) -> None:
    with filled.write() as session:
        session.embeddings.put("tiny", ["a"], np.zeros((1, 3), dtype=np.float32))
        with pytest.raises(ModelError, match=match):
            session.embeddings.put("tiny", ["b"], vectors)


# ---- versions ------------------------------------------------------------------------------------


def test_versions_newest_first_and_whole(filled: Store) -> None:
    with filled.write() as session:
        for version in (1, 2):
            session.models.add_version(
                model_version(version, tag="x"),
                weights=b"\x00\xff",
                parameters='{"c":1}',
                label_ids=("l1", "l0"),
            )
        weights = session.models.weights(DATASET, 2)
        assert session.models.versions(DATASET) == (model_version(2, tag="x"), model_version(1, tag="x"))
    assert (weights.weights, weights.parameters, weights.label_ids) == (b"\x00\xff", '{"c":1}', ("l1", "l0"))


@pytest.mark.parametrize("n_bytes", [0, 1, 7, 8, 9, 8 * 65_536, 8 * 65_536 + 1])
def test_weights_of_any_length_come_back(filled: Store, n_bytes: int) -> None:
    weights = np.random.default_rng(n_bytes).bytes(n_bytes)
    with filled.write() as session:
        session.models.add_version(model_version(1), weights=weights, parameters="{}", label_ids=("l0",))
        session.models.add_version(model_version(2), weights=b"other", parameters="{}", label_ids=("l0",))
        assert session.models.weights(DATASET, 1).weights == weights


def test_weights_go_with_their_version_and_leave_their_room(filled: Store) -> None:
    """Long values would not: the file grew with every training."""
    weights = np.random.default_rng(1).bytes(4 << 20)
    sizes = []
    for version in range(1, 13):
        with filled.write() as session:
            session.models.add_version(
                model_version(version), weights=weights, parameters="{}", label_ids=("l0",)
            )
            session.models.drop_unpinned_beyond(DATASET, 1)
        filled.checkpoint()
        sizes.append(filled.path.stat().st_size)
    assert filled.sql(
        "SELECT count(DISTINCT version) AS n FROM model_weights", limit=1, limit_s=9
    ).to_pylist() == [{"n": 2}]
    assert max(sizes[6:]) <= max(sizes[:6])


def test_numbers_only_rise(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 3, {})
        for version in (3, 2):
            with pytest.raises(ModelError, match="cannot follow"):
                add_model(session, version, {})


def test_unknown_version(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {})
        for ask in (session.models.weights, session.models.predictions):
            with pytest.raises(UnknownNameError, match="'9'"):
                ask(DATASET, 9)
        with pytest.raises(UnknownNameError):
            session.models.set_pinned(DATASET, 9, True)


def test_pinned_versions_and_the_newest_stay(filled: Store) -> None:
    with filled.write() as session:
        for version in range(1, 7):
            add_model(session, version, {"0": (0, 0, 0)}, pinned=version == 2)
        session.models.put_validation(report(1))
        assert session.models.set_pinned(DATASET, 3, True).pinned
        assert session.models.drop_unpinned_beyond(DATASET, 1) == (4, 1)
        assert [v.version for v in session.models.versions(DATASET)] == [6, 5, 3, 2]
        assert session.models.validation(DATASET, 1) is None
        # Version 3 was pinned after its predictions had gone to a newer one.
        assert session.models.predictions(DATASET, 2)[0] == (uid("0"),)
        assert session.models.predictions(DATASET, 3)[0] == ()


# ---- predictions ---------------------------------------------------------------------------------


def test_predictions_come_back_in_row_order(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {"2": (0.5, 0.25, 0.125), "0": (0, 1, 0.3)})
        uids, matrix = session.models.predictions(DATASET, 1)
    assert uids == (uid("0"), uid("2"))
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, np.array([[0, 1, 0.3], [0.5, 0.25, 0.125]], dtype=np.float32))


def test_same_messages_again_are_replaced(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {"0": (0.5, 0.5, 0.5), "1": (0.25, 0.25, 0.25)})
        session.models.put_predictions(DATASET, 1, [uid("1")], np.array([[1, 1, 1]], dtype=np.float32))
        uids, matrix = session.models.predictions(DATASET, 1)
        totals = [label.n_predicted for label in session.labels.all(DATASET)]
    assert (uids, matrix[:, 0].tolist(), totals) == ((uid("0"), uid("1")), [0.5, 1.0], [1.5, 0.0, 1.5, 1.5])


def test_staged_predictions_are_seen_once_their_version_is_there(filled: Store) -> None:
    staged = np.array([[0.5, 0.25, 0], [1, 0.5, 0.5]], dtype=np.float32)
    with filled.write() as session:
        add_model(session, 1, {"0": (0.5, 0.5, 0.5)})
    with filled.write() as session:  # a training that was killed after its first piece
        session.models.begin_predictions(DATASET, 2)
        session.models.stage_predictions(DATASET, 2, [uid("3")], staged[:1])
    for row, name in enumerate(("0", "1")):
        with filled.write() as session:
            if not row:
                session.models.begin_predictions(DATASET, 2)
            session.models.stage_predictions(DATASET, 2, [uid(name)], staged[row : row + 1])
        with filled.read() as session:
            assert session.models.versions(DATASET)[0].version == 1
            assert session.labels.all(DATASET)[0].n_predicted == 0.5
    with filled.write() as session:
        session.models.add_version(
            model_version(2), weights=b"", parameters="{}", label_ids=session.models.label_ids(DATASET, 1)
        )
        session.models.adopt_predictions(DATASET, 2, staged)
        uids, matrix = session.models.predictions(DATASET, 2)
        assert session.models.predictions(DATASET, 1)[0] == ()
    assert uids == (uid("0"), uid("1"))
    np.testing.assert_array_equal(matrix, staged)


def test_what_a_killed_training_left_goes_and_nothing_else(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {"0": (0.5, 0.5, 0.5)})
        session.models.begin_predictions(DATASET, 2)
        session.models.stage_predictions(DATASET, 2, [uid("3")], np.zeros((1, 3), dtype=np.float32))
    with filled.write() as session:
        session.models.drop_unadopted()
    with filled.read() as session:
        assert session.models.predictions(DATASET, 1)[0] == (uid("0"),)
    assert filled.sql("SELECT version, uid FROM prediction", limit=10, limit_s=10).to_pylist() == [
        {"version": 1, "uid": uid("0")}
    ]


def test_staging_refuses_what_is_there_or_does_not_fit(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {"0": (0.5, 0.5, 0.5)})
        with pytest.raises(ModelError, match="version 1 exists already"):
            session.models.begin_predictions(DATASET, 1)
        with pytest.raises(ModelError, match="shape"):
            session.models.stage_predictions(DATASET, 2, [uid("0")], np.zeros((2, 3), dtype=np.float32))
        session.models.add_version(
            model_version(2), weights=b"", parameters="{}", label_ids=("l0", "l1", "l2")
        )
        with pytest.raises(ModelError, match="0 predictions were staged for 3 labels"):
            session.models.adopt_predictions(DATASET, 2, np.zeros((1, 3), dtype=np.float32))


def test_what_has_no_prediction_yet(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {"1": (0.5, 0.5, 0.5), "2": (0.5, 0.5, 0.5)})
        assert session.models.unpredicted(DATASET, 1) == (uid("0"), uid("3"))
        session.messages.put(OTHER_SOURCE, batch(message("elsewhere")), at=AT)
        session.messages.put(SOURCE, batch(message("1", body="another text")), at=AT)
        assert session.models.unpredicted(DATASET, 1) == (uid("0"), uid("1"), uid("3"))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 2)),
        np.zeros((2, 3)),
        np.full((1, 3), 1.5),
        np.full((1, 3), -0.1),
        np.full((1, 3), np.nan),
    ],
)
def test_wrong_predictions_are_refused(filled: Store, wrong: np.ndarray) -> None:
    with filled.write() as session:
        add_model(session, 1, {})
        with pytest.raises(ModelError):
            session.models.put_predictions(DATASET, 1, [uid("0")], wrong.astype(np.float32))


def test_predictions_table_is_long_and_worth_showing(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {"1": (0.049, 0.05, 0.9), "0": (0.5, 0, 0)})
        rows = session.models.predictions_table(DATASET, MessageFilter()).to_pylist()
        some = session.models.predictions_table(DATASET, MessageFilter(uids=(uid("0"),)))
    assert [(r["uid"], r["label"], round(r["probability"], 3)) for r in rows] == [
        (uid("0"), "Claims", 0.5),
        (uid("1"), "Praise", 0.9),
        (uid("1"), "Claims > Motor", 0.05),
    ]
    assert some.num_rows == 1


def totals(store: Store, **asked: object) -> list[tuple[dt.date, str, float, int]]:
    with store.read() as session:
        rows = session.models.label_totals(DATASET, **asked).to_pylist()
    return [(r["period"], r["label"], round(r["expected"], 6), r["n_messages"]) for r in rows]


def test_label_totals_count_reviewed_messages_as_judged(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {str(i): (0.5, 0.25, 0.125) for i in range(3)})
        given = Judgement(event_id="a", uid=uid("1"), assigned=(LabelId("l2"),))
        also = Judgement(event_id="b", uid=uid("3"), assigned=(LabelId("l3"),))
        session.reviews.judge(DATASET, (given, also), actor="ann", at=AT)
    found = totals(filled, version=1, resolution="month")
    # Messages 0 to 3 lie on 2, 9, 16 and 23 March; 3 has no prediction but a judgement.
    assert found == [
        (dt.date(2026, 3, 1), "Claims", 2.0, 4),
        (dt.date(2026, 3, 1), "Claims > Home", 1.0, 4),
        (dt.date(2026, 3, 1), "Claims > Motor", 0.5, 4),
        (dt.date(2026, 3, 1), "Praise", 1.25, 4),
    ]
    weeks = totals(filled, resolution="week")
    assert [w[0].isoformat() for w in weeks[::4]] == ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"]
    assert [w[2] for w in weeks if w[1] == "Praise"] == [0.125, 1.0, 0.125, 0.0]
    assert [w[2] for w in weeks if w[1] == "Claims"] == [0.5, 0.0, 0.5, 1.0]
    assert len(totals(filled, resolution="day")) == 16


def test_label_totals_without_a_model(filled: Store) -> None:
    with filled.write() as session:
        given = Judgement(event_id="a", uid=uid("1"), assigned=(LabelId("l2"),))
        session.reviews.judge(DATASET, (given,), actor="ann", at=AT)
    assert sum(row[2] for row in totals(filled)) == 1


def test_label_totals_of_nothing(store: Store) -> None:
    assert totals(store) == []


# ---- validation ----------------------------------------------------------------------------------


def test_validation_comes_back_and_fills_the_version(filled: Store) -> None:
    with filled.write() as session:
        assert session.models.validation(DATASET) is None
        for version in (1, 2, 3):
            add_model(session, version, {})
        for version in (1, 2):
            session.models.put_validation(report(version))
        session.models.put_validation(report(2, n_test=6))
        assert session.models.validation(DATASET) == report(2, n_test=6)
        assert session.models.validation(DATASET, 1) == report(1)
        assert session.models.validation(DATASET, 3) is None
        newest, middle, _ = session.models.versions(DATASET)
        assert session.catalog.find_dataset(DATASET).rating == 66.0
    assert (newest.validated, newest.rating) == (False, None)
    assert (middle.validated, middle.rating, middle.mean_average_precision) == (True, 66.0, 0.8)


def test_reports_of_before_there_were_corrected_figures_or_fields_are_read(filled: Store) -> None:
    known = msgspec.to_builtins(report(1))
    for name in ("corrected", "general_fields", "extractions"):
        assert known.pop(name) is None
    for name in ("n_predicted", "cross_validated", "corrected"):
        known["labels"][0].pop(name)
    for precision in (known["mean_average_precision"], known["labels"][0]["average_precision"]):
        assert precision.pop("n_effective") is None
    assert decode_report(msgspec.json.encode(known), ValidationReport) == report(1)


def test_a_report_on_fields_comes_back_as_it_was(filled: Store) -> None:
    made = make.validation()
    told = replace(report(1), general_fields=made.general_fields, extractions=made.extractions)
    with filled.write() as session:
        add_model(session, 1, {"0": (0, 0, 0)})
        session.models.put_validation(told)
        assert session.models.validation(DATASET, 1) == told


def test_reports_of_before_there_were_figures_over_all_labels_are_read() -> None:
    unknown = Estimate(value=None, low=None, high=None)
    told = OverallFigures(
        recall=Estimate(value=0.9, low=0.8, high=0.95), precision=unknown, raw_recall=0.7, raw_precision=None
    )
    corrected = CorrectedMetrics(
        mean_average_precision=report(1).mean_average_precision,
        n_random=9,
        n_population=90,
        n_effective=9.0,
        overall=told,
    )
    new = report(1, corrected=corrected)
    known = msgspec.to_builtins(new)
    assert decode_report(msgspec.json.encode(known), ValidationReport) == new
    known["corrected"].pop("overall")
    found = decode_report(msgspec.json.encode(known), ValidationReport).corrected
    assert (found.overall, found.n_random) == (None, 9)


def test_a_report_that_would_not_come_back_is_refused(filled: Store) -> None:
    with filled.write() as session:
        add_model(session, 1, {})
        with pytest.raises(StoreError, match="ValidationReport cannot be kept"):
            session.models.put_validation(report(1, mean_precision=(float("nan"), 1.0)))
        with pytest.raises(UnknownNameError):
            session.models.put_validation(report(2))
