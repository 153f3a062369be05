"""Acceptance tests of training: the numbered rules of the functional specification, one test each.

They speak to a workspace as a notebook does. What a rule says of screens is tested on the panel, without a browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.acceptance.corpus import (
    dataset,
    door,
    fill,
    opened,
    review,
    said,
    train,
    truth,
    uids,
)
from workbench.domain import (
    LabelFilter,
    LabelThreshold,
    Message,
    MessageChoice,
    MessageFilter,
    RatingFactor,
    StreamSettings,
    Uid,
    Unlisted,
)
from workbench.door import Dataset, Workspace
from workbench.settings import Settings

N = 150
N_REVIEWED = 120
MEASURED = 10
"""Test messages from which the curve of a label is of them alone."""


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all; each test makes its own dataset over the same messages."""
    with opened(tmp_path_factory.mktemp("acceptance") / "w.duckdb", versions_kept=1) as made:
        found = door(made)
        fill(found, N)
        yield found


@pytest.fixture(scope="module")
def trained(ws: Workspace) -> Dataset:
    """A dataset with a model, to be read only."""
    return hastily_reviewed(ws, "trained")


def hastily_reviewed(ws: Workspace, name: str, *, sentiment: bool = False) -> Dataset:
    """A dataset with a model; a third of what people said of Praise is wrong, so that it is unsure of it."""
    made = dataset(ws, name, sentiment=sentiment)
    chosen = uids(made)[:N_REVIEWED]
    wrong = set(chosen[::3])

    def hasty(seen: Message) -> tuple[str, ...]:
        others = tuple(label for label in truth(seen) if label != "Praise")
        is_praise = ("Praise" in truth(seen)) != (seen.uid in wrong)
        return (*others, "Praise") if is_praise else others

    review(made, chosen, says=hasty)
    train(made)
    return made


def kept_apart(ws: Workspace, ds: Dataset, version: int) -> dict[str, np.ndarray]:
    """The messages that validation of a version kept apart, with what it said of them."""
    found = ws.sql(
        f"SELECT uid, scores FROM test_score WHERE dataset_id = '{ds.dataset_id}' AND version = {version}"
    )
    return {uid: np.array(scores) for uid, scores in found.iter_rows()}


def balance(ds: Dataset) -> RatingFactor:
    return next(one for one in ds.validation().rating.factors if one.name == "balance")


@pytest.mark.nightly
def test_a_message_is_on_the_same_side_of_the_split_for_ever(tmp_path: Path) -> None:
    """Rule 1: the same message id gives the same split after re-import, restart, or relabelling."""
    file = tmp_path / "w.duckdb"
    with opened(file) as made:
        ws = door(made)
        fill(ws, N)
        ds = dataset(ws, "support")
        review(ds, uids(ds)[:N_REVIEWED])
        first = set(kept_apart(ws, ds, train(ds)))
    assert 0 < len(first) < N_REVIEWED
    with opened(file) as made:  # another process trains now
        ws = door(made)
        ds = ws.dataset("demo/support")
        reviewed = uids(ds)[:N_REVIEWED]
        gone = MessageChoice(message_ids=tuple(uid.partition(".")[2] for uid in reviewed[::3]))
        ws.operations.delete_messages(ds.info.source_ids[0], gone, "delete")
        fill(ws, N, suffix=" again")  # a third comes anew, and the texts of the others change
        review(ds, reviewed, says=lambda seen: () if truth(seen) else ("Praise",))
        assert set(kept_apart(ws, ds, train(ds))) == first


@pytest.mark.nightly
def test_reviewing_by_search_alone_lowers_balance_and_a_fifth_of_shuffle_restores_it(
    ws: Workspace, trained: Dataset
) -> None:
    """Rule 4: annotating only by search lowers Balance; 20 % Shuffle restores that component."""
    found = {"shuffle": balance(trained)}  # the same messages, all drawn at random
    for name, n_searched in (("search", N_REVIEWED), ("fifth", int(0.8 * N_REVIEWED))):
        ds = dataset(ws, name)
        chosen = uids(ds)[:N_REVIEWED]
        review(ds, chosen[:n_searched], "search")
        review(ds, chosen[n_searched:], "shuffle")
        # Looking at reviewed messages again does not change how they came to be reviewed.
        review(ds, chosen[-5:], "check")
        events = ds.operations.review_events(ds.dataset_id)["mode"].to_pylist()
        assert (events.count("search"), events.count("shuffle")) == (n_searched, N_REVIEWED - n_searched)
        train(ds)
        found[name] = balance(ds)
    for name, searched in (("shuffle", 0), ("search", 1), ("fifth", 0.8)):
        shares = [found[name].contributors[f"{mode}_share"] for mode in ("search", "shuffle")]
        assert shares == pytest.approx([searched, 1 - searched]), name
    assert len({one.contributors["similarity"] for one in found.values()}) == 1
    scores = {name: one.score or 0 for name, one in found.items()}
    assert scores["shuffle"] - scores["search"] == pytest.approx(30)
    assert scores["fifth"] - scores["search"] == pytest.approx(20)


