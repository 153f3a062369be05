"""A language model, where one is configured, reads what rules leave of a sentence; a server of ours speaks for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import served_over_http, stop_owner
from tests.contract.messages import batch
from workbench.client import SocketDoor, connect_http, connect_local
from workbench.domain import LabelFilter, MessageFilter, Operations
from workbench.settings import load_settings
from workbench.workspace.opening import open_workspace

KEY = "sk-not-to-be-seen-4711"
TOKEN = "a-token-for-tests"


class Endpoint:
    """Chat completions: what was asked, and what is answered."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, dict[str, Any]]] = []
        self.answer: tuple[int, str] = (200, "")
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append((self.path, self.headers["Authorization"], body))
                status, text = endpoint.answer
                choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
                content = json.dumps({"choices": [choice], "usage": {"total_tokens": 321}}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(params=["process", "socket", "http"])
def asking(
    request: pytest.FixtureRequest, tmp_path: Path, short_runtime: Path, endpoint: Endpoint
) -> Iterator[Operations]:
    """``Operations`` on an empty workspace with a language model, by each way."""
    file = tmp_path / "test.duckdb"
    (tmp_path / "key.txt").write_text(KEY + "\n", "utf-8")
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\nlanguage_model = "openai"\n'
        f'language_model_url = "{endpoint.url}"\nlanguage_model_name = "small"\nlanguage_model_budget = 7_000\n'
        'language_model_key_file = "key.txt"\n',
        "utf-8",
    )
    settings = load_settings(file)
    if request.param == "process":
        with open_workspace(file, settings=settings) as opened:
            yield opened.operations("tester")
        return
    try:
        if request.param == "socket":
            yield connect_local(file, actor="tester", settings=settings)
        else:
            door = SocketDoor(file, settings=settings)
            with served_over_http(door) as address:
                yield connect_http(address, token=TOKEN)
            door.close()
    finally:
        stop_owner(file)


def test_the_model_reads_what_rules_leave(asking: Operations, endpoint: Endpoint) -> None:
    source = asking.create_source("demo", "mail", sensitive_properties=("number:NPS",))
    asking.put_messages(source.source_id, batch(6), "a", 6)
    dataset_id = asking.create_dataset("demo", "all", (source.source_id,)).dataset_id
    label = asking.create_label(dataset_id, "Claims > Motor")
    sentence = "unreviewed car claims of Team N, furious"
    condition = {"is": "label", "words": "car claims", "one_of": ["Claims > Motor"], "status": "absent"}
    endpoint.answer = (200, json.dumps({"conditions": [condition, {"is": "sql", "words": "furious"}]}))
    read = asking.read_sentence(dataset_id, sentence)
    assert read.where.reviewed is False
    assert read.where.labels == (LabelFilter(label_id=label.label_id, status="absent"),)
    assert [(one.text, one.by) for one in read.understood if one.by == "model"] == [("car claims", "model")]
    assert [one.text for one in read.left][-1] == "furious"
    assert read.problem == ""
    ((path, authorization, body),) = endpoint.asked
    assert (path, authorization, body["model"]) == ("/v1/chat/completions", f"Bearer {KEY}", "small")
    asked = json.loads(body["messages"][1]["content"])
    assert set(asked["labels"]) == {"Claims", "Claims > Motor", "Motor"}
    assert set(asked["sources"]) == {"demo/mail", "mail"}
    assert asked["properties"] == {"string:Team": ["N", "S"]}
    (measure,) = asking.measures().to_pylist()
    assert (measure["kind"], measure["amount"], measure["dataset"]) == (
        "language_model_tokens",
        321,
        "demo/all",
    )
    assert measure["subject"].startswith("small ") and KEY not in measure["subject"]
    withheld = asking.read_sentence(dataset_id, "furious, NPS 8, car claims")
    assert (
        withheld.problem == "the language model was not asked, for the sentence names a sensitive property."
    )
    assert [one.text for one in withheld.left] == ["furious", "car claims"]

    assert asking.read_sentence(dataset_id, "unreviewed").left == ()
    assert len(endpoint.asked) == 1  # rules were enough
    endpoint.answer = (500, KEY)
    failed = asking.read_sentence(dataset_id, sentence)
    assert failed.where.reviewed is False
    assert failed.where.labels == ()
    assert failed.problem == f"the language model at {endpoint.url} failed: it refused (status 500)."
    assert "car claims" in " ".join(one.text for one in failed.left)
    for _ in range(3):
        failed = asking.read_sentence(dataset_id, "furious")
    assert failed.where == MessageFilter()
    assert "the language model's budget of 7,000 characters a day does not cover" in failed.problem

    health = asking.health()
    assert health["language_model"] == f"small {endpoint.url}"
    assert KEY not in str(health)
