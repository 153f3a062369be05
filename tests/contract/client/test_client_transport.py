"""Envelope, addresses, repetition, charging and paging as the client meets them, over real HTTP."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.client import changing, creating, getting
from tests.contract.client.comments import CommentPage, OneComment, Synced
from tests.contract.client.conftest import Server
from tests.contract.client.decoding import AnyOk, ExactlyOk, RefusedError, decode
from tests.contract.client.resources import OneSource
from tests.contract.client.samples import comment, email, group, line
from tests.contract.client.session import PRIVATE, V1, Cli, charge
from tests.contract.client.transport import Client, address

pytestmark = pytest.mark.nightly
N_THREADS = 32


def told(status: int, body: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        decode(status, body, AnyOk)
    return refused.value


@pytest.mark.parametrize(
    ("method", "path", "sent", "headers", "status"),
    [
        ("GET", "/api/v1/nothing", None, {}, 404),
        ("GET", "/", None, {}, 404),
        ("GET", "/favicon.ico", None, {}, 404),
        ("PATCH", "/auth/user", b"{}", {}, 405),
        ("DELETE", "/api/v1/datasets", None, {}, 405),
        ("POST", "/auth/refresh-user-permissions", b"{", {}, 400),
        ("POST", "/auth/refresh-user-permissions", b'{"x":1}', {}, 400),
        ("POST", "/auth/refresh-user-permissions", b"{}", {"Content-Encoding": "gzip"}, 400),
        (
            "POST",
            "/auth/refresh-user-permissions",
            gzip.compress(b"{}", mtime=0)[:-3],
            {"Content-Encoding": "gzip"},
            400,
        ),
        ("POST", "/auth/refresh-user-permissions", b"{}", {"Content-Encoding": "br"}, 415),
        ("GET", "/auth/user", None, {"Authorization": "Bearer "}, 401),
        ("GET", "/auth/user?x=1", None, {}, 400),
        ("GET", "/api/v1/sources/%FF", None, {}, 400),
    ],
)
def test_every_failure_is_one_that_the_client_can_tell(
    server: Server, method: str, path: str, sent: bytes | None, headers: dict[str, str], status: int
) -> None:
    peer = http.client.HTTPConnection(server.base.removeprefix("http://"), timeout=60)
    peer.request(method, path, sent, {"Authorization": f"Bearer {server.token}", **headers})
    answer = peer.getresponse()
    body = answer.read()
    peer.close()
    assert (answer.status, told(answer.status, body).status) == (status, status)


def test_a_body_that_is_too_large_is_one_that_the_client_can_tell(server: Server) -> None:
    peer = http.client.HTTPConnection(server.base.removeprefix("http://"), timeout=60)
    peer.putrequest("POST", "/api/v1/sources/acme/mail/sync")
    peer.putheader("Authorization", f"Bearer {server.token}")
    peer.putheader("Content-Length", str(65 << 20))
    peer.endheaders()
    answer = peer.getresponse()
    assert told(answer.status, answer.read()).status == 413
    peer.close()


def test_a_crash_is_told_tried_again_and_tells_no_secret(breaking: Server, cli: Cli) -> None:
    breaking.breaks = True
    with pytest.raises(RefusedError) as refused:
        cli.begin()
    assert refused.value.status == 500 and "secret" not in refused.value.message
    assert cli.client.waited == [5, 10, 20]
    cli.client.waited.clear()
    with pytest.raises(RefusedError):
        cli.client.call(
            "POST", (*V1, "datasets", "a/b", "streams", "c", "fetch"), body={"size": 1}, single=True
        )
    assert cli.client.waited == [], "this one is not tried again"


def test_what_recovers_in_time_is_served(breaking: Server, cli: Cli) -> None:

    def mend(wait_s: float) -> None:
        breaking.breaks = wait_s == 5

    cli.client.pause, breaking.breaks = mend, True
    assert cli.begin().user.username
    assert cli.client.waited == [5, 10]


def test_a_deletion_whose_answer_was_lost_counts_as_done(breaking: Server, cli: Cli) -> None:
    name = breaking.fresh()
    creating.source(cli, f"{name}/mail")
    source_id = cli.source(f"{name}/mail").id

    def mend(_wait_s: float) -> None:
        breaking.breaks = False
        breaking.cli().client.call("DELETE", (*V1, "sources", f"id:{source_id}"))

    cli.client.pause, breaking.breaks = mend, True
    assert cli.client.call("DELETE", (*V1, "sources", f"id:{source_id}"), AnyOk) == AnyOk(status="ok")


@pytest.mark.parametrize("prefix", ["", "/acme/tenant-1/reinfer_"])
def test_addresses_in_every_spelling(server: Server, cli: Cli, project: str, prefix: str) -> None:
    made = creating.source(cli, f"{project}/mail")
    creating.comments(cli, f"{project}/mail", [line("a%b"), line("x:@+=&,;.~!$'()*")])
    other = Client(base=server.base + prefix, token=server.token)
    for parts in ((f"{project}/mail",), (project, "mail"), (f"id:{made.id}",)):
        assert other.call("GET", (*V1, "sources", *parts), OneSource).source == made
        for comment_id in ("a%b", "x:@+=&,;.~!$'()*"):
            found = other.call("GET", (*V1, "sources", *parts, "comments", comment_id), OneComment)
            assert found.comment.id == comment_id
    creating.bucket(cli, f"{project}/post")
    bucket = (*PRIVATE, "buckets", f"id:{cli.bucket(f'{project}/post').id}")
    for last in ("keyed-sync-states", "keyed-sync-states/"):
        other.call("GET", (*bucket, last))
    other.call("GET", (*PRIVATE, "projects"))
    other.close()
    dotted = cli.client.once("GET", address(*V1, "sources", f"{project}/mail", "comments", ".."))
    assert told(dotted.status, dotted.body).status in (404, 405), "the client drops the dots"


def test_the_reply_is_packed_for_a_client_that_takes_it(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    creating.comments(cli, f"{project}/mail", [line(f"c{n}") for n in range(20)])
    path = address(*PRIVATE, "sources", f"{project}/mail", "comments")
    answer = cli.client.once("GET", path)
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["server-timing"].startswith(
        "total;dur="
    )
    assert len(decode(answer.status, answer.body, CommentPage).comments) == 20


def test_a_table_has_no_envelope(cli: Cli, project: str) -> None:
    creating.source(cli, f"{project}/mail")
    creating.comments(cli, f"{project}/mail", [line("c1")])
    creating.dataset(cli, f"{project}/all", [f"{project}/mail"], label_defs=[{"name": "A > B"}])
    path = address(*PRIVATE, "datasets", f"{project}/all", "query")
    body = json.dumps({"filter": {}, "limit": 16}).encode()
    answer = cli.client.once("POST", path, body=body, accept="text/csv")
    header, row, *_ = answer.body.decode("utf-8-sig").splitlines()
    assert answer.status == 200 and "Date" in header and "A > B" in header
    assert "2026-03-01T09:15:00" in row


# ---- at once


def test_32_at_once_are_all_served(server: Server, cli: Cli, project: str) -> None:
    """Labels, uploads and mails from 32 threads: none is told of a conflict, and all of it is there."""
    name = f"{project}/mail"
    where = creating.source(cli, name)
    creating.bucket(cli, f"{project}/post")
    creating.dataset(cli, f"{project}/all", [name])
    creating.comments(cli, name, [line(f"c{n}") for n in range(N_THREADS)])
    start = threading.Barrier(N_THREADS)

    def work(n: int) -> list[int]:
        start.wait(60)
        labelling = {"labelling": group(f"Label {n % 4}")}
        requests: list[tuple[str, tuple[str, ...], Any]] = [
            ("POST", (*PRIVATE, "datasets", f"{project}/all", "labellings", f"{where.id}.c{n}"), labelling),
            ("POST", (*PRIVATE, "datasets", f"{project}/all", "labellings", f"{where.id}.c0"), labelling),
            ("POST", (*V1, "sources", name, "sync"), {"comments": [comment(f"new{n}"), comment("shared")]}),
            ("PUT", (*PRIVATE, "sources", name, "comments"), {"comments": [comment(f"put{n}")]}),
            ("PUT", (*PRIVATE, "buckets", f"{project}/post", "emails"), {"emails": [email(n), email(59)]}),
        ]
        return [
            cli.client.once(method, address(*path), body=json.dumps(body).encode()).status
            for method, path, body in requests
        ]

    with ThreadPoolExecutor(N_THREADS) as pool:
        statuses = Counter(status for found in pool.map(work, range(N_THREADS)) for status in found)
    assert statuses == {200: N_THREADS * 5}
    assert getting.count(cli, where) == N_THREADS * 3 + 1
    assert getting.buckets(cli, f"{project}/post", stats=True)[0][1] == N_THREADS + 1
    assert len(getting.of_dataset(cli, f"{project}/all", reviewed_only=True)) == N_THREADS
    assert len(cli.dataset(f"{project}/all").label_defs) == 4


# ---- again


def test_everything_that_is_tried_again_is_as_if_it_was_sent_once(server: Server, cli: Cli) -> None:
    name, client = server.fresh(), cli.client
    again: list[tuple[str, tuple[str, ...], Any]] = [
        ("PUT", (*PRIVATE, "projects", f"{name}-p"), {"project": {"title": "P"}, "user_ids": []}),
        ("POST", (*PRIVATE, "projects", f"{name}-p"), {"project": {"title": "Q"}}),
        ("PUT", (*V1, "sources", f"{name}/mail"), {"source": {"title": "Mail", "language": "en"}}),
        ("PUT", (*PRIVATE, "buckets", f"{name}/post"), {"bucket": {"bucket_type": "emails"}}),
        ("PUT", (*V1, "datasets", f"{name}/all"), {"dataset": {"source_ids": [], "has_sentiment": False}}),
        ("PUT", (*PRIVATE, "sources", f"{name}/mail", "comments"), {"comments": [comment("c1")]}),
        ("POST", (*V1, "sources", f"{name}/mail", "sync"), {"comments": [comment("c2")]}),
        ("PUT", (*PRIVATE, "buckets", f"{name}/post", "emails"), {"emails": [email(1)]}),
        ("PUT", (*V1, "datasets", f"{name}/all", "streams"), {"stream": {"name": "s"}}),
        (
            "PUT",
            (*PRIVATE, "integrations", f"{name}/mail"),
            {"integration": {"configuration": {"mailboxes": []}}},
        ),
    ]
    for method, path, body in again:
        replies = [client.once(method, address(*path), body=json.dumps(body).encode()) for _ in range(2)]
        assert [one.status for one in replies] == [200, 200], path
    assert getting.count(cli, cli.source(f"{name}/mail")) == 2
    assert [n for _, n in getting.buckets(cli, f"{name}/post", stats=True)] == [1]


# ---- charging


def test_the_word_of_charging_is_taken_and_kept(server: Server, cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.source(cli, name)
    creating.bucket(cli, f"{project}/post")

    def entries() -> int:
        return server.there.ledger_table().num_rows

    before = entries()
    creating.comments(cli, name, [line("free1"), line("free2")], no_charge=True)
    creating.comments(cli, name, [line("paid1")])
    creating.comments(cli, name, [line("paid1"), line("free1")], overwrite=True)
    rows = server.there.ledger_table().slice(before).to_pylist()
    assert sum(row["units"] for row in rows if row["charged"]) == 1
    assert sum(row["units"] for row in rows if not row["charged"]) == 2
    for flag in (True, False):
        path = (*V1, "sources", name, "sync")
        assert cli.client.call("POST", path, Synced, body={"comments": []}, query=charge(flag)).new == 0
        path = (*PRIVATE, "buckets", f"{project}/post", "emails")
        cli.client.call("PUT", path, AnyOk, body={"emails": [email(int(flag))]}, query=charge(flag))
        path = (*PRIVATE, "sources", name, "comments")
        cli.client.call("PUT", path, ExactlyOk, body={"comments": []}, query=charge(flag))


# ---- traps of paging


def test_every_page_of_labellings_that_holds_something_has_a_new_mark(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    where = creating.source(cli, name)
    of = creating.dataset(cli, f"{project}/all", [name])
    creating.comments(
        cli, name, [line(f"c{n}", labelling=group("A")) for n in range(6)], about=f"{project}/all"
    )
    for limit in (1, 2, 3, 6, 7):
        found = [one.comment.id for one in getting.reviewed_of(cli, of, where.id, limit)]
        assert sorted(found) == [f"c{n}" for n in range(6)]
    assert list(getting.reviewed_of(cli, of, "00aa11bb22cc33dd")) == []


def test_pages_lose_nothing_when_what_was_read_is_deleted(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.source(cli, name)
    creating.comments(cli, name, [line(f"c{n:02d}", day=1 + n // 4) for n in range(20)])

    def delete(page: list[Any]) -> None:
        changing.delete_comments(cli, name, [one.id for one in page])

    found = getting.of_source(cli, name, limit=3, until="2026-03-04T09:15:00Z", meanwhile=delete)
    assert [one.id for one in found] == [f"c{n:02d}" for n in range(16)]
    assert [one.id for one in getting.of_source(cli, name)] == [f"c{n:02d}" for n in range(16, 20)]


def test_later_pages_say_only_the_end_of_the_range(cli: Cli, project: str) -> None:
    name = f"{project}/mail"
    creating.source(cli, name)
    creating.comments(cli, name, [line(f"c{n}", day=n + 1) for n in range(9)])
    since, until = "2026-03-03T09:15:00Z", "2026-03-07T09:15:00Z"
    found = getting.of_source(cli, name, since=since, until=until, limit=2)
    assert [one.id for one in found] == ["c2", "c3", "c4", "c5", "c6"], "both ends belong to it"
    pages = [path for _, path in cli.client.sent if "limit=2" in path]
    assert len(pages) > 2 and all("from_timestamp" not in path for path in pages[1:])
    point = getting.of_source(cli, name, since=since, until=since)
    assert [one.id for one in point] == ["c2"]
