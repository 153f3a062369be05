"""Translations beside the originals, made by a local server that speaks the real wire format and its failures."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.stores import batch, message
from workbench.domain import Dataset, Message, MessageFilter, Operations
from workbench.door import Dataset as DatasetDoor
from workbench.door import Job
from workbench.errors import InputError, JobError
from workbench.settings import Settings
from workbench.workspace import open_workspace, translating
from workbench.workspace.opening import OpenedWorkspace

KEY = "sk-not-to-be-seen-4711"
GERMAN = "mein Paket ist noch nicht angekommen und niemand antwortet"
SECRET = "geheimer Inhalt"
ALL = MessageFilter()
Answer = Callable[[str], tuple[int, bytes]]


def said(text: str, reason: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return json.dumps({"id": "c1", "object": "chat.completion", "choices": [choice]}).encode()


class Endpoint:
    """Chat completions of a local server: answers in turn, then translates."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.answers: list[Answer] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append(body)
                endpoint.keys.add(self.headers["Authorization"])
                text = body["messages"][-1]["content"]
                answer = endpoint.answers.pop(0) if endpoint.answers else translated
                status, content = answer(text)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                # A line that is cut: less comes than was announced.
                self.send_header("Content-Length", str(len(content) + (50 if status == 299 else 0)))
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = True

            def log_message(self, *_args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"


def translated(text: str) -> tuple[int, bytes]:
    return 200, said(f"<{text.upper()}>")


def answer(status: int, content: bytes) -> Answer:
    return lambda _text: (status, content)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


def opened_with(tmp_path: Path, url: str, **more: Any) -> OpenedWorkspace:
    (tmp_path / "key.txt").write_text(KEY + "\n", "utf-8")
    usual = {"translator": "openai", "translator_model": "m1", "translator_key_file": "key.txt"}
    settings = Settings(
        encoder="hash-test",
        fast_encoder="",
        retrain_after_reviews=0,
        **({"languages_after_s": -1.0, "translator_url": url} | usual | more),
    )
    opened = open_workspace(tmp_path / "w.duckdb", settings=settings)
    opened._follower.stop()  # what starts by itself has a test of its own
    return opened


@pytest.fixture
def here(tmp_path: Path, endpoint: Endpoint) -> Iterator[Operations]:
    with opened_with(tmp_path, endpoint.url) as opened:
        yield opened.operations("tester")


def lay_out(here: Operations, *, find_languages: bool = True) -> Dataset:
    mail = here.create_source("demo", "mail", language="multilingual", should_translate=True)
    chat = here.create_source("demo", "chat", language="multilingual")
    rows = [
        message("de", subject="Paket", body=f"{GERMAN} {SECRET}", language=None),
        message("same", subject="Paket", body=f"{GERMAN} {SECRET}", language="de"),
        message("swiss", subject="", body="Wo ist es?", language="de-CH"),
        message("en", body="where is my parcel", language="en-GB"),
        message("none", body="INV-2041 / 88.20", language=None),
    ]
    for source in (mail, chat):
        here.put_messages(source.source_id, batch(*rows), "a", len(rows))
    dataset = here.create_dataset("demo", "all", (mail.source_id, chat.source_id))
    if find_languages:
        Job(here, here.start_languages(dataset.dataset_id)).wait(progress=False)
    return dataset


def translate(here: Operations, dataset: Dataset) -> dict[str, Any]:
    return Job(here, here.start_translate(dataset.dataset_id)).wait(progress=False)


def found(here: Operations, dataset: Dataset, where: MessageFilter = ALL) -> dict[str, Message]:
    mail = dataset.source_ids[0]
    page = here.find_messages(dataset.dataset_id, where, limit=50).messages
    return {one.message_id: one for one in page if one.source_id == mail}


def test_translations_stand_beside_the_original(here: Operations, endpoint: Endpoint) -> None:
    dataset = lay_out(here)
    done = translate(here, dataset)
    sent = f"Paket{GERMAN} {SECRET}Wo ist es?"
    assert done == {"translated": 3, "characters": len(sent)}
    assert len(endpoint.asked) == 3
    assert endpoint.keys == {f"Bearer {KEY}"}
    assert {body["model"] for body in endpoint.asked} == {"m1"}
    assert "from German into English" in endpoint.asked[0]["messages"][0]["content"]
    messages = found(here, dataset)
    made = messages["de"].translation
    assert made is not None
    assert (made.subject, made.body) == ("<PAKET>", f"<{GERMAN.upper()} {SECRET.upper()}>")
    assert (made.language, made.translated_from, made.translator) == ("en", "de", f"m1 {endpoint.url}")
    assert messages["de"].body == f"{GERMAN} {SECRET}"
    assert messages["swiss"].translation is not None
    assert messages["swiss"].translation.subject == ""
    assert [messages[one].translation for one in ("en", "none")] == [None, None]
    assert set(found(here, dataset, MessageFilter(translated=True))) == {"de", "same", "swiss"}
    assert set(found(here, dataset, MessageFilter(text="<WO", text_in="any"))) == {"swiss"}
    assert here.count_messages(dataset.dataset_id, MessageFilter(translated=False)) == 7
    assert translate(here, dataset) == {"translated": 0, "characters": 0}
    assert len(endpoint.asked) == 3


def test_a_known_text_is_not_sent_again_and_a_new_one_is(here: Operations, endpoint: Endpoint) -> None:
    dataset = lay_out(here)
    translate(here, dataset)
    n_asked = len(endpoint.asked)
    rows = [
        message("again", subject="Paket", body=f"{GERMAN} {SECRET}", language="de"),
        message("swiss", subject="", body="Wo ist es jetzt?", language="de-CH"),
    ]
    here.put_messages(dataset.source_ids[0], batch(*rows), "b", 2)
    assert found(here, dataset)["swiss"].translation is None
    assert translate(here, dataset)["translated"] == 2
    assert [body["messages"][-1]["content"] for body in endpoint.asked[n_asked:]] == ["Wo ist es jetzt?"]
    assert found(here, dataset)["again"].translation == found(here, dataset)["de"].translation


FAILURES: list[tuple[list[Answer], str]] = [
    ([answer(500, b"oops")], "it refused (status 500)"),
    ([answer(429, b"{}")] * 3, "it is busy (status 429), 3 attempts"),
    ([answer(299, b'{"choices"')] * 3, "it cannot be reached, 3 attempts"),
    ([answer(200, b"<html>geheimer Inhalt</html>")], "its answer is not JSON"),
    ([answer(200, b'{"choices": []}')], "it answered no message under 'choices'"),
    ([answer(200, b'["geheimer Inhalt"]')], "it answered no message under 'choices'"),
    ([answer(200, said("half an ans", "length"))], "it answered a message that is not finished"),
    ([answer(200, said("  "))], "it answered an empty message"),
    ([answer(302, b"")], "it sends us elsewhere (status 302), which is not followed"),
]


def test_each_failure_is_told_and_what_came_before_it_is_kept(
    here: Operations, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "PIECE_ROWS", 2)
    mail = here.create_source("demo", "mail", language="de", should_translate=True)
    dataset = here.create_dataset("demo", "all", (mail.source_id,))
    kept: set[str] = set()
    for number, (answers, problem) in enumerate(FAILURES):
        ids = [f"{number}-{place}" for place in range(3)]
        rows = [message(one, body=f"{GERMAN} {SECRET} {one}", language="de") for one in ids]
        here.put_messages(mail.source_id, batch(*rows), f"b{number}", 3)
        endpoint.answers = [translated, translated, *answers]
        with pytest.raises(JobError) as caught:
            translate(here, dataset)
        assert caught.value.message == f"the translator at {endpoint.url} failed: {problem}."
        assert "what was translated is kept" in caught.value.next_step
        assert set(found(here, dataset, MessageFilter(translated=True))) == kept | set(ids[:2]), problem
        assert translate(here, dataset)["translated"] == 1
        kept |= set(ids)
    told = repr(here.jobs()) + repr(here.audit_table().to_pylist())
    assert KEY not in told
    assert SECRET not in told


def test_a_busy_service_is_asked_again(here: Operations, endpoint: Endpoint) -> None:
    dataset = lay_out(here)
    endpoint.answers = [answer(429, b"{}"), answer(503, b"")]
    assert translate(here, dataset)["translated"] == 3


def test_the_budget_ends_a_run_and_the_next_goes_on(tmp_path: Path, endpoint: Endpoint) -> None:
    with opened_with(tmp_path, endpoint.url, translate_budget=20) as opened:
        here = opened.operations("tester")
        dataset = lay_out(here)
        with pytest.raises(JobError, match="the translation budget of 20 characters does not cover"):
            translate(here, dataset)
        assert found(here, dataset, MessageFilter(translated=True)) == {}
    with opened_with(tmp_path, endpoint.url, translate_budget=0) as opened:
        assert translate(opened.operations("tester"), dataset)["translated"] == 3


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (
            {"translator": "off"},
            "no translator is configured, so no text leaves this machine. Set 'translator'",
        ),
        ({"translator": "google"}, "the setting 'translator' is 'google', which is unknown."),
        ({"translator_url": ""}, "the setting 'translator_url' is empty."),
    ],
)
def test_without_a_translator_the_setting_is_named(
    tmp_path: Path, settings: dict[str, str], text: str
) -> None:
    with opened_with(tmp_path, "http://127.0.0.1:1/v1", **settings) as opened:
        here = opened.operations("tester")
        dataset = lay_out(here, find_languages=False)
        with pytest.raises(InputError) as caught:
            here.start_translate(dataset.dataset_id)
        assert text in str(caught.value)
        assert "workbench.toml" in caught.value.next_step


