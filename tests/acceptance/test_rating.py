"""Acceptance tests of the rating: rules 2, 3 and 13 of the functional specification, one test each.

They speak to a workspace as a notebook does, and look at the screens through their elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from tests.acceptance.corpus import dataset, door, fill, opened, review, train, truth
from workbench import charts
from workbench.domain import LabelValidation, Message, RatingBand, RatingFactor, ValidationReport
from workbench.door import Dataset, Workspace
from workbench.evaluate import RatingEvidence, rate, split
from workbench.widgets.panels import ValidationPanel

N = 400
PLENTY, TRAINED = 25, 20
"""Examples from which a label counts, and those of them in the training part."""


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all; each test makes its own datasets over the same messages."""
    with opened(tmp_path_factory.mktemp("rating") / "w.duckdb") as made:
        found = door(made)
        fill(found, N)
        yield found


def sides(ds: Dataset) -> tuple[list[Message], list[Message]]:
    """The messages of the training part and those kept apart."""
    uids = tuple(ds.messages()["uid"])
    found = [
        one
        for at in range(0, N, 200)
        for one in ds.operations.get_messages(ds.dataset_id, uids[at : at + 200])
    ]
    apart = split([f"{one.uid.partition('.')[0]}.{one.thread_id}" for one in found])
    return (
        [one for one, is_apart in zip(found, apart, strict=True) if not is_apart],
        [one for one, is_apart in zip(found, apart, strict=True) if is_apart],
    )


def reviewed_with(ws: Workspace, name: str, *, n_refunds: int, n_trained: int) -> Dataset:
    """A trained dataset in which so many messages carry Refund, so many of them in the training part.

    Every third of them is about something else, so that the label is not learned well.
    """
    ds = dataset(ws, name)
    training, apart = sides(ds)
    refunds = (*labelled(training, n_trained), *labelled(apart, n_refunds - n_trained))
    given = {one.uid for one in refunds}
    assert len(given) == n_refunds
    others = [one.uid for one in (*training[:200], *apart[:60]) if "Refund" not in truth(one)]

    def says(seen: Message) -> tuple[str, ...]:
        return ("Refund",) if seen.uid in given else truth(seen)

    review(ds, dict.fromkeys((*given, *others)), says=says)
    train(ds)
    return ds


