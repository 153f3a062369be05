"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import workbench

ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(workbench.__file__).parent
ROOMS = sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))
CEILING = 400
"""Lines; more needs a written reason, in REASONED."""
REASONED: dict[str, str] = {
    "domain/limits.py": "The table of limits is read whole: a few lines per limit, no logic beyond it.",
    "errors.py": "The tree of errors is read whole: a few lines per class, no logic beyond their words.",
    "domain/__init__.py": "The list of the words of the field: two lines per word, nothing to read.",
}


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_one_public_door(room: str) -> None:
    """``__all__`` is sorted, names what exists, and misses nothing that ``__init__`` imports by name."""
    module = importlib.import_module(f"workbench.{room}")
    names = list(module.__all__)
    assert names == sorted(names, key=_isort_key)
    assert len(names) == len(set(names))
    for name in names:
        assert getattr(module, name, None) is not None, name
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text("utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.level or (node.module or "").startswith(f"workbench.{room}."))
        for alias in node.names
        if not (alias.asname or alias.name).startswith("_")
    }
    assert imported <= set(names)


def _isort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order ruff keeps ``__all__`` in."""
    if name.isupper() and len(name) > 1:
        return (0, name)
    return (1, name) if name[:1].isupper() else (2, name)


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_grows_past_the_ceiling(module: Path) -> None:
    n_lines = len(module.read_text("utf-8").splitlines())
    name = str(module.relative_to(PACKAGE))
    assert n_lines <= CEILING or REASONED.get(name), f"{name} has {n_lines} lines"


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {
        "anywidget", "duckdb", "evoc", "hdbscan", "ipywidgets", "numba", "numpy", "onnxruntime", "pandas", "plotly",
        "polars", "pyarrow", "scipy", "sklearn", "torch", "umap", "voila", "weasyprint",
    }  # fmt: skip
    code = "import sys, workbench; print(' '.join(sorted({m.partition('.')[0] for m in sys.modules})))"
    loaded = set(_python(code).stdout.split())
    assert not loaded & heavy


def test_nothing_here_pulls_in_torch() -> None:
    constraints = (ROOT / "requirements/constraints.txt").read_text("utf-8")
    assert "torch<0" in constraints
    wanted = [line for line in constraints.splitlines() if not line.endswith("<0")]
    assert not [line for line in wanted if line.startswith(("torch", "nvidia", "triton", "transformers"))]


def test_conda_file_lists_python_pip_and_the_project_only() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    *conda, pip = environment["dependencies"]
    assert conda == [f"python{project['requires-python']}", "pip"]
    extras = set(project["optional-dependencies"]) - {"bench"}
    (constraint, editable) = pip["pip"]
    assert constraint == "--constraint requirements/constraints.txt"
    assert set(editable.removeprefix("--editable .[").removesuffix("]").split(",")) == extras


def test_every_direct_dependency_is_constrained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "requirements/constraints.txt").read_text("utf-8").lower().splitlines()
    known = {line.partition("==")[0].replace("_", "-") for line in lines if "==" in line}
    wanted = project["dependencies"] + [
        d for extra, more in project["optional-dependencies"].items() if extra != "bench" for d in more
    ]
    for dependency in wanted:
        name = dependency.split(">")[0].split("=")[0].strip().lower().replace("_", "-")
        assert name in known, name


@pytest.mark.slow
def test_the_floors_hold() -> None:
    result = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


BREAKS = {
    "Floors": ("domain/broken.py", "import workbench.store\n"),
    "Floors, sideways": ("embed/broken.py", "import workbench.classify\n"),
    "Floors, undeclared room": ("attic/__init__.py", "\n"),
    "Only store loads DuckDB": ("ingest/broken.py", "import duckdb\n"),
    "People's doors": ("widgets/broken.py", "import workbench.classify\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("break_name", BREAKS)
def test_a_broken_contract_fails(break_name: str, tmp_path: Path) -> None:
    """Each contract is seen to fail: a copy of the package with one forbidden import is refused."""
    file, text = BREAKS[break_name]
    for module in MODULES:
        copy = tmp_path / "workbench" / module.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(module.read_text("utf-8"), "utf-8")
    bad = tmp_path / "workbench" / file
    bad.parent.mkdir(exist_ok=True)
    bad.write_text(f'"""Breaks a contract."""\n{text}', "utf-8")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    result = subprocess.run(
        [
            sys.executable,
            "-P",
            "-c",
            "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stdout + result.stderr
    expected = break_name.partition(",")[0]
    assert "BROKEN" in next(line for line in result.stdout.splitlines() if line.startswith(expected))


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
