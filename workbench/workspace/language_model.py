"""The language model that is configured, and what may still be sent to it today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from workbench.errors import JobError
from workbench.settings import Settings

_CHARACTERS_PER_TOKEN = 4


class LanguageModel:
    """The configured model, asked in the process of the owner. Thread-safe; nothing is sent before it is asked.

    Parameters
    ----------
    folder
        Where the key's file lies when its name is relative: the workspace's folder.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._lock = Lock()
        self._day = date.min
        self._n_sent = 0

    @property
    def is_on(self) -> bool:
        """Whether one is configured."""
        return self._settings.language_model not in ("", "off")

    @property
    def name(self) -> str:
        """Which and where, without a secret; ``off`` for none."""
        settings = self._settings
        if not self.is_on:
            return "off"
        host = settings.language_model_url.rpartition("@")[2].partition("?")[0].rstrip("/")
        return f"{settings.language_model_name} {host}".strip()

    def complete(
        self,
        instruction: str,
        text: str,
        *,
        now: datetime,
        on_tokens: Callable[[int, bool], None] = lambda _n, _counted: None,
    ) -> str:
        """The model's answer.

        Parameters
        ----------
        on_tokens
            Called with the tokens of question and answer, and whether the service counted them; where it does not,
            they are taken as a quarter of the characters.

        Raises
        ------
        InputError
            The settings cannot be used.
        JobError
            The budget of the day is used up, or the model cannot be reached, refuses or answers something else.
        """
        from workbench.language import ChatSettings, make_chat_model, read_key  # noqa: PLC0415 - light start

        settings, key_file = self._settings, self._settings.language_model_key_file
        model = make_chat_model(
            ChatSettings(
                kind=settings.language_model,  # type: ignore[arg-type]  # checked there
                url=settings.language_model_url,
                key=read_key(
                    str(self._folder / key_file) if key_file else "", setting="language_model_key_file"
                ),
                model=settings.language_model_name,
                timeout_s=settings.language_model_timeout_s,
            )
        )
        if model is None:
            raise JobError("no language model is configured.", next_step="Set 'language_model'.")
        self._spend(len(instruction) + len(text), now.date())
        answer = model.complete(instruction, text)
        n_characters = len(instruction) + len(text) + len(answer)
        if model.n_tokens is None:
            on_tokens(-(-n_characters // _CHARACTERS_PER_TOKEN), False)
        else:
            on_tokens(model.n_tokens, True)
        return answer

    def _spend(self, n_characters: int, today: date) -> None:
        budget = self._settings.language_model_budget
        with self._lock:
            spent = self._n_sent if self._day == today else 0
            if budget and spent + n_characters > budget:
                raise JobError(
                    f"the language model's budget of {budget:,} characters a day does not cover {n_characters:,} more;"
                    f" {spent:,} were sent.",
                    next_step="Raise 'language_model_budget', or ask again tomorrow (UTC).",
                    details={"budget": budget, "spent": spent, "wanted": n_characters},
                )
            self._day, self._n_sent = today, spent + n_characters
