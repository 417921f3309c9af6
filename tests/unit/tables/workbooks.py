"""Workbooks made by hand, part by part, for what no program writes."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def sheet_xml(rows: str, before: str = "", after: str = "") -> str:
    return f'{DECLARATION}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def strings_xml(*texts: str) -> str:
    items = "".join(text if text.startswith("<si") else f"<si><t>{text}</t></si>" for text in texts)
    return f'{DECLARATION}<sst xmlns="{MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>'


def styles_xml(*codes: str | int) -> str:
    """Cell style n has the format `codes[n]`: a code, or the number of a built-in one."""
    numbers = [code if isinstance(code, int) else 164 + i for i, code in enumerate(codes)]
    own = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code.replace("&", "&amp;").replace(chr(34), "&quot;")}"/>'
        for number, code in zip(numbers, codes, strict=True)
        if isinstance(code, str)
    )
    styles = "".join(f'<xf numFmtId="{number}" fontId="0"/>' for number in numbers)
    return (
        f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><fonts><font/></fonts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{styles}</cellXfs>'
        f'<dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf></dxfs></styleSheet>'
    )


def relations_xml(*relations: tuple[str, str] | str) -> str:
    """Pairs of a type and a target, by the ids rId1, rId2 and so on; or whole elements."""
    elements = "".join(
        relation
        if isinstance(relation, str)
        else f'<Relationship Id="rId{i}" Type="{RELATIONS}/{relation[0]}" Target="{relation[1]}"/>'
        for i, relation in enumerate(relations, start=1)
    )
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{elements}</Relationships>'


def workbook_xml(*sheets: str, properties: str = "") -> str:
    """Sheets by name; `Name|hidden` has another state."""
    elements = "".join(
        f'<sheet name="{sheet.partition("|")[0]}" sheetId="{i}" r:id="rId{i}"'
        f' state="{sheet.partition("|")[2] or "visible"}"/>'
        for i, sheet in enumerate(sheets, start=1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}<sheets>{elements}</sheets></workbook>'


def parts(
    *sheets: str,
    names: tuple[str, ...] = (),
    strings: str | None = None,
    styles: str | None = None,
    properties: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> dict[str, str | bytes]:
    """The parts of a workbook with these sheets (XML), by name; `more` adds parts, or puts others in their place."""
    names = names or tuple(f"Sheet{i}" for i in range(1, len(sheets) + 1))
    relations = [("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)]
    relations += [("sharedStrings", "sharedStrings.xml")] if strings is not None else []
    relations += [("styles", "styles.xml")] if styles is not None else []
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml"'
        f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{WORKBOOK_TYPE}"/>'
        "</Types>",
        "_rels/.rels": relations_xml(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": workbook_xml(*names, properties=properties),
        "xl/_rels/workbook.xml.rels": relations_xml(*relations),
        **{f"xl/worksheets/sheet{i}.xml": sheet for i, sheet in enumerate(sheets, start=1)},
        **({"xl/sharedStrings.xml": strings} if strings is not None else {}),
        **({"xl/styles.xml": styles} if styles is not None else {}),
        **(more or {}),
    }


def zipped(contents: Mapping[str, str | bytes]) -> bytes:
    """The parts as a zip file, always the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in contents.items():
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def write(path: Path, *sheets: str, **others: object) -> Path:
    """Write a workbook of these sheets; the keywords are those of `parts`."""
    path.write_bytes(zipped(parts(*sheets, **others)))  # type: ignore[arg-type]
    return path
