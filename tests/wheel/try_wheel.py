"""Run by ``.ci/wheel`` away from the checkout: the installed package has its data and does a small job."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

site = Path(sys.argv[1]).resolve()
import workbench as wb  # noqa: E402
from workbench.widgets.apps import apps_folder  # noqa: E402
from workbench.widgets.template.config import template_path  # noqa: E402

assert Path(wb.__file__).resolve().is_relative_to(site), wb.__file__
package = Path(wb.__file__).parent
for pattern in ("store/sql/*.sql", "widgets/elements/*.js", "widgets/elements/*.css", "widgets/panels/*.css"):
    assert list(package.glob(pattern)), pattern
assert apps_folder().is_relative_to(site), apps_folder()
assert {p.stem for p in apps_folder().glob("*.ipynb")} == {
    "admin",
    "agreement",
    "discover",
    "annotate",
    "datasets",
    "validation",
    "models",
    "monitor",
    "sources",
    "streams",
    "train",
    "usage",
}
assert list(template_path().rglob("index.html.j2"))

with tempfile.TemporaryDirectory() as folder:
    os.environ["XDG_RUNTIME_DIR"] = folder
    rows = "".join(f"{i},2026-01-{1 + i % 28:02d},my parcel {i} is late\n" for i in range(40))
    file = Path(folder) / "mail.csv"
    file.write_text("id,when,text\n" + rows, "utf-8")
    ws = wb.open(Path(folder) / "w.duckdb", encoder="hash-test", fast_encoder="", owner_idle_s=1.0)
    done = ws.import_(file, source="demo/mail", progress=False)
    assert done.counts.new == 40, done
    ds = ws.create_dataset("demo/d", sources=["demo/mail"])
    assert ds.messages(text="late").height == 40
    assert ws.operations.usage().units == 40
print("1 passed, 0 failed")
