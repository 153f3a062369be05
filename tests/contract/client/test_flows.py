"""The commands of the client from beginning to end, over real HTTP: what went in comes out, as the client decodes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.client import changing, creating, getting, packaging, parsing, streaming
from tests.contract.client.comments import Comment
from tests.contract.client.conftest import Server, Trained
from tests.contract.client.decoding import RefusedError
from tests.contract.client.samples import comment, email, full_comment, group, label, line, mail
from tests.contract.client.session import Cli, Line, new_comment
from workbench.client import connect_http

pytestmark = pytest.mark.nightly
AT = "2026-03-{:02d}T09:15:00Z"


def lines_of(found: list[Comment]) -> list[str]:
    return [one.id for one in found]


@pytest.fixture
def mixed(cli: Cli, project: str) -> str:
    """A source of twelve comments of four senders, every other one of the team "West"."""
    name = f"{project}/mail"
    creating.source(cli, name)
    lines = []
    for n in range(12):
        one = line(f"c{n:02d}", f"parcel {n}", day=n + 1)
        one["comment"]["user_properties"] = {"string:Team": "NW"[n % 2] + "est", "number:N": n}
        one["comment"]["messages"][0] |= {"from": f"who{n % 4}@buyer.example", "to": ["care@store.example"]}
        if n < 3:
            one["comment"]["attachments"] = [{"name": f"f{n}.pdf", "size": 3, "content_type": ".pdf"}]
        lines.append(one)
    creating.comments(cli, name, lines, batch_size=5)
    return name


# ---- create and get


def test_a_project_is_made_listed_changed_and_deleted(server: Server, cli: Cli) -> None:
    somebody = creating.user(cli, "member", "member@mail.example")
    made = creating.project(cli, "created", [somebody.id], title="Created", description="By command.")
    assert (made.name, made.title, made.description) == ("created", "Created", "By command.")
    assert [one.id for one in getting.users(cli, project="created") if one.id == somebody.id] == [somebody.id]
    assert getting.users(cli, project="created", permission="sources-admin")
    assert changing.project(cli, "created", title="Changed").description == "By command."
    assert getting.projects(cli, "created")[0].title == "Changed"
    assert changing.project(cli, "created").title == "Changed"
    changing.delete_project(cli, "created")
    with pytest.raises(RefusedError) as refused:
        getting.projects(cli, "created")
    assert refused.value.status == 404
    plain = creating.project(cli, "plain")
    assert plain.name in cli.begin().user.organisation_permissions
    changing.delete_project(cli, "plain")


def test_a_source_is_made_changed_and_deleted(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.bucket(cli, f"{project}/post", "Post")
    made = creating.source(
        cli, name, title="Mail", description="All of it.", language="en", should_translate=False, _kind="chat",
        bucket=f"{project}/post", email_transform_tag="generic.0.CONVKER5",
    )  # fmt: skip
    assert (made.title, made.description, made.language, made.kind) == ("Mail", "All of it.", "en", "chat")
    ((listed, bucket, n),) = getting.sources(cli, made.id, stats=True)
    assert (listed, bucket, n) == (made, f"{project}/post", 0)
    assert changing.source(cli, name).bucket_id == made.bucket_id, "nothing was said"
    assert changing.source(cli, made.id, title="Other").description == "All of it."
    assert changing.source(cli, name, detach=True).bucket_id is None
    assert changing.source(cli, name, bucket=f"{project}/post").bucket_id == made.bucket_id
    changing.delete_source(cli, name)
    assert made.id not in {one.id for one, _, _ in getting.sources(cli)}


def test_a_dataset_is_made_copied_changed_and_deleted(cli: Cli, project: str, mixed: str) -> None:
    name = f"{project}/all"
    defs = [{"name": "B"}, {"name": "A"}, {"name": "A > C", "title": "C"}]
    made = creating.dataset(
        cli, name, [mixed], title="All", description="Everything.", label_defs=defs, model_family="english",
        entity_defs=[], general_fields=[], has_sentiment=False,
    )  # fmt: skip
    assert [one.name for one in made.label_defs] == ["B", "A", "A > C"], "in the order that they came in"
    assert (made.model_family, made.has_sentiment, made.entity_defs) == ("english", False, [])
    creating.annotated(cli, mixed, name, [line("c00", labelling=group("B", dismissed=("A",)))])
    copy = creating.dataset(cli, f"{project}/copy", [mixed], copy_annotations_from=made.id)
    (copied,) = getting.of_dataset(cli, f"{project}/copy", reviewed_only=True)
    assert copied["labelling"] == group("B", dismissed=("A",))
    assert changing.dataset(cli, name).source_ids == made.source_ids, "nothing was said"
    assert changing.dataset(cli, name, []).source_ids == []
    assert changing.dataset(cli, name, [mixed], title="Other").source_ids == made.source_ids
    listed = getting.datasets(cli, name, stats=True)
    assert [(one.title, n, score) for one, n, score in listed] == [("Other", 12, None)]
    assert {one.id for one, _, _ in getting.datasets(cli, source=mixed)} == {made.id, copy.id}
    grouped = creating.dataset(
        cli,
        f"{project}/grouped",
        [],
        label_defs=defs,
        label_groups=[{"name": "default", "label_defs": [{"name": "G"}]}],
    )
    assert [one.name for one in grouped.label_defs] == ["G"]
    for one in (name, copy.id, f"{project}/grouped"):
        changing.delete_dataset(cli, one)
    assert getting.datasets(cli, source=mixed) == []


def test_comments_come_back_as_they_were_sent(cli: Cli, project: str) -> None:
    """Messages with their markup, times and properties come back equal, one by one, in a list and from a dataset."""
    name = f"{project}/mail"
    creating.source(cli, name)
    creating.dataset(cli, f"{project}/all", [name])
    sent = [
        full_comment("full:1"),
        full_comment("a%b"),
        comment("x:@+=&,;~!$'()*", ""),
        comment("under_score.1"),
    ]
    creating.comments(cli, name, [{"comment": one} for one in sent])
    again = creating.comments(cli, name, [{"comment": one} for one in sent], overwrite=True)
    assert again and (again.new, again.updated, again.unchanged) == (0, 0, 4)
    listed = {one.id: one for one in getting.of_source(cli, name)}
    of_dataset = {one["comment"]["id"]: one["comment"] for one in getting.of_dataset(cli, f"{project}/all")}
    for one in sent:
        single = getting.comment(cli, name, one["id"])
        assert single == listed[one["id"]]
        told = json.loads(json.dumps(new_comment(_builtins(single))))
        assert told == new_comment(one) | ({"timestamp": told["timestamp"]})
        assert single.timestamp.isoformat() == of_dataset[one["id"]]["timestamp"].replace("Z", "+00:00")
        assert of_dataset[one["id"]]["messages"] == _builtins(single)["messages"]


def _builtins(one: Comment) -> Line:
    import msgspec

    told: Line = msgspec.to_builtins(one)
    return told


def test_lines_that_were_read_are_uploaded_again(cli: Cli, project: str) -> None:
    first, second = f"{project}/first", f"{project}/second"
    for name in (first, second):
        creating.source(cli, name)
        creating.dataset(cli, f"{name}-all", [name])
    lines = [
        {"comment": full_comment("c1"), "labelling": group("Refund", dismissed=("Late",))},
        line("c2", labelling={"assigned": [label("Praise")]}, day=2),
        line("c3", day=3),
    ]
    creating.comments(cli, first, lines, about=f"{first}-all")
    read = getting.of_dataset(cli, f"{first}-all")
    creating.comments(cli, second, json.loads(json.dumps(read)), about=f"{second}-all")
    keys = ("labelling", "thread_properties")
    assert [{key: one.get(key) for key in keys} for one in getting.of_dataset(cli, f"{second}-all")] == [
        {key: one.get(key) for key in keys} for one in read
    ]
    assert [new_comment(one["comment"]) for one in read] == [
        new_comment(one["comment"]) for one in getting.of_dataset(cli, f"{second}-all")
    ]


def test_uploads_go_on_behind_what_is_refused(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.source(cli, name)
    lines = [line("c1"), line("bad id"), line("c2"), line("c3"), line(".."), line("c4")]
    with pytest.raises(RefusedError):
        creating.comments(cli, name, lines, batch_size=4)
    creating.comments(cli, name, lines, batch_size=4, resume=True)
    assert (lines_of(getting.of_source(cli, name)), cli.skipped) == (["c1", "c2", "c3", "c4"], 2)
    twice = [line("c1", "changed"), line("c1", "changed again"), line("c5")]
    told = creating.comments(cli, name, twice, allow_duplicates=True)
    assert told and (told.new, told.updated) == (1, 2)
    assert getting.comment(cli, name, "c1").messages[0].body.text == "changed again"


def test_attachments_and_sounds_go_with_their_comments(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.source(cli, name)
    known = [
        {"name": "a.pdf", "size": 3, "content_type": ".pdf"},
        {"name": "b.txt", "size": 2, "content_type": ".txt"},
    ]
    lines = [line("c1", more={"attachments": known}), line("c2")]
    creating.comments(
        cli, name, lines, files={("c1", 0): b"pdf"}, sounds={"c2": b"fLaC\x00\x00\x00\x22"}, no_charge=False
    )
    one = getting.comment(cli, name, "c1")
    assert [attachment.name for attachment in one.attachments] == ["a.pdf", "b.txt"]
    assert getting.attachments(cli, one) == {0: b"pdf"}
    assert one.attachments[1].attachment_reference is None
    with pytest.raises(RefusedError) as refused:
        cli.client.content("api", "v1", "attachments", "9.00aa11bb22cc33dd.none")
    assert refused.value.status == 404


# ---- get comments


def test_comments_of_a_source_by_time_and_page(cli: Cli, mixed: str) -> None:
    every = [f"c{n:02d}" for n in range(12)]
    assert lines_of(getting.of_source(cli, mixed, limit=5)) == every
    assert lines_of(getting.of_source(cli, mixed, since=AT.format(3), limit=2)) == every[2:]
    assert lines_of(getting.of_source(cli, mixed, until=AT.format(3), limit=2)) == every[:3]
    both = getting.of_source(cli, mixed, since=AT.format(3), until=AT.format(6), limit=2)
    assert lines_of(both) == every[2:6], "both ends belong to the range"
    late = getting.of_source(cli, mixed, since="2027-01-01T00:00:00Z")
    assert late == []


def test_comments_of_a_dataset_by_every_filter(cli: Cli, project: str, mixed: str) -> None:
    name = f"{project}/all"
    other = f"{project}/other"
    creating.source(cli, other)
    creating.comments(cli, other, [line("other", "something else", day=28)])
    creating.dataset(cli, name, [mixed, other])
    said = [
        line("c00", labelling=group("Refund")),
        line("c01", labelling=group("Late", dismissed=("Refund",))),
    ]
    creating.annotated(cli, mixed, name, [*said, line("c02", labelling=group("Refund")), line("c03")])

    def ids(*args: Any, **where: Any) -> list[str]:
        return [one["comment"]["id"] for one in getting.of_dataset(cli, name, *args, **where)]

    every = [f"c{n:02d}" for n in range(12)]
    assert ids() == ["other", *every[::-1]], "newest first"
    assert ids(other) == ["other"]
    assert ids(mixed, since=AT.format(3), until=AT.format(4)) == ["c03", "c02"]
    assert ids(mixed, senders=["who1@buyer.example"]) == ["c09", "c05", "c01"]
    assert ids(mixed, recipients=["care@store.example"], stop_after=3) == ["c11", "c10", "c09"]
    assert ids(mixed, recipients=["nobody@store.example"]) == []
    assert ids(properties={"string:Team": {"one_of": ["West"]}}, stop_after=2) == ["c11", "c09"]
    assert ids(properties={"number:N": {"one_of": [3, 4.0]}}) == ["c04", "c03"]
    assert ids(properties={"number:N": {"minimum": 3, "maximum": 4}}) == ["c04", "c03"]
    assert ids(properties={"string:Team": {"not_one_of": ["West"]}}, since=AT.format(11)) == ["other", "c10"]
    assert ids(attachment_types=[".pdf"]) == ["c02", "c01", "c00"]
    assert ids(only_with_attachments=True) == ["c02", "c01", "c00"]
    assert ids(labels="^Ref") == ["c02", "c00"]
    assert ids(labels="^Ref", reviewed_only=True) == ["c02", "c00"], "assigned, not dismissed"
    assert sorted(ids(reviewed_only=True)) == ["c00", "c01", "c02"]
    assert ids(mixed, reviewed_only=True, until=AT.format(2)) == ["c01", "c00"]
    shuffled = ids(shuffle=7)
    assert shuffled == ids(shuffle=7) != ids(shuffle=8) and sorted(shuffled) == [*every, "other"]
    assert ids(shuffle=7, stop_after=4) == shuffled[:4]
    summed = getting.summary(cli, name).user_properties
    assert [one.full_name for one in summed.string] == ["string:Team"]
    assert [one.full_name for one in summed.number] == ["number:N"]


def test_predictions_come_when_asked_for(cli: Cli, trained: Trained) -> None:
    plain = getting.of_dataset(cli, trained.name)
    assert len(plain) == 60
    assert not any("predicted" in part for one in plain for part in one.get("labelling", ()))
    newest = getting.of_dataset(cli, trained.name, predictions=True, stop_after=5)
    older = getting.of_dataset(cli, trained.name, predictions=True, version=1, stop_after=5)
    for found in (newest, older):
        assert any(one["labelling"][0]["predicted"] for one in found)
    assert [one["comment"] for one in newest] == [one["comment"] for one in older]
    reviewed = getting.of_dataset(cli, trained.name, predictions=True, reviewed_only=True)
    assert len(reviewed) == 50 and any(one["labelling"][0]["predicted"] for one in reviewed)
    ((_, n, score),) = getting.datasets(cli, trained.name, stats=True)
    assert n == 60 and score is not None and 0 <= score <= 100


# ---- buckets


def test_mails_of_a_bucket_come_back_as_they_came(cli: Cli, project: str) -> None:
    name = f"{project}/post"
    made = creating.bucket(cli, name)
    lines = [email(n) for n in range(5)] + [{**email(5), "metadata": {"folder": ["Inbox"], "is_read": True}}]
    for _ in range(2):
        creating.emails(cli, name, lines, batch_size=4)
    assert getting.buckets(cli, name, stats=True) == [(made, 6)]
    found = getting.emails(cli, name, limit=2)
    assert {one.id: one.mime_content for one in found} == {one["id"]: one["mime_content"] for one in lines}
    (one,) = getting.emails(cli, name, "<m5@store.example>")
    assert one.metadata == {"folder": ["Inbox"], "is_read": True} and one.mailbox == "care@store.example"
    assert getting.sync_states(cli, name) == []
    assert changing.delete_sync_states(cli, name, "care@store.example") == 0
    changing.delete_bucket(cli, name)
    assert made.id not in {one.id for one, _ in getting.buckets(cli)}


# ---- delete


def test_bulk_deletion_spares_what_is_annotated_and_skips_nothing(cli: Cli, project: str, mixed: str) -> None:
    creating.dataset(cli, f"{project}/all", [mixed])
    said = [line("c03", labelling=group("Refund")), line("c07", labelling=group(dismissed=("Refund",)))]
    creating.annotated(cli, mixed, f"{project}/all", said)
    assert (
        changing.delete_bulk(cli, mixed, include_annotated=False, since=AT.format(2), until=AT.format(4)) == 2
    )
    assert lines_of(getting.of_source(cli, mixed))[:2] == ["c00", "c03"]
    assert changing.delete_bulk(cli, mixed, include_annotated=False, page=2) == 8
    assert lines_of(getting.of_source(cli, mixed)) == ["c03", "c07"]
    changing.delete_comments(cli, mixed, ["c03"])
    assert changing.delete_bulk(cli, mixed, include_annotated=True) == 1
    assert getting.of_source(cli, mixed) == []


def test_a_user_is_changed_and_deleted(cli: Cli, project: str) -> None:
    name = f"user-{project}"
    made = creating.user(
        cli,
        name,
        f"{name}@mail.example",
        everywhere=["audit-read"],
        projects={project: ["voc-readonly"]},
        welcome=True,
    )
    change = {"id": made.id, "organisation_permissions": {project: ["sources-read", "voc-readonly"]}}
    (changed,) = changing.users(cli, [change])
    assert set(change["organisation_permissions"][project]) <= set(changed.organisation_permissions[project])
    assert changed.global_permissions == made.global_permissions
    changing.delete_user(cli, made.id)
    with pytest.raises(RefusedError) as refused:
        getting.users(cli, made.id)
    assert refused.value.status == 404


def test_a_quota_is_set_and_read(cli: Cli) -> None:
    before = {one.quota_kind: one for one in getting.quotas(cli)}
    creating.quota(cli, "tenant", "buckets", 4_000)
    creating.quota(cli, "tenant", "buckets", 5_000, auto_increase_up_to=6_000)
    after = {one.quota_kind: one for one in getting.quotas(cli)}
    assert (after["buckets"].hard_limit, after["buckets"].auto_increase_up_to) == (5_000, 6_000)
    creating.quota(cli, "tenant", "buckets", 5_000)
    assert {one.quota_kind: one for one in getting.quotas(cli)}["buckets"].auto_increase_up_to == 6_000
    creating.quota(cli, "tenant", "buckets", before["buckets"].hard_limit, auto_increase_up_to=None)
    assert {one.quota_kind: one for one in getting.quotas(cli)}["buckets"].auto_increase_up_to is None


def test_what_was_done_is_in_the_audit_log(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/audited")
    (newest, email_of), *_ = getting.audit_events(cli)
    assert "@" in email_of
    at = newest.timestamp.isoformat()
    alone = getting.audit_events(cli, since=at, until=at)
    assert newest.event_id in {one.event_id for one, _ in alone}, "both ends belong to the range"
    assert getting.audit_events(cli, until="2020-01-01T00:00:00Z") == []


# ---- parse


def test_files_of_mail_are_parsed_into_comments_and_buckets(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    creating.bucket(cli, f"{project}/post")
    head = "From: ann@buyer.example\r\nDate: Thu, 05 Mar 2026 09:15:00 +0000\r\nSubject: Refund\r\nMessage-ID: <{}@x>\r\n"
    files = {
        "a.msg": (head.format(1), {"plain": "I want 20 EUR back"}),
        "b.msg": (head.format(2), {"html": "<p>I want <b>30 EUR</b> back</p>"}),
    }
    told = parsing.msgs(cli, f"{project}/mail", files)
    assert (told.new, told.updated, told.unchanged) == (2, 0, 0)
    assert parsing.msgs(cli, f"{project}/mail", files).unchanged == 2
    found = getting.of_source(cli, f"{project}/mail")
    assert {(one.user_properties or {})["string:MSG NAME ID"] for one in found} == {"a.msg", "b.msg"}
    assert {one.messages[0].subject.text for one in found if one.messages[0].subject} == {"Refund"}
    assert any("30 EUR" in one.messages[0].body.text for one in found)
    parsing.emls(cli, f"{project}/post", {f"{n}.eml": mail(n) for n in range(6)})
    assert getting.buckets(cli, f"{project}/post", stats=True)[0][1] == 6
    assert [path for _, path in cli.client.sent if "/emails?no_charge=false" in path][:2], "four per request"


def test_a_table_of_examples_is_parsed_into_labels(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    creating.dataset(cli, f"{project}/all", [f"{project}/mail"])
    text = (
        'input,target\r\n"Where is it?\nIt is late",Delivery > Late\r\nMoney back,Refund\r\nThanks,Praise\r\n'
    )
    told = parsing.classification_csv(cli, f"{project}/mail", f"{project}/all", text)
    assert told.new == 3
    found = {one["comment"]["id"]: one["labelling"] for one in getting.of_dataset(cli, f"{project}/all")}
    assert found["1"] == group("Refund") and found["2"] == group("Praise")
    assert "Delivery > Late" in [one["name"] for one in found["0"][0]["assigned"]]
    assert {"Refund", "Praise", "Delivery > Late"} <= {
        one.name for one in cli.dataset(f"{project}/all").label_defs
    }


# ---- streams


def test_a_stream_hands_everything_on_once_and_in_order(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.source(cli, name)
    creating.dataset(cli, f"{project}/all", [name])
    west = {"comment_filter": {"user_properties": {"string:Team": {"one_of": ["West"]}}}}
    creating.streams(
        cli, f"{project}/all", [{"name": "every"}, {"name": "west", **west}, {"name": "single"}], 0
    )
    creating.comments(
        cli, name,
        [line(f"c{n}", more={"user_properties": {"string:Team": "West" if n > 6 else "East"}}) for n in range(9)],
    )  # fmt: skip
    every = f"{project}/all/every"
    first = streaming.fetch(cli, every, 4)
    assert streaming.fetch(cli, every, 4) == first, "looking moves nothing"
    ids = [one.comment.id for one in streaming.listen(cli, every, size=4)]
    assert sorted(ids) == [f"c{n}" for n in range(9)] and ids[:4] == [one.comment.id for one in first.results]
    assert list(streaming.listen(cli, every, size=4)) == []
    assert sorted(one.comment.id for one in streaming.listen(cli, f"{project}/all/west", size=2)) == [
        "c7",
        "c8",
    ]
    single = streaming.listen(cli, f"{project}/all/single", size=4, one_by_one=True)
    assert [one.comment.id for one in single] == ids
    creating.stream_exception(cli, every, "no order number", first.results[0].comment.uid)
    assert [one.name for one in getting.streams(cli, f"{project}/all")] == ["every", "single", "west"]


def test_a_stream_tells_how_good_its_labels_are(cli: Cli, trained: Trained, project: str) -> None:
    thresholds = [{"name": ["Refund"], "threshold": 0.5}, {"name": ["Delivery", "Late"], "threshold": 0.4}]
    model = {"version": 0, "label_thresholds": thresholds}
    creating.streams(cli, trained.name, [{"name": project, "model": model}], 2)
    stream = f"{trained.name}/{project}"
    found = streaming.stats(cli, stream, version=1)
    assert [one.label for one in found] == ["Refund", "Delivery > Late"]
    for one in found:
        assert 0 <= one.precision <= 1 and 0 <= one.recall <= 1 and one.compared
    cli.client.call("DELETE", streaming.path_of(stream))


# ---- packages


@pytest.mark.parametrize("reviewed_only", [False, True])
def test_a_package_goes_into_another_project(cli: Cli, project: str, mixed: str, reviewed_only: bool) -> None:
    name = f"{project}/all"
    creating.bucket(cli, f"{project}/post")
    creating.emails(cli, f"{project}/post", [email(n) for n in range(3)])
    creating.source(cli, f"{project}/fed", bucket=f"{project}/post")
    creating.dataset(
        cli, name, [mixed, f"{project}/fed"], label_defs=[{"name": "Refund", "instructions": "Money."}]
    )
    said = [line("c00", labelling=group("Refund", dismissed=("Late",))), line("c05", labelling=group("Late"))]
    creating.annotated(cli, mixed, name, said)
    packed = packaging.download(cli, name, reviewed_only=reviewed_only, skip_emails=reviewed_only)
    packaging.upload(cli, packed, f"{project}-new")
    there = f"{project}-new/all"
    kept = ("labelling",)
    before = getting.of_dataset(cli, name, mixed, reviewed_only=reviewed_only)
    after = getting.of_dataset(cli, there, f"{project}-new/mail", reviewed_only=reviewed_only)
    assert len(after) == (2 if reviewed_only else 12)
    assert [new_comment(one["comment"]) for one in after] == [new_comment(one["comment"]) for one in before]
    assert [{key: one.get(key) for key in kept} for one in after] == [
        {key: one.get(key) for key in kept} for one in before
    ]
    (refund,) = [one for one in cli.dataset(there).label_defs if one.name == "Refund"]
    assert refund.instructions == "Money."
    if not reviewed_only:
        assert getting.buckets(cli, f"{project}-new/post", stats=True)[0][1] == 3
    changing.delete_project(cli, f"{project}-new", force=True)


def test_the_other_way_in_sees_the_same(server: Server, cli: Cli, project: str, mixed: str) -> None:
    """What the client uploaded is there for our own client."""
    there = connect_http(server.base, token=server.token)
    (source,) = [one for one in there.sources() if one.full_name == mixed]
    assert source.source_id == cli.source(mixed).id


def test_a_dataset_waits_for_its_project(server: Server, cli: Cli) -> None:
    """The words of the refusal tell the client that the project is not there yet."""
    body = {"source_ids": [], "has_sentiment": False}
    late = "late-project"
    made = packaging.make_dataset(cli, f"{late}/all", body, lambda: server.there.create_project(late))
    assert (made.owner, made.name) == (late, "all")
    with pytest.raises(RefusedError) as refused:
        packaging.make_dataset(
            cli, f"{late}/none", {**body, "source_ids": ["00aa11bb22cc33dd"]}, lambda: None
        )
    assert refused.value.status == 404, "what else is not there is not waited for"
    changing.delete_project(cli, late, force=True)
