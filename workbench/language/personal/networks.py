"""Addresses of mail, of machines, and of web pages that name somebody.

Each search begins at a mark that is found at once (``@``, ``://``) and looks at a bounded stretch around it, so that
no text takes more than a fixed time per character.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from workbench.language.personal.spans import PersonalSpan

_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[\w\-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w\-])")
_AT = re.compile("[@＠]")
_PAGE = re.compile(r"://[^\s<>\"'()\[\]{}|\\]{1,2000}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,15}\Z")
_OF_A_PERSON = re.compile(
    r"\A://[^/?#@]{1,256}@|/(?:in|u|user|users|profile|profiles|people|member|members)/[^/?#]{2,}|/[~@][^/?#]{2,}",
    re.IGNORECASE,
)
_IP4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)")
_IP6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])")
_VERSION = re.compile(r"(?:\bv|ver|version|release|build|section|chapter|firmware)\W{0,3}\Z", re.IGNORECASE)
_LEFT = 64
"""Longest local part of an address, RFC 5321 section 4.5.3.1.1."""


def find_networks(text: str) -> Iterator[PersonalSpan]:
    """Addresses of mail, IPv4 and IPv6 addresses, and URLs with a user in them; they may overlap."""
    yield from _emails(text)
    yield from _pages(text)
    yield from _machines(text)


def _emails(text: str) -> Iterator[PersonalSpan]:
    for at in _AT.finditer(text):
        first = max(0, at.start() - _LEFT)
        local = _LOCAL.search(text[first : at.start()])
        domain = _DOMAIN.match(text, at.end())
        if local is None or domain is None:
            continue
        start = first + local.start() + len(local[0]) - len(local[0].lstrip(".'`/=*"))
        if start == at.start():
            continue
        value = f"{text[start : at.start()]}@{domain[0]}".casefold()
        yield PersonalSpan(start=start, end=domain.end(), kind="email", certainty=1.0, value=value)


def _pages(text: str) -> Iterator[PersonalSpan]:
    for page in _PAGE.finditer(text):
        first = max(0, page.start() - 16)
        scheme = _SCHEME.search(text[first : page.start()])
        if scheme is None or not _OF_A_PERSON.search(page[0]):
            continue
        start, end = first + scheme.start(), page.start() + len(page[0].rstrip(".,;:!?"))
        yield PersonalSpan(start=start, end=end, kind="url", certainty=1.0, value=text[start:end].casefold())


def _machines(text: str) -> Iterator[PersonalSpan]:
    for found in (*_IP4.finditer(text), *_IP6.finditer(text)):
        if _VERSION.search(text[max(0, found.start() - 16) : found.start()]):
            continue
        if ":" in found[0] and (found[0].count(":") < 3 or not any(map(str.isdigit, found[0]))):  # noqa: PLR2004 - "a::b" is a name in a program
            continue
        try:
            value = str(ipaddress.ip_address(found[0]))
        except ValueError:
            continue
        yield PersonalSpan(start=found.start(), end=found.end(), kind="ip", certainty=0.9, value=value)