def labelled(messages: list[Message], n: int) -> list[Message]:
    """``n`` messages, two thirds of them about refunds."""
    right = [one for one in messages if "Refund" in truth(one)]
    wrong = [one for one in messages if "Refund" not in truth(one)]
    return [*right[: n - n // 3], *wrong[: n // 3]]


def of(report: ValidationReport, name: str) -> LabelValidation:
    return next(one for one in report.labels if one.name == name)


def mean_without(ws: Workspace, ds: Dataset, *left_out: str) -> float:
    """The mean average precision on the messages kept apart, of the labels with examples enough and not left out."""
    version = ds.info.model_version
    stored = ws.sql(
        f"SELECT uid, scores FROM test_score WHERE dataset_id = '{ds.dataset_id}' AND version = {version}"
    )
    said = {uid: np.array(scores) for uid, scores in stored.iter_rows()}
    seen = {one.uid: one for one in ds.operations.get_messages(ds.dataset_id, tuple(said))}
    values = []
    for place, label in enumerate(ds.validation().labels):
        if label.name in left_out or label.n_pins < PLENTY or label.n_train < TRAINED:
            continue
        carries = [label.label_id in seen[uid].assigned for uid in said]
        values.append(average_precision_score(carries, [scores[place] for scores in said.values()]))
    return float(np.mean(values))


@pytest.mark.nightly
def test_a_label_with_24_examples_is_a_red_dial_and_no_part_of_the_mean(ws: Workspace) -> None:
    """Rule 2: 24 pins: red dial 24/25, label excluded from MAP; 25 pins with 20 in train: included."""
    few = reviewed_with(ws, "few", n_refunds=PLENTY - 1, n_trained=TRAINED)
    report = few.validation()
    refund = of(report, "Refund")
    assert (refund.n_pins, refund.n_train, refund.n_test) == (24, 20, 4)
    assert refund.state == "gathering"
    assert "1 more" in refund.warnings[0]
    assert report.mean_average_precision.value == pytest.approx(mean_without(ws, few, "Refund"))

    table = ValidationPanel(few).table
    column = next(one for one in table.columns if one.get("kind") == "state")
    row = next(one for one in table._rows if one["label"] == "Refund")
    assert (row["state"], row[column["examples"]], column["wanted"]) == ("gathering", 24, 25)

    unlucky = of(reviewed_with(ws, "unlucky", n_refunds=PLENTY, n_trained=TRAINED - 1).validation(), "Refund")
    assert (unlucky.n_pins, unlucky.n_train, unlucky.state) == (25, 19, "gathering")

    enough = reviewed_with(ws, "enough", n_refunds=PLENTY, n_trained=TRAINED)
    report = enough.validation()
    refund = of(report, "Refund")
    assert (refund.n_pins, refund.n_train) == (25, 20)
    assert refund.state not in ("untrained", "gathering")
    assert report.mean_average_precision.value == pytest.approx(mean_without(ws, enough))
    assert mean_without(ws, enough) < mean_without(ws, enough, "Refund")


@pytest.mark.parametrize(
    ("score", "band"),
    [(49, "poor"), (50, "average"), (69, "average"), (70, "good"), (89, "good"), (90, "excellent")],
)
def test_a_rating_is_told_by_its_word(trained: ValidationReport, score: int, band: RatingBand) -> None:
    """Rule 3: rating 49/50/69/70/89/90 map to Poor/Average/Average/Good/Good/Excellent."""
    rating = rate(alike(float(score)))
    assert [round(one.score or 0) for one in rating.factors] == [score] * 4
    assert (rating.score, rating.band) == (score, band)
    drawn = ET.fromstring(charts.rating_dial(replace(trained, rating=rating)).svg(heading=False))
    told = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    middle = told.index("of 100")
    assert told[middle - 2 : middle] == [str(score), band.capitalize()]


@pytest.fixture(scope="module")
def trained(ws: Workspace) -> ValidationReport:
    """Any report."""
    ds = dataset(ws, "trained")
    review(ds, list(ds.messages()["uid"])[:120])
    train(ds)
    return ds.validation()


def alike(score: float) -> RatingEvidence:
    """Evidence that gives each factor the same score: the published formulas, the other way round."""
    return RatingEvidence(
        healths={f"label {n}": score for n in range(10)},
        n_ready=10,
        n_reviewed=500,
        coverage=float(np.interp(score, [0, 70, 90, 100], [0.40, 0.70, 0.85, 0.95])),
        similarity=float(np.interp((score - 30) / 70, [0, 1], [0.5, 0.95])),
        mode_shares={"shuffle": 0.2, "teach": 0.8},
    )


@pytest.mark.nightly
def test_the_worst_tenth_of_23_labels_are_three(ws: Workspace) -> None:
    """Rule 13: with 23 labels the underperforming factor uses 3 of them (ceil 2.3)."""
    ds = dataset(ws, "many")
    topics = [f"Topic {n:02}" for n in range(1, 24 - len(ds.operations.labels(ds.dataset_id)))]
    for topic in topics:
        ds.create_label(topic)
    labels = ds.operations.labels(ds.dataset_id)
    assert len(labels) == 23
    # Topic n has n examples, and so a health of 2 n: the first three topics are the worst.
    reviewed = list(ds.messages()["uid"])
    place = {uid: at for at, uid in enumerate(reviewed)}
    review(
        ds,
        reviewed,
        says=lambda one: (*truth(one), *(t for n, t in enumerate(topics, 1) if place[one.uid] < n)),
    )
    train(ds)
    under = factor(ds.validation(), "underperforming_labels")
    assert under.contributors == {"Topic 01": 2.0, "Topic 02": 4.0, "Topic 03": 6.0}
    assert under.score == pytest.approx(4.0)


def factor(report: ValidationReport, name: str) -> RatingFactor:
    return next(one for one in report.rating.factors if one.name == name)
