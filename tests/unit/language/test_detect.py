"""Language detection."""

from __future__ import annotations

from workbench.language import detect_language

GERMAN = "Mein Paket ist leider immer noch nicht angekommen."
ENGLISH = "My parcel has still not arrived, what should I do now?"


def test_common_languages() -> None:
    texts = [
        ENGLISH,
        GERMAN,
        "Bonjour, mon colis n'est toujours pas arrivé depuis une semaine.",
        "Hola, todavía no he recibido mi paquete y estoy muy preocupado.",
        "Buongiorno, il mio pacco non è ancora arrivato, potete aiutarmi?",
        "Hallo, mijn pakket is nog steeds niet aangekomen, kunt u helpen?",
    ]
    assert detect_language(texts) == ["en", "de", "fr", "es", "it", "nl"]


def test_short_texts_take_the_majority() -> None:
    assert detect_language([GERMAN, "ok", GERMAN, "12345678901234567890", ENGLISH]) == [
        "de",
        "de",
        "de",
        "de",
        "en",
    ]


def test_fallback_when_nothing_can_be_judged() -> None:
    assert detect_language(["ok", ""]) == ["en", "en"]
    assert detect_language(["ja"], fallback="de") == ["de"]
    assert detect_language([]) == []


def test_broken_encoding_is_judged_all_the_same() -> None:
    assert detect_language([GERMAN + " \ud800"]) == ["de"]
