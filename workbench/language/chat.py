"""Chat models behind an address that was configured: one instruction and one text, one answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.errors import InputError
from workbench.language.addresses import check_address
from workbench.language.exchange import Exchange, Json

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, kw_only=True)
class ChatSettings:
    """Where a language model answers.

    Attributes
    ----------
    kind
        ``"off"`` or ``"openai"`` (any server with its chat completions).
    url
        Base address, such as ``http://127.0.0.1:8080/v1``: https, or this machine.
    key
        Key of the service; empty = none. Never shown.
    model
        Name of the model.
    timeout_s
        Seconds an answer may take from start to end.
    """

    kind: Literal["off", "openai"] = "off"
    url: str = ""
    key: str = field(default="", repr=False)
    model: str = ""
    timeout_s: float = 20.0


class ChatModel:
    """A chat model: an instruction and a text go out, an answer comes back.

    Attributes
    ----------
    name
        Model and address, without a secret.
    n_tokens
        Tokens of the last question and its answer, as the service counts them; None where it does not say.
    """

    def __init__(self, exchange: Exchange, model: str) -> None:
        self.n_tokens: int | None = None
        self.name = f"{model} {exchange.url}"
        self._exchange = exchange
        self._model = model

    def complete(self, instruction: str, text: str) -> str:
        """The model's answer, stripped and not empty.

        Raises
        ------
        JobError
            It cannot be reached, refuses, or answers something else. The error holds neither text nor answer.
        """
        text = sendable(text)
        body: dict[str, Json] = {
            "model": self._model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": sendable(instruction)},
                {"role": "user", "content": text},
            ],
        }
        self.n_tokens = None
        answer = self._exchange.post("/chat/completions", body, n_characters=len(text))
        self.n_tokens = _counted_tokens(answer)
        try:
            choice = answer["choices"][0]  # type: ignore[index,call-overload]
            content, reason = choice["message"]["content"], choice.get("finish_reason")  # type: ignore[index,call-overload,union-attr]
        except (KeyError, IndexError, TypeError, AttributeError):
            raise self._exchange.wrong_answer("no message under 'choices'") from None
        if not isinstance(content, str) or not content.strip():
            raise self._exchange.wrong_answer("an empty message")
        if reason not in (None, "stop"):
            raise self._exchange.wrong_answer("a message that is not finished")
        return content.strip()


def make_chat_model(
    settings: ChatSettings,
    *,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> ChatModel | None:
    """Return the configured language model; None when it is off. Nothing is sent yet.

    Parameters
    ----------
    transport, sleep
        For tests: what carries requests, and what waits between tries.

    Raises
    ------
    InputError
        The settings cannot be used.
    """
    if settings.kind == "off":
        return None
    check_address("language model", settings.url, plain_http=False)
    if settings.kind != "openai" or not settings.model or settings.timeout_s <= 0:
        raise InputError(
            f"a language model of kind {settings.kind!r} with the name {settings.model!r} and a timeout of"
            f" {settings.timeout_s} s cannot be used.",
            next_step="Use 'off' or 'openai', the name of a model, and a timeout above 0.",
        )
    exchange = Exchange(
        url=settings.url.rstrip("/"),
        headers={"Authorization": f"Bearer {settings.key}"} if settings.key else {},
        timeout_s=settings.timeout_s,
        attempts=1,
        service="language model",
        transport=transport,
        sleep=sleep,
    )
    return ChatModel(exchange, settings.model)


def _counted_tokens(answer: Json) -> int | None:
    usage = answer.get("usage") if isinstance(answer, dict) else None
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None


def read_key(file: str, *, setting: str) -> str:
    """The key of a service, from a file with nothing else in it; empty without a file.

    Raises
    ------
    InputError
        It cannot be read; the text names the setting and not the file's content.
    """
    if not file:
        return ""
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"the key of the {setting.removesuffix('_key_file').replace('_', ' ')} cannot be read.",
            next_step=f"Let the setting {setting!r} name a file with nothing but the key in it.",
        ) from None


def sendable(text: str) -> str:
    """Without lone surrogates, which JSON in UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
