"""Sentiments of labels: said, changed, followed upwards, merged, moved with the taxonomy, and refused elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.stores import AT, DATASET, PATHS, SOURCE, batch, message, uid
from workbench.domain import (
    DatasetId,
    Judgement,
    JudgementReceipt,
    LabelId,
    MessageFilter,
    Node,
    Tree,
    TreeChange,
    Uid,
    whole_sentiments,
)
from workbench.errors import InputError
from workbench.store import Store

FELT = DatasetId("f" * 16)
IDS = {name: LabelId(f"f{name}") for name in PATHS}
CLAIMS, MOTOR, PRAISE, HOME = (IDS[name] for name in PATHS)
_ALL = MessageFilter()
SIGNS = {"+": "positive", "-": "negative"}


@pytest.fixture
def felt(store: Store) -> Store:
    """The sample with four messages, and beside it a dataset with label sentiment."""
    with store.write() as session:
        session.messages.put(SOURCE, batch(*(message(str(i)) for i in range(4))), at=AT)
        plain = session.catalog.find_dataset(DATASET)
        session.catalog.add_dataset(replace(plain, dataset_id=FELT, name="felt", has_sentiment=True))
        for label in session.labels.all(DATASET, counted=False):
            session.labels.add(replace(label, dataset_id=FELT, label_id=IDS[label.label_id]))
    return store


def say(
    store: Store, event_id: str, *words: str, revision: int = 0, name: str = "0", at: DatasetId = FELT
) -> JudgementReceipt:
    """``words`` are labels, each with its sign behind it where it has one: ``l1+``."""
    known = IDS if at == FELT else {one: LabelId(one) for one in PATHS}
    judgement = Judgement(
        event_id=event_id,
        uid=uid(name),
        assigned=tuple(known[word.strip("+-")] for word in words),
        sentiments={known[word[:-1]]: SIGNS[word[-1]] for word in words if word[-1] in SIGNS},  # type: ignore[misc]
        revision=revision,
        mode="shuffle",
    )
    with store.write() as session:
        return session.reviews.judge(at, (judgement,), actor="ann", at=AT)[0]


def stands(store: Store, name: str = "0", at: DatasetId = FELT) -> dict[LabelId, str]:
    with store.read() as session:
        (found,) = session.messages.get(at, (uid(name),))
    assert set(found.sentiments) <= set(found.assigned)
    return dict(found.sentiments)


def kept(store: Store) -> list[dict[str, Any]]:
    query = "SELECT label_id, sentiment FROM assigned_label ORDER BY label_id"
    rows: list[dict[str, Any]] = store.sql(query, limit=9, limit_s=5.0).to_pylist()
    return rows


def test_a_parent_takes_what_is_said_below_it(felt: Store) -> None:
    receipt = say(felt, "a", "l1-", "l2+")
    assert receipt.sentiments == {CLAIMS: "negative", MOTOR: "negative", PRAISE: "positive"} == stands(felt)
    assert kept(felt) == [  # nothing is stored of the parent
        {"label_id": CLAIMS, "sentiment": None},
        {"label_id": MOTOR, "sentiment": -1},
        {"label_id": PRAISE, "sentiment": 1},
    ]
    # As a screen sends it: everything that stands, one of it changed. The parent follows.
    say(felt, "b", "l0-", "l1+", "l2+", revision=1)
    assert stands(felt) == {CLAIMS: "positive", MOTOR: "positive", PRAISE: "positive"}
    # Of several below it the one said last counts.
    say(felt, "c", "l0+", "l1+", "l3-", "l2+", revision=2)
    assert stands(felt)[CLAIMS] == "negative"
    # What is said of the parent itself stays, whatever is said below.
    say(felt, "d", "l0+", "l1+", "l3-", "l2+", revision=3)
    say(felt, "e", "l0+", "l1-", "l3-", "l2+", revision=4)
    assert stands(felt) == {CLAIMS: "positive", MOTOR: "negative", HOME: "negative", PRAISE: "positive"}


def test_the_same_event_twice_answers_the_same(felt: Store) -> None:
    first = say(felt, "a", "l1-")
    say(felt, "b", "l1+", revision=1)
    assert say(felt, "a", "l1-") == first
    with felt.read() as session:
        told = session.reviews.events(FELT)
    assert told["sentiments"].to_pylist() == [[None, "negative"], [None, "positive"]]


def test_two_people_at_once(felt: Store) -> None:
    say(felt, "a", "l1-", "l2+")
    say(felt, "b", "l1+", "l2+", revision=1)  # one turns a sentiment,
    late = say(felt, "c", "l1-", "l2-", revision=1)  # the other, who saw the first state, turns another
    assert late.merged
    assert late.sentiments == {CLAIMS: "positive", MOTOR: "positive", PRAISE: "negative"} == stands(felt)


def test_a_label_keeps_a_sentiment_when_what_it_followed_from_goes(felt: Store) -> None:
    say(felt, "a", "l1-")
    say(felt, "b", "l0", revision=1)
    assert stands(felt) == {CLAIMS: "negative"}


@pytest.mark.parametrize(
    ("words", "at", "problem"),
    [
        (("l1",), FELT, "label 'Claims > Motor' has no sentiment on message"),
        (("l1-",), DATASET, "'Claims > Motor' was given a sentiment, and the dataset has no label sentiment"),
    ],
)
def test_refused(felt: Store, words: tuple[str, ...], at: DatasetId, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as refused:
        say(felt, "a", *words, at=at)
    assert refused.value.next_step
    assert not stands(felt, at=at)


def test_no_neutral_and_no_sentiment_of_what_is_not_assigned(felt: Store) -> None:
    for sentiments, problem in (
        ({MOTOR: "neutral"}, "'neutral' is no sentiment of label"),
        ({PRAISE: "positive", MOTOR: "positive"}, "'Praise' has a sentiment and is not assigned"),
    ):
        judgement = Judgement(event_id="a", uid=uid("0"), assigned=(MOTOR,), sentiments=sentiments)  # type: ignore[arg-type]
        with felt.write() as session, pytest.raises(InputError, match=problem):
            session.reviews.judge(FELT, (judgement,), actor="ann", at=AT)


def test_what_stood_before_labels_had_sentiments_may_stay(felt: Store) -> None:
    say(felt, "a", "l2", at=DATASET)
    older = DatasetId("e" * 16)
    with felt.write() as session:
        session.catalog.add_dataset(
            replace(session.catalog.find_dataset(FELT), dataset_id=older, name="older")
        )
        session.deletion.copy_into(DATASET, older)
        (found,) = session.messages.get(older, (uid("0"),))
        again = Judgement(event_id="b", uid=uid("0"), assigned=found.assigned, revision=1)
        (receipt,) = session.reviews.judge(older, (again,), actor="ann", at=AT)
        assert session.messages.table(older, _ALL)["sentiments"].to_pylist()[0] == [None]
    assert (len(receipt.assigned), receipt.sentiments) == (1, {})


def tree_of(store: Store) -> Tree:
    with store.read() as session:
        return Tree.of(session.labels.all(FELT, counted=False))


def apply(store: Store, change: TreeChange) -> None:
    with store.write() as session:
        changes = change.apply(session.taxonomies.carriers(FELT, change.touched()))
        session.taxonomies.put_tree(FELT, change.before, change.after)
        session.taxonomies.put_messages(FELT, changes, step_id="s1", actor="ann", at=AT)


def test_where_labels_are_merged_the_sentiment_said_last_stays(felt: Store) -> None:
    say(felt, "a", "l1-", "l2+")
    say(felt, "b", "l1+", "l2+", revision=1)  # Motor was said last
    say(felt, "c", "l2-", name="1")
    tree = tree_of(felt)
    after, became = tree.merged(PRAISE, MOTOR)
    apply(felt, TreeChange(before=tree, after=after, became=became))
    assert stands(felt) == {CLAIMS: "positive", MOTOR: "positive"}
    assert stands(felt, "1") == {CLAIMS: "negative", MOTOR: "negative"}
    with felt.read() as session:  # and taking it back would put everything where it was
        undone = {one.uid: one.after for one in session.taxonomies.untouched(FELT, "s1")}
    assert undone[uid("0")].sentiments == {(MOTOR, 2), (PRAISE, 1)}


def test_a_deleted_label_leaves_its_sentiment_to_its_parent(felt: Store) -> None:
    say(felt, "a", "l1-")
    say(felt, "b", "l1-", "l0+", name="1")
    tree = tree_of(felt)
    apply(felt, TreeChange(before=tree, after=tree.without([MOTOR])))
    assert stands(felt) == {CLAIMS: "negative"}
    assert stands(felt, "1") == {CLAIMS: "positive"}


def test_parts_of_a_split_label_have_its_sentiment(felt: Store) -> None:
    say(felt, "a", "l2-")
    tree, part = tree_of(felt), Node(label_id=LabelId("part"), parent_id=PRAISE, name="Staff")
    going = {Uid(uid("0")): frozenset({part.label_id})}
    apply(felt, TreeChange(before=tree, after=tree.with_(part), split_id=PRAISE, parts=going))
    assert stands(felt) == {PRAISE: "negative", part.label_id: "negative"}


def test_copies_and_columns(felt: Store) -> None:
    say(felt, "a", "l1-", "l2+")
    copy = DatasetId("c" * 16)
    with felt.write() as session:
        session.catalog.add_dataset(replace(session.catalog.find_dataset(FELT), dataset_id=copy, name="copy"))
        session.deletion.copy_into(FELT, copy)
        copied = session.messages.table(copy, _ALL)
        assert session.reviews.events(copy)["sentiments"].to_pylist() == [[None, "negative", "positive"]]
        plain = session.messages.table(DATASET, _ALL)
    assert copied["sentiments"].to_pylist() == [["negative", "negative", "positive"], [], [], []]
    assert "sentiments" not in plain.column_names
    assert sorted(stands(felt, at=copy).values()) == ["negative", "negative", "positive"]


def test_of_two_said_at_once_the_last_by_path_counts() -> None:
    paths = {LabelId(one): path for one, path in PATHS.items()}
    said = {LabelId("l1"): 3, LabelId("l3"): -3}
    whole = whole_sentiments(paths, paths, said)
    assert whole == {"l0": "positive", "l1": "positive", "l3": "negative"}
