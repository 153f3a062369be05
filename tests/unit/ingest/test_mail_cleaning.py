"""Quoted history, copied headers and signatures."""

from __future__ import annotations

import pytest

from workbench.ingest import clean_mail
from workbench.ingest.mail import MailContext

NEW = "Yes, please send it again.\nMy address has not changed."

INTRODUCTIONS = [
    "On Fri, Sep 29, 2017 at 12:37 AM Jane Doe <jane@shop.example> wrote:",
    "On Fri, Sep 29, 2017 at 12:37 AM Jane Doe\n<jane@shop.example> wrote:",
    "Am 27.11.2017 um 20:24 schrieb Jana Meier:",
    "Le 3 mars 2026 à 10:00, Jeanne <j@shop.example> a écrit :",
    "El 3 mar 2026, a las 10:00, Juana <j@shop.example> escribió:",
    "Il giorno 3 marzo 2026 10:00, Gianna <j@shop.example> ha scritto:",
    "Op 3 mrt. 2026 om 10:00 schreef Jana <j@shop.example>:",
    "Em 3 de mar. de 2026, Joana <j@shop.example> escreveu:",
]
HEADERS = [
    "From: Care <care@carrier.example>\nSent: 3 March 2026 10:00\nTo: Jane\nSubject: Parcel",
    "Von: Care <care@carrier.example>\nGesendet: Dienstag, 3. März 2026\nAn: Jana\nBetreff: Paket",
    "De : Care <care@carrier.example>\nEnvoyé : mardi 3 mars 2026\nÀ : Jeanne\nObjet : Colis",
    "De: Care <care@carrier.example>\nEnviado: martes, 3 de marzo\nPara: Juana\nAsunto: Paquete",
    "Da: Care <care@carrier.example>\nInviato: martedì 3 marzo\nA: Gianna\nOggetto: Pacco",
    "Van: Care <care@carrier.example>\nVerzonden: dinsdag 3 maart\nAan: Jana\nOnderwerp: Pakket",
    "*From:* Care\n*Sent:* 3 March\n*To:* Jane\n*Subject:* Parcel",
]
SEPARATORS = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
]
SIGNATURES = [
    "-- \nJane Doe\nShop Ltd",
    "Best regards,\nJane Doe\n+44 20 0000",
    "Mit freundlichen Grüßen\nJana Meier",
    "Cordialement,\nJeanne",
    "Un saludo\nJuana",
    "Cordiali saluti\nGianna",
    "Met vriendelijke groet,\nJana",
    "Thanks, Robert",
    "Sent from my phone",
    "Von meinem iPhone gesendet",
    "________________\nThis e-mail and any attachments are confidential and intended for the addressee.",
    "Diese E-Mail enthält vertrauliche Informationen. Bitte löschen Sie sie.",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_introduced_lines_are_history(introduction: str) -> None:
    history = f"{introduction}\n> Shall we send it?\n>> Where is it?"
    found = clean_mail(f"{NEW}\n\n{history}\n")
    assert (found.body, found.quoted, found.signature) == (NEW, history, "")


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_unmarked_history_below_an_introduction(introduction: str) -> None:
    found = clean_mail(f"{NEW}\n\n{introduction}\nShall we send it?\nRegards")
    assert found.body == NEW
    assert "Shall we send it?" in found.quoted


@pytest.mark.parametrize("start", [*HEADERS, *SEPARATORS])
def test_everything_below_a_copied_header_is_history(start: str) -> None:
    found = clean_mail(f"{NEW}\n________________________________\n{start}\n\nShall we send it?")
    assert found.body == NEW
    assert found.quoted.endswith("Shall we send it?")
    assert start.split("\n", maxsplit=1)[0] in found.quoted


def test_answers_between_quotes_stay() -> None:
    text = "On 3 March Jane wrote:\n> First?\n\nYes.\n\n> Second?\n\nNo."
    assert clean_mail(text).body.replace("\n", "") == "Yes.No."


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signature(signature: str) -> None:
    found = clean_mail(f"{NEW}\n\n{signature}\n")
    trimmed = "\n".join(line.rstrip() for line in signature.splitlines())
    assert (found.body, found.signature) == (NEW, trimmed)


@pytest.mark.parametrize(
    "text",
    [
        "One line only, On 3 March she wrote: nothing",
        "I paid\n>100 EUR for it\nand nothing came",
        "Dear team,\nthanks\nfor the quick help! I have one more question?\nWhen does it come?",
        "From: the beginning it was late.\nTo be honest I am tired of it.",
        "She wrote:\nplease call me",
        "I work with\n-- two dashes in a sentence --\nand more",
    ],
)
def test_text_without_history_is_untouched(text: str) -> None:
    found = clean_mail(text)
    assert (found.body, found.signature, found.quoted) == (text, "", "")


@pytest.mark.parametrize("text", ["> all\n> quoted", "Best regards,\nJane", "-- \nJane", "\n \n", HEADERS[0]])
def test_body_is_never_empty(text: str) -> None:
    found = clean_mail(text)
    assert found.body
    assert bool(found.body.strip()) == bool(text.strip())


def test_forwarded_mail_without_own_words_keeps_its_text() -> None:
    text = f"{SEPARATORS[0]}\n{HEADERS[0]}\n\nMy parcel is late."
    assert clean_mail(text).body == text


def context(**more: object) -> MailContext:
    return MailContext(keep_forwarded=True, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("author", "sign_off"),
    [
        ("Jane Doe", "Jane"),
        ("Jane Doe", "- Jane"),
        ("Jane Doe", "--Jane Doe"),
        ("Jane Doe", "J"),
        ("Doe, Jane", "jane doe"),
        ("Russell Gold", "Russ"),
        ("Hervé Blanc", "Herve"),
        ("Jane Doe", "Jane\n@jane | Blog | Notes"),
        ("jane@shop.example", "Jane\n\n--\n\n Jane Doe\n Shop Ltd"),
    ],
)
def test_the_author_s_name_signs(author: str, sign_off: str) -> None:
    found = clean_mail(f"{NEW}\n\n{sign_off}", context=context(author=author))
    assert found.body == NEW
    assert found.signature.startswith(sign_off.split("\n", maxsplit=1)[0])


@pytest.mark.parametrize(
    "text", ["Jane will call you\nJane and me", "Hello\nBob", "Jane\nplease answer. Is it late?\nWhen?"]
)
def test_other_lines_do_not_sign(text: str) -> None:
    assert clean_mail(text, context=context(author="Jane Doe")).signature == ""


def test_footnotes_below_a_signature_belong_to_the_text() -> None:
    text = f"{NEW} [1]\n\nRegards,\n\nJane\n\n[1] https://shop.example/a/\nb\n[2]: x"
    found = clean_mail(text, context=context())
    assert found.signature == "Regards,\n\nJane"
    assert found.body.endswith("[1] https://shop.example/a/\nb\n[2]: x")


@pytest.mark.parametrize(
    "footer",
    [
        "-----\nTo unsubscribe, e-mail: x@y.example\nFor additional commands, e-mail: z@y.example",
        "_______________________________________________\nclaims mailing list\nclaims@y.example\nhttps://y.example/listinfo",
        "--\nYou received this message because you are subscribed to the group.\nTo view this discussion visit https://y.example/d",
    ],
)
def test_the_footer_of_a_list_is_no_history_even_below_one(footer: str) -> None:
    found = clean_mail(f"{NEW}\n\n{HEADERS[0]}\n\nOld text\n\n{footer}")
    assert found.body == NEW
    assert footer.rsplit("\n", maxsplit=1)[-1] in found.signature
    assert "Old text" in found.quoted


def test_greater_signs_of_an_author_who_answers_nobody() -> None:
    text = "My settings:\n\n> a = 1\n> b = 2\n\nWhy?"
    assert clean_mail(text, context=context(answers=False)).body == text
    assert clean_mail(text, context=context(answers=True)).quoted == "> a = 1\n> b = 2"
    introduced = "Hello\n\nOn 3 March 2026, Jane wrote:\n> a"
    assert clean_mail(introduced, context=context(answers=False)).body == "Hello"


@pytest.mark.parametrize(
    "introduction",
    [
        "2017-11-20 21:32 GMT+02:00 Jane Doe <jane@shop.example>:",
        "śr., 27 gru 2017 o 08:49 użytkownik Jana <j@shop.example>\nnapisał:",
        "Jane Doe 於 2017-11-28 02:20 寫道：",
        "On 2017-11-17T19:00:54 +0000\nJane Doe <jane@shop.example> wrote:",
    ],
)
def test_introductions_in_any_words(introduction: str) -> None:
    found = clean_mail(f"{NEW}\n\n{introduction}\n\n> Shall we?")
    assert (found.body, found.quoted.startswith(introduction)) == (NEW, True)


@pytest.mark.parametrize("start", [s for s in SEPARATORS if "orward" in s])
def test_a_forwarded_mail_stays_and_only_its_own_history_goes(start: str) -> None:
    inner = f"{start}\n{HEADERS[0]}\n\nMy parcel is late."
    text = f"See below.\n\nRegards,\nJana\n\n{inner}\n\nOn 1 March 2026, Care wrote:\n> Dear Jane"
    found = clean_mail(text, context=context(answers=False))
    assert found.body == f"See below.\n\n{inner}"
    assert found.signature == "Regards,\nJana"
    assert found.quoted.startswith("On 1 March 2026")


@pytest.mark.parametrize("header", HEADERS)
def test_a_copied_header_forwards_when_the_subject_says_so(header: str) -> None:
    text = f"FYI\n\n{header}\n\nMy parcel is late."
    assert clean_mail(text, context=context(forwarded=True)).body == text
    assert clean_mail(text, context=context(forwarded=False)).body == "FYI"
