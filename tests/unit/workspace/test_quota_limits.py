"""Limits that an administrator sets: each at its number and one above, rising by themselves, and the peaks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Barrier

import msgspec
import pytest

from tests.contract.messages import batch
from tests.stores import model_version
from workbench.domain import (
    QUOTA_KINDS,
    AnyConnection,
    BucketTarget,
    Dataset,
    ImapConnection,
    Judgement,
    Mailbox,
    MessageChoice,
    MessageId,
    Operations,
    Quota,
    StreamSettings,
    Uid,
)
from workbench.errors import ConflictError, InputError, LimitError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace import OpenedWorkspace, open_workspace

N = 4
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, most_projects=2)
CONNECTION = AnyConnection.of(ImapConnection(host="127.0.0.1", port=9, user_name="c", security="plain"))


@dataclass
class Here:
    """A workspace with two projects, one source of four messages, a dataset, and model versions to pin."""

    opened: OpenedWorkspace
    operations: Operations = field(init=False)
    dataset: Dataset = field(init=False)

    def __post_init__(self) -> None:
        self.operations = self.opened.operations("ann")
        self.dataset = self.operations.dataset("demo/support")
        (self.source_id,) = self.dataset.source_ids

    def quota(self, kind: str) -> Quota:
        return next(one for one in self.operations.quotas() if one.kind == kind)

    def judge(self, n: int, *, reviewed: bool = True) -> object:
        uid = Uid(f"{self.source_id}.m{n}")
        said = Judgement(event_id=f"{n}{reviewed}", uid=uid, assigned=(), dismissed=(), reviewed=reviewed)
        return self.operations.judge(self.dataset.dataset_id, (said,))

    def creators(self) -> dict[str, Callable[[int], object]]:
        """How the i-th of each kind is made."""
        ops, dataset_id = self.operations, self.dataset.dataset_id
        ops.put_messages(self.source_id, batch(1, first=N), "z", 1)
        more = [ops.create_source("demo", f"more{i}").source_id for i in range(N + 1)]
        return {
            "projects": lambda i: ops.create_project(f"p{i}"),
            "sources": lambda i: ops.create_source("demo", f"s{i}"),
            "datasets": lambda i: ops.create_dataset("demo", f"d{i}", (more[i],)),
            "datasets_per_source": lambda i: ops.create_dataset("demo", f"e{i}", (self.source_id,)),
            "sources_per_dataset": lambda i: ops.add_sources(dataset_id, (more[i],)),
            "buckets": lambda i: ops.create_bucket("demo", f"b{i}"),
            "integrations": lambda i: ops.create_integration("demo", f"i{i}", CONNECTION),
            "labels_per_dataset": lambda i: ops.create_label(dataset_id, f"L{i}"),
            "reviewed_per_dataset": self.judge,
            "messages": lambda i: ops.put_messages(more[0], batch(1, first=i), f"c{i}", 1),
            "messages_per_source": lambda i: ops.put_messages(
                self.source_id, batch(1, first=N + 1 + i), f"b{i}", 1
            ),
            "streams": lambda i: ops.create_stream(dataset_id, f"s{i}", StreamSettings()),
            "streams_per_dataset": lambda i: ops.create_stream(dataset_id, f"t{i}", StreamSettings()),
            "pinned_versions": lambda i: ops.pin_version(dataset_id, i + 1),
            "users": lambda i: ops.create_user(f"u{i}", f"u{i}@x.example"),
        }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: to make it anew for each test would take most of the time."""
    path = tmp_path_factory.mktemp("filled") / "w.duckdb"
    with open_workspace(path, settings=SETTINGS) as opened:
        operations = opened.operations("ann")
        source_id = operations.create_source("demo", "mail").source_id
        operations.put_messages(source_id, batch(N), "a", N)
        dataset_id = operations.create_dataset("demo", "support", (source_id,)).dataset_id
        with opened._workspace.store.write() as session:
            for version in range(1, N + 2):
                about = replace(model_version(version), dataset_id=dataset_id)
                session.models.add_version(about, weights=b"w", parameters="{}", label_ids=[])
    return path


@pytest.fixture
def here(tmp_path: Path, filled: Path) -> Iterator[Here]:
    shutil.copy(filled, tmp_path / "w.duckdb")
    with open_workspace(tmp_path / "w.duckdb", settings=SETTINGS) as opened:
        yield Here(opened)


