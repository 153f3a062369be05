"""Phone numbers, judged by the numbering plans of the library ``phonenumbers``.

With ``+`` or ``00`` and a country a number need only be valid. Without, it must be valid in a country where the
language is spoken, and look or be called like one: order numbers are valid numbers of some country too often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.language.personal.spans import PersonalSpan

_RUN = re.compile(
    r"(?<![\w.,+\-/#€$£])(?:\+|00)?[ ]?\(?\d(?:[ \t.\-/()\u00a0\u2010\u2011\u2013]{0,3}\d){5,16}(?![\w]|[.,]\d|[ ]?[€$£%])"
)
_CALLED = re.compile(
    r"(?:phone|tel|call|mobile|cell|fax|whatsapp|sms|text me|ring|dial|reach|handy|telefon|mobil|rufnummer|anruf\w*|"
    r"t[ée]l[ée]phone|portable|appel\w*|tel[ée]fono|m[óo]vil|llam\w+|telefone|celular|cellulare|telefoon|电话|電話|手机|전화)"
    r"\W{0,3}(?:\w+\W{1,3}){0,4}\Z",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:order|invoice|ref|reference|case|ticket|tracking|account|booking|policy|serial|customer|contract|part|item|model|article|product|"
    r"bestell\w*|rechnung\w*|auftrag\w*|kunden\w*|vertrag\w*|vorgang\w*|commande|facture|pedido|factura|ordine|fattura)"
    r"\W{0,3}(?:(?:no|nr|id|number|num|nummer|#)\W{0,3})?(?:is\W)?\Z",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d\d[.\-/ ]\d{1,2}[.\-/ ]\d{1,2}|\d{1,2}[.\-/ ]\d{1,2}[.\-/ ](?:19|20)\d\d(?!\d)"
)
_AMERICAN = re.compile(r"(?:1[ .\-])?(?:\(\d{3}\)[ ]?|\d{3}[ .\-])\d{3}[ .\-]\d{4}")
_NATIONAL = re.compile(r"\(?0\d{1,5}[ )/.\-\u00a0]")
_REGIONS = {
    "en": ("GB", "US", "AU", "IE", "IN"),
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH", "CA"),
    "es": ("ES", "MX", "AR", "CO"),
    "it": ("IT", "CH"),
    "nl": ("NL", "BE"),
    "pt": ("PT", "BR"),
    "pl": ("PL",),
    "sv": ("SE",),
    "da": ("DK",),
    "no": ("NO",),
    "nb": ("NO",),
    "fi": ("FI",),
    "ja": ("JP",),
    "ko": ("KR",),
    "zh": ("CN", "TW", "HK"),
}
_EVERYWHERE = ("GB", "US", "DE", "FR", "ES", "IT")
_BEFORE = 48


def find_phones(text: str, language: str | None = None) -> Iterator[PersonalSpan]:
    """Phone numbers.

    Parameters
    ----------
    language
        ISO 639-1 code of the text, for numbers without a country; None or ``multilingual`` = six large countries.
    """
    for found in _RUN.finditer(text):
        shown = found[0].rstrip(" \t.-/(")
        lead = len(shown) - len(shown.lstrip())
        start, end = found.start() + lead, found.start() + len(shown)
        before = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
        # Many characters are no number with a country in front; asking the library costs ten times the rest.
        value = _valid(shown.strip(), before, (language or "").partition("-")[0])
        if value:
            yield PersonalSpan(start=start, end=end, kind="phone", certainty=0.9, value=value)


def _valid(shown: str, before: str, language: str) -> str:
    import phonenumbers  # noqa: PLC0415 - a second of start-up for who masks nothing

    if not shown.startswith("+") and _COUNTED.search(before):
        return ""
    if shown.startswith(("+", "00")):
        regions: tuple[str | None, ...] = (None,)
        shown = "+" + shown.lstrip("+0 ")
    else:
        if _DATE.search(shown):
            return ""
        looks = _AMERICAN.fullmatch(shown) or _NATIONAL.match(shown)
        if not looks and not _CALLED.search(before):
            return ""
        regions = _REGIONS.get(language, _EVERYWHERE)
    for region in regions:
        try:
            number = phonenumbers.parse(shown, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return ""