@pytest.mark.parametrize(("sentiment", "even"), [(False, 1 / 2), (True, 2 / 3)], ids=["plain", "sentiment"])
def test_teach_begins_with_the_unreviewed_message_nearest_to_even_odds(
    ws: Workspace, trained: Dataset, sentiment: bool, even: float
) -> None:
    """Rule 6: Teach's first item has the smallest |p - 0.5| (2/3 with sentiment) and is unreviewed."""
    ds = hastily_reviewed(ws, "feelings", sentiment=True) if sentiment else trained
    open_ = set(ds.messages(reviewed=False)["uid"])
    other = 1 / 2 + 2 / 3 - even
    n_telling = 0
    for label in ds.labels()["label"]:
        chances = dict.fromkeys(open_, 0.0) | {u: p for u, p in said(ds, label).items() if u in open_}
        batch = ds.next_batch("teach", 20, label=label)
        assert set(batch.uids) <= open_
        away = {uid: abs(chance - even) for uid, chance in chances.items()}
        if min(away.values()) < even - 0.05:  # else all are below 0.05, where the table says nothing
            first = batch.uids[0]
            assert away[first] == pytest.approx(min(away.values()), abs=1e-6)
            n_telling += min(abs(chance - other) for chance in chances.values()) < abs(chances[first] - other)
    assert n_telling  # of some label the other even odds would begin with another message


def test_check_and_missed_show_reviewed_messages_by_what_was_said_of_them_unseen(
    ws: Workspace, trained: Dataset
) -> None:
    """Rule 7: Check and Missed return only reviewed messages and use out-of-fold scores."""
    ds = trained
    unseen = kept_apart(ws, ds, ds.info.model_version)
    place = [label.name for label in ds.operations.labels(ds.dataset_id)].index("Praise")
    seen = {one.uid: one for one in ds.operations.get_messages(ds.dataset_id, tuple(uids(ds)))}
    praise = ds.label_ids("Praise")[0]
    learned = said(ds, "Praise")
    reviewed = [uid for uid, one in seen.items() if one.reviewed]
    for mode, sign in (("check", 1), ("missed", -1)):
        shown = ds.next_batch(mode, 100, label="Praise").uids
        assert shown
        assert {seen[uid].reviewed for uid in shown} == {True}
        assert {praise in seen[uid].assigned for uid in shown} == {mode == "check"}
        # Of the messages kept apart from training it is known what was said of them unseen.
        apart = [uid for uid in shown if uid in unseen]
        assert len(apart) > 1
        assert apart == sorted(apart, key=lambda uid: sign * unseen[uid][place])
        # The others were learned from, wrong labels too: what the model says of them now doubts few.
        inside = [uid for uid in shown if uid not in unseen]
        sides = {
            has: [uid for uid in reviewed if (praise in seen[uid].assigned) == has] for has in (True, False)
        }
        asked, against = sides[mode == "check"], sides[mode != "check"]
        bar = sign * np.mean([learned.get(uid, 0.0) for uid in against])
        by_heart = [uid for uid in asked if uid not in unseen and sign * learned.get(uid, 0.0) < bar]
        assert len(inside) > 2 * len(by_heart)


def test_an_old_version_disappears_and_a_pinned_one_predicts_the_same(ws: Workspace) -> None:
    """Rule 10: an unpinned old version disappears; a pinned one still returns identical predictions."""
    ds = dataset(ws, "versions")
    review(ds, uids(ds)[:60])
    first = train(ds)
    ds.pin(first)
    pinned = ds.predictions(version=first)
    assert pinned.height
    review(ds, uids(ds)[:100], says=lambda seen: () if truth(seen) else ("Praise",))
    newest = [train(ds) for _ in range(3)][-1]
    assert ds.predictions(version=first).equals(pinned)
    assert not ds.predictions().equals(pinned)
    assert Settings().versions_kept == 5
    assert list(ds.versions()["version"]) == [newest, newest - 1, first]


