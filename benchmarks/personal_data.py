"""Precision and recall of personal data on made mails, false alarms on real messages, and messages per second.

The mails are made: sentences of support with numbers that were drawn at random and pass their checks, and decoys
(order numbers, dates, amounts, versions) in the same places. A find counts when it covers the whole value and its
kind is right; anything else that is masked is a false alarm. Intervals are 95 % (Wilson). Of real messages nobody
knows what is personal, so what is found is counted by kind and the first finds are printed to be read.

Run: python benchmarks/personal_data.py [--show 10]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator

from common import machine, real_data
from language_detection import wilson

from workbench.language.personal import Pseudonyms, find_personal, known_names

N_MAILS = 4_000
FIRST = (
    "Anna",
    "Peter",
    "Maria",
    "Ahmed",
    "Sofia",
    "Lukas",
    "Chloé",
    "Jürgen",
    "Priya",
    "Olivia",
    "Tomasz",
    "Ingrid",
    "Diego",
    "Mei",
    "Kwame",
    "Zoë",
)
LAST = (
    "Smith",
    "O'Neill",
    "Müller",
    "García",
    "Kowalski",
    "Nguyen",
    "Andersson",
    "Rossi",
    "Haddad",
    "Dubois",
    "Okafor",
    "Sørensen",
    "Becker",
)
DECOYS = (
    "Order {n10} was placed on 2024-{m:02d}-{d:02d} at {h:02d}:{d:02d}.",
    "You took {n3},{n3}.{d:02d} EUR on {d:02d}.{m:02d}.2024.",
    "My invoice number is {n9} and the ticket {n8}.",
    "Tracking number 1Z{n8}A{n8} does not move.",
    "We run version {d}.{m}.{h}.{d} since {d:02d}/{m:02d}/2024.",
    "The part number {n3}-{n4}-{n3} is sold out, {n4} pieces.",
    "It cost $ {n3}.{d:02d} in May, and will rise to {n4} next year.",
    "Reference {n6}/{n4}, contract no. {n10}.",
)


def _luhn(digits: str) -> str:
    return next(digits + str(last) for last in range(10) if _sums(digits + str(last)) % 10 == 0)


def _sums(digits: str) -> int:
    doubled = [int(c) * (1 + place % 2) for place, c in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled)


def _digits(chance: random.Random, n: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(n))


def _iban(chance: random.Random) -> str:
    account = _digits(chance, 18)
    check = 98 - int(account + "131400") % 97
    value = f"DE{check:02d}{account}"
    return chance.choice([value, " ".join(value[i : i + 4] for i in range(0, 22, 4))])


def _card(chance: random.Random) -> str:
    value = _luhn(chance.choice(["4", "51", "55"]).ljust(1) + _digits(chance, 13))[:16]
    value = _luhn((value + _digits(chance, 16))[:15])
    return chance.choice(
        [
            value,
            " ".join(value[i : i + 4] for i in range(0, 16, 4)),
            "-".join([value[:4], value[4:8], value[8:12], value[12:]]),
        ]
    )


def _phone(chance: random.Random) -> str:
    return chance.choice(
        [
            f"+44 20 7{_digits(chance, 3)} {_digits(chance, 4)}",
            f"+49 30 {chance.randint(2, 8)}{_digits(chance, 6)}",
            f"020 7{_digits(chance, 3)} {_digits(chance, 4)}",
            f"(415) {chance.randint(2, 9)}{chance.randint(20, 99)}-{_digits(chance, 4)}",
            f"212-{chance.randint(2, 9)}{chance.randint(20, 99)}-{_digits(chance, 4)}",
            f"0044 7400 {chance.randint(100, 999)}{_digits(chance, 3)}",
        ]
    )


def _id(chance: random.Random) -> str:
    number = int(_digits(chance, 8))
    born = f"{chance.randint(100, 299)}".replace("0", "1")[:1].replace("2", "1")
    nir = (
        f"{born}{chance.randint(40, 99)}{chance.randint(1, 12):02d}75{_digits(chance, 3)}{_digits(chance, 3)}"
    )
    return chance.choice(
        [f"DNI {number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}", f"NIR {nir}{97 - int(nir) % 97:02d}"]
    )


Drawn = Callable[[random.Random], str]
KINDS: dict[str, tuple[str, Drawn]] = {
    "phone": ("Please call me on {}.", _phone),
    "iban": ("Send the refund to {} today.", _iban),
    "card": ("I paid with card {} yesterday.", _card),
    "id": ("For the form: {}.", _id),
    "ip": ("The login came from {}.", lambda c: ".".join(str(c.randint(1, 254)) for _ in range(4))),
}


def mails(seed: int) -> Iterator[tuple[str, list[str], list[tuple[str, str]]]]:
    """Text, people of its heads, and (kind, value) of what is personal in it."""
    chance = random.Random(seed)
    for _ in range(N_MAILS):
        first, last = chance.choice(FIRST), chance.choice(LAST)
        address = f"{first}.{last}".replace("'", "").casefold() + "@mail.example.org"
        other = chance.choice(FIRST)
        wanted = [("name", other), ("name", f"{first} {last}"), ("email", address)]
        sentences = [f"Dear {other},", f"write to {address} please."]
        for kind in chance.sample(sorted(KINDS), 3):
            frame, draw = KINDS[kind]
            drawn = draw(chance)
            wanted.append((kind, drawn.split(" ", 1)[1] if kind == "id" else drawn))
            sentences.append(frame.format(drawn))
        numbers = {f"n{n}": _digits(chance, n - 1) + "7" for n in (3, 4, 6, 8, 9, 10)}
        for decoy in chance.sample(DECOYS, 3):
            said = decoy.format(
                d=chance.randint(1, 28), m=chance.randint(1, 12), h=chance.randint(0, 23), **numbers
            )
            sentences.insert(chance.randint(1, len(sentences)), said)
        text = "\n".join([*sentences, "", "Kind regards,", f"{first} {last}"])
        yield text, [f"{first} {last} <{address}>", f"{other} <help@example.org>"], wanted


def judged() -> None:
    """Precision and recall by kind."""
    found, right, wanted = Counter[str](), Counter[str](), Counter[str]()
    for text, people, told in mails(7):
        spans = Counter(
            (one.kind, text[one.start : one.end]) for one in find_personal(text, known_names(people), "en")
        )
        hits = spans & Counter(told)
        for counter, pairs in ((found, spans), (right, hits), (wanted, Counter(told))):
            for (kind, _), n in pairs.items():
                counter[kind] += n
    print(f"\n{N_MAILS:,} made mails\n{'':8}{'n':>7}  {'recall':24}precision")
    for kind in sorted(wanted | found):
        print(
            f"{kind:8}{wanted[kind]:>7}  {wilson(right[kind], wanted[kind]):24}{wilson(right[kind], found[kind])}"
        )


def real() -> dict[str, list[str]]:
    """Messages by data set."""
    sets: dict[str, list[str]] = {}
    with gzip.open(real_data() / "banking77" / "banking77_train.csv.gz", "rt", encoding="utf-8") as file:
        sets["BANKING77"] = [row["text"] for row in csv.DictReader(file)]
    with gzip.open(real_data() / "clinc150" / "clinc150_full.json.gz", "rt", encoding="utf-8") as file:
        sets["CLINC150"] = [text for text, _ in json.load(file)["train"]]
    with gzip.open(real_data() / "cfpb-complaints" / "narratives.csv.gz", "rt", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        column = next(name for name in rows.fieldnames or () if "narrative" in name or "text" in name)
        sets["CFPB"] = [row[column] for row in rows][:10_000]
    return sets


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", type=int, default=0)
    asked = parser.parse_args()
    print(f"machine: {machine()}")
    find_personal("load +44 20 7946 0958 the libraries 4111 1111 1111 1111 before the clock starts")
    judged()
    for name, texts in real().items():
        core = time.process_time()
        finds = [(text, one) for text in texts for one in find_personal(text, {}, "en")]
        core = time.process_time() - core
        kinds = Counter(one.kind for _, one in finds)
        touched = len({id(text) for text, _ in finds})
        length = sum(map(len, texts)) / len(texts)
        print(
            f"\n{name}: {len(texts):,} messages of {length:.0f} characters; with a find {touched}"
            f" ({wilson(touched, len(texts))}); per 1,000: {1000 * len(finds) / len(texts):.2f} {dict(kinds)};"
            f" {1000 * core / len(texts):.3f} s per 1,000 messages"
        )
        for text, one in finds[: asked.show]:
            print(f"    {one.kind}: {text[max(0, one.start - 30) : one.end + 10]!r}")
    core, n = time.process_time(), 0
    for text, people, _ in mails(8):
        Pseudonyms().mask_text(text, known_names(people), "en")
        n += 1
    print(
        f"\nmade mails, masked: {1000 * (time.process_time() - core) / n:.3f} s per 1,000, making them included, n = {n:,}"
    )


if __name__ == "__main__":
    main()
