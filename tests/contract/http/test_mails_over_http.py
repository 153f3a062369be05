"""Mails that become comments of a source: by their parts, charged once, refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.http.conftest import Http

PATH = "/api/v1/sources/acme/mail/sync-raw-emails"
RAW = "From: kim@shop.example\r\nTo: help@carrier.example\r\nSubject: Late parcel\r\nMessage-ID: <m1@shop.example>\r\n"
RAW += "Date: Tue, 5 Mar 2024 09:15:00 +0000\r\n"


@pytest.fixture
def acme(http: Http) -> Http:
    http.there.create_source("acme", "mail")
    return http


def document(
    headers: dict[str, Any] | None = None, body: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    mail = {
        "headers": {"raw": RAW} if headers is None else headers,
        "body": body or {"plain": "Where is parcel 4411?\n-- \nKim"},
    }
    return {"raw_email": mail, **more}


def test_mails_become_comments_and_are_charged_once(acme: Http) -> None:
    parsed = {
        "Subject": "Re: Late parcel",
        "From": "help@carrier.example",
        "Message-ID": "<m2@carrier.example>",
    }
    parsed |= {"In-Reply-To": "<m1@shop.example>", "Date": "Tue, 5 Mar 2024 10:00:00 +0000"}
    properties = {"string:MSG NAME ID": "m1.msg", "number:Size": 3}
    body = {
        "documents": [
            document(user_properties=properties),
            document({"parsed": parsed}, {"html": "<p>It is <b>here</b>.</p>"}, comment_id="second"),
        ],
        "include_comments": True,
        "transform_tag": "generic.0.CONVKER5",
    }
    told = acme.ok("POST", PATH, body)
    assert (told["new"], told["updated"], told["unchanged"]) == (2, 0, 0)
    first, second = told["comments"]
    assert (first["id"], second["id"]) == ("<m1@shop.example>".strip("<>").encode().hex(), "second")
    (turn,) = first["messages"]
    assert (turn["subject"]["text"], turn["body"]["text"]) == ("Late parcel", "Where is parcel 4411?")
    assert (turn["from"], turn["to"]) == ("kim@shop.example", ["help@carrier.example"])
    assert first["user_properties"].items() >= properties.items()
    assert first["timestamp"] == "2024-03-05T09:15:00Z"
    assert "It is here." in second["messages"][0]["body"]["text"]
    assert second["thread_id"] == first["thread_id"]
    again = acme.ok("POST", PATH, {**body, "include_comments": False})
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 2) and "comments" not in again
    entries = acme.there.ledger_table().to_pylist()
    assert [(one["operation"], one["channel"], one["units"]) for one in entries] == [
        ("sync_raw_mails", "http", 1)
    ] * 2
    changed = {"documents": [document(body={"plain": "It came."})]}
    assert acme.ok("POST", f"{PATH}?no_charge=true", changed)["updated_text_changed"] == 1
    assert acme.there.ledger_table().column("charged").to_pylist() == [True, True, False]
    assert acme.ok("POST", PATH, {"documents": []})["new"] == 0


def test_mails_that_cannot_be_comments_are_refused_with_their_batch(acme: Http) -> None:
    files = [{"name": "a.pdf", "size": 1, "content_type": ".pdf"}]
    with_files = {**document(), "raw_email": {**document()["raw_email"], "attachments": files}}
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        (document({}), 400, "the headers of document 1 come in"),
        (document({"raw": RAW, "parsed": {}}), 400, "the headers of document 1 come in two ways"),
        (document(body={"pain": ""}), 400, "unknown field `pain`"),
        (document({"parsed": {"a b": "x"}}), 400, "'a b"),
        (document(body={"plain": ""}), 400, "mail 1 cannot be a message: a text is needed"),
        (document(comment_id="a b"), 400, "'a b' cannot be the id of a message"),
        (document(user_properties={"Team": "x"}), 400, "the property 'Team' of document 1 cannot be kept"),
        (with_files, 422, "document 1 names attachments"),
    )
    for one, status, words in wrong:
        body = {"documents": [document(comment_id="fine"), one]}
        assert words in acme.fails(status, "POST", PATH, body), words
    body = {"documents": [document()], "transform_tag": "brandnew.0.X"}
    assert acme.fails(422, "POST", PATH, body) == "The value 'brandnew.0.X' is not a valid transform tag."
    body = {"documents": [document()], "override_user_properties": ["string:Team"]}
    assert acme.fails(422, "POST", PATH, body).startswith("'override_user_properties' cannot be told apart")
    assert acme.there.sources()[0].n_messages == 0
    acme.role = "viewer"
    assert "may not sync mails" in acme.fails(403, "POST", PATH, {"documents": [document()]})
