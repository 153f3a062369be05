"""Telling the languages of texts."""

from __future__ import annotations

from typing import Any

from workbench.language import detect_language
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import read_table


def detect(payload: dict[str, Any], _report: Report) -> list[str | None]:
    """The language of each message of an Arrow file, given how many of its source are in which."""
    table = read_table(payload["texts"])
    subjects, bodies = table.column("subject").to_pylist(), table.column("body").to_pylist()
    # The body first: subjects are short, and full of numbers and "Re:".
    texts = [f"{body}\n{subject}" for subject, body in zip(subjects, bodies, strict=True)]
    return detect_language(texts, seen=payload["seen"])
