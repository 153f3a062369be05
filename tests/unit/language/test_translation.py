"""Translation against a server of ours that speaks the real wire formats; nothing is sent unless configured."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from workbench.errors import InputError, JobCancelledError, JobError
from workbench.language import (
    Budget,
    MemoryCache,
    Translation,
    Translator,
    TranslatorSettings,
    make_translator,
    translate_texts,
)

SECRET = "Meine Kundennummer ist geheim-4711"
KEY = "sk-not-to-be-shown"
Answer = tuple[int, dict[str, str], bytes]


class Service:
    """What a test's server got, and what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: list[Answer | Callable[[BaseHTTPRequestHandler], None]] = []
        self.url = ""

    def reply(self, path: str, body: dict[str, Any]) -> Answer:
        if path == "/translate":
            found: dict[str, Any] = {"translatedText": [f"<{body['target']}> {text}" for text in body["q"]]}
        else:
            text = body["messages"][-1]["content"]
            found = {
                "choices": [
                    {"finish_reason": "stop", "message": {"role": "assistant", "content": f"[{text}]"}}
                ]
            }
        return 200, {}, json.dumps(found).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.requests.append((self.path, dict(self.headers), body))
            answer = made.answers.pop(0) if made.answers else made.reply(self.path, body)
            if callable(answer):
                answer(self)
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def libre(service: Service, **changes: Any) -> Translator:
    settings = TranslatorSettings(kind="libretranslate", url=service.url, key=KEY, **changes)
    made = make_translator(settings, sleep=lambda _: None)
    assert made is not None
    return made


def chat(service: Service, **changes: Any) -> Translator:
    settings = TranslatorSettings(kind="openai", url=f"{service.url}/v1/", key=KEY, model="small", **changes)
    made = make_translator(settings, sleep=lambda _: None)
    assert made is not None
    return made


def translated(
    translator: Translator, texts: list[str], languages: list[str | None], **options: Any
) -> list[Translation | None]:
    options = {"target": "en", "cache": MemoryCache(), "budget": Budget(None)} | options
    return translate_texts(texts, languages, translator, **options)


def test_off_is_the_default_and_gives_no_translator() -> None:
    assert make_translator(TranslatorSettings()) is None


def test_importing_the_room_loads_no_http_library() -> None:
    code = "import sys, workbench.language; assert 'httpx' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_original_stays_beside_the_translation(service: Service) -> None:
    (found,) = translated(libre(service), ["Wo ist mein Paket?"], ["de"])
    assert found == Translation(
        original="Wo ist mein Paket?",
        text="<en> Wo ist mein Paket?",
        translated_from="de",
        language="en",
        translator=f"libretranslate {service.url}",
    )


def test_the_wire_format_of_libretranslate(service: Service) -> None:
    translated(libre(service), ["Hei der"], ["no"])
    ((path, headers, body),) = service.requests
    assert path == "/translate"
    assert body == {"q": ["Hei der"], "source": "nb", "target": "en", "format": "text", "api_key": KEY}
    assert "Authorization" not in headers


def test_the_wire_format_of_a_chat_model(service: Service) -> None:
    (found,) = translated(chat(service), ["Où est mon colis ?"], ["fr"])
    assert found is not None
    assert found.text == "[Où est mon colis ?]"
    ((path, headers, body),) = service.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body["model"] == "small"
    assert body["temperature"] == 0
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "from French into English" in body["messages"][0]["content"]
    assert body["messages"][1]["content"] == "Où est mon colis ?"


def test_only_what_needs_it_is_sent_and_once(service: Service) -> None:
    texts = ["hallo du da", "hello", "  ", "hallo du da", "??", "ciao a tutti"]
    found = translated(libre(service), texts, ["de", "en", "de", "de", None, "it"])
    assert [item and item.translated_from for item in found] == ["de", None, None, "de", None, "it"]
    assert [body["q"] for _, _, body in service.requests] == [["hallo du da"], ["ciao a tutti"]]


def test_what_is_in_the_cache_is_neither_sent_nor_charged(service: Service) -> None:
    cache, budget = MemoryCache(), Budget(20)
    first = translated(libre(service), ["hallo du da"], ["de"], cache=cache, budget=budget)
    again = translated(libre(service), ["hallo du da"], ["de"], cache=cache, budget=budget)
    assert first == again
    assert len(service.requests) == 1
    assert budget.n_spent == 11


def test_another_translator_target_or_language_is_another_translation(service: Service) -> None:
    cache = MemoryCache()
    translated(libre(service), ["via"], ["it"], cache=cache)
    translated(libre(service), ["via"], ["nl"], cache=cache)
    translated(libre(service), ["via"], ["it"], cache=cache, target="de")
    translated(chat(service), ["via"], ["it"], cache=cache)
    assert len(service.requests) == 4


def test_the_budget_stops_before_sending_and_keeps_what_was_made(service: Service) -> None:
    cache = MemoryCache()
    texts = [f"nummer {n:02}" for n in range(40)]
    with pytest.raises(JobError, match="budget of 160 characters") as caught:
        translated(libre(service), texts, ["de"] * 40, cache=cache, budget=Budget(160))
    assert len(service.requests) == 1
    assert caught.value.details == {"budget": 160, "spent": 144, "wanted": 144}
    translated(libre(service), texts, ["de"] * 40, cache=cache, budget=Budget(24 * 9))
    assert sum(len(body["q"]) for _, _, body in service.requests) == 40


