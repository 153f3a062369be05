"""Labels whose names hold a slash, and long ones, by their address."""

from __future__ import annotations

from tests.contract.http.conftest import Http

OF = "/api/_private/datasets/acme/all/labels/default"


def test_a_label_with_a_slash_has_an_address(http: Http) -> None:
    source = http.there.create_source("acme", "mail")
    http.there.create_dataset("acme", "all", (source.source_id,))
    for name, spelled in (("Yes/No", "Yes%2FNo"), ("and/", "and%2F"), (f"{'x' * 64} > {'y' * 64}", "")):
        at = f"{OF}/{spelled or name.replace(' > ', '%20%3E%20')}"
        assert http.ok("POST", at, {"label_def": {"name": name}})["label_def"]["name"] == name
        assert http.ok("GET", at)["label_def"]["name"] == name
        http.ok("DELETE", at)
        assert "unknown label" in http.fails(404, "GET", at)
    words = http.fails(400, "POST", f"{OF}/x", {"label_def": {"name": " > ".join("x" * 65)}})
    assert "has 65 levels; at most 64 are allowed" in words
    words = http.fails(400, "POST", f"{OF}/x", {"label_def": {"name": f"a > {'x' * 65}"}})
    assert "a level of label 'a > xxx" in words and "has 65 characters" in words
