"""Bytes to text, whatever a mail says its charset is.

Only charsets of a fixed list are used. Python knows codecs under names a mail could give that are no
charsets (``zlib``, ``unicode_escape``) or whose time is not linear (``idna``, ``punycode``).
"""

from __future__ import annotations

import codecs
import re

_ISO_8859 = {f"iso8859-{n}" for n in (*range(1, 12), *range(13, 17))}
_WINDOWS = {f"cp{n}" for n in (874, 932, 949, 950, *range(1250, 1259))}
_DOS = {f"cp{n}" for n in (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869)}
_OTHERS = {
    "ascii", "utf-8", "utf-8-sig", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
    "utf-32-be", "gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "euc_jp", "shift_jis", "shift_jisx0213",
    "shift_jis_2004", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext",
    "iso2022_kr", "euc_kr", "johab", "koi8-r", "koi8-u", "koi8-t", "mac-roman", "mac-latin2", "mac-cyrillic",
    "mac-greek", "mac-turkish", "tis-620", "ptcp154", "kz1048", "hp-roman8",
}  # fmt: skip
_KNOWN = frozenset(_ISO_8859 | _WINDOWS | _DOS | _OTHERS)
_WIDER = {
    "ascii": "utf-8-sig", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "utf-8": "utf-8-sig",
}  # fmt: skip
"""Charsets that mail programs name while they use a superset."""
_ALIASES = {
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "x-sjis": "cp932", "windows-31j": "cp932",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "utf-8-mac": "utf-8",
    "cp-850": "cp850", "x-gbk": "gbk", "macintosh": "mac-roman", "x-mac-roman": "mac-roman", "x-euc-jp": "euc_jp",
}  # fmt: skip
_SILENT = (
    "",
    "us-ascii",
    "ascii",
    "unknown-8bit",
    "x-unknown",
    "unknown",
    "default",
    "8bit",
    "binary",
    "none",
)
_NAME = re.compile(r"[a-z0-9][a-z0-9._:()+-]{0,39}")


def find_codec(charset: str) -> str | None:
    """The codec for a charset name, the wider one where programs misname it; None when it is none."""
    name = charset.strip(" \t'\"").lower()
    if _NAME.fullmatch(name) is None:
        return None
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(found, found) if found in _KNOWN else None


def decode_text(raw: bytes, charset: str, problems: list[str] | None = None) -> str:
    """Decode ``raw``; never fails.

    The named charset is tried first, then UTF-8, then Windows-1252. Bytes that are none of it become
    U+FFFD. What had to be done is added to ``problems``.
    """
    codec = find_codec(charset)
    if codec is None:
        if problems is not None and charset.strip(" \t'\"").lower() not in _SILENT:
            name = charset.strip()[:40].encode("ascii", "replace").decode()
            problems.append(f"the charset {name!r} is not known; the text was read as UTF-8 or Windows-1252")
        return _guess(raw)
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        pass
    if codec in ("utf-8-sig", "cp1252"):
        text = _guess(raw)
        if problems is not None and not (codec == "utf-8-sig" and charset.strip().lower() in _SILENT):
            problems.append(
                f"the text is not in its charset {charset.strip()[:40]!r}; it was read as another"
            )
        return text
    try:
        text = raw.decode("utf-8")
    except UnicodeError:
        text = raw.decode(codec, "replace")
    if problems is not None:
        problems.append(f"some bytes are not in the charset {charset.strip()[:40]!r}; they were replaced")
    return text


def _guess(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeError:
        return raw.decode("cp1252", "replace")
