"""CSV files by HTTP: told what they look like, imported once, refused whole in words."""

from __future__ import annotations

import pytest

from tests.contract.http.conftest import Http

SNIFF = "/api/_private/sources/sniff-csv"
SYNC = "/api/_private/sources/acme/mail/sync-csv"
TABLE = "id;timestamp;text;Team\n1;2026-03-01T08:00:00Z;Refund für mich;West\n2;2026-03-02T08:00:00Z;Parcel late;East\n"


@pytest.fixture
def acme(http: Http) -> Http:
    http.there.create_source("acme", "mail")
    return http


def test_a_table_is_told_and_nothing_of_it_is_stored(acme: Http) -> None:
    found = acme.ok("PUT", SNIFF, content=TABLE.encode("utf-16"))
    assert found == {"columns": ["id", "timestamp", "text", "Team"], "encoding": "utf-16", "delimiter": ";"}
    assert acme.ok("PUT", SNIFF, files={"file": ("a.csv", TABLE.encode())})["encoding"] == "utf-8"
    assert acme.there.ledger_table().num_rows == 0


def test_a_table_is_imported_once(acme: Http) -> None:
    counts = {"new": 2, "updated": 0, "unchanged": 0, "updated_properties_only": 0, "updated_text_changed": 0}
    assert acme.ok("PUT", SYNC, content=TABLE.encode()) == counts
    again = acme.ok("PUT", SYNC, content=TABLE.encode())
    assert again == counts | {"new": 0, "unchanged": 2}
    changed = TABLE.replace("Parcel late", "Parcel lost").replace("West", "North")
    assert acme.ok("PUT", SYNC, content=changed.encode()) == counts | {
        "new": 0,
        "updated": 2,
        "updated_properties_only": 1,
        "updated_text_changed": 1,
    }
    comment = acme.ok("GET", "/api/v1/sources/acme/mail/comments/1")["comment"]
    assert comment["messages"][0]["body"]["text"] == "Refund für mich"
    assert comment["user_properties"] == {"string:Team": "North"}
    assert sum(acme.there.ledger_table()["units"].to_pylist()) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b,c\n1,2,3\n", "no columns for id, time and text can be told from the names 'a', 'b', 'c'."),
        (TABLE.replace("2026-03-02T08:00:00Z", "someday"), "someday"),
        ("", ""),
    ],
    ids=["columns", "bad row", "empty"],
)
def test_a_table_that_is_none_is_refused_whole(acme: Http, content: str, words: str) -> None:
    assert words in acme.fails(400, "PUT", SYNC, content=content.encode())
    assert acme.ok("GET", "/api/_private/sources/acme/mail/comments")["comments"] == []


def test_whoever_may_not_upload_imports_no_table(acme: Http) -> None:
    acme.role = "viewer"
    acme.fails(403, "PUT", SYNC, content=TABLE.encode())
    acme.fails(404, "PUT", SYNC.replace("mail", "none"), content=TABLE.encode())
