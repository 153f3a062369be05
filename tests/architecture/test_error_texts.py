"""Every error class, and every limit, has a test that shows its text."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.unit.domain.test_limits import WORDS
from workbench import errors
from workbench.domain import LIMITS

TESTS = Path(__file__).parents[1]
KINDS = sorted(name for name in errors.__all__ if name.endswith("Error"))


def shown_in(tree: ast.AST) -> set[str]:
    """Error classes of which a test looks at the text.

    It does where ``raises`` matches the text, or where what was raised is looked at by ``message``, ``next_step``
    or ``str``.
    """
    found: set[str] = set()
    for block in ast.walk(tree):
        if not isinstance(block, ast.With):
            continue
        for item in block.items:
            call = item.context_expr
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("raises") and call.args):
                continue
            kinds = {node.attr if isinstance(node, ast.Attribute) else node.id
                     for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute | ast.Name)}  # fmt: skip
            matched = any(word.arg == "match" for word in call.keywords)
            caught = ast.unparse(item.optional_vars) if item.optional_vars else ""
            if matched or (caught and _is_read(tree, caught)):
                found |= kinds
    return found


def _is_read(tree: ast.AST, caught: str) -> bool:
    said = (f"{caught}.value.message", f"{caught}.value.next_step", f"str({caught}.value)")
    return any(one in ast.unparse(tree) for one in said)


@pytest.fixture(scope="module")
def shown() -> set[str]:
    return set().union(*(shown_in(ast.parse(file.read_text("utf-8"))) for file in TESTS.rglob("test_*.py")))


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_test_that_shows_its_text(kind: str, shown: set[str]) -> None:
    assert kind in shown


def test_the_search_for_texts_finds_and_misses() -> None:
    code = "with pytest.raises(AError, match='x'):\n    a()\nwith pytest.raises(BError):\n    b()\n"
    assert shown_in(ast.parse(code)) == {"AError"}
    read = "with raises(errors.CError) as c:\n    a()\nassert c.value.message == 'x'\n"
    assert "CError" in shown_in(ast.parse(read))


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_has_its_words_in_a_test(name: str) -> None:
    assert name in WORDS
