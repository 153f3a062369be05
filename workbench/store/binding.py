"""What binding a value costs: DuckDB looks for pandas at each, and forgets that it is not there.

Each look is a search through every folder of ``sys.path``, several times the work of the binding itself. While a
statement begins, this thread answers the look at once; nobody else's imports are touched.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

_PACKAGE = "pandas"


class _Here(threading.local):
    binding = False


_here = _Here()


class _NotThere(MetaPathFinder):
    """Says at once that the package is not there, to a thread that binds values."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - as finders are called
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Nothing of others' business."""
        if fullname == _PACKAGE and _here.binding:
            raise ModuleNotFoundError(f"No module named {_PACKAGE!r}", name=_PACKAGE)
        return None


@contextmanager
def binding() -> Iterator[None]:
    """Around the call that hands values to DuckDB."""
    _here.binding = True
    try:
        yield
    finally:
        _here.binding = False


def answer_looks() -> None:
    """Begin to answer, once; not where the package is installed: DuckDB remembers what it finds."""
    if not any(isinstance(one, _NotThere) for one in sys.meta_path) and find_spec(_PACKAGE) is None:
        sys.meta_path.insert(0, _NotThere())
