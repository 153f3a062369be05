"""Telling the languages of texts, and having them translated."""

from __future__ import annotations

from typing import Any

from workbench.errors import JobError
from workbench.language import (
    Budget,
    MemoryCache,
    TranslatorSettings,
    detect_language,
    language_code,
    make_translator,
    read_key,
    translate_texts,
)
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import read_table

AT_ONCE = 8
"""Messages after which translations are handed over to be kept."""


def detect(payload: dict[str, Any], _report: Report) -> list[str | None]:
    """The language of each message of an Arrow file, given how many of its source are in which."""
    table = read_table(payload["texts"])
    subjects, bodies = table.column("subject").to_pylist(), table.column("body").to_pylist()
    # The body first: subjects are short, and full of numbers and "Re:".
    texts = [f"{body}\n{subject}" for subject, body in zip(subjects, bodies, strict=True)]
    return detect_language(texts, seen=payload["seen"])


def translate(payload: dict[str, Any], report: Report) -> int:
    """Translate the messages of an Arrow file, a few at a time; returns the characters that were sent.

    Each few are handed over as ``rows`` and ``texts``, pairs of subject and body. A blank subject stays blank.
    """
    table = read_table(payload["texts"])
    columns = {name: table.column(name).to_pylist() for name in ("subject", "body", "language")}
    codes = [language_code(written) or written for written in columns["language"]]
    translator = make_translator(
        TranslatorSettings(
            kind=payload["kind"],
            url=payload["url"],
            model=payload["model"],
            key=read_key(payload["key_file"], setting="translator_key_file"),
            timeout_s=payload["timeout_s"],
        )
    )
    if translator is None:
        raise JobError("no translator is configured.", next_step="Set 'translator' and 'translator_url'.")
    budget, cache = Budget(payload["budget"] or None), MemoryCache()
    budget.n_spent = payload["spent"]
    for start in range(0, table.num_rows, AT_ONCE):
        rows = list(range(start, min(start + AT_ONCE, table.num_rows)))
        texts = [columns[name][row] for name in ("subject", "body") for row in rows]
        made = translate_texts(
            texts,
            [codes[row] for row in rows] * 2,
            translator,
            target=payload["target"],
            cache=cache,
            budget=budget,
            cancelled=report.cancelled,
        )
        said = [text if one is None else one.text for text, one in zip(texts, made, strict=True)]
        report.item({"rows": rows, "texts": list(zip(said[: len(rows)], said[len(rows) :], strict=True))})
    return budget.n_spent - int(payload["spent"])
