"""How often the detected language is right, by length, on xSID; and texts per second.

Each language's 800 messages (Japanese 400) are judged as three sources would hold them: alone, as 60 % of a
source, and as the other tenth of an English source. Dialects and Neapolitan, which have no code of their own
here, are left out; Norwegian is its written standard. Intervals are 95 % (Wilson). "unknown" is what got no
language, counted as wrong.

Run: python benchmarks/language_detection.py
"""

from __future__ import annotations

import time

import numpy as np
import polars as pl
from common import machine, peak_mib, real_data

from workbench.language import detect_language

BINS = ((1, 15), (15, 25), (25, 40), (40, 80), (80, 400))
SPEED_N = 10_000


def messages() -> tuple[np.ndarray, np.ndarray]:
    frame = pl.read_parquet(real_data() / "xsid" / "xsid-0.7.parquet")
    frame = frame.filter((pl.col("lang") != "no") | (pl.col("dialect") == "B"))
    frame = frame.filter(pl.col("lang").str.len_chars() == 2)
    return frame["text"].to_numpy(), frame["lang"].to_numpy()


def wilson(n_right: int, n: int) -> str:
    """Share with its interval."""
    z = 1.96
    share = n_right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}]"


def detected(texts: np.ndarray) -> np.ndarray:
    return np.array([code or "?" for code in detect_language(list(texts))])


def main() -> None:
    print(f"machine: {machine()}")
    texts, languages = messages()
    detect_language(["load the model before the clock starts"])
    chance = np.random.default_rng(3)
    codes = sorted(set(languages))
    alone, most, tenth = (np.full(len(texts), "?", dtype="U8") for _ in range(3))
    english = np.flatnonzero(languages == "en")
    for code in codes:
        own = np.flatnonzero(languages == code)
        alone[own] = detected(texts[own])
        others = np.flatnonzero(languages != code)
        picked = np.concatenate([own, chance.choice(others, len(own) * 2 // 3, replace=False)])
        most[own] = detected(texts[picked])[: len(own)]
        if code != "en":
            for part in np.array_split(chance.permutation(own), len(own) // (len(english) // 9) + 1):
                tenth[part] = detected(texts[np.concatenate([part, english])])[: len(part)]

    print(
        f"\n{'':12}{'n':>6}  {'whole source':24}{'60 % of a source':24}{'tenth of English':24}unknown (whole, tenth)"
    )
    lengths = np.array([len(text) for text in texts])
    rows = [(code, languages == code) for code in codes]
    rows += [(f"{low}-{high - 1} chars", (lengths >= low) & (lengths < high)) for low, high in BINS]
    rows += [("all", np.ones(len(texts), bool))]
    for label, at in rows:
        not_english = at & (languages != "en")
        columns = [wilson(int((alone[at] == languages[at]).sum()), int(at.sum()))]
        columns.append(wilson(int((most[at] == languages[at]).sum()), int(at.sum())))
        hits = int((tenth[not_english] == languages[not_english]).sum())
        columns.append(wilson(hits, int(not_english.sum())) if not_english.any() else "")
        unknown = (
            f"{(alone[at] == '?').mean():.3f}, {(tenth[not_english] == '?').mean():.3f}"
            if not_english.any()
            else ""
        )
        print(f"{label:12}{at.sum():>6}  " + "".join(f"{column:24}" for column in columns) + unknown)

    joined = [" ".join(chance.choice(texts[english], 6)) for _ in range(SPEED_N)]
    for label, batch in (("messages of xSID", list(texts)), ("messages of about 50 words", joined)):
        wall, core = time.perf_counter(), time.process_time()
        detect_language(batch)
        wall, core = time.perf_counter() - wall, time.process_time() - core
        print(
            f"{label}: {len(batch) / core:,.0f} per core-second, {len(batch) / wall:,.0f} per second, n = {len(batch):,}"
        )
    print(f"peak memory of this process: {peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
