"""The decoders refuse what the client refuses: of each rule a reply that is read, and one beside it that is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.client import comments, resources
from tests.contract.client.decoding import AnyOk, ExactlyOk, RefusedError, UnreadableError, decode, levels
from tests.contract.client.generations import NEW, OLD
from tests.contract.client.transport import address, named, segment

AT = "2026-03-05T09:15:00Z"
SPAN = {
    "content_part": "body", "message_index": 0, "char_start": 16, "char_end": 20, "utf16_byte_start": 32,
    "utf16_byte_end": 40,
}  # fmt: skip
ENTITY = {"name": "parcel-no", "formatted_value": "4411", "spans": [SPAN]}
COMMENT = {
    "id": "c1", "uid": "00aa11bb22cc33dd.c1", "timestamp": AT, "created_at": AT,
    "messages": [{"body": {"text": "Where?"}}], "user_properties": {"string:Team": "West", "number:NPS": 2},
}  # fmt: skip
LABEL = {"name": "Parcel > Late", "sentiment": "positive"}
PREDICTED = {"name": ["Parcel", "Late"], "probability": 0.9}
FIELD = {"name": "Amount", "kind": "money", "formatted_value": "20", "spans": [SPAN]}
FORM = {"label": LABEL, "captures": [{"fields": [FIELD]}]}
ANNOTATED = {
    "comment": COMMENT,
    "labelling": [{"group": "default", "assigned": [LABEL], "dismissed": [], "predicted": [PREDICTED]}],
    "entities": {"assigned": [ENTITY], "dismissed": []},
    "moon_forms": [{"group": "default", "assigned": [FORM], "predicted": [FORM]}],
}
DATASET = {
    "id": "d1", "name": "n", "owner": "o", "title": "", "description": "", "created": AT, "last_modified": AT,
    "model_family": "english", "source_ids": [], "has_sentiment": False, "general_fields": [],
    "entity_defs": [{"id": "e", "color": 0, "name": "n", "title": "t", "inherits_from": [], "trainable": True,
                     "_entity_def_flags": ["appears_verbatim"]}],
    "label_defs": [{"name": "A"}], "label_groups": [{"name": "default", "label_defs": [{"name": "A"}]}],
    "_dataset_flags": ["qos"],
}  # fmt: skip
USER = {
    "id": "u", "username": "ann", "email": "a@b", "created": AT, "global_permissions": [], "verified": True,
    "organisation_permissions": {"p": ["voc"]}, "sso_global_permissions": [],
}  # fmt: skip
SOURCE = {
    "id": "s", "owner": "o", "name": "n", "title": "", "description": "", "language": "en", "created_at": AT,
    "should_translate": False, "updated_at": AT, "_kind": "unknown", "bucket_id": None,
}  # fmt: skip
STREAM = {
    "id": "s", "dataset_id": "d", "name": "n", "title": "", "description": "", "created_at": AT, "updated_at": AT,
    "comment_filter": {}, "model": {"version": 1, "label_thresholds": [{"name": ["A"], "threshold": 0.5}]},
}  # fmt: skip
BATCH = {
    "filtered": 0, "sequence_id": "x", "is_end_sequence": False,
    "results": [{"comment": COMMENT, "sequence_id": "x"}],
}  # fmt: skip
AUDIT = {
    "audit_events": [{"event_id": "e", "event_type": "t", "timestamp": AT, "actor_user_id": "u",
                      "actor_tenant_id": "t", "tenant_ids": ["t"], "dataset_ids": ["d"], "project_ids": ["p"]}],
    "users": [{"id": "u", "username": "ann", "display_name": "Ann", "email": "a@b", "tenant_id": "t"}],
    "tenants": [{"id": "t", "name": "t"}], "projects": [{"id": "p", "name": "p", "tenant_id": "t"}],
    "datasets": [{"id": "d", "name": "d", "title": "", "project_id": "p"}],
}  # fmt: skip
INTEGRATION = {
    "id": "i", "owner": "o", "name": "mail", "title": "", "type": "exchange_online", "created_at": AT,
    "updated_at": AT, "enabled": True, "configuration": {
        "mailboxes": [{"email": "a@b", "enabled": True,
                       "bucket_specification": {"project_name": "o", "name": "b", "title": ""}}],
        "connection": {"access": {"kind": "user_access", "username": "u"},
                       "application": {"kind": "custom", "client_id": "c", "tenant_id": "t"}},
    },
}  # fmt: skip
QUOTA = {"quota_kind": "sources", "hard_limit": 5, "current_max_usage": 1}
STATISTICS = {"num_comments": 3, "label_counts": {"A": {"positive": 1, "negative": 0}},
              "label_timeseries": [["2026-03-01", 2, 1.5]]}  # fmt: skip
VALIDATED = {"label_groups": [], "validation": {
    "version": 1, "model_rating": {"score": 60, "quality": "good"}, "reviewed_size": 3}}  # fmt: skip
GONE = object()
"""Stands for a key that is left out."""


def changed(reply: Any, path: str, value: Any) -> Any:
    """A copy of a reply with something else at a place such as ``messages.0.body``."""
    made = json.loads(json.dumps(reply))
    *way, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    inner = made
    for one in way:
        inner = inner[one]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return made


def read(kind: Any, reply: Any, status: int = 200) -> Any:
    return decode(status, json.dumps({"status": "ok", **reply}).encode(), kind)


WHOLE: dict[str, tuple[Any, Any]] = {
    "comment": (comments.Comment, COMMENT),
    "annotated": (comments.AnnotatedComment, ANNOTATED),
    "auto": (comments.AutoPredictions, {"predictions": [
        {"uid": "u", "labels": [{**PREDICTED, "auto_thresholds": []}], "entities": None}]}),
    "dataset": (resources.Dataset, DATASET),
    "user": (resources.User, USER),
    "source": (resources.Source, SOURCE),
    "stream": (resources.Stream, STREAM),
    "batch": (comments.Batch, BATCH),
    "audit": (resources.AuditPage, AUDIT),
    "integration": (resources.Integration, INTEGRATION),
    "quotas": (resources.NewQuotas, {"quotas": [QUOTA]}),
    "bucket count": (resources.BucketStatistics, {"statistics": {"count": {"kind": "exact", "value": 1}}}),
    "statistics": (resources.Counted, {"statistics": STATISTICS}),
    "validation": (resources.Validated, VALIDATED),
    "summary": (resources.Summed, {"summary": {"user_properties": {
        "string": [{"full_name": "string:T", "values": [{"value": "W"}]}], "number": []}}}),
    "refreshed": (resources.Refreshed, {"permissions_refreshed": None}),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_reply_is_read_and_more_keys_are_passed_over(name: str) -> None:
    kind, reply = WHOLE[name]
    assert read(kind, {**reply, "more": [1]}) == read(kind, reply)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("comment", "timestamp", "2026-03-05T09:15:00"),
        ("comment", "created_at", "2026-03-05"),
        ("comment", "id", GONE),
        ("comment", "uid", GONE),
        ("comment", "messages", GONE),
        ("comment", "created_at", GONE),
        ("comment", "messages.0.body", {}),
        ("comment", "attachments", None),
        ("comment", "user_properties", {"Team": "West"}),
        ("comment", "user_properties", {"string:Team": 1}),
        ("comment", "user_properties", {"number:NPS": "1"}),
        ("comment", "user_properties", {"bool:VIP": True}),
        ("comment", "user_properties", {"string:Team": None}),
        ("annotated", "labelling.0.assigned.0.sentiment", GONE),
        ("annotated", "labelling.0.assigned.0.sentiment", "neutral"),
        ("annotated", "labelling.0.assigned.0.name", ["Parcel"]),
        ("annotated", "labelling.0.assigned", None),
        ("annotated", "labelling.0.predicted.0.probability", GONE),
        ("annotated", "labelling.0.predicted.0.probability", None),
        ("annotated", "labelling.0.predicted.0.sentiment", "positive"),
        ("annotated", "entities.assigned", GONE),
        ("annotated", "entities.dismissed", GONE),
        ("annotated", "moon_forms.0.predicted.0.label.sentiment", GONE),
        ("annotated", "moon_forms.0.predicted.0.label.name", ["Parcel"]),
        ("annotated", "moon_forms.0.predicted.0.captures.0.fields.0.kind", GONE),
        ("annotated", "moon_forms.0.assigned.0.captures.0.fields.0.formatted_value", GONE),
        *(("annotated", f"entities.assigned.0.spans.0.{key}", GONE) for key in SPAN),
        ("auto", "predictions.0.labels.0.auto_thresholds", GONE),
        *(("dataset", key, GONE) for key in DATASET),
        ("dataset", "_dataset_flags", ["conversational_filters"]),
        ("dataset", "entity_defs.0._entity_def_flags", ["other"]),
        ("dataset", "label_defs.0.title", None),
        ("dataset", "label_groups.0.label_defs.0.instructions", None),
        *(("user", key, GONE) for key in USER),
        ("source", "_kind", GONE),
        ("source", "_kind", "mail"),
        *(("stream", key, GONE) for key in STREAM if key not in ("comment_filter", "model")),
        *(("stream", key, None) for key in STREAM if key != "model"),
        ("stream", "model.version", GONE),
        ("stream", "model.label_thresholds", GONE),
        ("stream", "model.label_thresholds.0.threshold", "0.5"),
        ("stream", "model.version", 2**32),
        ("stream", "model.version", -1),
        ("stream", "model.version", 1.0),
        *(("batch", key, GONE) for key in BATCH),
        ("batch", "results.0.sequence_id", GONE),
        ("batch", "filtered", 0.5),
        *(("audit", key, GONE) for key in AUDIT),
        *(("audit", key, []) for key in AUDIT if key != "audit_events"),
        ("audit", "audit_events.0.tenant_ids", ["other"]),
        ("integration", "type", "imap"),
        ("integration", "name", "o/mail"),
        ("integration", "configuration.connection", {}),
        ("integration", "configuration.mailboxes.0.folder_allowlist", ["Inbox"]),
        ("quotas", "quotas.0.quota_kind", "tea"),
        ("bucket count", "statistics.count.kind", "about"),
        ("statistics", "statistics.label_timeseries.0.0", "March"),
        ("statistics", "statistics.label_timeseries.0", {"day": 1}),
        ("statistics", "statistics.num_comments", None),
        ("validation", "validation.version", 2**32),
        ("validation", "validation.model_rating.quality", "fair"),
    ],
)  # fmt: skip
def test_what_the_client_cannot_read_is_not_read(name: str, path: str, value: Any) -> None:
    kind, reply = WHOLE[name]
    with pytest.raises(UnreadableError, match="could not parse"):
        read(kind, changed(reply, path, value))


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, b"", "could not parse"),
        (404, b"<h1>Not Found</h1>", "could not parse"),
        (404, b'{"detail":"Not Found"}', "could not parse"),
        (500, b'{"status":"failed","message":"x"}', "could not parse"),
        (200, b'{"status":"error","message":"x"}', "inconsistent"),
        (400, b'{"status":"ok"}', "inconsistent"),
        (200, b'["ok"]', "could not parse"),
    ],
)
def test_the_envelope_and_the_status_agree(status: int, body: bytes, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        decode(status, body, AnyOk)


def test_a_failure_is_told_in_its_words_or_without_any() -> None:
    for body, words in ((b'{"status":"error","message":"no"}', "no"), (b'{"status":"error"}', "")):
        with pytest.raises(RefusedError) as refused:
            decode(400, body, AnyOk)
        assert (refused.value.status, refused.value.message) == (400, words)


def test_exactly_ok_has_nothing_beside_it() -> None:
    assert decode(200, b'{"status":"ok"}', ExactlyOk) == ExactlyOk(status="ok")
    assert decode(201, b'{"status":"ok","more":1}', AnyOk) == AnyOk(status="ok")
    with pytest.raises(UnreadableError, match="more"):
        decode(200, b'{"status":"ok","more":1}', ExactlyOk)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_are_finite(word: str) -> None:
    body = b'{"status":"ok","statistics":{"num_comments":%b}}' % word.encode()
    with pytest.raises(UnreadableError):
        decode(200, body, resources.Counted)


def test_the_older_generation_reads_only_so_deep() -> None:
    def nested(depth: int) -> bytes:
        return b'{"status":"ok","more":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    assert (levels(nested(9)), levels(rb'{"a":"[[\"[{\\","b":{}}')) == (9, 2)
    for generation, depth in ((OLD, 127), (NEW, 127), (NEW, 400)):
        decode(200, nested(depth), AnyOk, generation)
    with pytest.raises(UnreadableError, match="too deep"):
        decode(200, nested(128), AnyOk, OLD)


def test_the_older_generation_knows_fewer_quotas_and_needs_folders() -> None:
    newer = {"quotas": [{**QUOTA, "quota_kind": "comments_in_ixp_runtime"}]}
    assert read(resources.NewQuotas, newer)
    state = {"mailbox_name": "m", "status": "UP_TO_DATE", "last_synced_at": AT}
    assert read(resources.SyncStates, {"keyed_sync_states": [state]})
    for kind, reply in (
        (resources.OldQuotas, newer),
        (resources.OldSyncStates, {"keyed_sync_states": [state]}),
    ):
        with pytest.raises(UnreadableError):
            read(kind, reply)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a%b", "a%25b"),
        ("acme/mail", "acme%2Fmail"),
        ("a b\t", "a%20b%09"),
        ('"#<>?`{}\\', "%22%23%3C%3E%3F%60%7B%7D%5C"),
        (":@+=&,;.~!$'()*", ":@+=&,;.~!$'()*"),
        ("ü", "%C3%BC"),
    ],
)
def test_a_segment_is_escaped_as_the_client_does(text: str, written: str) -> None:
    assert segment(text) == written


def test_dots_go_missing_and_digits_are_an_id() -> None:
    assert address("a", ".", "..", "b/") == "/a/b%2F"
    assert (named("acme/mail"), named("18ba5ce699f8da1f")) == ("acme/mail", "id:18ba5ce699f8da1f")
