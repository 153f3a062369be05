"""Small workbooks, written part by part, so that each can be wrong in its own way."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATE_STYLE = (
    f"<styleSheet {MAIN}><numFmts><numFmt numFmtId='164' formatCode='[$-409]d\\-mmm\\-yyyy h:mm;@'/></numFmts>"
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='2'/></cellXfs></styleSheet>"
)


def column(place: int) -> str:
    """Letters of a column, from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell(reference: str, value: str | float | tuple[str, str]) -> str:
    """A cell: a text, a number, or (attributes, inner XML)."""
    if isinstance(value, tuple):
        return f'<c r="{reference}" {value[0]}>{value[1]}</c>'
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{reference}"><v>{value!r}</v></c>'


def sheet(*rows: tuple[str | float | tuple[str, str], ...], tail: str = "") -> str:
    """A worksheet of these rows."""
    body = "".join(
        f'<row r="{n}">' + "".join(cell(f"{column(i)}{n}", value) for i, value in enumerate(row)) + "</row>"
        for n, row in enumerate(rows, 1)
    )
    return f"<worksheet {MAIN}><sheetData>{body}</sheetData>{tail}</worksheet>"


def workbook(
    *sheets: tuple[str, str],
    strings: str | None = None,
    parts: dict[str, str | bytes | None] | None = None,
    states: tuple[str, ...] = (),
    date1904: bool = False,
) -> bytes:
    """A workbook of (name, worksheet XML); ``parts`` replaces parts by name, None leaves one out."""
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, ((name, _), state) in enumerate(zip(sheets, [*states, *["visible"] * 9], strict=False), 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    made: dict[str, str | bytes | None] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{LINKS}"><workbookPr date1904="{int(date1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/styles.xml": DATE_STYLE,
        **{f"xl/worksheets/sheet{n}.xml": xml for n, (_, xml) in enumerate(sheets, 1)},
    }
    if strings is not None:
        made["xl/sharedStrings.xml"] = strings
    made.update(parts or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            if content is not None:
                archive.writestr(name, content)
    return buffer.getvalue()
