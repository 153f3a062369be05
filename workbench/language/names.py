"""Languages by ISO 639-1 code: their English names, and the many ways in which files write them."""

from __future__ import annotations

LANGUAGE_NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "as": "Assamese", "az": "Azerbaijani",
    "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "br": "Breton", "bs": "Bosnian",
    "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "fy": "Western Frisian", "ga": "Irish", "gd": "Scottish Gaelic",
    "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "jv": "Javanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada",
    "ko": "Korean", "ku": "Kurdish", "ky": "Kyrgyz", "la": "Latin", "lo": "Lao", "lt": "Lithuanian",
    "lv": "Latvian", "mg": "Malagasy", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian",
    "mr": "Marathi", "ms": "Malay", "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "om": "Oromo", "or": "Oriya", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sa": "Sanskrit", "sd": "Sindhi", "si": "Sinhala", "sk": "Slovak",
    "sl": "Slovenian", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "su": "Sundanese",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Filipino",
    "tr": "Turkish", "ug": "Uyghur", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
    "xh": "Xhosa", "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip
"""The languages this package tells apart, by code."""

_THREE_LETTERS = (
    "afr:af alb:sq sqi:sq amh:am ara:ar arb:ar arm:hy hye:hy asm:as aze:az baq:eu eus:eu bel:be ben:bn bos:bs bre:br "
    "bul:bg bur:my mya:my cat:ca ces:cs cze:cs chi:zh zho:zh cmn:zh yue:zh wuu:zh cym:cy wel:cy dan:da deu:de ger:de "
    "dut:nl nld:nl ell:el gre:el eng:en pcm:en epo:eo est:et fas:fa per:fa pes:fa fil:tl tgl:tl fin:fi fra:fr fre:fr "
    "fry:fy geo:ka kat:ka gla:gd gle:ga glg:gl guj:gu hau:ha heb:he hin:hi hrv:hr scr:hr hun:hu ice:is isl:is ind:id "
    "ita:it jav:jv jpn:ja kan:kn kaz:kk khm:km kir:ky kmr:ku kor:ko kur:ku lao:lo lat:la lav:lv lit:lt mac:mk mkd:mk "
    "mal:ml mar:mr may:ms msa:ms zsm:ms mlg:mg mon:mn nep:ne nob:no nno:no nor:no ori:or ory:or orm:om pan:pa pol:pl "
    "por:pt pus:ps ron:ro rum:ro rus:ru san:sa sin:si slk:sk slo:sk slv:sl snd:sd som:so spa:es srp:sr scc:sr sun:su "
    "swa:sw swe:sv tam:ta tel:te tha:th tur:tr uig:ug ukr:uk urd:ur uzb:uz vie:vi xho:xh yid:yi arz:ar ary:ar"
)
_OWN_NAMES = (
    "deutsch:de español:es espanol:es castellano:es français:fr francais:fr italiano:it nederlands:nl português:pt "
    "portugues:pt 日本語:ja 中文:zh 한국어:ko русский:ru polski:pl türkçe:tr svenska:sv dansk:da norsk:no suomi:fi "
    "العربية:ar farsi:fa tagalog:tl mandarin:zh bokmål:no"
)
# Codes that were withdrawn or that name a part of another language.
_OTHER_CODES = "nb:no nn:no iw:he in:id ji:yi jw:jv mo:ro sh:sr"

_CODES = {
    **{code: code for code in LANGUAGE_NAMES},
    **{name.lower(): code for code, name in LANGUAGE_NAMES.items()},
    **dict(pair.split(":") for pair in f"{_THREE_LETTERS} {_OWN_NAMES} {_OTHER_CODES}".split()),
}


def language_code(written: str) -> str | None:
    """Return the ISO 639-1 code of a language as files write it; None for what is no language known here.

    Takes two and three letters, a region or script after them, English names, own names of the most frequent
    languages, and anything in parentheses behind them.

    Examples
    --------
    >>> [language_code(written) for written in ("EN", "de-AT", "zh_Hant", "fre", "Dutch (BE)", "nb", "?")]
    ['en', 'de', 'zh', 'fr', 'nl', 'no', None]
    """
    plain = written.split("(", maxsplit=1)[0].strip().lower()
    return _CODES.get(plain) or _CODES.get(plain.replace("_", "-").split("-")[0])


def language_name(code: str | None) -> str:
    """Return the English name of a code, the code itself where there is none, "unknown" for None.

    Examples
    --------
    >>> language_name("pt"), language_name("xx"), language_name(None)
    ('Portuguese', 'xx', 'unknown')
    """
    return "unknown" if code is None else LANGUAGE_NAMES.get(code, code)
