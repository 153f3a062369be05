"""Account, card and national numbers that carry a check digit, judged by the library ``python-stdnum``.

A number whose check lets one in ten or so pass is only believed where a word in front says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from workbench.language.personal.spans import PersonalSpan

_DIGITS = re.compile(r"\d[ .\-/]?\d")
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}[ \-]?(?=[A-Za-z0-9])")
_IBAN_LENGTHS = range(34, 14, -1)
_CARD = re.compile(r"(?<![\w.,+])\d(?:[ \-]?\d){12,18}(?![\w]|[.,]\d)")
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|65\d\d|64[4-9]\d)\d{12}|(?:36|38|30[0-5]\d|3095)\d{10,12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)
"""Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay, by their published ranges."""
_BEFORE = 48


@dataclass(frozen=True, kw_only=True)
class _NationalNumber:
    """A number that states give to persons.

    Attributes
    ----------
    module
        Of ``stdnum``: its ``is_valid`` checks the digits, its ``compact`` strips the spelling.
    shape
        Regular expression without variable repetition beyond a space or mark between digits.
    called
        Words, one of which has to stand before it; empty = the form speaks for itself.
    """

    module: str
    shape: str
    called: str = ""


_G = r"[ .\-/]?"
NATIONAL = (
    _NationalNumber(
        module="fr.nir", shape=rf"[12]{_G}\d\d{_G}[0-1]\d{_G}\d[\dAB]{_G}\d{{3}}{_G}\d{{3}}{_G}\d\d"
    ),
    _NationalNumber(module="es.dni", shape=r"\d{8}[ \-]?[A-Z]"),
    _NationalNumber(module="es.nie", shape=r"[XYZ][ \-]?\d{7}[ \-]?[A-Z]"),
    _NationalNumber(module="it.codicefiscale", shape=r"[A-Z]{6}\d[\dL-V][A-Z]\d[\dL-V][A-Z][\dL-V]{3}[A-Z]"),
    _NationalNumber(module="ch.ssn", shape=r"756\.?\d{4}\.?\d{4}\.?\d{2}"),
    _NationalNumber(module="cn.ric", shape=r"[1-9]\d{5}(?:19|20)\d{9}[\dX]"),
    _NationalNumber(module="mx.curp", shape=r"[A-Z]{4}\d{6}[HM][A-Z]{5}[\dA-Z]\d"),
    _NationalNumber(module="fi.hetu", shape=r"[0-3]\d[01]\d{3}[+\-A]\d{3}[\dA-Z]"),
    _NationalNumber(module="br.cpf", shape=r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    _NationalNumber(module="us.ssn", shape=r"\d{3}-\d\d-\d{4}"),
    _NationalNumber(module="se.personnummer", shape=r"(?:19|20)?\d{6}[+\-]\d{4}", called=r"person\w*|pnr"),
    _NationalNumber(
        module="de.idnr", shape=rf"\d\d{_G}\d{{3}}{_G}\d{{3}}{_G}\d{{3}}", called=r"steuer\w*|idnr|tin|tax"
    ),
    _NationalNumber(module="gb.nhs", shape=rf"\d{{3}}{_G}\d{{3}}{_G}\d{{4}}", called="nhs"),
    _NationalNumber(
        module="nl.bsn", shape=rf"\d{{4}}{_G}\d\d{_G}\d{{3}}|\d{{9}}", called=r"bsn|burgerservice\w*|sofi\w*"
    ),
    _NationalNumber(module="pl.pesel", shape=r"\d{11}", called="pesel"),
    _NationalNumber(module="no.fodselsnummer", shape=r"\d{6}[ ]?\d{5}", called=r"f.dsels\w*|personn\w*|fnr"),
    _NationalNumber(
        module="be.nn", shape=r"\d\d\.?\d\d\.?\d\d[ \-]?\d{3}\.?\d\d", called=r"rijksregister\w*|nn|niss|insz"
    ),
    _NationalNumber(module="pt.nif", shape=r"\d{3}[ ]?\d{3}[ ]?\d{3}", called=r"nif|contribuinte"),
    _NationalNumber(module="ca.sin", shape=r"\d{3}[ \-]?\d{3}[ \-]?\d{3}", called="sin|social insurance|nas"),
    _NationalNumber(module="in_.aadhaar", shape=r"\d{4}[ \-]?\d{4}[ \-]?\d{4}", called="aadha+r|uid"),
    _NationalNumber(module="br.cpf", shape=r"\d{11}", called="cpf"),
)


def find_numbers(text: str) -> Iterator[PersonalSpan]:
    """IBANs, payment cards and national numbers; they may overlap."""
    if not _DIGITS.search(text):
        return
    yield from _ibans(text)
    for found in _CARD.finditer(text):
        digits = found[0].replace(" ", "").replace("-", "")
        if _ISSUED.fullmatch(digits) and _checker("luhn").is_valid(digits):
            yield PersonalSpan(start=found.start(), end=found.end(), kind="card", certainty=1.0, value=digits)
    is_called = _any_called().search(text) is not None
    for number, shape, called in _shapes():
        if called and not is_called:
            continue
        for found in shape.finditer(text):
            if called and not called.search(_before(text, found.start())):
                continue
            checker = _checker(number.module)
            if checker.is_valid(found[0]):
                value = f"{number.module}:{checker.compact(found[0])}"
                certainty = 0.9 if called else 1.0
                yield PersonalSpan(
                    start=found.start(), end=found.end(), kind="id", certainty=certainty, value=value
                )


def _before(text: str, start: int) -> str:
    """The line before a place, as far as it may tell what stands there."""
    return text[max(0, start - _BEFORE) : start].rpartition("\n")[2]


def _ibans(text: str) -> Iterator[PersonalSpan]:
    for found in _IBAN.finditer(text):
        places = _places(text, found.start())
        for n in _IBAN_LENGTHS:
            if n > len(places):
                continue
            end = places[n - 1] + 1
            if text[end : end + 1].isalnum():
                continue
            value = "".join(text[place] for place in places[:n]).upper()
            if _leaves_one(value) and _checker("iban").is_valid(value):
                yield PersonalSpan(start=found.start(), end=end, kind="iban", certainty=1.0, value=value)
                break


def _leaves_one(value: str) -> bool:
    """The check of ISO 7064 alone, which 96 of 97 wrong ones fail: the library also asks the country's form."""
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def _places(text: str, start: int) -> list[int]:
    """Places of up to 34 letters and digits from ``start`` on, with at most one space or hyphen between two."""
    places: list[int] = []
    gap = False
    for place in range(start, min(len(text), start + 2 * _IBAN_LENGTHS[0])):
        sign = text[place]
        if sign.isascii() and sign.isalnum():
            places.append(place)
            gap = False
        elif gap or sign not in " -\u00a0":
            break
        else:
            gap = True
        if len(places) == _IBAN_LENGTHS[0]:
            break
    return places


@cache
def _shapes() -> tuple[tuple[_NationalNumber, re.Pattern[str], re.Pattern[str] | None], ...]:
    return tuple(
        (
            one,
            re.compile(rf"(?<![\w+])(?:{one.shape})(?![\w]|[.\-]\d)"),
            re.compile(rf"\b(?:{one.called})\b", re.IGNORECASE) if one.called else None,
        )
        for one in NATIONAL
    )


@cache
def _any_called() -> re.Pattern[str]:
    """Any of the words that say what a number is: most texts have none, and need not be searched for ten shapes."""
    return re.compile(rf"\b(?:{'|'.join(one.called for one in NATIONAL if one.called)})\b", re.IGNORECASE)


@cache
def _checker(name: str) -> Any:
    """A module of ``stdnum``, loaded when it is first needed."""
    return import_module(f"stdnum.{name}")
