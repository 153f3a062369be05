"""Acceptance tests of clusters, taxonomy and label sentiment: numbered rules of the functional specification, one test each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.acceptance.corpus import (
    dataset,
    door,
    fill,
    opened,
    review,
    train,
    uids,
)
from workbench.api import make_app
from workbench.cli import commands, main
from workbench.domain import (
    Cluster,
    ClusterRun,
    LabelFilter,
    MessageFilter,
    Operations,
    RunId,
    Uid,
)
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.widgets.panels import DiscoverPanel
from workbench.wire import Call, Reply, decode, encode, perform, remote_operations
from workbench.workspace.opening import OpenedWorkspace


def until(fact: Callable[[], object], *, patience_s: float = 60) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def test_the_cluster_view_shows_thirty_clusters_of_twelve_messages_all_selected(tmp_path: Path) -> None:
    """Rule 8: Cluster view: at most 30 clusters, 12 cards, all selected at start; invert and hide work."""
    with opened(tmp_path / "w.duckdb") as made:
        ws = door(made)
        fill(ws, 40 * 15)
        ds = dataset(ws, "clusters")
        everything = [Uid(uid) for uid in uids(ds)]
        with made._workspace.store.write() as session:
            session.discovery.add_run(*run_of(ds, everything, 0))
        panel = DiscoverPanel(ds)
        grid = panel.clusters
        until(lambda: grid.clusters)
        first, second = (str(one["id"]) for one in grid.clusters[:2])
        assert (len(grid.clusters), {len(one["snippets"]) for one in grid.clusters}) == (30, {12})
        assert all(len(grid.selected_uids(str(one["id"]))) == 12 for one in grid.clusters)

        grid.excluded = grid.selected_uids(first)[2:]
        grid.invert()
        assert [len(grid.selected_uids(one)) for one in (first, second)] == [10, 0]
        grid.invert()
        kept = grid.selected_uids(first)
        assert (len(kept), len(grid.selected_uids(second))) == (2, 12)

        grid._handle_custom_msg(
            {"type": "apply", "label": "Refund", "new": False, "cluster_ids": [first]}, []
        )
        given = ds.messages(MessageFilter(labels=(LabelFilter(label_id=ds.label_ids("Refund")[0]),)))
        assert set(given["uid"]) == set(kept)
        events = ds.operations.review_events(ds.dataset_id)
        assert set(events["mode"].to_pylist()) == {"cluster"}
        assert [str(one["id"]) for one in grid.clusters if one["done"]] == [first]
        grid.hide_done = True
        assert set(grid.visible()) == {str(one["id"]) for one in grid.clusters} - {first}
        grid.invert()
        assert grid.selected_uids(first) == kept  # what is hidden stays as it is
        with made._workspace.store.write() as session:
            session.discovery.add_run(*run_of(ds, everything, 1))
        panel.refresh()  # of other clusters all is selected again
        assert all(len(grid.selected_uids(str(one["id"]))) == 12 for one in grid.clusters)
        panel.close()


def run_of(
    ds: Dataset, everything: list[Uid], number: int
) -> tuple[ClusterRun, list[Uid], np.ndarray, np.ndarray]:
    """Forty clusters of fifteen messages each, as a run with its points."""
    groups = [everything[start : start + 15] for start in range(0, len(everything), 15)]
    run = ClusterRun(
        run_id=RunId(f"run{number}"),
        dataset_id=ds.dataset_id,
        method="fast_hdbscan",
        encoder="hash-test",
        seed=0,
        n_messages=len(everything),
        share_unclustered=0.0,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        clusters=tuple(
            Cluster(
                cluster_id=place,
                name=f"theme {place}",
                phrases=("parcel",),
                n_messages=len(group),
                share=len(group) / len(everything),
                n_reviewed=0,
                medoid=group[0],
                shown=tuple(group),
                x=0.0,
                y=0.0,
            )
            for place, group in enumerate(groups)
        ),
    )
    points = np.zeros((len(everything), 2), dtype=np.float32)
    return run, everything, points, np.repeat(np.arange(len(groups), dtype=np.int32), 15)


def test_changing_the_taxonomy_keeps_all_other_annotations_and_makes_a_version(tmp_path: Path) -> None:
    """Rule 9: rename, merge and delete keep all other annotations and create a new version."""
    with opened(tmp_path / "w.duckdb", retrain_after_reviews=10_000, retrain_after_s=0.0) as made:
        ws = door(made)
        fill(ws, 40)
        ds = dataset(ws, "taxonomy")
        review(ds, uids(ds)[:30])
        stands = annotations(ds)
        version = train(ds)
        edits: tuple[tuple[Callable[[], object], dict[str, str]], ...] = (
            (lambda: ds.taxonomy.rename("Delivery", "Transport"), {"Delivery": "Transport"}),
            (lambda: ds.taxonomy.merge("Damage", "Refund"), {"Damage": "Refund"}),
            (lambda: ds.taxonomy.delete("Praise", emptied="reviewed"), {"Praise": ""}),
        )
        for edit, becomes in edits:
            edit()
            stands = {uid: renamed(names, becomes) for uid, names in stands.items()}
            assert annotations(ds) == stands
            until(lambda: ds.info.model_version > version)  # noqa: B023 - called at once
            version = ds.info.model_version
            until(lambda: ds.status().state == "idle")
        assert "Transport > Late" in set(ds.predictions()["label"])
        assert not {"Praise", "Damage"} & set(ds.predictions()["label"])


def annotations(ds: Dataset) -> dict[str, frozenset[str]]:
    """Names of the labels that stand on each reviewed message."""
    names = {label.label_id: label.name for label in ds.operations.labels(ds.dataset_id)}
    found = ds.operations.get_messages(ds.dataset_id, tuple(map(Uid, uids(ds))))
    return {one.uid: frozenset(names[label] for label in one.assigned) for one in found if one.reviewed}


def renamed(names: frozenset[str], becomes: dict[str, str]) -> frozenset[str]:
    """Label names with their first level replaced; those that become empty are gone."""
    parts = ((becomes.get(head, head), *rest) for head, *rest in (name.split(" > ") for name in names))
    return frozenset(" > ".join(path) for path in parts if path[0])


def test_label_sentiment_is_chosen_once_by_every_way_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rule 12: label sentiment cannot be toggled after creation."""
    with opened(tmp_path / "w.duckdb") as made:
        ws = door(made)
        monkeypatch.setattr(commands, "_open", lambda _file: ws)
        for name, chosen in (("plain", False), ("feelings", True)):
            ds = dataset(ws, name, sentiment=chosen)
            full, toggled = f"demo/{name}", not chosen
            said_no = "was created with" if chosen else "created without label sentiment"
            with pytest.raises(InputError, match=said_no):  # a notebook
                ws.amend_dataset(full, has_sentiment=toggled)
            with over_http(made) as operations, pytest.raises(InputError, match=said_no):
                operations.amend_dataset(ds.dataset_id, has_sentiment=toggled)
            asked = json.dumps({"dataset_id": ds.dataset_id, "has_sentiment": toggled})
            monkeypatch.setattr(sys, "argv", ["workbench", "call", "w.duckdb", "amend_dataset", asked])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code
            assert said_no in capsys.readouterr().err
            assert ws.dataset(full).info.has_sentiment is chosen
            ws.amend_dataset(full, title="Still", has_sentiment=chosen)


@contextmanager
def over_http(made: OpenedWorkspace) -> Iterator[Operations]:
    """The operations through the HTTP door, without a network."""
    token = {"Authorization": "Bearer for-tests"}
    with TestClient(make_app(partial(perform, made.operations("http")), token="for-tests")) as client:

        def ask(call: Call) -> Reply:
            answer = client.post(f"/rpc/{call.operation}", content=encode(call), headers=token)
            return decode(answer.content, Reply)

        yield remote_operations(ask)
