"""Write the sample corpus: ``python -m data.generator --seed 7 --out data/sample``."""

from __future__ import annotations

import argparse
from pathlib import Path

from data.generator.build import DEFAULT_MESSAGES, DEFAULT_SEED, build

parser = argparse.ArgumentParser(prog="python -m data.generator", description=__doc__)
parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="same seed, same bytes")
parser.add_argument("--out", type=Path, default=Path("data/sample"), help="folder to write to")
parser.add_argument("--messages", type=int, default=DEFAULT_MESSAGES, help="messages in all")

if __name__ == "__main__":
    options = parser.parse_args()
    counts = build(options.out, seed=options.seed, messages=options.messages)
    print(", ".join(f"{n} in {name}" for name, n in counts.items()))
