"""What is wrong is refused with the status and in the words that the client acts on, over real HTTP.

The first half of the matrix the client refuses by itself; those tests say what becomes of such input if it comes anyway.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.client import changing, creating, getting, streaming
from tests.contract.client.comments import AnnotatedComment, Synced
from tests.contract.client.conftest import Server, Trained
from tests.contract.client.decoding import AnyOk, RefusedError, decode
from tests.contract.client.parsing import msgs
from tests.contract.client.resources import OneSource, Sources
from tests.contract.client.samples import comment, group, label, line
from tests.contract.client.session import PRIVATE, V1, Cli, Line
from tests.contract.client.transport import address

LONG = "x" * 65_537


@pytest.fixture(scope="session")
def acme(server: Server) -> str:
    """A project with a source ``mail`` of three comments and a dataset ``all`` over it, for tests that spoil nothing."""
    name, cli = server.fresh(), server.cli()
    creating.source(cli, f"{name}/mail")
    creating.comments(cli, f"{name}/mail", [line(f"c{n}", day=n) for n in (1, 2, 3)])
    creating.dataset(cli, f"{name}/all", [f"{name}/mail"])
    return name


def refused(cli: Cli, status: int, method: str, *parts: str, body: Any = None, query: Any = ()) -> str:
    """The words of a refusal, of one try."""
    from tests.contract.client.transport import written

    sent = None if body is None else json.dumps(body).encode()
    answer = cli.client.once(method, address(*parts) + written(query), body=sent)
    with pytest.raises(RefusedError) as told:
        decode(answer.status, answer.body, AnyOk)
    assert told.value.status == status, told.value
    assert told.value.message
    return told.value.message


# ---- what the client refuses by itself


@pytest.mark.nightly
def test_a_name_without_its_project_lists_a_project_and_is_no_source(cli: Cli, acme: str) -> None:
    assert {one.name for one in cli.client.call("GET", (*V1, "sources", acme), Sources).sources} == {"mail"}
    assert cli.client.call("GET", (*V1, "sources", "nowhere"), Sources).sources == []
    for kind in ("sources", "datasets"):
        assert "unknown" in refused(cli, 404, "GET", *V1, kind, "id:00aa11bb22cc33dd")
        refused(cli, 404, "GET", *V1, kind, "id:no-hex")
        refused(cli, 404, "GET", *V1, kind, f"{acme}/none")
        refused(cli, 404, "GET", *V1, kind, "a/b/c/d")


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["bad name", "x" * 257, "ä", "a%b", "a.b", "a:b"])
def test_a_name_of_other_characters_makes_no_bucket_source_or_dataset(cli: Cli, acme: str, name: str) -> None:
    for path, body in (
        ((*PRIVATE, "buckets"), {"bucket": {"bucket_type": "emails"}}),
        ((*V1, "sources"), {"source": {}}),
        ((*V1, "datasets"), {"dataset": {"source_ids": []}}),
    ):
        refused(cli, 400, "PUT", *path, f"{acme}/{name}", body=body)


@pytest.mark.nightly
def test_a_stream_of_other_than_three_parts_is_no_address(cli: Cli, acme: str) -> None:
    refused(cli, 404, "POST", *V1, "datasets", f"{acme}/all", "streams", "a", "b", "fetch", body={"size": 1})
    refused(cli, 404, "POST", *V1, "datasets", acme, "streams", "a", "fetch", body={"size": 1})


@pytest.mark.nightly
def test_a_user_is_known_by_id_alone(cli: Cli) -> None:
    me = cli.begin().user
    for wrong in (me.username, me.email, "0", "00aa11bb22cc33dd"):
        assert "unknown user" in refused(cli, 404, "GET", *PRIVATE, "users", wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["bad name", "ä", "a%b", "x" * 1_025])
def test_a_project_name_of_other_characters_makes_no_project(cli: Cli, name: str) -> None:
    refused(cli, 400, "PUT", *PRIVATE, "projects", name, body={"project": {}, "user_ids": []})
    assert name not in {one.name for one in getting.projects(cli)}


@pytest.mark.nightly
def test_other_buckets_than_of_emails_and_unknown_quotas_are_refused(cli: Cli, acme: str) -> None:
    body = {"bucket": {"bucket_type": "letters"}}
    assert "'letters'" in refused(cli, 400, "PUT", *PRIVATE, "buckets", f"{acme}/post", body=body)
    assert "unknown quota 'tea'" in refused(
        cli, 404, "POST", *PRIVATE, "quotas", "t", "tea", body={"hard_limit": 1}
    )


@pytest.mark.nightly
@pytest.mark.parametrize("sent", [b"", b"{", b"\xff", b"[]", b"null", b'{"comments": [}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(cli: Cli, acme: str, sent: bytes) -> None:
    for method, path in (
        ("POST", (*V1, "sources", f"{acme}/mail", "sync")),
        ("PUT", (*PRIVATE, "sources", f"{acme}/mail", "comments")),
        ("PUT", (*PRIVATE, "buckets", f"{acme}/post", "emails")),
        ("PUT", (*V1, "datasets", f"{acme}/all", "streams")),
    ):
        answer = cli.client.once(method, address(*path), body=sent)
        with pytest.raises(RefusedError) as told:
            decode(answer.status, answer.body, AnyOk)
        assert told.value.status == 400


@pytest.mark.nightly
def test_an_id_twice_in_a_request_is_the_last_of_them_or_refused(cli: Cli, project: str) -> None:
    where = creating.source(cli, f"{project}/mail")
    twice = [comment("c1", "first"), comment("c1", "second")]
    told = cli.client.call(
        "POST", (*V1, "sources", f"{project}/mail", "sync"), Synced, body={"comments": twice}
    )
    assert told.new == 1
    (found,) = getting.of_source(cli, f"{project}/mail")
    assert found.messages[0].body.text == "second"
    unclear = {"comments": [comment("c2", "first"), comment("c2", "second")]}
    words = refused(cli, 400, "PUT", *PRIVATE, "sources", f"{project}/mail", "comments", body=unclear)
    assert "message 'c2' occurs twice in one batch" in words
    assert getting.count(cli, where) == 1


@pytest.mark.nightly
def test_an_upload_without_the_word_of_charging_is_an_upload(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    path = (*V1, "sources", f"{project}/mail", "sync")
    assert cli.client.call("POST", path, Synced, body={"comments": [comment("c1")]}).new == 1
    refused(cli, 400, "POST", *path, body={"comments": []}, query=(("no_charge", "perhaps"),))


@pytest.mark.nightly
@pytest.mark.parametrize("key", ["predictions", "reviewed", "senders", "label", "shuffle"])
def test_a_source_has_no_predictions_or_labels_to_filter_by(cli: Cli, acme: str, key: str) -> None:
    words = refused(cli, 400, "GET", *PRIVATE, "sources", f"{acme}/mail", "comments", query=((key, "true"),))
    assert f"unknown field `{key}`" in words
    where = {"comment_filter": {"annotations": {"labels": {"one_of": ["Refund"]}}}}
    assert "labels" in refused(cli, 422, "POST", *V1, "sources", f"{acme}/mail", "statistics", body=where)


@pytest.mark.nightly
def test_flags_that_cannot_be_kept_are_named(cli: Cli, acme: str) -> None:
    for flag in ("external_moon_llm", "gpt4", "qos"):
        body = {"dataset": {"source_ids": [], "has_sentiment": False, "_dataset_flags": [flag]}}
        assert flag in refused(cli, 422, "PUT", *V1, "datasets", f"{acme}/flags", body=body)


@pytest.mark.nightly
def test_a_project_without_permissions_gives_none(cli: Cli, project: str) -> None:
    made = creating.user(cli, f"none-{project}", f"none-{project}@mail.example", projects={project: []})
    assert made.organisation_permissions.get(project, []) == []
    body = {"user": {"username": f"x-{project}", "email": "", "organisation_permissions": {project: ["tea"]}}}
    assert "unknown permission 'tea'" in refused(cli, 404, "PUT", *PRIVATE, "users", body=body)


# ---- what the upstream's own tests expect of a server, word for word


def test_an_unknown_transform_tag_is_refused_in_these_words(cli: Cli, project: str) -> None:
    body = {"source": {"email_transform_tag": "generic.9.NONE"}}
    words = refused(cli, 422, "PUT", *V1, "sources", f"{project}/mail", body=body)
    assert words == "The value 'generic.9.NONE' is not a valid transform tag."
    made = creating.source(cli, f"{project}/mail", email_transform_tag="generic.0.CONVKER5")
    assert made.email_transform_tag == "generic.0.CONVKER5"
    with pytest.raises(RefusedError) as told:
        changing.source(cli, f"{project}/mail", email_transform_tag="generic.9.NONE")
    assert (told.value.status, told.value.message) == (422, words)
    files = {"a.msg": ("Subject: A\r\nMessage-ID: <a@b>\r\n", {"plain": "text"})}
    with pytest.raises(RefusedError) as told:
        msgs(cli, f"{project}/mail", files, tag="generic.9.NONE")
    assert (told.value.status, told.value.message) == (422, words)


def test_an_unknown_model_family_is_refused_in_these_words(cli: Cli, acme: str) -> None:
    body = {"dataset": {"source_ids": [], "has_sentiment": False, "model_family": "klingon"}}
    words = refused(cli, 400, "PUT", *V1, "datasets", f"{acme}/family", body=body)
    assert words.startswith("'klingon' is not one of ['english', ")


def test_a_project_that_holds_something_is_kept_in_these_words(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    with pytest.raises(RefusedError) as told:
        changing.delete_project(cli, project)
    words = 'Project contains child resources but force deletion was not requested: {"sources": 1}'
    assert (told.value.status, told.value.message) == (409, words)
    assert cli.client.waited == [5, 10, 20], "the client tries a conflict again, and it stays one"
    creating.bucket(cli, f"{project}/post")
    creating.dataset(cli, f"{project}/all", [f"{project}/mail"])
    words = refused(cli, 409, "DELETE", *PRIVATE, "projects", project)
    counts = json.loads(words.partition("requested: ")[2])
    assert counts == {"sources": 1, "buckets": 1, "datasets": 1}
    changing.delete_project(cli, project, force=True)
    assert project not in {one.name for one in getting.projects(cli)}
    refused(cli, 404, "DELETE", *PRIVATE, "projects", project, query=(("force", "true"),))


def test_comments_that_are_not_there_are_deleted_all_the_same(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    creating.comments(cli, f"{project}/mail", [line("c1"), line("c2")])
    for _ in range(2):
        changing.delete_comments(cli, f"{project}/mail", ["c1", "none", "a%b"])
    assert [one.id for one in getting.of_source(cli, f"{project}/mail")] == ["c2"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ((*V1, "sources", "nowhere/mail"), {"source": {}}),
        ((*V1, "datasets", "nowhere/all"), {"dataset": {"source_ids": [], "has_sentiment": False}}),
        ((*PRIVATE, "buckets", "nowhere/post"), {"bucket": {"bucket_type": "emails"}}),
        ((*PRIVATE, "integrations", "nowhere/mail"), {"integration": {"configuration": {"mailboxes": []}}}),
    ],
)
def test_nothing_is_made_in_a_project_that_is_not_there(cli: Cli, path: tuple[str, ...], body: Line) -> None:
    assert "No such project" in refused(cli, 404, "PUT", *path, body=body)


# ---- what our own server refuses besides


def test_a_known_id_with_another_content_is_a_conflict_and_with_the_same_is_none(
    cli: Cli, project: str
) -> None:
    creating.source(cli, f"{project}/mail")
    for _ in range(2):
        creating.comments(cli, f"{project}/mail", [line("c1"), line("c2")])
    other = {"comments": [comment("c3"), comment("c1", "something else")]}
    words = refused(cli, 409, "PUT", *PRIVATE, "sources", f"{project}/mail", "comments", body=other)
    assert words.startswith("1 of the messages are there already with another content")
    assert [one.id for one in getting.of_source(cli, f"{project}/mail")] == ["c1", "c2"], (
        "nothing of it is there"
    )


@pytest.mark.nightly
@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""}, {"id": "a b"}, {"id": "a/b"}, {"id": "."}, {"id": ".."}, {"id": "x" * 1_025}, {"id": "a\n"},
        {"id": 7}, {"timestamp": "yesterday"}, {"timestamp": 1_700_000_000}, {"timestamp": None}, {"messages": []},
        {"messages": [{}]}, {"messages": [{"body": {}}]}, {"messages": [{"body": {"text": LONG}}]},
        {"messages": [{"body": {"text": "x"}, "from": ""}]}, {"messages": [{"body": {"text": "x"}, "to": ["x" * 513]}]},
        {"messages": [{"body": {"text": "x"}, "language": "x" * 9}]}, {"messages": [{"body": {"text": "x"}, "more": 1}]},
        {"attachments": [{"name": "a", "size": -1, "content_type": "x"}]}, {"attachments": [{"name": "a"}]},
        {"text_format": "html"}, {"more": 1}, {"user_properties": {"string:": "x"}}, {"user_properties": {"x": "x"}},
    ],
)  # fmt: skip
def test_a_comment_that_cannot_be_is_refused(cli: Cli, acme: str, wrong: Line) -> None:
    body = {"comments": [{**comment("w1"), **wrong}]}
    refused(cli, 400, "POST", *V1, "sources", f"{acme}/mail", "sync", body=body)
    refused(cli, 400, "PUT", *PRIVATE, "sources", f"{acme}/mail", "comments", body=body)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "api/v1/sources/{}/new", {"source": {"title": "x" * 129}}),
        ("PUT", "api/v1/sources/{}/new", {"source": {"description": "x" * 16_385}}),
        ("PUT", "api/v1/sources/{}/new", {"source": {"_kind": "mail"}}),
        ("PUT", "api/v1/sources/{}/new", {"source": {"more": 1}}),
        ("PUT", "api/v1/sources/{}/new", {"source": {}, "more": 1}),
        ("POST", "api/v1/sources/{}/mail", {"source": {"title": "x" * 129}}),
        ("PUT", "api/v1/datasets/{}/new", {"dataset": {"source_ids": ["a"] * 1_025}}),
        ("PUT", "api/v1/datasets/{}/new", {"dataset": {"source_ids": [], "title": "x" * 129}}),
        ("PUT", "api/v1/datasets/{}/new", {"dataset": {"source_ids": [], "more": 1}}),
        ("PUT", "api/v1/datasets/{}/new", {"dataset": {"source_ids": [], "label_defs": [{"name": ""}]}}),
        ("PUT", "api/v1/datasets/{}/new", {"dataset": {"source_ids": [], "label_defs": [{"name": "A", "external_id": "x" * 129}]}}),
        ("PUT", "api/_private/buckets/{}/new", {"bucket": {"bucket_type": "emails", "more": 1}}),
        ("PUT", "api/_private/projects/{}-new", {"project": {"title": "x" * 129}, "user_ids": []}),
        ("PUT", "api/_private/users", {"user": {"username": "a b", "email": ""}}),
        ("PUT", "api/v1/datasets/{}/all/streams", {"stream": {"name": "a b"}}),
        ("PUT", "api/v1/datasets/{}/all/streams", {"stream": {"name": "s", "more": 1}}),
        ("PUT", "api/v1/datasets/{}/all/streams", {"stream": {"name": "s", "comment_filter": {"more": 1}}}),
        ("POST", "api/_private/datasets/{}/all/query", {"filter": {"sources": ["a"] * 129}}),
        ("POST", "api/_private/datasets/{}/all/query", {"order": {"kind": "best"}}),
        ("POST", "api/_private/datasets/{}/all/query", {"limit": 0}),
        ("POST", "api/_private/datasets/{}/all/query", {"continuation": "garbage"}),
        ("GET", "api/_private/sources/{}/mail/comments?limit=257", None),
        ("GET", "api/_private/sources/{}/mail/comments?after=garbage", None),
        ("GET", "api/_private/sources/{}/mail/comments?from_timestamp=yesterday", None),
        ("GET", "api/_private/datasets/{}/all/labellings?limit=1000", None),
        ("GET", "api/_private/datasets/{}/all/labellings?after=garbage", None),
        ("POST", "api/v1/audit_events/query", {"filter": {"timestamp": {"minimum": "yesterday"}}}),
        ("POST", "api/v1/audit_events/query", {"continuation": "garbage"}),
    ],
)  # fmt: skip
def test_what_breaks_a_limit_or_has_unknown_keys_is_refused(
    cli: Cli, acme: str, method: str, path: str, body: Line | None
) -> None:
    sent = None if body is None else json.dumps(body).encode()
    answer = cli.client.once(method, "/" + path.replace("{}", acme), body=sent)
    with pytest.raises(RefusedError) as told:
        decode(answer.status, answer.body, AnyOk)
    assert told.value.status == 400, told.value


def labelled(cli: Cli, acme: str, status: int, comment_id: str, body: Line) -> str:
    where = cli.source(f"{acme}/mail")
    path = (*PRIVATE, "datasets", f"{acme}/all", "labellings", f"{where.id}.{comment_id}")
    return refused(cli, status, "POST", *path, body=body)


@pytest.mark.nightly
def test_a_comment_that_is_not_there_has_no_labels(cli: Cli, acme: str) -> None:
    before = cli.dataset(f"{acme}/all").label_defs
    assert "none" in labelled(cli, acme, 404, "none", {"labelling": group("Never made")})
    path = (*PRIVATE, "datasets", f"{acme}/all", "labellings", "00aa11bb22cc33dd.c1")
    refused(cli, 404, "POST", *path, body={"labelling": group("Never made")})
    assert cli.dataset(f"{acme}/all").label_defs == before


@pytest.mark.nightly
@pytest.mark.parametrize(
    "name", ["", " ", "A > ", " > A", "A >  > B", "x" * 65, f"A > {'x' * 65}", " > ".join("a" * 65)]
)
def test_a_label_name_that_cannot_be_is_refused(cli: Cli, acme: str, name: str) -> None:
    labelled(cli, acme, 400, "c1", {"labelling": [{"group": "default", "assigned": [label(name)]}]})
    labelled(cli, acme, 400, "c1", {"labelling": [{"group": "default", "dismissed": [label(name)]}]})


@pytest.mark.nightly
@pytest.mark.parametrize(
    "wrong",
    [{"sentiment": "neutral"}, {"sentiment": None}, {"name": ["A"]}, {"name": None}, {"more": 1}],
)
def test_a_label_of_another_shape_is_refused(cli: Cli, acme: str, wrong: Line) -> None:
    labelled(
        cli, acme, 400, "c1", {"labelling": [{"group": "default", "assigned": [{**label("A"), **wrong}]}]}
    )


@pytest.mark.nightly
def test_an_entity_outside_of_its_text_is_refused(cli: Cli, acme: str) -> None:
    span = {"content_part": "body", "message_index": 0, "utf16_byte_start": 9_000, "utf16_byte_end": 9_010}
    entity = {"name": "parcel-no", "formatted_value": "4411", "span": span}
    labelled(cli, acme, 422, "c1", {"entities": {"assigned": [entity]}})


def test_an_unknown_version_is_not_found(cli: Cli, trained: Trained) -> None:
    of = cli.dataset(trained.name)
    (row,) = getting.of_dataset(cli, trained.name, stop_after=1)
    body = {"uids": [row["comment"]["uid"]]}
    for version in ("9", "4294967295", "18446744073709551616", "best"):
        path = (*V1, "datasets", trained.name, "labellers", version)
        assert "unknown" in refused(cli, 404, "POST", *path, "predict-comments", body=body)
        path = (*PRIVATE, "datasets", trained.name, "labellers", version)
        assert "unknown" in refused(cli, 404, "GET", *path, "validation")
        refused(cli, 404, "POST", *path, "label-validation", body={"label": "Refund"})
    model = {"version": 9, "label_thresholds": []}
    stream = {"stream": {"name": "nine", "model": model}}
    refused(cli, 404, "PUT", *V1, "datasets", trained.name, "streams", body=stream)
    path = (*PRIVATE, "datasets", trained.name, "labellers", "2", "label-validation")
    assert "unknown label of version 2 'Tea'" in refused(cli, 404, "POST", *path, body={"label": "Tea"})
    assert of.id == trained.dataset_id


@pytest.mark.nightly
def test_a_mark_that_is_none_moves_no_stream(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    creating.dataset(cli, f"{project}/all", [f"{project}/mail"])
    creating.streams(cli, f"{project}/all", [{"name": "one"}, {"name": "other"}], 0)
    creating.comments(cli, f"{project}/mail", [line(f"c{n}") for n in range(4)])
    one, other = f"{project}/all/one", f"{project}/all/other"
    first, foreign = streaming.fetch(cli, one, 2), streaming.fetch(cli, other, 2)
    for wrong in ("", "garbage", "AAAA", "x" * 1_025, first.sequence_id[:-1], foreign.sequence_id[::-1]):
        refused(cli, 400, "POST", *streaming.path_of(one), "advance", body={"sequence_id": wrong})
    assert streaming.fetch(cli, one, 2) == first
    streaming.advance(cli, one, first.sequence_id)
    second = streaming.fetch(cli, one, 2)
    streaming.advance(cli, one, first.results[0].sequence_id)
    streaming.advance(cli, one, first.sequence_id)
    assert streaming.fetch(cli, one, 2) == second, "an older mark never moves it back"
    refused(cli, 404, "POST", *streaming.path_of(f"{project}/all/none"), "advance", body={"sequence_id": "x"})


@pytest.mark.parametrize("size", [0, -1, 1_025, 1.5, "16", None])
def test_a_batch_has_a_size_that_fits(cli: Cli, trained: Trained, size: Any) -> None:
    refused(cli, 400, "POST", *V1, "datasets", trained.name, "streams", "any", "fetch", body={"size": size})


@pytest.mark.nightly
def test_at_most_128_ids_go_into_an_address(cli: Cli, acme: str) -> None:
    many = [("id", f"none{n}") for n in range(129)]
    assert "129" in refused(cli, 400, "DELETE", *V1, "sources", f"{acme}/mail", "comments", query=many)
    refused(cli, 400, "DELETE", *V1, "sources", f"{acme}/mail", "comments")
    cli.client.call("DELETE", (*V1, "sources", f"{acme}/mail", "comments"), query=many[:128])
    source_id = cli.client.call("GET", (*V1, "sources", f"{acme}/mail"), OneSource).source.id
    uids = [("id", f"{source_id}.none{n}") for n in range(129)]
    path = (*PRIVATE, "datasets", f"{acme}/all", "labellings")
    assert "129" in refused(cli, 400, "GET", *path, query=uids)
    refused(cli, 404, "GET", *path, query=uids[:1])
    told = cli.client.call("GET", path, AnyOk, query=[*uids[:128], ("allow_missing", "true")])
    assert told == AnyOk(status="ok")


@pytest.mark.nightly
def test_nothing_of_this_made_a_label_or_a_comment(cli: Cli, acme: str) -> None:
    labelled(cli, acme, 400, "c1", {"labelling": [{"group": "default", "assigned": [label("A"), label("")]}]})
    assert [one.id for one in getting.of_source(cli, f"{acme}/mail")] == ["c1", "c2", "c3"]
    assert cli.dataset(f"{acme}/all").label_defs == []
    told = cli.client.call(
        "POST",
        (*PRIVATE, "datasets", f"{acme}/all", "labellings", f"{cli.source(f'{acme}/mail').id}.c1"),
        AnnotatedComment,
        body={},
    )
    assert not told.comment.has_annotations
