"""Language detection."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.language import LANGUAGE_NAMES, detect_language, language_code

GERMAN = "Mein Paket ist leider immer noch nicht angekommen."
ENGLISH = "My parcel has still not arrived, what should I do now?"


def test_the_languages_of_the_product() -> None:
    texts = [
        ENGLISH,
        GERMAN,
        "Bonjour, mon colis n'est toujours pas arrivé depuis une semaine.",
        "Hola, todavía no he recibido mi paquete y estoy muy preocupado.",
        "Buongiorno, il mio pacco non è ancora arrivato, potete aiutarmi?",
        "Hallo, mijn pakket is nog steeds niet aangekomen, kunt u helpen?",
        "Boa tarde, a minha encomenda ainda não chegou, podem ajudar-me?",
        "荷物がまだ届いていません。確認していただけますか。",
    ]
    assert detect_language(texts) == ["en", "de", "fr", "es", "it", "nl", "pt", "ja"]


def test_short_texts_take_the_languages_of_the_source() -> None:
    assert detect_language([GERMAN, "ok", GERMAN, "danke", ENGLISH]) == ["de", "de", "de", "de", "en"]
    assert detect_language(["ok", GERMAN], seen={"fr": 40}) == ["fr", "de"]


def test_equally_frequent_languages_are_settled_by_the_alphabet() -> None:
    assert detect_language([ENGLISH, GERMAN, "ok"])[2] == "de"
    assert detect_language([GERMAN, ENGLISH, "ok"])[2] == "de"


def test_what_could_be_two_languages_is_what_the_source_is() -> None:
    text = "Vis alarmer i morgen"
    assert detect_language([text], seen={"da": 200}) == ["da"]
    assert detect_language([text], seen={"no": 200}) == ["no"]


def test_a_sure_text_is_not_bent_to_the_source() -> None:
    assert detect_language([GERMAN], seen={"en": 100_000}) == ["de"]


def test_without_any_hint_a_short_text_is_unknown() -> None:
    assert detect_language(["ok", ""]) == [None, None]
    assert detect_language([]) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345678901234567890",
        "INV-2041 / 88.20 EUR2",
        "\U0001f44d\U0001f44d\U0001f44d",
        "https://example.org/where/is/my/parcel jane.doe@example.org",
        "def total(x): return x[0] + y.foo(3)",
        "2026-11-25 10:00:01 ERROR com.acme.Foo: NullPointerException at Bar.java:12",
        "Hello my friend, добрый день to you",
        "добрый день שלום לכולם",
    ],
)
def test_numbers_code_addresses_and_mixed_scripts_are_unknown(text: str) -> None:
    assert detect_language([text], seen={"en": 1_000, "ru": 1_000, "he": 1_000}) == [None]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ありがとう", "ja"),
        ("谢谢", "zh"),
        ("안녕하세요", "ko"),
        ("ขอบคุณ", "th"),
        ("ευχαριστώ", "el"),
        ("私のiPhoneのSIMカードが届かない", "ja"),
        ("我的 iPhone 充电器 Lightning 坏了，请帮我换一个新的", "zh"),
    ],
)
def test_a_script_tells_even_of_a_short_text(text: str, language: str) -> None:
    assert detect_language([text], seen={"en": 1_000}) == [language]


def test_a_short_text_is_never_put_into_a_language_of_another_script() -> None:
    assert detect_language(["спасибо", "спасибо"], seen={"en": 9}) == [None, None]
    assert detect_language(["спасибо"], seen={"en": 9, "ru": 1}) == ["ru"]


def test_a_long_text_without_blanks_takes_no_time() -> None:
    texts = ["aGVsbG8" * 100_000, "x@" * 100_000, "'" * 100_000, "日" * 100_000]
    start = time.process_time()
    detect_language(texts)
    assert time.process_time() - start < 1


def test_broken_encoding_is_judged_all_the_same() -> None:
    assert detect_language([GERMAN + " \ud800"]) == ["de"]


def test_the_answer_for_english_is_no_dialect() -> None:
    texts = ["Show me all my reminders", "Set alarm for 6 am on Saturday", "Is it going to rain tomorrow?"]
    assert detect_language(texts) == ["en", "en", "en"]


@given(st.lists(st.text(max_size=60), max_size=5), st.sampled_from([None, {"en": 3}, {"ru": 2, "ja": 1}]))
def test_any_text_gets_a_known_code_or_none(texts: list[str], seen: dict[str, int] | None) -> None:
    found = detect_language(texts, seen=seen)
    assert len(found) == len(texts)
    assert all(code is None or code in LANGUAGE_NAMES for code in found)


@pytest.mark.parametrize("code", sorted(LANGUAGE_NAMES))
def test_codes_and_names_are_read_back(code: str) -> None:
    assert language_code(code) == code
    assert language_code(LANGUAGE_NAMES[code].upper()) == code
    assert language_code(f" {code.upper()}-XX ") == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("deu", "de"), ("ger", "de"), ("zh-Hant-TW", "zh"), ("pt_BR", "pt"), ("Deutsch", "de"), ("nb", "no"),
        ("nn-NO", "no"), ("iw", "he"), ("in", "id"), ("日本語", "ja"), ("fil", "tl"), ("", None), ("xx", None),
        ("klingon", None), ("und", None),
    ],
)  # fmt: skip
def test_spellings_of_languages(written: str, code: str | None) -> None:
    assert language_code(written) == code
