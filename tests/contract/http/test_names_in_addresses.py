"""Addresses of projects' resources, by name and by id."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.http.conftest import Http
from workbench.api.shapes.names import find_bucket, find_dataset, find_source
from workbench.errors import UnknownNameError


def asked(http: Http, **path: str) -> Any:
    return SimpleNamespace(operations=http.there, path=path)


def test_what_an_address_names_is_found_by_name_and_by_id(http: Http) -> None:
    source = http.there.create_source("acme", "mail")
    bucket = http.there.create_bucket("acme", "post")
    dataset = http.there.create_dataset("acme", "all", (source.source_id,))
    for find, kind, key, made in (
        (find_source, "source", source.source_id, source),
        (find_bucket, "bucket", bucket.bucket_id, bucket),
        (find_dataset, "dataset", dataset.dataset_id, dataset),
    ):
        by_name = find(asked(http, owner="acme", **{kind: made.name}))
        assert by_name == find(asked(http, **{f"{kind}_id": key})) and by_name.name == made.name
        with pytest.raises(UnknownNameError, match="'acme/none'"):
            find(asked(http, owner="acme", **{kind: "none"}))


def test_requests_act_with_the_rights_of_a_role(http: Http) -> None:
    body = {"project": {"title": "Acme"}}
    http.role = "viewer"
    assert "'Tenant - Manage'" in http.fails(403, "PUT", "/api/_private/projects/acme", body)
    http.role = ""
    assert http.ok("PUT", "/api/_private/projects/acme", body)["project"]["name"] == "acme"
