"""What the documentation promises exists, and what exists is documented."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def _generator() -> object:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs/generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_reference_pages_are_fresh() -> None:
    for name, text in _generator().pages().items():  # type: ignore[attr-defined]
        assert (ROOT / "docs/reference" / name).read_text("utf-8") == text, (
            f"{name} is stale: run 'make docs'"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_and_heading(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(re.findall(r"(?m)^# ", re.sub(r"(?s)```.*?```", "", text))) == 1
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    pages = [
        page.relative_to(ROOT).as_posix()
        for page in PAGES
        if page.parent.name not in ("decisions", ROOT.name)
    ]
    assert [page for page in pages if f"({page})" not in readme] == []


def test_readme_commands_are_chores() -> None:
    chores = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8")))
    assert set(re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text("utf-8"))) <= chores


def test_glossary_has_the_vocabulary() -> None:
    words = re.findall(r"(?m)^\| \*\*(.+?)\*\*", (ROOT / "docs/glossary.md").read_text("utf-8"))
    assert words == sorted(words)
    assert {
        "message",
        "label",
        "taxonomy",
        "annotation",
        "reviewed",
        "prediction",
        "cluster",
        "drift",
    } <= set(words)


def test_fragments_are_one_sentence() -> None:
    for fragment in (ROOT / "changelog.d").glob("*.md"):
        if fragment.name != "README.md":
            text = fragment.read_text("utf-8").strip()
            assert text, fragment.name
            assert "\n\n" not in text, fragment.name
