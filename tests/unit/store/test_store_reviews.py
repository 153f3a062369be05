"""Judgements: ancestors, merging, idempotence, history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stores import AT, DATASET, PATHS, SOURCE, batch, message, uid
from workbench.domain import Judgement, JudgementReceipt, LabelId
from workbench.errors import InputError, UnknownNameError
from workbench.store import Store
from workbench.store.repositories.merging import LabelSets, Taxonomy, judged, merged

LATER = AT + timedelta(minutes=5)


@pytest.fixture
def reviewed(store: Store) -> Store:
    with store.write() as session:
        session.messages.put(SOURCE, batch(*(message(str(i)) for i in range(4))), at=AT)
    return store


def say(
    store: Store,
    event_id: str,
    assigned: str = "",
    dismissed: str = "",
    *,
    revision: int = 0,
    name: str = "0",
    reviewed: bool = True,
    actor: str = "ann",
    n_population: int | None = None,
) -> JudgementReceipt:
    judgement = Judgement(
        event_id=event_id,
        uid=uid(name),
        assigned=tuple(LabelId(i) for i in assigned.split()),
        dismissed=tuple(LabelId(i) for i in dismissed.split()),
        revision=revision,
        reviewed=reviewed,
        mode="shuffle",
        probability=0.5,
        model_version=3,
        n_population=n_population,
    )
    with store.write() as session:
        (receipt,) = session.reviews.judge(DATASET, (judgement,), actor=actor, at=AT)
    return receipt


def state(store: Store, name: str = "0") -> tuple[tuple[str, ...], tuple[str, ...], bool, int]:
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid(name),))
    return found.assigned, found.dismissed, found.reviewed, found.revision


def test_ancestors_are_added(reviewed: Store) -> None:
    receipt = say(reviewed, "a", "l1", "l2")
    assert receipt == JudgementReceipt(
        event_id="a",
        uid=uid("0"),
        assigned=("l0", "l1"),
        dismissed=("l2",),
        reviewed=True,
        revision=1,
        reviewed_by="ann",
        reviewed_at=AT,
    )
    assert state(reviewed) == (("l0", "l1"), ("l2",), True, 1)


def test_a_dismissed_ancestor_gives_way(reviewed: Store) -> None:
    assert say(reviewed, "a", "l1", "l0").dismissed == ()


def test_same_event_twice_changes_nothing(reviewed: Store) -> None:
    first = say(reviewed, "a", "l1")
    say(reviewed, "b", "l2", revision=1)
    assert say(reviewed, "a", "l1") == first
    assert state(reviewed) == (("l2",), (), True, 2)
    twice = Judgement(event_id="c", uid=uid("1"), assigned=(LabelId("l2"),))
    with reviewed.write() as session:
        one, two = session.reviews.judge(DATASET, (twice, twice), actor="ann", at=AT)
        assert one == two
        assert session.reviews.events(DATASET).num_rows == 3


def test_up_to_date_judgement_replaces(reviewed: Store) -> None:
    say(reviewed, "a", "l1", "l2")
    receipt = say(reviewed, "b", "l2", "l0", revision=1, actor="bob")
    assert (receipt.merged, receipt.revision, receipt.reviewed_by) == (False, 2, "bob")
    assert state(reviewed) == (("l2",), ("l0",), True, 2)


def test_two_people_who_saw_the_same(reviewed: Store) -> None:
    say(reviewed, "a", "l1")
    receipt = say(reviewed, "b", "l2", actor="bob")
    assert receipt.merged
    assert state(reviewed) == (("l0", "l1", "l2"), (), True, 2)


def test_stale_removal_wins_and_the_rest_stays(reviewed: Store) -> None:
    say(reviewed, "a", "l1 l2")
    say(reviewed, "b", "l1 l2 l3", revision=1)
    # Somebody still looking at revision 1 takes l2 away and says nothing about l3.
    receipt = say(reviewed, "c", "l1", revision=1)
    assert receipt.merged
    assert state(reviewed) == (("l0", "l3", "l1"), (), True, 3)


def test_stale_dismissal_of_a_parent_takes_its_children(reviewed: Store) -> None:
    say(reviewed, "a", "l1")
    say(reviewed, "b", "l2", "l0")
    assert state(reviewed) == (("l2",), ("l0",), True, 2)


def test_stale_judgements_within_one_call(reviewed: Store) -> None:
    given = tuple(
        Judgement(event_id=str(i), uid=uid("0"), assigned=(LabelId(label_id),))
        for i, label_id in enumerate(("l1", "l2", "l3"))
    )
    with reviewed.write() as session:
        receipts = session.reviews.judge(DATASET, given, actor="ann", at=AT)
    assert [r.revision for r in receipts] == [1, 2, 3]
    assert [r.merged for r in receipts] == [False, True, True]
    assert state(reviewed)[0] == ("l0", "l3", "l1", "l2")


def test_back_to_unreviewed(reviewed: Store) -> None:
    say(reviewed, "a", "l1")
    say(reviewed, "b", "", reviewed=False, revision=1)
    assert state(reviewed) == ((), (), False, 2)
    with reviewed.read() as session:
        assert session.reviews.reviewed(DATASET).num_rows == 0
        assert session.messages.get(DATASET, (uid("0"),))[0].reviewed_by is None


@pytest.mark.parametrize(
    ("judgement", "error"),
    [
        (Judgement(event_id="x", uid=uid("none")), UnknownNameError),
        (Judgement(event_id="x", uid=uid("0"), assigned=(LabelId("l9"),)), UnknownNameError),
        (
            Judgement(event_id="x", uid=uid("0"), assigned=(LabelId("l1"),), dismissed=(LabelId("l1"),)),
            InputError,
        ),
        (Judgement(event_id="x", uid=uid("0"), revision=1), InputError),
        (Judgement(event_id="x", uid=uid("0"), revision=-1), InputError),
    ],
)
def test_wrong_judgements_change_nothing(
    reviewed: Store, judgement: Judgement, error: type[Exception]
) -> None:
    good = Judgement(event_id="good", uid=uid("1"), assigned=(LabelId("l2"),))
    with pytest.raises(error), reviewed.write() as session:
        session.reviews.judge(DATASET, (good, judgement), actor="ann", at=AT)
    with reviewed.read() as session:
        assert session.reviews.events(DATASET).num_rows == 0


def test_history_keeps_before_and_after(reviewed: Store) -> None:
    say(reviewed, "a", "l1")
    say(reviewed, "b", "l2", "l1", revision=1, actor="bob")
    table = reviewed.sql("SELECT * FROM review_event ORDER BY seq", limit=10, limit_s=10)
    first, second = table.to_pylist()
    assert (first["before_assigned"], first["assigned"]) == ([], ["l0", "l1"])
    assert (second["before_assigned"], second["assigned"]) == (["l0", "l1"], ["l2"])
    assert (second["before_reviewed"], second["reviewed"], second["actor"]) == (True, True, "bob")
    assert (second["mode"], second["probability"], second["model_version"]) == ("shuffle", 0.5, 3)


def test_what_training_reads(reviewed: Store) -> None:
    say(reviewed, "a", "l2", name="2")
    say(reviewed, "b", "l1", name="1")
    say(reviewed, "c", "l1", name="3", reviewed=False)
    with reviewed.read() as session:
        pairs = session.reviews.matrix(DATASET).to_pylist()
        rows = session.reviews.reviewed(DATASET).to_pylist()
        n, last_at = session.reviews.since(DATASET, AT - timedelta(seconds=1))
        assert session.reviews.since(DATASET, AT) == (0, None)
    assert [(p["uid"], p["label_id"]) for p in pairs] == [
        (uid("1"), "l0"),
        (uid("1"), "l1"),
        (uid("2"), "l2"),
    ]
    assert [(r["uid"], r["mode"], r["probability"]) for r in rows] == [
        (uid("1"), "shuffle", 0.5),
        (uid("2"), "shuffle", 0.5),
    ]
    assert (n, last_at) == (3, AT)


def test_it_is_known_among_how_many_a_message_was_picked_when_it_was_first_reviewed(reviewed: Store) -> None:
    say(reviewed, "a", name="3", n_population=40)
    say(reviewed, "b", name="1", n_population=39)
    say(reviewed, "c", "l1", name="3", revision=1, n_population=7)  # looked at again
    say(reviewed, "d", name="2")
    say(reviewed, "e", name="1", revision=1, reviewed=False)
    say(reviewed, "f", name="1", revision=2, n_population=38)  # reviewed anew
    with reviewed.read() as session:
        rows = {row["uid"]: row for row in session.reviews.reviewed(DATASET).to_pylist()}
    assert [(uid(name), rows[uid(name)]["n_population"]) for name in "123"] == [
        (uid("1"), 38),
        (uid("2"), None),
        (uid("3"), 40),
    ]
    assert sorted(rows, key=lambda one: rows[one]["first_seq"]) == [uid("3"), uid("2"), uid("1")]


def test_nothing_to_judge(reviewed: Store) -> None:
    with reviewed.write() as session:
        assert session.reviews.judge(DATASET, (), actor="ann", at=AT) == ()


def sets(assigned: str = "", dismissed: str = "") -> LabelSets:
    return LabelSets(
        assigned=frozenset(LabelId(i) for i in assigned.split()),
        dismissed=frozenset(LabelId(i) for i in dismissed.split()),
    )


TAXONOMY = Taxonomy({LabelId(i): path for i, path in PATHS.items()})


@pytest.mark.parametrize(
    ("seen", "current", "asked", "result"),
    [
        (sets(), sets("l0 l1"), sets("l2"), sets("l0 l1 l2")),
        (sets("l2"), sets("l2 l0"), sets(), sets("l0")),
        (sets(), sets("l2"), sets("", "l2"), sets("", "l2")),
        (sets("", "l2"), sets("", "l2 l3"), sets(), sets("", "l3")),
        (sets(), sets("", "l2"), sets("l2"), sets("l2")),
        (sets("l0 l1"), sets("l0 l1 l3"), sets(), sets()),
        (sets("l0 l1"), sets(), sets("l0 l1 l3"), sets("l0 l3")),
        (sets("l2"), sets("", "l2"), sets("l2"), sets("", "l2")),
    ],
)
def test_merge_rule(seen: LabelSets, current: LabelSets, asked: LabelSets, result: LabelSets) -> None:
    assert merged(TAXONOMY, seen=seen, current=current, asked=asked) == result


def test_judged_is_closed_and_disjoint() -> None:
    asked = judged(TAXONOMY, [LabelId("l1")], [LabelId("l0"), LabelId("l3")])
    assert asked == sets("l0 l1", "l3")