def test_every_quota_holds_at_its_limit_also_for_who_comes_at_the_same_moment(here: Here) -> None:
    creators, start = here.creators(), Barrier(N)
    exist = {kind for kind, one in QUOTA_KINDS.items() if not one.missing}
    assert creators.keys() | {"mailboxes_per_integration"} == exist

    def refusal(create: Callable[[int], object], i: int) -> str:
        start.wait(30)
        try:
            create(i)
        except LimitError as refused:
            named = f"raise the quota {refused.details['limit']!r} (set_quota)" in refused.next_step
            return str(refused.details["limit"]) if named else refused.next_step
        return ""

    with ThreadPoolExecutor(N) as pool:
        for kind, create in creators.items():
            before = here.quota(kind).used
            here.operations.set_quota(kind, before + 2)
            answers = list(pool.map(partial(refusal, create), range(N)))
            now = here.quota(kind)
            assert (now.used, now.left, now.peak, now.is_set) == (before + 2, 0, before + 2, True), kind
            assert sorted(answers) == ["", "", kind, kind], kind
            with pytest.raises(LimitError, match=f"at most {before + 2} are|has at most {before + 2}\\."):
                create(N)
            here.operations.set_quota(kind, before + 3)
            create(N)
            assert here.quota(kind).used == before + 3, kind
            here.operations.set_quota(kind, None)


def test_mailboxes_of_an_integration_have_a_quota(here: Here) -> None:
    mailboxes = tuple(
        Mailbox(address=f"m{i}@x.example", bucket=BucketTarget(project="demo", name="raw")) for i in range(3)
    )
    here.operations.set_quota("mailboxes_per_integration", 2)
    made = here.operations.create_integration("demo", "mail", CONNECTION, mailboxes[:2])
    with pytest.raises(LimitError, match="integration demo/more would have 3 mailboxes; at most 2"):
        here.operations.create_integration("demo", "more", CONNECTION, mailboxes)
    with pytest.raises(LimitError, match="integration demo/mail would have 3 mailboxes; at most 2"):
        here.operations.amend_integration(made.integration_id, mailboxes=mailboxes)
    assert here.quota("mailboxes_per_integration").peak == 2


def test_a_limit_of_an_administrator_wins_over_the_setting_and_can_be_taken_back(here: Here) -> None:
    here.operations.create_project("p1")
    with pytest.raises(LimitError, match="raise the setting 'most_projects'"):
        here.operations.create_project("p2")
    made = here.operations.set_quota("projects", 3)
    assert (made.hard_limit, made.is_set, made.used, made.setting) == (3, True, 2, "most_projects")
    here.operations.create_project("p2")
    assert here.operations.set_quota("projects", None).hard_limit == 2
    assert here.quota("projects").left == 0


def test_zero_of_an_administrator_means_none_at_all(here: Here) -> None:
    here.operations.set_quota("buckets", 0)
    with pytest.raises(LimitError, match="bucket demo/b would be bucket number 1; at most 0 are allowed"):
        here.operations.create_bucket("demo", "b")


def test_what_is_there_stays_beyond_a_lower_limit(here: Here) -> None:
    assert here.operations.set_quota("messages", 1).left == 0
    assert here.quota("messages").used == N
    here.operations.put_messages(here.source_id, batch(N), "again", N)
    with pytest.raises(LimitError, match="would hold 5 messages; at most 1 are allowed"):
        here.operations.put_messages(here.source_id, batch(1, first=N), "b", 1)
    assert here.quota("messages").used == N


def test_a_limit_rises_by_itself_up_to_its_ceiling_and_the_audit_log_says_so(here: Here) -> None:
    here.operations.set_quota("messages", 8, 11)
    here.operations.put_messages(here.source_id, batch(5, first=N), "b", 5)
    assert (here.quota("messages").hard_limit, here.quota("messages").used) == (10, 9)
    with pytest.raises(LimitError, match="at most 10 are allowed") as caught:
        here.operations.put_messages(here.source_id, batch(3, first=9), "c", 3)
    assert "It rises by itself up to 11." in caught.value.next_step
    assert (here.quota("messages").hard_limit, here.quota("messages").used) == (10, 9)
    here.operations.put_messages(here.source_id, batch(2, first=9), "d", 2)
    assert (here.quota("messages").hard_limit, here.quota("messages").used) == (11, 11)
    events = [row for row in here.operations.audit_table().to_pylist() if row["action"] == "raise_quota"]
    assert [(row["actor"], row["object"], msgspec.json.decode(row["details"])) for row in events] == [
        ("ann", "messages", {"before": 8, "hard_limit": 10, "needed": 9}),
        ("ann", "messages", {"before": 10, "hard_limit": 11, "needed": 11}),
    ]


def test_what_a_setting_says_rises_too(here: Here) -> None:
    here.operations.set_quota("projects", auto_increase_up_to=3)
    here.operations.create_project("p1")
    here.operations.create_project("p2")
    assert (here.quota("projects").hard_limit, here.quota("projects").is_set) == (3, True)
    with pytest.raises(LimitError):
        here.operations.create_project("p3")


def test_reviews_rise_too_also_when_they_come_one_by_one(here: Here) -> None:
    here.operations.set_quota("reviewed_per_dataset", 1, 2)
    here.judge(0)
    here.judge(1)
    with pytest.raises(LimitError, match="would have 3 reviewed messages; at most 2"):
        here.judge(2)
    assert here.quota("reviewed_per_dataset").hard_limit == 2


