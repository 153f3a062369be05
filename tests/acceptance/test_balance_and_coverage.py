"""Acceptance tests of balance and coverage: rules 4 and 5 of the functional specification, and the recent messages.

They speak to a workspace as a notebook does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.acceptance.corpus import ALL, dataset, door, fill, opened, review, train, uids
from workbench.domain import BalanceReport, Message, MessageFilter, RatingFactor
from workbench.door import Dataset, Workspace

N = 600
N_REVIEWED = 120
CHILDREN = ("North", "East", "South", "West")


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all; each test makes its own datasets over the same messages."""
    with opened(tmp_path_factory.mktemp("balance") / "w.duckdb", versions_kept=1) as made:
        found = door(made)
        fill(found, N)
        yield found


def watched(ds: Dataset) -> BalanceReport:
    """Train and weigh."""
    train(ds)
    ds.monitor(progress=False)
    return ds.balance()


def factor(ds: Dataset, name: str) -> RatingFactor:
    return next(one for one in ds.validation().rating.factors if one.name == name)


@pytest.mark.nightly
def test_what_a_search_finds_lowers_balance_and_a_fifth_of_shuffle_restores_its_part(ws: Workspace) -> None:
    """Rule 4: annotating only by search lowers Balance; 20 % Shuffle restores that component.

    Here the messages are really found by a search, so that they are alike as well; what the modes alone do is
    tested with the same messages in ``test_training_loop``.
    """
    reports, factors = {}, {}
    for name, n_searched in (("random", 0), ("fifth", int(0.8 * N_REVIEWED)), ("only search", N_REVIEWED)):
        ds = dataset(ws, name.replace(" ", "-"))
        hits = ds.operations.find_messages(ds.dataset_id, MessageFilter(text="refund"), "relevance", 0, 256)
        found = [one.uid for one in hits.messages][:n_searched]
        assert len(found) == n_searched
        review(ds, found, "search")
        drawn = (
            ds.next_batch("shuffle", N_REVIEWED - n_searched, seed=1).uids if n_searched < N_REVIEWED else ()
        )
        review(ds, drawn, "shuffle")
        reports[name], factors[name] = watched(ds), factor(ds, "balance")
    balances = {name: report.balance or 0 for name, report in reports.items()}
    assert balances["random"] > 0.95
    assert balances["only search"] < balances["fifth"] < balances["random"]
    assert reports["only search"].band == "poor"
    scores = {name: one.score or 0 for name, one in factors.items()}
    assert scores["only search"] < scores["fifth"] < scores["random"]
    # The share of random messages counts up to a fifth: with it that component of the score is whole again.
    similar = {name: one.contributors["similarity"] for name, one in factors.items()}
    rest = {name: scores[name] - 70 * float(np.interp(similar[name], [0.5, 0.95], [0, 1])) for name in scores}
    assert rest["only search"] == pytest.approx(0)
    assert rest["fifth"] == pytest.approx(20)
    assert rest["random"] == pytest.approx(30)


@pytest.mark.nightly
def test_a_parent_that_never_stands_alone_contributes_nothing_to_coverage(ws: Workspace) -> None:
    """Rule 5: a parent pinned 20+ times and never without a child contributes nothing to coverage.

    Which child a message gets does not follow from its text, so that the model is sure of the parent and of no child:
    what coverage there is then comes from the parent or not at all.
    """
    covered, never_more_than, with_parent = {}, {}, {}
    for name, is_alone in (("never-alone", 0.0), ("sometimes-alone", 0.3)):
        ds = ws.create_dataset(f"demo/{name}", sources=["demo/mail"])
        for child in CHILDREN:
            ds.create_label(f"Parcel > {child}")
        random = np.random.default_rng(3)

        def says(
            seen: Message, random: np.random.Generator = random, share: float = is_alone
        ) -> tuple[str, ...]:
            if "parcel" not in seen.body:
                return ()
            child = f"Parcel > {CHILDREN[random.integers(len(CHILDREN))]}"
            return ("Parcel",) if random.random() < share else ("Parcel", child)

        review(ds, uids(ds)[: 2 * N_REVIEWED], says=says)
        covered[name] = watched(ds).coverage or 0
        assert factor(ds, "coverage").contributors["coverage"] == pytest.approx(covered[name], abs=0.02)
        uses = [one.n_assigned for one in ds.operations.labels(ds.dataset_id) if one.name == "Parcel"]
        assert uses[0] > 20
        # By hand, of what the model says: without the parent, all children counted in full; and of the parent alone.
        piece = ds.operations.export_piece(ds.dataset_id, ALL)
        names = [one.name for one in ds.operations.labels(ds.dataset_id)]
        chances = np.array(piece["probabilities"].to_pylist(), dtype=np.float64)
        children = [place for place, one in enumerate(names) if " > " in one]
        never_more_than[name] = float((1 - np.prod(1 - chances[:, children], axis=1)).mean())
        sure = chances[:, names.index("Parcel")]
        with_parent[name] = float(np.where(sure >= 0.9, sure, 0).mean())
    assert covered["never-alone"] <= never_more_than["never-alone"]
    assert with_parent["never-alone"] > never_more_than["never-alone"] + 0.05  # had it counted, it would show
    # Where it sometimes stands alone the children cannot account for what is covered.
    assert covered["sometimes-alone"] > never_more_than["sometimes-alone"] + 0.05


@pytest.mark.nightly
def test_rebalance_limited_to_recent_messages_shows_no_older_one(ws: Workspace) -> None:
    """The action that an alarm offers: Rebalance among the messages of the newest window."""
    ds = dataset(ws, "recent")
    review(ds, uids(ds)[:N_REVIEWED])  # the oldest ones
    ds.discover(progress=False)
    everything = ds.messages()
    since = everything["timestamp"].sort()[-100]
    batch = ds.operations.next_batch(
        ds.dataset_id, "rebalance", 20, where=replace(MessageFilter(), since=since)
    )
    times = dict(zip(everything["uid"], everything["timestamp"], strict=True))
    assert len(batch.uids) == 20
    assert min(times[uid] for uid in batch.uids) >= since
    assert batch.n_population <= 100
    assert batch.mode == "rebalance"
