"""First useful paint of each app from a warm server, and when its controls are there. Limit: 2 s.

    python benchmarks/app_first_paint.py WORKSPACE.duckdb [--visits 5]

Starts ``workbench serve`` on the workspace, waits until its kernels stand ready, then opens each app in headless
Chromium (software drawing), each visit in a fresh profile with an empty cache. Useful = the dataset's own figures
and findings are painted: the status line and the section below it, not a skeleton. Controls = the panel stands.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import machine, settle
from playwright.sync_api import Browser, sync_playwright

LIMIT_S = 2.0
APPS = ("sources", "datasets", "discover", "train", "annotate", "validation", "monitor", "usage")
WATCH = """
const seen = (name, selector) => {
  if (window[name]) return;
  const node = document.querySelector(selector);
  if (!node || !node.getBoundingClientRect().height) return;
  requestAnimationFrame(() => requestAnimationFrame(() => { window[name] ??= performance.now(); }));
};
new MutationObserver(() => {
  seen("workbenchUseful", ".wb-first section, .wb-panel .wb-panel-body");
  seen("workbenchControls", ".wb-panel .wb-panel-body");
}).observe(document, { childList: true, subtree: true });
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--visits", type=int, default=5)
    given = parser.parse_args()
    print(machine())
    with served(given.workspace) as (chromium, port):
        for app in APPS:
            report(app, [paint(chromium, port, app) for _ in range(given.visits)], LIMIT_S)


@contextmanager
def served(workspace: Path) -> Iterator[tuple[Browser, int]]:
    """A browser, and the port at which ``workbench serve`` shows the workspace; both end with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", str(workspace), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "Ctrl-C" in line:
                break
        with sync_playwright() as playwright:
            yield (
                playwright.chromium.launch(
                    executable_path=os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium"),
                    args=["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader"],
                ),
                port,
            )
    finally:
        server.terminate()
        server.wait(30)


def paint(chromium: Browser, port: int, app: str) -> tuple[float, float]:
    """Seconds from the start of the navigation to something useful, and to the controls."""
    time.sleep(6)  # a kernel is replaced 5 s after it was given away
    settle()
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"http://127.0.0.1:{port}/voila/render/{app}.ipynb", wait_until="commit")
    page.wait_for_function("window.workbenchUseful && window.workbenchControls", timeout=60_000)
    useful, controls = page.evaluate("[window.workbenchUseful, window.workbenchControls]")
    context.close()
    return useful / 1000, controls / 1000


def report(app: str, visits: list[tuple[float, float]], limit_s: float) -> None:
    useful, controls = (sorted(times) for times in zip(*visits, strict=True))
    middle = statistics.median(useful)
    print(
        f"{app:<11} useful {middle:.2f} s ({useful[0]:.2f} - {useful[-1]:.2f}), controls {statistics.median(controls):.2f} s"
        f" ({controls[0]:.2f} - {controls[-1]:.2f}), n = {len(visits)}; limit {limit_s:g} s, ratio {middle / limit_s:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
