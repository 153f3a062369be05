"""What could name a cluster, in the eight languages of the product, from messages as customers write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.discover import name_clusters
from workbench.language import phrase_ranges, phrases, tokens
from workbench.language.tokens import joined, token_spans

MESSAGES = {
    "en": [
        "Hello, I would like to change the delivery address of my parcel.",
        "Could you please change my delivery address before tomorrow?",
        "My delivery address is wrong, thank you for your help.",
        "The invoice was charged twice, can you refund me?",
        "I was charged twice and need the refund today.",
    ],
    "nl": [
        "Goedemorgen, ik wil graag het afleveradres van mijn pakket wijzigen.",
        "Kunt u mijn afleveradres voor morgen wijzigen? Bedankt!",
        "Het afleveradres van mijn pakket klopt niet.",
        "De factuur is dubbel afgeschreven, ik wil mijn geld terug.",
        "Er is dubbel afgeschreven, kan ik mijn geld terug krijgen?",
    ],
    "fr": [
        "Bonjour, je voudrais modifier l'adresse de livraison de mon colis.",
        "Pouvez-vous changer l’adresse de livraison avant demain s'il vous plaît ?",
        "L'adresse de livraison n'est pas la bonne, merci d'avance.",
        "La facture a été prélevée deux fois, j'aimerais un remboursement.",
        "J'ai été prélevée deux fois et j'attends le remboursement aujourd'hui.",
    ],
    "de": [
        "Guten Tag, ich möchte die Lieferadresse meines Pakets ändern.",
        "Können Sie bitte meine Lieferadresse bis morgen ändern?",
        "Die Lieferadresse ist leider falsch, vielen Dank für Ihre Hilfe.",
        "Die Rechnung wurde doppelt abgebucht, ich möchte eine Erstattung.",
        "Es wurde doppelt abgebucht, wann kommt die Erstattung?",
    ],
    "it": [
        "Buongiorno, vorrei cambiare l'indirizzo di consegna del mio pacco.",
        "Potete modificare l'indirizzo di consegna entro domani, per favore?",
        "L'indirizzo di consegna non è corretto, grazie mille.",
        "La fattura è stata addebitata due volte, vorrei il rimborso.",
        "È stata addebitata due volte, quando arriva il rimborso?",
    ],
    "ja": [
        "お世話になっております。荷物の配送先住所を変更したいです。",
        "配送先住所の変更をお願いします。",
        "配送先住所が間違っています。ありがとうございます。",
        "請求書が二重に引き落とされました。返金をお願いします。",
        "クレジットカードから二重に引き落とされたので、返金してください。",
    ],
    "pt": [
        "Bom dia, gostaria de alterar o endereço de entrega da minha encomenda.",
        "Podem alterar o meu endereço de entrega até amanhã, por favor?",
        "O endereço de entrega está errado, obrigado pela ajuda.",
        "A fatura foi cobrada duas vezes, quero o reembolso.",
        "Fui cobrada duas vezes e preciso do reembolso hoje.",
    ],
    "es": [
        "Buenos días, quisiera cambiar la dirección de entrega de mi paquete.",
        "¿Pueden cambiar mi dirección de entrega antes de mañana, por favor?",
        "La dirección de entrega no es correcta, gracias por su ayuda.",
        "La factura se cobró dos veces, quiero el reembolso.",
        "Me cobró dos veces y necesito el reembolso hoy.",
    ],
}
"""Three about the address of a delivery, two about a charge, for each language."""

FOUND = {
    "en": {
        "address",
        "change",
        "charged",
        "charged twice",
        "delivery",
        "delivery address",
        "refund",
        "twice",
    },
    "nl": {
        "afgeschreven",
        "afleveradres",
        "dubbel",
        "dubbel afgeschreven",
        "geld",
        "geld terug",
        "pakket",
        "terug",
        "wijzigen",
    },
    "fr": {
        "adresse",
        "adresse de livraison",
        "fois",
        "livraison",
        "prélevée",
        "prélevée deux fois",
        "remboursement",
    },
    "de": {"abgebucht", "doppelt", "doppelt abgebucht", "erstattung", "lieferadresse", "ändern"},
    "it": {
        "addebitata",
        "addebitata due volte",
        "consegna",
        "indirizzo",
        "indirizzo di consegna",
        "rimborso",
        "volte",
    },
    "ja": {"二重", "変更", "返金", "配送先住所"},
    "pt": {
        "alterar",
        "cobrada",
        "cobrada duas vezes",
        "endereço",
        "endereço de entrega",
        "entrega",
        "reembolso",
        "vezes",
    },
    "es": {
        "cambiar",
        "cobró",
        "cobró dos veces",
        "dirección",
        "dirección de entrega",
        "entrega",
        "reembolso",
        "veces",
    },
}
NAMES = {
    "en": ["delivery address / change", "charged twice / refund"],
    "nl": ["afleveradres / pakket", "dubbel afgeschreven / geld terug"],
    "fr": ["adresse de livraison", "prélevée deux fois / remboursement"],
    "de": ["lieferadresse / ändern", "doppelt abgebucht / erstattung"],
    "it": ["indirizzo di consegna", "addebitata due volte / rimborso"],
    "ja": ["配送先住所 / 変更", "二重 / 返金"],
    "pt": ["endereço de entrega / alterar", "cobrada duas vezes / reembolso"],
    "es": ["dirección de entrega / cambiar", "cobró dos veces / reembolso"],
}


@pytest.mark.parametrize("language", MESSAGES)
def test_phrases_are_what_the_messages_are_about(language: str) -> None:
    assert set(phrases(MESSAGES[language]).phrases) == FOUND[language]


@pytest.mark.parametrize("language", MESSAGES)
def test_clusters_are_named_in_their_language(language: str) -> None:
    table = phrases(MESSAGES[language])
    named = name_clusters(table, np.array([0, 0, 0, 1, 1]), np.eye(2)[[0, 0, 0, 1, 1]])
    assert [cluster.name for cluster in named] == NAMES[language]


def test_a_word_of_one_language_is_no_function_word_of_another() -> None:
    english = [
        "The van driver left it at the door and I am not happy about the due date.",
        "Your van was at my door before the due date, so where is the parcel?",
    ]
    dutch = [
        "De doos van mijn vriend is door u gebracht en het is een goede",
        "Het is door de man van de winkel",
    ]
    assert {"van", "door", "due date", "van driver"} & set(phrases(english).phrases) == {
        "van",
        "door",
        "due date",
    }
    assert not {"van", "door"} & set(phrases(english + dutch).phrases)
    assert "due date" in phrases(english + dutch).phrases


def test_short_texts_that_tell_no_language_use_all_lists() -> None:
    assert phrases(["het pakket", "het pakket", "il pacco", "il pacco"]).phrases == ("pakket", "pacco")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l’adresse d'une amie", ["l'", "adresse", "d'", "une", "amie"]),
        ("aujourd'hui, dov'è?", ["aujourd'hui", "dov'è"]),
        ("All'indirizzo dell'ufficio", ["all'", "indirizzo", "dell'", "ufficio"]),
        ("I don't, he'll, it's, c'mon", ["i", "don't", "he'll", "it's", "c'", "mon"]),
        ("SIMカードの追跡", ["sim", "カード", "の", "追跡"]),
        ("我的iPhone充电器", ["我的", "iphone", "充电器"]),
    ],
)
def test_words_written_together_are_told_apart(text: str, words: list[str]) -> None:
    assert tokens(text) == words
    assert [text[a:b].lower().replace("’", "'") for _, a, b in token_spans(text)] == words


@given(
    st.lists(
        st.from_regex(r"[a-zé]{1,4}('[a-z]{1,3})?|[ぁ-ん]{1,3}|[ァ-ン]{1,3}|[一-十]{1,3}|l'", fullmatch=True),
        max_size=4,
    )
)
def test_a_phrase_is_read_back_as_its_words(words: list[str]) -> None:
    read = [word for part in words for word in tokens(part)]
    assert tokens(joined(read)) == read


def test_a_shortened_article_inside_a_phrase_stays_at_its_noun() -> None:
    texts = ["Mon changement d'adresse", "le changement d’adresse"]
    assert "changement d'adresse" in phrases(texts).phrases


def test_japanese_phrases_are_written_without_blanks() -> None:
    texts = ["荷物の追跡ができません", "荷物の追跡番号", "荷物の追跡"]
    found = phrases(texts, min_count=2).phrases
    assert "荷物の追跡" in found
    assert phrase_ranges("この荷物の追跡を", ["荷物の追跡"]) == [(2, 7)]
