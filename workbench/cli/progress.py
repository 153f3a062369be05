"""How far long work is, on the error output: only where that is a terminal, and nobody asked for quiet."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from workbench.door import muted_progress, progress_is_muted

_TICK_S = 0.5
Step = Callable[[int], None]


@contextmanager
def quietly(*, asked: bool) -> Iterator[None]:
    """Show no progress inside, where quiet is asked for or nobody watches."""
    with muted_progress(asked or not sys.stderr.isatty()):
        yield


@contextmanager
def bar(total: int | None, label: str) -> Iterator[Step]:
    """A bar that what comes out of it moves on; without a total it counts. It says how far it was when interrupted."""
    done = 0
    if progress_is_muted():

        def count(n: int) -> None:
            nonlocal done
            done += n

        try:
            yield count
        except KeyboardInterrupt:
            print(_stopped(label, done, total), file=sys.stderr)
            raise
        return
    with typer.progressbar(length=total or 0, label=label, file=sys.stderr, show_pos=True) as shown:

        def step(n: int) -> None:
            nonlocal done
            done += n
            if total is None:
                shown.length = max(done, 1)
            shown.update(n)

        try:
            yield step
        except KeyboardInterrupt:
            print(f"\n{_stopped(label, done, total)}", file=sys.stderr)
            raise


@contextmanager
def clock(label: str) -> Iterator[None]:
    """Show that work goes on which cannot say how far it is: its name and the seconds."""
    if progress_is_muted():
        yield
        return
    over, began = threading.Event(), time.monotonic()

    def tick() -> None:
        while not over.wait(_TICK_S):
            print(f"\r{label} … {time.monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True)

    teller = threading.Thread(target=tick, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
        if time.monotonic() - began > _TICK_S:
            print(file=sys.stderr)


def so_far(step: Step) -> Step:
    """A bar for what says how much is done, not how much more."""
    before = 0

    def told(done: int) -> None:
        nonlocal before
        step(done - before)
        before = done

    return told


def _stopped(label: str, done: int, total: int | None) -> str:
    of = "" if total is None else f" of {total:,}"
    return f"{label}: stopped; {done:,}{of} are done, and stay so."
