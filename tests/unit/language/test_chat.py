"""A chat model: settings that are refused, answers that are none, and nothing of key, text or answer in an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from workbench.errors import InputError, JobError
from workbench.language import ChatModel, ChatSettings, make_chat_model, read_key

KEY, SECRET = "sk-not-to-be-shown", "geheim-4711"
URL = "https://models.example/v1"


def model(content: bytes, status: int = 200, *, seen: list[httpx.Request] | None = None) -> ChatModel:
    def handle(request: httpx.Request) -> httpx.Response:
        (seen if seen is not None else []).append(request)
        return httpx.Response(status, content=content, headers={"Location": "https://elsewhere.example/"})

    settings = ChatSettings(kind="openai", url=URL + "/", key=KEY, model="small")
    made = make_chat_model(settings, transport=httpx.MockTransport(handle))
    assert made is not None
    return made


def said(text: str | None, reason: str = "stop") -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": reason}]}).encode()


def test_off_is_the_default_and_gives_none() -> None:
    assert make_chat_model(ChatSettings()) is None


def test_the_wire_format() -> None:
    seen: list[httpx.Request] = []
    made = model(said(" fine \n"), seen=seen)
    assert made.name == f"small {URL}"
    assert made.complete("Be \ud800 brief.", "Wo\ud800?") == "fine"
    (request,) = seen
    assert str(request.url) == f"{URL}/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "model": "small",
        "temperature": 0,
        "messages": [{"role": "system", "content": "Be ? brief."}, {"role": "user", "content": "Wo??"}],
    }


@pytest.mark.parametrize(
    ("status", "content", "problem"),
    [
        (200, SECRET.encode() * 10_000, "its answer is longer than 65,568 bytes"),
        (200, b"\xff\xfe" + SECRET.encode(), "its answer is not JSON"),
        (200, b"<html>" + SECRET.encode(), "its answer is not JSON"),
        (200, b"[" * 60_000, "its answer is not JSON"),
        (200, b'{"choices": []}', "it answered no message under 'choices'"),
        (200, b"[1]", "it answered no message under 'choices'"),
        (200, said(None), "it answered an empty message"),
        (200, said(" "), "it answered an empty message"),
        (200, said(SECRET, "length"), "it answered a message that is not finished"),
        (401, SECRET.encode(), "it refused (status 401)"),
        (302, SECRET.encode(), "it sends us elsewhere (status 302), which is not followed"),
        (503, SECRET.encode(), "it is busy (status 503), 1 attempt"),
    ],
)
def test_an_answer_that_is_none_is_an_error_without_key_text_or_answer(
    status: int, content: bytes, problem: str
) -> None:
    with pytest.raises(JobError) as caught:
        model(content, status).complete("Be brief.", "x")
    assert caught.value.message == f"the language model at {URL} failed: {problem}."
    assert caught.value.next_step == "Check its address, key and load."
    shown = f"{caught.value!r} {caught.value} {caught.value.details}"
    assert KEY not in shown
    assert SECRET not in shown


def test_a_model_that_drips_is_given_up() -> None:
    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b" "

    def handle(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Dripping())

    settings = ChatSettings(kind="openai", url=URL, model="small", timeout_s=0.001)
    made = make_chat_model(settings, transport=httpx.MockTransport(handle))
    assert made is not None
    with pytest.raises(JobError, match="it did not answer in time, 1 attempt"):
        made.complete("", "")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            ChatSettings(kind="openai", url=f"https://user:{KEY}@a.example", model="m"),
            "the language model's address cannot be used.",
        ),
        (
            ChatSettings(kind="openai", url="https://[a", model="m"),
            "the language model's address cannot be used.",
        ),
        (
            ChatSettings(kind="openai", url="http://10.0.0.8/v1", model="m"),
            "the language model at '10.0.0.8' would get texts unencrypted.",
        ),
        (
            ChatSettings(kind="openai", url=URL, key=KEY),
            "a language model of kind 'openai' with the name '' and a timeout of 20.0 s cannot be used.",
        ),
        (
            ChatSettings(kind="other", url=URL, model="m"),  # type: ignore[arg-type]
            "a language model of kind 'other' with the name 'm' and a timeout of 20.0 s cannot be used.",
        ),
        (
            ChatSettings(kind="openai", url=URL, model="m", timeout_s=0),
            "a language model of kind 'openai' with the name 'm' and a timeout of 0 s cannot be used.",
        ),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings: ChatSettings, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make_chat_model(settings)
    assert caught.value.message == message
    assert KEY not in repr(caught.value)
    assert KEY not in repr(settings).replace(settings.url, "")


def test_this_machine_needs_no_encryption() -> None:
    for host in ("127.0.0.1:8080", "localhost:8080", "[::1]:8080"):
        assert make_chat_model(ChatSettings(kind="openai", url=f"http://{host}/v1", model="m")) is not None


def test_the_key_stands_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f" {KEY}\n", "utf-8")
    assert read_key(str(tmp_path / "key"), setting="language_model_key_file") == KEY
    assert read_key("", setting="language_model_key_file") == ""
    with pytest.raises(
        InputError, match=r"the key of the language model cannot be read.*'language_model_key_file'"
    ):
        read_key(str(tmp_path / "none"), setting="language_model_key_file")