def test_what_is_left_out_stays(here: Here) -> None:
    here.operations.set_quota("sources", 5, 9)
    assert here.operations.set_quota("sources", hard_limit=6).auto_increase_up_to == 9
    found = here.operations.set_quota("sources", auto_increase_up_to=None)
    assert (found.hard_limit, found.auto_increase_up_to) == (6, None)
    assert here.operations.set_quota("sources").hard_limit == 6
    assert here.operations.audit_table()["action"].to_pylist()[-3:] == ["set_quota"] * 3, (
        "nothing said is nothing done"
    )


def test_the_peak_is_remembered_when_there_are_fewer(here: Here) -> None:
    ids = (MessageId("m0"), MessageId("m1"), MessageId("m2"))
    for n in range(3):
        here.judge(n)
    here.judge(2, reviewed=False)
    assert (here.quota("reviewed_per_dataset").used, here.quota("reviewed_per_dataset").peak) == (2, 3)
    here.operations.delete_messages(here.source_id, MessageChoice(message_ids=ids), "delete")
    for kind, used, peak in (
        ("messages", 1, N),
        ("messages_per_source", 1, N),
        ("reviewed_per_dataset", 0, 3),
    ):
        assert (here.quota(kind).used, here.quota(kind).peak) == (used, peak), kind
    here.operations.create_label(here.dataset.dataset_id, "A")
    made = here.operations.create_label(here.dataset.dataset_id, "B")
    here.operations.delete_label(here.dataset.dataset_id, made.label_id, "unreviewed")
    assert (here.quota("labels_per_dataset").used, here.quota("labels_per_dataset").peak) == (1, 2)
    here.operations.delete_dataset(here.dataset.dataset_id, "demo/support")
    assert (here.quota("datasets").used, here.quota("datasets").peak) == (0, 1)


def test_a_copy_of_a_dataset_keeps_to_the_quotas(here: Here) -> None:
    for name in ("A", "B"):
        here.operations.create_label(here.dataset.dataset_id, name)
    here.judge(0)
    here.judge(1)
    for kind in ("labels_per_dataset", "reviewed_per_dataset"):
        here.operations.set_quota(kind, 1)
        with pytest.raises(LimitError, match="dataset 'demo/copy' would have 2"):
            here.operations.copy_dataset(here.dataset.dataset_id, "demo", "copy")
        here.operations.set_quota(kind, 2)
    assert here.operations.copy_dataset(here.dataset.dataset_id, "demo", "copy").n_reviewed == 2


def test_a_tag_and_a_stream_pin_and_keep_to_the_quota(here: Here) -> None:
    dataset_id = here.dataset.dataset_id
    here.operations.set_quota("pinned_versions", 1)
    here.operations.tag_version(dataset_id, 1, "live")
    here.operations.pin_version(dataset_id, 1)
    here.operations.tag_version(dataset_id, 1, "staging")
    with pytest.raises(LimitError, match="version 2 would be pinned version number 2; at most 1 are allowed"):
        here.operations.tag_version(dataset_id, 2, "live")
    with pytest.raises(LimitError, match="version 2 would be pinned version number 2; at most 1 are allowed"):
        here.operations.create_stream(dataset_id, "s", StreamSettings(version=2))
    assert here.operations.create_stream(dataset_id, "s", StreamSettings(version=1)).settings.version == 1
    assert (here.quota("pinned_versions").used, here.quota("streams").used) == (1, 1)


def test_what_cannot_be_set_is_refused(here: Here) -> None:
    with pytest.raises(UnknownNameError, match="unknown quota 'cats'"):
        here.operations.set_quota("cats", 1)
    with pytest.raises(InputError, match="the quota 'sources' cannot be -1"):
        here.operations.set_quota("sources", -1)
    with pytest.raises(ConflictError, match="'sources' has no limit and cannot rise by itself up to 5"):
        here.operations.set_quota("sources", auto_increase_up_to=5)
    with pytest.raises(ConflictError, match="'sources' has the limit 9 and cannot rise by itself up to 5"):
        here.operations.set_quota("sources", 9, 5)
    assert (here.quota("sources").hard_limit, here.quota("sources").auto_increase_up_to) == (None, None)


def test_what_does_not_exist_yet_is_listed_as_none(here: Here) -> None:
    missing = [one for one in here.operations.quotas() if one.missing]
    assert {(one.used, one.hard_limit, one.setting) for one in missing} == {(0, None, "")}
    assert {one.published for one in here.operations.quotas()} == {
        *("sources", "sources_per_dataset", "datasets", "datasets_per_source", "labels_per_dataset"),
        *("entities_per_dataset", "comments", "comments_per_source", "comments_in_ixp_designtime"),
        *("comments_in_ixp_runtime", "reviewed_comments_per_dataset", "integrations"),
        *("mailboxes_per_integration", "triggers", "triggers_per_dataset", "users", "alerts", "buckets"),
        *("projects", "pinned_models", "extraction_predictions"),
    }
