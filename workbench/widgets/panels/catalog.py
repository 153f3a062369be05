"""What the screens of sources and datasets share: choices, days and counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from workbench.domain import MULTILINGUAL, SourceId
from workbench.domain import Dataset as DatasetInfo

Option = dict[str, str]

TITLE, DESCRIPTION = 128, 16_384
"""Most characters of a title and of a description."""

_LANGUAGES = {
    "en": "English", "nl": "Dutch", "fr": "French", "de": "German", "it": "Italian", "ja": "Japanese",
    "pt": "Portuguese", "es": "Spanish", "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech",
    "zh": "Chinese", "hr": "Croatian", "da": "Danish", "et": "Estonian", "fi": "Finnish", "el": "Greek",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "ga": "Irish", "ko": "Korean",
    "lv": "Latvian", "lt": "Lithuanian", "nb": "Norwegian", "fa": "Persian", "pl": "Polish", "ro": "Romanian",
    "ru": "Russian", "sr": "Serbian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip


def language_options() -> list[Option]:
    """Languages to choose from; other codes may be typed."""
    named = [{"value": code, "title": f"{name} ({code})"} for code, name in _LANGUAGES.items()]
    return [{"value": MULTILINGUAL, "title": "Multilingual"}, *named]


def language_words(code: str) -> str:
    """A language in words: ``German``; a code without a name stays."""
    return "Multilingual" if code == MULTILINGUAL else _LANGUAGES.get(code, code)


def options(values: Iterable[str]) -> list[Option]:
    """Values that are their own titles."""
    return [{"value": value, "title": value} for value in values]


def text_field(key: str, title: str, **more: Any) -> dict[str, Any]:
    """A field of one line."""
    return {"key": key, "kind": "text", "title": title, **more}


def about_fields() -> list[dict[str, Any]]:
    """Title and description, which may always change."""
    return [
        text_field("title", "Title", most=TITLE, help="What people see; empty = the name."),
        {"key": "description", "kind": "area", "title": "Description", "most": DESCRIPTION},
    ]


def home_fields(projects: Iterable[str], noun: str) -> list[dict[str, Any]]:
    """Project and name, fixed at creation."""
    return [
        {
            "key": "project",
            "kind": "combo",
            "title": "Project",
            "options": options(projects),
            "required": True,
            "help": "A new name makes a new project. Fixed from here on.",
            "most": 256,
        },
        text_field(
            "name",
            "Name",
            required=True,
            most=256,
            help=f"Letters, digits, - and _. Names the {noun} in addresses and code. Fixed from here on.",
        ),
    ]


def day(at: datetime | None) -> str:
    """A day as people write it; a dash for none."""
    return f"{at.day} {at:%b %Y}" if at else "–"


def counted(n: int, noun: str) -> str:
    """``1 message``, ``2,000 messages``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def using(datasets: Iterable[DatasetInfo], source_id: SourceId) -> list[DatasetInfo]:
    """The datasets that use a source."""
    return [one for one in datasets if source_id in one.source_ids]
