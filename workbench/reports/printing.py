"""From a page of HTML to PDF."""

from __future__ import annotations

from pathlib import Path

from workbench import charts
from workbench.errors import MissingExtraError, WorkbenchError
from workbench.primitives import write_atomically

_PRINT_FONT = "Noto Sans,Liberation Sans,sans-serif"
"""Without blanks: the PDF writer takes a blank after a comma for a part of the font's name."""


def print_page(html: str, path: Path) -> Path:
    """Write a page, which holds everything it shows, as A4 PDF and return ``path``.

    Raises
    ------
    MissingExtraError
        The PDF writer or a system library of it is not installed.
    """
    try:
        import weasyprint  # noqa: PLC0415  heavy, and only for this
    except (ImportError, OSError) as error:
        raise MissingExtraError("The PDF writer", "pip install weasyprint") from error
    page = weasyprint.HTML(string=_for_print(html), url_fetcher=_refuse)
    write_atomically(path, lambda draft: page.write_pdf(draft, pdf_tags=True))
    return path


def _for_print(html: str) -> str:
    """``html`` with its pictures in the fonts of the printed text.

    The PDF writer takes ``system-ui`` for whatever font comes first on the machine, often one so wide that texts
    run out of their pictures.
    """
    return html.replace(charts.FONT.replace('"', "'"), _PRINT_FONT)


def _refuse(url: str) -> dict[str, object]:
    """A page holds everything it needs: whatever asks for an address is a mistake or an attack."""
    raise WorkbenchError(f"the report asked for {url[:80]!r}.", next_step="Report this as a defect.")
