"""The particulars of one matter: numbers, dates, amounts, places, all invented.

Phones lie in ranges reserved for fiction, mail domains are reserved names, IBANs carry the
check digits 00, which no valid IBAN has, and postcodes use the unassigned area ZZ.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from data.generator.grammar import Grammar
from data.generator.personas import Persona
from data.generator.story import DRIFT_BRAND

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_CLEAR_FEES = ("4.80", "4.80", "4.80", "6.50")


class Facts(dict[str, str]):
    """Particulars by name; words for parcel and driver vary from use to use."""

    def __init__(self, fixed: dict[str, str], words: dict[str, tuple[str, str]], rng: Random) -> None:
        super().__init__(fixed)
        self._words = words
        self._rng = rng
        self.update({name: favourite for name, (favourite, _) in words.items()})

    def __getitem__(self, name: str) -> str:
        if name in self._words and self._rng.random() < 0.3:
            return self._words[name][1]
        return super().__getitem__(name)


def format_date(when: datetime, style: int) -> str:
    """Write a date in one of seven habits."""
    day, month = when.day, _MONTHS[when.month - 1]
    suffix = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return (
        f"{day} {month}",
        f"{day}{suffix} {month}",
        f"{day:02d}/{when.month:02d}",
        f"{month} {day}{suffix}",
        f"{_DAYS[when.weekday()]} {day} {month[:3]}",
        f"{day}.{when.month}.",
        f"{day} {month[:3]} {when.year}",
    )[style]


def phone(country: str, rng: Random) -> str:
    """Draw a number from a range reserved for fiction."""
    n = rng.randrange(1000)
    if country == "DE":
        return f"+49 30 23125 {n:03d}"
    if country == "FR":
        return f"+33 1 99 00 {n // 100:02d} {n % 100:02d}"
    return (
        f"07700 900{n:03d}",
        f"+44 7700 900{n:03d}",
        f"07700900{n:03d}",
        f"020 7946 0{n:03d}",
        f"01632 960{n:03d}",
    )[rng.choices(range(5), (4, 3, 2, 1, 1))[0]]


def iban(rng: Random) -> str:
    """Draw an IBAN-shaped number that fails the check by design.

    The check digits 00 are never issued; a number that would pass the modulus of ISO 13616
    all the same is drawn again.
    """
    while True:
        digits = "".join(str(rng.randrange(10)) for _ in range(16))
        if rng.random() < 0.5:
            text = f"GB00 BRPO {digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:14]}"
        else:
            text = f"DE00 {digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:]} 00"
        plain = text.replace(" ", "")
        if int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 != 1:
            return text


def tracking(rng: Random) -> str:
    """Draw a tracking number of the fictional carrier."""
    digits = f"{rng.randrange(10**9):09d}"
    return (f"BP{digits}NG", f"BP {digits[:3]} {digits[3:6]} {digits[6:]} NG", f"bp{digits}ng")[
        rng.choices(range(3), (8, 2, 1))[0]
    ]


def money(value: float, country: str, rng: Random) -> str:
    """Write an amount the way people do."""
    pounds = country == "GB"
    text = f"{value:.2f}" if rng.random() < 0.6 or value < 12 else f"{round(value)}"
    if pounds:
        return (f"£{text}", f"£{text}", f"{text} pounds", f"GBP {text}")[rng.randrange(4)]
    return (f"€{text}", f"{text} euros", f"{text.replace('.', ',')} €", f"EUR {text}")[rng.randrange(4)]


def _street(grammar: Grammar, rng: Random) -> str:
    return f"{grammar.word('street_name', rng)} {grammar.word('street_kind', rng)}"


def _inside(text: str) -> str:
    """Lower the article a name may start with, for use within a sentence."""
    return text[:1].lower() + text[1:] if text.startswith(("The ", "Old ")) else text


def _postcode(rng: Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return f"ZZ{rng.randrange(1, 100)} {rng.randrange(1, 10)}{rng.choice(letters)}{rng.choice(letters)}"


def draw(grammar: Grammar, who: Persona, when: datetime, rng: Random, *, agent: str, brand: bool) -> Facts:
    """Draw the particulars of one matter.

    Parameters
    ----------
    when : datetime
        When the customer first writes; dates lie around it.
    brand : bool
        Whether the customer calls a locker by the new brand name.
    """
    style = rng.randrange(7)
    thing = grammar.word("item", rng).split(" / ")
    other = grammar.word("item", rng).split(" / ")
    sent = when - timedelta(days=rng.randint(3, 17))
    due = when - timedelta(days=rng.randint(0, 3))
    value = rng.lognormvariate(3.9, 0.8)
    postage = rng.choice((3.49, 4.2, 5.95, 6.8, 7.99, 9.5, 11.35, 12.9, 14.99)) + rng.choice((0, 0, 0.5))
    names = [grammar.word(f"last.{rng.choice(('en', 'en', 'de', 'fr', 'pl', 'es'))}", rng) for _ in range(2)]
    fixed = {
        "name": who.name,
        "name2": f"{grammar.word('first.en', rng)} {names[0]}",
        "name3": who.other_name,
        "surname2": names[1].upper() if rng.random() < 0.5 else names[1],
        "email": who.email,
        "email2": who.second_email,
        "country_name": who.country_name,
        "item": thing[0][:1].lower() + thing[0][1:],
        "thing": thing[1],
        "item2": other[0][:1].lower() + other[0][1:],
        "thing2": other[1],
        "shop": grammar.word("shop", rng),
        "neighbour": _inside(grammar.word("neighbour", rng)),
        "city": grammar.word("city", rng),
        "city2": grammar.word("city", rng),
        "street": _street(grammar, rng),
        "street2": _street(grammar, rng),
        "houseno": str(rng.randrange(1, 140)),
        "houseno2": f"{rng.randrange(1, 90)}{rng.choice(('', '', 'a', 'b'))}",
        "postcode": _postcode(rng),
        "postcode2": _postcode(rng),
        "phone": phone(who.country, rng),
        "phone2": phone("GB", rng),
        "iban": iban(rng),
        "tracking": tracking(rng),
        "tracking2": tracking(rng),
        "order_no": f"{rng.choice(('', '#', 'W-', 'SO'))}{rng.randrange(10_000, 10_000_000)}",
        "claim_no": f"{rng.choice(('C', 'CL-', 'BPC'))}{rng.randrange(100_000, 999_999)}",
        "amount": money(value, who.country, rng),
        "amount2": money(value * rng.uniform(0.3, 1.6), who.country, rng),
        "fee": money(postage, who.country, rng),
        "fee2": money(postage * 0.45, who.country, rng),
        "clear": money(float(rng.choice(_CLEAR_FEES)), who.country, rng),
        "weight": f"{rng.lognormvariate(0.9, 0.8):.1f}{rng.choice((' kg', 'kg', ' kilos'))}",
        "weight2": f"{rng.lognormvariate(1.9, 0.6):.1f} kg",
        "date_sent": format_date(sent, style),
        "date_sent2": format_date(sent + timedelta(days=2), style),
        "date_due": format_date(due, style),
        "date_next": format_date(when + timedelta(days=rng.randint(4, 12)), style),
        "ext": f"960{rng.randrange(1000):03d}",
        "time": f"{rng.randrange(7, 21)}{rng.choice('.:')}{rng.randrange(60):02d}",
        "nth2": f"{rng.choice((24, 25, 26, 27, 28, 29))}th",
        "reg": f"{rng.choice('KLMWX')}{rng.choice('ABFH')}{rng.randrange(10, 80)}",
        "weekday2": rng.choice(_DAYS),
        "colour2": rng.choice(("red", "yellow", "brown", "purple", "cream")),
        "place_home2": grammar.word("place_home", rng)[:1].lower() + grammar.word("place_home", rng)[1:],
        "app_version": f"{rng.randrange(5, 8)}.{rng.randrange(0, 13)}.{rng.randrange(4)}",
        "agent": agent,
        "agent_or_team": rng.choice((agent, "Brindlepost team", "Support", "Claims team")),
        "brand": rng.choice((DRIFT_BRAND,) * 6 + ("Nookpoint", "nookpoint", "Nook Point", "NookPoint box")),
        "lockerword": DRIFT_BRAND if brand else rng.choice(("parcel locker", "locker")),
        "maildomain": who.email.split("@")[1],
        "stars": "1",
    }
    place = grammar.word("place_home", rng)
    fixed["place_home2"] = place[:1].lower() + place[1:]
    alternatives = {
        "parcel": (who.parcel, rng.choice(("parcel", "package", "box", "delivery", "order"))),
        "driver": (who.driver, grammar.word("driver_any", rng).lower()),
    }
    return Facts(fixed, alternatives, rng)
