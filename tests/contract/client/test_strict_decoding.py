"""What breaks the client when a reply is not exactly so: a test of each row of the checklist, over real HTTP.

The decoders raise on whatever the client cannot read, so a test reads replies, in the states that could spoil them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.client import changing, creating, getting, streaming
from tests.contract.client.comments import AnnotatedComment
from tests.contract.client.conftest import Server, Trained
from tests.contract.client.decoding import ExactlyOk, RefusedError
from tests.contract.client.resources import Dataset, Labellers
from tests.contract.client.samples import comment, full_comment, group, label, line
from tests.contract.client.session import PRIVATE, V1, Cli, charge

MAILBOX = {
    "email": "help@acme.example",
    "enabled": True,
    "bucket_specification": {"project_name": "acme", "name": "post", "title": "Post"},
}


@pytest.fixture
def mail(cli: Cli, project: str) -> str:
    """A source with three comments."""
    name = f"{project}/mail"
    creating.source(cli, name)
    creating.comments(
        cli, name, [line(f"c{n}", day=n, more={"user_properties": {"number:N": n}}) for n in (1, 2, 3)]
    )
    return name


@pytest.fixture
def about(cli: Cli, project: str, mail: str) -> Dataset:
    """A dataset over it."""
    return creating.dataset(cli, f"{project}/all", [mail])


def raw(cli: Cli, method: str, *parts: str, body: Any = None) -> dict[str, Any]:
    """A reply as it is."""
    from tests.contract.client.transport import address

    sent = None if body is None else json.dumps(body).encode()
    told: dict[str, Any] = json.loads(cli.client.once(method, address(*parts), body=sent).body)
    return told


def test_row_1_uploads_and_quotas_are_answered_with_nothing_but_ok(cli: Cli, mail: str) -> None:
    path = (*PRIVATE, "sources", mail, "comments")
    for some in (
        [],
        [comment("c1", day=1, user_properties={"number:N": 1})],
        [comment("n1"), full_comment("n2")],
    ):
        for no_charge in (False, True):
            cli.client.call("PUT", path, ExactlyOk, body={"comments": some}, query=charge(no_charge))
    for limit in ({"hard_limit": 7}, {"hard_limit": 8, "auto_increase_up_to": 9}, {"hard_limit": None}):
        body = {**limit, "auto_increase_up_to": limit.get("auto_increase_up_to")}
        cli.client.call("POST", (*PRIVATE, "quotas", "any-tenant", "alerts"), ExactlyOk, body=body)


@pytest.mark.nightly
def test_row_2_times_come_with_an_offset_and_are_taken_without(cli: Cli, mail: str, about: Dataset) -> None:
    later = [
        {**comment("t1"), "timestamp": "2026-03-05T09:15:00"},
        {**comment("t2"), "timestamp": "2026-03-05T11:15:00+02:00"},
        {**comment("t3"), "timestamp": "2026-03-05T09:15:00.123456Z"},
    ]
    where = cli.source(mail)
    creating.sync(cli, where, later)
    times = {one.id: one.timestamp for one in getting.of_source(cli, mail)}
    assert times["t1"] == times["t2"] == datetime(2026, 3, 5, 9, 15, tzinfo=UTC)
    assert times["t3"].microsecond == 123_456
    (stream,) = creating.streams(cli, f"{about.owner}/{about.name}", [{"name": "s"}], 1)
    path = (*V1, "datasets", f"{about.owner}/{about.name}", "streams", stream.name, "reset")
    cli.client.call("POST", path, body={"to_comment_created_at": "2026-01-01T00:00:00"})
    batch = streaming.fetch(cli, f"{about.owner}/{about.name}/s")
    assert len(batch.results) == 6


def test_row_3_comments_have_every_key_and_no_null(cli: Cli, mail: str) -> None:
    lines = [
        {"comment": full_comment("full")},
        line("bare"),
        line("empty", "", more={"user_properties": {}, "attachments": []}),
        line("blank", more={"user_properties": {"string:T": "  ", "number:N": 0}}),
        line("null", more={"user_properties": None, "thread_id": None}),
        line("files", more={"attachments": [{"name": "a.pdf", "size": 3, "content_type": ".pdf"}]}),
    ]
    creating.comments(cli, mail, lines)
    found = {one.id: one for one in getting.of_source(cli, mail)}
    assert {one["comment"]["id"] for one in lines} <= set(found)
    assert found["blank"].user_properties == {"number:N": 0}
    where = cli.source(mail)
    assert all(one.uid == f"{where.id}.{one.id}" for one in found.values())
    told = raw(cli, "GET", *PRIVATE, "sources", mail, "comments")
    assert all(one.get("attachments", []) is not None for one in told["comments"])
    for wrong in (
        {"Team": "West"},
        {"string:Team": 1},
        {"number:N": "1"},
        {"number:N": True},
        {"bool:V": True},
    ):
        with pytest.raises(RefusedError) as refused:
            creating.sync(cli, where, [comment("w", user_properties=wrong)])
        assert refused.value.status == 400


@pytest.mark.nightly
@pytest.mark.parametrize("has_sentiment", [False, True])
def test_row_4_assigned_labels_have_a_name_and_a_sentiment(
    cli: Cli, project: str, mail: str, has_sentiment: bool
) -> None:
    of = creating.dataset(cli, f"{project}/signed", [mail], has_sentiment=has_sentiment)
    said = [{"group": "default", "assigned": [label("Parcel > Late")], "dismissed": [label("Refund")]}]
    creating.annotated(cli, mail, f"{project}/signed", [line("c1", labelling=said)])
    (told,) = getting.reviewed_of(cli, of, cli.source(mail).id)
    assert told.labelling and "Parcel > Late" in [one.name for one in told.labelling[0].assigned]
    assert told.labelling[0].dismissed[0].sentiment == "positive"
    if has_sentiment:
        said = [{"group": "default", "assigned": [label("Refund", "negative")]}]
        creating.annotated(cli, mail, f"{project}/signed", [line("c2", labelling=said)])
        (_, other) = getting.reviewed_of(cli, of, cli.source(mail).id)
        assert other.labelling and other.labelling[0].assigned[0].sentiment == "negative"


def test_row_5_predicted_labels_have_a_probability(cli: Cli, trained: Trained) -> None:
    lines = getting.of_dataset(cli, trained.name, predictions=True, stop_after=5)
    predicted = [one for row in lines for one in row["labelling"][0]["predicted"]]
    assert predicted and all(isinstance(one["name"], list) for one in predicted)
    assert any(len(one["name"]) > 1 for one in predicted)
    assert all(0 <= one["probability"] <= 1 for one in predicted)


@pytest.mark.nightly
def test_row_6_entities_are_two_lists_wherever_they_are(cli: Cli, mail: str, about: Dataset) -> None:
    creating.annotated(cli, mail, f"{about.owner}/{about.name}", [line("c1", labelling=group("Refund"))])
    path = (*PRIVATE, "datasets", f"{about.owner}/{about.name}")
    uid = f"{cli.source(mail).id}.c2"
    told = [
        raw(cli, "POST", *path, "labellings", uid, body={"entities": {"assigned": [], "dismissed": []}}),
        *raw(cli, "POST", *path, "query", body={"filter": {}})["results"],
        *raw(cli, "GET", *path, "labellings")["results"],
    ]
    assert len(told) == 5
    for one in told:
        assert {"assigned", "dismissed"} <= set(one["entities"])


@pytest.mark.nightly
def test_row_7_spans_have_six_keys_or_are_not_there(cli: Cli, mail: str, about: Dataset) -> None:
    span = {"content_part": "body", "message_index": 0, "utf16_byte_start": 0, "utf16_byte_end": 10}
    entity = {"name": "parcel-no", "formatted_value": "4411", "spans": [span]}
    path = (*PRIVATE, "datasets", f"{about.owner}/{about.name}", "labellings", f"{cli.source(mail).id}.c1")
    with pytest.raises(RefusedError) as refused:  # fields cannot be kept yet, and it says so
        cli.client.call("POST", path, AnnotatedComment, body={"entities": {"assigned": [entity]}})
    assert refused.value.status == 422
    assert "'entities' cannot be kept here yet" in refused.value.message
    told = cli.client.call("POST", path, AnnotatedComment, body={"labelling": group("Refund")})
    assert told.entities and told.entities.assigned == told.entities.dismissed == []


def test_row_8_a_dataset_has_every_key_and_flags_that_are_known(cli: Cli, project: str, mail: str) -> None:
    made = creating.dataset(cli, f"{project}/flags", [mail], _dataset_flags=["zero_shot_labels"])
    for flag in ("conversational_filters", "generative_extraction", "generative_prelabelling", "other"):
        with pytest.raises(RefusedError) as refused:
            creating.dataset(cli, f"{project}/x", [mail], _dataset_flags=[flag])
        assert refused.value.status == 400
    assert [one.name for one, _, _ in getting.datasets(cli, f"{project}/flags")] == ["flags"]
    assert cli.dataset(made.id) == made
    assert made in [one for one, _, _ in getting.datasets(cli)]


def test_row_9_texts_of_labels_are_texts_or_left_out(cli: Cli, project: str, mail: str) -> None:
    defs: list[dict[str, Any]] = [
        {"name": "Bare"},
        {"name": "Empty", "title": "", "instructions": ""},
        {"name": "Null", "title": None, "instructions": None},
        {"name": "Full > Child", "title": "Child", "instructions": "When it is one.", "external_id": "x1"},
    ]
    made = creating.dataset(cli, f"{project}/named", [mail], label_defs=defs)
    names = [one.name for one in made.label_defs]
    assert [one["name"] for one in defs] == [one for one in names if one != "Full"]
    (child,) = [one for one in made.label_defs if one.name == "Full > Child"]
    assert (child.title, child.instructions, child.external_id) == ("Child", "When it is one.", "x1")
    (only,) = made.label_groups
    assert (only.name, only.label_defs) == ("default", made.label_defs)


@pytest.mark.nightly
def test_row_10_a_user_has_every_key(server: Server, cli: Cli, project: str) -> None:
    me = cli.begin().user
    bare = creating.user(cli, f"bare-{project}", f"bare-{project}@mail.example")
    given = creating.user(
        cli,
        f"ann-{project}",
        f"ann-{project}@mail.example",
        everywhere=["audit-read"],
        projects={project: ["voc"]},
    )
    assert (bare.global_permissions, bare.sso_global_permissions) == ([], [])
    assert "voc" in given.organisation_permissions[project]
    assert {me.id, bare.id, given.id} <= {one.id for one in getting.users(cli)}
    assert getting.users(cli, given.id) == [given]
    assert not me.email.endswith(("uipath.com", "reinfer.dev"))


def test_row_11_a_source_has_a_kind_and_may_have_no_bucket(cli: Cli, project: str) -> None:
    creating.bucket(cli, f"{project}/post")
    plain = creating.source(cli, f"{project}/plain")
    chat = creating.source(cli, f"{project}/chat", _kind="chat", language="de")
    fed = creating.source(cli, f"{project}/fed", bucket=f"{project}/post")
    assert (plain.kind, chat.kind, chat.language) == ("unknown", "chat", "de")
    assert plain.bucket_id is None and fed.bucket_id is not None
    assert "bucket_id" in raw(cli, "GET", *V1, "sources", f"{project}/plain")["source"]
    assert {plain.id, chat.id, fed.id} <= {one.id for one, _, _ in getting.sources(cli)}


def test_row_12_a_stream_has_every_key_and_no_null(cli: Cli, trained: Trained, project: str) -> None:
    properties = {"string:Team": {"one_of": ["N"]}}
    model = {"version": 0, "label_thresholds": [{"name": ["Refund"], "threshold": 0.6}]}
    lines = [
        {"name": f"{project}-bare"},
        {"name": f"{project}-empty", "comment_filter": {}},
        {"name": f"{project}-full", "title": "T", "description": "D", "model": model,
         "comment_filter": {"user_properties": properties}},
        {"name": f"{project}-all", "model": {"version": 0, "label_thresholds": []}},
    ]  # fmt: skip
    made = creating.streams(cli, trained.name, lines, 1)
    assert [one.model.version if one.model else None for one in made] == [None, None, 1, 1]
    found = {one.name: one for one in getting.streams(cli, trained.name)}
    for one in made:
        told = raw(cli, "GET", *streaming.path_of(f"{trained.name}/{one.name}"))["stream"]
        assert None not in told.values()
        assert found[one.name] == one
        cli.client.call("DELETE", streaming.path_of(f"{trained.name}/{one.name}"))
    assert made[2].comment_filter == {"user_properties": properties}, (
        "written by the client, read by it again"
    )


def test_row_13_a_batch_has_numbers_marks_and_results(cli: Cli, trained: Trained, project: str) -> None:
    model = {"version": 0, "label_thresholds": [{"name": ["Refund"], "threshold": 0.1}]}
    creating.streams(cli, trained.name, [{"name": project, "model": model}], 1)
    stream = f"{trained.name}/{project}"
    empty = streaming.fetch(cli, stream)
    assert (empty.results, empty.filtered) == ([], 0) and empty.sequence_id
    path = (*streaming.path_of(stream), "reset")
    cli.client.call("POST", path, body={"to_comment_created_at": "2020-01-01T00:00:00Z"})
    assert next(streaming.listen(cli, stream, size=1, at_least=1)).sequence_id, (
        "the version's predictions are there"
    )
    full = streaming.fetch(cli, stream, 16)
    while len(full.results) < 16:
        full = streaming.fetch(cli, stream, 16)
    assert len(full.results) == 16 and full.results[-1].sequence_id and not full.is_end_sequence
    assert all(one.labels is not None and one.entities is not None for one in full.results)
    cli.client.call("DELETE", streaming.path_of(stream))


def test_row_14_predictions_come_in_the_order_of_their_uids(cli: Cli, trained: Trained) -> None:
    of = cli.dataset(trained.name)
    uids = [row["comment"]["uid"] for row in getting.of_dataset(cli, trained.name, stop_after=7)]
    for wanted in (uids, uids[::-1], uids[:1], [uids[0], uids[1], uids[0]]):
        assert [one.uid for one in getting.predicted(cli, of, wanted, 1).predictions] == wanted
        told = getting.predicted_auto(cli, of, wanted, 2)
        assert [one.uid for one in told.predictions] == wanted
        assert wanted != uids or any(one.labels for one in told.predictions)


def test_row_15_versions_are_whole_numbers_that_fit(cli: Cli, trained: Trained) -> None:
    path = (*PRIVATE, "datasets", trained.name, "labellers")
    told = cli.client.call("POST", path, Labellers, body={})
    assert [one.version for one in told.labellers] == [2, 1]
    assert all(type(one["version"]) is int for one in raw(cli, "POST", *path, body={})["labellers"])
    for beyond in (2**32, -1, 1.5):
        model = {"version": beyond, "label_thresholds": []}
        with pytest.raises(RefusedError) as refused:
            cli.client.call(
                "PUT",
                (*V1, "datasets", trained.name, "streams"),
                body={"stream": {"name": "v", "model": model}},
            )
        assert refused.value.status == 400


@pytest.mark.nightly
def test_row_16_every_id_of_an_event_is_explained(server: Server, cli: Cli, project: str) -> None:
    gone = server.fresh()
    creating.source(cli, f"{gone}/mail")
    creating.dataset(cli, f"{gone}/all", [f"{gone}/mail"])
    somebody = creating.user(cli, f"gone-{project}", f"gone-{project}@mail.example", projects={gone: ["voc"]})
    changing.delete_user(cli, somebody.id)
    changing.delete_project(cli, gone, force=True)
    events = getting.audit_events(cli)
    assert len(events) > 5 and len({one.event_id for one, _ in events}) == len(events)
    assert any(one.dataset_ids for one, _ in events) and any(gone in one.project_ids for one, _ in events)
    assert all("@" in email for _, email in events)


@pytest.mark.parametrize(
    "connection",
    [
        None,
        {},
        {"application": {"kind": "custom", "client_id": "c", "tenant_id": "t"}},
        {"access": {"kind": "user_access", "username": "reader@acme.example"}},
        {
            "access": {"kind": "user_access", "username": "reader@acme.example"},
            "application": {"kind": "custom", "client_id": "c", "tenant_id": "t"},
        },
    ],
)
def test_row_17_an_integration_has_its_own_name_and_a_whole_connection(
    cli: Cli, project: str, connection: dict[str, Any] | None
) -> None:
    configuration: dict[str, Any] = {"mailboxes": [{**MAILBOX, "folder_allowlist": [["Inbox", "Claims"]]}]}
    if connection is not None:
        configuration["connection"] = connection
    body = {"title": "Mail", "enabled": False, "configuration": configuration}
    made = creating.integration(cli, f"{project}/mail", body)
    assert (made.owner, made.name, made.kind) == (project, "mail", "exchange_online")
    assert (made.configuration.connection is None) == (not connection)
    assert getting.integrations(cli, f"{project}/mail") == [made] == getting.integrations(cli, made.id)
    assert made in getting.integrations(cli)
    assert (
        creating.integration(cli, f"{project}/mail", body, overwrite=True).configuration == made.configuration
    )


def test_row_18_quotas_are_of_kinds_that_are_known(cli: Cli) -> None:
    found = getting.quotas(cli)
    assert {"sources", "comments", "users"} <= {one.quota_kind for one in found}
    assert getting.quotas(cli, "any-tenant") == found


def test_row_19_a_bucket_is_counted_exactly_or_at_least(cli: Cli, project: str) -> None:
    creating.bucket(cli, f"{project}/post")
    ((_, n),) = getting.buckets(cli, f"{project}/post", stats=True)
    assert n == 0


@pytest.mark.nightly
def test_row_20_forms_stand_for_their_labels(cli: Cli, mail: str, about: Dataset) -> None:
    name = f"{about.owner}/{about.name}"
    form = {"label": label("Refund"), "captures": []}
    creating.annotated(cli, mail, name, [line("c1", moon_forms=[{"group": "default", "assigned": [form]}])])
    (told,) = getting.reviewed_of(cli, about, cli.source(mail).id)
    assert told.labelling and told.labelling[0].assigned[0].name == "Refund"
    kept = {"name": "Amount", "kind": "money", "formatted_value": "20 EUR", "spans": []}
    filled = {"label": label("Refund"), "captures": [{"fields": [kept]}]}
    with pytest.raises(RefusedError) as refused:
        creating.annotated(
            cli, mail, name, [line("c2", moon_forms=[{"group": "default", "assigned": [filled]}])]
        )
    assert refused.value.status == 422 and "cannot be kept here yet" in refused.value.message


def test_row_21_rows_of_a_time_series_are_lists(cli: Cli, trained: Trained) -> None:
    from tests.contract.client.resources import Counted

    path = (*PRIVATE, "datasets", trained.name, "statistics")
    rows = []
    for asked in (False, True):
        body = {"comment_filter": {}, "label_timeseries": asked, "label_property_timeseries": False}
        body |= {"time_resolution": "day"} if asked else {}
        rows.append(cli.client.call("POST", path, Counted, body=body).statistics.label_timeseries)
    assert rows[0] == [] and len(rows[1]) > 1
    assert all(isinstance(row[0], str) and len(row) > 1 for row in rows[1])


def test_row_22_numbers_are_finite(cli: Cli, trained: Trained, mail: str) -> None:
    for word in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999"):
        body = json.dumps({"comments": [comment("inf", user_properties={"number:N": 0})]})
        sent = body.replace('"number:N": 0', f'"number:N": {word}').encode()
        told = cli.client.once("POST", f"/api/v1/sources/{mail.replace('/', '%2F')}/sync", body=sent)
        assert told.status == 400, word
    creating.sync(
        cli, cli.source(mail), [comment("big", user_properties={"number:N": 1.7976931348623157e308})]
    )
    found = {one.id: one.user_properties for one in getting.of_source(cli, mail)}
    assert found["big"] == {"number:N": 1.7976931348623157e308}
    for name in ("Refund", "Delivery > Late", "Delivery"):
        curve = streaming.curve(cli, trained.name, 2, name)
        assert len(curve.thresholds) == len(curve.precisions) == len(curve.recalls) > 0
        assert curve.thresholds == sorted(curve.thresholds, reverse=True)
        assert curve.recalls == sorted(curve.recalls)


def test_each_row_of_the_checklist_has_its_test() -> None:
    rows = {int(name.split("_")[2]) for name in globals() if name.startswith("test_row_")}
    assert rows == set(range(1, 23))
