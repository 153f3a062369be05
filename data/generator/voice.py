"""Writing habits: contractions, slips, capitals, missing stops, abbreviations."""

from __future__ import annotations

import re
from random import Random

from data.generator.personas import Persona

_NEAR = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "o",
    "q": "w",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}
_EXPAND = {
    "don't": "do not",
    "doesn't": "does not",
    "didn't": "did not",
    "isn't": "is not",
    "wasn't": "was not",
    "haven't": "have not",
    "hasn't": "has not",
    "won't": "will not",
    "can't": "cannot",
    "couldn't": "could not",
    "I'm": "I am",
    "I've": "I have",
    "I'd": "I would",
    "I'll": "I will",
    "it's": "it is",
    "It's": "It is",
    "that's": "that is",
    "That's": "That is",
    "there's": "there is",
    "you've": "you have",
    "they've": "they have",
    "we're": "we are",
    "aren't": "are not",
    "wouldn't": "would not",
    "weren't": "were not",
    "what's": "what is",
}
_SPELLING = {
    "received": "recieved",
    "definitely": "definately",
    "address": "adress",
    "separate": "seperate",
    "which": "wich",
    "their": "thier",
    "neighbour": "neighbor",
    "delivered": "deliverd",
    "delivery": "delivary",
    "really": "realy",
    "until": "untill",
    "apparently": "aparently",
    "receipt": "reciept",
    "because": "becuase",
    "nobody": "noboddy",
    "tomorrow": "tommorow",
    "package": "packadge",
    "courier": "currier",
    "disappointed": "dissapointed",
    "where": "were",
    "your": "you're",
    "too": "to",
    "believe": "beleive",
    "although": "allthough",
    "driver": "drivver",
    "complaint": "complain",
    "notification": "notifcation",
    "website": "web site",
}
_SHORT = {
    "please": "pls",
    "Please": "Pls",
    "thanks": "thx",
    "Thanks": "Thx",
    "because": "bc",
    "you": "u",
    "your": "ur",
    "tomorrow": "tmrw",
    "message": "msg",
    "are": "r",
    "and": "&",
    "with": "w/",
    "minutes": "min",
    "address": "addr",
    "number": "no.",
    "please,": "pls,",
    "about": "abt",
    "people": "ppl",
    "delivery": "del",
    "something": "smth",
    "before": "b4",
    "Saturday": "Sat",
    "Monday": "Mon",
    "Wednesday": "Wed",
    "would": "wld",
    "could": "cld",
}
_FOREIGN = (
    (re.compile(r"\b(waiting) for\b"), r"\1"),
    (re.compile(r"\binformation\b"), "informations"),
    (re.compile(r"\b[Ss]ince\b"), "from"),
    (re.compile(r"\bthe ([a-z]+)\b"), r"\1"),
    (re.compile(r"\b(?:a|an) ([a-z]+)\b"), r"one \1"),
    (re.compile(r"\bI have been\b"), "I am"),
    (re.compile(r"\bit is\b"), "is"),
    (re.compile(r"\bhas ([a-z]+ed)\b"), r"is \1"),
    (re.compile(r"\bdid not ([a-z]+)\b"), r"not \1"),
    (re.compile(r"\bwants\b"), "want"),
    (re.compile(r"\b(sends|says|comes|goes|shows)\b"), lambda m: m[1][:-1]),
    (re.compile(r"\bpeople\b"), "persons"),
    (re.compile(r"\bat home\b"), "in home"),
    (re.compile(r"\bagain\b"), "another time"),
    (re.compile(r"\bgot\b"), "become"),
    (re.compile(r"\bmail\b"), "e-mail"),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])")


def speak(sentences: list[str], who: Persona, rng: Random) -> str:
    """Join sentences into one paragraph in the writer's manner."""
    done: list[str] = []
    for sentence in sentences:
        text = _foreign(sentence, rng) if who.tone == "nonnative" else sentence
        text = _contract(text, who, rng)
        if who.case == "shout" and rng.random() < 0.4:
            text = text.upper()
        done.append(" ".join(_word(w, who, rng) for w in text.split(" ")))
    text = _join(done, who, rng)
    if who.case == "lower":
        text = "".join(t if any(c.isdigit() for c in t) else t.lower() for t in re.split(r"(\s+)", text))
    if who.curly:
        text = text.replace("'", "’")
        text = re.sub(r'"([^"\n]*)"', r"“\1”", text)
    return text


def _contract(text: str, who: Persona, rng: Random) -> str:
    if who.contractions == "expand":
        return " ".join(_EXPAND.get(w, w) for w in text.split(" "))
    if who.contractions == "drop":
        return re.sub(r"(?<=[a-zA-Z])'(?=(?:t|s|m|ve|ll|d|re)\b)", "" if rng.random() < 0.85 else "'", text)
    return text


def _foreign(text: str, rng: Random) -> str:
    for pattern, new in _FOREIGN:
        if rng.random() < 0.28:
            text = pattern.sub(new, text, count=1)
    return text


def _word(word: str, who: Persona, rng: Random) -> str:
    if who.abbreviates and word in _SHORT and rng.random() < 0.6:
        return _SHORT[word]
    if who.typo_rate and rng.random() < who.typo_rate * (3 if word in _SPELLING else 1):
        if word in _SPELLING:
            return _SPELLING[word]
        return slip(word, rng)
    return word


def slip(word: str, rng: Random) -> str:
    """Make one keyboard slip; words with digits or ``@`` stay as they are."""
    if len(word) < 4 or not word.isalpha() or not word.isascii():
        return word
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(5)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    if kind == 3:
        near = _NEAR.get(word[at].lower(), word[at])
        return word[:at] + near[rng.randrange(len(near))] + word[at + 1 :]
    return word[:at] + " " + word[at:] if rng.random() < 0.2 else word[:at] + word[at + 1] + word[at + 1 :]


def _join(sentences: list[str], who: Persona, rng: Random) -> str:
    out = ""
    for i, sentence in enumerate(sentences):
        if not out:
            out = sentence
            continue
        style = who.stops if rng.random() < 0.55 else "normal"
        ended = out.endswith((".", "!", "?", ":", ","))
        starts_i = sentence.startswith(("I ", "I'", "Brindle"))
        lowered = sentence if starts_i or sentence[:4].isupper() else sentence[:1].lower() + sentence[1:]
        bare = out.removesuffix(".")
        asked = out.endswith(("?", "!"))
        if sentences[i - 1].endswith((":", ",")):
            out += " " + lowered
        elif style == "none":
            out = bare + ("\n" if rng.random() < 0.2 else " ") + lowered
        elif style == "comma" and not asked:
            out = bare + rng.choice((", ", ", ", ", and ", " and ", ", so ")) + lowered
        elif style == "dash":
            out = bare + " - " + lowered
        elif style == "dots" and not asked:
            out = bare + rng.choice(("... ", "…", ".. ")) + lowered
        elif style == "bang" and out.endswith("."):
            out = bare + rng.choice(("! ", "!! ", "!!! ")) + sentence
        elif rng.random() < 0.07 and ended and len(lowered) > 20:
            out = bare + rng.choice((", and ", "; ", " - ", ", but ")) + lowered
        else:
            out += ("" if ended else ".") + " " + sentence
    if who.stops == "none" and rng.random() < 0.7:
        out = out.rstrip(".")
    elif out and out[-1].isalnum() and rng.random() < 0.85:
        out += "."
    return out
