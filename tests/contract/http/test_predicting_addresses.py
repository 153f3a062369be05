"""Predictions over HTTP: of documents, of raw mails, of stored comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.contract.http.conftest import Trained
from workbench.domain import MessageFilter

OF = "/api/v1/datasets/demo/support/labellers"
REFUND = "refund please, you charged me twice for one parcel"
LATE = "my parcel has not arrived and the tracking page shows nothing"


def document(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"subject": {"text": "Case"}, "body": {"text": text}}], **more}


def units(trained: Trained) -> int:
    return int(trained.there.usage().units)


def names(labels: list[dict[str, Any]]) -> list[str]:
    return [" > ".join(one["name"]) for one in labels]


def check_labels(labels: list[dict[str, Any]], *, auto: bool = False) -> None:
    """As strict clients read them."""
    for one in labels:
        assert set(one) == {"name", "probability"} | ({"auto_thresholds"} if auto else set())
        assert isinstance(one["name"], list) and all(isinstance(part, str) for part in one["name"])
        assert isinstance(one["probability"], float) and 0 <= one["probability"] <= 1
        assert set(one.get("auto_thresholds", [])) <= {"high_recall", "balanced", "high_precision"}
    assert [one["probability"] for one in labels] == sorted(
        (one["probability"] for one in labels), reverse=True
    )


def test_documents_are_predicted_in_their_order_and_charged_each(trained: Trained) -> None:
    before = units(trained)
    body = {
        "documents": [
            document(REFUND, user_properties={"string:Team": "N", "number:NPS": 3}),
            document(LATE, timestamp="2026-03-02T09:00:00", text_format="plain"),
            document(REFUND),
        ],
        "threshold": 0,
    }
    told = trained.ok("POST", f"{OF}/2/predict", body)
    assert set(told) == {"predictions", "model"}
    assert set(told["model"]) == {"version", "time"} and told["model"]["version"] == 2
    assert datetime.fromisoformat(told["model"]["time"]).utcoffset() is not None
    first, second, third = told["predictions"]
    assert first == third != second
    for labels in (first, second):
        check_labels(labels)
        assert sorted(names(labels)) == ["Delivery", "Delivery > Late", "Refund"]
    assert names(first)[0] == "Refund" and names(second)[-1] == "Refund"
    assert units(trained) == before + 3
    (row,) = trained.there.ledger_table().slice(trained.there.ledger_table().num_rows - 1).to_pylist()
    assert (row["operation"], row["channel"]) == ("predict", "http")

    many = trained.ok("POST", f"{OF}/2/predict", {"documents": [document(REFUND)]})
    assert all(one["probability"] >= 0.25 for one in many["predictions"][0])
    by_id = f"/api/v1/datasets/id:{trained.did}/labellers/2/predict"
    assert trained.ok("POST", by_id, {"documents": [document(REFUND)]}) == many
    newest = trained.ok("POST", "/api/_private/datasets/demo/support/labellers/predict", body)
    assert newest == told


def test_a_version_is_named_by_number_tag_or_as_the_latest(trained: Trained) -> None:
    body = {"documents": [document(REFUND)]}
    for word, version in (("1", 1), ("live", 1), ("2", 2), ("latest", 2)):
        assert trained.ok("POST", f"{OF}/{word}/predict", body)["model"]["version"] == version
    for word in ("3", "99999999999999999999", "staging", "newest", "-1", "0"):
        assert "unknown" in trained.fails(404, "POST", f"{OF}/{word}/predict", body)
    assert "unknown dataset" in trained.fails(
        404, "POST", "/api/v1/datasets/demo/none/labellers/1/predict", body
    )


def test_labels_have_their_own_thresholds_and_bring_their_parents(trained: Trained) -> None:
    def said(**more: Any) -> list[dict[str, Any]]:
        body = {"documents": [document(LATE)], **more}
        (labels,) = trained.ok("POST", f"{OF}/2/predict", body)["predictions"]
        return list(labels)

    every = {tuple(one["name"]): one["probability"] for one in said(threshold=0)}
    late, parent = every["Delivery", "Late"], every["Delivery",]
    assert parent >= late > every["Refund",]
    assert names(said(threshold=0, labels=[{"name": ["Refund"]}])) == ["Refund"]
    assert said(threshold=0, labels=[{"name": ["Refund"], "threshold": 1}]) == []
    assert set(names(said(threshold=1, labels=[{"name": ["Delivery", "Late"], "threshold": 0}]))) == {
        "Delivery",
        "Delivery > Late",
    }
    both = [{"name": ["Delivery"], "threshold": 1}, {"name": "Delivery > Late", "threshold": late - 0.01}]
    assert set(names(said(labels=both))) == {"Delivery", "Delivery > Late"}
    assert said(labels=[]) == said()
    assert "unknown label of version 2 'Nothing'" in trained.fails(
        404, "POST", f"{OF}/2/predict", {"documents": [document(LATE)], "labels": [{"name": ["Nothing"]}]}
    )


def test_automatic_thresholds_are_named(trained: Trained) -> None:
    body = {"documents": [document(LATE), document(REFUND)], "threshold": "auto"}
    told = trained.ok("POST", f"{OF}/2/predict", body)
    report = trained.there.validation(trained.did, 2)
    assert report is not None
    least = {
        one.name: {choice.name: choice.threshold for choice in one.choices if "sampled" not in choice.name}
        for one in report.labels
    }
    assert any(least.values()), "some label has automatic thresholds"
    for labels in told["predictions"]:
        check_labels(labels, auto=True)
        for one in labels:
            expected = {
                name for name, at in least[" > ".join(one["name"])].items() if one["probability"] >= at - 1e-7
            }
            assert set(one["auto_thresholds"]) == expected
    assert "Refund" in names(told["predictions"][1])


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"documents": []}, 422, "was handed 0 messages to predict; 1 to 4,096"),
        ({"documents": [document("x")] * 4_097}, 422, "was handed 4,097 messages to predict"),
        ({"documents": [{"messages": []}]}, 400, "the body is not as described"),
        ({"documents": [document("x")], "threshold": 1.5}, 400, "the body is not as described"),
        ({"documents": [document("x")], "threshold": "high"}, 400, "the body is not as described"),
        ({"documents": [document("x", id="7")]}, 400, "the body is not as described"),
        ({"documents": [document("x", user_properties={"Team": "N"})]}, 400, "the property 'Team'"),
        (
            {"documents": [document("x")], "labels": [{"name": ["Refund"], "threshold": "auto"}]},
            400,
            "label 'Refund' cannot have the threshold 'auto' by itself",
        ),
        ({}, 400, "the body is not as described"),
    ],
)
def test_what_cannot_be_predicted_is_refused_and_free(
    trained: Trained, body: dict[str, Any], status: int, said: str
) -> None:
    before = units(trained)
    assert said in trained.fails(status, "POST", f"{OF}/2/predict", body)
    assert units(trained) == before


def test_who_has_no_right_predicts_nothing(trained: Trained) -> None:
    body = {"documents": [document(REFUND)]}
    before = units(trained)
    trained.role = "viewer"
    for way in ("predict", "predict-raw-emails"):
        given = body if way == "predict" else {"documents": [mail()]}
        assert "may not predict" in trained.fails(403, "POST", f"{OF}/2/{way}", given)
    trained.role = "audit_viewer"
    uids = {"uids": [str(stored(trained)[0])]}
    assert "unknown dataset" in trained.fails(404, "POST", f"{OF}/2/predict-comments", uids)
    trained.role = "automation_user"
    trained.ok("POST", f"{OF}/2/predict", body)
    assert units(trained) == before + 1


def test_a_request_that_comes_again_with_its_key_is_charged_once(trained: Trained) -> None:
    body = {"documents": [document(REFUND), document(LATE)]}
    before = units(trained)
    key = {"Idempotency-Key": "b1946ac9"}
    first = trained.ok("POST", f"{OF}/2/predict", body, headers=key)
    assert trained.ok("POST", f"{OF}/2/predict", body, headers=key) == first
    assert units(trained) == before + 2
    trained.ok("POST", f"{OF}/2/predict", {"documents": [document(LATE)]}, headers=key)
    assert units(trained) == before + 3, "other words under the same key are another request"
    for _ in range(2):
        trained.ok("POST", f"{OF}/2/predict", body)
    assert units(trained) == before + 7, "without a key each request counts"


# ---- raw mails


def mail(**more: Any) -> dict[str, Any]:
    headers = {"raw": "From: kim@shop.example\r\nSubject: Case\r\nMessage-ID: <a@shop.example>\r\n"}
    return {"raw_email": {"headers": headers, "body": {"plain": REFUND}}, **more}


def test_raw_mails_are_predicted_like_documents(trained: Trained) -> None:
    before = units(trained)
    parsed = {"parsed": {"From": "kim@shop.example", "Subject": "Case", "Content-Type": "image/png"}}
    given = [
        mail(user_properties={"number:NPS": 3}, comment_id="m1"),
        {"raw_email": {"headers": parsed, "body": {"html": f"<p>{REFUND}</p>", "plain": REFUND}}},
        {"raw_email": {"headers": parsed, "body": {"html": f"<p>{REFUND}</p>"}}},
    ]
    body = {"documents": given, "transform_tag": "generic.0.CONVKER5", "threshold": 0}
    told = trained.ok("POST", f"{OF}/live/predict-raw-emails", body)
    assert set(told) == {"predictions", "model"} and told["model"]["version"] == 1
    plain = trained.ok("POST", f"{OF}/1/predict", {"documents": [document(REFUND)], "threshold": 0})
    for labels in told["predictions"]:
        check_labels(labels)
        assert {tuple(one["name"]): one["probability"] for one in labels} == pytest.approx(
            {tuple(one["name"]): one["probability"] for one in plain["predictions"][0]}, abs=1e-5
        )
    assert units(trained) == before + 4
    auto = trained.ok("POST", f"{OF}/2/predict-raw-emails", {"documents": [mail()], "threshold": "auto"})
    check_labels(auto["predictions"][0], auto=True)


@pytest.mark.parametrize(
    ("raw_email", "said"),
    [
        ({"headers": {}, "body": {"plain": "x"}}, "the headers of document 0 come in no way"),
        ({"headers": {"raw": "A: b", "parsed": {}}, "body": {"plain": "x"}}, "come in two ways"),
        ({"headers": {"parsed": {"A b": "c"}}, "body": {"plain": "x"}}, "'A b' is no header name"),
        ({"headers": {"raw": "A: b"}, "body": {}}, "document 0 has no body"),
        ({"headers": {"raw": "A: b"}, "body": {"plain": 3}}, "the body is not as described"),
    ],
)
def test_mails_that_cannot_be_put_together_are_refused(
    trained: Trained, raw_email: dict[str, Any], said: str
) -> None:
    body = {"documents": [{"raw_email": raw_email}]}
    assert said in trained.fails(400, "POST", f"{OF}/2/predict-raw-emails", body)


def test_what_is_not_kept_yet_is_refused_by_name(trained: Trained) -> None:
    ways = f"{OF}/2/predict-raw-emails"
    body = {"documents": [mail()], "transform_tag": "generic.9.NONE"}
    assert trained.fails(422, "POST", ways, body).startswith(
        "The value 'generic.9.NONE' is not a valid transform tag."
    )
    body = {"documents": [mail()], "include_comments": True}
    assert "comments cannot be included in the answer yet" in trained.fails(422, "POST", ways, body)
    extractions = "/api/_private/datasets/demo/support/labellers/2/predict-extractions"
    assert "extractions cannot be predicted yet" in trained.fails(
        422, "POST", extractions, {"documents": [document(REFUND)]}
    )


# ---- stored comments


def stored(trained: Trained) -> list[str]:
    found = trained.there.message_uids(trained.did, MessageFilter())
    return [str(uid) for uid in found["uid"].to_pylist()]


def test_stored_comments_are_predicted_by_any_version_for_nothing(trained: Trained) -> None:
    before = units(trained)
    uids = [*stored(trained)[5:0:-1], stored(trained)[5]]
    for word, version in (("2", 2), ("live", 1), ("1", 1)):
        told = trained.ok("POST", f"{OF}/{word}/predict-comments", {"uids": uids, "threshold": 0})
        assert set(told) == {"predictions", "model"} and told["model"]["version"] == version
        assert [one["uid"] for one in told["predictions"]] == uids
        for one in told["predictions"]:
            assert set(one) == {"uid", "labels"} and len(one["labels"]) == 3
            check_labels(one["labels"])
        table = trained.there.predictions_table(trained.did, MessageFilter(), version).to_pylist()
        known = {(row["uid"], row["label"]): row["probability"] for row in table}
        for one in told["predictions"]:
            for label in one["labels"]:
                if label["probability"] >= 0.05:
                    assert known[one["uid"], " > ".join(label["name"])] == label["probability"]
    auto = trained.ok("POST", f"{OF}/2/predict-comments", {"uids": uids, "threshold": "auto"})
    for one in auto["predictions"]:
        check_labels(one["labels"], auto=True)
    own = {"uids": uids, "threshold": "auto", "labels": [{"name": ["Refund"], "threshold": 0}]}
    for one in trained.ok("POST", f"{OF}/2/predict-comments", own)["predictions"]:
        assert names(one["labels"]) == ["Refund"]
        check_labels(one["labels"], auto=True)
    assert units(trained) == before


def test_comments_that_are_not_there_are_unknown(trained: Trained) -> None:
    ways = f"{OF}/2/predict-comments"
    known = stored(trained)[0]
    assert "unknown message 'nothing'" in trained.fails(404, "POST", ways, {"uids": [known, "nothing"]})
    assert "asked for the predictions of 0 messages" in trained.fails(422, "POST", ways, {"uids": []})
    assert "asked for the predictions of 4,097 messages" in trained.fails(
        422, "POST", ways, {"uids": [known] * 4_097}
    )
    assert "the body is not as described" in trained.fails(400, "POST", ways, {"uids": known})
