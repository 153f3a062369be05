"""Writing systems: which one a text is in, and which ones a language is written in."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import lru_cache

# First character, last character, script; ascending.
_RANGES = (
    (0x0041, 0x024F, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0531, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"),
    (0x0A80, 0x0AFF, "gujarati"),
    (0x0B00, 0x0B7F, "oriya"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0C00, 0x0C7F, "telugu"),
    (0x0C80, 0x0CFF, "kannada"),
    (0x0D00, 0x0D7F, "malayalam"),
    (0x0D80, 0x0DFF, "sinhala"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x1000, 0x109F, "burmese"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"),
    (0x1780, 0x17FF, "khmer"),
    (0x1E00, 0x1EFF, "latin"),
    (0x1F00, 0x1FFF, "greek"),
    (0x3041, 0x30FF, "kana"),
    (0x3130, 0x318F, "hangul"),
    (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFF, "arabic"),
    (0xFF21, 0xFF5A, "latin"),
    (0xFF66, 0xFF9F, "kana"),
    (0x20000, 0x323AF, "han"),
)
_FIRST = [first for first, _, _ in _RANGES]

ONE_LANGUAGE = {
    "armenian": "hy",
    "burmese": "my",
    "ethiopic": "am",
    "georgian": "ka",
    "greek": "el",
    "gujarati": "gu",
    "gurmukhi": "pa",
    "hangul": "ko",
    "hebrew": "he",
    "kana": "ja",
    "kannada": "kn",
    "khmer": "km",
    "lao": "lo",
    "malayalam": "ml",
    "oriya": "or",
    "sinhala": "si",
    "tamil": "ta",
    "telugu": "te",
    "thai": "th",
}
"""Scripts in which practically all messages are in one language."""

_WRITTEN_IN = {language: (script,) for script, language in ONE_LANGUAGE.items()} | {
    "ar": ("arabic",), "as": ("bengali",), "be": ("cyrillic",), "bg": ("cyrillic",), "bn": ("bengali",),
    "fa": ("arabic",), "hi": ("devanagari",), "ja": ("han", "kana"), "kk": ("cyrillic",), "ky": ("cyrillic",),
    "mk": ("cyrillic",), "mn": ("cyrillic",), "mr": ("devanagari",), "ne": ("devanagari",), "ps": ("arabic",),
    "ru": ("cyrillic",), "sa": ("devanagari",), "sd": ("arabic",), "sr": ("cyrillic", "latin"),
    "ug": ("arabic",), "uk": ("cyrillic",), "ur": ("arabic",), "uz": ("cyrillic", "latin"), "yi": ("hebrew",),
    "zh": ("han",),
}  # fmt: skip

_DENSE = {"han": 3, "kana": 3, "hangul": 2}
"""A character of these scripts says about as much as this many letters."""


def written_in(language: str, script: str) -> bool:
    """Whether a language is usually written in a script; unlisted languages are written in Latin letters."""
    return script in _WRITTEN_IN.get(language, ("latin",))


@lru_cache(maxsize=4_096)
def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    place = bisect_right(_FIRST, ord(character)) - 1
    if place < 0 or ord(character) > _RANGES[place][1]:
        return "other"
    return _RANGES[place][2]


def script_shares(text: str) -> dict[str, float]:
    """Part of the letters that is in each script, dense scripts weighted; empty for a text without a letter.

    A text with a tenth of its Chinese or Japanese characters in kana is ``"kana"``, as Chinese has none.
    """
    if text.isascii():
        return {"latin": 1.0} if any(map(str.isalpha, text)) else {}
    counts = Counter(map(_script, text))
    counts.pop("", None)
    n_kana, n_han = counts.pop("kana", 0), counts.pop("han", 0)
    if n_kana or n_han:
        counts["kana" if n_kana * 10 >= n_kana + n_han else "han"] = n_kana + n_han
    weights = {script: n * _DENSE.get(script, 1) for script, n in counts.items()}
    total = sum(weights.values())
    return {script: weight / total for script, weight in weights.items()}


def n_letters(text: str) -> int:
    """Letters of a text, Chinese and Japanese characters counted as 3 and Korean ones as 2."""
    if text.isascii():
        return sum(map(str.isalpha, text))
    return sum(n * _DENSE.get(script, 1) for script, n in Counter(map(_script, text)).items() if script)