def test_a_busy_service_is_tried_again(service: Service) -> None:
    service.answers = [(503, {}, b""), (429, {}, b"")]
    waits: list[float] = []
    settings = TranslatorSettings(kind="libretranslate", url=service.url)
    translator = make_translator(settings, sleep=waits.append)
    assert translator is not None
    assert translator.translate(["a"], source="de", target="en") == ["<en> a"]
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((503, {}, b""), r"busy \(status 503\), 3 attempts"),
        ((401, {}, SECRET.encode()), r"refused \(status 401\)"),
        ((500, {}, SECRET.encode()), r"refused \(status 500\)"),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), "sends us elsewhere"),
        ((200, {}, b"<html>"), "not JSON"),
        ((200, {}, b"[" * 50_000), "not JSON"),
        ((200, {}, b"\xff\xfe\xfd"), "not JSON"),
        ((200, {}, b"null"), "it answered"),
        ((200, {}, b"{}"), "it answered"),
        ((200, {}, b'{"translatedText": ["a", "b"]}'), "it answered"),
        ((200, {}, b'{"translatedText": [1]}'), "it answered"),
        ((200, {}, b'{"choices": []}'), "it answered"),
        ((200, {}, b'{"choices": [{"message": {"content": ""}}]}'), "it answered"),
        (
            (200, {}, b'{"choices": [{"message": {"content": "x"}, "finish_reason": "length"}]}'),
            "it answered",
        ),
        ((200, {}, b'"' + b"x" * 200_000 + b'"'), "longer than"),
    ],
)
@pytest.mark.parametrize("make", [libre, chat])
def test_bad_answers_are_told_without_text_or_key(
    service: Service,
    answer: Answer,
    problem: str,
    make: Callable[[Service], Translator],
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.answers = [answer] * 3
    with caplog.at_level(logging.DEBUG), pytest.raises(JobError, match=problem) as caught:
        translated(make(service), [SECRET], ["de"])
    told = f"{caught.value} {caught.value.details} {caplog.text}"
    assert "geheim" not in told
    assert KEY not in told


def test_a_translation_that_works_is_not_logged_either(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        translated(libre(service), [SECRET], ["de"])
        translated(chat(service), [SECRET], ["de"])
    assert "geheim" not in caplog.text
    assert KEY not in caplog.text


def test_a_silent_service_is_given_up(service: Service) -> None:
    service.answers = [lambda _: time.sleep(0.6)]
    with pytest.raises(JobError, match="did not answer in time, 1 attempt"):
        translated(libre(service, timeout_s=0.2, attempts=1), ["hallo"], ["de"])


def test_a_service_that_drips_is_given_up(service: Service) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(400):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    service.answers = [drip]
    start = time.monotonic()
    with pytest.raises(JobError, match="did not answer in time"):
        translated(libre(service, timeout_s=0.3, attempts=1), ["hallo"], ["de"])
    assert time.monotonic() - start < 10


def test_nobody_there(service: Service) -> None:
    settings = TranslatorSettings(kind="libretranslate", url="http://127.0.0.1:9", attempts=2)
    translator = make_translator(settings, sleep=lambda _: None)
    assert translator is not None
    with pytest.raises(JobError, match="cannot be reached, 2 attempts"):
        translator.translate(["a"], source="de", target="en")


def test_proxies_of_the_environment_are_not_used(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert translated(libre(service), ["hallo"], ["de"])[0] is not None


def test_a_lone_surrogate_can_be_sent(service: Service) -> None:
    (found,) = translated(libre(service), ["hallo \ud800 du"], ["de"])
    assert found is not None
    assert found.original == "hallo \ud800 du"
    assert service.requests[0][2]["q"] == ["hallo ? du"]


def test_cancelling_keeps_what_was_made(service: Service) -> None:
    cache = MemoryCache()
    asked = iter([False, True])
    seen: list[tuple[int, int]] = []
    with pytest.raises(JobCancelledError, match="16 of 20"):
        translated(
            libre(service),
            [f"t {n}" for n in range(20)],
            ["de"] * 20,
            cache=cache,
            cancelled=lambda: next(asked),
            progress=lambda done, total: seen.append((done, total)),
        )
    assert seen == [(16, 20)]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (TranslatorSettings(kind="libretranslate", url=""), "address cannot be used"),
        (TranslatorSettings(kind="libretranslate", url="ftp://a"), "address cannot be used"),
        (TranslatorSettings(kind="libretranslate", url="https://user:pw@a"), "address cannot be used"),
        (TranslatorSettings(kind="libretranslate", url="https://a?key=b"), "address cannot be used"),
        (TranslatorSettings(kind="libretranslate", url="http://[broken"), "address cannot be used"),
        (TranslatorSettings(kind="libretranslate", url="http://translate.example.org"), "unencrypted"),
        (TranslatorSettings(kind="libretranslate", url="http://10.0.0.8:5000"), "unencrypted"),
        (TranslatorSettings(kind="openai", url="https://a"), "name of a chat model"),
        (TranslatorSettings(kind="openai", url="https://a", model="m", timeout_s=0), "timeout of 0"),
        (TranslatorSettings(kind="openai", url="https://a", model="m", attempts=0), "0 attempts"),
    ],
)
def test_settings_that_cannot_be_used(settings: TranslatorSettings, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        make_translator(settings)
    assert "pw" not in str(caught.value)


def test_plain_http_can_be_allowed() -> None:
    settings = TranslatorSettings(kind="libretranslate", url="http://10.0.0.8:5000", plain_http=True)
    assert make_translator(settings) is not None


def test_the_key_is_not_in_the_settings_text() -> None:
    assert KEY not in repr(TranslatorSettings(kind="openai", url="https://a", model="m", key=KEY))


def test_an_unknown_target_is_refused(service: Service) -> None:
    with pytest.raises(InputError, match="unknown language 'klingon'"):
        translated(libre(service), ["a"], ["de"], target="klingon")
    with pytest.raises(InputError, match="2 texts with 1 languages"):
        translated(libre(service), ["a", "b"], ["de"])
    assert service.requests == []
