"""Quotas: what is used of them, and refusals that name the quota, the value and the next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tests.contract.messages import batch
from workbench.domain import LIMITS, Dataset, Judgement, Operations, Uid
from workbench.errors import LimitError
from workbench.settings import Settings
from workbench.workspace import open_workspace


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Operations]:
    settings = Settings(
        encoder="hash-test",
        fast_encoder="",
        retrain_after_reviews=0,
        most_projects=3,
        most_reviewed_per_dataset=2,
        labels_per_dataset=2,
    )
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        yield opened.operations("tester")


@pytest.fixture
def dataset(here: Operations) -> Dataset:
    ids = []
    for n, name in ((4, "mail"), (2, "chat")):
        source = here.create_source("demo", name)
        here.put_messages(source.source_id, batch(n), "a", n)
        ids.append(source.source_id)
    here.create_dataset("demo", "small", (ids[1],))
    return here.create_dataset("demo", "support", tuple(ids))


def judged(dataset: Dataset, n: int, *, reviewed: bool = True, event: str = "e") -> Judgement:
    uid = Uid(f"{dataset.source_ids[0]}.m{n}")
    return Judgement(event_id=f"{event}{n}", uid=uid, assigned=(), dismissed=(), reviewed=reviewed)


def test_every_quota_tells_its_limit_and_what_is_used(here: Operations, dataset: Dataset) -> None:
    here.create_label(dataset.dataset_id, "A > B")
    here.judge(dataset.dataset_id, (judged(dataset, 0),))
    found = {one.kind: one for one in here.quotas()}
    assert {kind: (one.hard_limit, one.used, one.where) for kind, one in found.items()} == {
        "projects": (3, 1, ""),
        "sources": (None, 2, ""),
        "datasets": (None, 2, ""),
        "buckets": (None, 0, ""),
        "integrations": (None, 0, ""),
        "mailboxes_per_integration": (1_000, 0, ""),
        "messages": (None, 6, ""),
        "messages_per_source": (None, 4, "demo/mail"),
        "sources_per_dataset": (20, 2, "demo/support"),
        "datasets_per_source": (10, 2, "demo/chat"),
        "labels_per_dataset": (2, 2, "demo/support"),
        "reviewed_per_dataset": (2, 1, "demo/support"),
    }
    assert (found["projects"].left, found["labels_per_dataset"].left, found["sources"].left) == (2, 0, None)


def test_every_limit_with_a_setting_on_what_there_is_has_a_quota(here: Operations) -> None:
    settings = {field.name for field in fields(Settings)}
    counted = {name for name, limit in LIMITS.items() if limit.setting and name != "attachment_bytes"}
    assert {one.kind for one in here.quotas()} == counted
    assert {one.setting for one in here.quotas()} <= settings


def test_an_empty_workspace_uses_nothing(here: Operations) -> None:
    assert {(one.used, one.where) for one in here.quotas()} == {(0, "")}


def test_reviewed_messages_have_a_quota(here: Operations, dataset: Dataset) -> None:
    here.judge(dataset.dataset_id, tuple(judged(dataset, n) for n in range(2)))
    for refused in ((judged(dataset, 2),), (judged(dataset, 2), judged(dataset, 3))):
        n = 2 + len(refused)
        with pytest.raises(LimitError) as caught:
            here.judge(dataset.dataset_id, refused)
        assert caught.value.message == (
            f"dataset 'demo/support' would have {n} reviewed messages; at most 2 are allowed."
        )
        assert "raise the setting 'most_reviewed_per_dataset'" in caught.value.next_step.lower()
        assert caught.value.details["limit"] == "reviewed_per_dataset"
    assert here.dataset("demo/support").n_reviewed == 2
    here.judge(dataset.dataset_id, (judged(dataset, 1, event="again"),))
    here.judge(dataset.dataset_id, (judged(dataset, 0, reviewed=False, event="back"),))
    here.judge(dataset.dataset_id, (judged(dataset, 2, event="then"),))
    assert here.dataset("demo/support").n_reviewed == 2


def test_labels_have_a_quota(here: Operations, dataset: Dataset) -> None:
    here.create_label(dataset.dataset_id, "A > B")
    with pytest.raises(LimitError, match="'demo/support' would have 3 labels; at most 2 are allowed"):
        here.create_label(dataset.dataset_id, "C")
