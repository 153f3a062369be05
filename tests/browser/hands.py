"""A person at the keyboard: goes from control to control with Tab, types, and waits; how long is written down."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Locator, Page

LONG = 120_000
SOON_S = 1.0
"""What is not a job is on screen by then, on a machine that does nothing else."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long a person waited in a step; a job says how far it is, and may take its time."""

    step: str
    seconds: float
    job: bool


class Hands:
    """Keys pressed on a page, and the waits between them."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, page.keyboard
        self.waits: list[Wait] = []
        self.n_tabs = 0

    def reach(self, what: Locator, *, back: bool = False, most: int = 600) -> None:
        """Press Tab until something has the keyboard."""
        for _ in range(most):
            if what.count() and what.first.evaluate("node => node === node.getRootNode().activeElement"):
                return
            self.keys.press("Shift+Tab" if back else "Tab")
            self.n_tabs += 1
        raise AssertionError(f"{most} times Tab did not reach {what}")

    def choose(self, select: Locator, letters: str, *, back: bool = False) -> None:
        """Choose in a list by the first letters of an option."""
        self.reach(select, back=back)
        self.keys.type(letters)

    @contextmanager
    def waiting(self, step: str, *, job: bool = False) -> Iterator[None]:
        """Write down how long what is done inside takes."""
        start = time.perf_counter()
        yield
        self.waits.append(Wait(step=step, seconds=time.perf_counter() - start, job=job))

    def until(self, script: str, told: object = None) -> None:
        """Wait until something is so on the page, looked at with each frame."""
        self.page.wait_for_function(script, arg=told, timeout=LONG)

    def report(self, where: str) -> str:
        """The waits by step: number, median, longest; those above a second that are no job are marked."""
        lines = [f"{where}: {self.n_tabs:,} times Tab"]
        for step in dict.fromkeys(one.step for one in self.waits):
            found = [one for one in self.waits if one.step == step]
            seconds = [one.seconds for one in found]
            mark = "job" if found[0].job else "SLOW" if max(seconds) > SOON_S else ""
            lines.append(
                f"  {step:44} n={len(found):3}  median {median(seconds):7.3f} s  longest {max(seconds):7.3f} s  {mark}"
            )
        return "\n".join(lines)
