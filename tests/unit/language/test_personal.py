"""Personal data in texts: what is found, what is left alone, and how long it takes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.language.personal import PersonalSpan, Pseudonyms, find_personal, known_names
from workbench.language.personal.spans import apart

FOUND = [
    ("email", "write to anna.smith@example.org, please", "anna.smith@example.org"),
    ("email", "ÄÖ 🙂 <jürgen.müller@bücher.example>", "jürgen.müller@bücher.example"),
    ("email", "mailto:a@b.example.org?subject=x", "a@b.example.org"),
    ("phone", "ring +49 30 901820 now", "+49 30 901820"),
    ("phone", "fax: 0044 20 7946 0958.", "0044 20 7946 0958"),
    ("phone", "my number is 020 7946 0958", "020 7946 0958"),
    ("phone", "(415) 555-2671 is mine", "(415) 555-2671"),
    ("phone", "you can call me on 4155552671", "4155552671"),
    ("iban", "to DE89 3704 0044 0532 0130 00 BIC COBADEFF", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB29NWBK60161331926819", "GB29NWBK60161331926819"),
    ("card", "my card 4111 1111 1111 1111 expired", "4111 1111 1111 1111"),
    ("card", "amex 378282246310005", "378282246310005"),
    ("id", "Steuer-ID 36 574 261 809", "36 574 261 809"),
    ("id", "codice RSSMRA85T10A562S", "RSSMRA85T10A562S"),
    ("id", "DNI 54362315-K", "54362315-K"),
    ("id", "SSN 536-90-4399", "536-90-4399"),
    ("id", "her NHS number: 943 476 5870", "943 476 5870"),
    ("ip", "login from 192.168.1.20.", "192.168.1.20"),
    ("ip", "from 2001:db8::ff00:42:8329", "2001:db8::ff00:42:8329"),
    ("url", "see https://bob:secret@example.org/x.", "https://bob:secret@example.org/x"),
    ("url", "https://social.example/in/anna-smith", "https://social.example/in/anna-smith"),
    ("name", "Dear Mr Jones,\nthe card", "Jones"),
    ("name", "It broke.\n\nKind regards,\nPeter Pan", "Peter Pan"),
    ("name", "I spoke to Mrs O'Neill today", "O'Neill"),
]

LEFT = [
    "order 2024051212 of 2024-05-12 12:30, delivered 12.05.2024",
    "they took 1,234,567.89 EUR, then 1 234 567 and $4155552671",
    "invoice number 0207946095 and ticket 4155552671",
    "card 4111 1111 1111 1112 has a wrong digit",
    "version 1.2.3.4 at 12:30:45, std::vector, 300.1.1.1",
    "tracking 1Z999AA10123456784, ISBN 978-3-16-148410-0",
    "Dear Customer Support,\nhello there,\nThanks,\nThe Team",
    "DE89 3704 0044 0532 0130 01 has a wrong check",
    "I will pay in May, and mark it",
    "a@b and @handle, 5 @ 3.50",
]


def _found(text: str, kind: str) -> list[str]:
    return [text[one.start : one.end] for one in find_personal(text, language="en") if one.kind == kind]


@pytest.mark.parametrize(("kind", "text", "wanted"), FOUND)
def test_what_is_personal_is_found_to_the_character(kind: str, text: str, wanted: str) -> None:
    assert _found(text, kind) == [wanted]


@pytest.mark.parametrize("text", LEFT)
def test_dates_amounts_and_orders_are_left_alone(text: str) -> None:
    assert find_personal(text, language="en") == ()


def test_names_come_from_the_heads_of_the_message() -> None:
    known = known_names(
        ["Anna Smith <anna.smith@example.org>", "Support <help@example.org>", "mark.may@x.example"]
    )
    text = "Smith, Anna wrote. Anna Smith agreed; Help came in May. anna did not."
    spans = find_personal(text, known)
    assert [text[one.start : one.end] for one in spans] == ["Smith, Anna", "Anna Smith"]
    assert {one.value for one in spans} == {"anna smith"}


def test_one_value_has_one_number_however_it_is_spelt() -> None:
    numbers = Pseudonyms()
    shown = numbers.mask_text(
        "+44 20 7946 0958, 020 7946 0958, +49 30 901820, A.B@x.example, a.b@X.example", {}, "en"
    )
    assert shown == "[phone 1], [phone 1], [phone 2], [email 1], [email 1]"
    assert [number for *_, number in numbers.new] == [1, 2, 1]
    later = Pseudonyms(numbers=dict(numbers.numbers))
    assert later.mask_text("ring +49 30 901820 or +49 30 901821", {}, "en") == "ring [phone 2] or [phone 3]"
    assert "901820" not in repr(later)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Anna <a.b@x.example>", "[email 1]"),
        ("Anna B", "[name 1]"),
        ("undisclosed", "[name 1]"),
        ("客戶", "[name 1]"),
    ],
)
def test_a_person_is_masked_whatever_stands_there(said: str, shown: str) -> None:
    assert Pseudonyms().mask_person(said) == shown


def test_nothing_of_an_overlapped_find_shows() -> None:
    def span(start: int, end: int, certainty: float) -> PersonalSpan:
        return PersonalSpan(start=start, end=end, kind="id", certainty=certainty, value=f"{start}")

    (one,) = apart([span(0, 5, 0.7), span(3, 9, 1.0)])
    assert (one.start, one.end, one.value) == (0, 9, "3")
    (one,) = apart([span(0, 5, 1.0), span(3, 9, 0.7)])
    assert (one.start, one.end, one.value) == (0, 9, "0")


@given(st.text(alphabet=st.sampled_from("aA1 .@-+:/\n€é🙂DE89"), max_size=200))
def test_finds_stand_in_order_within_the_text_and_masks_leave_nothing_to_find(text: str) -> None:
    spans = find_personal(text)
    places = [place for one in spans for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(0 <= one.start < one.end <= len(text) for one in spans)


HOSTILE = [
    "@",
    "1 ",
    "a.",
    "://",
    "DE89 ",
    "Dear ",
    "1-",
    ":",
    "1.1.",
    "\n",
    " ",
    "tel ",
    "(1",
    "A",
    "a'",
    "A\n",
    "+1",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_searched_to_its_end(piece: str) -> None:
    find_personal(piece * (20_000 // len(piece)), {"ab": "ab"})


@pytest.mark.nightly
@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_length_and_no_faster(piece: str) -> None:
    """Work is counted in seconds of the processor; eight times the text may take 24 times as long, not 64."""
    short, long = piece * (4_000 // len(piece)), piece * (32_000 // len(piece))

    def took(text: str) -> float:
        begun = time.process_time()
        find_personal(text, {"ab": "ab"})
        return time.process_time() - begun

    took(short)
    assert min(took(long), took(long)) < 24 * max(min(took(short) for _ in range(3)), 0.004)
