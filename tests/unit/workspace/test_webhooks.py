"""Streams that are sent: in order, at least once under ids that stay, signed, tried again, paused; and where they may go."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.contract.messages import batch
from tests.receivers import Receiver, Taken, receiving
from tests.unit.workspace.test_streaming import Bench
from workbench.connect import Push, PushTarget, new_secret
from workbench.domain import (
    MessageFilter,
    NewWebhook,
    PropertyFilter,
    SourceId,
    StreamSettings,
    WebhookSettings,
)
from workbench.errors import InputError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.pushing import retry_after
from workbench.workspace.webhooks import in_time

NORTH = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
SETTINGS = Settings(
    encoder="hash-test",
    fast_encoder="",
    retrain_after_reviews=0,
    predict_after_s=-1,
    webhook_hosts="hooks.example.org",
    webhook_inner_hosts="127.0.0.1",
    webhook_retry_s=0.02,
    webhook_retry_max_s=0.05,
    webhook_failures=4,
)


def wait_for(done: Callable[[], object], limit_s: float = 20) -> None:
    ends = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    with open_workspace(tmp_path_factory.mktemp("hooks") / "h.duckdb", settings=SETTINGS) as found:
        yield found


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiving(Receiver()) as found:
        yield found


def bench_in(opened: OpenedWorkspace) -> Bench:
    operations = opened.operations("ann")
    name = f"d{len(operations.datasets())}"
    source_id = operations.create_source("demo", name).source_id
    operations.put_messages(source_id, batch(10), name, 10)
    did = operations.create_dataset("demo", name, (source_id,)).dataset_id
    uids = operations.message_uids(did, MessageFilter())["uid"].to_pylist()
    return Bench(opened=opened, operations=operations, dataset_id=did, uids=uids)


@pytest.fixture
def bench(opened: OpenedWorkspace) -> Iterator[Bench]:
    made = bench_in(opened)
    yield made
    for one in made.operations.streams(made.dataset_id):
        made.operations.delete_stream(made.dataset_id, one.name)


def put(bench: Bench, n: int, first: int) -> None:
    source_id = SourceId(bench.uids[0].partition(".")[0])
    bench.operations.put_messages(source_id, batch(n, first=first), f"{source_id} {first}", n)


def hook(bench: Bench, url: str, *, since: datetime | None = None, **settings: float) -> NewWebhook:
    asked = WebhookSettings(url=url, **settings)  # type: ignore[arg-type]
    return bench.operations.set_webhook(bench.dataset_id, "s", asked, since)


def received(there: Receiver) -> list[str]:
    return [one for taken in there.accepted for one in taken.messages]


def is_signed(taken: Taken, secret: str) -> bool:
    """As a receiver computes it that knows only the published scheme."""
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.".encode() + taken.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return taken.headers["webhook-signature"] == f"v1,{wanted}"


def test_a_stream_is_sent_in_order_and_signed_and_pull_stands_where_it_stood(
    bench: Bench, there: Receiver
) -> None:
    ops, did = bench.operations, bench.dataset_id
    for label in ("Refund", "Delivery > Late"):
        ops.create_label(did, label)
    bench.labels = {label.name: label.label_id for label in ops.labels(did)}
    ops.create_stream(did, "s", StreamSettings(where=NORTH))
    made = hook(bench, there.url, batch_size=2)
    put(bench, 8, 10)
    wait_for(lambda: len(received(there)) == 4)
    assert received(there) == ["m10", "m12", "m14", "m16"]
    assert [len(one.messages) for one in there.accepted] == [2, 2]
    assert all(is_signed(one, made.secret) for one in there.accepted)
    assert len({one.headers["webhook-id"] for one in there.accepted}) == 2
    event = there.accepted[0].event
    assert event["type"] == "stream.messages" and event["data"]["stream"] == "s"
    assert event["data"]["num_filtered"] == 1 and event["data"]["version"] is None
    first = event["data"]["messages"][0]
    assert first["uid"].endswith(".m10") and first["body"] and "labels" not in first
    assert first["properties"]["string:Team"] == "N"
    assert datetime.fromisoformat(first["timestamp"]).tzinfo is not None
    wait_for(lambda: ops.webhook(did, "s").status.n_waiting == 0)
    status = ops.stream_status(did, "s")
    assert (status.n_waiting, status.n_delivered) == (4, 0)  # nobody fetched
    assert status.webhook is not None and status.webhook == ops.webhook(did, "s").status
    told = status.webhook
    assert (told.n_delivered, told.n_waiting, told.paused, told.last_error) == (4, 0, "", "")
    assert told.last_success is not None and sum(n for _, n in told.rates) == 4
    assert [one.message.message_id for one in ops.fetch_stream(did, "s").items][:1] == ["m10"]


def test_what_fails_is_sent_again_under_its_id_before_anything_else(bench: Bench, there: Receiver) -> None:
    bench.operations.create_stream(bench.dataset_id, "s", StreamSettings())
    answers = iter([500, None, 302])
    there.answer = lambda _: next(answers, 204)
    hook(bench, there.url, batch_size=3)
    put(bench, 3, 10)
    put(bench, 3, 20)
    wait_for(lambda: len(received(there)) == 6)
    assert received(there) == ["m10", "m11", "m12", "m20", "m21", "m22"]
    tries = [one.headers["webhook-id"] for one in there.requests]
    assert len(tries) == 5 and len(set(tries[:4])) == 1 and tries[4] != tries[0]
    assert len({tuple(one.messages) for one in there.requests[:4]}) == 1
    assert all(one.path == "/hook" for one in there.requests)  # no redirect was followed
    told = bench.operations.webhook(bench.dataset_id, "s").status
    assert (told.n_failures, told.last_error, told.next_try) == (0, "", None)
    assert told.last_failure is not None


def test_a_target_that_fails_on_is_paused_says_so_and_is_resumed(bench: Bench, there: Receiver) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "s", StreamSettings())
    there.answer = lambda _: 500
    hook(bench, there.url)
    put(bench, 2, 10)
    wait_for(lambda: ops.webhook(did, "s").status.paused)
    told = ops.webhook(did, "s").status
    assert (told.paused, told.n_failures, told.next_try, told.n_waiting) == ("failures", 4, None, 2)
    assert told.last_error == f"127.0.0.1:{there.port} answers with status 500."
    assert len(there.requests) == 4
    events = [one for one in ops.audit_table().to_pylist() if one["action"] == "pause_webhook"]
    assert any('"failures"' in one["details"] and one["actor"] == "workbench" for one in events)
    there.answer = lambda _: 204
    ops.resume_webhook(did, "s")
    wait_for(lambda: received(there) == ["m10", "m11"])
    there.answer = lambda _: 410  # it says that it is gone for good
    put(bench, 1, 20)
    wait_for(lambda: ops.webhook(did, "s").status.paused == "failures")
    assert ops.webhook(did, "s").status.n_failures == 1


@pytest.mark.nightly
def test_a_person_pauses_resumes_moves_and_deletes(bench: Bench, there: Receiver) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "s", StreamSettings())
    made = hook(bench, there.url, since=datetime(2000, 1, 1, tzinfo=UTC), batch_size=7)
    wait_for(lambda: len(received(there)) == 10)  # those from before the stream, too
    assert ops.pause_webhook(did, "s").status.paused == "user"
    put(bench, 2, 10)
    again = ops.set_webhook(did, "s", WebhookSettings(url=there.url))
    assert (again.secret, again.webhook.status.paused, again.webhook.settings.batch_size) == ("", "user", 100)
    time.sleep(0.7)
    assert len(received(there)) == 10
    ops.resume_webhook(did, "s")
    wait_for(lambda: len(received(there)) == 12)
    other = ops.set_webhook(did, "s", WebhookSettings(url=there.url), new_secret=True)
    assert other.secret not in ("", made.secret)
    put(bench, 1, 20)
    wait_for(lambda: len(received(there)) == 13)
    assert is_signed(there.accepted[-1], other.secret) and not is_signed(there.accepted[-1], made.secret)
    assert ops.delete_webhook(did, "s").settings.url == there.url
    store = bench.opened._workspace.store
    stream_id = ops.stream(did, "s").stream_id
    assert store.secrets.get(f"webhook {stream_id}") == {}
    assert ops.stream_status(did, "s").webhook is None
    for ask in (ops.webhook, ops.pause_webhook, ops.resume_webhook, ops.delete_webhook, ops.test_webhook):
        with pytest.raises(UnknownNameError, match="unknown webhook of stream 's'"):
            ask(did, "s")
    hook(bench, there.url)
    assert store.secrets.get(f"webhook {stream_id}")
    ops.delete_stream(did, "s")
    assert store.secrets.get(f"webhook {stream_id}") == {}


def test_a_test_event_is_signed_and_moves_nothing(bench: Bench, there: Receiver) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "s", StreamSettings())
    made = hook(bench, there.url)
    ops.pause_webhook(did, "s")
    found = ops.test_webhook(did, "s")
    assert (found.ok, found.status, found.error) == (True, 204, "") and found.took_ms > 0
    (taken,) = there.requests
    assert taken.event["type"] == "stream.test" and "messages" not in taken.event["data"]
    assert is_signed(taken, made.secret)
    there.answer = lambda _: 500
    refused = ops.test_webhook(did, "s")
    assert (refused.ok, refused.status) == (False, 500) and "status 500" in refused.error
    assert ops.webhook(did, "s").status.n_failures == 0


def test_secrets_are_shown_once_and_stand_nowhere_else(bench: Bench, there: Receiver) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "s", StreamSettings())
    repeated = bench.opened.operations("ann", call_id="c" * 32)
    asked = WebhookSettings(url=there.url)
    first, second = (repeated.set_webhook(did, "s", asked) for _ in range(2))
    assert first.secret and second.secret  # the first answer may have been lost, so the second has one again
    secrets = [one.secret.removeprefix("whsec_") for one in (first, second)]
    assert not any(one in repr(told) for one in secrets for told in (first, second, ops.webhook(did, "s")))
    events = [one for one in ops.audit_table().to_pylist() if one["action"] == "set_webhook"]
    assert not any(one in str(event) for one in secrets for event in events)
    assert any(f'"target":"http://127.0.0.1:{there.port}"' in one["details"] for one in events)
    tables = ops.sql("SELECT * FROM stream_webhook").to_pylist()
    assert tables and not any(one in str(tables) for one in secrets)


def test_targets_that_the_settings_do_not_allow_are_refused(bench: Bench) -> None:
    ops, did = bench.operations, bench.dataset_id
    ops.create_stream(did, "s", StreamSettings())
    for url, words in (
        ("https://other.example/x", "do not let streams be sent to 'other.example'. Name the host in 'webhook_hosts'"),
        ("http://localhost/x", "do not let streams be sent to 'localhost'"),
        ("http://169.254.169.254/latest", "do not let streams be sent to '169.254.169.254'"),
        ("http://hooks.example.org/x", "would go to 'hooks.example.org' unencrypted. Use https"),
        ("https://u:p@hooks.example.org/x", "it has a user name or a password"),
        ("https://hooks.example.org/x?sig=1", "it has a query or a fragment"),
        ("https://hooks.example.org/#a", "it has a query or a fragment"),
        ("ftp://hooks.example.org/x", "it is no address of the web"),
        ("https:///x", "it is no address of the web"),
        ("https://hooks.example.org:99999/", "it is no address"),
        ("https://hooks.example.org/a b", "some that addresses do not have"),
        ("https://h\u00f6oks.example.org/", "some that addresses do not have"),
        ("https://hooks.example.org/" + "x" * 2_048, "more than 2,048 characters"),
    ):  # fmt: skip
        with pytest.raises(InputError) as refused:
            hook(bench, url)
        assert words in str(refused.value), url
        assert "sig=1" not in str(refused.value) and "u:p" not in str(refused.value)
    for more in ({"batch_size": 0}, {"batch_size": 1_025}):
        with pytest.raises(InputError, match=r"messages cannot be sent. Use 1 to 1,024"):
            hook(bench, "https://hooks.example.org/x", **more)
    for timeout_s in (0, 61, float("nan")):
        with pytest.raises(InputError, match=r"cannot be given .* seconds to answer"):
            hook(bench, "https://hooks.example.org/x", timeout_s=timeout_s)


@pytest.mark.nightly
def test_a_begun_batch_is_the_same_after_a_restart_and_others_are_not_held_up(tmp_path: Path) -> None:
    path, slow = tmp_path / "r.duckdb", replace(SETTINGS, webhook_failures=0, webhook_batch_max_bytes=1_500)
    with receiving(Receiver(answer=lambda _: 500)) as bad, receiving(Receiver()) as good:
        with open_workspace(path, settings=slow) as opened:
            bench, other = bench_in(opened), bench_in(opened)
            bench.operations.create_stream(bench.dataset_id, "s", StreamSettings())
            other.operations.create_stream(other.dataset_id, "s", StreamSettings())
            hook(bench, bad.url)
            hook(other, good.url)
            put(bench, 2, 10)
            put(other, 3, 10)
            wait_for(lambda: len(bad.requests) >= 2 and len(received(good)) == 3)
            put(bench, 12, 40)  # comes behind, and does not join the batch
            n_before = len(bad.requests)
            wait_for(lambda: len(bad.requests) >= n_before + 2)
        begun = bad.requests[0]
        bad.answer = lambda _: 204
        with open_workspace(path, settings=slow):
            wait_for(lambda: len(received(bad)) == 14)
        tries = [one for one in bad.requests if one.headers["webhook-id"] == begun.headers["webhook-id"]]
        assert [one.messages for one in tries] == [["m10", "m11"]] * len(tries) and len(tries) >= n_before + 3
        assert received(bad) == ["m10", "m11", *(f"m{i}" for i in range(40, 52))]
        assert max(len(one.messages) for one in bad.accepted) < 12  # cut by their bytes
        # A copy has no secrets, and sends nothing beside its original.
        with open_workspace(path, settings=slow) as opened:
            ops = opened.operations("ann")
            opened._workspace.store.secrets.put(f"webhook {ops.stream(bench.dataset_id, 's').stream_id}", {})
            put(replace(bench, operations=ops), 1, 60)
            wait_for(lambda: ops.webhook(bench.dataset_id, "s").status.last_error)
            said = ops.webhook(bench.dataset_id, "s").status.last_error
            assert said == "the secret of the webhook of stream 's' is not here."
            assert ops.set_webhook(bench.dataset_id, "s", WebhookSettings(url=bad.url)).secret
            wait_for(lambda: received(bad)[-1] == "m60")


@pytest.mark.nightly
def test_it_waits_for_predictions_and_leaves_out_what_is_sensitive(bench: Bench, there: Receiver) -> None:
    ops, did = bench.operations, bench.dataset_id
    for label in ("Refund", "Delivery > Late"):
        ops.create_label(did, label)
    bench.labels = {label.name: label.label_id for label in ops.labels(did)}
    bench.add_version(1, {bench.uids[0]: (0.9, 0.1)}, labels=("Refund", "Delivery > Late"))
    ops.create_stream(did, "s", bench.settings(1, Refund=0.8))
    ops.amend_source(SourceId(bench.uids[0].partition(".")[0]), sensitive_properties=("string:Team",))
    hook(bench, there.url)
    put(bench, 3, 10)
    uids = [f"{bench.uids[0].partition('.')[0]}.m{i}" for i in (10, 11, 12)]
    time.sleep(0.7)
    assert there.requests == []
    with bench.opened._workspace.store.write() as session:
        session.models.put_predictions(did, 1, uids[:2], np.array([[0.95, 0.1], [0.2, 0.9]], np.float32))  # type: ignore[arg-type]
    wait_for(lambda: received(there) == ["m10", "m11"])
    first, second = there.accepted[0].event["data"]["messages"]
    assert first["labels"] == [{"name": ["Refund"], "probability": pytest.approx(0.95)}]
    assert second["labels"] == [] and "string:Team" not in first["properties"]


def test_waits_grow_and_are_spread() -> None:
    settings = Settings(webhook_retry_s=5, webhook_retry_max_s=900)
    assert [retry_after(settings, n, None, 1.0) for n in (1, 2, 3, 9, 99)] == [5, 10, 20, 900, 900]
    assert retry_after(settings, 2, None, 0.0) == 5
    assert retry_after(settings, 1, 120, 0.0) == 120 and retry_after(settings, 1, 99_999, 0.0) == 3_600


def test_a_target_that_talks_slowly_is_broken_off() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line, contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 60:
                    line.sendall(bytes([byte]))
                    if over.wait(0.05):
                        return
                line.sendall(b"\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=drip, daemon=True).start()
        push = Push(PushTarget(url=f"http://127.0.0.1:{server.getsockname()[1]}/", timeout_s=30, inner=True))
        with in_time(push, 0.3):
            said = push.send(new_secret(), "e", b"{}", now=1.0)
        over.set()
    assert said.status is None and "no answer in time" in said.error
