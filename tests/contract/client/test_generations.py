"""One server satisfies both generations of the client: what the older one does differently, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.client import changing, creating, getting, packaging, streaming
from tests.contract.client.conftest import Server, Trained
from tests.contract.client.decoding import RefusedError
from tests.contract.client.generations import GENERATIONS, NEW, OLD, Generation
from tests.contract.client.resources import LabelDef
from tests.contract.client.samples import MARKUP, comment, full_comment, group, label, line
from tests.contract.client.session import Cli, new_comment
from workbench.domain import AnyConnection, BucketTarget, FolderState, ImapConnection, Mailbox

pytestmark = pytest.mark.nightly
BOTH = pytest.mark.parametrize("generation", GENERATIONS, ids=[one.name for one in GENERATIONS])


@pytest.fixture
def either(server: Server, generation: Generation) -> Cli:
    """A client of a generation."""
    return server.cli(generation)


def paths(cli: Cli) -> list[str]:
    return [f"{method} {path.partition('?')[0]}" for method, path in cli.client.sent]


@BOTH
def test_permissions_are_read_anew_by_the_newer_one_alone(
    either: Cli, generation: Generation, project: str
) -> None:
    creating.source(either, f"{project}/mail")
    refreshed = "POST /auth/refresh-user-permissions" in paths(either)
    assert refreshed == (generation is NEW)
    assert paths(either)[0] == "GET /auth/user"


@BOTH
def test_a_new_project_is_in_the_list_at_once(either: Cli, generation: Generation) -> None:
    name = f"listed-{generation.name.replace('.', '-')}"
    creating.project(either, name)
    listed = [path for path in paths(either) if path == "GET /api/_private/projects"]
    assert len(listed) == (1 if generation is NEW else 0)
    changing.delete_project(either, name)


@BOTH
def test_a_conflict_is_tried_again_by_the_newer_one_alone(
    either: Cli, generation: Generation, project: str
) -> None:
    creating.source(either, f"{project}/mail")
    with pytest.raises(RefusedError) as refused:
        changing.delete_project(either, project)
    assert refused.value.status == 409
    assert either.client.waited == ([5, 10, 20] if generation is NEW else [])


@BOTH
def test_a_refused_batch_is_sent_item_by_item(either: Cli, generation: Generation, project: str) -> None:
    name = f"{project}/mail"
    creating.source(either, name)
    creating.comments(either, name, [line("c1"), line("bad id"), line("c2")], resume=True)
    assert either.skipped == 1 and len(getting.of_source(either, name)) == 2
    conflict = [line("c1", "something else"), line("c3")]
    if generation is NEW:
        creating.comments(either, name, conflict, resume=True)
        assert either.skipped == 2 and len(getting.of_source(either, name)) == 3
    else:
        with pytest.raises(RefusedError) as refused:
            creating.comments(either, name, conflict, resume=True)
        assert refused.value.status == 409


@BOTH
def test_a_source_keeps_its_bucket_unless_it_is_told(either: Cli, project: str) -> None:
    creating.bucket(either, f"{project}/post")
    made = creating.source(either, f"{project}/mail", bucket=f"{project}/post")
    changed = changing.source(either, f"{project}/mail", title="Other")
    assert changed.bucket_id == made.bucket_id is not None
    path = ("api", "v1", "sources", f"{project}/mail")
    either.client.call("POST", path, body={"source": {"bucket_id": None}})
    assert either.source(f"{project}/mail").bucket_id is None, "null detaches it"


@BOTH
def test_only_reviewed_comments_come(either: Cli, generation: Generation, project: str) -> None:
    name = f"{project}/mail"
    creating.source(either, name)
    creating.dataset(either, f"{project}/all", [name])
    creating.comments(
        either,
        name,
        [line(f"c{n}", labelling=group("A") if n % 2 else []) for n in range(6)],
        about=f"{project}/all",
    )
    found = getting.of_dataset(either, f"{project}/all", reviewed_only=True)
    assert sorted(one["comment"]["id"] for one in found) == ["c1", "c3", "c5"]
    assert any("/labellings" in path for path in paths(either))
    if generation is NEW:
        found = getting.of_dataset(
            either, f"{project}/all", reviewed_only=True, labels="A", until="2026-04-01T00:00:00Z"
        )
        assert len(found) == 3
    else:
        with pytest.raises(ValueError, match="cannot be combined"):
            getting.of_dataset(either, f"{project}/all", reviewed_only=True, labels="A")


def test_forms_of_both_generations_assign_their_labels(server: Server, project: str) -> None:
    cli, name = server.cli(), f"{project}/mail"
    creating.source(cli, name)
    of = creating.dataset(cli, f"{project}/all", [name])
    creating.comments(cli, name, [line("old"), line("new")])
    captures: dict[str, list[dict[str, Any]]] = {"old": [{"fields": []}], "new": []}
    for one, shown in captures.items():
        form = {"label": label("Refund"), "captures": shown}
        creating.annotated(
            cli, name, f"{project}/all", [line(one, moon_forms=[{"group": "default", "assigned": [form]}])]
        )
    for generation in GENERATIONS:
        found = list(getting.reviewed_of(server.cli(generation), of, cli.source(name).id))
        assert [one.labelling[0].assigned[0].name for one in found if one.labelling] == ["Refund"] * 2


@BOTH
def test_a_label_may_have_an_empty_form_without_instructions(either: Cli, project: str) -> None:
    made = creating.dataset(
        either, f"{project}/all", [], label_defs=[{"name": "A", "moon_form": []}], entity_defs=[]
    )
    assert made.label_defs == [LabelDef(name="A")]


@BOTH
def test_quotas_are_of_kinds_that_both_know(either: Cli, generation: Generation) -> None:
    assert {one.quota_kind for one in getting.quotas(either)} <= generation.quota_kinds
    creating.quota(either, "any", "alerts", 9)


@BOTH
def test_folders_of_mailboxes_are_told_with_their_path(server: Server, either: Cli, project: str) -> None:
    bucket, address = f"{project}/post", "care@store.example"
    creating.bucket(either, bucket)
    assert getting.sync_states(either, bucket) == []
    assert changing.delete_sync_states(either, bucket, address) == 0
    if server.opened is None:
        return  # no mailbox is read there
    box = Mailbox(address=address, bucket=BucketTarget(project=project, name="post"), enabled=False)
    connection = AnyConnection.of(ImapConnection(host="localhost", user_name="u"))
    made = server.there.create_integration(project, "box", connection, (box,), enabled=False)
    at = datetime(2026, 2, 1, 8, tzinfo=UTC)
    states = [
        FolderState(mailbox=address, folder=("Inbox", name), cursor="7", up_to_date=done, synced_until=until)
        for name, done, until in (("Claims", True, at), ("New", False, None))
    ]
    with server.opened._workspace.store.write() as session:
        session.integrations.put_states(made.integration_id, states, at=at)
    found = getting.sync_states(either, bucket)
    assert [(one.folder_path, one.status) for one in found] == [
        (["Inbox", "Claims"], "UP_TO_DATE"),
        (["Inbox", "New"], "IN_PROGRESS"),
    ]
    assert changing.delete_sync_states(either, bucket, address) == 2
    assert getting.sync_states(either, bucket) == []


@BOTH
def test_replies_are_not_nested_deeper_than_what_was_uploaded(either: Cli, project: str) -> None:
    """A client of the older generation could read no deeper text than this out of its own file either."""
    name, deep = f"{project}/mail", MARKUP
    creating.source(either, name)
    creating.dataset(either, f"{project}/all", [name])
    for _ in range(28):
        deep = {"children": [deep]}
    one = full_comment("c1")
    one["messages"][0]["body"]["text_markup"] = deep
    creating.comments(either, name, [{"comment": one}])
    (found,) = getting.of_source(either, name)
    assert found.messages[0].body.text_markup == deep
    (read,) = getting.of_dataset(either, f"{project}/all")
    assert new_comment(read["comment"])["messages"][0]["body"]["text_markup"] == deep


def test_the_newer_one_has_commands_that_the_older_one_lacks(server: Server, project: str) -> None:
    cli, name = server.cli(), f"{project}/mail"
    creating.source(cli, name)
    creating.comments(
        cli,
        name,
        [{"comment": comment("c1", attachments=[{"name": "a", "size": 1, "content_type": "x"}])}],
        files={("c1", 0): b"a"},
    )
    assert getting.attachments(cli, getting.comment(cli, name, "c1")) == {0: b"a"}
    creating.dataset(cli, f"{project}/all", [name])
    packaging.upload(cli, packaging.download(cli, f"{project}/all"), f"{project}-copy")
    old = server.cli(OLD)
    assert [one.id for one in getting.of_source(old, f"{project}-copy/mail")] == ["c1"]
    changing.delete_project(cli, f"{project}-copy", force=True)


@BOTH
def test_streams_are_read_by_both(either: Cli, trained: Trained, project: str) -> None:
    model = {"version": 0, "label_thresholds": [{"name": ["Refund"], "threshold": 0.1}]}
    creating.streams(either, trained.name, [{"name": project, "model": model}], 1)
    stream = f"{trained.name}/{project}"
    path = (*streaming.path_of(stream), "reset")
    either.client.call("POST", path, body={"to_comment_created_at": "2020-01-01T00:00:00"})
    assert len(list(streaming.listen(either, stream, size=20, at_least=60))) == 60
    either.client.call("DELETE", streaming.path_of(stream))