def test_only_sources_that_ask_for_it_are_translated(here: Operations, endpoint: Endpoint) -> None:
    dataset = lay_out(here, find_languages=False)
    here.amend_source(dataset.source_ids[0], should_translate=False)
    with pytest.raises(InputError, match="no source of dataset 'demo/all' is to be translated"):
        here.start_translate(dataset.dataset_id)
    assert endpoint.asked == []


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path, endpoint: Endpoint) -> None:
    with opened_with(tmp_path, endpoint.url, translator_key_file="missing.txt") as opened:
        here = opened.operations("tester")
        dataset = lay_out(here, find_languages=False)
        with pytest.raises(InputError, match=r"key of the translator cannot be read\. Let the setting"):
            translate(here, dataset)
        assert endpoint.asked == []


def test_translations_follow_languages_by_themselves(tmp_path: Path, endpoint: Endpoint) -> None:
    settings = Settings(
        encoder="hash-test",
        fast_encoder="",
        retrain_after_reviews=0,
        languages_after_s=0.1,
        translator="openai",
        translator_url=endpoint.url,
        translator_model="m1",
    )
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        here = opened.operations("tester")
        mail = here.create_source("demo", "mail", should_translate=True)
        dataset = here.create_dataset("demo", "all", (mail.source_id,))
        here.put_messages(mail.source_id, batch(message("de", body=GERMAN, language=None)), "a", 1)
        deadline = time.monotonic() + 40
        while not here.count_messages(dataset.dataset_id, MessageFilter(translated=True)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_translations_go_with_their_message(here: Operations) -> None:
    dataset = lay_out(here)
    assert DatasetDoor(here, dataset.dataset_id).translate(progress=False)["translated"] == 3
    here.delete_dataset(dataset.dataset_id, "demo/all")
    here.delete_source(dataset.source_ids[0], "demo/mail")
    assert here.sql("SELECT count(*) AS n FROM translation")["n"].to_pylist() == [0]
