"""Quotas: what is used of them, and refusals that name the quota, the value and the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from tests.contract.messages import batch
from workbench.domain import LIMITS, AnyConnection, Dataset, ImapConnection, Judgement, Operations, Uid
from workbench.errors import LimitError
from workbench.settings import Settings
from workbench.workspace import open_workspace

MISSING = (
    "alerts",
    "fields_per_dataset",
    "extraction_predictions",
    "documents_at_design_time",
    "documents_at_run_time",
)
"""What the workbench does not have yet, and counts as none."""


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
        "users": (None, 0, ""),
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
        "streams": (None, 0, ""),
        "streams_per_dataset": (None, 0, ""),
        "pinned_versions": (None, 0, ""),
        **dict.fromkeys(MISSING, (None, 0, "")),
    }
    assert (found["projects"].left, found["labels_per_dataset"].left, found["sources"].left) == (2, 0, None)


def test_every_limit_with_a_setting_on_what_there_is_has_a_quota(here: Operations) -> None:
    settings = {field.name for field in fields(Settings)}
    counted = {name for name, limit in LIMITS.items() if limit.setting and name != "attachment_bytes"}
    found = {one.kind: one for one in here.quotas()}
    assert {kind for kind, one in found.items() if not one.missing} == counted
    assert {found[kind].setting for kind in counted} <= settings
    assert {kind for kind, one in found.items() if one.missing} == set(MISSING)


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


def test_who_creates_at_the_same_moment_passes_no_quota(tmp_path: Path) -> None:
    n, most = 4, 2
    settings = Settings(
        encoder="hash-test",
        fast_encoder="",
        retrain_after_reviews=0,
        most_projects=most,
        most_sources=most,
        most_datasets=most,
        most_buckets=most,
        most_integrations=most,
        labels_per_dataset=most,
        most_reviewed_per_dataset=most,
        most_messages=n + most,
    )
    connection = AnyConnection.of(ImapConnection(host="127.0.0.1", port=9, user_name="c", security="plain"))
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened, ThreadPoolExecutor(n) as pool:
        here = opened.operations("tester")
        source_id = here.create_source("demo", "mail").source_id
        here.put_messages(source_id, batch(n), "a", n)
        dataset = here.create_dataset("demo", "support", (source_id,))
        creators: dict[str, Callable[[int], object]] = {
            "projects": lambda i: here.create_project(f"p{i}"),
            "sources": lambda i: here.create_source("demo", f"s{i}"),
            "datasets": lambda i: here.create_dataset("demo", f"d{i}", (source_id,)),
            "buckets": lambda i: here.create_bucket("demo", f"b{i}"),
            "integrations": lambda i: here.create_integration("demo", f"i{i}", connection),
            "labels_per_dataset": lambda i: here.create_label(dataset.dataset_id, f"L{i}"),
            "reviewed_per_dataset": lambda i: here.judge(dataset.dataset_id, (judged(dataset, i),)),
            "messages": lambda i: here.put_messages(source_id, batch(1, first=n + i), f"b{i}", 1),
        }
        before = {one.kind: one.used for one in here.quotas()}
        start = Barrier(n)

        def refused(create: Callable[[int], object], i: int) -> str:
            start.wait(30)
            try:
                create(i)
            except LimitError as refusal:
                return str(refusal.details["limit"])
            return ""

        for kind, create in creators.items():
            answers = list(pool.map(partial(refused, create), range(n)))
            now = {one.kind: one for one in here.quotas()}[kind]
            assert (now.used, now.left) == (now.hard_limit, 0), kind
            assert answers.count(kind) == n - (now.used - before[kind]), kind
            assert answers.count("") == now.used - before[kind], kind


def test_judgements_sent_in_batches_at_the_same_moment_pass_no_quota(
    here: Operations, dataset: Dataset
) -> None:
    start = Barrier(2)

    def judge(first: int) -> bool:
        start.wait(30)
        try:
            here.judge(dataset.dataset_id, (judged(dataset, first), judged(dataset, first + 1)))
        except LimitError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(judge, (0, 2))) == [False, True]
    assert here.dataset("demo/support").n_reviewed == 2