def test_a_probability_equal_to_the_threshold_is_a_yes(ws: Workspace, trained: Dataset) -> None:
    """Rule 11: threshold equality counts as positive, here of the filter and of the validation report."""
    ds = trained
    label_id = ds.label_ids("Refund")[0]
    open_ = set(ds.messages(reviewed=False)["uid"])
    chances = {uid: chance for uid, chance in said(ds, "Refund").items() if uid in open_}
    chosen = sorted(chances, key=lambda uid: chances[uid])[len(chances) // 2]
    at = chances[chosen]

    def passing(at_least: float) -> set[str]:
        condition = LabelFilter(label_id=label_id, status="predicted", at_least=at_least)
        return set(ds.messages(MessageFilter(labels=(condition,)))["uid"])

    assert passing(at) == {uid for uid, chance in chances.items() if chance >= at}
    assert chosen not in passing(float(np.nextafter(np.float32(at), np.float32(1))))
    # A threshold with few digits, as people type it, is the stored single precision number.
    assert chosen in passing(float(str(np.float32(at))))

    unseen = kept_apart(ws, ds, ds.info.model_version)
    seen = {one.uid: one for one in ds.operations.get_messages(ds.dataset_id, tuple(unseen))}
    labels = [(at, one) for at, one in enumerate(ds.validation().labels) if one.n_test >= MEASURED]
    assert labels
    for place, label in labels:
        carries = np.array([label.label_id in seen[uid].assigned for uid in unseen])
        scores = np.array([one[place] for one in unseen.values()])
        for threshold, precision, recall in zip(
            label.thresholds, label.precisions, label.recalls, strict=True
        ):
            yes = scores >= np.float32(threshold)
            assert precision == pytest.approx((carries & yes).sum() / yes.sum())
            assert recall == pytest.approx((carries & yes).sum() / max(carries.sum(), 1))


def test_a_stream_returns_a_label_at_its_threshold_and_never_at_a_hundred_per_cent(tmp_path: Path) -> None:
    """Rule 11: threshold equality counts as positive; 100 % in a stream disables the label.

    No calibrated model is ever quite sure: the probabilities of 1 and 0.99 are written into the store in the place of
    what a trained version predicted of one message.
    """
    with opened(tmp_path / "w.duckdb") as made:
        ws = door(made)
        fill(ws, N)
        ds = dataset(ws, "support")
        review(ds, uids(ds)[:N_REVIEWED])
        version = train(ds)
        ops, did = ds.operations, ds.dataset_id
        labels = {label.name: label.label_id for label in ops.labels(did)}

        def returned(uid: str, unlisted: Unlisted | None = None, **thresholds: float) -> dict[str, float]:
            """What a stream with these thresholds says of a message."""
            chosen = tuple(
                LabelThreshold(label_id=labels[name], threshold=threshold)
                for name, threshold in thresholds.items()
            )
            settings = StreamSettings(version=version, thresholds=chosen, unlisted=unlisted)
            known = [one.name for one in ops.streams(did)]
            put = ops.amend_stream if "robots" in known else ops.create_stream
            put(did, "robots", settings)
            (found,) = ops.stream_predictions(did, "robots", (Uid(uid),))
            return {label.name: label.probability for label in found.labels}

        chances = said(ds, "Refund")
        middle = sorted(chances, key=lambda uid: chances[uid])[len(chances) // 2]
        at = chances[middle]
        assert 0 < at < 1
        assert returned(middle, Refund=at) == {"Refund": at}
        assert returned(middle, Refund=float(str(np.float32(at)))) == {"Refund": at}  # as people type it
        assert returned(middle, Refund=float(np.nextafter(np.float32(at), np.float32(1)))) == {}

        with made._workspace.store.write() as session:
            order = session.models.label_ids(did, version)
            sure = np.zeros((1, len(order)), np.float32)
            sure[0, order.index(labels["Refund"])] = 1.0
            sure[0, order.index(labels["Praise"])] = 0.99
            session.models.put_predictions(did, version, (Uid(middle),), sure)
        assert said(ds, "Refund")[middle] == 1.0
        assert returned(middle, Refund=1.0, Praise=0.99) == {"Praise": float(np.float32(0.99))}
        assert returned(middle, Refund=0.999, Praise=1.0) == {"Refund": 1.0}
        assert returned(middle, "every")["Refund"] == 1.0
        assert set(returned(middle, "every")) == set(labels)
        assert returned(middle) == {}  # nobody chose a threshold: off, as at 100 %
        ops.keep_threshold(did, labels["Praise"], 0.99, version)
        assert returned(middle) == {"Praise": float(np.float32(0.99))}
